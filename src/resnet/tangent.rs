//! The tangent kernel: the Gram matrix of the linearised network.

use super::{ResidualNetwork, Rounding};
use crate::arithmetic::{Ball, enlarged, gamma};
use crate::gram::feature_gram;
use crate::spectrum::{SpectrumError, extreme_eigenvalues};
use nalgebra::DMatrix;

/// The tangent kernel `T` with a bound of the error of its entries.
#[derive(Clone, Debug)]
pub struct TangentKernel {
    /// `Nd' × Nd'`, index `(i, r) ↦ i·d' + r` for sample `i` and output `r`.
    pub matrix: DMatrix<f64>,
    /// Bound of `|T̂_{ab} − T_{ab}|`.
    pub entry_error: f64,
}

impl TangentKernel {
    /// Returns the smallest and the largest eigenvalue of the exact tangent kernel.
    ///
    /// # Guarantee
    /// Enclosures of the computed matrix, widened by Weyl's inequality with
    /// `‖T̂ − T‖₂ ≤ Nd'·max|T̂ − T|` (K6).
    ///
    /// # Errors
    /// A non-finite entry, or an eigensolver that does not converge.
    pub fn extremes(&self) -> Result<(Ball, Ball), SpectrumError> {
        let extremes = extreme_eigenvalues(&self.matrix)?;
        // A ball covers the rounding of what it is widened by.
        let weyl = self.matrix.nrows() as f64 * self.entry_error;
        Ok((
            extremes.smallest.ball().widened(weyl),
            extremes.largest.ball().widened(weyl),
        ))
    }
}

/// Forms the tangent kernel, blocks `D⁻¹Σ_k k̂(z_k^i, z_k^j)(BJ_k^i)(BJ_k^j)ᵀ`
/// with `J_k^i = ∂z_D^i/∂z_{k+1}^i`.
///
/// The tape must hold a forward pass, and `rounding` its analysis; the adjoint
/// states of the tape are overwritten.
///
/// # Cost
/// `d'` backward passes and `D` products of orders `Nd' × q × Nd'`.
///
/// # Source
/// Version 0 of P3 (`proofs/p3-tangent.md`).
pub fn tangent_kernel<N: ResidualNetwork>(
    network: &N,
    weights: &N::Parameter,
    tape: &mut N::Tape,
    rounding: &Rounding,
) -> TangentKernel {
    let frame = network.frame();
    let (outputs, samples) = network.pass(tape).errors.shape();
    let (depth, state) = (frame.depth(), frame.state_dimension());
    let size = samples * outputs;
    // Column i·d' + r of layer k is (J_k^i)ᵀ B_r.
    let mut pulled = vec![DMatrix::zeros(state, size); depth];
    let mut errors = vec![0.0_f64; depth];
    let mut sizes = vec![0.0_f64; depth];
    for output in 0..outputs {
        let row = frame.readout().row(output).transpose();
        let terminal = DMatrix::from_fn(state, samples, |i, _| row[i]);
        network.pull_back(tape, weights, &terminal);
        let bounds = network.pull_back_rounding(rounding, weights, tape);
        for k in 0..depth {
            let adjoints = &network.pass(tape).adjoints[k + 1];
            for sample in 0..samples {
                let column = adjoints.column(sample);
                sizes[k] = sizes[k].max(column.norm());
                pulled[k].set_column(sample * outputs + output, &column);
            }
            errors[k] = errors[k].max(bounds[k + 1]);
        }
    }
    let mut matrix = DMatrix::zeros(size, size);
    let mut entry_error = 0.0;
    for k in 0..depth {
        let states = network.gram(tape, k);
        let outer = feature_gram(&pulled[k]);
        for a in 0..size {
            for b in 0..size {
                matrix[(a, b)] += states[(a / outputs, b / outputs)] * outer[(a, b)];
            }
        }
        let square = sizes[k] * sizes[k];
        let inner = errors[k] * (2.0 * sizes[k] + errors[k]) + gamma(state + 1) * square;
        let kernel = network.gram_entry_error(rounding, k);
        entry_error += (1.0 + kernel) * inner + kernel * square + gamma(depth + 4) * square;
    }
    matrix /= depth as f64;
    TangentKernel {
        matrix,
        // The factor covers the rounding of the bound, norms of q entries included.
        entry_error: enlarged(entry_error / depth as f64, depth + state + 16),
    }
}

#[cfg(test)]
mod tests {
    use super::super::ResNet;
    use super::super::oracle::{Case, Double, doubled};
    use super::super::reference;
    use super::*;
    use crate::arithmetic::{Dual, Real, UNIT_ROUNDOFF};
    use crate::spectrum::symmetric_eigen;

    fn kernel_of(case: &Case) -> TangentKernel {
        let mut tape = case.tape();
        let rounding = Rounding::of(&case.network, &case.weights, &case.inputs, &tape);
        tangent_kernel(&case.network, &case.weights, &mut tape, &rounding)
    }

    /// `D·Σ ∂F_a ∂F_b` over all parameters: gradients are `D` times the partial
    /// derivatives, and their inner product is averaged over layers.
    fn from_jacobian(case: &Case) -> Vec<Vec<f64>> {
        let (network, zero) = (&case.network, Double::from(0.0));
        let (outputs, depth) = (network.output_dimension(), network.depth());
        let lifted = doubled(&case.weights);
        let size = outputs * case.inputs.ncols();
        let mut kernel = vec![vec![zero; size]; size];
        for k in 0..depth {
            for row in 0..lifted[k].len() {
                for column in 0..lifted[k][row].len() {
                    let mut along = reference::lift(&case.weights, Dual::<Double>::from);
                    along[k][row][column].derivative = Double::from(1.0);
                    let mut derivatives = Vec::new();
                    for x in case.inputs.column_iter() {
                        let states = reference::states(network, &along, x.as_slice());
                        for b in network.readout().row_iter() {
                            let terms = b.iter().zip(&states[depth]);
                            let sum = terms
                                .fold(zero, |sum, (&b, z)| sum + Double::from(b) * z.derivative);
                            derivatives.push(sum);
                        }
                    }
                    for (a, entries) in kernel.iter_mut().enumerate() {
                        for (b, entry) in entries.iter_mut().enumerate() {
                            *entry = *entry + derivatives[a] * derivatives[b];
                        }
                    }
                }
            }
        }
        let factor = Double::from(depth as f64);
        let value = |x: Double| (factor * x).value();
        kernel
            .into_iter()
            .map(|row| row.into_iter().map(value).collect())
            .collect()
    }

    #[test]
    fn kernel_is_the_gram_matrix_of_the_jacobian() {
        for (seed, shape) in [[2, 3, 2, 4, 3, 3], [1, 2, 1, 3, 1, 4], [3, 2, 3, 2, 5, 2]]
            .into_iter()
            .enumerate()
        {
            let case = Case::new(shape, seed);
            let kernel = kernel_of(&case);
            let exact = from_jacobian(&case);
            let size = shape[2] * shape[5];
            assert_eq!(kernel.matrix.shape(), (size, size));
            assert_eq!(kernel.matrix, kernel.matrix.transpose());
            for (a, row) in exact.iter().enumerate() {
                for (b, entry) in row.iter().enumerate() {
                    let error = (kernel.matrix[(a, b)] - entry).abs();
                    assert!(error <= kernel.entry_error, "{a} {b} {error}");
                }
            }
            assert!(kernel.entry_error <= 1e-11);
        }
    }

    /// Zero weights and frequency: states are 2, adjoint states 3, and every term
    /// of the bound is a multiple of `9u`. With `γ_{2m+4} = 6u` the adjoint state
    /// of layer 1 is exact, that of layer 0 is off by `6u·3`. A product of
    /// adjoint states: `2·6u·9` for that, and `γ_2` of 9. A Gram entry: `γ_4` and
    /// twice the `7u` of a feature vector. The sum over two layers: `γ_6`.
    #[test]
    fn entry_error_counts_every_rounding() {
        let mut case = Case::line(0.0, 1.0, 3.0, [0.0, 0.0], 2.0, 1.0);
        let features = case.network.features().clone();
        let (lift, readout) = (case.network.lift().clone(), case.network.readout().clone());
        case.network = ResNet::try_new(lift, readout, features, 2).unwrap();
        case.weights = case.network.zero_weights();
        let kernel = kernel_of(&case);
        assert_eq!(kernel.matrix[0], 9.0);
        let tape = case.tape();
        let rounding = Rounding::of(&case.network, &case.weights, &case.inputs, &tape);
        let entry = rounding.gram_entry(&case.network, 0) / UNIT_ROUNDOFF;
        let units = 9.0 * (0.5 * 12.0 + 2.0 + entry + 6.0);
        let ratio = kernel.entry_error / (units * UNIT_ROUNDOFF);
        assert!((ratio - 1.0).abs() <= 1e-12, "{ratio}");
    }

    /// `|ĜÔ − GO| ≤ (1 + g)o + gŝ²` for `|Ĝ − G| ≤ g`, `|G| ≤ 1`, `|Ô − O| ≤ o = ε(2ŝ + ε)`:
    /// with bounds of the states large enough for every product to count. The
    /// bound covers its own rounding: one operation a layer and an entry at least.
    #[test]
    fn entry_error_of_inexact_states() {
        let (q, depth) = (30, 25);
        let case = Case::new([2, q, 1, 3, depth, 2], 4);
        let mut tape = case.tape();
        let mut rounding = Rounding::of(&case.network, &case.weights, &case.inputs, &tape);
        rounding.states.fill(0.25);
        rounding.features = (0..depth).map(|k| 0.5 / (k + 1) as f64).collect();
        let terminal = DMatrix::from_fn(q, 2, |i, _| case.network.readout()[i]);
        tape.pull_back(&case.network, &case.weights, &terminal);
        let bounds = rounding.of_pull_back(&case.network, &case.weights, &tape);
        let (one, two) = (Double::from(1.0), Double::from(2.0));
        let mut expected = Double::from(0.0);
        for k in 0..depth {
            let columns = tape.adjoints()[k + 1].column_iter();
            let size = columns
                .map(|p| {
                    let squares = p.iter().map(|&x| Double::from(x) * Double::from(x));
                    squares.fold(Double::from(0.0), |sum, x| sum + x).sqrt()
                })
                .max_by(|a, b| a.value().total_cmp(&b.value()));
            let (size, error) = (size.unwrap(), Double::from(bounds[k + 1]));
            let gram = Double::from(rounding.gram_entry(&case.network, k));
            let products = Double::from((q + 1 + depth + 4) as f64 * UNIT_ROUNDOFF);
            let outer = error * (two * size + error);
            let square = size * size;
            expected = expected + (one + gram) * outer + gram * square + products * square;
        }
        let kernel = tangent_kernel(&case.network, &case.weights, &mut tape, &rounding);
        assert!(bounds[1] > 0.1, "large enough to matter");
        let mean = Double::from(depth as f64);
        let excess = (mean * Double::from(kernel.entry_error) - expected).value();
        let units = excess / expected.value() / UNIT_ROUNDOFF;
        let operations = (q + depth) as f64;
        assert!(units >= operations, "{units}");
        assert!(units <= 2.0 * (operations + 16.0), "{units}");
    }

    /// Sample major: the block of sample 1 is `|B_r·B_s|` at zero weights.
    #[test]
    fn index_runs_over_outputs_first() {
        let mut case = Case::new([1, 2, 2, 2, 1, 3], 2);
        case.weights = case.network.zero_weights();
        let kernel = kernel_of(&case).matrix;
        let (b, x) = (case.network.readout(), &case.inputs);
        let outer = b * b.transpose();
        let states = case.network.lift() * x;
        for (i, r, j, s) in [(0, 0, 1, 1), (2, 1, 0, 0), (1, 0, 1, 1), (2, 1, 2, 1)] {
            let (z, other) = (states.column(i).into_owned(), states.column(j).into_owned());
            let exact = case.network.features().value(&z, &other) * outer[(r, s)];
            // Five features and two states: fewer than 40 roundings of numbers below 2.
            let error = (kernel[(2 * i + r, 2 * j + s)] - exact).abs();
            assert!(error <= 80.0 * UNIT_ROUNDOFF, "{error}");
        }
    }

    #[test]
    fn extremes_are_widened_by_weyl() {
        let matrix = nalgebra::dmatrix![2.0, 1.0, 0.0; 1.0, 2.0, 0.0; 0.0, 0.0, 2.5];
        let entry_error = 0.01;
        let (smallest, largest) = TangentKernel {
            matrix,
            entry_error,
        }
        .extremes()
        .unwrap();
        for (ball, exact) in [(smallest, 1.0), (largest, 3.0)] {
            assert!((ball.mid() - exact).abs() <= 1e-14);
            assert!(ball.rad() >= 0.03 && ball.rad() <= 0.03 + 1e-14);
        }
        let case = Case::new([2, 3, 2, 4, 3, 3], 9);
        let kernel = kernel_of(&case);
        let values = symmetric_eigen(&kernel.matrix).unwrap().values;
        let (smallest, largest) = kernel.extremes().unwrap();
        assert!(smallest.contains(values[0]) && largest.contains(values[5]));
        assert!(largest.rad() >= 6.0 * kernel.entry_error);
    }

    #[test]
    fn doubled_states_are_those_of_the_tape() {
        let case = Case::new([2, 3, 1, 4, 2, 1], 6);
        let layers = doubled(&case.weights);
        let states = reference::states(&case.network, &layers, case.inputs.as_slice());
        let tape = case.tape();
        let rounding = Rounding::of(&case.network, &case.weights, &case.inputs, &tape);
        for (z, exact) in tape.states()[2].iter().zip(&states[2]) {
            assert!((Double::from(*z) - *exact).value().abs() <= rounding.states[2]);
        }
        assert_eq!(Double::reciprocal_root(1.0).value(), 1.0);
    }
}
