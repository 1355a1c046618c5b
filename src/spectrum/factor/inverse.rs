//! A vector near the smallest eigenvalue, by inverse iterations with the factor.

use super::part::Reader;
use super::{FactorError, FactorTiles, Tiling};
use crate::watch::{Stopped, Watch};
use nalgebra::DVector;
use rayon::prelude::*;

/// Most iterations.
const CAP: usize = 12;

/// The relative change of the growth at which they end.
const CHANGE: f64 = 1e-6;

/// Returns N numbers, a guess at an eigenvector of `K` for its smallest eigenvalue: that of `LLᵀ ≈ K − sI`, by at most twelve
/// inverse iterations. Whatever it is, its Rayleigh quotient is a bound.
///
/// # Errors
/// [`FactorError`] for tiles that cannot be read, and a run that was stopped.
///
/// # Cost
/// `N²` multiplications an iteration; the factor is read twice.
pub fn nearest_vector(
    factor: &dyn FactorTiles,
    watch: &dyn Watch,
) -> Result<Vec<f64>, FactorError> {
    let reader = Reader::new(factor);
    let tiling = factor.tiling();
    // Signs without a pattern that an eigenvector would have.
    let sign = |i: usize, _| {
        if (i.wrapping_mul(2_654_435_761) >> 16) & 1 == 0 {
            1.0
        } else {
            -1.0
        }
    };
    let mut vector = DVector::from_fn(tiling.order(), sign).normalize();
    let mut growth = 0.0;
    for _ in 0..CAP {
        let mut image = vector.clone();
        forward(&reader, tiling, &mut image, watch)?;
        backward(&reader, tiling, &mut image, watch)?;
        let norm = image.norm();
        if !(norm.is_normal()) {
            // Zero on the diagonal of the factor, or an overflow: what there is serves.
            break;
        }
        vector = image / norm;
        let settled = (norm - growth).abs() <= CHANGE * norm;
        growth = norm;
        if settled {
            break;
        }
    }
    Ok(vector.as_slice().to_vec())
}

/// Solves `Ly = b` in place.
fn forward(
    reader: &Reader<'_>,
    tiling: Tiling,
    b: &mut DVector<f64>,
    watch: &dyn Watch,
) -> Result<(), FactorError> {
    for row in 0..tiling.rows() {
        let known = &*b;
        let products = sums(row, watch, |column| {
            let range = tiling.range(column);
            Ok(reader.tile(row, column)? * known.rows(range.start, range.len()))
        })?;
        let range = tiling.range(row);
        let mut part = b.rows_mut(range.start, range.len());
        products.into_iter().for_each(|product| part -= product);
        let diagonal = reader.tile(row, row)?;
        if !diagonal.solve_lower_triangular_mut(&mut part) {
            part.fill(f64::NAN);
        }
    }
    Ok(())
}

/// Solves `Lᵀx = y` in place.
fn backward(
    reader: &Reader<'_>,
    tiling: Tiling,
    y: &mut DVector<f64>,
    watch: &dyn Watch,
) -> Result<(), FactorError> {
    let rows = tiling.rows();
    for column in (0..rows).rev() {
        let known = &*y;
        let products = sums(rows - 1 - column, watch, |below| {
            let row = column + 1 + below;
            let range = tiling.range(row);
            Ok(reader
                .tile(row, column)?
                .tr_mul(&known.rows(range.start, range.len())))
        })?;
        let range = tiling.range(column);
        let mut part = y.rows_mut(range.start, range.len());
        products.into_iter().for_each(|product| part -= product);
        let diagonal = reader.tile(column, column)?;
        if !diagonal.tr_solve_lower_triangular_mut(&mut part) {
            part.fill(f64::NAN);
        }
    }
    Ok(())
}

/// Products, in parallel, in order.
fn sums(
    count: usize,
    watch: &dyn Watch,
    product: impl Fn(usize) -> Result<DVector<f64>, FactorError> + Sync,
) -> Result<Vec<DVector<f64>>, FactorError> {
    let products = (0..count)
        .into_par_iter()
        .map(|k| match watch.is_stopped() {
            true => Err(Stopped.into()),
            false => product(k),
        });
    products.collect()
}
