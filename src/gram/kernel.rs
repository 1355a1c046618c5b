//! Gram matrix of a radial kernel.

use super::mirror::mirror_lower;
use crate::kernel::Kernel;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// A squared distance from the product formula loses at most the factor
/// `(‖x‖² + ‖y‖²)/‖x−y‖²` of its digits; beyond this factor it is recomputed
/// from the difference.
const CANCELLATION: f64 = 64.0;

/// Columns of a panel: the panel of a product fits the cache of a core.
const PANEL: usize = 64;

/// Returns the Gram matrix `(k(z_i, z_j))` (N × N) of the columns of `points` (q × N).
///
/// # Guarantee
/// Exactly symmetric with an exact unit diagonal, the same for any number of
/// threads. Points are centred first, and squared distances come from a matrix
/// product except where that would cancel, so every one has a relative error of
/// at most `4·64·γ_{q+4}` plus that of the centred coordinates
/// (`u·max|z|/‖z_i − z_j‖`: data offset by 1e6 keep ten digits).
///
/// # Cost
/// Half a product of orders `N × q × N` and `N²/2` kernel values, on all cores.
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
    let (dimension, samples) = points.shape();
    let mut gram = DMatrix::zeros(samples, samples);
    if samples == 0 {
        return gram;
    }
    let mut centred = points.clone();
    // An average could overflow for huge data and is not needed: any nearby point will do.
    let centre = points.column(samples / 2).into_owned();
    for mut column in centred.column_iter_mut() {
        column -= &centre;
    }
    let squares: Vec<f64> = centred.column_iter().map(|z| z.norm_squared()).collect();
    let all = MatRef::from_column_major_slice(centred.as_slice(), dimension, samples);
    gram.as_mut_slice()
        .par_chunks_mut(PANEL * samples)
        .enumerate()
        .for_each(|(panel, entries)| {
            let first = panel * PANEL;
            let width = entries.len() / samples;
            let rows = samples - first;
            let below = all.subcols(first, rows);
            let lower = MatMut::from_column_major_slice_with_stride_mut(
                &mut entries[first..],
                rows,
                width,
                samples,
            );
            let across = all.subcols(first, width);
            matmul(
                lower,
                Accum::Replace,
                below.transpose(),
                across,
                1.0,
                Par::Seq,
            );
            for (column, entries) in entries.chunks_exact_mut(samples).enumerate() {
                let j = first + column;
                entries[j] = 1.0;
                let values = &mut entries[j + 1..];
                for (value, (i, square)) in values.iter_mut().zip((j + 1..).zip(&squares[j + 1..]))
                {
                    let size = square + squares[j];
                    let squared_distance = size - 2.0 * *value;
                    *value = if squared_distance * CANCELLATION > size {
                        squared_distance
                    } else {
                        (centred.column(i) - centred.column(j)).norm_squared()
                    };
                }
                kernel.profile_in_place(values);
            }
        });
    mirror_lower(gram.as_mut_slice(), samples);
    gram
}
