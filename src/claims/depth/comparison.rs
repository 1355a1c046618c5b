//! D1, D2, D3: what a depth is off by, beside the scalar systems in which no inequality of the proofs loses anything.

use crate::arithmetic::{Ball, Dual, count};
use crate::bounds::{
    PathBounds, STATIONARY_TRANSPORT, TrainedPair, euler_error_by_layers, training_gap,
};
use crate::evidence::{Comparison, Finding};
use crate::theorem::Expectation::Violated;
use crate::theorem::{BuildError, Control, Draws, Object, Subject};
use std::f64::consts::FRAC_PI_2;

/// A path and a direction, layer by layer.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims) struct ProfileSpec {
    /// `κ0`, `κ1`, `κ2`.
    constants: [f64; 3],
    /// `R`.
    norm: f64,
    /// `‖v_k‖`, `‖h_k‖` up to their scales, and the angle α of `h_k`: `κ0‖h_k‖cos α` is its value, `κ1‖h_k‖sin α` its slope.
    layers: Vec<[f64; 3]>,
    /// `n`.
    times: usize,
    /// `‖B‖²`.
    norm_squared: f64,
    /// `L_D` and `L_{nD}`.
    losses: [f64; 2],
    /// `η`.
    step: f64,
    /// What a step of training loses to rounding.
    rounding: f64,
}

/// A path and a direction of positive norms.
#[derive(Clone, Debug)]
pub(in crate::claims) struct Profile(ProfileSpec);

impl Object for Profile {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for Profile {
    type Spec = ProfileSpec;
    const HYPOTHESIS: &'static str = "object: norms of the layers of a path";

    fn build(spec: &ProfileSpec) -> Result<Self, BuildError> {
        let [kappa0, kappa1, kappa2] = spec.constants;
        let positive = [kappa0, kappa1, spec.norm, spec.norm_squared, spec.step];
        let natural = [kappa2, spec.rounding, spec.losses[0], spec.losses[1]];
        let layer = |&[v, h, angle]: &[f64; 3]| {
            (0.0..=1.0).contains(&v)
                && (0.0..=1.0).contains(&h)
                && (0.0..=FRAC_PI_2).contains(&angle)
        };
        let some = |part: usize| spec.layers.iter().any(|layer| layer[part] > 0.0);
        if positive.iter().all(|&x| x > 0.0 && x.is_finite())
            && natural.iter().all(|&x| x >= 0.0 && x.is_finite())
            && spec.layers.iter().all(layer)
            && (some(0) && some(1))
            && spec.times > 1
        {
            Ok(Self(spec.clone()))
        } else {
            Err("constants are positive, norms are in [0, 1], networks are deeper by two".into())
        }
    }
}

/// Layers of the pinned profiles: what is lost to sums in the place of integrals is of this order.
const LAYERS: usize = 512;

/// `‖v‖`, `‖h‖` and α as functions of the time.
fn profile(at: impl Fn(f64) -> [f64; 2]) -> Vec<[f64; 3]> {
    let times = (0..LAYERS).map(|k| (k as f64 + 0.5) / LAYERS as f64);
    times
        .map(|t| {
            let [v, h] = at(t);
            [v, h, FRAC_PI_2 * t]
        })
        .collect()
}

/// `v = H²` and `h = H'` for the solution of `H'' = −2K²H³` that is steep at the start, largest at the end, and one there.
fn lemniscate() -> Vec<[f64; 3]> {
    const PARTS: usize = 16;
    let dt = 1.0 / (LAYERS * PARTS) as f64;
    let quarter = 1.311_028_777_146_06_f64;
    let (mut place, mut speed) = (0.0, quarter);
    let mut found = Vec::with_capacity(LAYERS);
    for _ in 0..LAYERS * PARTS {
        let pull = |u: f64| -quarter * quarter * u.powi(3);
        speed += dt * pull(place);
        place += dt * speed;
        speed += dt * pull(place);
        found.push([place, speed]);
    }
    profile(|t| {
        let [u, slope] = found[((t * (LAYERS * PARTS) as f64) as usize).min(found.len() - 1)];
        [(u * u).min(1.0), (slope / quarter).clamp(0.0, 1.0)]
    })
}

/// Profiles that attain one part after another.
pub(in crate::claims) fn pinned_profiles() -> Vec<Profile> {
    let even = || profile(|_| [1.0, 1.0]);
    let spec = |constants, norm, layers| ProfileSpec {
        constants,
        norm,
        layers,
        times: 2,
        norm_squared: 2.0,
        losses: [0.5, 0.3],
        step: 0.1,
        rounding: 1.0,
    };
    let slight = [1.0, 1e-3, 0.7];
    let late = profile(|t| {
        let is_last = t * LAYERS as f64 > LAYERS as f64 - 1.0;
        [if is_last { 1.0 } else { 1e-3 }, 1.0]
    });
    // v·∫v² is a sine, as ∫v² is the cubic root of three times the integral of its square.
    let turned = profile(|t| {
        let (sine, cosine) = (FRAC_PI_2 * t).sin_cos();
        let way = (1.5 * (t - (2.0 * FRAC_PI_2 * t).sin() / (2.0 * FRAC_PI_2))).cbrt();
        [(0.5 * sine / way).min(1.0), cosine]
    });
    let short = || spec([1.25, 0.5, 0.0], 2e-3, even());
    let specs = [
        // Growth, and no second derivatives of the fields.
        spec([1.25, 0.5, 0.0], 1.0, even()),
        // No growth: steps below the inverse curvature, beyond it, and a depth beside its limit that is fitted.
        short(),
        ProfileSpec {
            step: 1.0,
            ..short()
        },
        ProfileSpec {
            times: 9,
            losses: [0.0, 0.3],
            rounding: 0.0,
            ..short()
        },
        // Second derivatives: inside of the layers, of states that are apart, and of the loss.
        spec(slight, 1.0, late),
        spec(slight, 1.0, turned.clone()),
        spec(slight, 1.0, lemniscate()),
        // Both of the last with growth, which is not attained, and is needed.
        spec([1.0, 1.5, 0.7], 1.0, turned),
        spec([1.0, 1.5, 0.7], 1.0, lemniscate()),
    ];
    let built = specs.iter().map(Profile::build);
    built
        .map(|profile| profile.expect("pinned profiles are well-formed"))
        .collect()
}

const WORDS: &str = "random: paths of two to twelve layers and directions, by their norms";

/// Any profile.
#[cfg(feature = "strategies")]
pub(in crate::claims) fn draws_of_profiles() -> Draws<Profile> {
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        let layer = (0.1..=1.0, 0.1..=1.0, 0.1..1.5).prop_map(|(v, h, angle)| [v, h, angle]);
        (
            [0.3..2.0, 0.05..1.5, 0.05..2.0],
            0.01..2.0,
            proptest::collection::vec(layer, 2..=12),
            2usize..=9,
            (0.1..4.0, [0.01..2.0, 0.01..2.0]),
            (0.01..2.0, 0.0..1.0),
        )
            .prop_map(
                |(constants, norm, layers, times, (norm_squared, losses), (step, rounding))| {
                    ProfileSpec {
                        constants,
                        norm,
                        layers,
                        times,
                        norm_squared,
                        losses,
                        step,
                        rounding,
                    }
                },
            )
            .boxed()
    })
}

/// Any profile.
#[cfg(not(feature = "strategies"))]
pub(in crate::claims) fn draws_of_profiles() -> Draws<Profile> {
    Draws::new(WORDS)
}

const EULER: &str = "Euler's scheme of z' = p' + κ1‖v‖(z − p), p'' = θκ0κ1‖v‖² ≤ D1 by layers";
const STATES: &str = "the same at the depths D and nD ≤ ε";
const SENSITIVITY: &str = "‖B‖ζ' of the comparison system ≤ ‖B‖Z";
const GAPS: [&str; 4] = [
    "ζ'−ζ of the comparison system, values and slopes of h ≤ their part of Γ",
    "ζ'−ζ of the comparison system, slopes of v twice ≤ their part of Γ",
    "ζ'−ζ of the comparison system, κ2 inside of layers ≤ its part of Γ",
    "ζ'−ζ of the comparison system, κ2 of states apart ≤ its part of Γ",
];
const SECOND: [&str; 2] = [
    "the second derivative of the comparison system, by κ2 ≤ its part",
    "the second derivative of the comparison system, by values and slopes ≤ its part",
];
const LOSS: &str = "½|e+Bε|²−½|e|² ≤ the gap of the losses";
const GRADIENT: &str = "½|e+Bε+Bζ't|²−½|e+Bζt|² along t ≤ the gap of the gradients";
const TRAINING: &str = "u of the largest growth on every segment ≤ U_n";

/// All of them.
pub(in crate::claims) fn compared(Profile(spec): &Profile) -> Finding {
    compared_beside(spec, spec.bounds())
}

/// Beside the bounds of what is claimed to be the path.
fn compared_beside(spec: &ProfileSpec, bounds: PathBounds) -> Finding {
    let run = Run::of(spec, |h| h);
    let norm_squared = Ball::from(spec.norm_squared);
    let readout = norm_squared.sqrt();
    let [coarse_loss, fine_loss] = spec.losses.map(Ball::from);
    let mut comparisons = vec![
        spec.by_layers(),
        Comparison::at_most(STATES, run.apart, bounds.state_gap(spec.times)),
        Comparison::at_most(
            SENSITIVITY,
            readout * run.sensitivity,
            bounds.prediction_slope(norm_squared),
        ),
    ];
    let parts = bounds.sensitivity_gap_parts(spec.times);
    let second = bounds.second_derivative();
    let gaps = GAPS.into_iter().zip(run.gaps).zip(parts);
    let second = SECOND.into_iter().zip(run.second).zip(second);
    for ((statement, found), bound) in gaps.chain(second) {
        // Without κ2 nothing is compared with nothing.
        if bound.mid() > 0.0 {
            comparisons.push(Comparison::at_most(statement, found, bound));
        }
    }
    let (half, errors) = (Ball::from(0.5), (Ball::from(2.0) * coarse_loss).sqrt());
    let moved = readout * run.apart;
    let loss = half * (errors + moved).square() - half * errors.square();
    let bound = bounds.loss_gap(spec.times, norm_squared, coarse_loss);
    comparisons.push(Comparison::at_most(LOSS, loss, bound));
    let gradient = run.gradient_gap(readout, errors);
    let bound = bounds.gradient_gap(spec.times, norm_squared, coarse_loss);
    comparisons.push(Comparison::at_most(GRADIENT, gradient, bound));
    let pair = TrainedPair {
        path: bounds,
        coarse_loss,
        fine_loss,
        rounding: spec.rounding,
    };
    let bound = training_gap(&[pair; ITERATES], spec.step, norm_squared, spec.times);
    comparisons.push(Comparison::at_most(TRAINING, spec.trained(&run), bound));
    Finding::Compared(comparisons)
}

/// Iterates that are trained.
const ITERATES: usize = 3;

impl ProfileSpec {
    fn bounds(&self) -> PathBounds {
        let [kappa0, kappa1, kappa2] = self.constants.map(Ball::from);
        PathBounds {
            kappa0,
            kappa1,
            kappa2,
            norm: Ball::from(self.norm),
            depth: self.layers.len(),
        }
    }

    /// A part of the layers as numbers whose root mean square is `norm`.
    fn scaled(&self, part: usize, norm: Ball) -> Vec<Ball> {
        let entries: Vec<f64> = self.layers.iter().map(|layer| layer[part]).collect();
        let own = Ball::norm_of(&entries) / count(entries.len()).sqrt();
        let scale = norm / own;
        entries.iter().map(|&x| Ball::from(x) * scale).collect()
    }

    fn norms(&self) -> Vec<Ball> {
        self.scaled(0, Ball::from(self.norm))
    }

    /// Euler's scheme with the steps of the layers, `parts` of them a layer, of
    /// `z' = p' + κ1‖v_k‖(z − p)`, `p'' = θκ0κ1‖v_k‖²`: how far it ends from `p`.
    fn euler(&self, parts: usize, transport: f64) -> Ball {
        let [kappa0, kappa1, _] = self.constants.map(Ball::from);
        let step = Ball::from(1.0) / count(self.layers.len() * parts);
        let zero = Ball::from(0.0);
        let (mut place, mut slope, mut state) = (zero, zero, zero);
        for norm in self.norms() {
            let bend = Ball::from(transport) * kappa0 * kappa1 * norm.square();
            for _ in 0..parts {
                state = state + step * (slope + kappa1 * norm * (state - place));
                place = place + step * slope + step.square() * bend / Ball::from(2.0);
                slope = slope + step * bend;
            }
        }
        (state - place).abs()
    }

    fn by_layers(&self) -> Comparison {
        let [kappa0, kappa1, _] = self.constants.map(Ball::from);
        let bound = euler_error_by_layers(kappa0, kappa1, &self.norms(), 1, 1.0);
        Comparison::at_most(EULER, self.euler(1, 1.0), bound)
    }

    /// Of the networks themselves, as long as their errors have one sign; through the limit, on either side of it.
    fn apart(&self) -> Ball {
        if self.is_near() {
            self.euler(1, 1.0) - self.euler(self.times, 1.0)
        } else {
            let theta = STATIONARY_TRANSPORT;
            self.euler(1, theta) + self.euler(self.times, theta)
        }
    }

    /// `1 − 1/n ≤ ½(1 + 1/n)`.
    fn is_near(&self) -> bool {
        self.times <= 3
    }

    /// Gradient descent of two networks, apart by `u`: along the segment the rest of the Hessian is as large as the errors
    /// there and the second derivatives allow, and the other part is any number up to `‖B‖²ζ'²`.
    fn trained(&self, run: &Run) -> Ball {
        let readout = Ball::from(self.norm_squared).sqrt();
        let [coarse, fine] = self.losses.map(|loss| Ball::from(2.0 * loss).sqrt());
        let even = Run::of(self, |_| 1.0);
        let (step, one) = (Ball::from(self.step), Ball::from(1.0));
        let slope = readout * even.sensitivity;
        let bend = readout * (run.second[0] + run.second[1]);
        let gap = even.gradient_gap(readout, coarse);
        let mut apart = Ball::from(0.0);
        for _ in 1..ITERATES {
            let ends = [fine, fine + slope * apart].map(|errors| errors * bend);
            let rest = (ends[0] + ends[1]) / Ball::from(2.0);
            let curved = [Ball::from(0.0), slope.square()].map(|part| (one - step * part).abs());
            let growth = curved[0].max(curved[1]) + step * rest;
            apart = growth * apart + step * gap + Ball::from(self.rounding);
        }
        apart
    }
}

/// The comparison system: states, their derivatives along `h` and the differences of those at two depths, all as
/// large as every step allows.
struct Run {
    /// `‖z_D − z_{nD}‖`.
    apart: Ball,
    /// `‖ζ'‖`, at the depth `nD`.
    sensitivity: Ball,
    /// `‖ζ' − ζ‖`: values and slopes of `h`; slopes twice; `κ2` inside of the layers; `κ2` of states apart.
    gaps: [Ball; 4],
    /// The second derivative along `h`: by `κ2`, and by values and slopes of `h`.
    second: [Ball; 2],
}

impl Run {
    /// # Arguments
    /// * `direction`: the norm of a layer of the direction, given that of the profile.
    fn of(spec: &ProfileSpec, direction: impl Fn(f64) -> f64) -> Self {
        let [kappa0, kappa1, kappa2] = spec.constants.map(Ball::from);
        let (zero, one) = (Ball::from(0.0), Ball::from(1.0));
        let own = ProfileSpec {
            layers: (spec.layers.iter())
                .map(|&[v, h, angle]| [v, direction(h), angle])
                .collect(),
            ..spec.clone()
        };
        let along = own.scaled(1, one);
        let depth = spec.layers.len();
        let (step, part) = (one / count(depth), one / count(depth * spec.times));
        let finer = one / count(spec.times);
        // The states of the two depths, or both beside the limit.
        let missed = if spec.is_near() {
            one - finer
        } else {
            Ball::from(STATIONARY_TRANSPORT) * (one + finer)
        };
        let (mut apart, mut fine, mut gaps) = (zero, zero, [zero; 4]);
        let (mut coarse, mut valued, mut second) = (zero, zero, [zero; 2]);
        for ((&norm, &h), &[_, _, angle]) in spec.norms().iter().zip(&along).zip(&spec.layers) {
            let own_growth = step * kappa1 * norm;
            let growth = one + own_growth;
            // The second derivative at the depth D. Sine and cosine are within two roundings: a little shorter, their
            // squares are at most one together.
            let shorter = 1.0 - 4.0 * f64::EPSILON;
            let (sine, cosine) = angle.sin_cos();
            let [sine, cosine] = [sine, cosine].map(|x| Ball::from(x * shorter));
            second[0] = growth * second[0] + step * kappa2 * norm * coarse.square();
            let crossed = Ball::from(2.0) * kappa1 * h * sine * valued;
            second[1] = growth * second[1] + step * crossed;
            coarse = growth * coarse + step * kappa0 * h;
            valued = growth * valued + step * kappa0 * h * cosine;
            // What the layer's finer steps add to ζ' − ζ.
            gaps = gaps.map(|gap| growth * gap);
            // How far state and derivative have gone inside of the layer, the derivative by slopes and by values.
            let (mut inside, mut turned, mut fed) = (zero, zero, zero);
            for _ in 0..spec.times {
                let added = [
                    kappa1 * (norm * fed + h * inside),
                    kappa1 * (norm * turned + h * apart),
                    kappa2 * norm * inside * fine,
                    kappa2 * norm * apart * fine,
                ];
                for (gap, added) in gaps.iter_mut().zip(added) {
                    *gap = *gap + part * added;
                }
                let (by_slope, by_value) = (part * kappa1 * norm * fine, part * kappa0 * h);
                fine = fine + by_slope + by_value;
                (turned, fed) = (turned + by_slope, fed + by_value);
                inside = inside + part * kappa0 * norm;
            }
            let bend = own_growth * step * kappa0 * norm / Ball::from(2.0);
            apart = growth * apart + missed * bend;
        }
        Self {
            apart: spec.apart(),
            sensitivity: fine,
            gaps,
            second,
        }
    }

    /// `|∂_t(½|e + Bε + Bζ't|² − ½|e + Bζt|²)|` at zero, by dual numbers: ζ as small as the gaps allow.
    fn gradient_gap(&self, readout: Ball, errors: Ball) -> Ball {
        let gap: Ball = self.gaps.into_iter().sum();
        let half = |x: Dual<Ball>| Dual::from(0.5) * x * x;
        let coarse = Dual::new(errors, readout * (self.sensitivity - gap));
        let fine = Dual::new(errors + readout * self.apart, readout * self.sensitivity);
        (half(fine) - half(coarse)).derivative.abs()
    }
}

/// Bounds of other paths.
pub(in crate::claims) fn comparison_controls() -> Vec<Control<Profile>> {
    let on = |place: usize| move || pinned_profiles().remove(place);
    let beside = |change: fn(&mut PathBounds)| {
        move |Profile(spec): &Profile| {
            let mut bounds = spec.bounds();
            change(&mut bounds);
            compared_beside(spec, bounds)
        }
    };
    vec![
        Control::check(
            "a path a hundredth shorter",
            Violated,
            on(1),
            beside(|bounds| bounds.norm = bounds.norm * Ball::from(0.99)),
        ),
        Control::check(
            "fields that bend a twentieth less",
            Violated,
            on(6),
            beside(|bounds| bounds.kappa2 = bounds.kappa2 * Ball::from(0.95)),
        ),
        Control::check(
            "a network that is deeper by an eighth",
            Violated,
            on(1),
            beside(|bounds| bounds.depth += bounds.depth / 8),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    #[test]
    fn pinned_profiles_hold() {
        for (place, profile) in pinned_profiles().iter().enumerate() {
            let found = compared(profile);
            assert_eq!(found.judge().verdict, Verdict::Holds, "{place} {found:?}");
        }
    }

    /// `H = 0` at the start, and `H' = 0` at the end, where it is one.
    #[test]
    fn the_lemniscate_ends_flat() {
        let found = lemniscate();
        let [_, first, _] = found[0];
        let [last, slope, _] = found[LAYERS - 1];
        assert!((first - 1.0).abs() < 1e-3 && (last - 1.0).abs() < 1e-3 && slope < 3e-3);
    }
}
