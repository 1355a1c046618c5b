//! The promise, from the constants stated, by the statements of P3.local, P7.hessian and P8.

use super::Findings;
use super::allowance::{of_formula, of_sum};
use crate::arithmetic::Ball;
use crate::bounds::CurvatureVersion;
use crate::recipe::TOLERANCE;
use crate::recipe::certificate::{Promise, TrainingCertificate};

/// Radii at which the smallest scale is tried again.
const TRIALS: u32 = 2000;

/// The constants stated, in balls.
struct Facts {
    samples: Ball,
    depth: usize,
    smallest: Ball,
    largest: Ball,
    kappa1: Ball,
    kappa2: Ball,
    loss: Ball,
    /// `θ_D` and `s_2`, which are no choice.
    coupling: Ball,
    layer_mean: Ball,
}

/// `θ_D`, from the sine of its own angle.
pub(super) fn coupling(depth: usize) -> Ball {
    if depth == 1 {
        return Ball::from(0.0);
    }
    let layers = depth as f64;
    let angle = std::f64::consts::PI / (4.0 * layers - 2.0);
    // The angle is rounded three times, and the sine of one below a right angle keeps a share of it.
    let sine = angle.sin();
    let sine = Ball::new(sine, 8.0 * f64::EPSILON * sine);
    Ball::from(0.5) / (Ball::from(layers) * sine)
}

/// `s_2`, from its sum over layers.
pub(super) fn layer_mean(depth: usize) -> Ball {
    let layers = Ball::from(depth as f64);
    let squares: Ball = (0..depth)
        .map(|k| (Ball::from(k as f64) / layers).square())
        .sum();
    (squares / layers).sqrt()
}

impl Facts {
    fn of(certificate: &TrainingCertificate) -> Self {
        let constants = &certificate.constants;
        Self {
            samples: Ball::from(certificate.data.samples as f64),
            depth: certificate.architecture.depth,
            smallest: Ball::from(constants.gram_smallest.value),
            largest: Ball::from(constants.gram_largest.value),
            kappa1: Ball::from(constants.kappa1.value),
            kappa2: Ball::from(constants.kappa2.value),
            loss: Ball::from(constants.initial_loss.value),
            coupling: coupling(certificate.architecture.depth),
            layer_mean: layer_mean(certificate.architecture.depth),
        }
    }

    /// `√N κ1 √(k/D) R`.
    fn drift(&self, layer: usize, radius: f64) -> Ball {
        let share = Ball::from(layer as f64) / Ball::from(self.depth as f64);
        (self.samples * share).sqrt() * (self.kappa1 * Ball::from(radius))
    }

    /// `(2α²/N)·D⁻¹Σ_k[(√λ − √N κ1 √(k/D) R)₊ e^{−κ1R − κ1²R²/D}]²`, nothing unless `D ≥ 4κ1²R²`.
    fn pl_constant(&self, scale: f64, radius: f64) -> Option<Ball> {
        let depth = Ball::from(self.depth as f64);
        let stretch = self.kappa1 * Ball::from(radius);
        let deep = (depth - Ball::from(4.0) * stretch * stretch).lower() >= 0.0;
        let shrunk = (-(stretch * (Ball::from(1.0) + stretch / depth))).exp();
        let term = |k: usize| {
            let left = self.smallest.sqrt() - self.drift(k, radius);
            (left.positive_part() * shrunk).square()
        };
        let sum: Ball = (0..self.depth).map(term).sum();
        let factor =
            Ball::from(2.0) * Ball::from(scale) * Ball::from(scale) / (self.samples * depth);
        deep.then(|| factor * sum)
    }

    /// The loss that P8 starts from, and the radius of the ball around zero that holds its own.
    fn start(&self, promise: &Promise) -> (Ball, f64) {
        let Some(filtered) = &promise.filtered else {
            return (self.loss, promise.radius);
        };
        let (error, place) = (filtered.error.value, filtered.displacement.value);
        let loss = Ball::from(error).square() / (Ball::from(2.0) * self.samples);
        (
            loss,
            (Ball::from(place) + Ball::from(promise.radius)).upper(),
        )
    }

    /// `α²G + α√(2ℓ)(s_2κ2R e^{2κ1R} + θ_Dκ1 e^{κ1R})`, with one of the three `G`.
    fn smoothness(&self, version: CurvatureVersion, scale: f64, radius: f64, loss: Ball) -> Ball {
        let (scale, length) = (Ball::from(scale), Ball::from(radius));
        let stretch = self.kappa1 * length;
        let (once, twice) = (stretch.exp(), (stretch + stretch).exp());
        let depth = Ball::from(self.depth as f64);
        let part = match version {
            CurvatureVersion::Global => Ball::from(1.0),
            CurvatureVersion::Largest => ((self.largest / self.samples).sqrt() + stretch).square(),
            CurvatureVersion::Layers => {
                let term = |k: usize| (self.largest.sqrt() + self.drift(k, radius)).square();
                (0..self.depth).map(term).sum::<Ball>() / (depth * self.samples)
            }
        };
        let bent =
            self.layer_mean * self.kappa2 * length * twice + self.coupling * self.kappa1 * once;
        scale * scale * twice * part + scale * (loss + loss).sqrt() * bent
    }
}

/// Checks that everything derived follows from what is stated.
pub(super) fn follows(certificate: &TrainingCertificate, findings: &mut Findings<'_>) {
    let facts = Facts::of(certificate);
    let promise = &certificate.promise;
    simple_constants(certificate, &facts, findings);
    smallest_scale(certificate, &facts, findings);

    let (scale, (loss, radius)) = (certificate.scale.chosen, facts.start(promise));
    // What is stated is worse by the rounding of either evaluation, and is found with that of this one.
    let roundings = 2.0 * of_sum(facts.depth);
    let inside = radius <= certificate.constants.largest_radius.value;
    findings.require(
        0.0 < promise.radius && inside,
        "promise.radius",
        promise.radius,
        "a radius is positive, and at most the largest",
    );
    findings.require(
        scale > 0.0 && scale.is_finite(),
        "scale.chosen",
        scale,
        "a scale is positive",
    );
    let stated = promise.pl_constant.value;
    let found = facts.pl_constant(scale, radius).unwrap_or(Ball::from(0.0));
    let close =
        0.0 < stated && stated <= found.lower() && stated >= found.lower() * (1.0 - roundings);
    findings.require(
        close,
        "promise.pl_constant",
        stated,
        format!("P3.local gives {:e}", found.mid()),
    );
    let stated = promise.smoothness.value;
    let found = facts.smoothness(promise.version, scale, radius, loss);
    let close = stated >= found.upper() && stated <= found.upper() * (1.0 + roundings);
    findings.require(
        close,
        "promise.smoothness",
        stated,
        format!("P7.hessian gives {:e}", found.mid()),
    );
    let least = CurvatureVersion::ALL
        .iter()
        .map(|&version| facts.smoothness(version, scale, radius, loss).upper())
        .fold(f64::INFINITY, f64::min);
    let best = found.lower() <= least;
    findings.require(
        best,
        "promise.version",
        format!("{:?}", promise.version),
        "another version is smaller",
    );
    convergence(promise, [loss, facts.loss], findings);
}

/// Tells whether a constant that is stated is this one: either may round below the other.
fn is_found_again(stated: f64, found: Ball, depth: usize) -> bool {
    stated >= found.lower() && stated <= found.upper() * (1.0 + of_sum(depth))
}

/// Constants that are numbers of their own.
fn simple_constants(certificate: &TrainingCertificate, facts: &Facts, findings: &mut Findings<'_>) {
    let constants = &certificate.constants;
    findings.equal("constants.kappa0", constants.kappa0.value, 1.0);
    for (name, stated, found) in [
        ("constants.coupling", &constants.coupling, facts.coupling),
        (
            "constants.layer_mean",
            &constants.layer_mean,
            facts.layer_mean,
        ),
    ] {
        findings.require(
            is_found_again(stated.value, found, facts.depth),
            name,
            stated.value,
            format!("P7 gives {:e}", found.mid()),
        );
    }
    let stated = constants.largest_radius.value;
    let depth = Ball::from(certificate.architecture.depth as f64);
    let found = depth.sqrt() / (Ball::from(2.0) * Ball::from(constants.kappa1.value));
    let close = stated <= found.lower() && stated >= found.lower() * (1.0 - 2.0 * of_formula());
    findings.require(
        close,
        "constants.largest_radius",
        stated,
        format!("√D/(2κ̂1) is {:e}", found.mid()),
    );
}

/// `α*` is admissible, and no smaller one is at any of many radii.
fn smallest_scale(certificate: &TrainingCertificate, facts: &Facts, findings: &mut Findings<'_>) {
    let scale = &certificate.scale;
    let margin = Ball::from(scale.step_margin);
    findings.equal("scale.tolerance", scale.tolerance, TOLERANCE);
    let sensible = 0.0 < scale.step_margin && scale.step_margin < 1.0;
    findings.require(
        sensible,
        "scale.step_margin",
        scale.step_margin,
        "it lies between 0 and 1",
    );
    let threshold = |alpha: f64, radius: f64| {
        let m = facts.pl_constant(alpha, radius).unwrap_or(Ball::from(0.0));
        m * (Ball::from(radius) * margin).square() / Ball::from(4.0)
    };
    let largest = certificate.constants.largest_radius.value;
    let inside = 0.0 < scale.radius && scale.radius <= largest;
    findings.require(
        inside,
        "scale.radius",
        scale.radius,
        format!("it lies between 0 and {largest:e}"),
    );
    let below = 0.0 < scale.smallest && scale.smallest <= scale.chosen;
    findings.require(
        below,
        "scale.smallest",
        scale.smallest,
        format!("it is at most the scale chosen, {:e}", scale.chosen),
    );
    let found = threshold(scale.smallest, scale.radius);
    // What overflows is known to be anything, and allows nothing.
    let enough = found.is_bounded() && found.upper() >= facts.loss.lower();
    findings.require(
        enough,
        "scale.smallest",
        scale.smallest,
        format!("it allows a loss of {:e}", found.mid()),
    );
    let smaller = scale.smallest * (1.0 - scale.tolerance);
    let mut radii = (1..=TRIALS).map(|k| largest * (f64::from(k) / f64::from(TRIALS)).powi(3));
    let wasteful = radii
        .find(|&radius| threshold(smaller, radius).lower() > facts.loss.mid())
        .or_else(|| {
            (threshold(smaller, scale.radius).lower() > facts.loss.mid()).then_some(scale.radius)
        });
    findings.require(
        wasteful.is_none(),
        "scale.smallest",
        scale.smallest,
        format!("a smaller one will do at the radius {wasteful:?}"),
    );
}

/// `c`, the condition, the rate and the number of steps.
fn convergence(promise: &Promise, [loss, initial]: [Ball; 2], findings: &mut Findings<'_>) {
    let (m, beta) = (
        Ball::from(promise.pl_constant.value),
        Ball::from(promise.smoothness.value),
    );
    let (step, radius) = (Ball::from(promise.step), Ball::from(promise.radius));
    let margin = Ball::from(1.0) - beta * step / Ball::from(2.0);
    let mut follows = |field, stated: f64, found: Ball, what: &str| {
        let close = 0.0 < stated
            && stated <= found.upper()
            && stated >= found.lower() * (1.0 - of_formula());
        findings.require(close, field, stated, format!("{what} is {:e}", found.mid()));
    };
    follows(
        "promise.step_margin",
        promise.step_margin,
        margin,
        "1 − βη/2",
    );
    let threshold = m * radius * radius * margin * margin / Ball::from(4.0);
    follows(
        "promise.loss_threshold",
        promise.loss_threshold,
        threshold,
        "mR²c²/4",
    );
    let rate = step * m * margin;
    follows("promise.rate", promise.rate, rate, "ηmc");
    let steps = promise.step > 0.0 && promise.step.is_finite();
    findings.require(steps, "promise.step", promise.step, "a step is positive");
    // The step is free between 0 and 2/β: what it must agree with is c.
    let stated = Ball::new(promise.step_margin, of_formula());
    let given = Ball::from(2.0) * (Ball::from(1.0) - stated) / beta;
    let close = given.contains(promise.step);
    findings.require(
        close,
        "promise.step",
        promise.step,
        format!("2(1−c)/β is {:e}", given.mid()),
    );
    let small = loss.upper() <= promise.loss_threshold;
    findings.require(
        small,
        "promise.loss_threshold",
        promise.loss_threshold,
        format!("the loss there is {:e}", loss.mid()),
    );
    let target = promise.target;
    findings.require(
        0.0 < target && target < 1.0,
        "promise.target",
        target,
        "it lies between 0 and 1",
    );
    let each = (Ball::from(1.0) - Ball::from(promise.rate)).ln();
    let start = promise
        .filtered
        .as_ref()
        .map_or(0, |found| found.iterations);
    // P8 may start from less than the initial loss.
    let lower = match promise.filtered {
        None => Ball::from(0.0),
        Some(_) => (loss / initial).ln(),
    };
    let left = |n: u64| {
        let steps = Ball::from(n.saturating_sub(start) as f64);
        lower + steps * each - Ball::from(target).ln()
    };
    let n = promise.iterations;
    // Enough for certain; and one less is not, unless the two cannot be told apart.
    let least = n == start || left(n.saturating_sub(1)).upper() > 0.0;
    let counted = n >= start && left(n).lower() <= 0.0 && least;
    let needed = ((target.ln() - lower.mid()) / (-promise.rate).ln_1p()).ceil();
    findings.require(
        counted,
        "promise.iterations",
        n,
        format!("{} are needed", start as f64 + needed.max(0.0)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::{layer_means, layered_coupling};

    /// What a recipe states of its layers is found again at every depth, although it was rounded otherwise.
    #[test]
    fn constants_over_layers_are_found_again_at_every_depth() {
        for depth in (1..2000).chain([3005, 10_002]) {
            for (stated, found) in [
                (layer_means(depth)[1], layer_mean(depth)),
                (layered_coupling(depth), coupling(depth)),
            ] {
                assert!(is_found_again(stated.upper(), found, depth), "{depth}");
                let more = stated.upper() * (1.0 + 1e-6);
                assert!(depth == 1 || !is_found_again(more, found, depth), "{depth}");
            }
        }
    }
}
