//! A training, kept as bytes to go on with.

use super::fingerprint::{EMPTY, fnv1a};
use super::plan::initial_loss;
use super::{Training, TrainingCertificate};
use crate::arithmetic::Ball;
use crate::bounds::{ComputedStep, EnvelopeState};
use crate::flow::{Held, HeldDescent};
use crate::resnet::Weights;
use crate::text::count;
use nalgebra::DMatrix;

/// What a checkpoint begins with; the last character is the version.
const MAGIC: &[u8; 8] = b"polyak\x002";

/// Why bytes are no checkpoint of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Something else, or another version.
    #[error("it is no checkpoint of this version of polyak")]
    Foreign,
    /// It ends too early, or goes on too long.
    #[error("it has {}, not {expected}: it was cut or added to", count(.found, "byte"))]
    Length {
        /// Bytes there are.
        found: usize,
        /// Bytes there should be.
        expected: usize,
    },
    /// A bit is wrong.
    #[error("its checksum is wrong: it was damaged")]
    Damaged,
    /// No training by this certificate stands like that.
    #[error("its numbers are none that a training by this recipe reaches: it was edited")]
    Impossible,
    /// It belongs to another certificate.
    #[error("it belongs to another recipe")]
    OtherRecipe,
}

/// Numbers as eight bytes each, least significant first.
#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn integer(&mut self, x: u64) {
        self.0.extend(x.to_le_bytes());
    }

    fn number(&mut self, x: f64) {
        self.0.extend(x.to_le_bytes());
    }

    fn ball(&mut self, x: Ball) {
        self.number(x.mid());
        self.number(x.rad());
    }

    fn envelope(&mut self, state: &EnvelopeState) {
        self.integer(state.iteration);
        self.ball(state.loss);
        self.ball(state.displacement);
        self.ball(state.path);
        self.ball(state.promised);
        self.ball(state.excess);
        self.number(state.perturbations);
    }

    fn step(&mut self, step: &ComputedStep) {
        self.ball(step.loss);
        self.ball(step.norm);
        self.ball(step.displacement);
        self.ball(step.length);
        self.number(step.rounding);
    }
}

struct Reader<'a>(std::slice::ChunksExact<'a, u8>);

impl Reader<'_> {
    fn integer(&mut self) -> u64 {
        let bytes = self.0.next().expect("the length was checked");
        u64::from_le_bytes(bytes.try_into().expect("eight bytes"))
    }

    fn number(&mut self) -> f64 {
        f64::from_bits(self.integer())
    }

    fn ball(&mut self) -> Ball {
        let mid = self.number();
        Ball::new(mid, self.number())
    }

    fn envelope(&mut self) -> EnvelopeState {
        EnvelopeState {
            iteration: self.integer(),
            loss: self.ball(),
            displacement: self.ball(),
            path: self.ball(),
            promised: self.ball(),
            excess: self.ball(),
            perturbations: self.number(),
        }
    }

    fn step(&mut self) -> ComputedStep {
        ComputedStep {
            loss: self.ball(),
            norm: self.ball(),
            displacement: self.ball(),
            length: self.ball(),
            rounding: self.number(),
        }
    }
}

/// What is written where no step was taken.
fn no_step() -> ComputedStep {
    let zero = Ball::from(0.0);
    ComputedStep {
        loss: zero,
        norm: zero,
        displacement: zero,
        length: zero,
        rounding: 0.0,
    }
}

/// Words before the losses: magic, recipe, number of losses, where the training is, the twelve of the envelope before the last step, and
/// the nine of that step.
const HEAD: usize = 4 + 12 + 9;

/// Where a training is: before its start, at it, or beyond it.
const UNSTARTED: u64 = 0;
const AT_START: u64 = 1;
const BEYOND: u64 = 2;

/// Identifies a certificate, by everything that a training depends on.
fn identity(certificate: &TrainingCertificate) -> u64 {
    let architecture = &certificate.architecture;
    let promise = &certificate.promise;
    let mut hash = fnv1a(EMPTY, certificate.data.fingerprint.as_bytes());
    hash = fnv1a(hash, architecture.kernel.to_string().as_bytes());
    let numbers = [
        architecture.frequencies,
        architecture.depth as u64,
        architecture.seed,
    ];
    for x in numbers {
        hash = fnv1a(hash, &x.to_le_bytes());
    }
    let numbers = [
        certificate.scale.chosen,
        promise.step,
        promise.radius,
        promise.pl_constant.value,
        promise.smoothness.value,
        promise.loss_threshold,
        promise.target,
    ];
    let constants = &certificate.constants;
    let known = [
        constants.kappa1.value,
        constants.kappa2.value,
        constants.gram_smallest.value,
        constants.gram_largest.value,
    ];
    let filtered = promise.filtered.iter();
    let filtered = filtered.flat_map(|f| {
        // Fewer than 2⁵³, or it is no certificate.
        [
            f.iterations as f64,
            f.rounding,
            f.error.value,
            f.displacement.value,
        ]
    });
    let numbers = numbers.into_iter().chain(known).chain(filtered);
    numbers.fold(hash, |hash, x| fnv1a(hash, &x.to_le_bytes()))
}

impl Training {
    /// Writes weights, envelope and losses as bytes. A training that goes on from them reaches the same bits.
    pub fn to_bytes(&self) -> Vec<u8> {
        let state = &self.state;
        let mut out = Writer(MAGIC.to_vec());
        out.integer(identity(&self.certificate));
        out.integer(state.losses.len() as u64);
        out.integer(match (&state.held, &state.last) {
            (None, _) => UNSTARTED,
            (Some(_), None) => AT_START,
            (Some(_), Some(_)) => BEYOND,
        });
        let (before, step) = state.last.unwrap_or_else(|| {
            let here = state.held.as_ref().map(|held| *held.state());
            let here = here.unwrap_or(EnvelopeState::start(Ball::from(0.0)));
            (here, no_step())
        });
        out.envelope(&before);
        out.step(&step);
        state.losses.iter().for_each(|&loss| out.number(loss));
        for layer in state.weights.layers() {
            layer.iter().for_each(|&entry| out.number(entry));
        }
        let sum = fnv1a(EMPTY, &out.0);
        out.integer(sum);
        out.0
    }

    /// The most bytes that a checkpoint of this training has: after twice the steps that are promised.
    pub fn most_bytes(&self) -> u64 {
        let losses = self.certificate.promise.iterations.saturating_mul(2);
        let fixed = (HEAD + 1 + self.state.weights.parameters() + 1) as u64;
        losses.saturating_add(fixed).saturating_mul(8)
    }

    /// Goes on from bytes written by [`to_bytes`](Self::to_bytes).
    ///
    /// What can be computed again is: how many losses there are, the first of them, what is promised of the last, the
    /// norm of the weights, and where the last step left the promise: one that is broken stays broken. What rounding has added so far is taken on trust.
    ///
    /// # Errors
    /// Bytes that are no checkpoint, damaged, edited, or of another recipe; the training is as it was.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        if bytes.len() < 8 || bytes[..8] != *MAGIC {
            return Err(CheckpointError::Foreign);
        }
        let weights = self.state.weights.parameters();
        let words = |losses: usize| 8 * (HEAD + losses + weights + 1);
        let found = bytes.len();
        let short = CheckpointError::Length {
            found,
            expected: words(1),
        };
        if found < words(0) {
            return Err(short);
        }
        let mut input = Reader(bytes.chunks_exact(8));
        input.integer();
        if input.integer() != identity(&self.certificate) {
            return Err(CheckpointError::OtherRecipe);
        }
        let losses = input.integer() as usize;
        let expected = losses
            .checked_add(HEAD + weights + 1)
            .and_then(|words| words.checked_mul(8));
        if expected != Some(found) {
            let expected = expected.unwrap_or(usize::MAX);
            return Err(CheckpointError::Length { found, expected });
        }
        let body = found - 8;
        if fnv1a(EMPTY, &bytes[..body]).to_le_bytes() != bytes[body..] {
            return Err(CheckpointError::Damaged);
        }
        let place = input.integer();
        let (before, step) = (input.envelope(), input.step());
        let losses: Vec<f64> = (0..losses).map(|_| input.number()).collect();
        let (rows, columns) = self.state.weights.layers()[0].shape();
        let layers = (0..self.state.weights.depth())
            .map(|_| DMatrix::from_fn(rows, columns, |_, _| input.number()))
            .collect();
        // The number of losses bounds that of the factors.
        let taken = u64::from(place == BEYOND);
        let counted = before.iteration.checked_add(1 + taken) == Some(losses.len() as u64);
        if place > BEYOND || place != UNSTARTED && !counted {
            return Err(CheckpointError::Impossible);
        }
        let held = (place != UNSTARTED).then(|| Held::new(&self.guarantee, before));
        let mut state = HeldDescent {
            initial: held.as_ref().map(|_| initial_loss(&self.targets)),
            held,
            losses,
            ..HeldDescent::new(Weights::from_layers(layers))
        };
        if place == BEYOND {
            state.take(step);
        }
        if !self.reaches(&state) {
            return Err(CheckpointError::Impossible);
        }
        self.state = state;
        Ok(())
    }

    /// Tells whether a training by the certificate can stand like that, as far as that can be computed again.
    fn reaches(&self, state: &HeldDescent) -> bool {
        let Some(held) = &state.held else {
            return state.losses.is_empty() && state.weights == self.network.zero_weights();
        };
        let loss = initial_loss(&self.targets);
        let passes = |found: &EnvelopeState| {
            let promised = held.promised(found.iteration, loss);
            found.promised.is_bounded()
                // The same numbers on other instructions may end otherwise.
                && (found.promised - promised).contains(0.0)
                && state.losses[found.iteration as usize] == found.loss.mid()
                && [found.displacement, found.path, found.excess]
                    .iter()
                    .all(|x| x.is_bounded() && x.mid() >= 0.0)
                && found.perturbations >= 0.0
                && found.perturbations.is_finite()
        };
        let found = held.state();
        let steps = state.last.iter().all(|(before, step)| {
            let apart = step.displacement - before.displacement;
            passes(before)
                && step.length.is_bounded()
                && step.norm.is_bounded()
                && (step.norm - state.weights.norm()).contains(0.0)
                && (step.length - apart.abs()).upper() >= 0.0
                && step.rounding >= 0.0
                && step.rounding.is_finite()
        });
        steps
            && passes(found)
            && state.losses[0] == loss.mid()
            && (found.displacement - state.weights.norm()).contains(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::{corners, realised};
    use super::super::training::tests::training;
    use super::*;
    use std::ops::ControlFlow;

    fn trained(steps: u64) -> Training {
        let mut training = training();
        training.run(steps, |_| ControlFlow::Continue(())).unwrap();
        training
    }

    #[test]
    fn a_restored_training_reaches_the_same_bits() {
        let whole = trained(50);
        for steps in [0, 1, 20, 50] {
            let mut resumed = training();
            resumed.restore(&trained(steps).to_bytes()).unwrap();
            assert_eq!(resumed.state, trained(steps).state);
            resumed.run(50, |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(resumed.state, whole.state);
            assert_eq!(resumed.to_bytes(), whole.to_bytes());
        }
        // Before the first pass there is nothing yet.
        let mut fresh = training();
        fresh.restore(&training().to_bytes()).unwrap();
        assert_eq!(fresh.state, training().state);
    }

    /// Every bit that is turned is found out, and leaves the training as it was.
    #[test]
    fn damage_is_found_out() {
        let bytes = trained(3).to_bytes();
        let mut training = training();
        let before = training.state.clone();
        for at in (0..bytes.len()).step_by(if bytes.len() > 4000 { 61 } else { 1 }) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            assert!(training.restore(&damaged).is_err(), "byte {at}");
        }
        for length in [0, 7, 8, 100, bytes.len() - 8, bytes.len() - 1] {
            assert!(training.restore(&bytes[..length]).is_err());
        }
        let mut longer = bytes.clone();
        longer.extend([0; 8]);
        let expected = CheckpointError::Length {
            found: bytes.len() + 8,
            expected: bytes.len(),
        };
        assert_eq!(training.restore(&longer), Err(expected));
        assert_eq!(
            training.restore(b"something else"),
            Err(CheckpointError::Foreign)
        );
        let mut last = bytes.clone();
        *last.last_mut().unwrap() ^= 1;
        assert_eq!(training.restore(&last), Err(CheckpointError::Damaged));
        assert_eq!(training.state, before);
    }

    /// Forged, with the checksum made right: whatever can be computed again is.
    #[test]
    fn forgeries_are_found_out() {
        let bytes = trained(3).to_bytes();
        let mut training = training();
        let before = training.state.clone();
        let mut forged = |word: usize, value: u64| {
            let mut bytes = bytes.clone();
            bytes[8 * word..8 * (word + 1)].copy_from_slice(&value.to_le_bytes());
            let body = bytes.len() - 8;
            let sum = fnv1a(EMPTY, &bytes[..body]);
            bytes[body..].copy_from_slice(&sum.to_le_bytes());
            training.restore(&bytes)
        };
        let word = |at: usize| u64::from_le_bytes(bytes[8 * at..8 * (at + 1)].try_into().unwrap());
        assert_eq!(forged(4, word(4)), Ok(()), "nothing is changed");
        let numbers = [f64::NAN, f64::INFINITY, -1.0, 0.125].map(f64::to_bits);
        // Where it is, iterations, of the iterate before loss, norm and promise, of the step loss and norms, and the losses.
        let [place, iteration, loss, norm, promised] = [3, 4, 5, 7, 11];
        let [step_loss, step_norm, displacement, length] = [16, 18, 20, 22];
        let first = HEAD;
        let unlike = [loss, promised, step_loss, step_norm, displacement];
        for at in unlike.into_iter().chain([first, first + 2, first + 3]) {
            for value in numbers {
                assert_eq!(
                    forged(at, value),
                    Err(CheckpointError::Impossible),
                    "{at} {value:x}"
                );
            }
        }
        for (at, value) in [
            (place, 0),
            (place, 1),
            (place, 3),
            (iteration, 1),
            (iteration, u64::MAX),
        ] {
            assert_eq!(
                forged(at, value),
                Err(CheckpointError::Impossible),
                "{at} {value}"
            );
        }
        let [path, excess, perturbations, rounding] = [9, 13, 15, 24];
        for at in [norm, path, excess, perturbations, length, rounding] {
            for value in [f64::NAN, -1.0, f64::INFINITY].map(f64::to_bits) {
                assert_eq!(forged(at, value), Err(CheckpointError::Impossible), "{at}");
            }
        }
        training.state = before;
    }

    #[test]
    fn another_recipe_is_found_out() {
        let bytes = trained(3).to_bytes();
        let data = corners();
        let mut other = realised();
        other.promise.target = 1e-2;
        let mut training = Training::new(other, &data.inputs, &data.targets).unwrap();
        assert_eq!(training.restore(&bytes), Err(CheckpointError::OtherRecipe));
    }
}
