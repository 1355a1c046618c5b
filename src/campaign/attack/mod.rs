//! An adversary: looks for an instance on which a claim, or one with a factor changed, is violated.
//!
//! Random instances are many and dull: a bound that is wrong by a tenth holds on nearly all of them. An [`Attack`] draws
//! a few, and from each climbs: it moves, copies and drops the numbers of the specification as long as the bound comes
//! closer to what it bounds. It knows nothing of networks; whatever is written down as JSON can be attacked, a theorem of
//! another crate as well as one of this.
//!
//! # Example
//! ```
//! use polyak::campaign::Attack;
//! // P7 with θ half as large is false, and an instance that says so is found from random starts.
//! let claim = polyak::claims::find("P7.hessian")?;
//! let halved = polyak::factor::FactorChange { factor: "second derivative of F: θκ1κ0", by: -0.5 };
//! let attack = Attack { starts: 4, steps: 600, change: Some(halved), ..Attack::default() };
//! let found = attack.run(claim, &|| ())?;
//! assert!(found.best.is_some_and(|best| best.violated));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod evolution;
mod space;

use super::random;
use crate::evidence::{Comparison, Finding, Verdict};
use crate::factor::{FactorChange, Trial, TrialError, in_trials};
use crate::theorem::{Claim, Instance, Spec};
use crate::watch::Watch;
use evolution::Evolution;
use proptest::strategy::ValueTree;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use space::{Candidate, rounded};

/// How many instances are drawn for the smallest of them to be a start: extremes are found with few numbers.
const DRAWN: usize = 64;

/// How often an instance is tried with a row or a column less.
const SMALLER: usize = 100;

/// How an instance is searched for; the same values find the same one, whatever the number of threads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attack {
    /// Of what is drawn.
    pub seed: u64,
    /// From how many places it climbs.
    pub starts: usize,
    /// How many instances it tries from each.
    pub steps: usize,
    /// The factor that is taken to be another; without it the claim itself is attacked.
    pub change: Option<FactorChange>,
}

impl Default for Attack {
    fn default() -> Self {
        Self {
            seed: 0,
            starts: 8,
            steps: 2000,
            change: None,
        }
    }
}

/// The worst instance that an attack met.
#[derive(Clone, Debug, PartialEq)]
pub struct Worst {
    /// How to build it.
    pub spec: Spec,
    /// Its comparison that comes closest to a violation, or is one.
    pub comparison: Comparison,
    /// Whether it is violated, with the factor changed if one is.
    pub violated: bool,
    /// Its score: above −1 a violation for a factor, above 0 for a claim.
    score: f64,
}

/// What an attack found.
#[derive(Clone, Debug, PartialEq)]
pub struct AttackReport {
    /// The worst instance, unless none was applicable.
    pub best: Option<Worst>,
    /// How many instances were tried.
    pub evaluations: u64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// Why there was no attack.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttackError {
    /// There is no thread to search on.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// A drawn specification cannot be written down.
    #[error(
        "an instance of the claim cannot be written down ({0}); its specification needs `Serialize` and `Deserialize` that agree"
    )]
    Unwritten(#[from] serde_json::Error),
}

/// How bad a comparison is: what an attack makes larger.
///
/// Without a change it is how far it is violated, relatively. With one, `−δ*/δ` where `δ*` is the least change at which it
/// would be violated if its margin were a straight line in the change: an instance that is tight and does not depend on the
/// factor is worth nothing.
fn score(plain: &Comparison, changed: Option<&Comparison>) -> Option<f64> {
    let room = plain.margin() + plain.tolerance();
    let score = match changed {
        None => -room,
        Some(changed) => {
            let effect = plain.margin() - changed.margin();
            if !(effect > 0.0) {
                return None;
            }
            -room.max(0.0) / effect
        }
    };
    score.is_finite().then_some(score)
}

struct Climb<'a> {
    claim: &'a dyn Claim,
    change: Option<FactorChange>,
    trial: &'a Trial,
    watch: &'a dyn Watch,
    evaluations: u64,
}

struct Tried {
    score: f64,
    comparison: Comparison,
    violated: bool,
}

impl Climb<'_> {
    fn comparisons(
        &self,
        instance: &Instance,
        change: Option<FactorChange>,
    ) -> Option<Vec<Comparison>> {
        let check = || self.claim.check(instance);
        let finding = match change {
            Some(change) => self.trial.under(change, check),
            None => self.trial.met(check).0,
        };
        match finding {
            Finding::Compared(comparisons) => Some(comparisons),
            _ => None,
        }
    }

    fn of(&self, spec: &Spec) -> Option<Tried> {
        let instance = spec.build().ok()?;
        let plain = self.comparisons(&instance, None)?;
        let changed = match self.change {
            Some(_) => self.comparisons(&instance, self.change)?,
            None => plain.clone(),
        };
        let with = self.change.is_some();
        let tried = plain.iter().zip(&changed).filter_map(|(plain, changed)| {
            if plain.statement() != changed.statement() {
                return None;
            }
            let score = score(plain, with.then_some(changed))?;
            let violated = changed.verdict() == Verdict::Violated;
            Some(Tried {
                score,
                comparison: *changed,
                violated,
            })
        });
        tried.max_by(|a, b| a.score.total_cmp(&b.score))
    }

    fn is_applicable(&self, candidate: &Candidate) -> bool {
        let spec = self.claim.read(&candidate.to_json());
        let instance = spec.ok().and_then(|spec| spec.build().ok());
        instance.is_some_and(|instance| self.comparisons(&instance, None).is_some())
    }

    fn tried(&mut self, candidate: &Candidate) -> Option<Tried> {
        self.evaluations += 1;
        self.watch.advance(1);
        self.of(&self.claim.read(&candidate.to_json()).ok()?)
    }

    /// Climbs from a start: a step that succeeds makes steps longer, one that fails shorter, so that one in five
    /// succeeds (Rechenberg).
    fn climb(
        &mut self,
        start: Candidate,
        steps: usize,
        rng: &mut ChaCha8Rng,
    ) -> Option<(Candidate, Tried)> {
        let mut best: Option<(Candidate, Tried)> = None;
        let mut here = start;
        let mut step: f64 = 0.5;
        if let Some(tried) = self.tried(&here) {
            best = Some((here.clone(), tried));
        }
        for _ in 1..steps {
            if self.watch.is_stopped() {
                break;
            }
            let next = match rng.random_bool(0.06) {
                true => here.resized(rng),
                false => here.moved(step, rng),
            };
            if next == here {
                continue;
            }
            let tried = self.tried(&next);
            let better = match (&tried, &best) {
                (Some(tried), Some((_, best))) => tried.score >= best.score,
                (Some(_), None) => true,
                (None, None) => true,
                (None, Some(_)) => false,
            };
            step = if better { step * 1.5 } else { step * 0.9 }.clamp(1e-9, 2.0);
            // From a step that has become too short to matter it begins again with long ones.
            if step <= 1e-8 {
                step = 0.5;
            }
            if better {
                here = next.clone();
                if let Some(tried) = tried {
                    best = Some((next, tried));
                }
            }
        }
        best
    }

    /// Goes on from an instance with a law of steps that learns its shape, until that is a point.
    fn evolve(
        &mut self,
        (mut here, mut best): (Candidate, Tried),
        steps: usize,
        rng: &mut ChaCha8Rng,
    ) -> (Candidate, Tried) {
        let last = self.evaluations + steps as u64;
        // A tenth of every number at first; where the law has become a point, a shorter one.
        for reach in (1..13).map(|k| 0.1 * 0.5_f64.powi(k - 1)) {
            let place = here.numbers();
            let scales: Vec<f64> = place.iter().map(|x| reach * x.abs().max(0.1)).collect();
            let mut evolution = Evolution::around(&place, &scales);
            while self.evaluations < last && !evolution.is_spent() && !self.watch.is_stopped() {
                let mut tried: Vec<(f64, Vec<f64>)> = Vec::new();
                for _ in 0..Evolution::population(place.len()) {
                    let numbers = evolution.draw(rng);
                    let candidate = here.with(&numbers);
                    let found = self.tried(&candidate);
                    tried.push((
                        found
                            .as_ref()
                            .map_or(f64::NEG_INFINITY, |found| found.score),
                        numbers,
                    ));
                    if let Some(found) = found.filter(|found| found.score > best.score) {
                        (here, best) = (candidate, found);
                    }
                }
                tried.sort_by(|a, b| b.0.total_cmp(&a.0));
                let ranked: Vec<Vec<f64>> = tried.into_iter().map(|(_, numbers)| numbers).collect();
                evolution.learn(&ranked);
            }
        }
        (here, best)
    }

    /// Writes an instance with as few rows, digits and as many zeros as its verdict allows.
    fn shortened(
        &mut self,
        candidate: Candidate,
        tried: Tried,
        rng: &mut ChaCha8Rng,
    ) -> (Candidate, Tried) {
        let (mut kept, mut best) = (candidate, tried);
        let enough = |next: &Tried, best: &Tried| {
            next.violated == best.violated && next.score >= best.score - 0.1 * best.score.abs()
        };
        for _ in 0..SMALLER {
            let next = kept.resized(rng);
            if self.watch.is_stopped() || next.to_json().len() >= kept.to_json().len() {
                continue;
            }
            match self.tried(&next) {
                Some(tried) if enough(&tried, &best) => (kept, best) = (next, tried),
                _ => {}
            }
        }
        for digits in 1..=17 {
            let numbers: Vec<f64> = kept.numbers().iter().map(|&x| rounded(x, digits)).collect();
            let next = kept.with(&numbers);
            match self.tried(&next) {
                Some(tried) if enough(&tried, &best) => {
                    (kept, best) = (next, tried);
                    break;
                }
                _ => {}
            }
        }
        let floor = Tried {
            score: best.score,
            comparison: best.comparison,
            violated: best.violated,
        };
        for at in 0..kept.numbers().len() {
            let x = kept.numbers()[at];
            let simpler = [0.0, rounded(x, 1), rounded(x, 2)];
            for simpler in simpler.into_iter().filter(|&simpler| simpler != x) {
                if self.watch.is_stopped() {
                    return (kept, best);
                }
                let mut numbers = kept.numbers();
                numbers[at] = simpler;
                let next = kept.with(&numbers);
                match self.tried(&next) {
                    Some(tried) if enough(&tried, &floor) => {
                        (kept, best) = (next, tried);
                        break;
                    }
                    _ => {}
                }
            }
        }
        (kept, best)
    }
}

impl Attack {
    /// Searches, from every start in parallel.
    ///
    /// # Arguments
    /// * `watch`: hears of every instance that is tried; asked before each. What is known when it stops the search is
    ///   returned.
    ///
    /// # Errors
    /// Specifications that cannot be written and read back; a system that gives no thread.
    pub fn run(&self, claim: &dyn Claim, watch: &dyn Watch) -> Result<AttackReport, AttackError> {
        let ended = in_trials(self.starts, |trial, start| -> Result<_, AttackError> {
            if watch.is_stopped() {
                return Ok(None);
            }
            let mut climb = Climb {
                claim,
                change: self.change,
                trial,
                watch,
                evaluations: 0,
            };
            let best = self.from(start, &mut climb)?;
            Ok(Some((best, climb.evaluations)))
        })?;
        let evaluations = ended.iter().map(|&(_, evaluations)| evaluations).sum();
        let found = ended.into_iter().filter_map(|(best, _)| best);
        let best = found.reduce(|a, b| {
            if (b.violated, b.score) > (a.violated, a.score) {
                b
            } else {
                a
            }
        });
        Ok(AttackReport {
            best,
            evaluations,
            stopped: watch.is_stopped(),
        })
    }

    fn from(&self, start: usize, climb: &mut Climb) -> Result<Option<Worst>, AttackError> {
        let drawn = |attempt| random::Drawn {
            case: start,
            attempt,
        };
        let mut rng =
            ChaCha8Rng::from_seed(random::key(climb.claim.id(), self.seed, drawn(usize::MAX)));
        let written = |attempt| {
            random::draw(climb.claim, self.seed, drawn(usize::MAX - attempt))
                .current()
                .to_json()
        };
        let drawn: Result<Vec<String>, _> = (0..DRAWN).map(written).collect();
        let shortest = drawn?
            .into_iter()
            .min_by_key(String::len)
            .unwrap_or_default();
        let mut first = Candidate::parse(&shortest)?;
        climb.claim.read(&first.to_json())?;
        for _ in 0..rng.random_range(0..=SMALLER) {
            let next = first.resized(&mut rng);
            if next.to_json().len() < first.to_json().len() && climb.is_applicable(&next) {
                first = next;
            }
        }
        let half = self.steps.div_ceil(2);
        let Some(found) = climb.climb(first, half, &mut rng) else {
            return Ok(None);
        };
        let (candidate, tried) = climb.evolve(found, self.steps - half, &mut rng);
        let (candidate, tried) = climb.shortened(candidate, tried, &mut rng);
        Ok(Some(Worst {
            spec: climb.claim.read(&candidate.to_json())?,
            comparison: tried.comparison,
            violated: tried.violated,
            score: tried.score,
        }))
    }
}
