//! P8, P10.

use crate::harness::{check, runner};
use polyak::claims::{ResidualInstance, find};
use polyak::evidence::Verdict;

/// An initial loss above what the theorem allows is a hypothesis that fails,
/// whatever gradient descent then does.
#[test]
fn p8_refuses_a_loss_above_its_condition() {
    let claim = find("P8.convergence").expect("registered");
    let outcome = runner(file!()).run(&claim.strategy(), |spec| {
        let mut spec = spec
            .get::<ResidualInstance>()
            .expect("Paper A's network")
            .clone();
        // The share is of the largest loss allowed at a radius of a grid of 40; a
        // finer grid can find a little more room, not twice as much.
        spec.loss_share = Some(2.0);
        spec.steps = 1;
        let evidence = check(claim, &spec.into())?;
        assert!(
            matches!(evidence.verdict, Verdict::Inapplicable | Verdict::Vacuous),
            "{evidence:?}"
        );
        Ok(())
    });
    outcome.unwrap();
}
