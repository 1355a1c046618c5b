//! Forward error analysis of the batched pass.
//!
//! Every bound here is a first-order-free recursion: the error of a layer's
//! input times that layer's exact gain `1 + a_k`, plus what the layer itself
//! rounds (`proofs/rounding.md` derives each line). Norms are Euclidean, the
//! largest over the samples. Underflow is not counted: data near the smallest
//! normal numbers have no place here.

use super::{Frame, Pass, ResNet, ResidualNetwork, Tape, Weights};
use crate::arithmetic::{Ball, LIBM_ULPS, UNIT_ROUNDOFF, enlarged, gamma};
use nalgebra::DMatrix;

/// Bounds of the distance between a computed pass and the exact one at the same
/// weights and data.
#[derive(Clone, Debug)]
pub struct Rounding {
    /// `max_i ‖ẑ_k^i − z_k^i‖`, for `k = 0 … D`.
    pub states: Vec<f64>,
    /// `max_i ‖φ̂(ẑ_k^i) − φ(z_k^i)‖`, for `k = 0 … D−1`; of a kernel expansion, whose features are
    /// never formed, the distance of the exact sections at computed and exact states.
    pub features: Vec<f64>,
    /// Error of a kernel value at computed states, for `k = 0 … D−1`; empty where values are
    /// products of features.
    pub values: Vec<f64>,
    /// `max_i ‖ê^i − e^i‖` of the errors `F − y`.
    pub errors: f64,
    /// The loss.
    pub loss: Ball,
    /// `max_i ‖p̂_k^i − p_k^i‖`, for `k = 0 … D`.
    pub adjoints: Vec<f64>,
    /// `‖∇̂_k − ∇_k‖_F`, for `k = 0 … D−1`.
    pub gradient: Vec<f64>,
    /// `‖∇L‖² = D⁻¹Σ‖∇_k‖_F²`.
    pub gradient_norm_squared: Ball,
}

/// Returns the largest Euclidean norm of a column.
pub(super) fn largest_column(a: &DMatrix<f64>) -> f64 {
    a.column_iter().map(|c| c.norm()).fold(0.0, f64::max)
}

/// Returns the largest number of non-zero entries of a row: products with an
/// exact zero round nothing.
fn longest_row(a: &DMatrix<f64>) -> usize {
    let counts = a
        .row_iter()
        .map(|row| row.iter().filter(|&&x| x != 0.0).count());
    counts.max().unwrap_or(0)
}

/// `(D⁻¹Σx_k²)^{1/2}`: the norm of a parameter with layers of these norms.
fn root_mean_square(layers: &[f64]) -> f64 {
    let squares = layers.iter().map(|x| x * x).sum::<f64>();
    (squares / layers.len() as f64).sqrt()
}

/// The quantities of a network that all recursions share, rounded up.
struct Sizes {
    depth: f64,
    /// Product of orders `· × q`.
    state: f64,
    /// Product of orders `· × 2m`, with four more roundings for the scale and the sum.
    width: f64,
    trigonometry: f64,
    kappa1: f64,
    kappa2: f64,
    rms: f64,
    quartic: f64,
    /// Covers the rounding of the bound itself: sums over entries, samples and
    /// layers of what is at hand, and products of two relative errors.
    slack: f64,
}

impl Sizes {
    fn of(network: &ResNet, samples: usize) -> Self {
        let features = network.features();
        let (q, width) = (network.state_dimension(), features.width());
        let kappa1 = features.kappa1_ball().upper();
        Self {
            depth: network.depth() as f64,
            state: gamma(q),
            width: gamma(width + 4),
            // √2 times 2u of a sine or cosine, or its units in the last place; 3u of the scale.
            trigonometry: LIBM_ULPS * f64::EPSILON + 3.0 * UNIT_ROUNDOFF,
            kappa1,
            kappa2: kappa1 * features.frequency_max(),
            rms: features.frequency_rms(),
            quartic: features.frequency_quartic(),
            slack: slack(network.frame(), samples, width),
        }
    }

    /// `1 + κ1‖W‖_F/D`.
    fn gain(&self, layer_norm: f64) -> f64 {
        1.0 + self.kappa1 * layer_norm / self.depth
    }

    /// Error of the features as evaluated at a given point of norm `size`.
    fn evaluation(&self, size: f64) -> f64 {
        self.state * self.rms * size + self.trigonometry
    }
}

/// Covers the rounding of the bounds themselves: sums over entries, samples and layers of what is
/// at hand, `width` numbers a feature vector, and products of two relative errors.
pub(super) fn slack(frame: &Frame, samples: usize, width: usize) -> f64 {
    let columns = frame.state_dimension() + frame.lift().ncols();
    let entries = columns + width + samples * frame.output_dimension();
    1.0 + gamma(16 * (entries + frame.depth() + 8))
}

/// Error of the lifted inputs.
pub(super) fn lifted(frame: &Frame, inputs: &DMatrix<f64>) -> f64 {
    let size = Ball::norm_of(frame.lift().as_slice()).upper();
    gamma(longest_row(frame.lift())) * size * largest_column(inputs)
}

/// What follows from the error of the last states.
pub(super) struct ReadoutErrors {
    /// Of `F − y`.
    pub errors: f64,
    /// The loss.
    pub loss: Ball,
    /// Of `p_D`.
    pub terminal: f64,
}

/// Bounds the errors of `e = Bz_D − y`, of the loss and of `p_D = N⁻¹Bᵀe`.
pub(super) fn readout_errors(frame: &Frame, slack: f64, pass: &Pass, state: f64) -> ReadoutErrors {
    let readout = frame.readout();
    let readout_norm = frame.readout_norm_squared().sqrt().upper();
    let readout_size = Ball::norm_of(readout.as_slice()).upper();
    let samples = pass.errors.ncols() as f64;
    let largest_error = largest_column(pass.errors);
    let last = &pass.states[frame.depth()];
    let product = gamma(longest_row(readout)) * readout_size * largest_column(last);
    let errors = slack * (readout_norm * state + product + UNIT_ROUNDOFF * largest_error);
    let mean_error = pass.errors.column_iter().map(|e| e.norm()).sum::<f64>() / samples;
    let loss = Ball::new(pass.loss, gamma(pass.errors.len() + 3) * pass.loss)
        .widened(slack * (mean_error * errors + 0.5 * errors * errors));
    let transposed = gamma(longest_row(&readout.transpose()) + 3);
    let terminal = slack * (readout_norm * errors + transposed * readout_size * largest_error);
    ReadoutErrors {
        errors,
        loss,
        terminal: terminal / samples,
    }
}

/// `‖∇L‖²` of a gradient of computed norm, off by these distances a layer.
pub(super) fn gradient_norm_squared(norm: Ball, gradient: &[f64], slack: f64) -> Ball {
    norm.widened(slack * root_mean_square(gradient)).square()
}

impl Rounding {
    /// Bounds the rounding of the forward and backward pass that `tape` holds.
    ///
    /// # Cost
    /// Norms of what the tape holds; no product.
    pub fn of(network: &ResNet, weights: &Weights, inputs: &DMatrix<f64>, tape: &Tape) -> Self {
        let samples = inputs.ncols();
        let sizes = Sizes::of(network, samples);
        let norms: Vec<f64> = weights.layer_norms().into_iter().map(Ball::upper).collect();
        let (states, features) = forward(network, &sizes, &norms, inputs, tape);

        let last = network.depth();
        let pass = network.pass(tape);
        let readout = readout_errors(network.frame(), sizes.slack, &pass, states[last]);
        let adjoints = backward(&sizes, &norms, &states, tape, readout.terminal);

        let gradient: Vec<f64> = (0..last)
            .map(|k| {
                let total: f64 = tape.adjoints()[k + 1].column_iter().map(|p| p.norm()).sum();
                let carried = samples as f64 * adjoints[k + 1];
                sizes.slack * (carried + total * (features[k] + gamma(samples)))
            })
            .collect();
        let norm = tape.gradient().norm();
        Self {
            gradient_norm_squared: gradient_norm_squared(norm, &gradient, sizes.slack),
            states,
            features,
            values: Vec::new(),
            errors: readout.errors,
            loss: readout.loss,
            adjoints,
            gradient,
        }
    }

    /// Bounds `‖∇̂ − ∇‖`.
    #[must_use]
    pub fn gradient_error(&self) -> f64 {
        // Squares and their sum, the quotient and the root.
        enlarged(root_mean_square(&self.gradient), self.gradient.len() + 2)
    }

    /// Bounds the error of adjoint states pulled back from an exact terminal state.
    pub fn of_pull_back(&self, network: &ResNet, weights: &Weights, tape: &Tape) -> Vec<f64> {
        let sizes = Sizes::of(network, tape.errors().ncols());
        let norms: Vec<f64> = weights.layer_norms().into_iter().map(Ball::upper).collect();
        backward(&sizes, &norms, &self.states, tape, 0.0)
    }

    /// Bounds the entries of `ΦᵀΦ − (k̂(z^i, z^j))` at layer `k`.
    pub fn gram_entry(&self, network: &ResNet, layer: usize) -> f64 {
        let error = self.features[layer];
        let size = 1.0 + error;
        let product = gamma(network.features().width()) * size * size;
        // The factor covers the six roundings of this line.
        enlarged(product + error * (1.0 + size), 8)
    }
}

fn forward(
    network: &ResNet,
    sizes: &Sizes,
    norms: &[f64],
    inputs: &DMatrix<f64>,
    tape: &Tape,
) -> (Vec<f64>, Vec<f64>) {
    let mut state = sizes.slack * lifted(network.frame(), inputs);
    let (mut states, mut features) = (vec![state], Vec::with_capacity(norms.len()));
    for (k, &norm) in norms.iter().enumerate() {
        let size = largest_column(&tape.states()[k]);
        let evaluation = sizes.slack * sizes.evaluation(size);
        features.push(sizes.slack * (sizes.kappa1 * state + evaluation));
        // W at features that are off, and the product at features as long as 1.
        let layer = norm / sizes.depth * (evaluation + sizes.width) + sizes.width * size;
        state = sizes.slack * (sizes.gain(norm) * state + layer);
        states.push(state);
    }
    (states, features)
}

fn backward(sizes: &Sizes, norms: &[f64], states: &[f64], tape: &Tape, terminal: f64) -> Vec<f64> {
    let mut adjoint = terminal;
    let mut adjoints = vec![terminal; norms.len() + 1];
    for (k, &norm) in norms.iter().enumerate().rev() {
        let size = largest_column(&tape.adjoints()[k + 1]);
        let position = largest_column(&tape.states()[k]);
        let phases = sizes.state * position * sizes.quartic;
        // γ_q for Wᵀp, γ_2 for the slopes, and the product with Ω.
        let products = sizes.state + gamma(2) + sizes.width + sizes.trigonometry;
        let layer = sizes.kappa2 * states[k] + sizes.rms * products + phases;
        let rounded = norm * size / sizes.depth * layer + sizes.width * size;
        adjoint = sizes.slack * (sizes.gain(norm) * adjoint + rounded);
        adjoints[k] = adjoint;
    }
    adjoints
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{Case, Double, chirp, doubled, jacobian};
    use super::super::reference;
    use super::*;
    use crate::arithmetic::Real;
    use crate::features::FourierFeatures;
    use nalgebra::dmatrix;

    const U: f64 = UNIT_ROUNDOFF;

    fn bound(case: &Case) -> (Tape, Rounding) {
        let tape = case.tape();
        let rounding = Rounding::of(&case.network, &case.weights, &case.inputs, &tape);
        (tape, rounding)
    }

    /// First-order terms add up to the expectation; γ and the slack differ from
    /// it by a few hundred u relatively.
    fn close(found: f64, expected: f64) {
        assert!(
            (found / expected - 1.0).abs() <= 1e-12,
            "{found:e} {expected:e}"
        );
    }

    fn off(computed: f64, exact: Double) -> Double {
        Double::from(computed) - exact
    }

    fn norm(entries: impl IntoIterator<Item = Double>) -> f64 {
        let zero = Double::from(0.0);
        let squares = entries.into_iter().map(|x| x * x);
        squares.fold(zero, |sum, x| sum + x).sqrt().value()
    }

    fn dot(a: impl Iterator<Item = f64>, b: &[Double]) -> Double {
        let terms = a.zip(b);
        terms.fold(Double::from(0.0), |sum, (a, &b)| sum + Double::from(a) * b)
    }

    /// Compares everything that a tape holds with 31 digits.
    fn is_sound(case: &Case) {
        let (tape, rounding) = bound(case);
        let (network, layers) = (&case.network, doubled(&case.weights));
        let depth = network.depth();
        let samples = case.inputs.ncols() as f64;
        let mut loss = Double::from(0.0);
        for (i, x) in case.inputs.column_iter().enumerate() {
            let states = reference::states(network, &layers, x.as_slice());
            for (k, state) in states.iter().enumerate() {
                let column = tape.states()[k].column(i);
                let error = norm(column.iter().zip(state).map(|(&z, &exact)| off(z, exact)));
                assert!(error <= rounding.states[k], "state {k} {error:e}");
                if k < depth {
                    let exact = reference::feature_vector(network.features(), state);
                    let column = tape.features()[k].column(i);
                    let pairs = column.iter().zip(&exact);
                    let error = norm(pairs.map(|(&phi, &exact)| off(phi, exact)));
                    assert!(error <= rounding.features[k], "features {k} {error:e}");
                }
            }
            let target = case.targets.column(i).into_owned();
            let rows = network.readout().row_iter().zip(target.iter());
            let errors: Vec<Double> = rows
                .map(|(b, &y)| dot(b.iter().copied(), &states[depth]) - Double::from(y))
                .collect();
            let pairs = tape.errors().column(i).into_owned();
            let error = norm(pairs.iter().zip(&errors).map(|(&e, &exact)| off(e, exact)));
            assert!(error <= rounding.errors, "errors {error:e}");
            loss = errors.iter().fold(loss, |sum, &e| sum + e * e);
            let mean = Double::reciprocal_root(samples * samples);
            let columns = network.readout().column_iter();
            let terminal: Vec<Double> = columns
                .map(|b| mean * dot(b.iter().copied(), &errors))
                .collect();
            for (k, state) in states.iter().enumerate() {
                let jacobian = jacobian(network, &layers, k, state);
                let exact = jacobian.iter().map(|column| {
                    let terms = column.iter().zip(&terminal);
                    terms.fold(Double::from(0.0), |sum, (&j, &p)| sum + j * p)
                });
                let exact: Vec<Double> = exact.collect();
                let column = tape.adjoints()[k].column(i);
                let error = norm(column.iter().zip(&exact).map(|(&p, &exact)| off(p, exact)));
                assert!(error <= rounding.adjoints[k], "adjoint {k} {error:e}");
            }
        }
        let loss = loss * Double::reciprocal_root(4.0 * samples * samples);
        let error = off(rounding.loss.mid(), loss).value().abs();
        assert!(error <= rounding.loss.rad(), "loss {error:e}");
        let exact = reference::gradient(network, &layers, &case.inputs, &case.targets);
        for (k, layer) in tape.gradient().layers().iter().enumerate() {
            let entries = layer.row_iter().zip(&exact[k]);
            let error = norm(entries.flat_map(|(row, exact)| {
                let row = row.into_owned();
                let pairs = row.iter().zip(exact);
                pairs.map(|(&g, &exact)| off(g, exact)).collect::<Vec<_>>()
            }));
            assert!(error <= rounding.gradient[k], "gradient {k} {error:e}");
        }
        let length = norm(exact.into_iter().flatten().flatten());
        let exact = length * length / depth as f64;
        let error = (rounding.gradient_norm_squared.mid() - exact).abs();
        assert!(error <= rounding.gradient_norm_squared.rad() + 4.0 * U * exact);
    }

    fn with_network(case: &Case, lift: DMatrix<f64>, readout: DMatrix<f64>, by: f64) -> Case {
        let frequencies = case.network.features().frequencies() * by;
        let features = FourierFeatures::try_new(frequencies).unwrap();
        let depth = case.network.depth();
        Case {
            network: ResNet::try_new(lift, readout, features, depth).unwrap(),
            ..case.clone()
        }
    }

    #[test]
    fn bounds_hold_on_small_networks() {
        let shapes = [
            [1, 1, 1, 1, 1, 1],
            [2, 3, 2, 4, 3, 3],
            [3, 2, 1, 6, 9, 2],
            [1, 4, 4, 2, 2, 5],
        ];
        for (seed, shape) in (0..4).flat_map(|seed| shapes.map(|shape| (10 * seed, shape))) {
            let plain = Case::new(shape, seed);
            is_sound(&plain);
            let mut far = plain.clone();
            far.inputs.add_scalar_mut(1e6);
            is_sound(&far);
            let mut heavy = plain.clone();
            heavy.weights = heavy.weights.scaled(1e2 / heavy.weights.norm().mid());
            is_sound(&heavy);
            let lift = plain.network.lift() * 1e-3;
            let readout = plain.network.readout();
            let scales = DMatrix::from_fn(readout.nrows(), readout.ncols(), |i, j| {
                [1e6, 1e-6, 1.0][(i + j) % 3]
            });
            is_sound(&with_network(
                &plain,
                lift,
                readout.component_mul(&scales),
                10.0,
            ));
            let mut fitted = plain.clone();
            fitted.targets = plain.network.predict(&plain.weights, &plain.inputs);
            is_sound(&fitted);
        }
    }

    /// A network of zero frequency, `φ = (1, 0)`, where every bound is a number of
    /// roundings. One sample: `z = 2` off by `u·2`; the layer adds `γ_{2m+4}·2`;
    /// `F = 3z` a rounding of 6 and one of the error 1.
    #[test]
    fn roundings_of_a_line() {
        let (tape, rounding) = bound(&Case::line(0.0, 1.0, 3.0, [0.0, 0.0], 2.0, 5.0));
        assert_eq!((tape.loss(), tape.gradient().layers()[0][0]), (0.5, 3.0));
        close(rounding.states[0], 2.0 * U);
        // 2√2u of the library and 3u of the scale, rounded up to 7u.
        close(rounding.features[0], 7.0 * U);
        close(rounding.states[1], 14.0 * U);
        close(rounding.errors, (3.0 * 14.0 + 6.0 + 1.0) * U);
        assert_eq!(rounding.loss.mid(), 0.5);
        close(rounding.loss.rad(), (4.0 * 0.5 + 49.0) * U);
        close(rounding.adjoints[1], (3.0 * 49.0 + 4.0 * 3.0) * U);
        close(rounding.adjoints[0], (159.0 + 6.0 * 3.0) * U);
        close(rounding.gradient[0], (159.0 + 3.0 * (7.0 + 1.0)) * U);
    }

    /// The same in more dimensions: `‖A‖_F = √3` with rows of two entries, `‖B‖ = 5`,
    /// `‖B‖_F = √26` with rows of one and columns of two entries, inputs of norm 5
    /// and 1, states of norm √65 and √2, errors of norm 3 and 1, adjoint states of
    /// norm √26 and ½, two samples, two layers.
    #[test]
    fn roundings_of_a_plane() {
        let features = FourierFeatures::try_new(dmatrix![0.0; 0.0]).unwrap();
        let readout = dmatrix![3.0, 0.0; 4.0, 0.0; 0.0, 1.0];
        let network = ResNet::try_new(dmatrix![1.0, 1.0; 0.0, 1.0], readout, features, 2);
        let network = network.unwrap();
        let case = Case {
            weights: network.zero_weights(),
            network,
            inputs: dmatrix![3.0, 0.0; 4.0, 1.0],
            targets: dmatrix![19.0, 3.0; 27.0, 4.0; 2.0, 0.0],
        };
        let (tape, rounding) = bound(&case);
        assert_eq!(*tape.errors(), dmatrix![2.0, 0.0; 1.0, 0.0; 2.0, 1.0]);
        let (root26, root65) = (26.0_f64.sqrt(), 65.0_f64.sqrt());
        let lifted = 2.0 * 3.0_f64.sqrt() * 5.0;
        close(rounding.states[0], lifted * U);
        close(rounding.states[2], (lifted + 12.0 * root65) * U);
        let errors = 5.0 * (lifted + 12.0 * root65) + root26 * root65 + 3.0;
        close(rounding.errors, errors * U);
        // 6 squares, their sum, the mean; the mean norm is 2.
        close(rounding.loss.rad(), (9.0 * 2.5 + 2.0 * errors) * U);
        let terminal = (5.0 * errors + (2.0 + 3.0) * root26 * 3.0) / 2.0;
        let gradient = |adjoint: f64| 2.0 * adjoint + (root26 + 0.5) * (7.0 + 2.0);
        for k in 0..2 {
            let adjoint = terminal + 6.0 * root26 * (1 - k) as f64;
            close(rounding.adjoints[k + 1], adjoint * U);
            close(rounding.gradient[k], gradient(adjoint) * U);
        }
        close(rounding.adjoints[0], (terminal + 12.0 * root26) * U);
        // Σp = (5, 3/2); the norm of eight numbers takes fewer than 30 roundings.
        let norm = 27.25_f64.sqrt();
        let (first, second) = (rounding.gradient[0], rounding.gradient[1]);
        let error = ((first * first + second * second) / 2.0).sqrt();
        let radius = rounding.gradient_norm_squared.rad();
        assert!(radius >= 2.0 * norm * error);
        assert!(radius <= 2.0 * norm * (error + 30.0 * U * norm));
    }

    /// `F = 2⁵²·2`: errors are off by `2⁵²·14u + 2⁵³u = 8`, and the loss, at `e = 2`,
    /// by `2·8 + 8²/2`.
    #[test]
    fn loss_of_errors_without_digits() {
        let large = 2.0_f64.powi(53);
        let case = Case::line(0.0, 1.0, large / 2.0, [0.0, 0.0], 2.0, large - 2.0);
        let (tape, rounding) = bound(&case);
        assert_eq!(tape.errors()[0], 2.0);
        close(rounding.errors, 8.0);
        close(rounding.loss.rad(), 48.0);
    }

    /// Zero frequency and a constant field of 1 a layer: states 2, 3, 4, adjoint states 3.
    fn drift() -> (Case, Tape) {
        let features = FourierFeatures::try_new(dmatrix![0.0]).unwrap();
        let case = Case {
            network: ResNet::try_new(dmatrix![1.0], dmatrix![1.0], features, 2).unwrap(),
            weights: Weights::from_layers(vec![dmatrix![2.0, 0.0]; 2]),
            inputs: dmatrix![2.0],
            targets: dmatrix![1.0],
        };
        let tape = case.tape();
        assert_eq!(tape.states()[2][0], 4.0);
        assert_eq!(tape.adjoints()[0][0], 3.0);
        (case, tape)
    }

    /// Sizes as large as the numbers they belong to, so that every product counts.
    const COARSE: Sizes = Sizes {
        depth: 2.0,
        state: 1.0 / 4.0,
        width: 1.0 / 8.0,
        trigonometry: 1.0 / 16.0,
        kappa1: 3.0,
        kappa2: 5.0,
        rms: 7.0,
        quartic: 11.0,
        slack: 2.0,
    };

    /// Layer 0, `‖W‖/D = 2`, state 2: the features are off by `2(¼·7·2 + 1/16) = 7.125`,
    /// the layer adds `2(7.125 + ⅛) + ⅛·2 = 14.75`.
    /// Layer 1, `‖W‖/D = 3`, state 3: `2(¼·7·3 + 1/16) = 10.625`, `3·10.75 + ⅜ = 32.625`,
    /// and the error 29.5 of its state grows by the gain `1 + 3·3`.
    #[test]
    fn forward_recursion() {
        let (case, tape) = drift();
        let inputs = &case.inputs;
        let (states, features) = forward(&case.network, &COARSE, &[4.0, 6.0], inputs, &tape);
        close(states[0], 2.0 * 2.0 * U);
        close(features[0], 2.0 * 7.125);
        close(states[1], 2.0 * 14.75);
        close(features[1], 2.0 * (3.0 * 29.5 + 10.625));
        close(states[2], 2.0 * (10.0 * 29.5 + 32.625));
        assert_eq!((states.len(), features.len()), (3, 2));
    }

    /// Layer 1, `‖W‖‖p‖/D = 9`: curvature `5·¼`, roundings `7(¼ + ⅛ + 1/16)`, phases
    /// `¼·3·11`, in all 12.5625; the sum rounds by `⅛·3`; the gain is 10.
    /// Layer 0, 6: `5·½ + 3.0625 + ¼·2·11 = 11.0625`; the gain is 7.
    #[test]
    fn backward_recursion() {
        let (_, tape) = drift();
        let adjoints = backward(&COARSE, &[4.0, 6.0], &[0.5, 0.25, 9.0], &tape, 1.0);
        assert_eq!(adjoints.len(), 3);
        close(adjoints[2], 1.0);
        let one = 2.0 * (10.0 + 9.0 * 12.5625 + 0.375);
        close(adjoints[1], one);
        close(adjoints[0], 2.0 * (7.0 * one + 6.0 * 11.0625 + 0.375));
        // Nothing but γ_2 of the slopes: 6·7·2u and then 9·7·2u before it.
        let sizes = Sizes {
            state: 0.0,
            width: 0.0,
            trigonometry: 0.0,
            kappa1: 0.0,
            slack: 1.0,
            ..COARSE
        };
        let adjoints = backward(&sizes, &[4.0, 6.0], &[0.0; 3], &tape, 0.0);
        close(adjoints[0], (63.0 + 42.0) * 2.0 * U);
    }

    /// At the zero of a sine the states stay 0 and adjoint states double at every
    /// layer: 3, 6. Layer 1: `9(5·¼ + 3.0625) + ⅜`; layer 0: `12(5·½ + 3.0625) + ⅛·6`.
    #[test]
    fn backward_recursion_follows_the_adjoint_states() {
        let features = FourierFeatures::try_new(dmatrix![1.0]).unwrap();
        let case = Case {
            network: ResNet::try_new(dmatrix![1.0], dmatrix![1.0], features, 2).unwrap(),
            weights: Weights::from_layers(vec![dmatrix![0.0, 2.0]; 2]),
            inputs: dmatrix![0.0],
            targets: dmatrix![-3.0],
        };
        let tape = case.tape();
        assert_eq!(tape.adjoints()[1][0], 6.0);
        let adjoints = backward(&COARSE, &[4.0, 6.0], &[0.5, 0.25, 9.0], &tape, 1.0);
        let one = 2.0 * (10.0 + 9.0 * 4.3125 + 0.375);
        close(adjoints[1], one);
        close(adjoints[0], 2.0 * (7.0 * one + 12.0 * 5.5625 + 0.75));
        // The gradient of a layer is made of the adjoint states behind it, 6 and 3.
        let (_, rounding) = bound(&case);
        for (k, size) in [6.0, 3.0].into_iter().enumerate() {
            let products = size * (rounding.features[k] + U);
            close(rounding.gradient[k], rounding.adjoints[k + 1] + products);
        }
    }

    #[test]
    fn sizes_of_a_network() {
        let features = FourierFeatures::try_new(dmatrix![3.0, 0.0; 0.0, 4.0]).unwrap();
        let network = ResNet::try_new(chirp(1, 2, 3), chirp(2, 1, 2), features, 5).unwrap();
        let sizes = Sizes::of(&network, 6);
        assert_eq!(sizes.depth, 5.0);
        close(sizes.state, 2.0 * U);
        close(sizes.width, 8.0 * U);
        // sin and cos to 2 ulps, or 2u each; root, quotient and product of the scale.
        close(sizes.trigonometry, 7.0 * U);
        close(sizes.kappa1, 8.0_f64.sqrt());
        close(sizes.kappa2, 4.0 * 8.0_f64.sqrt());
        close(sizes.rms, 12.5_f64.sqrt());
        close(sizes.quartic, (337.0_f64 / 2.0).sqrt());
        // κ1‖W‖/D = √8·10/5.
        close(sizes.gain(10.0), 1.0 + 2.0 * 8.0_f64.sqrt());
        close(
            sizes.evaluation(1e9),
            2.0 * U * 12.5_f64.sqrt() * 1e9 + 7.0 * U,
        );
        close(sizes.evaluation(0.0), 7.0 * U);
    }

    /// Norms and sums over every index of what a tape holds, and a dozen
    /// operations around them: the slack must exceed their roundings, for any of
    /// the sizes large, and is within a factor of 32 of them.
    #[test]
    fn slack_covers_the_rounding_of_the_bound() {
        let shapes = [
            [1; 6],
            [40, 1, 1, 1, 1, 1],
            [1, 40, 1, 40, 1, 1],
            [1, 1, 40, 1, 1, 40],
            [40, 40, 1, 40, 1, 1],
            [40, 40, 40, 40, 1, 40],
        ];
        let deep = [1, 1, 1, 1, 400, 1];
        for shape in shapes.into_iter().chain([deep]) {
            let network = Case::new(shape, 1).network;
            let [d, q, outputs, m, depth, samples] = shape;
            let slack = (Sizes::of(&network, samples).slack - 1.0) / U;
            let terms = (d + q + 2 * m + outputs * samples + depth) as f64;
            assert!(slack >= 2.0 * terms + 40.0, "{slack} {terms}");
            assert!(slack <= 32.0 * (terms + 8.0), "{slack} {terms}");
        }
    }

    /// `γ_{2m}` of vectors as long as `1 + δ`, and `δ(2 + δ)` for vectors off by δ.
    #[test]
    fn gram_entries() {
        let features = FourierFeatures::try_new(chirp(1, 1, 4000)).unwrap();
        let network = ResNet::try_new(dmatrix![1.0], dmatrix![1.0], features, 2).unwrap();
        let case = Case {
            weights: network.zero_weights(),
            network,
            inputs: dmatrix![0.5],
            targets: dmatrix![0.0],
        };
        let (_, mut rounding) = bound(&case);
        rounding.features = vec![0.0, 0.5];
        close(rounding.gram_entry(&case.network, 0), 8000.0 * U);
        let product = rounding.gram_entry(&case.network, 1) - 1.25;
        // 2.25·8000u, found to a thousandth: the difference rounds by 10u.
        assert!((product / (2.25 * 8000.0 * U) - 1.0).abs() <= 1e-3);
        assert!(product >= 2.25 * 8000.0 * U);
    }

    #[test]
    fn powers_of_two_scale_the_bounds_exactly() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 3);
        let (_, one) = bound(&case);
        let (lift, readout) = (case.network.lift().clone(), case.network.readout() * 8.0);
        let mut scaled = with_network(&case, lift, readout, 1.0);
        scaled.targets *= 8.0;
        let (_, eight) = bound(&scaled);
        assert_eq!(eight.states, one.states);
        assert_eq!(eight.features, one.features);
        close(eight.errors, 8.0 * one.errors);
        close(eight.loss.rad(), 64.0 * one.loss.rad());
        for k in 0..3 {
            close(eight.adjoints[k], 64.0 * one.adjoints[k]);
            close(eight.gradient[k], 64.0 * one.gradient[k]);
        }
    }

    #[test]
    fn copies_of_a_sample_change_no_maximum() {
        let one = Case::new([2, 3, 2, 4, 3, 1], 4);
        let copies = |a: &DMatrix<f64>| DMatrix::from_fn(a.nrows(), 5, |i, _| a[i]);
        let mut five = one.clone();
        (five.inputs, five.targets) = (copies(&one.inputs), copies(&one.targets));
        let ((_, one), (_, five)) = (bound(&one), bound(&five));
        for k in 0..3 {
            close(five.states[k + 1], one.states[k + 1]);
            close(five.features[k], one.features[k]);
            close(five.adjoints[k], one.adjoints[k] / 5.0);
        }
        close(five.errors, one.errors);
    }

    #[test]
    fn overflow_is_never_silent() {
        let mut case = Case::new([2, 3, 1, 4, 3, 2], 5);
        case.weights = case.weights.scaled(1e308);
        let (_, rounding) = bound(&case);
        assert!(!rounding.loss.is_bounded());
        assert!(!rounding.gradient_norm_squared.is_bounded());
    }
}
