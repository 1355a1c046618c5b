//! The Rayleigh quotient of a vector, a tile of the matrix at a time.

use super::{FactorError, TiledMatrix, Tiling};
use crate::arithmetic::{Ball, enlarged, gamma};
use crate::watch::{Stopped, Watch};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Bounds the smallest eigenvalue from above by the quotient `xᵀKx/xᵀx`.
pub(super) fn quotient_above(
    matrix: &TiledMatrix<'_>,
    tiling: Tiling,
    vector: &[f64],
    watch: &dyn Watch,
) -> Result<f64, FactorError> {
    let x = scaled(vector, tiling.order())?;
    let row = |row: usize| {
        let mut sum = Ball::from(0.0);
        for column in 0..=row {
            if watch.is_stopped() {
                return Err(FactorError::Stopped(Stopped));
            }
            let mut tile = matrix.tile(tiling, row, column);
            if row == column {
                // The matrix meant is symmetric: its lower half says what it is.
                tile.fill_upper_triangle_with_lower_triangle();
            }
            let part = numerator(&tile, &x[tiling.range(row)], &x[tiling.range(column)]);
            // Twice is exact.
            sum = sum + if row == column { part } else { part + part };
        }
        Ok(sum)
    };
    let rows: Result<Vec<Ball>, FactorError> =
        (0..tiling.rows()).into_par_iter().map(row).collect();
    let numerator = rows?
        .into_iter()
        .fold(Ball::from(0.0), |sum, row| sum + row);
    let quotient = numerator / Ball::norm_of(&x).square();
    Ok((quotient.upper() + matrix.error()).next_up())
}

/// The vector over its largest entry: numbers up to one.
fn scaled(vector: &[f64], order: usize) -> Result<Vec<f64>, FactorError> {
    let largest = vector.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let finite = vector.iter().all(|x| x.is_finite());
    if vector.len() != order || !finite || !(largest > 0.0) {
        return Err(FactorError::Vector { order });
    }
    Ok(vector.iter().map(|x| x / largest).collect())
}

/// `xᵀAy` with its rounding.
fn numerator(a: &DMatrix<f64>, x: &[f64], y: &[f64]) -> Ball {
    let (mut sum, mut size) = (0.0, 0.0);
    for (column, y) in a.column_iter().zip(y) {
        let (mut inner, mut inner_size) = (0.0, 0.0);
        for (entry, x) in column.iter().zip(x) {
            inner += entry * x;
            inner_size += (entry * x).abs();
        }
        sum += inner * y;
        size += (inner_size * y).abs();
    }
    let operations = a.nrows() + a.ncols() + 4;
    let rounding = gamma(operations) * enlarged(size, operations);
    // What underflows, each time by the smallest number at most.
    let underflow = (2 * a.len() + a.ncols()) as f64 * f64::MIN_POSITIVE;
    Ball::new(sum, (rounding + underflow).next_up())
}
