//! Counterexamples as tests to paste.

use super::random::check;
use crate::claims::find;
use crate::evidence::{Comparison, Evidence, Verdict};
use crate::theorem::{Claim, Registry, Spec, UnknownClaim, snake};

/// Why a replay is not a success.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// No claim has this id.
    #[error(transparent)]
    Unknown(#[from] UnknownClaim),
    /// The text is not the JSON of an [`Spec`].
    #[error("the text is no instance ({0}): paste the JSON between the quotes as it was printed")]
    Unreadable(#[from] serde_json::Error),
    /// The claim is violated on this instance.
    #[error(
        "{claim} is violated: {statement} with quantity {quantity:e}, bound {bound:e}, \
         margin {margin:e}, tolerance {tolerance:e}",
        statement = .comparison.statement(),
        quantity = .comparison.quantity().mid(),
        bound = .comparison.bound().mid(),
        margin = .comparison.margin(),
        tolerance = .comparison.tolerance()
    )]
    Violated {
        /// The claim's id.
        claim: &'static str,
        /// The violated comparison of smallest margin.
        comparison: Box<Comparison>,
    },
}

/// Checks a registered claim on an instance written as JSON.
///
/// # Errors
/// The claim is violated: a pasted counterexample fails as long as it is one.
/// Also an unknown id, and text that is not an instance.
///
/// # Example
/// ```
/// let spec = r#"{"kernel":"gaussian:1.0","inputs":[[0.0],[1.0]],"targets":[[1.0],[0.5]],
///     "frequencies":[[1.0]],"lift":[[1.0]],"readout":[[2.0]],"reference":[[0.0,0.0]],
///     "displacement":[[0.5,-0.5]],"reference_stretch":0.0,"displacement_stretch":0.1,
///     "step_margin":0.5,"steps":1,"loss_share":null}"#;
/// let evidence = polyak::campaign::replay("P3.tangent", spec)?;
/// assert_eq!(evidence.verdict, polyak::evidence::Verdict::Holds);
/// # Ok::<(), polyak::campaign::ReplayError>(())
/// ```
pub fn replay(id: &str, json: &str) -> Result<Evidence, ReplayError> {
    replay_claim(find(id)?, json)
}

/// The same of a claim of any registry.
///
/// # Errors
/// Those of [`replay`].
pub fn replay_in(registry: &Registry, id: &str, json: &str) -> Result<Evidence, ReplayError> {
    replay_claim(registry.find(id)?, json)
}

/// Checks any claim on an instance written as JSON.
///
/// # Errors
/// Those of [`replay`], but for the unknown id.
pub fn replay_claim(claim: &dyn Claim, json: &str) -> Result<Evidence, ReplayError> {
    let spec = claim.read(json)?;
    let evidence = check(claim, &spec);
    match (evidence.verdict, evidence.decisive) {
        (Verdict::Violated, Some(comparison)) => Err(ReplayError::Violated {
            claim: claim.id(),
            comparison: Box::new(comparison),
        }),
        _ => Ok(evidence),
    }
}

/// Writes a test that fails as long as the claim is violated on the instance. A claim that is not of this crate is looked
/// up in what the function `registry` of the crate returns that the test is pasted into.
#[must_use]
pub fn pasted_test(id: &str, spec: &Spec) -> String {
    let name = snake(id);
    let json = spec.to_json().expect("plain numbers are JSON");
    let replay = match find(id) {
        Ok(_) => "polyak::campaign::replay(",
        Err(_) => "polyak::campaign::replay_in(registry(), ",
    };
    format!(
        "#[test]\nfn {name}_counterexample() {{\n    \
         {replay}\"{id}\", r#\"{json}\"#).unwrap();\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::Campaign;
    use crate::campaign::tests::fails_at_size;
    use crate::data::ResidualSpec;

    /// The JSON between the raw quotes of a pasted test.
    fn between_quotes(test: &str) -> &str {
        let (_, rest) = test.split_once("r#\"").unwrap();
        rest.split_once("\"#").unwrap().0
    }

    #[test]
    fn a_printed_test_replays_the_counterexample_to_the_last_bit() {
        let claim = fails_at_size();
        let report = Campaign { seed: 4, cases: 64 }.run(&claim, &[], &|| ());
        let found = report.counterexample.unwrap();
        let spec = found.spec.unwrap();
        let test = pasted_test(claim.about.id, &spec);
        assert!(test.starts_with("#[test]\nfn t1_size_counterexample() {\n"));
        assert!(test.contains("polyak::campaign::replay_in(registry(), \"T1.size\", r#\"{"));
        assert!(test.ends_with("}\"#).unwrap();\n}\n"));
        let json = between_quotes(&test);
        let back: ResidualSpec = serde_json::from_str(json).unwrap();
        assert_eq!(Spec::from(back), spec);
        match replay_claim(&claim, json) {
            Err(ReplayError::Violated { claim, comparison }) => {
                assert_eq!((claim, *comparison), ("T1.size", found.comparison));
            }
            other => panic!("{other:?}"),
        }
        // The same instance violates no true claim.
        assert!(replay("P4.upper", json).is_ok());
    }

    #[test]
    fn numbers_survive_the_journey_through_text() {
        // 0.1 + 0.2 and its like need all 17 digits, read back correctly rounded.
        let json = r#"{"kernel":"gaussian:1.0","inputs":[[0.0]],"targets":[[1.0]],"frequencies":[[1.0]],"lift":[[1.0]],"readout":[[2.0]],"reference":[[0.0,0.0]],"displacement":[[0.5,-0.5]],"reference_stretch":0.0,"displacement_stretch":0.1,"step_margin":0.5,"steps":1,"loss_share":null}"#;
        let mut spec: ResidualSpec = serde_json::from_str(json).unwrap();
        for i in 1..2000 {
            spec.inputs[0][0] = f64::from(i).sin() * 10.0_f64.powi(i % 40 - 20);
            let text = Spec::from(spec.clone()).to_json().unwrap();
            let back: ResidualSpec = serde_json::from_str(&text).unwrap();
            assert_eq!(back.inputs[0][0].to_bits(), spec.inputs[0][0].to_bits());
        }
    }

    #[test]
    fn what_cannot_be_replayed_says_why() {
        let unknown = replay("P99", "{}").unwrap_err();
        assert!(matches!(unknown, ReplayError::Unknown(_)));
        let unreadable = replay("P3.local", "{").unwrap_err();
        assert!(matches!(unreadable, ReplayError::Unreadable(_)));
        assert!(unreadable.to_string().contains("paste the JSON"));
    }
}
