//! What a foreign kernel states, held against what it computes.

use super::{Enclosed, Facts, RadialProfile};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF};
use crate::evidence::Comparison;
use crate::evidence::statistics::Sample;
use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Places that the profile is enclosed with.
const PLACES: usize = 384;

/// Draws of the sampler.
const DRAWS: usize = 20_000;

/// Points whose Gram matrix should be positive semi-definite.
const POINTS: usize = 60;

/// Steps of difference quotients, relative to the distance.
const STEP: f64 = 1.0 / (1 << 20) as f64;

/// What difference quotients are trusted to, relative to the largest nearby.
const TRUSTED: f64 = 1e-4;

/// Distances in bandwidths: a grid that is dense where profiles bend, and sparse to 64.
fn distances() -> impl Iterator<Item = f64> {
    let near = (1..=64).map(|i| f64::from(i) / 32.0);
    near.chain((1..=20).map(|i| 2.0 * 2.0_f64.powf(f64::from(i) / 4.0)))
}

/// Holds what a kernel states of itself against what it computes, at a few hundred distances and in one
/// dimension: a wrong constant is a comparison that is [`Violated`](crate::evidence::Verdict::Violated).
///
/// The reference is [`enclose`](RadialProfile::enclose) or, where that says nothing, the profile in `f64`.
/// Compared are `ψ` in `f64`, its slope, the bounds of [`Facts`], that it decreases and is log-concave, `κ1`
/// and `κ2`, the derivatives of the logarithms, the smallest eigenvalue of a Gram matrix of random points, if
/// the kernel is said to be positive definite in `dimension`, and the mean of the cosines of the frequencies
/// drawn, if there are any.
///
/// # Guarantee
/// A violation is an error of the kernel: up to the roundings that it states and, of derivatives and
/// eigenvalues, to a ten-thousandth and to rounding; of the sampler with a false alarm of
/// [`FALSE_ALARM`](crate::evidence::statistics::FALSE_ALARM) a comparison. No violation proves nothing: between
/// and beyond the distances, of the spectral density but for its derivative, and of positive definiteness
/// but for these points, what is stated is believed.
///
/// # Cost
/// About a thousand enclosures of 384 places, 20,000 frequencies, an eigenvalue problem of order 60.
///
/// # Example
/// ```
/// use polyak::evidence::Verdict;
/// use polyak::kernel::{RadialProfile, check_facts};
///
/// fn require(kernel: &dyn RadialProfile) {
///     for comparison in check_facts(kernel, 2, 1) {
///         assert_ne!(comparison.verdict(), Verdict::Violated, "{comparison:?}");
///     }
/// }
/// ```
pub fn check_facts(profile: &dyn RadialProfile, dimension: usize, seed: u64) -> Vec<Comparison> {
    let check = Check {
        profile,
        facts: profile.facts().proved(),
    };
    let mut found = check.values();
    found.extend(check.shape());
    found.extend(check.constants());
    found.extend(check.derivatives(dimension));
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    if dimension > 0 && check.facts.positive_definite.contain(dimension) {
        found.push(check.eigenvalue(dimension, &mut rng));
    }
    found.extend(check.sampler(dimension, rng.random()));
    found
}

struct Check<'a> {
    profile: &'a dyn RadialProfile,
    facts: Facts,
}

impl Check<'_> {
    /// `ψ` at `ρ²`.
    fn value(&self, squared: f64) -> Ball {
        match self.profile.enclose(&Enclosed::number(squared, PLACES)) {
            Some(value) => Ball::from_bounds(value.lower(), value.upper()),
            None => {
                let roundings = self.facts.profile_roundings.unwrap_or(64.0);
                Ball::new(self.profile.profile(squared), roundings * UNIT_ROUNDOFF)
            }
        }
    }

    /// How far `ψ` in f64 at one argument is from that at another, which is exact.
    fn error(&self, at: f64, exact: f64) -> Ball {
        let found = self.profile.profile(at);
        match self.profile.enclose(&Enclosed::number(exact, PLACES)) {
            Some(value) => {
                let difference = value - found;
                Ball::from_bounds(difference.lower(), difference.upper()).abs()
            }
            None => Ball::EVERYTHING,
        }
    }

    /// The profile at the grid, at zero and at infinity.
    fn values(&self) -> Vec<Comparison> {
        let one = Ball::from(1.0);
        let zero = Ball::from(self.profile.profile(0.0));
        let mut found = vec![
            Comparison::equal("fl(ψ)(0) = 1", zero, one, 1.0),
            Comparison::equal("ψ(0) = 1", self.value(0.0), one, 1.0),
        ];
        for rho in distances() {
            let value = self.value(rho * rho);
            found.push(Comparison::at_most("|ψ| ≤ 1", value.abs(), one));
            let shifted = one + value;
            found.push(Comparison::at_least("ψ ≥ 0", shifted, one));
        }
        if let Some(roundings) = self.facts.profile_roundings {
            let far = [(f64::INFINITY, f64::MAX), (f64::MAX, f64::MAX)];
            let near = distances().map(|rho| (rho * rho, rho * rho));
            for (at, exact) in near.chain(far) {
                let error = self.error(at, exact);
                let bound = Ball::from(roundings * UNIT_ROUNDOFF);
                found.push(Comparison::at_most(
                    "|fl(ψ) − ψ| ≤ roundings·u",
                    error,
                    bound,
                ));
            }
        }
        found
    }

    /// Bounds of the slope, monotony and concavity, at neighbours.
    fn shape(&self) -> Vec<Comparison> {
        let grid: Vec<(f64, Ball)> = distances()
            .map(|rho| (rho, self.value(rho * rho)))
            .collect();
        let mut found = Vec::new();
        for pair in grid.windows(2) {
            let ((a, at), (b, beyond)) = (pair[0], pair[1]);
            let change = (at - beyond).abs();
            if let Some(steepness) = self.facts.steepness {
                let bound = Ball::from(steepness) * (Ball::from(b) - Ball::from(a));
                found.push(Comparison::at_most("|dψ/dρ| ≤ steepness", change, bound));
            }
            if let Some(slope) = self.facts.logarithmic_slope {
                let ratio = (Ball::from(b) / Ball::from(a)).ln();
                let bound = Ball::from(2.0 * slope) * ratio;
                let statement = "|x dψ/dx| ≤ logarithmic slope";
                found.push(Comparison::at_most(statement, change, bound));
            }
            if self.facts.decreasing {
                found.push(Comparison::at_most("ψ decreases", beyond, at));
            }
        }
        if self.facts.log_concave {
            // Equidistant distances.
            for three in grid[..64].windows(3) {
                let chord = three[0].1 * three[2].1;
                let statement = "ln ψ is concave";
                found.push(Comparison::at_most(statement, chord, three[1].1.square()));
            }
        }
        found
    }

    /// `2(1−ψ) ≤ κ1²ρ²` and `6 − 8ψ(ρ) + 2ψ(2ρ) ≤ κ2²ρ⁴`: means of `2 − 2cos` and of its square.
    fn constants(&self) -> Vec<Comparison> {
        let stated = self.profile.admissibility();
        // Four roundings.
        let ball = |kappa: f64| Ball::new(kappa, 4.0 * UNIT_ROUNDOFF * kappa).square();
        let [two, six, eight] = [2.0, 6.0, 8.0].map(Ball::from);
        let mut found = Vec::new();
        for rho in distances() {
            let (once, twice) = (self.value(rho * rho), self.value(4.0 * rho * rho));
            let square = Ball::from(rho).square();
            if stated.kappa1.is_finite() {
                let (moved, bound) = (two - two * once, ball(stated.kappa1) * square);
                found.push(Comparison::at_most("2 − 2ψ ≤ κ1²ρ²", moved, bound));
            }
            if stated.kappa2.is_finite() {
                let moved = six - eight * once + two * twice;
                let bound = ball(stated.kappa2) * square.square();
                let statement = "6 − 8ψ(ρ) + 2ψ(2ρ) ≤ κ2²ρ⁴";
                found.push(Comparison::at_most(statement, moved.positive_part(), bound));
            }
        }
        found
    }

    /// Derivatives against symmetric difference quotients.
    fn derivatives(&self, dimension: usize) -> Vec<Comparison> {
        let mut found = Vec::new();
        // Beside the grid: a kink is at a round number.
        for rho in distances().step_by(3).map(|rho| 1.01 * rho) {
            let step = rho * STEP;
            let ends = [rho - step, rho + step];
            let [below, above] = ends.map(|rho| self.value(rho * rho));
            let slope = |rho: f64| self.profile.slope(rho * rho);
            // dψ/dρ = −ρs.
            let quotient = -(above - below) / Ball::from(2.0 * step) / Ball::from(rho);
            let near = [slope(ends[0]), slope(rho), slope(ends[1])];
            found.extend(agreement("−2ψ' is the slope", quotient, &near));

            let derivatives = |rho: f64| self.profile.log_derivatives(Ball::from(rho));
            if let [Some(low), Some(at), Some(high)] = [ends[0], rho, ends[1]].map(derivatives) {
                let quotient = (above.ln() - below.ln()) / Ball::from(2.0 * step);
                let near = [low[0].mid(), at[0].mid(), high[0].mid()];
                found.extend(agreement("(ln ψ)' is the derivative", quotient, &near));
                let quotient = (high[0] - low[0]) / Ball::from(2.0 * step);
                let near = [low[1].mid(), at[1].mid(), high[1].mid()];
                found.extend(agreement("(ln ψ)'' is the derivative", quotient, &near));
            }

            let density = |omega: f64| self.profile.log_density(dimension, Ball::from(omega));
            if let [Some(low), Some(at), Some(high)] = [ends[0], rho, ends[1]].map(density) {
                // By ω².
                let quotient = (high[0] - low[0]) / Ball::from(4.0 * step * rho);
                let near = [low[1].mid(), at[1].mid(), high[1].mid()];
                found.extend(agreement("(ln ψ̂)' is the derivative", quotient, &near));
                if self.facts.log_convex_density {
                    let (first, second) = (-low[1], -high[1]);
                    found.push(Comparison::at_most("ln ψ̂ is convex in ω²", second, first));
                }
            }
        }
        found
    }

    /// The smallest eigenvalue at random points of a cube, by f64.
    fn eigenvalue(&self, dimension: usize, rng: &mut ChaCha8Rng) -> Comparison {
        // About a bandwidth apart.
        let side = (POINTS as f64).powf(1.0 / dimension as f64);
        let points = DMatrix::from_fn(dimension, POINTS, |_, _| side * rng.random::<f64>());
        let gram = DMatrix::from_fn(POINTS, POINTS, |i, j| {
            let squared = (points.column(i) - points.column(j)).norm_squared();
            self.profile.profile(squared)
        });
        let least = gram.symmetric_eigenvalues().min();
        let roundings = self.facts.profile_roundings.unwrap_or(64.0) + 64.0;
        let slack = (POINTS * POINTS) as f64 * roundings * UNIT_ROUNDOFF;
        Comparison::at_most(
            "λ_min ≥ 0",
            Ball::from((-least).max(0.0)),
            Ball::from(slack),
        )
    }

    /// The mean of cosines of the frequencies drawn.
    fn sampler(&self, dimension: usize, seed: u64) -> Vec<Comparison> {
        let drawn = self.profile.sample_frequencies(dimension, DRAWS, seed);
        // Of another shape they are no sample.
        let Some(drawn) = drawn.filter(|drawn| drawn.shape() == (dimension, DRAWS)) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (row, rho) in (0..dimension.min(3)).flat_map(|row| [0.5, 1.0, 2.0].map(|r| (row, r))) {
            let cosines: Vec<f64> = drawn.row(row).iter().map(|w| (w * rho).cos()).collect();
            let mean = Sample::of(&cosines, 2.0).with_unknown_variance();
            let expected = self.value(rho * rho);
            found.push(Comparison::expectation(
                "E cos ω·z = ψ",
                mean,
                expected,
                1.0,
            ));
        }
        found
    }
}

/// A difference quotient against the derivative stated nearby; nothing, if that is not finite.
fn agreement(statement: &'static str, quotient: Ball, near: &[f64; 3]) -> Option<Comparison> {
    let stated = near[1];
    let size = near
        .iter()
        .fold(quotient.mid().abs(), |most, x| most.max(x.abs()));
    if !(size.is_finite() && quotient.is_bounded()) {
        return None;
    }
    // Below every place that matters both are nothing.
    let trusted = Ball::new(stated, TRUSTED * size + f64::MIN_POSITIVE);
    Some(Comparison::equal(statement, quotient, trusted, size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;
    use crate::kernel::foreign::examples::{MUTE, Rewritten};
    use crate::kernel::spec::kernels;
    use crate::kernel::{Admissibility, Dimensions};

    /// A Gaussian, one statement of which is wrong.
    #[derive(Debug)]
    struct Wrong {
        sound: Rewritten,
        error: Error,
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Error {
        None,
        Steepness,
        LogarithmicSlope,
        Roundings,
        Concave,
        Slope,
        Kappa1,
        Kappa2,
        Profile,
        Sampler,
        Derivatives,
        Density,
        Definite,
        Increasing,
    }

    impl Wrong {
        fn new(error: Error) -> Self {
            let name = if error == Error::Concave {
                "imq:1"
            } else {
                "gaussian:1"
            };
            Self {
                sound: Rewritten(name.parse().unwrap()),
                error,
            }
        }
    }

    impl RadialProfile for Wrong {
        fn label(&self) -> String {
            format!("{:?}", self.error)
        }

        fn facts(&self) -> Facts {
            let mut facts = self.sound.facts();
            match self.error {
                // e^{−1/2} = 0.607, e^{−1} = 0.368.
                Error::Steepness => facts.steepness = Some(0.6),
                Error::LogarithmicSlope => facts.logarithmic_slope = Some(0.36),
                Error::Roundings => facts.profile_roundings = Some(0.01),
                Error::Concave => facts.log_concave = true,
                Error::Definite => facts.positive_definite = Dimensions::Every,
                _ => {}
            }
            facts
        }

        fn profile(&self, squared: f64) -> f64 {
            match self.error {
                Error::Profile => self.sound.profile(squared * (1.0 + 1e-9)),
                // A ball is no positive definite kernel.
                Error::Definite => f64::from(u8::from(squared < 1.0)),
                _ => self.sound.profile(squared),
            }
        }

        fn slope(&self, squared: f64) -> f64 {
            let factor = if self.error == Error::Slope {
                1.001
            } else {
                1.0
            };
            factor * self.sound.slope(squared)
        }

        fn admissibility(&self) -> Admissibility {
            let mut stated = self.sound.admissibility();
            match self.error {
                Error::Kappa1 => stated.kappa1 *= 0.999,
                Error::Kappa2 => stated.kappa2 *= 0.99,
                _ => {}
            }
            stated
        }

        fn enclose(&self, squared: &Enclosed) -> Option<Enclosed> {
            let value = self.sound.enclose(squared)?;
            match self.error {
                // ρ² more than one is good for a thousandth.
                Error::Increasing => Some(value + (squared - 1.0).positive_part() * 1e-3),
                _ => Some(value),
            }
        }

        fn log_derivatives(&self, distance: Ball) -> Option<[Ball; 2]> {
            let [slope, curvature] = self.sound.log_derivatives(distance)?;
            let factor = if self.error == Error::Derivatives {
                1.001
            } else {
                1.0
            };
            Some([slope, curvature * Ball::from(factor)])
        }

        fn log_density(&self, dimension: usize, frequency: Ball) -> Option<[Ball; 2]> {
            let [density, slope] = self.sound.log_density(dimension, frequency)?;
            let factor = if self.error == Error::Density {
                0.999
            } else {
                1.0
            };
            Some([density, slope * Ball::from(factor)])
        }

        fn sample_frequencies(&self, q: usize, count: usize, seed: u64) -> Option<DMatrix<f64>> {
            let drawn = self.sound.sample_frequencies(q, count, seed)?;
            let factor = if self.error == Error::Sampler {
                1.1
            } else {
                1.0
            };
            Some(drawn * factor)
        }
    }

    fn violated(profile: &dyn RadialProfile, dimension: usize) -> Vec<&'static str> {
        let found = check_facts(profile, dimension, 20_220_101);
        let violated = found
            .iter()
            .filter(|comparison| comparison.verdict() == Verdict::Violated);
        violated.map(|comparison| comparison.statement()).collect()
    }

    #[test]
    fn kernels_of_this_room_state_what_is_true() {
        for kernel in kernels(1.0) {
            let none: [&str; 0] = [];
            assert_eq!(violated(&Rewritten(kernel), 2), none, "{kernel}");
        }
        assert!(violated(&MUTE, 1).is_empty() && violated(&MUTE, 0).is_empty());
        assert!(violated(&Wrong::new(Error::None), 3).is_empty());
    }

    #[test]
    fn a_wrong_statement_is_caught() {
        for (error, statement) in [
            (Error::Steepness, "|dψ/dρ| ≤ steepness"),
            (Error::LogarithmicSlope, "|x dψ/dx| ≤ logarithmic slope"),
            (Error::Roundings, "|fl(ψ) − ψ| ≤ roundings·u"),
            (Error::Concave, "ln ψ is concave"),
            (Error::Slope, "−2ψ' is the slope"),
            (Error::Kappa1, "2 − 2ψ ≤ κ1²ρ²"),
            (Error::Kappa2, "6 − 8ψ(ρ) + 2ψ(2ρ) ≤ κ2²ρ⁴"),
            (Error::Profile, "|fl(ψ) − ψ| ≤ roundings·u"),
            (Error::Sampler, "E cos ω·z = ψ"),
            (Error::Derivatives, "(ln ψ)'' is the derivative"),
            (Error::Density, "(ln ψ̂)' is the derivative"),
            (Error::Definite, "λ_min ≥ 0"),
            (Error::Increasing, "ψ decreases"),
        ] {
            let found = violated(&Wrong::new(error), 2);
            assert!(found.contains(&statement), "{error:?} {found:?}");
        }
    }
}
