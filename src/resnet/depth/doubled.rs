//! Ends of flows in 31 digits, with a bound of their rounding.

use super::exact::{longest_frequency, remainder, taylor};
use super::{Scheme, stepped_states};
use crate::arithmetic::{Ball, DOUBLE_ROUNDOFF, DOUBLE_SUM_ROUNDOFF, Double, UNIT_ROUNDOFF, count};
use crate::features::FourierFeatures;
use crate::resnet::reference::Layers;

/// Longest Taylor step, as `hΩ‖v‖`: its remainder is below 1e-32/Ω.
const LONGEST: f64 = 1.0 / 128.0;

/// An end, and a bound of its distance to what was to be computed.
#[derive(Clone, Debug, PartialEq)]
pub struct DoubledEnd {
    state: Vec<Double>,
    error: Ball,
}

/// One path from one start, in [`Double`]s.
///
/// # Source
/// `proofs/d2-order.md`, Tolerance.
#[derive(Clone, Debug)]
pub struct DoubledFlow<'a> {
    features: &'a FourierFeatures,
    layers: &'a Layers<Double>,
    norms: &'a [Ball],
    start: &'a [Double],
    omega: Ball,
}

impl<'a> DoubledFlow<'a> {
    /// Takes a path.
    ///
    /// # Arguments
    /// * `norms`: `‖W_k‖_F`, one a layer.
    pub fn new(
        features: &'a FourierFeatures,
        layers: &'a Layers<Double>,
        norms: &'a [Ball],
        start: &'a [Double],
    ) -> Self {
        Self {
            features,
            layers,
            norms,
            start,
            omega: longest_frequency(features),
        }
    }

    /// `∫‖v‖`.
    fn length(&self) -> Ball {
        self.norms.iter().copied().sum::<Ball>() / count(self.norms.len())
    }

    /// What `steps` steps of any kind lose to rounding:
    /// `e^{κ1∫‖v‖}( 32ρ∫‖v‖(2m + q + 32 + (q+2)ΩZ) + 2ρ₊·steps·(Z + ∫‖v‖) )`, Z a bound of all states, ρ₊ the
    /// rounding of a sum.
    fn rounding(&self, steps: usize) -> Ball {
        let (m, q) = (self.features.count(), self.features.dimension());
        let start: Vec<f64> = self.start.iter().map(|z| z.value()).collect();
        let length = self.length();
        // Numbers of twice the precision, each within a unit of rounding of its leading part.
        let reach = Ball::norm_of(&start) * Ball::new(1.0, UNIT_ROUNDOFF) + length;
        let phases = count(2 * m + q + 32) + count(q + 2) * self.omega * reach;
        let moved = Ball::from(32.0 * DOUBLE_ROUNDOFF) * length * phases;
        let carried = Ball::from(2.0 * DOUBLE_SUM_ROUNDOFF) * count(steps) * (reach + length);
        let growth = (self.features.kappa1_ball() * length).exp();
        growth * (moved + carried)
    }

    /// Returns the end of the exact flow.
    #[must_use]
    pub fn exact(&self) -> DoubledEnd {
        self.taylor_steps(LONGEST)
    }

    /// The end by Taylor steps of `hΩ‖v‖ ≤ longest`.
    fn taylor_steps(&self, longest: f64) -> DoubledEnd {
        let pieces = self.layers.len();
        let kappa1 = self.features.kappa1_ball();
        let mut state = self.start.to_vec();
        let (mut error, mut steps) = (Ball::from(0.0), 0);
        for (rows, &norm) in self.layers.iter().zip(self.norms) {
            let speed = self.omega * norm;
            let length = (speed / count(pieces)).upper();
            let here = (length / longest).ceil().clamp(1.0, 1e4) as usize;
            let total = (pieces * here) as f64;
            let step = Double::from(1.0).over(total);
            let step_ball = Ball::from(1.0) / Ball::from(total);
            let remainder = remainder(speed, norm, step_ball);
            let growth = (kappa1 * norm * step_ball).exp();
            for _ in 0..here {
                state = taylor(self.features, rows, &state, step);
                error = error * growth + remainder;
            }
            steps += here;
        }
        DoubledEnd {
            state,
            error: error + self.rounding(steps),
        }
    }

    /// Returns the end of a scheme with `steps` steps a piece.
    #[must_use]
    pub fn stepped(&self, scheme: Scheme, steps: usize) -> DoubledEnd {
        self.run(self.layers, scheme, steps, self.layers.len() * steps)
    }

    /// Returns the end of a scheme with `depth` steps in all, each with the field that it starts in: steps
    /// may straddle the ends of pieces.
    #[must_use]
    pub fn straddling(&self, scheme: Scheme, depth: usize) -> DoubledEnd {
        let pieces = self.layers.len();
        let layers: Layers<Double> = (0..depth)
            .map(|k| self.layers[k * pieces / depth].clone())
            .collect();
        self.run(&layers, scheme, 1, depth)
    }

    fn run(
        &self,
        layers: &Layers<Double>,
        scheme: Scheme,
        steps: usize,
        depth: usize,
    ) -> DoubledEnd {
        let mut states = stepped_states(self.features, layers, scheme, steps, self.start);
        DoubledEnd {
            state: states.pop().expect("the start at least"),
            error: self.rounding(depth),
        }
    }

    /// Returns the distance of two ends.
    #[must_use]
    pub fn distance(&self, a: &DoubledEnd, b: &DoubledEnd) -> Ball {
        let differences = a.state.iter().zip(&b.state).map(|(&x, &y)| (x - y).value());
        let differences: Vec<f64> = differences.collect();
        // A difference is known to 2⁻¹⁰⁴ of its own size, and then rounded to f64.
        let norm = Ball::norm_of(&differences);
        let rounded = norm.upper() * f64::EPSILON;
        norm.widened((a.error + b.error).upper() + rounded)
    }
}

#[cfg(test)]
mod tests {
    use super::super::exact::DEGREE;
    use super::*;
    use crate::resnet::oracle::{Case, doubled};
    use crate::resnet::reference;
    use nalgebra::dmatrix;

    /// `z' = cos z`: `sin z(1) = tanh 1`, to thirty digits through the identity
    /// `sin z·(e² + 1) = e² − 1`, `e²` by its series.
    #[test]
    fn exact_end_has_thirty_digits() {
        let features = FourierFeatures::try_new(dmatrix![1.0]).unwrap();
        let layers = vec![vec![vec![Double::from(1.0), Double::from(0.0)]]];
        let (norms, start) = ([Ball::from(1.0)], [Double::from(0.0)]);
        let flow = DoubledFlow::new(&features, &layers, &norms, &start);
        let end = flow.exact();
        let (mut square, mut term) = (Double::from(0.0), Double::from(1.0));
        for n in 1..60 {
            square = square + term;
            term = (term * Double::from(2.0)).over(f64::from(n));
        }
        use crate::arithmetic::Real;
        let (sine, _) = end.state[0].sin_cos();
        let one = Double::from(1.0);
        let off = (sine * (square + one) - (square - one)).value().abs();
        assert!(off <= 10.0 * end.error.upper() && off < 1e-28, "{off:e}");
        assert!(end.error.upper() < 1e-25);
    }

    /// Two pieces of two steps each, so long that their remainders are more than rounding: `e ↦ e^{κ1h‖v‖}e + (hΩ‖v‖)^P h‖v‖/(P+1)`.
    #[test]
    fn remainders_of_long_steps_add_up() {
        let features = FourierFeatures::try_new(dmatrix![2.0]).unwrap();
        let layer = |v: f64| vec![vec![Double::from(v), Double::from(0.0)]];
        let (layers, start) = (vec![layer(1.0), layer(0.75)], [Double::from(0.0)]);
        let norms = [Ball::from(1.0), Ball::from(0.75)];
        let flow = DoubledFlow::new(&features, &layers, &norms, &start);
        let end = flow.taylor_steps(0.6);
        let mut error = 0.0;
        for norm in [1.0, 1.0, 0.75, 0.75_f64] {
            let share = 2.0 * norm / 4.0;
            error *= share.exp();
            error += share.powi(DEGREE as i32) * norm / 4.0 / (DEGREE + 1) as f64;
        }
        let remainder = end.error - flow.rounding(4);
        assert!(error > 1e6 * flow.rounding(4).upper());
        assert!((remainder.mid() / error - 1.0).abs() < 1e-9);
        // And they are no more than they are said to be.
        let off = flow.distance(&end, &flow.exact());
        assert!(off.lower() <= 0.0 && off.upper() <= 2.0 * error);
    }

    /// The classical scheme approaches it, and two depths agree with order four.
    #[test]
    fn stepped_ends_approach_the_exact_one() {
        let case = Case::new([2, 3, 1, 4, 3, 1], 1);
        let layers = doubled(&case.weights);
        let norms = case.weights.layer_norms();
        let input = case.inputs.column(0).into_owned();
        let start = reference::states(&case.network, &Vec::new(), input.as_slice()).remove(0);
        let flow = DoubledFlow::new(case.network.features(), &layers, &norms, &start);
        let exact = flow.exact();
        let error = |n| {
            flow.distance(&flow.stepped(Scheme::RungeKutta4, n), &exact)
                .mid()
        };
        let ratio = error(32) / error(64);
        assert!((ratio / 16.0 - 1.0).abs() < 0.1, "{ratio}");
        // One step a piece or the whole path with as many: the same.
        let aligned = flow.stepped(Scheme::Midpoint, 2);
        assert_eq!(flow.straddling(Scheme::Midpoint, 6), aligned);
        assert_ne!(flow.straddling(Scheme::Midpoint, 4).state, aligned.state);
        assert_eq!(flow.distance(&exact, &exact).mid(), 0.0);
    }

    /// What f64 and 31 digits differ by is rounding of f64.
    #[test]
    fn rounding_grows_with_the_steps() {
        let features = FourierFeatures::try_new(dmatrix![2.0]).unwrap();
        let layers = vec![vec![vec![Double::from(0.5), Double::from(0.0)]]];
        let (norms, start) = ([Ball::from(0.5)], [Double::from(3.0)]);
        let flow = DoubledFlow::new(&features, &layers, &norms, &start);
        // e^{κ1·½} = e; 32·½·(2 + 1 + 32 + 3·2·3.5) units of 2⁻⁹⁸, and 2·10·4 of 2⁻¹⁰⁴.
        let expected = 1f64.exp() * (16.0 * 56.0 + 80.0 / 64.0) * 2f64.powi(-98);
        let found = flow.rounding(10);
        assert!((found.mid() / expected - 1.0).abs() < 1e-6);
    }
}
