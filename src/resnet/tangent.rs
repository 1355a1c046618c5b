//! The tangent kernel: the Gram matrix of the linearised network.

use super::{ResNet, Rounding, Tape, Weights};
use crate::arithmetic::{Ball, gamma};
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
        let weyl = self.matrix.nrows() as f64 * self.entry_error * (1.0 + gamma(4));
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
pub fn tangent_kernel(
    network: &ResNet,
    weights: &Weights,
    tape: &mut Tape,
    rounding: &Rounding,
) -> TangentKernel {
    let (outputs, samples) = tape.errors().shape();
    let (depth, state) = (network.depth(), network.state_dimension());
    let size = samples * outputs;
    // Column i·d' + r of layer k is (J_k^i)ᵀ B_r.
    let mut pulled = vec![DMatrix::zeros(state, size); depth];
    let mut errors = vec![0.0_f64; depth];
    let mut sizes = vec![0.0_f64; depth];
    for output in 0..outputs {
        let row = network.readout().row(output).transpose();
        let terminal = DMatrix::from_fn(state, samples, |i, _| row[i]);
        tape.pull_back(network, weights, &terminal);
        let bounds = rounding.of_pull_back(network, weights, tape);
        for k in 0..depth {
            let adjoints = &tape.adjoints()[k + 1];
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
        let states = feature_gram(&tape.features()[k]);
        let outer = feature_gram(&pulled[k]);
        for a in 0..size {
            for b in 0..size {
                matrix[(a, b)] += states[(a / outputs, b / outputs)] * outer[(a, b)];
            }
        }
        let square = sizes[k] * sizes[k];
        let inner = errors[k] * (2.0 * sizes[k] + errors[k]) + gamma(state + 1) * square;
        let kernel = rounding.gram_entry(network, k);
        entry_error += (1.0 + kernel) * inner + kernel * square + gamma(depth + 4) * square;
    }
    matrix /= depth as f64;
    TangentKernel {
        matrix,
        entry_error: entry_error / depth as f64 * (1.0 + gamma(depth + 16)),
    }
}
