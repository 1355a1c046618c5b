//! Symmetric matrices of which only products are known, and what is estimated from these.

use super::SpectrumError;
use super::certificate::gram_error;
use super::inverse_lanczos::{Estimate, Termination};
use super::lanczos::{dot, largest_ritz_pair};
use crate::arithmetic::{Ball, enlarged, gamma};
use crate::gram::KernelOperator;
use crate::linalg::gemm;
use faer::Accum;
use nalgebra::{DMatrix, DMatrixView, DMatrixViewMut};

/// A symmetric matrix of which only products are known.
///
/// Dense matrices and views of them are operators, and so are the products of [`KernelOperator`]; those of another crate are, as soon
/// as they state these three things. Nothing checks that an operator is symmetric.
///
/// # Example
/// The second difference with fixed ends, whose eigenvalues are `4sin²(jπ/2(n+1))`:
/// ```
/// use nalgebra::{DMatrixView, DMatrixViewMut};
/// use polyak::spectrum::{
///     MatrixFreeOptions, SymmetricOperator, estimate_largest_of_operator, estimate_smallest_of_operator,
/// };
///
/// struct SecondDifference(usize);
///
/// impl SymmetricOperator for SecondDifference {
///     fn order(&self) -> usize {
///         self.0
///     }
///
///     fn apply_to(&self, x: DMatrixView<'_, f64>, mut y: DMatrixViewMut<'_, f64>) {
///         let at = |i: usize, j: usize| x.get((i, j)).copied().unwrap_or(0.0);
///         for j in 0..x.ncols() {
///             for i in 0..self.0 {
///                 y[(i, j)] = 2.0 * x[(i, j)] - at(i + 1, j) - at(i.wrapping_sub(1), j);
///             }
///         }
///     }
///
///     // Two subtractions a row, and ‖|A|‖ ≤ 4.
///     fn product_error(&self) -> Option<f64> {
///         Some(4.0 * 3.0 * f64::EPSILON)
///     }
/// }
///
/// let operator = SecondDifference(40);
/// let exact = |j: f64| 4.0 * (j * std::f64::consts::PI / 82.0).sin().powi(2);
/// let options = MatrixFreeOptions::default().with_max_products(500);
/// let smallest = estimate_smallest_of_operator(&operator, None, &options)?.estimate;
/// assert!((smallest.value - exact(1.0)).abs() <= smallest.error_bound);
/// assert!(smallest.error_bound < 1e-5 * smallest.value);
/// let largest = estimate_largest_of_operator(&operator, 1e-9, 100)?;
/// assert!((largest.value - exact(40.0)).abs() <= largest.error_bound);
/// # Ok::<(), polyak::spectrum::SpectrumError>(())
/// ```
pub trait SymmetricOperator: Sync {
    /// Returns `n`, the number of rows and of columns.
    fn order(&self) -> usize;

    /// Writes `AX` into `Y`, both n × b.
    ///
    /// What `Y` holds before is not to be read.
    fn apply_to(&self, x: DMatrixView<'_, f64>, y: DMatrixViewMut<'_, f64>);

    /// Returns a bound of `‖fl(Ax) − Ax‖/‖x‖` for every `x`, in Euclidean norms: `A` is the matrix that is meant.
    /// `None` says that none is proved. Error bounds of an estimate are about the products as computed then.
    fn product_error(&self) -> Option<f64>;
}

impl SymmetricOperator for DMatrix<f64> {
    fn order(&self) -> usize {
        self.nrows()
    }

    fn apply_to(&self, x: DMatrixView<'_, f64>, mut y: DMatrixViewMut<'_, f64>) {
        let mut product = DMatrix::zeros(self.nrows(), x.ncols());
        let x = x.into_owned();
        gemm(&mut product, Accum::Replace, 1.0, self, false, &x, false);
        y.copy_from(&product);
    }

    /// `γ_n‖A‖_F`: an entry is a sum of n products, and `‖|A|‖` is at most the Frobenius norm.
    fn product_error(&self) -> Option<f64> {
        let norm = Ball::norm_of(self.as_slice()).upper();
        Some(enlarged(gamma(self.nrows()) * norm, 1))
    }
}

/// A dense matrix in a buffer of somebody else's, as it lies; products run on one thread.
impl SymmetricOperator for DMatrixView<'_, f64> {
    fn order(&self) -> usize {
        self.nrows()
    }

    fn apply_to(&self, x: DMatrixView<'_, f64>, mut y: DMatrixViewMut<'_, f64>) {
        y.fill(0.0);
        y.gemm(1.0, self, &x, 0.0);
    }

    /// As for a matrix.
    fn product_error(&self) -> Option<f64> {
        let columns = self.column_iter();
        let squares = columns.map(|column| Ball::norm_of(column.as_slice()).square());
        let norm = squares.sum::<Ball>().sqrt().upper();
        Some(enlarged(gamma(self.nrows()) * norm, 1))
    }
}

impl SymmetricOperator for KernelOperator {
    fn order(&self) -> usize {
        self.order()
    }

    fn apply_to(&self, x: DMatrixView<'_, f64>, mut y: DMatrixViewMut<'_, f64>) {
        y.copy_from(&self.apply(&x.into_owned()));
    }

    /// That of the entries, each a sum of N products of numbers that are at most one beside; `None` where the
    /// rounding of the kernel's profile is not proved.
    fn product_error(&self) -> Option<f64> {
        if self.order() == 0 {
            return Some(0.0);
        }
        // The points are centred already: what was lost is bounded by their distance from the centre.
        let entry_error = gram_error(self.kernel(), self.centred())?;
        Some(kernel_product_error(self.order(), entry_error))
    }
}

/// Bounds the 2-norm of the error of a product of a kernel's matrix with a vector of unit norm: `‖|K|‖` is at most
/// the largest row sum, which is at most N.
pub(super) fn kernel_product_error(order: usize, entry_error: f64) -> f64 {
    let rows = order as f64;
    rows * entry_error + gamma(order + 8) * rows
}

/// Estimates the largest eigenvalue of an operator by Lanczos' method with full reorthogonalisation.
///
/// # Arguments
/// * `tolerance`: the wanted relative accuracy;
/// * `cap`: the most products.
///
/// # Guarantee
/// An estimate. *Some* eigenvalue lies within `error_bound` of the value, for the matrix that is meant where the
/// operator states its [`product_error`](SymmetricOperator::product_error). That none lies above is not proved.
///
/// # Errors
/// [`SpectrumError::Empty`], and [`SpectrumError::NotFiniteProduct`].
///
/// # Cost
/// A product with one column an iteration, all vectors of which are kept: `8n` bytes each.
pub fn estimate_largest_of_operator(
    operator: &dyn SymmetricOperator,
    tolerance: f64,
    cap: usize,
) -> Result<Estimate, SpectrumError> {
    let order = operator.order();
    if order == 0 {
        return Err(SpectrumError::Empty);
    }
    let apply = |x: &[f64], y: &mut [f64]| {
        operator.apply_to(
            DMatrixView::from_slice(x, order, 1),
            DMatrixViewMut::from_slice(y, order, 1),
        );
    };
    let ritz =
        largest_ritz_pair(order, tolerance, cap, apply).ok_or(SpectrumError::NotFiniteProduct)?;
    let vector = &ritz.vector;
    let mut image = vec![0.0; order];
    apply(vector, &mut image);
    let value = dot(&image, vector) / dot(vector, vector);
    let error_bound = residual_bound(&image, vector, value)
        + operator
            .product_error()
            .map_or(0.0, |error| enlarged(error, 1));
    if !error_bound.is_finite() {
        return Err(SpectrumError::NotFiniteProduct);
    }
    Ok(Estimate {
        value,
        error_bound,
        iterations: ritz.iterations,
        termination: match ritz.converged {
            true => Termination::Converged,
            false => Termination::Cap,
        },
    })
}

/// Bounds `‖y − μx‖/‖x‖`: two roundings an entry, and those of the norms.
fn residual_bound(y: &[f64], x: &[f64], value: f64) -> f64 {
    let n = x.len();
    let residual: f64 = (y.iter().zip(x))
        .map(|(y, x)| (y - value * x).powi(2))
        .sum();
    let size = dot(y, y).sqrt() + value.abs() * dot(x, x).sqrt();
    let rounding = gamma(3) * size + n as f64 * f64::MIN_POSITIVE;
    enlarged((residual.sqrt() + rounding) / dot(x, x).sqrt(), 2 * n + 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gram::kernel_gram;
    use crate::kernel::KernelSpec;
    use crate::spectrum::{
        MatrixFreeOptions, eigenvalues, estimate_smallest_of_operator, matrix_free,
    };

    fn matrix(order: usize) -> DMatrix<f64> {
        DMatrix::from_fn(order, order, |i, j| {
            let same = if i == j { 4.0 + i as f64 } else { 0.0 };
            same + ((i * j + i + j) as f64).sin()
        })
    }

    /// Diagonal, with products that are not finite from some order on.
    struct Diagonal(Vec<f64>);

    impl SymmetricOperator for Diagonal {
        fn order(&self) -> usize {
            self.0.len()
        }

        fn apply_to(&self, x: DMatrixView<'_, f64>, mut y: DMatrixViewMut<'_, f64>) {
            for j in 0..x.ncols() {
                for (i, entry) in self.0.iter().enumerate() {
                    y[(i, j)] = entry * x[(i, j)];
                }
            }
        }

        fn product_error(&self) -> Option<f64> {
            None
        }
    }

    #[test]
    fn both_ends_are_those_of_the_dense_solver() {
        for order in [1, 2, 7, 40] {
            let a = matrix(order);
            let all = eigenvalues(&a).unwrap();
            let largest = estimate_largest_of_operator(&a, 1e-10, 100).unwrap();
            let off = (largest.value - all[order - 1]).abs();
            assert!(off <= largest.error_bound + 1e-12, "{order} {largest:?}");
            let options = MatrixFreeOptions::default().with_max_products(400);
            let smallest = estimate_smallest_of_operator(&a, None, &options).unwrap();
            let off = (smallest.estimate.value - all[0]).abs();
            assert!(off <= smallest.estimate.error_bound + 1e-12, "{order}");
            assert!(off <= 1e-5 * all[0].abs(), "{order} {off:e}");
        }
    }

    #[test]
    fn an_inverse_saves_products() {
        let entries: Vec<f64> = (1..=300).map(f64::from).collect();
        let inverse = Diagonal(entries.iter().map(|x| 1.0 / x).collect());
        let operator = Diagonal(entries);
        let options = MatrixFreeOptions::default().with_max_products(1000);
        let run = |inverse: Option<&dyn SymmetricOperator>| {
            let found = estimate_smallest_of_operator(&operator, inverse, &options).unwrap();
            assert!((found.estimate.value - 1.0).abs() < 1e-5, "{found:?}");
            found.estimate.iterations
        };
        let (without, with) = (run(None), run(Some(&inverse)));
        assert!(2 * with < without, "{with} {without}");
    }

    #[test]
    fn products_of_a_kernel_are_as_good_as_its_operator_says() {
        let kernel: KernelSpec = "gaussian:0.6".parse().unwrap();
        let points = DMatrix::from_fn(2, 70, |i, j| ((3 * i + 7 * j + i * j) as f64).sin());
        let operator = KernelOperator::new(&kernel, &points);
        let entries = gram_error(&kernel, &points).unwrap();
        let error = operator.product_error().unwrap();
        assert_eq!(error, kernel_product_error(70, entries));
        let x = DMatrix::from_fn(70, 2, |i, j| ((i + 5 * j) as f64).cos());
        let mut y = DMatrix::from_element(70, 2, f64::NAN);
        operator.apply_to(x.as_view(), y.as_view_mut());
        let stored = kernel_gram(&kernel, &points) * &x;
        assert!((y - stored).norm() <= 2.0 * error * x.norm());
        let none = KernelOperator::new(&kernel, &DMatrix::zeros(2, 0));
        assert_eq!(none.product_error(), Some(0.0));
        // The two entrances to the matrix-free iteration agree.
        let options = MatrixFreeOptions::default();
        let known = matrix_free(&kernel, &points, &options).unwrap().estimate;
        let options = options.with_max_products(1000);
        let found = estimate_smallest_of_operator(&operator, None, &options).unwrap();
        let off = (known.value - found.estimate.value).abs();
        assert!(off <= known.error_bound + found.estimate.error_bound);
    }

    #[test]
    fn a_view_is_the_matrix_that_it_shows() {
        // A part of a larger buffer: columns are not one after the other.
        let large = matrix(12);
        let view = large.view((2, 2), (9, 9));
        let a = view.into_owned();
        let (of_view, of_matrix) = (view.product_error(), a.product_error());
        let ratio = of_view.unwrap() / of_matrix.unwrap();
        assert!((ratio - 1.0).abs() < 1e-12, "{ratio}");
        let x = DMatrix::from_fn(9, 3, |i, j| ((i + 5 * j) as f64).cos());
        let mut y = DMatrix::from_element(9, 3, f64::NAN);
        view.apply_to(x.as_view(), y.as_view_mut());
        let error = of_view.unwrap() * x.norm();
        assert!((y - &a * &x).norm() <= 2.0 * error);
        let largest = estimate_largest_of_operator(&view, 1e-10, 100).unwrap();
        let all = eigenvalues(&a).unwrap();
        assert!((largest.value - all[8]).abs() <= largest.error_bound + 1e-12);
    }

    #[test]
    fn a_dense_product_is_as_good_as_its_operator_says() {
        let a = matrix(9);
        let error = a.product_error().unwrap();
        // γ_9‖A‖_F.
        let expected = 9.0 * f64::EPSILON / 2.0 * a.norm();
        assert!((error / expected - 1.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_and_no_numbers_are_refused() {
        let options = MatrixFreeOptions::default();
        let none = Diagonal(vec![]);
        assert_eq!(
            estimate_largest_of_operator(&none, 1e-6, 9),
            Err(SpectrumError::Empty)
        );
        assert_eq!(
            estimate_smallest_of_operator(&none, None, &options),
            Err(SpectrumError::Empty)
        );
        let wrong = Diagonal(vec![1.0, f64::NAN, 2.0]);
        assert_eq!(
            estimate_largest_of_operator(&wrong, 1e-6, 9),
            Err(SpectrumError::NotFiniteProduct)
        );
        assert_eq!(
            estimate_smallest_of_operator(&wrong, None, &options),
            Err(SpectrumError::NotFiniteProduct)
        );
    }
}
