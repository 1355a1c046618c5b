//! The lazy regime: training as an analytic function of `1/α` (P11).

use super::Neighbourhood;
use super::curvature::jacobian_lipschitz;
use crate::arithmetic::{Ball, count};
use crate::factor::named;

/// The constants `[κ0, κ1, κ2]` of a space of vector fields at complex states.
///
/// A field extends to complex states as its features do. With spectral measure `μ` and `‖Im z‖ ≤ r`,
/// `‖φ(z)‖² = E cosh(2ω·Im z)`, and likewise with `(ω·h)²` and `(ω·h)⁴` for the derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ComplexField {
    /// Finitely many frequencies: the real constants times `√cosh(2Ωr)`.
    Features {
        /// `κ̂1`.
        kappa1: Ball,
        /// `κ̂2`.
        kappa2: Ball,
        /// `Ω`, the largest length of a frequency.
        longest: Ball,
    },
    /// The Gaussian kernel, whose frequencies are tilted to `N(2b/σ², σ⁻²I)`, `b = Im z`.
    Gaussian {
        /// `σ`.
        sigma: Ball,
    },
}

impl ComplexField {
    /// Returns `[κ0, κ1, κ2]` where `‖Im z‖ ≤ reach`; those of real states at 0.
    ///
    /// # Source
    /// `proofs/p11-lazy.md`, *Complex states*.
    #[must_use]
    pub fn constants(&self, reach: Ball) -> [Ball; 3] {
        let one = Ball::from(1.0);
        match *self {
            Self::Features {
                kappa1,
                kappa2,
                longest,
            } => {
                let phase =
                    named("complex field: 2ω·reach", Ball::from(2.0) * longest * reach).exp();
                let growth = (Ball::from(0.5) * (phase + one / phase)).sqrt();
                [
                    growth,
                    named("complex field: κ1", kappa1) * growth,
                    named("complex field: κ2", kappa2) * growth,
                ]
            }
            Self::Gaussian { sigma } => {
                let square = named("complex field: (reach/σ)²", (reach / sigma).square());
                let growth = square.exp();
                let second = one
                    + named("complex field: 4 of the first derivative", Ball::from(4.0)) * square;
                let fourth = named("complex field: 3", Ball::from(3.0))
                    + named("complex field: 24", Ball::from(24.0)) * square
                    + named("complex field: 16", Ball::from(16.0)) * square.square();
                [
                    growth,
                    growth * second.sqrt() / sigma,
                    growth * fourth.sqrt() / sigma.square(),
                ]
            }
        }
    }
}

/// What gradient descent on a model that is zero at zero starts from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LazyStart {
    /// `λ`, the smallest eigenvalue of `K = J_0J_0ᵀ`.
    pub smallest: Ball,
    /// `λ_max(K)`.
    pub largest: Ball,
    /// `‖y‖`.
    pub targets: Ball,
}

/// The lifted network, in units of `α = 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LazyTask {
    /// `N`.
    pub samples: usize,
    /// `D`.
    pub depth: usize,
    /// `K` is the Gram matrix of the lifted inputs.
    pub start: LazyStart,
    /// The constants of the fields.
    pub field: ComplexField,
}

/// A disc of complex `ε = 1/α` on which every iterate stays in a ball, with bounds that hold on all of it.
///
/// # Source
/// `proofs/p11-lazy.md`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LazyDisc {
    start: LazyStart,
    /// `ρ`: `‖v‖ ≤ ρ`.
    radius: Ball,
    /// `Q`: `‖J(v) − J(w)‖ ≤ Q‖v − w‖` on the ball.
    lipschitz: Ball,
}

/// Returns the largest `‖h(w) − h(w')‖` of functions that are analytic and bounded by `bound` on the unit disc,
/// by Schwarz and Pick: `2δ/(1 + √(1 − δ²))` of the bound, `δ = (w − w')/(1 − ww')`.
///
/// # Arguments
/// * `far`, `near`: real, `0 ≤ w' ≤ w < 1`.
///
/// # Source
/// `proofs/p11-remainder.md`.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::disc_spread};
/// let [bound, far, near] = [3.0, 0.6, 0.0].map(Ball::from);
/// // 3·1.2/1.8.
/// assert!(disc_spread(bound, far, near).contains(2.0));
/// ```
#[must_use]
pub fn disc_spread(bound: Ball, far: Ball, near: Ball) -> Ball {
    let one = Ball::from(1.0);
    let distance = named("disc spread: δ", (far - near) / (one - far * near));
    let narrowed = named("disc spread: √(1 − δ²)", (one - distance.square()).sqrt());
    named("disc spread: 2", Ball::from(2.0)) * bound * distance / (one + narrowed)
}

/// How an analytic function of `ε` starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leading {
    /// With its first power.
    First,
    /// With its second, and only even ones follow.
    Even,
}

impl Leading {
    /// Returns the power.
    #[must_use]
    pub fn order(self) -> usize {
        match self {
            Self::First => 1,
            Self::Even => 2,
        }
    }

    /// Returns the distance of two powers that occur.
    fn gap(self) -> usize {
        self.order()
    }

    /// Bounds such a function at `x = ε/ε*` that is bounded by `bound` on the disc: by Schwarz's lemma it is at most
    /// `bound·x^p`, `p` its leading power.
    #[must_use]
    pub fn whole(self, bound: Ball, x: Ball) -> Ball {
        named("lazy powers: leading", x.powi(self.order())) * bound
    }

    /// Bounds what such a function has beyond its first power, which an even one lacks.
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, bounds::Leading};
    /// let [bound, x] = [3.0, 0.6].map(Ball::from);
    /// assert!(Leading::First.beyond(bound, x).contains(1.2));
    /// assert!(Leading::Even.beyond(bound, x).contains(1.08));
    /// ```
    #[must_use]
    pub fn beyond(self, bound: Ball, x: Ball) -> Ball {
        match self {
            Self::First => self.whole(disc_spread(bound, x, Ball::from(0.0)), x),
            Self::Even => self.whole(bound, x),
        }
    }

    /// Bounds `|‖f(ε)‖/(2^p‖f(ε/2)‖) − 1|` for such a function, whose leading power is `p` and whose next is `p + g`:
    /// by the lesser of what Schwarz and Pick leave of `‖f(ε) − 2^pf(ε/2)‖`, and of
    ///
    /// ```text
    /// 2^g·2^p·‖f(ε/2) − 2^p·f(ε/4)‖ + bound·x^p·Σ_{j≥2} (1 − 2^{−gj})(1 − 2^{g−gj})·x^{gj},
    /// ```
    ///
    /// each divided by `2^p·‖f(ε/2)‖`: the next power is that of the difference at the next two scales.
    ///
    /// # Arguments
    /// * `finer`: `‖f(ε/2)‖`; `difference`: `‖f(ε/2) − 2^pf(ε/4)‖`.
    ///
    /// # Source
    /// `proofs/p11-remainder.md`.
    pub fn share(self, bound: Ball, x: Ball, finer: Ball, difference: Ball) -> Ball {
        let two = Ball::from(2.0);
        let (scale, half) = (two.powi(self.order()), two.powi(self.gap()));
        let w = x.powi(self.gap());
        let pick = self.whole(disc_spread(bound, w, w / half), x);
        let next = named(
            "lazy share: next",
            self.whole(bound, x) * Self::second(w, half),
        );
        let measured = named("lazy share: difference", scale * half * difference);
        let finer = named("lazy share: 2^p", scale) * finer;
        let shares = [pick / finer, (measured + next) / finer].map(Ball::upper);
        // A ball rounds upwards: what is known of a bound is its upper end.
        Ball::from(shares[0].min(shares[1]))
    }

    /// `Σ_{j≥2} (1 − h^{−j})(1 − h^{1−j})w^j`: what `f(w) − (1 + h)f(w/h) + h·f(w/h²)` is of `w²/(1 − w)`.
    fn second(w: Ball, h: Ball) -> Ball {
        let one = Ball::from(1.0);
        let from_second = |w: Ball| w.square() / (one - w);
        from_second(w) - (one + h) * from_second(w / h) + h * from_second(w / h.square())
    }
}

/// Radii that are tried: this many a factor of two, down to `2⁻¹⁶` of the unit.
const RADII: i32 = 4;

/// How far the constants hold, in units of `ρ`. Any number would do for which `κ0ρ` is not further.
const REACH: f64 = 2.0;

impl ComplexField {
    /// Returns `Q`, a Lipschitz constant of the derivative of the stacked outputs of a lifted network for complex
    /// parameters `‖v‖ ≤ ρ`, if its states certainly stay where the constants hold.
    ///
    /// # Arguments
    /// * `samples`: `N`; `depth`: `D`; `radius`: `ρ`.
    #[must_use]
    pub fn lipschitz(&self, samples: usize, depth: usize, radius: Ball) -> Option<Ball> {
        let one = Ball::from(1.0);
        let reach = Ball::from(REACH) * radius;
        let [kappa0, kappa1, kappa2] = self.constants(reach);
        let around = Neighbourhood {
            kappa0,
            kappa1,
            kappa2,
            depth,
            centre_norm: Ball::from(0.0),
            radius,
        };
        // Two different layers: 2Σ_{l<k}‖h_l‖‖h_k‖ ≤ (1 − 1/D)D²‖h‖².
        let coupling = named("lazy disc: 1 − 1/D", one - one / count(depth));
        let lipschitz = jacobian_lipschitz(samples, one, &around, coupling);
        // ‖z_k − Ax‖ ≤ D⁻¹Σ‖v_l(z_l)‖ ≤ κ0ρ, as long as no earlier state is further.
        let near = (kappa0 * radius).upper() <= reach.lower();
        near.then_some(lipschitz)
    }
}

impl LazyDisc {
    /// Returns the disc whose bound of what remains after the second power that occurs is the least, of a
    /// grid of radii; `None` if there is none, or nothing to learn.
    ///
    /// # Arguments
    /// * `unit`: the largest radius that is tried, `1/κ1` or so.
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, bounds::{ComplexField, LazyDisc, LazyStart, LazyTask, Leading}};
    /// let ball = Ball::from;
    /// let task = LazyTask {
    ///     samples: 3, depth: 4,
    ///     start: LazyStart { smallest: ball(0.5), largest: ball(1.5), targets: ball(1.0) },
    ///     field: ComplexField::Gaussian { sigma: ball(1.0) },
    /// };
    /// let disc = LazyDisc::best(task, 1.0, Leading::Even).expect("a disc");
    /// assert!(disc.scale().lower() > 1.0 && disc.tangent_change().upper() < 0.5);
    /// ```
    #[must_use]
    pub fn best(task: LazyTask, unit: f64, leading: Leading) -> Option<Self> {
        let power = leading.order() + 2 * leading.gap();
        let remainder = |disc: &Self| (disc.tangent_change() * disc.scale().powi(power)).upper();
        let radii = (0..=16 * RADII).map(|k| unit * 0.5_f64.powf(f64::from(k) / f64::from(RADII)));
        radii
            .filter_map(|radius| Self::at(task, radius))
            .min_by(|a, b| remainder(a).total_cmp(&remainder(b)))
    }

    /// Returns the disc of radius `ρ` for a lifted network, if its conditions certainly hold.
    fn at(task: LazyTask, radius: f64) -> Option<Self> {
        let radius = Ball::from(radius);
        let lipschitz = task.field.lipschitz(task.samples, task.depth, radius)?;
        Self::of_model(task.start, radius, lipschitz)
    }

    /// Returns the disc of radius `ρ` for any model whose derivative has the Lipschitz constant `Q` on complex
    /// `‖v‖ ≤ ρ`, if it certainly has something to learn and `τ < λ`.
    #[must_use]
    pub fn of_model(start: LazyStart, radius: Ball, lipschitz: Ball) -> Option<Self> {
        let disc = Self {
            start,
            radius,
            lipschitz,
        };
        let known = start.smallest.lower() > 0.0 && start.targets.lower() > 0.0;
        (known && disc.margin().lower() > 0.0).then_some(disc)
    }

    /// Returns `S = √λ_max(K) = ‖J_0‖`.
    #[must_use]
    pub fn slope(&self) -> Ball {
        self.start.largest.sqrt()
    }

    /// Returns `Q`, a Lipschitz constant of the derivative of the stacked outputs.
    #[must_use]
    pub fn lipschitz(&self) -> Ball {
        self.lipschitz
    }

    /// Returns `b = Qρ`, a bound of `‖J − J_0‖`.
    #[must_use]
    pub fn bend(&self) -> Ball {
        named("lazy disc: bend", self.lipschitz * self.radius)
    }

    /// Returns `τ = b(2S + b)`, a bound of the change of the tangent kernel.
    #[must_use]
    pub fn tangent_change(&self) -> Ball {
        let steeper = named("lazy disc: 2·slope", Ball::from(2.0) * self.slope())
            + named("lazy disc: second bend", self.bend());
        self.bend() * steeper
    }

    /// `λ − τ`.
    fn margin(&self) -> Ball {
        named("lazy disc: λ", self.start.smallest) - self.tangent_change()
    }

    /// Returns `θ = 1 − (η/N)(λ − τ)`, a bound of what a step leaves of an error, for `η ≤ 2N/(λ_max + λ_min)`.
    ///
    /// # Arguments
    /// * `rate`: `η/N`.
    #[must_use]
    pub fn contraction(&self, rate: Ball) -> Ball {
        Ball::from(1.0) - named("lazy contraction: ηλ", rate * self.margin())
    }

    /// Returns `τ‖y‖/λ`, a bound of `‖e_n − ê_n‖` for every `n`.
    #[must_use]
    pub fn error_gap(&self) -> Ball {
        named(
            "lazy error gap: change/λ",
            self.tangent_change() / self.start.smallest,
        ) * self.start.targets
    }

    /// Returns `(τ/√λ + b)‖y‖/(λ − τ)`, a bound of `‖u_n − û_n‖` for every `n`, `u = αv`.
    #[must_use]
    pub fn drift(&self) -> Ball {
        let turned = self.tangent_change() / self.start.smallest.sqrt();
        let relative = named("lazy drift: turned", turned) + named("lazy drift: bend", self.bend());
        relative / self.margin() * self.start.targets
    }

    /// Returns a bound of `‖u_m − u_n‖` for every `m ≥ n` and an error `‖e_n‖`: `(√λ + b)‖e_n‖/(λ − τ)`.
    #[must_use]
    pub fn rest(&self, error: Ball) -> Ball {
        let steepest = named("lazy rest: √λ", self.start.smallest.sqrt())
            + named("lazy rest: bend", self.bend());
        steepest * error / self.margin()
    }

    /// Returns `α* = rest(‖y‖)/ρ`, which keeps `‖v‖ ≤ ρ`: the disc is `|ε| ≤ 1/α*`.
    #[must_use]
    pub fn scale(&self) -> Ball {
        self.rest(self.start.targets) / named("lazy scale: ρ", self.radius)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;

    fn ball(x: f64) -> Ball {
        Ball::from(x)
    }

    /// Features of constants one, two and three.
    const FEATURES: [f64; 3] = [1.0, 2.0, 3.0];

    fn features([kappa1, kappa2, longest]: [f64; 3]) -> ComplexField {
        ComplexField::Features {
            kappa1: ball(kappa1),
            kappa2: ball(kappa2),
            longest: ball(longest),
        }
    }

    const START: [f64; 3] = [0.5, 2.0, 1.5];

    fn start([smallest, largest, targets]: [f64; 3]) -> LazyStart {
        LazyStart {
            smallest: ball(smallest),
            largest: ball(largest),
            targets: ball(targets),
        }
    }

    fn task(field: ComplexField) -> LazyTask {
        LazyTask {
            samples: 3,
            depth: 4,
            start: start(START),
            field,
        }
    }

    #[test]
    fn constants_of_real_states_are_the_real_ones() {
        let [one, kappa1, kappa2] = features(FEATURES).constants(ball(0.0));
        assert!(one.contains(1.0) && kappa1.contains(1.0) && kappa2.contains(2.0));
        let gaussian = ComplexField::Gaussian { sigma: ball(2.0) };
        let [one, kappa1, kappa2] = gaussian.constants(ball(0.0));
        assert!(one.contains(1.0) && kappa1.contains(0.5));
        assert!((kappa2.mid() - 3f64.sqrt() / 4.0).abs() < 1e-15);
    }

    /// `|cos(a + ib)|² + |sin(a + ib)|²` by the addition theorems.
    #[test]
    fn one_frequency_grows_as_its_cosine_and_sine() {
        let (phase, reach) = (0.7_f64, 0.2_f64);
        let b = 3.0 * reach;
        let cosine = (phase.cos() * b.cosh()).powi(2) + (phase.sin() * b.sinh()).powi(2);
        let sine = (phase.sin() * b.cosh()).powi(2) + (phase.cos() * b.sinh()).powi(2);
        let found = features(FEATURES).constants(ball(reach));
        let growth = (cosine + sine).sqrt();
        for (ball, real) in found.into_iter().zip([1.0, 1.0, 2.0]) {
            assert_agrees(ball, real * growth, 30);
        }
    }

    /// Moments of a normal frequency by the trapezoidal rule, exact to rounding.
    #[test]
    fn a_gaussian_is_a_mean_over_its_frequencies() {
        let (sigma, reach) = (0.8_f64, 0.3);
        let mean = |power: i32| -> f64 {
            let step = 0.01;
            let terms = (-2000..=2000).map(|k| {
                let omega = f64::from(k) * step;
                let density = (-0.5 * (sigma * omega).powi(2)).exp() * sigma;
                omega.powi(power) * (2.0 * omega * reach).cosh() * density
            });
            step * terms.sum::<f64>() / (2.0 * std::f64::consts::PI).sqrt()
        };
        let found = ComplexField::Gaussian { sigma: ball(sigma) }.constants(ball(reach));
        for (ball, power) in found.into_iter().zip([0, 2, 4]) {
            let expected = mean(power).sqrt();
            assert!((ball.mid() / expected - 1.0).abs() < 1e-12, "{power}");
        }
    }

    /// `κ0 = 1`, no second derivatives: `Q = √3·e^{κ1ρ}·¾κ1`.
    #[test]
    fn bounds_are_their_formulas() {
        let radius = 0.01;
        // Four layers: s_2² = 14/64.
        let bent = LazyDisc::at(task(features([0.5, 3.0, 0.0])), radius).unwrap();
        let growth = (0.5 * radius).exp();
        let curved = (14.0_f64 / 64.0).sqrt() * 3.0 * radius * growth;
        let lipschitz = 3f64.sqrt() * growth * (curved + 0.75 * 0.5);
        assert_agrees(bent.lipschitz(), lipschitz, 60);
        let disc = LazyDisc::at(task(features([0.5, 0.0, 0.0])), radius).unwrap();
        let lipschitz = 3f64.sqrt() * growth * 0.75 * 0.5;
        assert_agrees(disc.lipschitz(), lipschitz, 40);
        let bend = lipschitz * radius;
        assert_agrees(disc.bend(), bend, 50);
        assert_agrees(disc.slope(), 2f64.sqrt(), 4);
        let change = bend * (2.0 * 2f64.sqrt() + bend);
        assert_agrees(disc.tangent_change(), change, 60);
        let margin = 0.5 - change;
        assert_agrees(disc.error_gap(), change / 0.5 * 1.5, 80);
        let drift = (change / 0.5f64.sqrt() + bend) / margin * 1.5;
        assert_agrees(disc.drift(), drift, 200);
        assert_agrees(
            disc.rest(ball(0.25)),
            (0.5f64.sqrt() + bend) * 0.25 / margin,
            200,
        );
        assert_agrees(disc.contraction(ball(0.75)), 1.0 - 0.75 * margin, 200);
        assert_agrees(disc.scale(), (1.5 / 0.5f64.sqrt() + drift) / radius, 200);
    }

    #[test]
    fn discs_need_their_conditions() {
        let field = features(FEATURES);
        assert!(LazyDisc::at(task(field), 1e-3).is_some());
        // τ = λ between the two.
        assert!(LazyDisc::at(task(field), 0.07).is_some());
        assert!(LazyDisc::at(task(field), 0.09).is_none());
        // cosh(4Ωρ) = 4 at Ωρ = 0.516.
        let long = |omega| task(features([1e-6, 0.0, omega]));
        assert!(LazyDisc::at(long(51.0), 0.01).is_some());
        assert!(LazyDisc::at(long(52.0), 0.01).is_none());
        let [_, largest, targets] = START;
        for nothing in [[0.0, largest, targets], [0.5, largest, 0.0]] {
            let start = start(nothing);
            let nothing = LazyTask {
                start,
                ..task(field)
            };
            assert!(LazyDisc::best(nothing, 1.0, Leading::First).is_none());
        }
    }

    /// Against a finer grid; and linear layers, of which there is only one, are never curved.
    #[test]
    fn the_best_disc_leaves_the_least() {
        let task = task(features(FEATURES));
        for leading in [Leading::First, Leading::Even] {
            let power = 3 * leading.order();
            let left = |disc: &LazyDisc| {
                disc.tangent_change().mid() * disc.scale().mid().powi(power as i32)
            };
            let best = left(&LazyDisc::best(task, 1.0, leading).unwrap());
            let finer = (0..4000).filter_map(|k| LazyDisc::at(task, 0.998_f64.powi(k)));
            let least = finer.map(|disc| left(&disc)).fold(f64::INFINITY, f64::min);
            // A radius of the grid is within 2^{1/8} of any other.
            assert!(
                best >= least * (1.0 - 1e-9) && best <= 1.1 * least,
                "{leading:?}"
            );
        }
        let single = LazyTask { depth: 1, ..task };
        let field = features([1.0, 0.0, 0.0]);
        let disc = LazyDisc::at(LazyTask { field, ..single }, 0.1).unwrap();
        assert_eq!(disc.bend().mid(), 0.0);
    }

    /// `εe^ε` and `1 − cos ε` on the unit disc, where they are at most `e` and `cosh 1 − 1`.
    #[test]
    fn shares_bound_what_is_left_of_analytic_functions() {
        let first = |x: f64| x * x.exp();
        let even = |x: f64| 2.0 * (0.5 * x).sin().powi(2);
        for (leading, f, bound) in [
            (Leading::First, &first as &dyn Fn(f64) -> f64, 1f64.exp()),
            (Leading::Even, &even, 1f64.cosh() - 1.0),
        ] {
            let factor = 2f64.powi(leading.order() as i32);
            for x in [0.4, 0.1, 0.02, 0.003] {
                let (coarse, fine, finest) = (f(x), f(0.5 * x), f(0.25 * x));
                let seen = (coarse / (factor * fine) - 1.0).abs();
                let difference = ball((fine - factor * finest).abs());
                let share = leading.share(ball(bound), ball(x), ball(fine), difference);
                assert!(seen <= share.upper(), "{leading:?} {x}");
                // The difference is all there is of a small function, up to a share of its argument.
                assert!(
                    share.upper() <= (1.0 + 2.0 * x) * seen || x > 0.05,
                    "{leading:?} {x} {share:?} {seen}"
                );
                let blind = leading.share(ball(bound), ball(x), ball(fine), Ball::EVERYTHING);
                let (w, half) = (x.powi(leading.order() as i32), factor);
                let delta = (w - w / half) / (1.0 - w * w / half);
                let spread = 2.0 * delta / (1.0 + (1.0 - delta * delta).sqrt());
                let pick = bound * x.powi(leading.order() as i32) * spread;
                assert_agrees(blind, pick / (factor * fine), 200);
            }
        }
    }

    /// `(w + a)/(1 + aw)` from 0 to 0.6, where `a = −⅓` spreads most; of the others none does more.
    #[test]
    fn blaschke_factors_spread_as_far_as_any() {
        let spread = disc_spread(ball(1.0), ball(0.6), ball(0.0));
        let factor = |a: f64| ((0.6 + a) / (1.0 + 0.6 * a) - a).abs();
        assert!((factor(-1.0 / 3.0) - 2.0 / 3.0).abs() < 1e-15);
        assert!(spread.contains(2.0 / 3.0) && spread.rad() < 1e-14);
        assert!((0..100).all(|k| factor(f64::from(k) / 50.0 - 1.0) <= spread.upper()));
    }

    // Powers of ¼: δ = ⅛/(1 − 1/32) = 4/31; or 4·difference and Σ_{j≥2}(1 − 2⁻ʲ)(1 − 2^{1−j})4⁻ʲ; over 2·100 or 4·100.
    #[test]
    fn shares_by_hand() {
        let share = |leading: Leading, x: f64, difference: f64| {
            let [bound, x, finer] = [3.0, x, 100.0].map(ball);
            leading.share(bound, x, finer, ball(difference)).mid()
        };
        let pick = |delta: f64| 3.0 * 2.0 * delta / (1.0 + (1.0 - delta * delta).sqrt());
        let first = |difference| share(Leading::First, 0.25, difference);
        assert!((first(0.5) - 0.25 * pick(4.0 / 31.0) / 200.0).abs() < 1e-15);
        let second = 1.0 / 12.0 - 3.0 / 56.0 + 2.0 / 240.0;
        assert!((first(0.01) - (0.04 + 0.75 * second) / 200.0).abs() < 1e-15);
        let even = |difference| share(Leading::Even, 0.5, difference);
        // δ = (3/16)/(63/64) = 4/21; 1/12 − 5/240 + 4/4032.
        assert!((even(0.5) - 0.25 * pick(4.0 / 21.0) / 400.0).abs() < 1e-15);
        let second = 1.0 / 12.0 - 5.0 / 240.0 + 4.0 / 4032.0;
        assert!((even(0.001) - (0.016 + 0.75 * second) / 400.0).abs() < 1e-15);
    }
}
