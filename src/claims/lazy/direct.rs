//! The Gaussian kernel from differences of points: slower than blocks of products, and exact to a few roundings.

use crate::arithmetic::{Ball, UNIT_ROUNDOFF, enlarged, gamma};
use crate::kernel::{Gaussian, Kernel, KernelError, KernelSpec};
use crate::resnet::FieldKernel;
use nalgebra::{DMatrix, DVectorView};

/// A Gaussian kernel whose distances are sums of squared differences.
#[derive(Clone, Debug)]
pub(super) struct Direct(pub Gaussian);

impl Direct {
    fn spec(&self) -> KernelSpec {
        KernelSpec::from(self.0)
    }

    /// Roundings of the profile beyond that of its argument.
    fn rounding(&self) -> f64 {
        let roundings = self.spec().facts().profile_roundings;
        roundings.expect("the profile of a Gaussian is proved") * UNIT_ROUNDOFF
    }

    fn value(&self, x: DVectorView<f64>, y: DVectorView<f64>) -> f64 {
        let squares = x.iter().zip(y.iter()).map(|(x, y)| (x - y).powi(2));
        self.0.profile(squares.sum())
    }
}

impl FieldKernel for Direct {
    fn dimension(&self) -> Option<usize> {
        None
    }

    fn require_dimension(&self, dimension: usize) -> Result<(), KernelError> {
        self.spec().require_dimension(dimension)
    }

    fn kappa1(&self) -> Ball {
        self.spec().kappa1()
    }

    fn kappa2(&self) -> Ball {
        self.spec().kappa2()
    }

    fn values(&self, points: &DMatrix<f64>, out: &mut DMatrix<f64>) {
        let (rows, columns) = out.shape();
        for j in 0..columns {
            let here = points.column(rows - columns + j);
            for i in 0..rows {
                out[(i, j)] = self.value(points.column(i).as_view(), here.as_view());
            }
        }
    }

    fn gradients(&self, points: &DMatrix<f64>, weights: &DMatrix<f64>) -> DMatrix<f64> {
        let (centres, columns) = weights.shape();
        let square = self.0.sigma() * self.0.sigma();
        let mut gradients = DMatrix::zeros(points.nrows(), columns);
        for i in 0..columns {
            let here = points.column(centres + i);
            for j in 0..centres {
                let there = points.column(j);
                let value = self.value(there.as_view(), here.as_view());
                let factor = weights[(j, i)] * value / square;
                for a in 0..points.nrows() {
                    gradients[(a, i)] -= factor * (here[a] - there[a]);
                }
            }
        }
        gradients
    }

    /// A squared distance is off by `γ_{q+3}` of itself, and `te^{−t} ≤ 1/e`.
    fn value_error(&self, dimension: usize, _: f64) -> f64 {
        let error = 0.37 * gamma(dimension + 3) + self.rounding();
        enlarged(error, 16)
    }

    /// With `t = r²/2σ²` a gradient is `√(2t)e^{−t}/σ`; its change with `t` is below `t√(2t)e^{−t} ≤ 0.6`, its size below 1.
    fn gradient_error(&self, dimension: usize, centres: usize, _: f64) -> f64 {
        let products = gamma(centres + 8) + self.rounding();
        enlarged((0.6 * gamma(dimension + 3) + products) / self.0.sigma(), 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resnet::oracle::chirp;

    /// Two centres and three states in four dimensions, far from the origin.
    fn points() -> DMatrix<f64> {
        chirp(1, 4, 5).add_scalar(20.0)
    }

    fn kernel() -> Direct {
        Direct(Gaussian::try_new(1.3).unwrap())
    }

    /// In balls, from the same coordinates.
    fn enclosed(points: &DMatrix<f64>, i: usize, j: usize) -> (Ball, Vec<Ball>) {
        let sigma = Ball::from(1.3);
        let differences: Vec<Ball> = (0..4)
            .map(|a| Ball::from(points[(a, i)]) - Ball::from(points[(a, j)]))
            .collect();
        let square: Ball = differences.iter().map(|d| d.square()).sum();
        let value = (-square / (Ball::from(2.0) * sigma.square())).exp();
        let gradient = differences.iter().map(|&d| -value * d / sigma.square());
        (value, gradient.collect())
    }

    #[test]
    fn values_are_as_close_as_stated() {
        let (points, kernel) = (points(), kernel());
        let mut values = DMatrix::zeros(5, 3);
        kernel.values(&points, &mut values);
        let bound = kernel.value_error(4, f64::NAN);
        assert!(bound < 3e-15);
        for i in 0..5 {
            for j in 0..3 {
                let (value, _) = enclosed(&points, i, 2 + j);
                assert!((values[(i, j)] - value.mid()).abs() <= bound + value.rad());
            }
        }
        assert_eq!(values[(2, 0)], 1.0);
    }

    /// Of four coordinates and two centres.
    #[test]
    fn errors_are_their_formulas() {
        let kernel = kernel();
        let rounding = kernel.rounding();
        let value = 0.37 * gamma(7) + rounding;
        assert!((kernel.value_error(4, f64::NAN) / value - 1.0).abs() < 1e-9);
        let gradient = (0.6 * gamma(7) + gamma(10) + rounding) / 1.3;
        assert!((kernel.gradient_error(4, 2, f64::NAN) / gradient - 1.0).abs() < 1e-9);
    }

    #[test]
    fn gradients_are_as_close_as_stated() {
        let (points, kernel) = (points(), kernel());
        let weights = chirp(3, 2, 3);
        let gradients = kernel.gradients(&points, &weights);
        let unit = kernel.gradient_error(4, 2, f64::NAN);
        assert!(unit < 5e-15);
        for i in 0..3 {
            let mass: f64 = weights.column(i).iter().map(|w| w.abs()).sum();
            let mut errors = [0.0; 4];
            let mut known = 0.0;
            for a in 0..4 {
                let terms = (0..2).map(|j| {
                    let (_, gradient) = enclosed(&points, 2 + i, j);
                    Ball::from(weights[(j, i)]) * gradient[a]
                });
                let exact: Ball = terms.sum();
                errors[a] = gradients[(a, i)] - exact.mid();
                known += exact.rad();
            }
            let norm = errors.iter().map(|e| e * e).sum::<f64>().sqrt();
            assert!(norm <= unit * mass + known, "{norm} {}", unit * mass);
        }
    }

    #[test]
    fn it_is_the_kernel_of_the_blocks() {
        let (points, kernel) = (points(), kernel());
        let blocks = KernelSpec::from(kernel.0);
        let (mut own, mut other) = (DMatrix::zeros(5, 3), DMatrix::zeros(5, 3));
        kernel.values(&points, &mut own);
        FieldKernel::values(&blocks, &points, &mut other);
        let bound = FieldKernel::value_error(&blocks, 4, 50.0);
        assert!((own - other).amax() <= bound);
        let weights = chirp(3, 2, 3);
        let gap = kernel.gradients(&points, &weights) - blocks.gradients(&points, &weights);
        assert!(gap.amax() < 1e-9);
        assert_eq!(FieldKernel::dimension(&kernel), None);
        assert!(kernel.kappa1().contains(1.0 / 1.3));
        assert!((kernel.kappa2().mid() - 3f64.sqrt() / 1.69).abs() < 1e-15);
    }
}
