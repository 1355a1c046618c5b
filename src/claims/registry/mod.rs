//! The claims by family, and how one is found.

mod claim;
mod convergence;
mod depth;
mod flow;
mod kernel;
mod lazy;
mod mean_field;
mod pl;
mod rff;
mod spectrum;
mod transport;
mod width;

pub use claim::{Claim, ControlReport, Subject};

use std::sync::LazyLock;

/// No claim has this name.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "no claim is called '{name}': give an id, the start of one up to a dot, or a family ({known})"
)]
pub struct UnknownClaim {
    /// What was asked for.
    pub name: String,
    /// Every id and family.
    pub known: String,
}

/// Returns all claims, in the order of the theory.
///
/// # Example
/// ```
/// let claims = polyak::claims::registry();
/// assert!(claims.iter().any(|claim| claim.id == "P3.local"));
/// ```
pub fn registry() -> &'static [Claim] {
    &REGISTRY
}

/// Returns the claim with this id, whatever the case of its letters.
///
/// # Errors
/// No claim has this id.
pub fn find(id: &str) -> Result<&'static Claim, UnknownClaim> {
    let found = registry()
        .iter()
        .find(|claim| claim.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| unknown(id))
}

/// Returns the claims of the named families, ids (`P3.local`) or numbers (`P3`), in order.
///
/// # Errors
/// A name that selects nothing.
pub fn select(names: &[String]) -> Result<Vec<&'static Claim>, UnknownClaim> {
    let matches = |claim: &Claim, name: &str| {
        let number = claim.id.split('.').next().unwrap_or(claim.id);
        [claim.family, claim.id, number]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    for name in names {
        if !registry().iter().any(|claim| matches(claim, name)) {
            return Err(unknown(name));
        }
    }
    let wanted = |claim: &&Claim| names.is_empty() || names.iter().any(|name| matches(claim, name));
    Ok(registry().iter().filter(wanted).collect())
}

fn unknown(name: &str) -> UnknownClaim {
    let mut known: Vec<&str> = Vec::new();
    for claim in registry() {
        if !known.contains(&claim.family) {
            known.push(claim.family);
        }
        known.push(claim.id);
    }
    UnknownClaim {
        name: name.to_owned(),
        known: known.join(", "),
    }
}

/// The families in the order of the theory.
static REGISTRY: LazyLock<Vec<Claim>> = LazyLock::new(|| {
    [
        kernel::CLAIMS,
        spectrum::CLAIMS,
        pl::CLAIMS,
        convergence::CLAIMS,
        lazy::CLAIMS,
        flow::CLAIMS,
        rff::CLAIMS,
        transport::CLAIMS,
        mean_field::CLAIMS,
        width::CLAIMS,
        depth::CLAIMS,
    ]
    .concat()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Kind;

    fn names(claims: &[&Claim]) -> Vec<&'static str> {
        claims.iter().map(|claim| claim.id).collect()
    }

    fn selected(names_given: &[&str]) -> Result<Vec<&'static str>, UnknownClaim> {
        let given: Vec<String> = names_given.iter().map(|&name| name.to_owned()).collect();
        select(&given).map(|claims| names(&claims))
    }

    #[test]
    fn ids_are_unique_and_name_their_pages() {
        let claims = registry();
        assert!(claims.len() >= 13);
        for (i, claim) in claims.iter().enumerate() {
            assert!(claims[..i].iter().all(|other| other.id != claim.id));
            let page = claim.id.to_lowercase().replace('.', "-") + ".md";
            assert_eq!(claim.page, page);
            let (number, name) = claim.id.split_once('.').expect("a number and a name");
            assert!(number.len() >= 2 && !name.is_empty());
            let proper = |slack: f64| slack > 0.0 && slack < 0.5;
            assert!(claim.slack.is_none_or(proper), "{}", claim.id);
            let controlled = claim.slack.is_some() || claim.kind < Kind::Rounded;
            assert!(controlled, "{}", claim.id);
            assert!(!claim.statement.is_empty() && !claim.source.is_empty());
            assert!(!claim.tolerance.is_empty());
        }
    }

    #[test]
    fn claims_are_found_by_id() {
        assert_eq!(find("P3.local").unwrap().id, "P3.local");
        assert_eq!(find("p3.LOCAL").unwrap().id, "P3.local");
        for unknown in ["P3", "pl", "", "P3.local "] {
            let error = find(unknown).unwrap_err();
            assert_eq!(error.name, unknown);
            assert!(error.to_string().contains(&format!("'{unknown}'")));
        }
    }

    #[test]
    fn claims_are_selected_by_family_id_or_number() {
        let all: Vec<_> = registry().iter().map(|claim| claim.id).collect();
        assert_eq!(selected(&[]).unwrap(), all);
        let of_number = ["P3.tangent", "P3.trajectory", "P3.separation", "P3.local"];
        assert_eq!(selected(&["p3"]).unwrap(), of_number);
        assert_eq!(selected(&["P4.upper"]).unwrap(), ["P4.upper"]);
        let kernels = [
            "K1.psd",
            "K2.strict",
            "K3.reproducing",
            "K3.functional",
            "K4.lipschitz",
            "K5.tensor",
            "K6.perturbation",
            "K7.separation",
        ];
        assert_eq!(selected(&["KERNEL"]).unwrap(), kernels);
        // In the order of the theory, once each.
        let both = selected(&["P4.upper", "kernel", "K4", "P4"]).unwrap();
        assert_eq!(both, [kernels.as_slice(), &["P4.upper"]].concat());
        let error = selected(&["kernel", "P99"]).unwrap_err();
        assert_eq!(error.name, "P99");
    }

    #[test]
    fn refusal_lists_every_family_once_and_every_id() {
        let known = find("nothing").unwrap_err().known;
        let known: Vec<&str> = known.split(", ").collect();
        for claim in registry() {
            for name in [claim.id, claim.family] {
                assert_eq!(known.iter().filter(|&&k| k == name).count(), 1, "{name}");
            }
        }
    }

    #[test]
    fn every_claim_is_controlled() {
        for claim in registry() {
            let dropped = crate::claims::dropped_hypotheses();
            match claim.control() {
                Some(report) => assert!(report.rejected(), "{}: {report:?}", claim.id),
                None => assert!(dropped.iter().any(|control| control.claim == claim.id)),
            }
        }
    }
}
