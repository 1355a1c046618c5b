//! The remainder of a central difference of the loss along a line (P1).

use crate::arithmetic::Ball;

/// Sizes along the segment `v + th`, `|t| ≤ 1`, in parameter space.
#[derive(Clone, Debug)]
pub struct LineSegment<'a> {
    /// `‖V_k‖ + ‖H_k‖` a layer, so that every point of the segment is covered.
    pub weights: &'a [f64],
    /// `‖H_k‖` a layer.
    pub direction: &'a [f64],
    /// `max_j ‖ω_j‖ =: Ω`; a paired feature map has `‖Dⁿφ‖ ≤ Ωⁿ`.
    pub frequency: f64,
    /// `‖B‖`.
    pub readout_norm: f64,
    /// `max_i ‖e^i‖` at the centre of the segment.
    pub error: f64,
}

/// Returns a bound of `|d³L/dt³|` on the segment, so that
/// `|(L(1) − L(−1))/2 − L'(0)|` is at most a sixth of it.
///
/// Follows the first three derivatives of the states layer by layer,
/// `z' ← z' + (‖H‖ + ‖V‖Ω z')/D` and so on, then
/// `L''' = N⁻¹Σ(3e'·e'' + e·e''')`. Sound, not sharp (`proofs/p1-gradient.md`).
/// Evaluated in [`Ball`]s, so that rounding is inside the bound; infinite if a size is not finite.
///
/// # Panics
/// If `weights` and `direction` differ in length.
///
/// # Example
/// ```
/// use polyak::bounds::{LineSegment, third_derivative};
/// // One layer, Ω = 0: z' = ‖H‖, z'' = z''' = 0, so the third derivative is zero.
/// let line = LineSegment {
///     weights: &[1.0], direction: &[1.0], frequency: 0.0, readout_norm: 1.0, error: 1.0,
/// };
/// assert_eq!(third_derivative(&line), 0.0);
/// ```
pub fn third_derivative(line: &LineSegment) -> f64 {
    assert_eq!(
        line.weights.len(),
        line.direction.len(),
        "one weight and one direction a layer"
    );
    let [depth, omega, b, two, three] = [
        line.weights.len() as f64,
        line.frequency,
        line.readout_norm,
        2.0,
        3.0,
    ]
    .map(Ball::from);
    let [mut first, mut second, mut third] = [Ball::from(0.0); 3];
    for (&v, &h) in line.weights.iter().zip(line.direction) {
        let (v, h) = (Ball::from(v), Ball::from(h));
        // Derivatives of φ(z(t)).
        let (p1, p2, p3) = (omega * first, omega * second, omega * third);
        let phi2 = p1 * p1 + p2;
        let phi3 = p1 * p1 * p1 + three * p1 * p2 + p3;
        first = first + (h + v * p1) / depth;
        second = second + (two * h * p1 + v * phi2) / depth;
        third = third + (three * h * phi2 + v * phi3) / depth;
    }
    let error = Ball::from(line.error) + b * first;
    (three * (b * first) * (b * second) + error * b * third).upper()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{assert_agrees, numbers, rng};
    use rand::RngExt;

    /// A power series up to the third order: coefficients, not derivatives.
    type Series = [f64; 4];

    fn product(a: Series, b: Series) -> Series {
        std::array::from_fn(|n| (0..=n).map(|i| a[i] * b[n - i]).sum())
    }

    /// The bound as a derivative: `s ↦ s + ((v + ht)e^{Ωs} − v)/D` majorises a layer,
    /// for `e^{Ωs}` has the derivatives `Ωⁿ`, and `(e + b·s)²/2` the loss.
    fn majorant(line: &LineSegment) -> f64 {
        let depth = line.weights.len() as f64;
        let mut state: Series = [0.0; 4];
        for (&v, &h) in line.weights.iter().zip(line.direction) {
            let x = state.map(|s| line.frequency * s);
            let (square, cube) = (product(x, x), product(product(x, x), x));
            let wave: Series = std::array::from_fn(|n| {
                let one = if n == 0 { 1.0 } else { 0.0 };
                one + x[n] + square[n] / 2.0 + cube[n] / 6.0
            });
            let moved = product([v, h, 0.0, 0.0], wave);
            for n in 1..4 {
                state[n] += moved[n] / depth;
            }
        }
        let b = line.readout_norm;
        let mut errors = state.map(|s| b * s);
        // The error at either end is at most the centre's and the slope.
        errors[0] = line.error + errors[1];
        3.0 * product(errors, errors)[3]
    }

    #[test]
    fn bound_is_the_third_derivative_of_a_majorant() {
        let mut rng = rng();
        for depth in 1..12 {
            let (weights, direction) =
                (numbers(&mut rng, depth, 3.0), numbers(&mut rng, depth, 2.0));
            let [frequency, readout_norm, error] =
                std::array::from_fn(|_| rng.random_range(0.2..2.0));
            let line = LineSegment {
                weights: &weights,
                direction: &direction,
                frequency,
                readout_norm,
                error,
            };
            let (bound, plain) = (third_derivative(&line), majorant(&line));
            // All terms are positive: at most 20 operations a layer, a few u each.
            assert_agrees(Ball::from(bound), plain, 20 * depth + 20);
        }
    }

    // Third order in the direction: h → 2h with everything else kept is at least
    // eightfold, and κ → cκ, v → v/c, h → h/c, b → cb changes nothing.
    #[test]
    fn bound_scales() {
        let at = |c: f64, t: f64| {
            third_derivative(&LineSegment {
                weights: &[1.5 / c, 0.75 / c, 1.0 / c],
                direction: &[0.5 * t / c, 0.25 * t / c, 0.125 * t / c],
                frequency: 1.25 * c,
                readout_norm: 0.5 * c,
                error: 2.0,
            })
        };
        assert!(at(1.0, 2.0) >= 8.0 * at(1.0, 1.0));
        assert_agrees(Ball::from(at(4.0, 1.0)), at(1.0, 1.0), 80);
        // Halved eight times, the error's own slope no longer counts.
        let ratio = at(1.0, 1.0 / 256.0) / at(1.0, 1.0 / 512.0);
        assert!((8.0..8.01).contains(&ratio), "{ratio}");
    }

    #[test]
    fn sizes_that_are_not_finite_have_no_bound() {
        for bad in [f64::NAN, f64::INFINITY] {
            for i in 0..5 {
                let mut sizes = [1.0; 5];
                sizes[i] = bad;
                let [v, h, frequency, readout_norm, error] = sizes;
                let line = LineSegment {
                    weights: &[v, 1.0],
                    direction: &[h, 1.0],
                    frequency,
                    readout_norm,
                    error,
                };
                assert_eq!(third_derivative(&line), f64::INFINITY, "{i}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "one weight and one direction a layer")]
    fn direction_must_have_a_size_a_layer() {
        third_derivative(&LineSegment {
            weights: &[1.0, 1.0],
            direction: &[1.0],
            frequency: 1.0,
            readout_norm: 1.0,
            error: 1.0,
        });
    }

    // On real networks, against nested dual numbers.

    use crate::arithmetic::Dual;
    use crate::features::FourierFeatures;
    use crate::resnet::{ResNet, Weights, reference};
    use nalgebra::{DMatrix, dmatrix};

    struct Line {
        network: ResNet,
        centre: Weights,
        direction: Weights,
        inputs: DMatrix<f64>,
        targets: DMatrix<f64>,
    }

    impl Line {
        /// The exact `d³L/dt³` at a point of the segment, up to rounding.
        fn exact(&self, t: f64) -> f64 {
            let along = reference::lift_pair(&self.centre, &self.direction, |v, h| {
                let time = Dual::variable(Dual::variable(Dual::variable(t)));
                Dual::from(v) + Dual::from(h) * time
            });
            let loss = reference::loss(&self.network, &along, &self.inputs, &self.targets);
            loss.derivative.derivative.derivative
        }

        fn bound(&self) -> f64 {
            let norms = |weights: &Weights| -> Vec<f64> {
                weights.layers().iter().map(DMatrix::norm).collect()
            };
            let direction = norms(&self.direction);
            let centre = norms(&self.centre);
            let weights: Vec<f64> = centre.iter().zip(&direction).map(|(v, h)| v + h).collect();
            let frequencies = self.network.features().frequencies();
            let longest = frequencies
                .column_iter()
                .map(|w| w.norm())
                .fold(0.0, f64::max);
            let errors = self.network.predict(&self.centre, &self.inputs) - &self.targets;
            third_derivative(&LineSegment {
                weights: &weights,
                direction: &direction,
                frequency: longest,
                readout_norm: self.network.readout_norm_squared().sqrt().upper(),
                error: errors.column_iter().map(|e| e.norm()).fold(0.0, f64::max),
            })
        }
    }

    // The sizes above are rounded, and so is the exact value: at most some hundred
    // operations on terms that the bound dominates.
    const ROUNDED: f64 = 1.0 + 1e-12;

    #[test]
    fn bound_is_above_the_third_derivative() {
        let mut rng = rng();
        for case in 0..60 {
            let depth = 1 + case % 4;
            let mut matrix = |rows, columns, size: f64| {
                DMatrix::from_fn(rows, columns, |_, _| rng.random_range(-size..size))
            };
            let features = FourierFeatures::try_new(matrix(2, 3, 2.0)).expect("finite");
            let layers = |matrix: &mut dyn FnMut() -> DMatrix<f64>| {
                Weights::from_layers((0..depth).map(|_| matrix()).collect())
            };
            let line = Line {
                network: ResNet::try_new(matrix(2, 2, 1.0), matrix(1, 2, 1.0), features, depth)
                    .expect("shapes that fit"),
                centre: layers(&mut || matrix(2, 6, 2.0)),
                direction: layers(&mut || matrix(2, 6, 0.5)),
                inputs: matrix(2, 3, 1.0),
                targets: matrix(1, 3, 1.0),
            };
            let bound = line.bound();
            for t in [-1.0, -0.5, 0.0, 0.3, 1.0] {
                assert!(line.exact(t).abs() <= bound * ROUNDED, "{case}, {t}");
            }
            // A quadratic loss has no third derivative.
            assert_eq!(bound == 0.0, depth == 1);
        }
    }

    /// Two layers in one dimension, frequency ω, input 0 where φ = (1, 0), φ' = ω(0, 1):
    /// the first layer moves along φ, the second has the given weights and direction.
    fn two_layers(omega: f64, first: f64, second: [f64; 2], moved: [f64; 2], target: f64) -> Line {
        let features = FourierFeatures::try_new(dmatrix![omega]).expect("finite");
        let [v, h] = [second, moved].map(|[cosine, sine]| dmatrix![cosine, sine]);
        Line {
            network: ResNet::try_new(dmatrix![1.0], dmatrix![1.0], features, 2).expect("fits"),
            centre: Weights::from_layers(vec![dmatrix![0.0, 0.0], v]),
            direction: Weights::from_layers(vec![dmatrix![first, 0.0], h]),
            inputs: dmatrix![0.0],
            targets: dmatrix![target],
        }
    }

    fn tightness(line: &Line) -> f64 {
        let (exact, bound) = (line.exact(0.0).abs(), line.bound());
        assert!(exact <= bound * ROUNDED);
        exact / bound
    }

    // z' = h0/2, then φ''' = −(ωz')³(0, 1) and φ'' = −(ωz')²(1, 0): with the weight along
    // the one and the direction along the other, −z''' = (v(ωz')³ + 3h(ωz')²)/2 as in the
    // bound; a far target makes the rest of L''' and the error's slope small.
    #[test]
    fn bound_is_nearly_sharp_far_from_the_target() {
        let line = two_layers(1.0, 1e-2, [0.0, 1.0], [1e-2, 0.0], 1e3);
        assert!(tightness(&line) > 0.98);
    }

    // At the target L''' = 3z'z'': a second layer that bends, φ'' = −(ωz')²(1, 0), and
    // small ωv, so that it does not count in z'.
    #[test]
    fn bound_is_nearly_sharp_at_the_target() {
        let line = two_layers(1e-2, 1e-2, [1.0, 0.0], [0.0, 0.0], 0.5);
        assert!(tightness(&line) > 0.98);
    }
}
