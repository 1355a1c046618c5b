//! The random stage: drawing, checking, shrinking.

use super::Counterexample;
use crate::evidence::{Evidence, Pool, Verdict};
use crate::recipe::fingerprint::{EMPTY, fnv1a};
use crate::theorem::{Claim, Spec};
use crate::watch::{Stopped, Watch};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rayon::prelude::*;

/// The most steps of a shrink: each tries something simpler, or takes it back.
pub const SHRINK_STEPS: usize = 2048;

/// Draws enough for a claim that holds on half of them to hold on one, but with probability [`FLAKE`]: `2^−30 < 1e-9`.
const ENOUGH: usize = 30;

/// How often each of so many cases may be drawn until it says something: where there are many, once.
pub(super) fn attempts(cases: usize) -> usize {
    ENOUGH.div_ceil(cases.max(1))
}

/// Where a case comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    /// Which case, from 0.
    pub case: usize,
    /// How often it had been drawn before, and had said nothing.
    pub attempt: usize,
}

/// The key of a case's generator: the seed, the case, the claim and the attempt side by
/// side, so that no two draws share a stream.
pub(super) fn key(claim: &str, seed: u64, Drawn { case, attempt }: Drawn) -> [u8; 32] {
    let name = fnv1a(EMPTY, claim.as_bytes());
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(case as u64).to_le_bytes());
    key[16..24].copy_from_slice(&name.to_le_bytes());
    key[24..].copy_from_slice(&(attempt as u64).to_le_bytes());
    key
}

/// Draws a case; the same one for the same arguments.
pub(super) fn draw(claim: &dyn Claim, seed: u64, drawn: Drawn) -> impl ValueTree<Value = Spec> {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &key(claim.id(), seed, drawn));
    let mut runner = TestRunner::new_with_rng(config, rng);
    (claim.strategy())
        .new_tree(&mut runner)
        .expect("the strategies reject nothing")
}

/// Checks a specification and judges what was found.
pub(super) fn check(claim: &dyn Claim, spec: &Spec) -> Evidence {
    claim.judge(&claim.check_spec(spec))
}

/// What became of one case.
pub(super) struct Case {
    /// The draw that said something, or the last.
    pub drawn: Drawn,
    /// What the claim says of it.
    pub evidence: Evidence,
    /// The events of every draw.
    pool: Pool,
}

/// Checks cases, in parallel; they come back in their order. One of which the claim says nothing is drawn anew, up to
/// `attempts` times in all. Rare events are counted over every draw: each has
/// a seed of its own, and what they draw is independent.
pub(super) fn evaluate(
    claim: &dyn Claim,
    seed: u64,
    cases: &[usize],
    attempts: usize,
    watch: &dyn Watch,
) -> Result<(Vec<Case>, Pool), Stopped> {
    let one = |&case: &usize| {
        let mut pool = Pool::default();
        let mut drawn = Drawn { case, attempt: 0 };
        let evidence = loop {
            if watch.is_stopped() {
                return Err(Stopped);
            }
            let finding = claim.check_spec(&draw(claim, seed, drawn).current());
            pool.add(&finding);
            let evidence = claim.judge(&finding);
            let says = matches!(evidence.verdict, Verdict::Holds | Verdict::Violated);
            if says || drawn.attempt + 1 >= attempts {
                break evidence;
            }
            drawn.attempt += 1;
        };
        watch.advance(1);
        Ok(Case {
            drawn,
            evidence,
            pool,
        })
    };
    let found: Result<Vec<Case>, Stopped> = cases.par_iter().map(one).collect();
    let found = found?;
    let mut pool = Pool::default();
    for case in &found {
        pool.merge(&case.pool);
    }
    Ok((found, pool))
}

/// Shrinks a violating case as far as it goes.
pub(super) fn counterexample(
    claim: &dyn Claim,
    seed: u64,
    drawn: Drawn,
    watch: &dyn Watch,
) -> Result<Counterexample, Stopped> {
    // What is no longer wanted passes, untried, to the end of the shrink.
    let fails =
        |spec: &Spec| !watch.is_stopped() && check(claim, spec).verdict == Verdict::Violated;
    let spec = shrink(draw(claim, seed, drawn), fails);
    if watch.is_stopped() {
        return Err(Stopped);
    }
    let evidence = check(claim, &spec);
    let Drawn { case, attempt } = drawn;
    Ok(Counterexample::of_random(case, attempt, &evidence, spec))
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
    use crate::claims::{ResidualInstance, find};
    use crate::evidence::Finding;

    fn numbers(spec: &Spec) -> usize {
        let spec = spec.get::<ResidualInstance>().unwrap();
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

    fn first(case: usize) -> Drawn {
        Drawn { case, attempt: 0 }
    }

    #[test]
    fn no_two_cases_share_a_key() {
        let mut keys = std::collections::HashSet::new();
        for claim in ["P3.local", "P3.tangent", "P4.upper"] {
            for seed in [0, 1, 256, u64::MAX] {
                for case in [0, 1, 256, 4095] {
                    for attempt in [0, 1, 29] {
                        assert!(keys.insert(key(claim, seed, Drawn { case, attempt })));
                    }
                }
            }
        }
    }

    #[test]
    fn drawing_stability() {
        // FNV-1a of "a", from its authors' test vectors.
        assert_eq!(
            key("a", 0, first(0))[16..24],
            0xaf63_dc4c_8601_ec8c_u64.to_le_bytes()
        );
        let claim = find("P3.local").unwrap();
        let drawn = |seed, case| draw(claim, seed, first(case)).current();
        let one = drawn(5, 3);
        assert_eq!(one, drawn(5, 3));
        assert_ne!(one, drawn(5, 4));
        assert_ne!(one, drawn(6, 3));
    }

    #[test]
    fn the_regime_chooses_the_strategy() {
        let share = |id| {
            let drawn = draw(find(id).unwrap(), 0, first(0)).current();
            drawn.get::<ResidualInstance>().unwrap().loss_share
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
        let sizes = spec.get::<ResidualInstance>().unwrap();
        assert_eq!((sizes.inputs.len(), sizes.reference.len()), (2, 3));
        let first = (0..64)
            .map(|case| draw(&claim, 1, first(case)).current())
            .find(|spec| check(&claim, spec).verdict == Verdict::Violated)
            .unwrap();
        assert!(numbers(&spec) < numbers(&first));
    }

    #[test]
    fn a_false_bound_shrinks() {
        let claim = planted();
        let failing = |case| draw(&claim, 0, first(case)).current();
        let violates = |spec: &Spec| check(&claim, spec).verdict == Verdict::Violated;
        let case = (0..64).find(|&case| violates(&failing(case))).unwrap();
        let found = counterexample(&claim, 0, first(case), &|| ()).unwrap();
        let spec = found.spec.unwrap();
        assert!(violates(&spec));
        assert!(numbers(&spec) < numbers(&failing(case)));
        assert!(found.comparison.margin() < 0.0);
    }

    #[test]
    fn an_impossible_specification_is_undecided() {
        let claim = find("P3.local").unwrap();
        let mut spec = draw(claim, 0, first(0))
            .current()
            .get::<ResidualInstance>()
            .cloned()
            .unwrap();
        spec.inputs.clear();
        let evidence = check(claim, &spec.into());
        assert_eq!(evidence.verdict, Verdict::Undecided);
        assert!(!evidence.reasons.is_empty());
    }

    #[test]
    fn cases_are_drawn_until_there_are_enough() {
        for cases in [0, 1, 2, 8, 29] {
            assert!(attempts(cases) * cases.max(1) >= ENOUGH);
        }
        assert_eq!([30, 64, 256].map(attempts), [1, 1, 1]);
        assert!(0.5_f64.powi(ENOUGH as i32) <= crate::evidence::statistics::FLAKE);
    }

    /// A case that says nothing is drawn anew; one that does is not, and counts once.
    #[test]
    fn a_case_that_says_nothing_is_drawn_anew() {
        fn says_little(instance: &ResidualInstance) -> Finding {
            match instance.samples() {
                1 | 2 => Finding::Undecided("few samples".to_owned()),
                _ => {
                    let one = crate::arithmetic::Ball::from(1.0);
                    let comparison = crate::evidence::Comparison::at_most("one", one, one);
                    Finding::Compared(vec![comparison])
                }
            }
        }
        let about = *find("P3.local").unwrap().about();
        let claim = crate::campaign::tests::of(about, says_little, Vec::new);
        let cases: Vec<usize> = (0..40).collect();
        let (once, _) = evaluate(&claim, 3, &cases, 1, &|| ()).unwrap();
        let (often, _) = evaluate(&claim, 3, &cases, 5, &|| ()).unwrap();
        let silent = |case: &&Case| case.evidence.verdict == Verdict::Undecided;
        assert!(once.iter().filter(silent).count() > 2);
        for (one, other) in once.iter().zip(&often) {
            assert_eq!(
                (one.drawn, other.drawn.case),
                (first(one.drawn.case), one.drawn.case)
            );
            assert_eq!(silent(&one), other.drawn.attempt > 0);
            assert!(!silent(&other) || other.drawn.attempt == 4);
        }
        assert!(often.iter().filter(silent).count() < once.iter().filter(silent).count());
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
