//! Costs of all pairs of atoms, with their rounding.

use super::buffer::Buffer;
use super::{TransportError, worth_threads};
use crate::arithmetic::{DOUBLE_ROUNDOFF, Double, enlarged, gamma};
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;
use std::fmt;

/// Most bytes of one matrix of costs.
const MEMORY: u128 = 4_294_967_296;

/// Smaller costs are only known to be non-negative: above it, what underflows is below half a
/// unit in the last place.
pub(super) const TRUSTED: f64 = f64::from_bits((1023 - 900) << 52);

/// What it costs to move a unit of mass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// `‖x − y‖²`: the optimum is `W_2²`.
    SquaredDistance,
    /// `‖x − y‖`: the optimum is `W_1`.
    Distance,
}

impl Ground {
    /// The name of the distance that the optimum gives.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SquaredDistance => "W_2",
            Self::Distance => "W_1",
        }
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SquaredDistance => "squared distance",
            Self::Distance => "distance",
        })
    }
}

/// The matrix of costs, a row a source; each entry within a known factor of the exact cost.
pub(super) struct CostMatrix<'a> {
    source: DMatrixView<'a, f64>,
    target: DMatrixView<'a, f64>,
    ground: Ground,
    buffer: Buffer,
    /// Relative error of an entry that is at least [`TRUSTED`].
    relative: f64,
}

impl<'a> CostMatrix<'a> {
    /// # Panics
    /// When the dimensions differ.
    pub(super) fn try_new(
        source: impl Into<DMatrixView<'a, f64>>,
        target: impl Into<DMatrixView<'a, f64>>,
        ground: Ground,
    ) -> Result<Self, TransportError> {
        let (source, target) = (source.into(), target.into());
        assert_eq!(source.nrows(), target.nrows(), "one space for both clouds");
        let (rows, columns) = (source.ncols(), target.ncols());
        let bytes = rows as u128 * columns as u128 * size_of::<f64>() as u128;
        let too_large = TransportError::TooLarge {
            rows,
            columns,
            bytes,
            limit: MEMORY,
        };
        if bytes > MEMORY {
            return Err(too_large);
        }
        let mut buffer = Buffer::try_new(rows * columns).ok_or(too_large)?;
        let entries = buffer.entries_mut();
        let coordinates = target.transpose();
        let fill = |(row, costs): (usize, &mut [f64])| {
            squared_distances(source.column(row).as_slice(), &coordinates, costs);
            if ground == Ground::Distance {
                costs.iter_mut().for_each(|cost| *cost = cost.sqrt());
            }
        };
        if worth_threads(entries.len()) {
            let rows = entries.par_chunks_exact_mut(columns).enumerate();
            rows.with_min_len(16).for_each(fill);
        } else {
            entries.chunks_exact_mut(columns).enumerate().for_each(fill);
        }
        Ok(Self {
            source,
            target,
            ground,
            buffer,
            // A difference is squared, p squares are summed: p + 2 roundings; a root and an
            // underflow beside; two more for those who multiply by 1 ± this.
            relative: gamma(source.nrows() + 6),
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.source.ncols()
    }

    pub(super) fn columns(&self) -> usize {
        self.target.ncols()
    }

    pub(super) fn entries(&self) -> &[f64] {
        self.buffer.entries()
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.entries()[row * self.columns()..(row + 1) * self.columns()]
    }

    /// A lower bound of the smallest of the exact `c_ij − v_j` of the row.
    pub(super) fn least_reduced(&self, row: usize, potentials: &[f64]) -> f64 {
        let (costs, shrink) = (self.row(row), 1.0 - self.relative);
        let least = pulp::Arch::new().dispatch(
            #[inline(always)]
            || least_difference(costs, shrink, potentials),
        );
        // Rounding is monotone: the smallest of the rounded differences is the smallest, rounded.
        least.next_down()
    }

    /// An upper bound of an exact cost.
    pub(super) fn at_most(&self, row: usize, column: usize) -> f64 {
        let cost = self.row(row)[column];
        if cost < TRUSTED {
            let equal = self.source.column(row) == self.target.column(column);
            // Each square may lose less than the smallest normal number; the root of the sum
            // of what is lost bounds the distance.
            let lost = match self.ground {
                _ if equal => return 0.0,
                Ground::SquaredDistance => f64::MIN_POSITIVE,
                Ground::Distance => f64::MIN_POSITIVE.sqrt(),
            };
            return (cost + self.source.nrows() as f64 * lost) * (1.0 + self.relative);
        }
        cost * (1.0 + self.relative)
    }

    /// An upper bound of all exact costs.
    pub(super) fn largest(&self) -> f64 {
        let largest = self.entries().iter().copied().fold(TRUSTED, f64::max);
        enlarged(largest * (1.0 + self.relative), 2)
    }

    /// A cost in twice the precision.
    pub(super) fn double(&self, row: usize, column: usize) -> Double {
        let (x, y) = (self.source.column(row), self.target.column(column));
        let squared = x
            .iter()
            .zip(y.iter())
            .fold(Double::from(0.0), |sum, (&x, &y)| {
                let difference = Double::from(x) - Double::from(y);
                sum + difference * difference
            });
        match self.ground {
            Ground::SquaredDistance => squared,
            Ground::Distance => squared.sqrt(),
        }
    }

    /// The same, up to [`CostMatrix::double_error`], and an upper bound where that is not known.
    pub(super) fn double_at_most(&self, row: usize, column: usize) -> Double {
        if self.row(row)[column] < TRUSTED {
            Double::from(self.at_most(row, column))
        } else {
            self.double(row, column)
        }
    }

    /// The relative error of [`CostMatrix::double`] of an entry that is at least [`TRUSTED`];
    /// smaller ones are off by less than the smallest of these times this.
    pub(super) fn double_error(&self) -> f64 {
        (self.source.nrows() + 6) as f64 * DOUBLE_ROUNDOFF
    }
}

/// `‖x − y_j‖²` for every row `y_j` of `coordinates`.
fn squared_distances(x: &[f64], coordinates: &DMatrix<f64>, costs: &mut [f64]) {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            costs.fill(0.0);
            for (&x, column) in x
                .iter()
                .zip(coordinates.as_slice().chunks_exact(costs.len()))
            {
                for (cost, &y) in costs.iter_mut().zip(column) {
                    let difference = x - y;
                    *cost += difference * difference;
                }
            }
        },
    );
}

/// The smallest `shrink·c_j − v_j`, with zero for costs below [`TRUSTED`]. Eight minima side by
/// side, so that the compiler need not keep the order of comparisons.
#[inline(always)]
fn least_difference(costs: &[f64], shrink: f64, potentials: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut least = [f64::INFINITY; LANES];
    let rows = costs.chunks(LANES).zip(potentials.chunks(LANES));
    for (costs, potentials) in rows {
        for (l, (&cost, &potential)) in costs.iter().zip(potentials).enumerate() {
            let below = if cost < TRUSTED { 0.0 } else { cost * shrink };
            let reduced = below - potential;
            least[l] = if reduced < least[l] {
                reduced
            } else {
                least[l]
            };
        }
    }
    least.into_iter().fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    fn squared<'a>(x: &'a DMatrix<f64>, y: &'a DMatrix<f64>) -> CostMatrix<'a> {
        CostMatrix::try_new(x, y, Ground::SquaredDistance).unwrap()
    }

    #[test]
    fn entries_are_distances_by_row() {
        let (x, y) = (
            dmatrix![0.0, 3.0; 0.0, 4.0],
            dmatrix![0.0, 6.0, 3.0; 0.0, 8.0, 0.0],
        );
        let costs = squared(&x, &y);
        assert_eq!((costs.rows(), costs.columns()), (2, 3));
        assert_eq!(costs.entries(), [0.0, 100.0, 9.0, 25.0, 25.0, 16.0]);
        assert_eq!(costs.row(1), [25.0, 25.0, 16.0]);
        assert_eq!(costs.double(0, 1).value(), 100.0);
        let distances = CostMatrix::try_new(&x, &y, Ground::Distance).unwrap();
        assert_eq!(distances.entries(), [0.0, 10.0, 3.0, 5.0, 5.0, 4.0]);
        assert_eq!(distances.double(0, 1).value(), 10.0);
        assert_eq!(costs.relative, gamma(8));
        assert_eq!(costs.double_error(), 8.0 * DOUBLE_ROUNDOFF);
    }

    #[test]
    fn large_matrices_are_the_same_as_small_ones() {
        // 300 · 290 entries: past the threshold; the rows alone are below it.
        let points = |n: usize, salt: usize| {
            DMatrix::from_fn(3, n, |i, j| ((i + 3 * j + salt) as f64).powi(2).sin())
        };
        let (x, y) = (points(300, 1), points(290, 5));
        let costs = squared(&x, &y);
        for row in 0..300 {
            let one = x.columns(row, 1).into_owned();
            assert_eq!(squared(&one, &y).row(0), costs.row(row));
        }
    }

    #[test]
    fn bounds_of_an_entry_enclose_it_narrowly() {
        let (x, y) = (dmatrix![0.1; 0.2], dmatrix![1.0, 0.4; 1.1, 0.9]);
        let costs = squared(&x, &y);
        for column in 0..2 {
            let exact = costs.double(0, column).value();
            let upper = costs.at_most(0, column);
            assert!(upper > exact && upper < exact * (1.0 + 3.0 * costs.relative));
            let mut potentials = [0.0; 2];
            potentials[1 - column] = -10.0;
            let lower = costs.least_reduced(0, &potentials);
            assert!(lower < exact && lower > exact * (1.0 - 3.0 * costs.relative));
        }
    }

    #[test]
    fn the_least_reduced_cost_is_the_least_at_any_length() {
        for n in [1, 7, 8, 9, 20, 33] {
            let y = DMatrix::from_fn(1, n, |_, j| 2.0 + j as f64);
            let x = dmatrix![0.0];
            let costs = squared(&x, &y);
            for least in 0..n {
                let potentials: Vec<f64> = (0..n).map(|j| f64::from(j == least) * 1e4).collect();
                let found = costs.least_reduced(0, &potentials);
                let expected = (2.0 + least as f64).powi(2) * (1.0 - costs.relative) - 1e4;
                assert_eq!(found, expected.next_down());
            }
        }
    }

    #[test]
    fn tiny_costs_are_known_to_be_non_negative_alone() {
        let x = dmatrix![0.0];
        // 2^-900 is trusted, 2^-902 is not, zero is exact where the atoms are equal.
        let y = dmatrix![2f64.powi(-450), 2f64.powi(-451), 1e-200, 0.0];
        let costs = squared(&x, &y);
        let bounds = |column: usize| {
            let mut potentials = [-1.0; 4];
            potentials[column] = 0.0;
            (
                costs.least_reduced(0, &potentials),
                costs.at_most(0, column),
            )
        };
        let trusted = 2f64.powi(-900);
        let below = (trusted * (1.0 - costs.relative)).next_down();
        assert_eq!(bounds(0), (below, trusted * (1.0 + costs.relative)));
        let zero = 0f64.next_down();
        let above = (trusted / 4.0 + f64::MIN_POSITIVE) * (1.0 + costs.relative);
        assert_eq!(bounds(1), (zero, above));
        assert_eq!(
            bounds(2),
            (zero, f64::MIN_POSITIVE * (1.0 + costs.relative))
        );
        assert_eq!(bounds(3), (zero, 0.0));
        assert_eq!(costs.double_at_most(0, 0).value(), trusted);
        assert_eq!(costs.double_at_most(0, 1).value(), above);
        let distances = CostMatrix::try_new(&x, &y, Ground::Distance).unwrap();
        let lost = f64::MIN_POSITIVE.sqrt() * (1.0 + distances.relative);
        // The square of 1e-200 is zero, of 2^-451 it is not.
        assert_eq!(distances.at_most(0, 2), lost);
        assert!(distances.at_most(0, 1) >= 2f64.powi(-451));
        assert_eq!(distances.at_most(0, 3), 0.0);
    }
}
