//! P8 and P9 on kernel expansions, P9, P12.

use crate::harness::{cases, check, runner_of};
use polyak::claims::{FunctionalInstance, find};
use polyak::data::strategies::near_minimum;
use polyak::evidence::Verdict;
use polyak::theorem::Spec;
use std::cell::RefCell;

/// With the property tests, 320 instances a claim: starts away from zero, steps within 5 % of 2/β, and
/// expansions.
#[test]
fn convergence_holds_away_from_zero_and_near_the_largest_step() {
    for id in [
        "P8.convergence",
        "P8.functional",
        "P9.flow",
        "P9.functional",
    ] {
        let claim = find(id).expect("registered");
        let count = RefCell::new((0, 0));
        let cases = (cases() / 4).max(8);
        let outcome = runner_of(file!(), cases).run(&near_minimum(), |mut spec| {
            spec.step_margin *= 0.05;
            spec.reference_stretch = spec.reference_stretch.max(1e-2);
            let moved = spec.reference.iter().flatten().any(|x| *x != 0.0);
            let spec = if claim.is_about::<FunctionalInstance>() {
                // Any strongly admissible kernel; those of the strategy may be rough.
                spec.kernel = "matern72:1".parse().expect("a kernel");
                Spec::of::<FunctionalInstance>(spec)
            } else {
                spec.into()
            };
            let holds = check(claim, &spec)?.verdict == Verdict::Holds;
            let mut count = count.borrow_mut();
            count.0 += usize::from(holds && moved);
            count.1 += 1;
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{id}: {error}"));
        let (holding, all) = count.into_inner();
        assert!(2 * holding >= all, "{id}: {holding} of {all}");
    }
}
