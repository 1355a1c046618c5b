//! What P8b.filtered promises, from the constants stated and the Gram matrix of the second proof: the statement of
//! `proofs/p8b-filtered.md`, written out.

use super::promise::{coupling, layer_mean};
use super::spectra::Computed;
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, gamma};
use crate::recipe::certificate::{FilteredPromise, TrainingCertificate};
use nalgebra::DMatrix;

/// Cells of the trapezia of `ω`.
const CELLS: usize = 8;

/// `‖ê_n‖`, `‖v̂ⁿ‖` and `‖J_0*ê_n‖`.
struct Line {
    error: Ball,
    place: Ball,
    pull: Ball,
}

/// The error and the place that the constants stated allow after the steps of P8b.filtered.
pub(super) fn last_iterate(
    certificate: &TrainingCertificate,
    gram: &Computed,
    targets: &DMatrix<f64>,
    promised: &FilteredPromise,
) -> [Ball; 2] {
    let facts = Facts::of(certificate);
    let line = facts.line(gram, targets, promised.iterations as usize);
    facts.follow(&line, promised.rounding)
}

/// The constants stated, and the step.
struct Facts {
    samples: Ball,
    depth: usize,
    scale: Ball,
    smallest: Ball,
    largest: Ball,
    kappa1: Ball,
    kappa2: Ball,
    step: f64,
    /// `η/N`.
    rate: Ball,
}

impl Facts {
    fn of(certificate: &TrainingCertificate) -> Self {
        let constants = &certificate.constants;
        let ball = |x: f64| Ball::from(x);
        let samples = ball(certificate.data.samples as f64);
        Self {
            samples,
            depth: certificate.architecture.depth,
            scale: ball(certificate.scale.chosen),
            smallest: ball(constants.gram_smallest.value),
            largest: ball(constants.gram_largest.value),
            kappa1: ball(constants.kappa1.value),
            kappa2: ball(constants.kappa2.value),
            step: certificate.promise.step,
            rate: ball(certificate.promise.step) / samples,
        }
    }

    /// The linearised training, one target after the other: `e ← e − (ηα²/N)K̂e` from `e = −y`.
    fn line(&self, gram: &Computed, targets: &DMatrix<f64>, steps: usize) -> Vec<Line> {
        let order = gram.matrix.nrows();
        let square = self.scale.square();
        let factor = self.step * square.mid() / order as f64;
        // ‖K̂‖ and what a product with it is off by, of a unit vector.
        let size = Ball::norm_of(gram.matrix.as_slice());
        let off_gram = Ball::from(order as f64) * Ball::from(gram.error);
        let off_product = off_gram + Ball::from(gamma(order + 2)) * size;
        let off_form = off_product + Ball::from(gamma(targets.len() + 2)) * size;
        let slope = self.scale * self.largest.sqrt();
        let times = |x: &DMatrix<f64>| -> DMatrix<f64> {
            let columns: Vec<_> = x.column_iter().map(|x| &gram.matrix * x).collect();
            DMatrix::from_columns(&columns)
        };
        // α√(x·K̂x), of an x that is off.
        let pulled = |x: &DMatrix<f64>, product: &DMatrix<f64>, off: Ball| {
            let form: f64 = x.iter().zip(product.iter()).map(|(a, b)| a * b).sum();
            let doubt = off_form * Ball::norm_of(x.as_slice()).square();
            let root = Ball::from(form.max(0.0)).widened(doubt.upper()).sqrt();
            self.scale * root.widened((slope / self.scale * off).upper())
        };
        let mut error = -targets.transpose();
        let mut sum = DMatrix::zeros(error.nrows(), error.ncols());
        let zero = Ball::from(0.0);
        let (mut off, mut off_sum) = (zero, zero);
        let mut line = Vec::with_capacity(steps + 1);
        for _ in 0..=steps {
            let product = times(&error);
            let norm = Ball::norm_of(error.as_slice());
            line.push(Line {
                error: norm.widened(off.upper()),
                place: self.rate * pulled(&sum, &times(&sum), off_sum),
                pull: pulled(&error, &product, off),
            });
            sum += &error;
            off_sum = off_sum + off + Ball::from(UNIT_ROUNDOFF) * Ball::norm_of(sum.as_slice());
            // The factor itself is rounded four times.
            let doubt = off_product + Ball::from(8.0 * UNIT_ROUNDOFF) * size;
            off = off + self.rate * square * doubt * norm;
            error -= product * factor;
            let after = Ball::norm_of(error.as_slice());
            off = off + Ball::from(2.0 * UNIT_ROUNDOFF) * (norm + after);
        }
        line
    }

    /// The smaller of the two bounds of the second derivative is taken on every cell: both of them at a distance.
    fn second_derivatives(&self, distance: Ball) -> [Ball; 2] {
        let layers = Ball::from(self.depth as f64);
        let mean = |term: &dyn Fn(usize) -> f64| -> Ball {
            let sum: Ball = (0..self.depth).map(|k| Ball::from(term(k))).sum();
            (sum / layers).sqrt()
        };
        let d = self.depth as f64;
        // Means over layers of k(k−1)/2D² and k²(k−1)/2D³: integers, divided at the end.
        let [pairs, cubes] = [
            mean(&|k| (k * k.saturating_sub(1)) as f64) / (Ball::from(2.0).sqrt() * Ball::from(d)),
            mean(&|k| (k * k * k.saturating_sub(1)) as f64)
                / (Ball::from(2.0) * Ball::from(d) * Ball::from(d) * Ball::from(d)).sqrt(),
        ];
        let squares = layer_mean(self.depth);
        let stretch = (self.kappa1 * distance).exp();
        let bend = self.kappa2 * distance * stretch;
        let root = self.largest.sqrt();
        let moved = self.samples.sqrt() * self.kappa1 * distance;
        let by_samples =
            self.samples.sqrt() * (squares * bend + coupling(self.depth) * self.kappa1);
        let others = (layers - Ball::from(1.0)) / layers;
        let by_spectrum = bend * (squares * root + cubes * moved)
            + self.kappa1 * (others * root + Ball::from(2.0) * pairs * moved);
        [by_samples, by_spectrum].map(|inner| self.scale * stretch * inner)
    }

    /// `ω(p)`, by trapezia.
    fn change(&self, place: Ball) -> Ball {
        let cells = Ball::from(CELLS as f64);
        let at = |i: usize| self.second_derivatives(place * Ball::from(i as f64) / cells);
        let values: Vec<[Ball; 2]> = (0..=CELLS).map(at).collect();
        let heights = values.windows(2).map(|pair| {
            let [one, other] = [0, 1].map(|which| pair[0][which] + pair[1][which]);
            one.min(other)
        });
        place * heights.sum::<Ball>() / (Ball::from(2.0) * cells)
    }

    /// The largest `λ^{p/2}|1 − ηλ/N|^i` of all `λ` between the eigenvalues stated, times `α²`.
    fn filtered(&self, power: usize, steps: usize) -> Ball {
        let (one, square) = (Ball::from(1.0), self.scale.square());
        let [low, high] = [square * self.smallest, square * self.largest];
        let at =
            |value: Ball| value.sqrt().powi(power) * (one - self.rate * value).abs().powi(steps);
        let ends = at(low).max(at(high));
        if power == 0 || steps == 0 {
            return ends;
        }
        let share = power as f64 / (2 * steps + power) as f64;
        let peak = Ball::new(share, share * f64::EPSILON) / self.rate;
        if peak.upper() < low.lower() || peak.lower() > high.upper() {
            return ends;
        }
        ends.max(at(peak))
    }

    /// A bound of `(η/N)‖J_0*Σ_{l<i}A^l‖`.
    fn gathered(&self, steps: usize) -> Ball {
        if steps == 0 {
            return Ball::from(0.0);
        }
        let (one, square) = (Ball::from(1.0), self.scale.square());
        let far = (self.rate * square * self.largest - one).positive_part();
        let most = one + far.powi(steps);
        let early = (self.rate * Ball::from(steps as f64) * most).sqrt();
        let kept = self.filtered(0, 1).min(one);
        let (mut power, mut sum) = (one, Ball::from(0.0));
        for _ in 0..steps {
            sum = sum + power;
            power = power * kept;
        }
        let each = self.rate * self.scale * self.largest.sqrt() * sum;
        early
            .min(each)
            .min(most / (self.scale * self.smallest.sqrt()))
    }

    /// The sums of P8b.filtered, each written out anew at every step.
    fn follow(&self, line: &[Line], rounding: f64) -> [Ball; 2] {
        let (zero, off) = (Ball::from(0.0), Ball::from(rounding));
        let mut pushes: Vec<Ball> = Vec::new();
        let mut turns: Vec<Ball> = Vec::new();
        let filters: Vec<[Ball; 4]> = (0..line.len())
            .map(|i| {
                let [kept, pushed, pulled] = [0, 1, 2].map(|power| self.filtered(power, i));
                [kept.min(Ball::from(1.0)), pushed, pulled, self.gathered(i)]
            })
            .collect();
        let mut error = line[0].error;
        let (mut place, mut bent, mut gap_of_pull) = (zero, zero, zero);
        for (n, at) in line.iter().enumerate().skip(1) {
            let before = &line[n - 1];
            let bend = bent * error;
            let pull = before.pull + gap_of_pull + bend;
            pushes.push(self.rate * bend + off);
            let way = self.rate * pull + off;
            let all: Ball = pushes.iter().copied().sum();
            let gathered: Ball = (0..n - 1).map(|j| filters[n - 1 - j][3] * turns[j]).sum();
            place = (at.place + all + gathered).min(place + way);
            let moved = self.change(place);
            turns.push((bent + moved) / Ball::from(2.0) * way);
            let sum = |of_push: usize, of_turn: usize| -> Ball {
                let term = |j: usize| {
                    let filter = filters[n - 1 - j];
                    filter[of_push] * pushes[j] + filter[of_turn] * turns[j]
                };
                (0..n).map(term).sum()
            };
            error = at.error + sum(1, 0);
            gap_of_pull = sum(2, 1);
            bent = moved;
        }
        [error, place]
    }
}
