//! The smallest eigenvalue of a Gram matrix that is never stored: an estimate.

mod local_inverse;

use super::block_lanczos::{orthonormal, product, starting_block};
use super::eigen::require_points;
use super::inverse_lanczos::{Estimate, Termination};
use super::operator::kernel_product_error;
use super::{SpectrumError, SymmetricOperator, symmetric_eigen};
use crate::arithmetic::{UNIT_ROUNDOFF, enlarged, gamma};
use crate::gram::KernelOperator;
use crate::kernel::KernelSpec;
use crate::spectrum::certificate::gram_error;
use local_inverse::LocalInverse;
use nalgebra::{DMatrix, DMatrixView};
use std::time::{Duration, Instant};

/// Columns of the block: the smallest eigenvalues of data come in clusters of close pairs.
const BLOCK: usize = 6;

/// How far a matrix-free iteration goes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MatrixFreeOptions {
    /// The wanted residual, as a share of the eigenvalue.
    pub tolerance: f64,
    /// Most products with the matrix.
    pub max_products: usize,
    /// Most time; looked at between products.
    pub max_time: Option<Duration>,
    /// Nearest predecessors of a point in the preconditioner; 0 for none.
    pub neighbours: usize,
}

impl Default for MatrixFreeOptions {
    /// A residual of a millionth, 100 products, no limit of time, 32 neighbours.
    fn default() -> Self {
        Self {
            tolerance: 1e-6,
            max_products: 100,
            max_time: None,
            neighbours: 32,
        }
    }
}

impl MatrixFreeOptions {
    setters! {
        with_tolerance, tolerance: f64;
        with_max_products, max_products: usize;
        with_max_time, max_time: impl Into<Option<Duration>>;
        with_neighbours, neighbours: usize;
    }
}

/// What a matrix-free iteration found.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixFree {
    /// The smallest Ritz value, its residual bound, products spent, and why it stopped.
    pub estimate: Estimate,
    /// The smallest Ritz value after every product: not increasing, up to
    /// [`ritz_error`](Self::ritz_error) each, and never below the smallest eigenvalue by more.
    pub ritz_values: Vec<f64>,
    /// Bounds the rounding of every Ritz value, to first order: that of the entries and of the product, and
    /// the loss of orthogonality.
    pub ritz_error: f64,
}

/// Estimates the smallest eigenvalue of the Gram matrix of `points` (q × N) without storing it.
///
/// Rayleigh–Ritz on the span of a block, its preconditioned residuals and the last directions
/// (LOBPCG), every basis orthonormalised and multiplied afresh. The preconditioner is a sparse
/// factor of the inverse, `K⁻¹ ≈ GᵀG`, exact on the nearest predecessors of every point.
///
/// # Guarantee
/// An estimate. That *some* eigenvalue of the exact matrix lies within `error_bound` of the value is
/// proved to first order in `u`, where the entries have a proved error (else their error is taken
/// as `N·u` of the largest row sum). That none lies below is not.
///
/// # Errors
/// No points; a coordinate that is not finite.
///
/// # Cost
/// A product is `N²` kernel values: at N = 50,000 in 8 dimensions some ten seconds on two cores,
/// and 100 MB.
///
/// # Example
/// ```
/// use polyak::spectrum::{MatrixFreeOptions, matrix_free};
/// let points = nalgebra::DMatrix::from_fn(1, 200, |_, j| j as f64);
/// let found = matrix_free(&"laplace:1".parse()?, &points, &MatrixFreeOptions::default())?;
/// // The symbol's infimum, from above.
/// let limit = 0.5_f64.tanh();
/// assert!(found.estimate.value > limit && found.estimate.value < limit + 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
/// Knyazev, *Toward the optimal preconditioned eigensolver*, SIAM J. Sci. Comput. 23, 2001; Kaporin's
/// factorised sparse approximate inverse.
pub fn matrix_free<'a>(
    kernel: &KernelSpec,
    points: impl Into<DMatrixView<'a, f64>>,
    options: &MatrixFreeOptions,
) -> Result<MatrixFree, SpectrumError> {
    let points = points.into();
    kernel.require_dimension(points.nrows())?;
    require_points(points)?;
    let start = Instant::now();
    let operator = KernelOperator::new(kernel, points);
    let order = operator.order();
    let entry_error = gram_error(kernel, points).unwrap_or(order as f64 * UNIT_ROUNDOFF);
    let product_error = kernel_product_error(order, entry_error);
    let inverse = LocalInverse::new(&operator, options.neighbours);
    let block = inverse.start(BLOCK.min(order));
    let apply = |x: &DMatrix<f64>| inverse.apply(x);
    iterate(&operator, product_error, &apply, block, options, start)
}

/// Estimates the smallest eigenvalue of an operator: [`matrix_free`] for what is known by its products alone.
///
/// # Arguments
/// * `inverse`: an approximate inverse that is positive definite, which preconditions the residuals; without one as
///   many products are needed as the eigenvalues are apart;
/// * `options`: `neighbours` is not looked at.
///
/// # Guarantee
/// An estimate. *Some* eigenvalue lies within `error_bound` of the value, for the matrix that is meant where the
/// operator states its [`product_error`](SymmetricOperator::product_error), to first order in `u`. That none lies
/// below is not proved.
///
/// # Errors
/// [`SpectrumError::Empty`], and [`SpectrumError::NotFiniteProduct`].
///
/// # Panics
/// If operator and inverse are of different orders.
///
/// # Example
/// See [`SymmetricOperator`].
pub fn estimate_smallest_of_operator(
    operator: &dyn SymmetricOperator,
    inverse: Option<&dyn SymmetricOperator>,
    options: &MatrixFreeOptions,
) -> Result<MatrixFree, SpectrumError> {
    let start = Instant::now();
    let order = operator.order();
    if order == 0 {
        return Err(SpectrumError::Empty);
    }
    if let Some(inverse) = inverse {
        assert_eq!(inverse.order(), order, "the order of the inverse");
    }
    let block = starting_block(order, BLOCK);
    let product_error = operator.product_error().unwrap_or(0.0);
    let apply = |x: &DMatrix<f64>| inverse.map_or_else(|| x.clone(), |inverse| image(inverse, x));
    iterate(operator, product_error, &apply, block, options, start)
}

/// The product with a block, without the content of what was there.
fn image(operator: &dyn SymmetricOperator, x: &DMatrix<f64>) -> DMatrix<f64> {
    let mut y = DMatrix::zeros(x.nrows(), x.ncols());
    operator.apply_to(x.as_view(), y.as_view_mut());
    y
}

/// Rayleigh–Ritz on the span of a block, its preconditioned residuals and the last directions.
fn iterate(
    operator: &dyn SymmetricOperator,
    product_error: f64,
    precondition: &dyn Fn(&DMatrix<f64>) -> DMatrix<f64>,
    mut block: DMatrix<f64>,
    options: &MatrixFreeOptions,
    start: Instant,
) -> Result<MatrixFree, SpectrumError> {
    let order = operator.order();
    let mut directions: Option<DMatrix<f64>> = None;
    let mut corrections = None;
    let mut ritz_values = Vec::new();
    let mut ritz_error = 0.0_f64;
    loop {
        let parts = [Some(&block), corrections.as_ref(), directions.as_ref()];
        let basis = orthonormal_basis(parts.into_iter().flatten());
        let image = image(operator, &basis);
        if image.iter().any(|x| !x.is_finite()) {
            return Err(SpectrumError::NotFiniteProduct);
        }
        let ritz = RayleighRitz::new(&basis, &image, block.ncols())?;
        ritz_values.push(ritz.values[0]);
        let residuals = ritz.residuals();
        let residual = residuals.column(0).norm();
        let converged =
            residual <= options.tolerance * ritz.values[0].abs() || basis.ncols() == order;
        let late = options.max_time.is_some_and(|time| start.elapsed() >= time);
        let rounding = rounding(product_error, &image, &basis);
        ritz_error = ritz_error.max(rounding);
        let floor = residual <= rounding;
        if converged || floor || late || ritz_values.len() >= options.max_products.max(1) {
            let length = ritz.vectors.column(0).norm();
            return Ok(MatrixFree {
                estimate: Estimate {
                    value: ritz.values[0],
                    error_bound: enlarged(residual / length + rounding, order + 16),
                    iterations: ritz_values.len(),
                    termination: if converged {
                        Termination::Converged
                    } else if floor {
                        Termination::Rounding
                    } else if late {
                        Termination::Time
                    } else {
                        Termination::Cap
                    },
                },
                ritz_values,
                ritz_error,
            });
        }
        corrections = Some(precondition(&residuals));
        directions = (basis.ncols() > block.ncols()).then(|| ritz.directions(&block));
        block = ritz.vectors;
    }
}

/// Bounds the 2-norm of the error of a product with a vector of unit norm, and of a Ritz value.
fn rounding(product_error: f64, image: &DMatrix<f64>, basis: &DMatrix<f64>) -> f64 {
    let rows = image.nrows();
    let defect = (basis.tr_mul(basis) - DMatrix::identity(basis.ncols(), basis.ncols())).norm();
    let norm = image.norm();
    product_error + 2.0 * (defect + gamma(rows)) * norm
}

/// An orthonormal basis of the span of blocks of N rows; columns that add nothing are left out.
fn orthonormal_basis<'a>(blocks: impl Iterator<Item = &'a DMatrix<f64>>) -> DMatrix<f64> {
    let mut basis = DMatrix::zeros(0, 0);
    for block in blocks {
        if basis.nrows() == 0 {
            basis = DMatrix::zeros(block.nrows(), 0);
        }
        // Numbers that are none add nothing.
        if let Some((rest, _)) = orthonormal(&basis, block.clone()) {
            let before = basis.ncols();
            basis = basis.resize_horizontally(before + rest.ncols(), 0.0);
            basis.columns_mut(before, rest.ncols()).copy_from(&rest);
        }
    }
    if basis.ncols() == 0 {
        return DMatrix::identity(basis.nrows(), 1);
    }
    basis
}

/// The smallest Ritz pairs of a basis and its image.
struct RayleighRitz {
    values: Vec<f64>,
    vectors: DMatrix<f64>,
    images: DMatrix<f64>,
}

impl RayleighRitz {
    fn new(
        basis: &DMatrix<f64>,
        image: &DMatrix<f64>,
        wanted: usize,
    ) -> Result<Self, SpectrumError> {
        let projected = product(basis, true, image);
        let eigen = symmetric_eigen(&(0.5 * (&projected + projected.transpose())))?;
        let wanted = wanted.min(basis.ncols());
        let coefficients = eigen.vectors.columns(0, wanted).into_owned();
        Ok(Self {
            values: eigen.values.iter().take(wanted).copied().collect(),
            vectors: product(basis, false, &coefficients),
            images: product(image, false, &coefficients),
        })
    }

    /// `KX − XΘ`.
    fn residuals(&self) -> DMatrix<f64> {
        let mut residuals = self.images.clone();
        for (j, value) in self.values.iter().enumerate() {
            let vector = self.vectors.column(j);
            residuals.column_mut(j).axpy(-value, &vector, 1.0);
        }
        residuals
    }

    /// What the step added to the block.
    fn directions(&self, block: &DMatrix<f64>) -> DMatrix<f64> {
        let overlap = product(block, true, &self.vectors);
        &self.vectors - product(block, false, &overlap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gram::kernel_gram;
    use crate::spectrum::{eigenvalues, inverse_lanczos};
    use rand::{RngExt, SeedableRng};

    fn points(dimension: usize, samples: usize) -> DMatrix<f64> {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        DMatrix::from_fn(dimension, samples, |_, _| rng.random_range(-1.0..1.0))
    }

    #[test]
    fn the_smallest_eigenvalue_of_random_points() {
        for (name, dimension, samples) in [
            ("gaussian:0.3", 3, 300),
            ("matern52:1", 2, 250),
            ("laplace:0.7", 4, 130),
            ("imq:0.4", 3, 100),
        ] {
            let kernel: KernelSpec = name.parse().unwrap();
            let z = points(dimension, samples);
            let found = matrix_free(&kernel, &z, &MatrixFreeOptions::default()).unwrap();
            let exact = inverse_lanczos(&kernel_gram(&kernel, &z), 1e-12, 300).unwrap();
            let (value, error) = (found.estimate.value, found.estimate.error_bound);
            println!(
                "{name} {:?} {:e} {:e}",
                found.estimate, found.ritz_error, exact.value
            );
            let expected = match name {
                // Where a millionth of the eigenvalue is below the rounding of a product.
                "matern52:1" => Termination::Rounding,
                _ => Termination::Converged,
            };
            assert_eq!(found.estimate.termination, expected, "{name}");
            assert!(
                (value - exact.value).abs() <= error + exact.error_bound,
                "{name}"
            );
            assert!(
                error <= 2e-6 * value + 2.0 * found.ritz_error,
                "{name} {error:e} {value:e}"
            );
            assert!(found.ritz_error < 1e-8, "{name} {:e}", found.ritz_error);
            assert_eq!(found.ritz_values.len(), found.estimate.iterations);
            assert_eq!(found.ritz_values.last(), Some(&value));
            let decreasing = |pair: &[f64]| pair[1] <= pair[0] + 2.0 * found.ritz_error;
            assert!(found.ritz_values.windows(2).all(decreasing), "{name}");
            assert!(found.ritz_values[0] >= exact.value - found.ritz_error);
        }
    }

    #[test]
    fn roundings_are_those_of_entries_products_and_basis() {
        let (rows, entry) = (5, 1e-3);
        let basis = DMatrix::identity(rows, 2);
        let none = DMatrix::zeros(rows, 2);
        // Entries move a product by 5e-3, rounding by γ_13·5.
        let alone = rounding(kernel_product_error(rows, entry), &none, &basis);
        assert!((alone - 5e-3 - 5.0 * gamma(13)).abs() < 1e-17, "{alone:e}");
        // An image of norm 3 costs 2γ_5·3; a basis that is longer, 2·3 times its defect.
        let mut image = none;
        image[(0, 0)] = 3.0;
        let more = rounding(0.0, &image, &basis) - rounding(0.0, &(&image * 0.0), &basis);
        assert!((more / (6.0 * gamma(5)) - 1.0).abs() < 1e-9, "{more:e}");
        let long = rounding(0.0, &image, &(&basis * 2.0));
        assert!(
            (long / (6.0 * 18.0_f64.sqrt()) - 1.0).abs() < 1e-9,
            "{long:e}"
        );
    }

    #[test]
    fn the_preconditioner_pays() {
        let kernel: KernelSpec = "matern32:1".parse().unwrap();
        let z = points(2, 300);
        let with = |neighbours| {
            let options = MatrixFreeOptions {
                neighbours,
                ..MatrixFreeOptions::default()
            };
            matrix_free(&kernel, &z, &options).unwrap().estimate
        };
        let (none, some) = (with(0), with(20));
        assert_eq!(some.termination, Termination::Rounding);
        assert!(2 * some.iterations < none.iterations, "{none:?} {some:?}");
    }

    #[test]
    fn few_points_are_exhausted() {
        let kernel: KernelSpec = "gaussian:0.7".parse().unwrap();
        for samples in 1..12 {
            let z = points(2, samples);
            let found = matrix_free(&kernel, &z, &MatrixFreeOptions::default()).unwrap();
            let exact = eigenvalues(&kernel_gram(&kernel, &z)).unwrap()[0];
            assert_ne!(found.estimate.termination, Termination::Cap);
            let error = found.estimate.error_bound + samples as f64 * 16.0 * f64::EPSILON;
            assert!((found.estimate.value - exact).abs() <= error, "{samples}");
        }
        // Equal points: K = 11ᵀ.
        let ones = DMatrix::from_element(2, 7, 0.5);
        let found = matrix_free(&kernel, &ones, &MatrixFreeOptions::default()).unwrap();
        assert!(found.estimate.value.abs() <= found.ritz_error);
    }

    #[test]
    fn limits_are_kept_and_named() {
        let kernel: KernelSpec = "gaussian:0.7".parse().unwrap();
        let z = points(3, 200);
        let run = |options: MatrixFreeOptions| matrix_free(&kernel, &z, &options).unwrap();
        let capped = run(MatrixFreeOptions {
            max_products: 2,
            ..MatrixFreeOptions::default()
        });
        assert_eq!(capped.estimate.termination, Termination::Cap);
        assert_eq!(capped.estimate.iterations, 2);
        let late = run(MatrixFreeOptions {
            max_time: Some(Duration::ZERO),
            ..MatrixFreeOptions::default()
        });
        assert_eq!(late.estimate.termination, Termination::Time);
        assert_eq!(late.ritz_values.len(), 1);
        // The bound holds all the same: of some eigenvalue.
        let all = eigenvalues(&kernel_gram(&kernel, &z)).unwrap();
        for found in [capped, late] {
            let Estimate {
                value, error_bound, ..
            } = found.estimate;
            let near = |x: &&f64| (**x - value).abs() <= error_bound + 1e-12;
            assert!(all.iter().find(near).is_some());
        }
    }

    #[test]
    fn points_are_checked() {
        let kernel: KernelSpec = "gaussian:0.7".parse().unwrap();
        let options = MatrixFreeOptions::default();
        let run = |z: &DMatrix<f64>| matrix_free(&kernel, z, &options).unwrap_err();
        assert_eq!(run(&DMatrix::zeros(2, 0)), SpectrumError::Empty);
        let refused = run(&nalgebra::dmatrix![0.0, 1.0; f64::INFINITY, 2.0]);
        assert!(matches!(
            refused,
            SpectrumError::NonFinite {
                row: 1,
                column: 0,
                ..
            }
        ));
    }

    #[test]
    fn bases_are_orthonormal_and_leave_out_what_depends() {
        let block = points(50, 4);
        let twice = DMatrix::from_fn(50, 2, |i, j| block[(i, j)] * 2.0 + block[(i, 3)]);
        let basis = orthonormal_basis([&block, &twice].into_iter());
        assert_eq!(basis.shape(), (50, 4));
        let defect = basis.tr_mul(&basis) - DMatrix::identity(4, 4);
        assert!(defect.amax() <= 8.0 * f64::EPSILON);
        // A column that nearly depends keeps what is its own.
        let mut near = block.columns(0, 1).into_owned();
        near[(7, 0)] += 1e-9;
        let basis = orthonormal_basis([&block, &near].into_iter());
        assert_eq!(basis.ncols(), 5);
        assert!((basis.tr_mul(&basis) - DMatrix::identity(5, 5)).amax() <= 8.0 * f64::EPSILON);
        assert_eq!(
            orthonormal_basis([&DMatrix::zeros(3, 2)].into_iter()),
            DMatrix::identity(3, 1)
        );
    }
}
