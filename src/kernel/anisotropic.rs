//! A radial kernel with a bandwidth for every coordinate.

use super::{Kernel, KernelError, KernelSpec, positive};
use nalgebra::{DMatrix, DMatrixView};
use std::fmt;

/// The kernel `k(x, y) = ψ(Σ_a (x_a − y_a)²/s_a²)`, `ψ` the profile of a radial family.
///
/// # Example
/// ```
/// use polyak::kernel::Anisotropic;
/// let kernel = Anisotropic::try_new("gaussian:1".parse()?, vec![1.0, 10.0])?;
/// assert_eq!(kernel.value(&[0.0, 10.0], &[1.0, 0.0]), (-1.0_f64).exp());
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Anisotropic {
    unit: KernelSpec,
    bandwidths: Vec<f64>,
}

impl fmt::Display for Anisotropic {
    /// The name, as it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

impl Anisotropic {
    /// The kernel of the family of `kernel` (whose own bandwidth does not matter) with bandwidths
    /// `s_a`, one a coordinate.
    ///
    /// # Errors
    /// [`KernelError::Bandwidth`] unless they are finite and positive, [`KernelError::FewBandwidths`]
    /// for less than two of them: one is a radial kernel.
    pub fn try_new(kernel: KernelSpec, bandwidths: Vec<f64>) -> Result<Self, KernelError> {
        if bandwidths.len() < 2 {
            return Err(KernelError::FewBandwidths {
                bandwidths: bandwidths.len(),
            });
        }
        for bandwidth in &bandwidths {
            positive(*bandwidth)?;
        }
        Ok(Self {
            unit: kernel.with_bandwidth(1.0)?,
            bandwidths,
        })
    }

    /// The radial kernel of bandwidth one.
    #[must_use]
    pub fn unit(&self) -> &KernelSpec {
        &self.unit
    }

    /// The bandwidths, one a coordinate.
    #[must_use]
    pub fn bandwidths(&self) -> &[f64] {
        &self.bandwidths
    }

    /// Divides the coordinates of points (q × N) by their bandwidths, about one of the points: the
    /// [`unit`](Self::unit) kernel at the columns returned is this kernel at those given.
    ///
    /// # Guarantee
    /// Two roundings a coordinate, of its distance from that point.
    ///
    /// # Errors
    /// [`KernelError::Dimension`] unless there are as many coordinates as bandwidths.
    pub fn scale<'a>(
        &self,
        points: impl Into<DMatrixView<'a, f64>>,
    ) -> Result<DMatrix<f64>, KernelError> {
        let points = points.into();
        self.require(points.nrows())?;
        let middle = points.ncols() / 2;
        Ok(DMatrix::from_fn(points.nrows(), points.ncols(), |i, j| {
            (points[(i, j)] - points[(i, middle)]) / self.bandwidths[i]
        }))
    }

    /// Accepts points of as many coordinates as there are bandwidths.
    ///
    /// # Errors
    /// [`KernelError::Dimension`].
    pub fn require(&self, dimension: usize) -> Result<(), KernelError> {
        let bandwidths = self.bandwidths.len();
        if bandwidths == dimension {
            Ok(())
        } else {
            Err(KernelError::Dimension {
                bandwidths,
                dimension,
            })
        }
    }

    /// The value of the kernel.
    ///
    /// # Panics
    /// When a point has not as many coordinates as there are bandwidths.
    #[must_use]
    pub fn value(&self, x: &[f64], y: &[f64]) -> f64 {
        let dimension = self.bandwidths.len();
        assert_eq!((x.len(), y.len()), (dimension, dimension));
        let differences = x.iter().zip(y).zip(&self.bandwidths);
        let squares = differences.map(|((x, y), s)| ((x - y) / s).powi(2));
        self.unit.profile(squares.sum())
    }

    /// Draws `count` independent frequencies of the spectral measure: those of the unit kernel, every
    /// coordinate divided by its bandwidth.
    ///
    /// # Returns
    /// q × `count`, as [`Kernel::try_sample_frequencies`].
    ///
    /// # Errors
    /// [`KernelError::NotProved`], where the unit kernel has no sampler in this dimension.
    pub fn try_sample_frequencies(
        &self,
        count: usize,
        seed: u64,
    ) -> Result<DMatrix<f64>, KernelError> {
        let dimension = self.bandwidths.len();
        let mut drawn = self.unit.try_sample_frequencies(dimension, count, seed)?;
        for (mut row, bandwidth) in drawn.row_iter_mut().zip(&self.bandwidths) {
            row.apply(|w| *w /= bandwidth);
        }
        Ok(drawn)
    }

    /// `gaussian:0.5,2.0`.
    #[must_use]
    pub fn name(&self) -> String {
        let unit = self.unit.name();
        let family = unit.rsplit_once(':').map_or(&*unit, |(family, _)| family);
        let bandwidths: Vec<String> = self.bandwidths.iter().map(|s| format!("{s:?}")).collect();
        format!("{family}:{}", bandwidths.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gram::kernel_gram;
    use nalgebra::dmatrix;

    fn matern() -> Anisotropic {
        let kernel = "matern52:7".parse().unwrap();
        Anisotropic::try_new(kernel, vec![0.5, 4.0]).unwrap()
    }

    #[test]
    fn frequencies_have_the_kernel_for_characteristic_function() {
        // Hoeffding at 1e-9: √(2 ln(2·10⁹)/200000) = 0.0147.
        let (kernel, draws) = (matern(), 200_000);
        let frequencies = kernel.try_sample_frequencies(draws, 3).unwrap();
        assert_eq!(frequencies.shape(), (2, draws));
        for difference in [[0.4, 0.0], [0.0, 3.0], [0.3, -2.0]] {
            let direction = nalgebra::RowDVector::from_row_slice(&difference);
            let mean = (direction * &frequencies).map(f64::cos).sum() / draws as f64;
            let expected = kernel.value(&difference, &[0.0, 0.0]);
            assert!((mean - expected).abs() <= 0.0147, "{difference:?}");
            // Control: the other coordinate's bandwidth is 8 times this one's.
            let swapped = kernel.value(&[difference[1], difference[0]], &[0.0, 0.0]);
            assert!((mean - swapped).abs() > 0.0147, "{difference:?}");
        }
    }

    #[test]
    fn scaled_points_see_the_unit_kernel() {
        let kernel = matern();
        assert_eq!(kernel.unit().bandwidth(), 1.0);
        assert_eq!(kernel.bandwidths(), [0.5, 4.0]);
        let points = dmatrix![1e6, 1e6 + 1.0, 1e6 - 0.5; 3.0, -1.0, 2.0];
        let scaled = kernel.scale(&points).unwrap();
        // About the point in the middle.
        assert_eq!(scaled, dmatrix![-2.0, 0.0, -3.0; 1.0, 0.0, 0.75]);
        let gram = kernel_gram(kernel.unit(), &scaled);
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            let value = kernel.value(points.column(i).as_slice(), points.column(j).as_slice());
            // All differences are dyadic: only the profile rounds.
            assert!((gram[(i, j)] - value).abs() <= 8.0 * f64::EPSILON * value);
        }
        let zero = kernel.value(&[0.0, 0.0], &[0.0, 4.0]);
        assert_eq!(zero, kernel.unit().profile(1.0));
    }

    #[test]
    fn the_name_lists_the_bandwidths() {
        assert_eq!(matern().name(), "matern52:0.5,4.0");
    }

    #[test]
    fn dimensions_and_bandwidths_are_checked() {
        let expected = KernelError::Dimension {
            bandwidths: 2,
            dimension: 3,
        };
        assert_eq!(matern().scale(&DMatrix::zeros(3, 1)), Err(expected));
        let kernel = *matern().unit();
        for few in [vec![], vec![1.0]] {
            let bandwidths = few.len();
            let refused = Anisotropic::try_new(kernel, few);
            assert_eq!(refused, Err(KernelError::FewBandwidths { bandwidths }));
        }
        for bandwidth in [0.0, -1.0, f64::INFINITY] {
            let refused = Anisotropic::try_new(kernel, vec![1.0, bandwidth]);
            assert_eq!(refused, Err(KernelError::Bandwidth { bandwidth }));
        }
    }
}
