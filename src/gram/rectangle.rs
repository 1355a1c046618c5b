//! Rectangles of a Gram matrix, for whoever never holds the whole.

use super::panel::Points;
use crate::kernel::{Kernel, KernelError, KernelSpec, MercerKernel, Polynomial};
use crate::linalg::multiply;
use faer::{Accum, MatMut, MatRef};
use nalgebra::{DMatrix, DMatrixView};
use std::ops::Range;

/// The Gram matrix of a kernel at points, a rectangle at a time.
#[derive(Debug)]
pub(crate) struct GramRectangles(Kind);

#[derive(Debug)]
enum Kind {
    Radial(KernelSpec, Points),
    Products(Polynomial, DMatrix<f64>),
}

impl GramRectangles {
    /// Takes points (q × N).
    ///
    /// # Errors
    /// [`KernelError::Dimension`] when a list of bandwidths does not fit the points.
    pub fn try_new(
        kernel: &MercerKernel,
        points: DMatrixView<'_, f64>,
    ) -> Result<Self, KernelError> {
        Ok(Self(match kernel {
            MercerKernel::Radial(kernel) => Kind::Radial(*kernel, Points::new(points)),
            MercerKernel::Anisotropic(kernel) => {
                let scaled = kernel.scale(points)?;
                Kind::Radial(*kernel.unit(), Points::new(&scaled))
            }
            MercerKernel::Polynomial(kernel) => Kind::Products(*kernel, points.into_owned()),
        }))
    }

    /// Returns the rows and columns of the matrix.
    ///
    /// # Guarantee
    /// Every entry is within the bound of one of [`mercer_gram`](super::mercer_gram); not always the same f64, as products of
    /// other shapes are summed in other orders.
    pub fn rectangle(&self, rows: Range<usize>, columns: Range<usize>) -> DMatrix<f64> {
        let mut out = DMatrix::zeros(rows.len(), columns.len());
        if out.is_empty() {
            return out;
        }
        match &self.0 {
            Kind::Radial(kernel, points) => {
                points.rectangle(rows.clone(), columns, rows.len(), out.as_mut_slice());
                for mut column in out.column_iter_mut() {
                    kernel.profile_in_place(column.as_mut_slice());
                }
            }
            Kind::Products(kernel, points) => {
                let (dimension, samples) = points.shape();
                let all = MatRef::from_column_major_slice(points.as_slice(), dimension, samples);
                let (height, width) = out.shape();
                multiply(
                    MatMut::from_column_major_slice_mut(out.as_mut_slice(), height, width),
                    Accum::Replace,
                    1.0,
                    all.subcols(rows.start, height).transpose(),
                    all.subcols(columns.start, width),
                );
                out.apply(|entry| *entry = kernel.of_product(*entry));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::gamma;
    use crate::gram::mercer_gram;

    #[test]
    fn rectangles_are_those_of_the_matrix() {
        let points = DMatrix::from_fn(3, 41, |i, j| ((7 * i + 3 * j * j + 1) as f64).sin());
        for name in [
            "gaussian:0.4",
            "matern32:2",
            "gaussian:0.5,1,2",
            "polynomial(2):0.5",
        ] {
            let kernel: MercerKernel = name.parse().unwrap();
            let whole = mercer_gram(&kernel, &points).unwrap();
            let parts = GramRectangles::try_new(&kernel, points.as_view()).unwrap();
            for (rows, columns) in [
                (0..41, 0..41),
                (5..9, 3..20),
                (20..41, 40..41),
                (4..4, 0..3),
            ] {
                let found = parts.rectangle(rows.clone(), columns.clone());
                assert_eq!(found.shape(), (rows.len(), columns.len()));
                for (i, row) in rows.clone().enumerate() {
                    for (j, column) in columns.clone().enumerate() {
                        // As in `mercer_gram`'s own test, for both.
                        let exact = whole[(row, column)];
                        let error = 2000.0 * gamma(8) * exact.abs().max(1.0);
                        assert!(
                            (found[(i, j)] - exact).abs() <= error,
                            "{name} {row} {column}"
                        );
                        if row == column && !name.starts_with("poly") {
                            assert_eq!(found[(i, j)], 1.0);
                        }
                    }
                }
            }
        }
        let bad: MercerKernel = "gaussian:1,2".parse().unwrap();
        assert!(GramRectangles::try_new(&bad, points.as_view()).is_err());
    }
}
