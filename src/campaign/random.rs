//! The random stage: drawing, checking, shrinking.

use super::Counterexample;
use crate::claims::{Claim, Instance};
use crate::data::InstanceSpec;
use crate::evidence::{Evidence, Finding, Pool, Verdict};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rayon::prelude::*;

/// The most steps of a shrink: each tries something simpler, or takes it back.
pub const SHRINK_STEPS: usize = 2048;

/// The key of a case's generator: the seed, the case and the claim side by
/// side, so that no two cases share a stream.
fn key(claim: &str, seed: u64, case: usize) -> [u8; 32] {
    // FNV-1a (Fowler, Noll, Vo).
    let name = claim.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(case as u64).to_le_bytes());
    key[16..24].copy_from_slice(&name.to_le_bytes());
    key
}

/// Draws a case; the same one for the same arguments.
fn draw(claim: &Claim, seed: u64, case: usize) -> impl ValueTree<Value = InstanceSpec> {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &key(claim.id, seed, case));
    let mut runner = TestRunner::new_with_rng(config, rng);
    (claim.regime.strategy())
        .new_tree(&mut runner)
        .expect("the strategies reject nothing")
}

/// Checks a specification; one that is no instance decides nothing.
fn find(claim: &Claim, spec: &InstanceSpec) -> Finding {
    match Instance::from_spec(spec) {
        Ok(instance) => claim.check(&instance),
        Err(error) => Finding::Undecided(error.to_string()),
    }
}

/// The same, judged.
pub(super) fn check(claim: &Claim, spec: &InstanceSpec) -> Evidence {
    claim.judge(&find(claim, spec))
}

/// Checks cases, in parallel; the evidence is in their order. Rare events are counted over all of them: every case has
/// a seed of its own, and what they draw is independent.
pub(super) fn evaluate(
    claim: &Claim,
    seed: u64,
    cases: &[usize],
    tick: &(dyn Fn() + Sync),
) -> (Vec<Evidence>, Pool) {
    let one = |&case: &usize| {
        let finding = find(claim, &draw(claim, seed, case).current());
        tick();
        let mut pool = Pool::default();
        pool.add(&finding);
        (claim.judge(&finding), pool)
    };
    let found: Vec<(Evidence, Pool)> = cases.par_iter().map(one).collect();
    let mut pool = Pool::default();
    for (_, own) in &found {
        pool.merge(own);
    }
    (
        found.into_iter().map(|(evidence, _)| evidence).collect(),
        pool,
    )
}

/// Shrinks a violating case as far as it goes.
pub(super) fn counterexample(claim: &Claim, seed: u64, case: usize) -> Counterexample {
    let fails = |spec: &InstanceSpec| check(claim, spec).verdict == Verdict::Violated;
    let spec = shrink(draw(claim, seed, case), fails);
    Counterexample::of_random(case, &check(claim, &spec), spec)
}

/// Walks down from a value that fails, and returns the last one met that does.
fn shrink<T: ValueTree>(mut tree: T, fails: impl Fn(&T::Value) -> bool) -> T::Value
where
    T::Value: PartialEq,
{
    let mut smallest = tree.current();
    let mut moved = tree.simplify();
    for _ in 0..SHRINK_STEPS {
        if !moved {
            break;
        }
        let candidate = tree.current();
        // A step taken back leads to what is known to fail.
        moved = if candidate == smallest || fails(&candidate) {
            smallest = candidate;
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    smallest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::tests::{fails_at_size, planted};
    use crate::campaign::{Campaign, Stage};
    use crate::claims::find;

    fn numbers(spec: &InstanceSpec) -> usize {
        let spec = spec.as_residual().unwrap();
        let parts = [
            &spec.inputs,
            &spec.targets,
            &spec.frequencies,
            &spec.lift,
            &spec.readout,
            &spec.reference,
            &spec.displacement,
        ];
        parts.into_iter().flatten().map(Vec::len).sum()
    }

    #[test]
    fn no_two_cases_share_a_key() {
        let mut keys = std::collections::HashSet::new();
        for claim in ["P3.local", "P3.tangent", "P4.upper"] {
            for seed in [0, 1, 256, u64::MAX] {
                for case in [0, 1, 256, 4095] {
                    assert!(keys.insert(key(claim, seed, case)));
                }
            }
        }
    }

    #[test]
    fn drawing_stability() {
        // FNV-1a of "a", from its authors' test vectors.
        assert_eq!(
            key("a", 0, 0)[16..24],
            0xaf63_dc4c_8601_ec8c_u64.to_le_bytes()
        );
        let claim = find("P3.local").unwrap();
        let drawn = |seed, case| draw(claim, seed, case).current();
        let one = drawn(5, 3);
        assert_eq!(one, drawn(5, 3));
        assert_ne!(one, drawn(5, 4));
        assert_ne!(one, drawn(6, 3));
    }

    #[test]
    fn the_regime_chooses_the_strategy() {
        let share = |id| {
            let drawn = draw(find(id).unwrap(), 0, 0).current();
            drawn.as_residual().unwrap().loss_share
        };
        assert_eq!(share("P3.local"), None);
        assert!(share("P8.convergence").is_some());
    }

    #[test]
    fn a_violation_shrinks_to_the_smallest_sizes_that_fail() {
        let claim = fails_at_size();
        let report = Campaign { seed: 1, cases: 64 }.run(&claim, &[], &|| ());
        assert_eq!(report.verdict(), Verdict::Violated);
        let found = report.counterexample.unwrap();
        assert_eq!(found.stage, Stage::Random);
        let spec = found.spec.unwrap();
        assert_eq!(check(&claim, &spec).verdict, Verdict::Violated);
        let sizes = spec.as_residual().unwrap();
        assert_eq!((sizes.inputs.len(), sizes.reference.len()), (2, 3));
        let first = (0..64)
            .map(|case| draw(&claim, 1, case).current())
            .find(|spec| check(&claim, spec).verdict == Verdict::Violated)
            .unwrap();
        assert!(numbers(&spec) < numbers(&first));
    }

    #[test]
    fn a_false_bound_shrinks() {
        let claim = planted();
        let failing = |case| draw(&claim, 0, case).current();
        let violates = |spec: &InstanceSpec| check(&claim, spec).verdict == Verdict::Violated;
        let case = (0..64).find(|&case| violates(&failing(case))).unwrap();
        let found = counterexample(&claim, 0, case);
        let spec = found.spec.unwrap();
        assert!(violates(&spec));
        assert!(numbers(&spec) < numbers(&failing(case)));
        assert!(found.comparison.margin() < 0.0);
    }

    #[test]
    fn an_impossible_specification_is_undecided() {
        let claim = find("P3.local").unwrap();
        let mut spec = draw(claim, 0, 0).current().as_residual().cloned().unwrap();
        spec.inputs.clear();
        let evidence = check(claim, &spec.into());
        assert_eq!(evidence.verdict, Verdict::Undecided);
        assert!(!evidence.reasons.is_empty());
    }

    /// A number that is tried one lower, and is taken back if that is too low.
    struct Descending {
        value: u32,
        before: Option<u32>,
    }

    impl ValueTree for Descending {
        type Value = u32;
        fn current(&self) -> u32 {
            self.value
        }
        fn simplify(&mut self) -> bool {
            self.before = Some(self.value);
            self.value = self.value.saturating_sub(1);
            self.value > 0
        }
        fn complicate(&mut self) -> bool {
            let before = self.before.take();
            self.value = before.unwrap_or(self.value);
            before.is_some()
        }
    }

    #[test]
    fn a_shrink_ends() {
        let from = |value| Descending {
            value,
            before: None,
        };
        let calls = std::cell::Cell::new(0);
        let fails = |least: u32| {
            calls.set(0);
            let calls = &calls;
            move |x: &u32| {
                calls.set(calls.get() + 1);
                *x >= least
            }
        };
        assert_eq!(shrink(from(50), fails(0)), 1);
        assert_eq!(calls.get(), 49);
        assert_eq!(shrink(from(5000), fails(0)), 5000 - SHRINK_STEPS as u32);
        assert_eq!(calls.get(), SHRINK_STEPS);
        // 30 steps down; then 19 is tried every other step, and 20 is known to fail.
        assert_eq!(shrink(from(50), fails(20)), 20);
        assert_eq!(calls.get(), 30 + (SHRINK_STEPS - 30) / 2);
    }
}
