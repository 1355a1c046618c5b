//! One door to the smallest eigenvalue: it picks a method, and says which.

use super::davidson::{self, SINGLE_ORDER};
use super::eigen::{require_points, require_symmetric};
use super::inverse_lanczos::{self, BLOCKS_ORDER, Estimate, Termination};
use super::matrix_free::{MatrixFreeOptions, matrix_free};
use super::{SpectrumError, symmetric_eigen};
use crate::arithmetic::enlarged;
use crate::gram::mercer_gram;
use crate::kernel::MercerKernel;
use crate::memory::require;
use crate::spectrum::certificate::{gram_norm_error, matrix_and_factor_bytes, states_roundings};
use nalgebra::{DMatrix, DMatrixView};
use std::fmt;
use std::time::Duration;

/// Up to this order all eigenvalues and eigenvectors cost no more than a millisecond.
const DENSE_ORDER: usize = 64;

/// Most iterations of [`inverse_lanczos`](super::inverse_lanczos()).
const CAP: usize = 300;

/// Most iterations of [`inverse_lanczos`](super::inverse_lanczos()) where all eigenvalues are the alternative: where it takes
/// blocks of four, the projections on them have orders 4, 8, …, 4k, whose cubes sum to `16k⁴`; those of the matrix cost `n³`.
fn worthwhile(order: usize) -> usize {
    if order < BLOCKS_ORDER {
        return CAP;
    }
    let quotient = (order as f64).powi(3) / 16.0;
    CAP.min(quotient.sqrt().sqrt() as usize)
}

/// How a smallest eigenvalue is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Method {
    /// All eigenvalues and vectors of the stored matrix, with a proved error.
    Dense,
    /// Cholesky factorisation of the stored matrix in f32 to precondition Davidson's method in f64.
    Davidson,
    /// Cholesky factorisation of the stored matrix and inverse Lanczos iterations, all in f64.
    InverseLanczos,
    /// Products with a matrix that is never stored.
    MatrixFree,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Dense => "dense eigenvalues",
            Self::Davidson => "single-precision Cholesky and block Davidson",
            Self::InverseLanczos => "Cholesky and inverse Lanczos",
            Self::MatrixFree => "matrix-free LOBPCG",
        })
    }
}

/// What is asked of an estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct EstimateOptions {
    /// The method; chosen, if none is given.
    pub method: Option<Method>,
    /// The wanted relative accuracy.
    pub tolerance: f64,
    /// Most bytes of matrices.
    pub max_bytes: usize,
    /// Most time of a matrix-free iteration.
    pub max_time: Option<Duration>,
}

impl Default for EstimateOptions {
    /// Any method, six digits, 8 GiB, no limit of time.
    fn default() -> Self {
        Self {
            method: None,
            tolerance: 1e-6,
            max_bytes: 8 << 30,
            max_time: None,
        }
    }
}

impl EstimateOptions {
    setters! {
        with_method, method: impl Into<Option<Method>>;
        with_tolerance, tolerance: f64;
        with_max_bytes, max_bytes: usize;
        with_max_time, max_time: impl Into<Option<Duration>>;
    }
}

/// An estimate, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Solution {
    /// The value with its error bound.
    pub estimate: Estimate,
    /// How it was found.
    pub method: Method,
    /// Whether the error bound is about the matrix *meant*: false for a kernel whose profile has no proved
    /// error in f64, whose bound is about the matrix as computed.
    pub proved: bool,
}

impl fmt::Display for Solution {
    /// The estimate, the method, and whether the bound is about the matrix as computed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, by {}", self.estimate, self.method)?;
        match self.proved {
            true => Ok(()),
            false => f.write_str(", of the matrix as computed"),
        }
    }
}

/// Estimates the smallest eigenvalue of the Gram matrix of `points` (q × N).
///
/// Without a method given: dense up to order 64; matrix-free, if the matrix and its factor do not fit
/// into `max_bytes`; else Davidson's method from order 800 on where f32 serves, else Cholesky and inverse
/// Lanczos in f64, or dense where that factorisation breaks down or its iterations have cost as much: many
/// eigenvalues lie close to the smallest then, as those of a stationary kernel on equidistant points.
///
/// # Guarantee
/// An estimate: *some* eigenvalue of the exact Gram matrix lies within `error_bound` of the value
/// (of the matrix as computed, where the answer is not [`proved`](Solution::proved)). For a proof about the
/// smallest see [`certificate`](super::certificate).
///
/// # Errors
/// No points, a coordinate that is not finite, a kernel that does not fit the points, entries that
/// overflow, a matrix that is too large for the memory allowed and a kernel or method that needs it.
///
/// # Example
/// ```
/// use polyak::spectrum::{EstimateOptions, Method, estimate_smallest};
/// let points = nalgebra::DMatrix::from_fn(1, 100, |_, j| j as f64);
/// let found = estimate_smallest(&"laplace:1".parse()?, &points, &EstimateOptions::default())?;
/// assert_eq!(found.method, Method::InverseLanczos);
/// assert!((found.estimate.value - 0.5_f64.tanh()).abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn estimate_smallest<'a>(
    kernel: &MercerKernel,
    points: impl Into<DMatrixView<'a, f64>>,
    options: &EstimateOptions,
) -> Result<Solution, SpectrumError> {
    let points = points.into();
    kernel.require_dimension(points.nrows())?;
    require_points(points)?;
    let order = points.ncols();
    let fits = matrix_and_factor_bytes(order) <= options.max_bytes;
    let method = options.method.or((!fits).then_some(Method::MatrixFree));
    let entries = gram_norm_error(kernel, points);
    if entries.is_none() && states_roundings(kernel) {
        return Err(SpectrumError::OutOfRange);
    }
    if method == Some(Method::MatrixFree) {
        let matrix_free = |kernel, points: DMatrixView<'_, f64>| {
            let options = MatrixFreeOptions {
                tolerance: options.tolerance,
                max_time: options.max_time,
                ..MatrixFreeOptions::default()
            };
            matrix_free(kernel, points, &options)
        };
        let found = match kernel {
            MercerKernel::Radial(kernel) => matrix_free(kernel, points)?,
            MercerKernel::Anisotropic(kernel) => {
                let mut found = matrix_free(kernel.unit(), kernel.scale(points)?.as_view())?;
                found.estimate.error_bound += entries.unwrap_or(0.0);
                found
            }
            MercerKernel::Polynomial(_) if options.method.is_none() => {
                return Err(too_large(order, options));
            }
            MercerKernel::Polynomial(kernel) => {
                return Err(SpectrumError::NotRadial {
                    kernel: kernel.name(),
                });
            }
        };
        return Ok(Solution {
            estimate: found.estimate,
            method: Method::MatrixFree,
            proved: entries.is_some(),
        });
    }
    require_memory(order, options)?;
    let gram = mercer_gram(kernel, points)?;
    let mut solution = of_matrix(&gram, method, options)?;
    solution.estimate.error_bound += entries.unwrap_or(0.0);
    solution.proved = entries.is_some();
    Ok(solution)
}

/// Estimates the smallest eigenvalue of a symmetric matrix.
///
/// # Guarantee
/// An estimate, see [`estimate_smallest`]. Where squares of entries would overflow or underflow the matrix is scaled
/// by a power of two first.
///
/// # Errors
/// A matrix that is empty, not square, not finite or not exactly symmetric; one whose factor does not
/// fit into the memory allowed; the matrix-free method, which needs points; an eigenvalue that overflows.
///
/// # Example
/// ```
/// use polyak::spectrum::{EstimateOptions, Method, estimate_smallest_of_matrix};
/// let a = nalgebra::dmatrix![2.0, 1.0; 1.0, 2.0];
/// let found = estimate_smallest_of_matrix(&a, &EstimateOptions::default())?;
/// assert!((found.estimate.value - 1.0).abs() <= found.estimate.error_bound);
/// assert_eq!(found.method, Method::Dense);
/// # Ok::<(), polyak::spectrum::SpectrumError>(())
/// ```
pub fn estimate_smallest_of_matrix(
    a: &DMatrix<f64>,
    options: &EstimateOptions,
) -> Result<Solution, SpectrumError> {
    require_symmetric(a)?;
    require_memory(a.nrows(), options)?;
    let exponent = exponent_of(a.amax());
    if exponent == 0 {
        return of_matrix(a, options.method, options);
    }
    let scaled = a.map(|entry| times_power(entry, -exponent));
    let found = of_matrix(&scaled, options.method, options)?;
    let estimate = found.estimate;
    // What an entry loses where it underflows, there or here.
    let lost = a.nrows() as f64 * SMALLEST;
    let estimate = Estimate {
        value: times_power(estimate.value, exponent),
        error_bound: enlarged(times_power(estimate.error_bound + lost, exponent) + lost, 4),
        ..estimate
    };
    if !(estimate.value.is_finite() && estimate.error_bound.is_finite()) {
        return Err(SpectrumError::Overflow);
    }
    Ok(Solution { estimate, ..found })
}

/// The smallest positive number, `2⁻¹⁰⁷⁴`.
const SMALLEST: f64 = f64::from_bits(1);

/// Powers of two between which squares and products of a few thousand squares are normal numbers.
const MODERATE: i32 = 400;

/// The exponent of the largest entry, where it is not moderate; else 0.
fn exponent_of(largest: f64) -> i32 {
    if largest == 0.0 {
        return 0;
    }
    let exponent = largest.log2().floor() as i32;
    if exponent.abs() <= MODERATE {
        0
    } else {
        exponent
    }
}

/// `x·2^n`, in two steps: the power itself may be no number.
fn times_power(x: f64, exponent: i32) -> f64 {
    let half = exponent / 2;
    x * 2f64.powi(half) * 2f64.powi(exponent - half)
}

/// Bytes that a method takes beside the matrix, as seen: factors, all eigenvectors, and what comes with them.
fn beside_the_matrix(method: Method, order: usize) -> usize {
    let numbers = match method {
        Method::Dense => 6,
        Method::InverseLanczos => 2,
        Method::Davidson => 1,
        Method::MatrixFree => 0,
    };
    let square = order.saturating_mul(order);
    square.saturating_mul(numbers * size_of::<f64>())
}

fn of_matrix(
    a: &DMatrix<f64>,
    method: Option<Method>,
    options: &EstimateOptions,
) -> Result<Solution, SpectrumError> {
    let order = a.nrows();
    // What serves is tried before what always works.
    let cap = match method {
        Some(_) => CAP,
        None => worthwhile(order),
    };
    let candidates = match method {
        Some(method) => vec![method],
        None if order <= DENSE_ORDER => vec![Method::Dense],
        None if order < SINGLE_ORDER => vec![Method::InverseLanczos, Method::Dense],
        None => vec![Method::Davidson, Method::InverseLanczos, Method::Dense],
    };
    let mut found = Err(SpectrumError::Empty);
    for method in candidates {
        if let Err(shortage) = require(beside_the_matrix(method, order)) {
            return found.or(Err(SpectrumError::Memory { order, shortage }));
        }
        found = match method {
            Method::Davidson => davidson::of_symmetric(a, options.tolerance),
            Method::InverseLanczos => inverse_lanczos::of_symmetric(a, options.tolerance, cap),
            Method::Dense => dense(a),
            Method::MatrixFree => return Err(SpectrumError::NeedsPoints),
        }
        .map(|estimate| Solution {
            estimate,
            method,
            proved: true,
        });
        use SpectrumError::{NoSingleInverse, NotPositiveDefinite};
        let serves = match &found {
            Ok(solution) => solution.estimate.termination != Termination::Cap,
            Err(error) => !matches!(error, NoSingleInverse { .. } | NotPositiveDefinite { .. }),
        };
        if serves {
            break;
        }
    }
    found
}

/// The smallest of all eigenvalues.
fn dense(a: &DMatrix<f64>) -> Result<Estimate, SpectrumError> {
    let eigen = symmetric_eigen(a)?;
    Ok(Estimate {
        value: eigen.values[0],
        error_bound: eigen.error_bound(a),
        iterations: 1,
        termination: Termination::Converged,
    })
}

fn too_large(order: usize, options: &EstimateOptions) -> SpectrumError {
    SpectrumError::TooLarge {
        order,
        bytes: matrix_and_factor_bytes(order),
        limit: options.max_bytes,
    }
}

/// Refuses what is larger than allowed, and what a limit of the process leaves no room for.
fn require_memory(order: usize, options: &EstimateOptions) -> Result<(), SpectrumError> {
    let bytes = matrix_and_factor_bytes(order);
    if bytes > options.max_bytes {
        return Err(too_large(order, options));
    }
    require(bytes).map_err(|shortage| SpectrumError::Memory { order, shortage })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::certificate::{CertificateOptions, certify_smallest};
    use rand::{RngExt, SeedableRng};

    fn points(samples: usize) -> DMatrix<f64> {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        DMatrix::from_fn(3, samples, |_, _| rng.random_range(-1.0..1.0))
    }

    fn kernel(name: &str) -> MercerKernel {
        name.parse().unwrap()
    }

    fn with(method: Method) -> EstimateOptions {
        EstimateOptions {
            method: Some(method),
            ..EstimateOptions::default()
        }
    }

    /// Entries whose squares are no numbers: the same matrix at every scale.
    #[test]
    fn scales_do_not_matter() {
        let a = nalgebra::dmatrix![2.0, 1.0, 0.0; 1.0, 2.0, 0.5; 0.0, 0.5, 4.0];
        for method in [Method::Dense, Method::InverseLanczos] {
            let at = |exponent: i32| {
                let scaled = a.map(|x| times_power(x, exponent));
                estimate_smallest_of_matrix(&scaled, &with(method))
            };
            let plain = at(0).unwrap().estimate;
            for exponent in [-1000, -700, -401, -400, 399, 500, 1000, 1020] {
                let found = at(exponent).unwrap().estimate;
                let apart = times_power(found.value, -exponent) - plain.value;
                let allowed = times_power(found.error_bound, -exponent) + plain.error_bound;
                assert!(apart.abs() <= allowed, "{method} {exponent} {found:?}");
                assert!(times_power(found.error_bound, -exponent) < 1e-12);
            }
        }
        // So small that it has few digits: they are in the error.
        let tiny =
            estimate_smallest_of_matrix(&a.map(|x| times_power(x, -1073)), &with(Method::Dense));
        let tiny = tiny.unwrap().estimate;
        assert!(tiny.error_bound >= 3.0 * SMALLEST && tiny.error_bound < 60.0 * SMALLEST);
        // Equal entries: 0 and twice the entry, which is no number.
        let huge = DMatrix::from_element(2, 2, 1e308);
        let found = estimate_smallest_of_matrix(&huge, &EstimateOptions::default());
        let found = found.unwrap().estimate;
        assert!(found.value.abs() <= found.error_bound && found.error_bound < 1e296);
        let negative = estimate_smallest_of_matrix(&-huge, &EstimateOptions::default());
        assert_eq!(negative, Err(SpectrumError::Overflow));
        assert_eq!(
            [0.0, 1.0, 3.5e-130, 1e308].map(exponent_of),
            [0, 0, -431, 1023]
        );
    }

    #[test]
    fn points_out_of_range_are_refused() {
        for (name, far) in [("gaussian:1e160", 1e160), ("gaussian:1e-170", 1e-170)] {
            let z = nalgebra::dmatrix![-far, far];
            let found = estimate_smallest(&kernel(name), &z, &EstimateOptions::default());
            assert_eq!(found, Err(SpectrumError::OutOfRange), "{name}");
        }
    }

    #[test]
    fn a_kernel_without_a_proved_rounding_is_estimated_unproved() {
        use crate::kernel::{Vague, vague};
        let z = points(30);
        for kernel in [kernel("imq(1/3):0.2"), vague(Vague::Within(300)).into()] {
            let found = estimate_smallest(&kernel, &z, &EstimateOptions::default()).unwrap();
            assert!(!found.proved, "{kernel}");
            let certificate = certify_smallest(&kernel, &z, &CertificateOptions::default());
            let exact = certificate.unwrap().ball();
            let off = (found.estimate.value - exact.mid()).abs();
            assert!(
                off <= found.estimate.error_bound + exact.rad() + 1e-12,
                "{kernel} {off:e}"
            );
        }
    }

    #[test]
    fn every_method_agrees_with_a_certificate() {
        use Method::*;
        let z = points(120);
        for name in ["gaussian:0.4", "matern32:0.5,1,2", "imq(0.3):0.2"] {
            let kernel = kernel(name);
            // Another power has no certificate: dense is the reference.
            let exact = match certify_smallest(&kernel, &z, &CertificateOptions::default()) {
                Ok(certificate) => certificate.hi.log10(),
                Err(_) => {
                    let dense = estimate_smallest(&kernel, &z, &with(Dense)).unwrap();
                    dense.estimate.value.log10()
                }
            };
            for method in [Dense, Davidson, InverseLanczos, MatrixFree] {
                let found = estimate_smallest(&kernel, &z, &with(method)).unwrap();
                assert_eq!(found.method, method);
                assert_eq!(found.proved, !name.starts_with("imq(0.3)"));
                let Estimate {
                    value, error_bound, ..
                } = found.estimate;
                let error = (value - 10.0_f64.powf(exact)).abs();
                // A certificate of width 1e-6, and a logarithm.
                assert!(
                    error <= error_bound + 2e-6 * value,
                    "{name} {method} {found:?}"
                );
                assert!(error_bound <= 1e-3 * value, "{name} {method} {found:?}");
            }
        }
    }

    #[test]
    fn the_method_is_chosen_by_size_definiteness_and_memory() {
        let chosen = |samples: usize, name: &str, max_bytes: usize| {
            let options = EstimateOptions {
                max_bytes,
                ..EstimateOptions::default()
            };
            estimate_smallest(&kernel(name), &points(samples), &options).map(|found| found.method)
        };
        let plenty = 1 << 30;
        assert_eq!(chosen(64, "gaussian:0.4", plenty), Ok(Method::Dense));
        assert_eq!(
            chosen(65, "gaussian:0.4", plenty),
            Ok(Method::InverseLanczos)
        );
        // Of rank three; a certain zero of f64.
        assert_eq!(chosen(65, "linear", plenty), Ok(Method::Dense));
        let needed = 65 * 65 * 16;
        assert_eq!(
            chosen(65, "gaussian:0.4", needed),
            Ok(Method::InverseLanczos)
        );
        assert_eq!(
            chosen(65, "gaussian:0.4", needed - 1),
            Ok(Method::MatrixFree)
        );
        assert_eq!(chosen(65, "imq:1,2,3", needed - 1), Ok(Method::MatrixFree));
        let refused = SpectrumError::TooLarge {
            order: 65,
            bytes: needed,
            limit: needed - 1,
        };
        assert_eq!(chosen(65, "linear", needed - 1), Err(refused));
    }

    #[test]
    fn large_matrices_take_the_first_method_that_serves() {
        let chosen = |a: &DMatrix<f64>| {
            let found = estimate_smallest_of_matrix(a, &EstimateOptions::default()).unwrap();
            (found.method, found.estimate)
        };
        // Eigenvalues k/n, but the smallest.
        let spread = |n: usize, smallest: f64| {
            let mut a = DMatrix::from_fn(n, n, |i, j| {
                f64::from(u8::from(i == j)) * (i as f64 / n as f64)
            });
            (a[(0, 0)], a[(1, 1)]) = (1.0, 1.0);
            (a[(0, 1)], a[(1, 0)]) = (1.0 - smallest, 1.0 - smallest);
            a[(2, 2)] = 1.0;
            a
        };
        for (n, smallest, method) in [
            (SINGLE_ORDER - 1, 1e-4, Method::InverseLanczos),
            (SINGLE_ORDER, 1e-4, Method::Davidson),
            (SINGLE_ORDER, 1e-9, Method::InverseLanczos),
            (SINGLE_ORDER, 0.0, Method::Dense),
            (SINGLE_ORDER, -1e-9, Method::Dense),
        ] {
            let (found, estimate) = chosen(&spread(n, smallest));
            assert_eq!(found, method, "{n} {smallest}");
            let exact = 1.0 - (1.0 - smallest);
            assert!(
                (estimate.value - exact).abs() <= estimate.error_bound,
                "{estimate:?}"
            );
        }
    }

    /// Equidistant points: many eigenvalues are close to the smallest.
    #[test]
    fn iterations_that_crawl_give_way_to_all_eigenvalues() {
        let line = DMatrix::from_fn(1, 1200, |_, j| j as f64);
        let fine = EstimateOptions::default().with_tolerance(1e-12);
        let kernel = kernel("laplace:1");
        let found = estimate_smallest(&kernel, &line, &fine).unwrap();
        assert_eq!(found.method, Method::Dense);
        // The symbol's infimum, from above: its curvature there times (π/n)².
        let limit = 0.5_f64.tanh();
        assert!(found.estimate.value > limit && found.estimate.value < limit + 1e-5);
        let caps = [1, 1199, 1200, 2000, 100_000].map(worthwhile);
        assert_eq!(caps, [CAP, CAP, 101, 149, CAP]);
    }

    #[test]
    fn a_method_asked_for_is_not_replaced() {
        let z = points(70);
        let refused = estimate_smallest(&kernel("linear"), &z, &with(Method::InverseLanczos));
        assert_eq!(
            refused,
            Err(SpectrumError::NotPositiveDefinite { size: 70 })
        );
        let refused = estimate_smallest(&kernel("linear"), &z, &with(Method::Davidson));
        assert_eq!(refused, Err(SpectrumError::NoSingleInverse { size: 70 }));
        let refused = estimate_smallest(&kernel("linear"), &z, &with(Method::MatrixFree));
        let kernel_name = String::from("linear");
        assert_eq!(
            refused,
            Err(SpectrumError::NotRadial {
                kernel: kernel_name
            })
        );
        let small = EstimateOptions {
            max_bytes: 1000,
            ..with(Method::Dense)
        };
        let refused = estimate_smallest(&kernel("gaussian:1"), &z, &small);
        assert!(matches!(
            refused,
            Err(SpectrumError::TooLarge { order: 70, .. })
        ));
        let a = DMatrix::identity(3, 3);
        let refused = estimate_smallest_of_matrix(&a, &with(Method::MatrixFree));
        assert_eq!(refused, Err(SpectrumError::NeedsPoints));
        let found = estimate_smallest_of_matrix(&a, &with(Method::InverseLanczos)).unwrap();
        assert_eq!(found.method, Method::InverseLanczos);
    }

    #[test]
    fn a_matrix_free_estimate_is_as_good_as_asked_for() {
        let found = |tolerance| {
            let options = EstimateOptions {
                tolerance,
                ..with(Method::MatrixFree)
            };
            estimate_smallest(&kernel("gaussian:0.4"), &points(150), &options)
                .unwrap()
                .estimate
        };
        let (rough, fine) = (found(1e-1), found(1e-8));
        assert!(rough.iterations < fine.iterations, "{rough:?} {fine:?}");
        assert!(rough.error_bound > fine.error_bound);
    }

    #[test]
    fn indefinite_matrices_and_bad_input() {
        let mut a = DMatrix::identity(80, 80);
        a[(3, 7)] = 2.0;
        a[(7, 3)] = 2.0;
        let found = estimate_smallest_of_matrix(&a, &EstimateOptions::default()).unwrap();
        assert_eq!(found.method, Method::Dense);
        assert!((found.estimate.value + 1.0).abs() <= found.estimate.error_bound);
        a[(3, 7)] = 1.0;
        let refused = estimate_smallest_of_matrix(&a, &EstimateOptions::default());
        assert!(matches!(refused, Err(SpectrumError::NotSymmetric { .. })));
        let options = EstimateOptions::default();
        let run = |name: &str, z: &DMatrix<f64>| {
            estimate_smallest(&kernel(name), z, &options).unwrap_err()
        };
        assert_eq!(
            run("gaussian:1", &DMatrix::zeros(2, 0)),
            SpectrumError::Empty
        );
        let nan = nalgebra::dmatrix![0.0, f64::NAN];
        assert!(matches!(
            run("linear", &nan),
            SpectrumError::NonFinite { .. }
        ));
        let huge = nalgebra::dmatrix![1e200, 1.0];
        assert!(matches!(run("linear", &huge), SpectrumError::Kernel(_)));
        let fit = run("gaussian:1,2", &DMatrix::zeros(3, 2));
        assert!(matches!(fit, SpectrumError::Kernel(_)));
        // A petabyte is refused before it is touched.
        let options = EstimateOptions {
            max_bytes: usize::MAX,
            ..EstimateOptions::default()
        };
        let refused = require_memory(1 << 28, &options).unwrap_err();
        assert!(matches!(refused, SpectrumError::Memory { order, .. } if order == 1 << 28));
        assert_eq!(beside_the_matrix(Method::Dense, 10), 4800);
        assert_eq!(beside_the_matrix(Method::Dense, usize::MAX), usize::MAX);
    }

    #[test]
    fn methods_have_names() {
        assert_eq!(Method::Dense.to_string(), "dense eigenvalues");
        assert_eq!(
            Method::Davidson.to_string(),
            "single-precision Cholesky and block Davidson"
        );
        assert_eq!(
            Method::InverseLanczos.to_string(),
            "Cholesky and inverse Lanczos"
        );
        assert_eq!(Method::MatrixFree.to_string(), "matrix-free LOBPCG");
    }

    #[test]
    fn a_solution_is_written_with_its_method() {
        let estimate = Estimate {
            value: 2.0,
            error_bound: 0.0,
            iterations: 1,
            termination: Termination::Converged,
        };
        let written = |proved| {
            let method = Method::Dense;
            let solution = Solution {
                estimate,
                method,
                proved,
            };
            solution.to_string()
        };
        let proved = "2e0 ± 0, converged, by dense eigenvalues";
        assert_eq!(written(true), proved);
        assert_eq!(
            written(false),
            format!("{proved}, of the matrix as computed")
        );
    }
}
