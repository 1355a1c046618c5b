//! Gram matrix of a radial kernel.

use crate::kernel::Kernel;
use crate::linalg::gemm;
use faer::Accum;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// A squared distance from the product formula loses at most the factor
/// `(‖x‖² + ‖y‖²)/‖x−y‖²` of its digits; beyond this factor it is recomputed
/// from the difference.
const CANCELLATION: f64 = 64.0;

/// Returns the Gram matrix `(k(z_i, z_j))` (N × N) of the columns of `points` (q × N).
///
/// # Guarantee
/// Exactly symmetric with an exact unit diagonal. Points are centred first, and
/// squared distances come from one matrix product except where that would
/// cancel, so every one has a relative error of at most
/// `4·64·γ_{q+4}` plus that of the centred coordinates
/// (`u·max|z|/‖z_i − z_j‖`: data offset by 1e6 keep ten digits).
///
/// # Cost
/// One product of orders `N × q × N` and `N²/2` kernel values, on all cores.
///
/// # Example
/// ```
/// use polyak::{gram::kernel_gram, kernel::Gaussian};
/// let points = nalgebra::dmatrix![0.0, 1.0, 3.0];
/// let gram = kernel_gram(&Gaussian::try_new(1.0)?, &points);
/// assert!((gram[(0, 1)] - (-0.5_f64).exp()).abs() < 1e-15);
/// assert_eq!(gram[(2, 2)], 1.0);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
pub fn kernel_gram(kernel: &dyn Kernel, points: &DMatrix<f64>) -> DMatrix<f64> {
    let samples = points.ncols();
    if samples == 0 {
        return DMatrix::zeros(0, 0);
    }
    let mut centred = points.clone();
    // An average of coordinates would overflow for huge data and is not needed: any nearby point will do.
    let centre = points.column(samples / 2).into_owned();
    for mut column in centred.column_iter_mut() {
        column -= &centre;
    }
    let squares: Vec<f64> = centred.column_iter().map(|z| z.norm_squared()).collect();
    let mut gram = DMatrix::zeros(samples, samples);
    gemm(
        &mut gram,
        Accum::Replace,
        1.0,
        &centred,
        true,
        &centred,
        false,
    );
    gram.as_mut_slice()
        .par_chunks_mut(samples)
        .enumerate()
        .for_each(|(j, column)| {
            for i in j..samples {
                let size = squares[i] + squares[j];
                let product = size - 2.0 * column[i];
                let squared_distance = if product * CANCELLATION > size {
                    product
                } else {
                    (centred.column(i) - centred.column(j)).norm_squared()
                };
                column[i] = if i == j {
                    1.0
                } else {
                    kernel.profile(squared_distance)
                };
            }
        });
    gram.fill_upper_triangle_with_lower_triangle();
    gram
}
