//! Failing instances shrink.

use polyak::claims::find;
use polyak::data::ResidualSpec;
use polyak::data::strategies::general;
use polyak::evidence::Verdict;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use std::cell::RefCell;

fn size(spec: &ResidualSpec) -> usize {
    let numbers = |rows: &[Vec<f64>]| rows.iter().map(Vec::len).sum::<usize>();
    numbers(&spec.inputs) + numbers(&spec.frequencies) + numbers(&spec.reference)
}

/// P4 strengthened a thousandfold is false on many instances; the smallest
/// counterexample is a network of one sample, one layer and one dimension.
#[test]
fn a_false_claim_shrinks_to_a_tiny_network() {
    let claim = find("P4.upper").expect("registered");
    let first = RefCell::new(None);
    // The failure is intended: nothing to keep.
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..Config::default()
    });
    let outcome = runner.run(&general(), |spec| {
        let spec_of = polyak::theorem::Spec::from(spec.clone());
        let instance = spec_of.build().expect("a well-formed specification");
        let finding = claim.check(&instance).strengthened(0.999);
        if finding.judge().verdict == Verdict::Violated {
            first.borrow_mut().get_or_insert(size(&spec));
            return Err(TestCaseError::fail("strengthened beyond truth"));
        }
        Ok(())
    });
    let Err(TestError::Fail(_, shrunk)) = outcome else {
        panic!("a false claim passed");
    };
    let first = first.into_inner().expect("a first failure");
    assert_eq!(shrunk.inputs.len(), 1, "{shrunk:?}");
    assert_eq!(shrunk.reference.len(), 1, "{shrunk:?}");
    assert_eq!(shrunk.lift.len(), 1, "{shrunk:?}");
    assert!(
        size(&shrunk) < first,
        "{} of {first} numbers are left",
        size(&shrunk)
    );
    let mut entries = shrunk.displacement.iter().flatten();
    assert!(
        entries.all(|&x| x == 0.0),
        "irrelevant entries shrink to zero: {shrunk:?}"
    );
}
