//! Runs a property over shrinkable random instances and judges the tally.

use polyak::evidence::{Evidence, Tally, Verdict};
use polyak::theorem::{Claim, Spec};
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError, TestRunner};

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
    TestRunner::new(Config {
        cases,
        rng_seed: RngSeed::Fixed(given_seed().unwrap_or(20_211_206)),
        source_file: Some(source),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::default()
    })
}

/// Builds and checks an instance; a violation says everything needed to replay it.
pub fn check(claim: &dyn Claim, spec: &Spec) -> Result<Evidence, TestCaseError> {
    let instance = spec
        .build()
        .map_err(|e| TestCaseError::fail(e.to_string()))?;
    let evidence = claim.evaluate(&instance);
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
    Ok(evidence)
}

/// Tells whether a verdict that half of the instances of a regime must give is that of enough of them: half of them
/// under the pinned seed, which draws the same ones every time; under a fresh one, so many that chance alone could have
/// left the others (see [`Tally::verdict_of_draws`]).
pub fn is_given(seen: usize, all: usize) -> bool {
    let tally = Tally {
        checked: seen,
        undecided: all - seen,
        ..Tally::default()
    };
    match given_seed() {
        None => tally.checked >= required(tally.instances()),
        Some(_) => tally.verdict_of_draws() == Verdict::Holds,
    }
}
