//! The polygon through points of a step, and what is certain of it.
//!
//! A path that is straight between computed points needs no derivative of the gradient but the one
//! that theory bounds: where `−ν ≤ ∇²L ≤ β`, the gradient between two points is as far from its linear
//! interpolation as a quarter of `β + ν` times their distance (`proofs/p9-flow.md`).

use super::Observer;
use crate::arithmetic::{Ball, enlarged, gamma};
use crate::resnet::ResidualNetwork;

/// How the loss bends near a stretch of the path, `−ν ≤ ∇²L ≤ β`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossCurvature {
    /// `β`.
    pub largest: Ball,
    /// `ν`, not negative.
    pub negative: Ball,
}

/// A straight piece of the path, at a constant velocity `w` from one point to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    /// The time it takes.
    pub duration: f64,
    /// `‖w‖`.
    pub speed: Ball,
    /// `‖w + mean of ∇L at both ends‖`.
    pub drift: Ball,
    /// The distance of `∇L` at one end from `∇L` at the other.
    pub change: Ball,
    /// `‖∇L‖` at both ends.
    pub slopes: [Ball; 2],
}

impl Segment {
    /// Its length.
    pub fn chord(&self) -> Ball {
        Ball::from(self.duration) * self.speed
    }

    /// `q = (β + ν)·chord/4`: after the share `s`, `∇L` is no farther than `4s(1−s)q` from its linear
    /// interpolation.
    fn bend(&self, curvature: LossCurvature) -> Ball {
        (curvature.largest + curvature.negative) * self.chord() * Ball::from(0.25)
    }

    /// How far `∇L` may be from its mean at both ends, `q + p²/4q`, `p` half the change: the largest
    /// `py + q(1 − y²)`, `y = |1 − 2s|`.
    pub fn deviation(&self, curvature: LossCurvature) -> Ball {
        let bend = self.bend(curvature);
        bend + self.change.square() / (Ball::from(16.0) * bend)
    }

    /// The largest `‖v̇ + ∇L‖`.
    pub fn defect(&self, curvature: LossCurvature) -> Ball {
        self.drift + self.deviation(curvature)
    }

    /// The largest `‖v̇ + ∇L‖/‖∇L‖`, as `‖∇L‖` is at least the speed less the defect: infinite, if the
    /// gradient may vanish.
    pub fn residual(&self, curvature: LossCurvature) -> f64 {
        let defect = self.defect(curvature);
        let slope = self.speed - defect;
        if slope.lower() > 0.0 {
            (Ball::from(defect.upper()) / slope).upper()
        } else {
            f64::INFINITY
        }
    }

    /// `∫‖∇L‖²`: that of the linear interpolation, and what the gradient bends.
    pub fn dissipated(&self, curvature: LossCurvature) -> Ball {
        let [first, last] = self.slopes;
        let ends = (first.square() + last.square()) * Ball::from(0.5);
        let linear = ends - self.change.square() / Ball::from(6.0);
        let (steepest, bend) = (first.upper().max(last.upper()), self.bend(curvature));
        // ∫4s(1−s) = 2/3 and ∫(4s(1−s))² = 8/15.
        let once = Ball::from(4.0 * steepest) * bend / Ball::from(3.0);
        let twice = Ball::from(8.0) * bend.square() / Ball::from(15.0);
        let off = once + twice;
        Ball::from(self.duration) * linear.widened(off.upper())
    }
}

/// A point `v + Σ_i t_i g_i` of a step from `v`, as computed, with the gradient there.
#[derive(Clone, Debug)]
pub(super) struct Corner<P> {
    /// The numbers `t_i`.
    pub coefficients: Vec<f64>,
    /// How far the computed point is from the sum.
    pub rounding: f64,
    /// The computed gradient at the computed point.
    pub gradient: P,
    /// How far it is from the exact one.
    pub error: f64,
    /// The exact `‖∇L‖` there.
    pub slope: Ball,
}

/// Evaluates the gradient at `start + Σ_i t_i g_i`.
pub(super) fn corner<N: ResidualNetwork>(
    observer: &mut Observer<N>,
    start: &N::Parameter,
    directions: &[N::Parameter],
    coefficients: Vec<f64>,
) -> Corner<N::Parameter> {
    let network = observer.network();
    let terms: Vec<_> = coefficients.iter().copied().zip(directions).collect();
    let point = network.passing_point(start, &terms);
    let rounding = network.combination_rounding(&point, &terms);
    let analysis = observer.analyse(&point);
    Corner {
        coefficients,
        rounding,
        gradient: observer.gradient().clone(),
        error: analysis.gradient_error(),
        slope: analysis.gradient_norm_squared.sqrt(),
    }
}

/// Joins two corners of one step in a given time.
///
/// # Arguments
/// * `lengths`: `‖g_i‖`, at most.
pub(super) fn segment<N: ResidualNetwork>(
    network: &N,
    directions: &[N::Parameter],
    lengths: &[f64],
    duration: f64,
    [first, last]: [&Corner<N::Parameter>; 2],
) -> Segment {
    let pairs = first.coefficients.iter().zip(&last.coefficients);
    let rates: Vec<f64> = pairs.map(|(a, b)| (b - a) / duration).collect();
    let terms: Vec<_> = rates.iter().copied().zip(directions).collect();
    let velocity = network.combination(&network.zero(), &terms);
    // A difference and a quotient, the sum, and the points at both ends.
    let moved: f64 = rates.iter().zip(lengths).map(|(r, g)| r.abs() * g).sum();
    let off = gamma(2) * moved
        + network.combination_rounding(&velocity, &terms)
        + (first.rounding + last.rounding) / duration;
    let off = enlarged(off, rates.len() + 8);
    let means = [(0.5, &first.gradient), (0.5, &last.gradient)];
    let sum = network.combination(&velocity, &means);
    let mean_off = 0.5 * (first.error + last.error) + network.combination_rounding(&sum, &means);
    let ends = [(1.0, &last.gradient), (-1.0, &first.gradient)];
    let turn = network.combination(&network.zero(), &ends);
    let turn_off = first.error + last.error + network.combination_rounding(&turn, &ends);
    Segment {
        duration,
        speed: network.norm(&velocity).widened(off),
        drift: network.norm(&sum).widened(enlarged(off + mean_off, 8)),
        change: network.norm(&turn).widened(enlarged(turn_off, 8)),
        slopes: [first.slope, last.slope],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::UNIT_ROUNDOFF;
    use crate::bounds::agreement::assert_agrees;
    use crate::resnet::Weights;
    use crate::resnet::oracle::Case;

    const CURVATURE: LossCurvature = LossCurvature {
        largest: Ball::EVERYTHING,
        negative: Ball::EVERYTHING,
    };

    fn curvature(largest: f64, negative: f64) -> LossCurvature {
        LossCurvature {
            largest: Ball::from(largest),
            negative: Ball::from(negative),
        }
    }

    fn piece() -> Segment {
        Segment {
            duration: 0.5,
            speed: Ball::from(2.0),
            drift: Ball::from(0.25),
            change: Ball::from(1.5),
            slopes: [Ball::from(2.0), Ball::from(1.75)],
        }
    }

    // chord 1, q = (3 + 1)/4 = 1, deviation 1 + 2.25/16, defect that and ¼.
    #[test]
    fn bounds_of_a_segment_are_their_formulas() {
        let (piece, curvature) = (piece(), curvature(2.5, 1.5));
        assert_agrees(piece.chord(), 1.0, 4);
        assert_agrees(piece.deviation(curvature), 1.140625, 16);
        assert_agrees(piece.defect(curvature), 1.390625, 16);
        let residual = piece.residual(curvature);
        let exact = 1.390625 / (2.0 - 1.390625);
        assert!(residual >= exact && residual <= exact * (1.0 + 100.0 * UNIT_ROUNDOFF));
        // ½[(4 + 49/16)/2 − 2.25/6], and off by ½[(4/3)·2 + 8/15].
        let dissipated = piece.dissipated(curvature);
        assert!((dissipated.mid() - 1.578125).abs() <= 1e-15);
        assert!((dissipated.rad() - 1.6).abs() <= 1e-12);
        // The steeper end counts, whichever it is.
        let turned = Segment {
            slopes: [piece.slopes[1], piece.slopes[0]],
            ..piece
        };
        assert_eq!(turned.dissipated(curvature), dissipated);
    }

    // 2.25/16q + q with q = (β + ν)·d·s/4 for another duration d and speed s.
    #[test]
    fn deviation_knows_duration_speed_and_both_curvatures() {
        let other = Segment {
            duration: 0.25,
            speed: Ball::from(3.0),
            ..piece()
        };
        let bend = (7.0 + 2.0) * 0.75 / 4.0;
        let expected = bend + 2.25 / (16.0 * bend);
        assert_agrees(other.deviation(curvature(7.0, 2.0)), expected, 24);
    }

    #[test]
    fn gradient_that_may_vanish_has_no_residual() {
        assert_eq!(piece().residual(curvature(6.0, 2.0)), f64::INFINITY);
        assert_eq!(piece().residual(CURVATURE), f64::INFINITY);
        let still = Segment {
            speed: Ball::from(0.0),
            ..piece()
        };
        assert_eq!(still.residual(curvature(1.0, 1.0)), f64::INFINITY);
    }

    /// A gradient on the line with slope β up to the middle and −ν from there, at unit speed: it is `q` off
    /// its linear interpolation there; where β = ν, it is `q` off its mean and the bound is attained.
    #[test]
    fn bend_is_attained() {
        let (largest, negative) = (3.0, 3.0);
        let unit = Segment {
            duration: 1.0,
            speed: Ball::from(1.0),
            drift: Ball::from(0.0),
            change: Ball::from(0.0),
            slopes: [Ball::from(0.0); 2],
        };
        let middle = largest * 0.5;
        assert_agrees(unit.deviation(curvature(largest, negative)), middle, 16);
        let (largest, negative) = (3.0, 1.0);
        let ends = (largest - negative) * 0.5;
        let off = largest * 0.5 - 0.5 * ends;
        assert_agrees(unit.bend(curvature(largest, negative)), off, 16);
    }

    /// A corner that is known badly, of a number that its other parts do not have.
    fn bad(gradient: &Weights, coefficient: f64, share: f64) -> Corner<Weights> {
        Corner {
            coefficients: vec![coefficient],
            rounding: share,
            gradient: gradient.scaled(coefficient),
            error: 10.0 * share,
            slope: Ball::from(coefficient),
        }
    }

    // One direction g of length n, from 1·g to 3·g in the time ½: w = 4g, the gradients g and 3g at the
    // ends: the drift is 6n, the change 2n. Roundings ε and 2ε, errors 10ε and 20ε.
    #[test]
    fn segment_joins_two_corners() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 1);
        let direction = case.weights.clone();
        let length = direction.norm().mid();
        let share = 1e-3;
        let (first, last) = (
            bad(&direction, 1.0, share),
            bad(&direction, 3.0, 2.0 * share),
        );
        let joined = segment(
            &case.network,
            std::slice::from_ref(&direction),
            &[length],
            0.5,
            [&first, &last],
        );
        let close = |ball: Ball, mid: f64, rad: f64| {
            assert!(
                (ball.mid() - mid * length).abs() <= 1e-13 * length,
                "{ball:?}"
            );
            assert!((ball.rad() - rad).abs() <= 1e-12, "{ball:?} {rad}");
        };
        assert_eq!(joined.duration, 0.5);
        close(joined.speed, 4.0, 3.0 * share / 0.5);
        close(joined.drift, 6.0, 3.0 * share / 0.5 + 15.0 * share);
        close(joined.change, 2.0, 30.0 * share);
        assert_eq!(joined.slopes, [Ball::from(1.0), Ball::from(3.0)]);
    }

    // The rates are off by two roundings each, the sum by its own: all of it counts.
    #[test]
    fn segment_knows_its_roundings() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 1);
        let direction = case.weights.clone();
        let length = direction.norm().upper();
        let (first, last) = (bad(&direction, 1.0, 0.0), bad(&direction, 3.0, 0.0));
        let joined = |lengths: f64| {
            let directions = std::slice::from_ref(&direction);
            segment(&case.network, directions, &[lengths], 0.5, [&first, &last])
        };
        let own = joined(0.0).speed.rad();
        let more = joined(1e6 * length).speed.rad() - own;
        let expected = 2.0 * UNIT_ROUNDOFF * 4.0 * 1e6 * length;
        assert!(
            (more / expected - 1.0).abs() <= 1e-6,
            "{more:e} {expected:e}"
        );
        let terms = [(4.0, &direction)];
        let sum = case.network.combination(&case.network.zero(), &terms);
        let rounding = case.network.combination_rounding(&sum, &terms);
        let norm = case.network.norm(&sum).rad();
        assert!(own >= norm + rounding && own <= (norm + rounding) * 1.001);
        let known = |ball: Ball, v: &Weights, terms: &[(f64, &Weights)], more: f64| {
            let sum = case.network.combination(v, terms);
            let least = case.network.norm(&sum).rad()
                + case.network.combination_rounding(&sum, terms)
                + more;
            assert!(ball.rad() >= least && ball.rad() <= least * 1.001);
        };
        let (one, three) = (&first.gradient, &last.gradient);
        let segment = joined(0.0);
        known(segment.drift, &sum, &[(0.5, one), (0.5, three)], rounding);
        let zero = case.network.zero();
        known(segment.change, &zero, &[(1.0, three), (-1.0, one)], 0.0);
    }

    #[test]
    fn corner_is_the_point_and_its_gradient() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 1);
        let mut observer = Observer::try_new(&case.network, &case.inputs, &case.targets).unwrap();
        let directions = [case.weights.scaled(0.5), case.weights.scaled(0.25)];
        let here = corner(&mut observer, &case.weights, &directions, vec![2.0, -1.0]);
        let terms = [(2.0, &directions[0]), (-1.0, &directions[1])];
        let point = case.network.combination(&case.weights, &terms);
        let seen = observer.observe(&point);
        assert_eq!(&here.gradient, observer.gradient());
        assert_eq!(here.error, seen.rounding.gradient_error());
        assert_eq!(here.slope, seen.gradient_norm_squared.sqrt());
        assert_eq!(
            here.rounding,
            case.network.combination_rounding(&point, &terms)
        );
        assert_eq!(here.coefficients, [2.0, -1.0]);
    }
}
