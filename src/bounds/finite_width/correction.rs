//! Relative corrections of a leading term in `1/M`.

use super::{Majorant, MajorantTraining, Majorants, Perturbed};
use crate::arithmetic::Ball;
use crate::factor::named;

/// A mean square `X_M` of fluctuations with the leading term `V/M`:
/// `((1 − own/M)√V − influence/M)₊² ≤ M·X_M ≤ (√V + influence/M)² + rest/M`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fluctuation {
    /// What the influence of a particle differs by from that in the limit, times `M`.
    pub influence: Ball,
    /// Squares of means and of what is not additive, times `M²`.
    pub rest: Ball,
    /// 1 if a quantity belongs to one of the particles, which is not drawn again; else 0.
    pub own: Ball,
    /// An upper bound of `√V`.
    pub largest: Ball,
}

/// Second and third derivatives of a quantity, sums over the layers.
#[derive(Clone, Copy, Debug)]
struct Derivatives {
    /// `τ`: the root of `Σ_lτ_l²`, `τ_l = 2(d_2(l, l) + Σ_l'd_3(l, l', l'))` and what a particle of its own adds.
    influence: Ball,
    /// `Σ_{k,l}d_2(k, l)²`.
    squares: Ball,
    /// `Σ_l d_2(l, l)`.
    diagonal: Ball,
    /// `(Σ_l d_1(l)²)^{1/2} ≥ √V`.
    largest: Ball,
}

fn two() -> Ball {
    Ball::from(2.0)
}

impl Derivatives {
    /// # Arguments
    /// * `label`: the layer of the particle that the quantity belongs to.
    fn of(
        training: &MajorantTraining,
        label: Option<usize>,
        quantity: impl Fn(&Majorants) -> Majorant,
    ) -> Self {
        let zero = Ball::from(0.0);
        let along = |first: usize, twice: usize| {
            let [first, twice] = [first, twice].map(Perturbed::Layer);
            quantity(&training.majorants([first, twice, twice]))
        };
        let (mut influence, mut squares, mut diagonal) = (zero, zero, zero);
        let mut largest = zero;
        for first in training.measures() {
            let mut own = zero;
            for twice in training.measures() {
                let found = along(first, twice);
                squares = squares + found.along(0b011).square();
                own = own + named("influence: third derivatives", two() * found.along(0b111));
                if twice == first {
                    own = own + named("influence: second derivative", two() * found.along(0b110));
                    diagonal = diagonal + found.along(0b110);
                    largest = largest + named("fluctuation: d1", found.along(0b001)).square();
                }
                if label == Some(twice) {
                    own = own + named("influence: label", two() * found.along(0b011));
                }
            }
            influence = influence + own.square();
        }
        Self {
            influence: influence.sqrt(),
            squares,
            diagonal,
            largest: largest.sqrt(),
        }
    }

    fn additive(&self) -> Fluctuation {
        Fluctuation {
            influence: self.influence,
            rest: named("fluctuation: R", two() * self.squares),
            own: Ball::from(0.0),
            largest: self.largest,
        }
    }
}

impl Fluctuation {
    /// The variance of a quantity of a trained network.
    pub fn variance(
        training: &MajorantTraining,
        quantity: impl Fn(&Majorants) -> Majorant,
    ) -> Self {
        Derivatives::of(training, None, quantity).additive()
    }

    /// The mean square distance of a quantity from its limit: the square of its bias comes on top.
    pub fn error(training: &MajorantTraining, quantity: impl Fn(&Majorants) -> Majorant) -> Self {
        let derivatives = Derivatives::of(training, None, quantity);
        let mut error = derivatives.additive();
        error.rest = error.rest + named("fluctuation: bias", two() * derivatives.diagonal).square();
        error
    }

    /// The mean square difference of a quantity between a network and one `times` as wide that it is part of; its
    /// leading term is `V(1 − 1/times)/M`, which stands for `V/M`.
    pub fn coupled(
        training: &MajorantTraining,
        times: usize,
        quantity: impl Fn(&Majorants) -> Majorant,
    ) -> Self {
        let derivatives = Derivatives::of(training, None, quantity);
        derivatives.between(times, Ball::from(0.0))
    }

    /// The same of a particle of layer `label`, which both networks have.
    ///
    /// # Arguments
    /// * `narrowest`: the least `M`.
    #[must_use]
    pub fn coupled_particle(
        training: &MajorantTraining,
        times: usize,
        label: usize,
        narrowest: usize,
    ) -> Self {
        let quantity = |found: &Majorants| found.particles[label].norm();
        let derivatives = Derivatives::of(training, Some(label), quantity);
        let layer = Perturbed::Layer(label);
        let found = quantity(&training.majorants([layer; 3]));
        let one = Ball::from(1.0);
        let share = one / Ball::from(times as f64);
        // Its own weight differs: (1 − 1/times)d_1, and the curvature along its own direction.
        let curvature = named(
            "coupling: curvature of its own",
            two() * (one + share.square()) * found.along(0b011),
        );
        let weight = named(
            "coupling: weight of its own",
            (one - share) * found.along(0b001),
        );
        let own = weight + curvature / Ball::from(narrowest as f64);
        Self {
            own: one,
            ..derivatives.between(times, own)
        }
    }

    /// The largest correction of several with one leading term, their mean.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        Self {
            influence: self.influence.max(other.influence),
            rest: self.rest.max(other.rest),
            own: self.own.max(other.own),
            largest: self.largest.max(other.largest),
        }
    }

    /// Tells whether the correction can be smaller than the leading term, were that as large as its bound.
    #[must_use]
    pub fn is_possible(&self, width: usize) -> bool {
        self.logarithm(width, self.largest).is_some()
    }

    /// Returns a lower bound of `√V` from one of `M·X_M`.
    #[must_use]
    pub fn root(&self, width: usize, at_least: Ball) -> Ball {
        let m = Ball::from(width as f64);
        let rest = named("correction: rest/M", self.rest / m);
        (at_least - rest).positive_part().sqrt() - named("correction: τ/M", self.influence / m)
    }

    /// Returns what holds the logarithm of `M·X_M/V`; `None` where the lower bound of `X_M` is not certainly positive.
    ///
    /// # Arguments
    /// * `root`: a lower bound of `√V`.
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, bounds::finite_width::Fluctuation};
    /// let [influence, rest, own, largest] = [2.0, 3.0, 0.0, 1.0].map(Ball::from);
    /// let correction = Fluctuation { influence, rest, own, largest };
    /// let found = correction.logarithm(8, Ball::from(0.5)).unwrap();
    /// // (1 − 2/(8·½))² and (1 + ½)² + 3/(8·¼)
    /// assert!(found.contains(0.25f64.ln()) && found.contains(3.75f64.ln()));
    /// assert!(correction.logarithm(8, Ball::from(0.25)).is_none());
    /// ```
    #[must_use]
    pub fn logarithm(&self, width: usize, root: Ball) -> Option<Ball> {
        let (m, one) = (Ball::from(width as f64), Ball::from(1.0));
        let shift = named("correction: τ/M", self.influence / m) / root;
        let low = one - named("correction: own/M", self.own / m) - shift;
        if !(root.lower() > 0.0 && low.lower() > 0.0) {
            return None;
        }
        let rest = named("correction: rest/M", self.rest / m) / root.square();
        let high = (one + shift).square() + rest;
        let (low, high) = (low.square().ln(), high.ln());
        Some(Ball::from_bounds(low.lower(), high.upper()))
    }
}

impl Derivatives {
    /// # Arguments
    /// * `own`: what else the means of both differ by, times `M`.
    fn between(&self, times: usize, own: Ball) -> Fluctuation {
        let one = Ball::from(1.0);
        let r = one / Ball::from(times as f64);
        // Of the first M particles M^{−2}(1 + r²), of the others r²M^{−2}, each times τ.
        let first = named("coupling: particles of both", (one + r.square()).square());
        let others = named("coupling: other particles", (one - r) * r * r.square());
        let mean = own + named("coupling: bias", (one + r) * two() * self.diagonal);
        let second = named("coupling: R", (one + r).square() * two() * self.squares);
        Fluctuation {
            influence: (first + others).sqrt() * self.influence,
            rest: second + mean.square(),
            own: Ball::from(0.0),
            largest: self.largest,
        }
    }
}

/// A mean `X_M` of a quantity that does not vanish in the limit, within `bias/M` of it, and how it scatters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// `M|X_M − X_∞|`.
    pub bias: Ball,
    /// `(Σ_l(2d_1(l))²)^{1/2}`, the bounded differences of all particles together, times `√M`.
    pub differences: Ball,
}

impl Drift {
    /// Of the mean square displacement, [`MajorantTraining::displacement`].
    ///
    /// # Arguments
    /// * `slow`: the rate of `(w, b)` is `1/M` instead of 1.
    #[must_use]
    pub fn displacement(training: &MajorantTraining, slow: bool) -> Self {
        let zero = Ball::from(0.0);
        let (mut bias, mut squares) = (zero, zero);
        for layer in training.measures() {
            let layer = Perturbed::Layer(layer);
            let last = if slow { Perturbed::Rate } else { layer };
            let found = training.displacement([layer, layer, last]);
            bias = bias + named("drift: second derivative", two() * found.along(0b011));
            let difference = named("drift: difference", two() * found.along(0b001));
            squares = squares + difference.square();
            if slow && layer == Perturbed::Layer(0) {
                bias = bias + named("drift: along the rate", found.along(0b100));
            }
        }
        Self {
            bias,
            differences: squares.sqrt(),
        }
    }

    /// Returns a lower bound of `X_∞` that holds but with this probability, from the mean over independent networks:
    /// by McDiarmid's inequality it is at most `differences·(ln(1/failure)/2nM)^{1/2}` above its expectation.
    #[must_use]
    pub fn limit(&self, width: usize, mean: f64, networks: usize, failure: f64) -> Ball {
        let m = Ball::from(width as f64);
        let level = -Ball::from(failure).ln();
        let count = two() * m * Ball::from(networks as f64);
        let deviation = named("drift: deviation", (level / count).sqrt());
        let bias = named("drift: bias/M", self.bias / m);
        Ball::from(mean) - self.differences * deviation - bias
    }

    /// Returns what holds `E ln Y − ln X_∞`, `Y` the mean over some independent networks; `None` where the bias is
    /// not certainly below `X_∞`.
    ///
    /// `ln EY ≥ E ln Y ≥ ln EY − Var Y/(EY)²`, and by Efron and Stein `Var Y ≤ differences²/4nM`.
    ///
    /// # Arguments
    /// * `limit`: a lower bound of `X_∞`.
    #[must_use]
    pub fn logarithm(&self, width: usize, limit: Ball, networks: usize) -> Option<Ball> {
        let (m, one) = (Ball::from(width as f64), Ball::from(1.0));
        let shift = named("drift: bias/M", self.bias / m) / limit;
        let low = one - shift;
        if !(limit.lower() > 0.0 && low.lower() > 0.0) {
            return None;
        }
        let variance = self.differences.square() / (Ball::from(4.0 * networks as f64) * m);
        let scatter = named("drift: scatter", variance) / (limit * low).square();
        let (low, high) = (low.ln() - scatter, (one + shift).ln());
        Some(Ball::from_bounds(low.lower(), high.upper()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{assert_agrees, balls};

    /// One sample, two layers.
    fn training() -> MajorantTraining {
        MajorantTraining {
            amplitude: Ball::from(1.5),
            frequency: Ball::from(2.0),
            points: balls(&[0.5]),
            errors: balls(&[0.25]),
            depth: 2,
            scale: Ball::from(1.0),
            step: Ball::from(0.0625),
            steps: 3,
            rate: Ball::from(1.0),
            shared: false,
        }
    }

    /// The derivatives of the output along layers `k`, `l`, `l`: of orders 1, 2 and 3.
    fn derivatives(quantity: impl Fn(&Majorants) -> Majorant, k: usize, l: usize) -> [f64; 3] {
        let found = training().majorants([k, l, l].map(Perturbed::Layer));
        let found = quantity(&found);
        [1, 3, 7].map(|set| found.along(set).mid())
    }

    fn close(found: Ball, expected: f64) {
        assert!(
            (found.mid() / expected - 1.0).abs() < 1e-12,
            "{found:?} {expected:e}"
        );
    }

    #[test]
    fn corrections_are_their_formulas() {
        let output = |found: &Majorants| found.outputs[0];
        let d = |k, l| derivatives(output, k, l);
        let tau = |k: usize| 2.0 * (d(k, k)[1] + d(k, 0)[2] + d(k, 1)[2]);
        let influence = tau(0).hypot(tau(1));
        let squares: f64 = [(0, 0), (0, 1), (1, 0), (1, 1)]
            .map(|(k, l)| d(k, l)[1].powi(2))
            .iter()
            .sum();
        let diagonal = d(0, 0)[1] + d(1, 1)[1];
        let variance = Fluctuation::variance(&training(), output);
        close(variance.influence, influence);
        close(variance.rest, 2.0 * squares);
        close(variance.largest, d(0, 0)[0].hypot(d(1, 1)[0]));
        assert_eq!(variance.own.mid(), 0.0);
        let error = Fluctuation::error(&training(), output);
        close(error.influence, influence);
        close(error.rest, 2.0 * squares + (2.0 * diagonal).powi(2));
        let coupled = Fluctuation::coupled(&training(), 4, output);
        // r = ¼: (1 + 1/16)² + ¾/64.
        close(
            coupled.influence,
            (1.128_906_25_f64 + 0.011_718_75).sqrt() * influence,
        );
        let rest = 1.5625 * 2.0 * squares + (1.25 * 2.0 * diagonal).powi(2);
        close(coupled.rest, rest);
        assert_eq!(coupled.own.mid(), 0.0);
    }

    #[test]
    fn particles_move_themselves() {
        let label = 1;
        let of = |found: &Majorants| found.particles[label].norm();
        let d = |k, l| derivatives(of, k, l);
        let tau = |k: usize| 2.0 * (d(k, k)[1] + d(k, 0)[2] + d(k, 1)[2]) + 2.0 * d(k, label)[1];
        let squares: f64 = [(0, 0), (0, 1), (1, 0), (1, 1)]
            .map(|(k, l)| d(k, l)[1].powi(2))
            .iter()
            .sum();
        let found = Fluctuation::coupled_particle(&training(), 2, label, 16);
        // r = ½: (1 + ¼)² + ½·⅛.
        close(found.influence, 1.625_f64.sqrt() * tau(0).hypot(tau(1)));
        let own = 0.5 * d(1, 1)[0] + 2.0 * 1.25 * d(1, 1)[1] / 16.0;
        let mean = own + 1.5 * 2.0 * (d(0, 0)[1] + d(1, 1)[1]);
        close(found.rest, 2.25 * 2.0 * squares + mean * mean);
        assert_eq!(found.own.mid(), 1.0);
        let other = Fluctuation::coupled_particle(&training(), 2, 0, 16);
        let joined = found.joined(other);
        assert!(joined.influence.mid() >= found.influence.mid().max(other.influence.mid()));
        assert!(joined.rest.mid() >= found.rest.mid().max(other.rest.mid()));
        assert!(joined.largest.mid() >= found.largest.mid().max(other.largest.mid()));
    }

    fn fluctuation(own: f64) -> Fluctuation {
        let [influence, rest, own, largest] = [2.0, 3.0, own, 1.0].map(Ball::from);
        Fluctuation {
            influence,
            rest,
            own,
            largest,
        }
    }

    #[test]
    fn logarithms_hold_both_ends_and_roots_undo_them() {
        let found = fluctuation(1.0).logarithm(16, Ball::from(0.5)).unwrap();
        let low = (1.0_f64 - 1.0 / 16.0 - 0.25).powi(2).ln();
        let high = (1.25_f64.powi(2) + 3.0 / (0.25 * 16.0)).ln();
        assert!((found.lower() - low).abs() < 1e-13 && (found.upper() - high).abs() < 1e-13);
        // M·X_M at its largest, V = ¼.
        let largest = (0.5_f64 + 2.0 / 16.0).powi(2) + 3.0 / 16.0;
        assert_agrees(fluctuation(0.0).root(16, Ball::from(largest)), 0.5, 40);
        assert!(fluctuation(0.0).root(16, Ball::from(0.1)).upper() < 0.0);
        // 2/M < 1, and with its own particle 3/M < 1.
        assert!(fluctuation(0.0).is_possible(3) && !fluctuation(0.0).is_possible(2));
        assert!(fluctuation(1.0).is_possible(4) && !fluctuation(1.0).is_possible(3));
        assert!(fluctuation(0.0).logarithm(16, Ball::from(-1.0)).is_none());
        assert!(fluctuation(0.0).logarithm(16, Ball::EVERYTHING).is_none());
    }

    #[test]
    fn drifts_are_their_formulas() {
        let layers = [0, 1].map(Perturbed::Layer);
        let of = |layer, last| training().displacement([layer, layer, last]);
        let drift = Drift::displacement(&training(), false);
        let second: f64 = layers.iter().map(|&l| of(l, l).along(3).mid()).sum();
        let first = layers.map(|l| of(l, l).along(1).mid());
        close(drift.bias, 2.0 * second);
        close(drift.differences, 2.0 * first[0].hypot(first[1]));
        let slow = Drift::displacement(&training(), true);
        let rate = of(layers[0], Perturbed::Rate).along(4).mid();
        close(slow.bias, 2.0 * second + rate);
        assert_eq!(slow.differences, drift.differences);
    }

    #[test]
    fn drifts_bound_means_and_their_logarithms() {
        let drift = Drift {
            bias: Ball::from(2.0),
            differences: Ball::from(3.0),
        };
        // e^{−8}: 3·(8/(2·10·20))^{1/2}.
        let limit = drift.limit(20, 1.0, 10, (-8.0_f64).exp());
        assert!((limit.mid() - (1.0 - 3.0 * 0.02_f64.sqrt() - 0.1)).abs() < 1e-13);
        let found = drift.logarithm(8, Ball::from(0.5), 6).unwrap();
        // 1 ∓ 2/(½·8), and 9/(4·6·8) over (½·½)².
        let low = 0.5_f64.ln() - 9.0 / 192.0 / 0.0625;
        assert!((found.lower() - low).abs() < 1e-13);
        assert!((found.upper() - 1.5_f64.ln()).abs() < 1e-13);
        assert!(drift.logarithm(8, Ball::from(0.25), 6).is_none());
        assert!(drift.logarithm(8, Ball::from(-1.0), 6).is_none());
    }
}
