//! The closed form in one dimension: the monotone plan is optimal.

use super::atoms::validate;
use super::{Ground, TransportError, common_multiple};
use crate::arithmetic::{Ball, count};
use nalgebra::DMatrixView;

/// Returns the optimal cost between two clouds of equal weights on a line: `∫|F⁻¹ − G⁻¹|²` or
/// `∫|F⁻¹ − G⁻¹|` over the quantiles.
///
/// # Guarantee
/// Certified: a ball that contains it, by sorting and ball arithmetic alone.
///
/// # Errors
/// [`TransportError::Empty`], [`TransportError::NotFinite`], [`TransportError::Overflow`], and
/// [`TransportError::Units`].
///
/// # Cost
/// `n log n + m log m`.
///
/// # Example
/// ```
/// use polyak::transport::{Ground, line_cost};
/// let cost = line_cost(&[3.0, 0.0], &[1.0, 1.0, 4.0, 4.0], Ground::SquaredDistance)?;
/// assert!(cost.contains(1.0));
/// # Ok::<(), polyak::transport::TransportError>(())
/// ```
pub fn line_cost(source: &[f64], target: &[f64], ground: Ground) -> Result<Ball, TransportError> {
    let sorted = |values: &[f64]| -> Result<Vec<f64>, TransportError> {
        validate(DMatrixView::from_slice(values, 1, values.len()))?;
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        Ok(values)
    };
    let (x, y) = (sorted(source)?, sorted(target)?);
    let (n, m) = (x.len() as u64, y.len() as u64);
    let unit = common_multiple(n, m).ok_or(TransportError::Units {
        source_mass: n,
        target_mass: m,
    })?;
    let (of_source, of_target) = (unit / n, unit / m);
    let mut total = Ball::from(0.0);
    let mut at = 0;
    while at < unit {
        let (i, j) = (at / of_source, at / of_target);
        let next = ((i + 1) * of_source).min((j + 1) * of_target);
        let apart = (Ball::from(x[i as usize]) - Ball::from(y[j as usize])).abs();
        let cost = match ground {
            Ground::SquaredDistance => apart.square(),
            Ground::Distance => apart,
        };
        total = total + count((next - at) as usize) * cost;
        at = next;
    }
    Ok(total / count(unit as usize))
}
