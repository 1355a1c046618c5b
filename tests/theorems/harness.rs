//! Runs a claim over shrinkable random instances and judges the tally.

use polyak::campaign::controls;
use polyak::claims::find;
use polyak::evidence::{Evidence, Finding, Pool, Tally, Verdict};
use polyak::theorem::{Claim, Spec};
use proptest::test_runner::{
    Config, FileFailurePersistence, RngSeed, TestCaseError, TestError, TestRunner,
};
use std::cell::RefCell;

/// Cases a claim: 256, or `PROPTEST_CASES` (the fast tier for mutation testing sets 24).
pub fn cases() -> u32 {
    let given = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    given.unwrap_or(256)
}

/// Instances that must hold for a run to count: 128, or half of a smaller run.
fn required(cases: usize) -> usize {
    128.min(cases.div_ceil(2))
}

/// A runner with a fixed seed, unless `PROPTEST_RNG_SEED` gives another. Failures
/// are kept beside the test, in a file `.regressions`, and tried first from then on.
pub fn runner(source: &'static str) -> TestRunner {
    runner_of(source, cases())
}

/// The seed that `PROPTEST_RNG_SEED` gives.
fn given_seed() -> Option<u64> {
    let given = std::env::var("PROPTEST_RNG_SEED");
    given.ok().and_then(|text| text.parse().ok())
}

/// A runner of another number of cases.
pub fn runner_of(source: &'static str, cases: u32) -> TestRunner {
    runner_after(source, cases, 0)
}

/// The same after so many other runs.
fn runner_after(source: &'static str, cases: u32, runs: u64) -> TestRunner {
    TestRunner::new(Config {
        cases,
        rng_seed: RngSeed::Fixed(given_seed().unwrap_or(20_211_206).wrapping_add(runs)),
        source_file: Some(source),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::default()
    })
}

/// Builds and checks an instance; a violation says everything needed to replay it.
pub fn check(claim: &dyn Claim, spec: &Spec) -> Result<Evidence, TestCaseError> {
    found(claim, spec).map(|(_, evidence)| evidence)
}

/// The same, with what was found before it was judged.
fn found(claim: &dyn Claim, spec: &Spec) -> Result<(Finding, Evidence), TestCaseError> {
    let instance = spec
        .build()
        .map_err(|e| TestCaseError::fail(e.to_string()))?;
    let finding = claim.check(&instance);
    let evidence = claim.judge(&finding);
    if evidence.verdict == Verdict::Violated {
        let decisive = evidence.decisive.expect("a violation has a comparison");
        return Err(TestCaseError::fail(format!(
            "{} is violated: {}: {:?} against {:?}, margin {:e}, tolerance {:e}\nspec: {}",
            claim.id(),
            decisive.statement(),
            decisive.quantity(),
            decisive.bound(),
            decisive.margin(),
            decisive.tolerance(),
            spec.to_json().expect("finite numbers"),
        )));
    }
    Ok((finding, evidence))
}

/// Draws enough for a claim that holds on half of them to hold on one, but with probability `2^−30`.
const ENOUGH: usize = 30;

/// Tells whether the instances on which a claim holds are enough: half of them under the pinned seed, which draws the
/// same ones every time; under a fresh one, so many that chance alone could have left the others (see
/// [`Tally::verdict_of_draws`]).
fn are_enough(tally: &Tally) -> bool {
    match given_seed() {
        None => tally.checked >= required(tally.instances()),
        Some(_) => tally.verdict_of_draws() == Verdict::Holds,
    }
}

/// Runs a claim over random instances: no violation, on none of them nor by the rare events of all of them together,
/// and most instances hold.
pub fn holds(id: &str, source: &'static str) {
    let claim = find(id).expect("a registered claim");
    let tally = RefCell::new((Tally::default(), Pool::default()));
    let cases = claim.cases(cases());
    let mut runs = 0;
    // A few instances may all say nothing by chance.
    while runs == 0 || (!are_enough(&tally.borrow().0) && tally.borrow().0.instances() < ENOUGH) {
        let outcome = runner_after(source, cases, runs).run(&claim.strategy(), |spec| {
            let (finding, evidence) = found(claim, &spec)?;
            let (tally, pool) = &mut *tally.borrow_mut();
            tally.add(&evidence);
            pool.add(&finding);
            Ok(())
        });
        if let Err(error) = outcome {
            match error {
                TestError::Fail(reason, _) => panic!("{reason}"),
                TestError::Abort(reason) => panic!("aborted: {reason}"),
            }
        }
        runs += 1;
    }
    let (tally, pool) = tally.into_inner();
    for pooled in pool.counts() {
        let verdict = pooled.comparison().verdict();
        assert_ne!(
            verdict,
            Verdict::Violated,
            "{id}, all instances: {pooled:?}"
        );
    }
    assert!(
        are_enough(&tally) && tally.instances() >= cases as usize,
        "{id}: too few instances hold: {tally:?}"
    );
}

/// Tells whether a verdict that half of the instances of a regime must give is that of enough of them, in the same sense.
pub fn is_given(seen: usize, all: usize) -> bool {
    are_enough(&Tally {
        checked: seen,
        undecided: all - seen,
        ..Tally::default()
    })
}

/// Runs a claim's control: every statement is sharp somewhere and rejected once
/// strengthened by twice the stated slack.
pub fn control(id: &str) {
    let claim = find(id).expect("a registered claim");
    for instance in claim.sharp() {
        let verdict = claim.evaluate(&instance).verdict;
        assert_ne!(verdict, Verdict::Violated, "{id} on a sharp instance");
    }
    let controls = controls(claim, 0);
    assert!(controls.rejected(), "{id}: {controls:?}");
    for (statement, tightness, _) in controls.sharpness.into_iter().flat_map(|c| c.statements) {
        let slack = claim
            .about()
            .slack_of(statement)
            .expect("a claim with statements");
        assert!(
            tightness >= 1.0 - slack,
            "{id}, {statement}: tightness {tightness}"
        );
    }
}

/// The property test and the control of a claim.
#[macro_export]
macro_rules! theorem {
    ($id:literal, $holds:ident, $control:ident) => {
        #[test]
        fn $holds() {
            $crate::harness::holds($id, file!());
        }

        #[test]
        fn $control() {
            $crate::harness::control($id);
        }
    };
}
