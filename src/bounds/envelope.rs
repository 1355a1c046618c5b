//! The training of a network beside that of its linearisation (P8b).

use super::curvature::jacobian_lipschitz;
use super::{ComputedStep, Conclusion, JacobianChange, Neighbourhood, layered_coupling};
use crate::arithmetic::{Ball, count};
use crate::factor::named;

/// One iterate of the linearised model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearPoint {
    /// `‖ê_n‖`, `ê_n = (I − ηT_0/N)ⁿe_0`.
    pub error: Ball,
    /// `‖v̂ⁿ − v⁰‖ = (η/N)‖J_0*Σ_{i<n}ê_i‖`.
    pub displacement: Ball,
    /// `‖J_0*ê_n‖`, `N` times the gradient; at most `‖J_0‖‖ê_n‖`.
    pub pull: Ball,
}

/// What is guaranteed of an iterate of the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnvelopePoint {
    /// Bound of `‖e_n‖`.
    pub error: Ball,
    /// Bound of `‖e_n − ê_n‖`.
    pub error_gap: Ball,
    /// Bound of `‖vⁿ − v⁰‖`.
    pub displacement: Ball,
    /// Bound of `‖vⁿ − v̂ⁿ‖`.
    pub displacement_gap: Ball,
    /// Bound of `‖J_n*e_n‖`, `N` times the norm of the gradient.
    pub pull: Ball,
}

impl EnvelopePoint {
    /// The point of which this is known, with no gap to the linearised model.
    pub(crate) fn known(error: Ball, displacement: Ball, pull: Ball) -> Self {
        let zero = Ball::from(0.0);
        Self {
            error,
            error_gap: zero,
            displacement,
            displacement_gap: zero,
            pull,
        }
    }

    /// The bound `E_n²/2N` of the loss.
    ///
    /// # Arguments
    /// * `samples`: `N`.
    #[must_use]
    pub fn loss(&self, samples: usize) -> Ball {
        self.error.square() / (named("envelope loss: 2N", Ball::from(2.0)) * count(samples))
    }

    /// What is guaranteed of the iterate that a computed step ends at: its loss, and its place.
    #[must_use]
    pub fn conclusions(&self, samples: usize, step: &ComputedStep) -> [Conclusion; 2] {
        let of = |what, found, allowed| Conclusion {
            what,
            found,
            carried: 0.0,
            allowed,
        };
        [
            of("L(vⁿ) ≤ E_n²/2N", step.loss, self.loss(samples)),
            of("‖vⁿ−v⁰‖ ≤ p_n", step.displacement, self.displacement),
        ]
    }
}

/// Constants of the envelope around a reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Envelope {
    /// `√λ_max(T_0) = ‖J_0‖`.
    pub slope: Ball,
    /// `Q`: `‖J(v) − J(w)‖ ≤ Q‖v − w‖` on the ball of radius `radius`.
    pub curvature: Ball,
    /// `‖I − ηT_0/N‖`, at most 1.
    pub contraction: Ball,
    /// `η/N`.
    pub rate: Ball,
    /// `R`.
    pub radius: f64,
}

impl Envelope {
    /// Returns `Q = √N‖B‖e^{κ1R̄}(s_2κ2R̄κ0²e^{κ1R̄} + θ_Dκ1κ0)`, `R̄ = ‖v⁰‖ + R` (P7, part II), of stationary
    /// kernels.
    #[must_use]
    pub fn curvature(samples: usize, norm_squared: Ball, around: &Neighbourhood) -> Ball {
        jacobian_lipschitz(
            samples,
            norm_squared,
            around,
            layered_coupling(around.depth),
        )
    }

    /// Returns the guarantees for as many iterates as stay in the ball, the start included.
    ///
    /// With `p_n`, `E_n` bounds of `‖vⁿ − v⁰‖` and `‖e_n‖`, `Δ_n` of `‖e_n − ê_n‖`, `S = ‖J_0‖`:
    ///
    /// ```text
    /// τ_n     = Q·½(p_n + p_(n+1))·(S + Q·p_n) + S·Q·p_n,
    /// Δ_(n+1) = ‖I − ηT_0/N‖·Δ_n + (η/N)·τ_n·E_n,
    /// g_(n+1) = g_n + (η/N)·(S·Δ_n + Q·p_n·E_n),
    /// p_(n+1) = min(p̂_(n+1) + g_(n+1), p_n + (η/N)·(S + Q·p_n)·E_n),
    /// ```
    ///
    /// and `E_n = ‖ê_n‖ + Δ_n`. Nothing else is assumed: no PL constant, no bound of the loss.
    ///
    /// # Arguments
    /// * `linear`: the iterates of the linearised model, from 0.
    /// * `perturbations`: `δ_n`, how far the `n`-th iterate is from an exact step; what is not given is 0. It
    ///   adds `(S + Q(p_n + p_(n+1))/2)·δ` to `Δ`, and δ to `g` and `p`.
    ///
    /// # Source
    /// `proofs/p8b-spectral.md`.
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, bounds::{Envelope, LinearPoint}};
    /// let ball = Ball::from;
    /// // Without curvature the network is its linearisation.
    /// let envelope = Envelope {
    ///     slope: ball(1.0), curvature: ball(0.0), contraction: ball(0.5), rate: ball(0.5), radius: 9.0,
    /// };
    /// let linear = [(4.0, 0.0), (2.0, 2.0)].map(|(error, displacement)| LinearPoint {
    ///     error: ball(error), displacement: ball(displacement), pull: ball(error),
    /// });
    /// let points = envelope.points(&linear, &[]);
    /// assert!(points[1].error.contains(2.0) && points[1].displacement.contains(2.0));
    /// ```
    #[must_use]
    pub fn points(&self, linear: &[LinearPoint], perturbations: &[f64]) -> Vec<EnvelopePoint> {
        let change = |distance: Ball| self.curvature * distance;
        // The constants are those of the ball: an iterate outside has no guarantee.
        let known = |place: Ball| place.upper() <= self.radius;
        let constants = [self.slope, self.contraction, self.rate];
        follow(constants, change, known, linear, perturbations)
    }
}

/// The envelope without a ball: the change of the Jacobian is that between the start and where the iterates
/// are known to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntegratedEnvelope {
    /// `√λ_max(T_0) = ‖J_0‖`.
    pub slope: Ball,
    /// `ω`: `‖J(v) − J(v⁰)‖ ≤ ω(‖v − v⁰‖)`.
    pub change: JacobianChange,
    /// `‖I − ηT_0/N‖`, at most 1.
    pub contraction: Ball,
    /// `η/N`.
    pub rate: Ball,
}

impl IntegratedEnvelope {
    /// Returns the guarantees for as many iterates as have one, the start included: [`Envelope::points`] with
    /// `ω(p_n)` for `Qp_n` and `½(ω(p_n) + ω(p_{n+1}))` for `½Q(p_n + p_{n+1})`, and no ball to leave.
    ///
    /// # Source
    /// `proofs/p8b-integrated.md`.
    pub fn points(&self, linear: &[LinearPoint], perturbations: &[f64]) -> Vec<EnvelopePoint> {
        let change = |distance: Ball| self.change.at(distance);
        let constants = [self.slope, self.contraction, self.rate];
        follow(constants, change, Ball::is_bounded, linear, perturbations)
    }
}

/// The recursion of both envelopes.
///
/// # Arguments
/// * `change`: of the Jacobian up to a distance; convex.
/// * `known`: of a distance, whether `change` holds there.
fn follow(
    [slope, contraction, rate]: [Ball; 3],
    change: impl Fn(Ball) -> Ball,
    known: impl Fn(Ball) -> bool,
    linear: &[LinearPoint],
    perturbations: &[f64],
) -> Vec<EnvelopePoint> {
    let Some(start) = linear.first() else {
        return Vec::new();
    };
    let zero = Ball::from(0.0);
    let mut point = EnvelopePoint::known(start.error, zero, slope * start.error);
    let mut bent = zero;
    let mut points = vec![point];
    for (n, line) in linear.iter().enumerate().skip(1) {
        let off = Ball::from(perturbations.get(n).copied().unwrap_or(0.0));
        let error = point.error;
        let bend = named("linearised envelope: bend of a step", bent * error);
        let pulled =
            rate * (named("linearised envelope: slope · gap", slope * point.error_gap) + bend);
        let displacement_gap = point.displacement_gap + pulled + off;
        let straight = line.displacement + displacement_gap;
        let along = point.displacement + named("linearised envelope: way", rate * point.pull) + off;
        let displacement = straight.min(along);
        if !known(displacement) {
            break;
        }
        let moved = change(displacement);
        let between = (bent + moved) / Ball::from(2.0);
        let turned = named("linearised envelope: ΔJ·J", between * (slope + bent))
            + named("linearised envelope: J·ΔJ", slope * bent);
        let error_gap = named("linearised envelope: contraction", contraction) * point.error_gap
            + rate * turned * error
            + named("linearised envelope: rounding", (slope + between) * off);
        let error = line.error + error_gap;
        point = EnvelopePoint {
            error,
            error_gap,
            displacement,
            displacement_gap,
            pull: (slope + moved) * error,
        };
        bent = moved;
        points.push(point);
    }
    points
}

/// Returns `‖ê_n‖ + (η/N)τ·Σ_{j<n}ϱ^{j/2}·‖e_0‖`, the envelope with one change `τ` of the tangent
/// kernel on the whole ball and P8's factor `ϱ`.
///
/// # Arguments
/// * `linear`: the iterates of the linearised model; `rate`: `η/N`.
#[must_use]
pub fn uniform_envelope(
    linear: &[LinearPoint],
    rate: Ball,
    change: Ball,
    factor: Ball,
) -> Vec<Ball> {
    let root = named("uniform envelope: √ϱ", factor.sqrt());
    let start = linear.first().map_or(Ball::from(0.0), |point| point.error);
    let (mut sum, mut power) = (Ball::from(0.0), Ball::from(1.0));
    let mut envelope = Vec::with_capacity(linear.len());
    for point in linear {
        envelope.push(point.error + named("uniform envelope: ηΔΣ", rate * change * sum) * start);
        sum = sum + power;
        power = power * root;
    }
    envelope
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{around, assert_agrees};

    fn ball(x: f64) -> Ball {
        Ball::from(x)
    }

    fn linear(numbers: &[(f64, f64)]) -> Vec<LinearPoint> {
        let point = |&(error, displacement)| LinearPoint {
            error: ball(error),
            displacement: ball(displacement),
            pull: ball(2.0 * error),
        };
        numbers.iter().map(point).collect()
    }

    const ENVELOPE: [f64; 4] = [2.0, 0.1, 0.75, 0.25];

    fn envelope([slope, curvature, contraction, rate]: [f64; 4], radius: f64) -> Envelope {
        Envelope {
            slope: ball(slope),
            curvature: ball(curvature),
            contraction: ball(contraction),
            rate: ball(rate),
            radius,
        }
    }

    #[test]
    fn curvature_is_its_formula() {
        let around = around([0.9, 0.5, 0.3, 0.4, 0.6], 4);
        let stretch = 0.5f64.exp();
        // s_2² = 14/64 and θ = 1/(8 sin(π/14)) of four layers.
        let theta = 1.0 / (8.0 * (std::f64::consts::PI / 14.0).sin());
        let inner = (14.0f64 / 64.0).sqrt() * 0.3 * 0.81 * stretch + theta * 0.5 * 0.9;
        let plain = (7.0f64 * 3.0).sqrt() * stretch * inner;
        assert_agrees(Envelope::curvature(7, ball(3.0), &around), plain, 100);
    }

    // Two steps in decimals. p_1: along = 0.25·2·1 = 0.5, straight = 0.4. τ_0 = 0.1·0.2·2 = 0.04;
    // Δ_1 = 0.25·0.04·1 = 0.01, E_1 = 0.61. g_2 = 0.25(2·0.01 + 0.04·0.61) = 0.0111;
    // along = 0.4 + 0.25·2.04·0.61 = 0.7111, straight = 0.9111. τ_1 = 0.1·0.55555·2.04 + 2·0.04;
    // Δ_2 = 0.75·0.01 + 0.25·τ_1·0.61.
    #[test]
    fn two_steps_by_hand() {
        let points =
            envelope(ENVELOPE, 9.0).points(&linear(&[(1.0, 0.0), (0.6, 0.4), (0.3, 0.9)]), &[]);
        assert_eq!(points.len(), 3);
        assert_eq!(points[0].error, ball(1.0));
        assert_eq!(points[0].displacement.mid(), 0.0);
        assert_agrees(points[1].displacement, 0.4, 20);
        assert_eq!(points[1].displacement_gap.mid(), 0.0);
        assert_agrees(points[1].error_gap, 0.01, 40);
        assert_agrees(points[1].error, 0.61, 40);
        let gap = 0.25 * (0.02 + 0.04 * 0.61);
        assert_agrees(points[2].displacement_gap, gap, 60);
        let along = 0.4 + 0.25 * 2.04 * 0.61;
        assert_agrees(points[2].displacement, along, 60);
        let change = 0.1 * 0.5 * (0.4 + along) * 2.04 + 2.0 * 0.04;
        let gap = 0.0075 + 0.25 * change * 0.61;
        assert_agrees(points[2].error_gap, gap, 80);
        assert_agrees(points[2].error, 0.3 + gap, 80);
        // Where the linearised displacement is the shorter, it is what counts.
        let near =
            envelope(ENVELOPE, 9.0).points(&linear(&[(1.0, 0.0), (0.6, 0.4), (0.3, 0.5)]), &[]);
        assert_agrees(near[2].displacement, 0.5 + 0.25 * (0.02 + 0.04 * 0.61), 60);
    }

    // δ = 1/8 before the first iterate: p = 0.4 + δ against 0.5 + δ; Δ_1 = 0.25·τ + (2 + 0.1·½·0.525)δ.
    #[test]
    fn perturbations_are_carried() {
        let line = linear(&[(1.0, 0.0), (0.6, 0.4)]);
        let points = envelope(ENVELOPE, 9.0).points(&line, &[0.0, 0.125]);
        assert_agrees(points[1].displacement_gap, 0.125, 20);
        assert_agrees(points[1].displacement, 0.525, 20);
        let between = 0.1 * 0.5 * 0.525;
        assert_agrees(
            points[1].error_gap,
            0.25 * between * 2.0 + (2.0 + between) * 0.125,
            60,
        );
    }

    #[test]
    fn guarantees_end_where_the_ball_ends() {
        let points =
            envelope(ENVELOPE, 0.5).points(&linear(&[(1.0, 0.0), (0.6, 0.4), (0.3, 0.9)]), &[]);
        assert_eq!(points.len(), 2);
        let points = envelope(ENVELOPE, 0.0).points(&linear(&[(1.0, 0.0), (0.6, 0.4)]), &[]);
        assert_eq!(points.len(), 1);
        assert!(envelope(ENVELOPE, 1.0).points(&[], &[]).is_empty());
    }

    /// With a constant `Q` both are one recursion; and ω grows with the distance.
    #[test]
    fn integrated_envelope_is_the_recursion_with_its_own_change() {
        let line = linear(&[(1.0, 0.0), (0.6, 0.4), (0.3, 0.9)]);
        let place = around([1.0, 0.01, 0.0, 0.0, 0.0], 4);
        let change = JacobianChange::new(1, ball(1.0), ball(1.0), place);
        let [slope, _, contraction, rate] = ENVELOPE.map(ball);
        let integrated = IntegratedEnvelope {
            slope,
            change,
            contraction,
            rate,
        };
        let points = integrated.points(&line, &[0.0, 0.125]);
        let omega = |p: f64| change.at(ball(p)).mid();
        // p_1 = min(0.4, 0.5) + δ; Δ_1 = ¼·ω/2·2 + (2 + ω/2)δ.
        let between = 0.5 * omega(0.525);
        assert_agrees(points[1].displacement, 0.525, 20);
        assert_agrees(
            points[1].error_gap,
            0.25 * between * 2.0 + (2.0 + between) * 0.125,
            400,
        );
        let error = 0.6 + points[1].error_gap.mid();
        let gap = 0.125 + 0.25 * (2.0 * points[1].error_gap.mid() + omega(0.525) * error);
        assert_agrees(points[2].displacement_gap, gap, 400);
        assert_eq!(points.len(), 3);
        // An unbounded step has no place, and nothing follows from it.
        assert_eq!(integrated.points(&line, &[0.0, f64::INFINITY]).len(), 1);
        assert!(integrated.points(&[], &[]).is_empty());
    }

    /// One parameter, one sample: `f = v + ½av²`, so that `J = 1 + av`, `Q = a`.
    #[test]
    fn a_parabola_stays_within() {
        for a in [0.0, 0.05, -0.2] {
            let (rate, y) = (0.3, 0.7);
            let (mut v, mut line) = (0.0_f64, Vec::new());
            let mut seen = Vec::new();
            let (mut linear_error, mut linear_place) = (-y, 0.0);
            for _ in 0..20 {
                let error = v + 0.5 * a * v * v - y;
                seen.push((error, v));
                line.push((f64::abs(linear_error), f64::abs(linear_place)));
                v -= rate * (1.0 + a * v) * error;
                linear_place -= rate * linear_error;
                linear_error *= 1.0 - rate;
            }
            let points =
                envelope([1.0, a.abs(), 1.0 - rate, rate], 3.0).points(&linear(&line), &[]);
            assert!(points.len() == 20 || a != 0.0);
            assert!(points.len() >= 8);
            for (point, (error, place)) in points.iter().zip(seen) {
                // Twenty steps of f64.
                assert!(error.abs() <= point.error.upper() + 1e-14);
                assert!(place.abs() <= point.displacement.upper() + 1e-14);
            }
        }
    }

    // 1, 1 + ½, 1 + ½ + ¼ halves of the change.
    #[test]
    fn uniform_envelope_sums_a_geometric_series() {
        let line = linear(&[(2.0, 0.0), (1.0, 0.0), (0.5, 0.0), (0.25, 0.0)]);
        let envelope = uniform_envelope(&line, ball(0.1), ball(0.3), ball(0.25));
        for (found, expected) in
            envelope
                .iter()
                .zip([2.0, 1.0 + 0.06, 0.5 + 0.06 * 1.5, 0.25 + 0.06 * 1.75])
        {
            assert_agrees(*found, expected, 40);
        }
        assert!(uniform_envelope(&[], ball(1.0), ball(1.0), ball(0.5)).is_empty());
    }
}
