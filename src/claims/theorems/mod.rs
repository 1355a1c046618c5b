//! The claims, a file each, and how one is found.
//!
//! A file has everything that concerns its claim alone: what is claimed, the hypotheses that are dropped, the instances on data,
//! and the verdict of every hostile regime.

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

use crate::theorem::{Claim, Registry, UnknownClaim};
use std::sync::LazyLock;

/// Returns all claims of this crate, in the order of the theory.
///
/// # Example
/// ```
/// let claims = polyak::claims::registry();
/// assert!(claims.iter().any(|claim| claim.id() == "P3.local"));
/// ```
#[must_use]
pub fn registry() -> &'static Registry {
    &REGISTRY
}

/// Returns the claim of this crate with this id, whatever the case of its letters.
///
/// # Errors
/// No claim has this id.
pub fn find(id: &str) -> Result<&'static dyn Claim, UnknownClaim> {
    registry().find(id)
}

/// Returns the claims of this crate of the named families, ids (`P3.local`) or numbers (`P3`), in order.
///
/// # Errors
/// A name that selects nothing.
pub fn select(names: &[String]) -> Result<Vec<&'static dyn Claim>, UnknownClaim> {
    registry().select(names)
}

/// The families in the order of the theory.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    [
        kernel::claims(),
        spectrum::claims(),
        pl::claims(),
        convergence::claims(),
        lazy::claims(),
        flow::claims(),
        rff::claims(),
        transport::claims(),
        mean_field::claims(),
        width::claims(),
        depth::claims(),
    ]
    .into_iter()
    .flatten()
    .try_fold(Registry::new(), Registry::with_shared)
    .expect("every id is given once")
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Kind;

    fn names(claims: &[&dyn Claim]) -> Vec<&'static str> {
        claims.iter().map(|claim| claim.id()).collect()
    }

    fn selected(names_given: &[&str]) -> Result<Vec<&'static str>, UnknownClaim> {
        let given: Vec<String> = names_given.iter().map(|&name| name.to_owned()).collect();
        select(&given).map(|claims| names(&claims))
    }

    #[test]
    fn ids_are_unique_and_name_their_pages() {
        let claims = registry();
        assert!(claims.len() >= 13);
        for claim in claims {
            let page = claim.id().to_lowercase().replace('.', "-") + ".md";
            assert_eq!(claim.about().page, page);
            let (number, name) = claim.id().split_once('.').expect("a number and a name");
            assert!(number.len() >= 2 && !name.is_empty());
            let proper = |slack: f64| slack > 0.0 && slack < 0.5;
            assert!(claim.about().slack.is_none_or(proper), "{}", claim.id());
            let controlled = claim.about().slack.is_some() || claim.about().kind < Kind::Rounded;
            assert!(controlled, "{}", claim.id());
            assert!(!claim.about().statement.is_empty() && !claim.about().source.is_empty());
            assert!(!claim.about().tolerance.is_empty());
        }
    }

    #[test]
    fn claims_are_found_by_id() {
        assert_eq!(find("P3.local").unwrap().id(), "P3.local");
        assert_eq!(find("p3.LOCAL").unwrap().id(), "P3.local");
        for unknown in ["P3", "pl", "", "P3.local "] {
            let error = find(unknown).unwrap_err();
            assert_eq!(error.name, unknown);
            assert!(error.to_string().contains(&format!("'{unknown}'")));
        }
    }

    #[test]
    fn claims_are_selected_by_family_id_or_number() {
        let all: Vec<_> = registry().iter().map(|claim| claim.id()).collect();
        assert_eq!(selected(&[]).unwrap(), all);
        let of_number = [
            "P3.tangent",
            "P3.trajectory",
            "P3.separation",
            "P3.drift",
            "P3.local",
        ];
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
            for name in [claim.id(), claim.family()] {
                assert_eq!(known.iter().filter(|&&k| k == name).count(), 1, "{name}");
            }
        }
    }

    /// The claims that see the factors of others are there, and see to their own.
    #[test]
    fn whoever_sees_the_factors_of_a_claim_has_its_own() {
        for claim in registry() {
            for id in claim.factors_seen_by() {
                let other = find(id).expect("a claim of this crate");
                assert!(other.factors_seen_by().is_empty(), "{id}");
                assert!(other.about().slack.is_some(), "{id}");
            }
        }
    }

    #[test]
    fn every_claim_is_controlled() {
        for claim in registry() {
            match claim.control() {
                Some(report) => assert!(report.rejected(), "{}: {report:?}", claim.id()),
                None => assert!(!claim.dropped().is_empty()),
            }
        }
    }
}
