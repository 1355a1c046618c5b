//! Gram matrix of a radial kernel.

use super::memory::require_memory;
use super::mirror::mirror_lower;
use super::panel::{PANEL, Points};
use crate::kernel::{Kernel, KernelError};
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;

/// Returns the Gram matrix `(k(z_i, z_j))` (N × N) of the columns of `points` (q × N).
///
/// # Guarantee
/// Exactly symmetric with an exact unit diagonal, the same for any number of
/// threads. Points are centred first, and squared distances come from a matrix
/// product except where that would cancel, so every one has a relative error of
/// at most `4·64·γ_{q+4}` plus that of the centred coordinates
/// (`u·max|z|/‖z_i − z_j‖`: data offset by 1e6 keep ten digits).
///
/// # Cost
/// Half a product of orders `N × q × N` and `N²/2` kernel values, on all cores; `8N²` bytes, without
/// which the process is ended: see [`try_kernel_gram`].
///
/// # Example
/// ```
/// use polyak::{gram::kernel_gram, kernel::Gaussian};
/// let points = nalgebra::dmatrix![0.0, 1.0, 3.0];
/// let gram = kernel_gram(&Gaussian::try_new(1.0)?, &points);
/// assert!((gram[(0, 1)] - (-0.5_f64).exp()).abs() < 1e-15);
/// assert_eq!(gram[(2, 2)], 1.0);
///
/// // Points of another library, column by column, as they lie.
/// let numbers = [0.0, 1.0, 3.0];
/// let view = nalgebra::DMatrixView::from_slice(&numbers, 1, 3);
/// assert_eq!(kernel_gram(&Gaussian::try_new(1.0)?, view), gram);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
pub fn kernel_gram<'a>(
    kernel: &dyn Kernel,
    points: impl Into<DMatrixView<'a, f64>>,
) -> DMatrix<f64> {
    let points = points.into();
    let samples = points.ncols();
    let mut gram = DMatrix::zeros(samples, samples);
    if samples == 0 {
        return gram;
    }
    let points = Points::new(points);
    (gram.as_mut_slice())
        .par_chunks_mut(PANEL * samples)
        .enumerate()
        .for_each(|(panel, entries)| {
            let first = panel * PANEL;
            points.values(kernel, first, first, entries);
        });
    mirror_lower(gram.as_mut_slice(), samples);
    gram
}

/// As [`kernel_gram`], but a matrix that does not fit is refused before it is touched.
///
/// # Errors
/// [`KernelError::Memory`] when the system does not give its `8N²` bytes.
///
/// # Example
/// ```
/// use polyak::{gram::try_kernel_gram, kernel::Gaussian};
/// let points = nalgebra::dmatrix![0.0, 1.0, 3.0];
/// assert_eq!(try_kernel_gram(&Gaussian::try_new(1.0)?, &points)?.shape(), (3, 3));
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
pub fn try_kernel_gram<'a>(
    kernel: &dyn Kernel,
    points: impl Into<DMatrixView<'a, f64>>,
) -> Result<DMatrix<f64>, KernelError> {
    let points = points.into();
    require_memory(points.ncols())?;
    Ok(kernel_gram(kernel, points))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::{UNIT_ROUNDOFF, gamma};
    use crate::kernel::{Admissibility, Gaussian, Matern};
    use nalgebra::DVector;

    /// Shows the squared distance that a kernel is given: `ψ(r²) = r²`.
    #[derive(Debug)]
    struct Spy;

    impl Kernel for Spy {
        fn profile(&self, squared_distance: f64) -> f64 {
            squared_distance
        }

        fn admissibility(&self) -> Admissibility {
            unreachable!("only values are asked for")
        }

        fn is_strictly_positive_definite(&self) -> bool {
            false
        }

        fn try_sample_frequencies(
            &self,
            _: usize,
            _: usize,
            _: u64,
        ) -> Result<DMatrix<f64>, KernelError> {
            unreachable!("only values are asked for")
        }

        fn name(&self) -> String {
            "spy".to_owned()
        }
    }

    fn points(q: usize, n: usize) -> DMatrix<f64> {
        DMatrix::from_fn(q, n, |i, j| ((i * 31 + j * 17 + i * j * 5) as f64).sin())
    }

    /// The largest relative error of a squared distance, against the differences,
    /// which are good to `γ_{q+2}`.
    fn worst_error(points: &DMatrix<f64>) -> f64 {
        let gram = kernel_gram(&Spy, points);
        assert_eq!(gram, gram.transpose());
        assert!(gram.diagonal().iter().all(|&x| x == 0.0));
        let mut worst = 0.0_f64;
        for j in 0..points.ncols() {
            for i in 0..j {
                let exact = (points.column(i) - points.column(j)).norm_squared();
                let error = (gram[(i, j)] - exact).abs();
                if exact > 0.0 {
                    worst = worst.max(error / exact);
                } else {
                    assert_eq!(error, 0.0);
                }
            }
        }
        worst
    }

    /// The products cancel to a 64th at most: `4·64·γ_{q+4}`, and the γ_{q+2} of the
    /// comparison. Centring dyadic coordinates is exact.
    fn bound(q: usize) -> f64 {
        256.0 * gamma(q + 4) + gamma(q + 2)
    }

    #[test]
    fn distances_near_and_far_keep_their_digits() {
        for q in [1, 3, 20] {
            // Dyadic, so that centring is exact; one cluster of side 2⁻²⁶, far points, a duplicate.
            let mut z = points(q, 14).map(|x| (x * 1024.0).round() / 1024.0);
            for j in 0..5 {
                let near = z.column(0) + z.column(j + 7) * 2.0_f64.powi(-26);
                z.set_column(j + 1, &near);
            }
            let copy = z.column(0).into_owned();
            z.set_column(12, &copy);
            for scale in [2.0_f64.powi(-40), 1.0, 2.0_f64.powi(40)] {
                let worst = worst_error(&(&z * scale));
                assert!(worst <= bound(q), "q = {q}, scale {scale}: {worst:e}");
            }
        }
    }

    /// Ratios `(‖x‖² + ‖y‖²)/‖x−y‖²` on both sides of 64. A difference would be
    /// good to γ_{q+2} everywhere: what exceeds twice that comes from the product.
    #[test]
    fn products_serve_where_they_do_not_cancel() {
        let q = 4;
        let ratio_of = |x: f64| (1.0 + (1.0 + x) * (1.0 + x)) / (x * x);
        let pair = |x: f64, salt: f64| {
            // Centred on the third column, which is zero.
            let direction = DVector::from_fn(q, |i, _| ((i as f64 + 1.0) * salt).sin());
            let direction = direction.normalize();
            let mut z = DMatrix::zeros(q, 4);
            z.set_column(0, &direction);
            z.set_column(1, &(direction * (1.0 + x)));
            worst_error(&z)
        };
        let worst = |x: f64| {
            let errors = (1..200).map(|salt| pair(x, f64::from(salt)));
            errors.fold(0.0, f64::max)
        };
        let (below, above) = (0.25, 0.1);
        assert!(ratio_of(below) < 64.0 && ratio_of(above) > 64.0);
        let product = worst(below);
        assert!(product > 2.0 * gamma(q + 2) && product <= bound(q));
        assert!(worst(above) <= 2.0 * gamma(q + 2));
    }

    #[test]
    fn entries_are_kernel_values_in_any_order() {
        for n in [1, 2, 9, 200] {
            let z = points(3, n);
            for kernel in [
                &Gaussian::try_new(0.8).unwrap() as &dyn Kernel,
                &Matern::try_new(1.5, 1.3).unwrap(),
            ] {
                let gram = kernel_gram(kernel, &z);
                assert_eq!(gram, gram.transpose());
                for j in 0..n {
                    assert_eq!(gram[(j, j)], 1.0);
                    for i in 0..n {
                        let value = kernel.value(z.column(i).as_slice(), z.column(j).as_slice());
                        // r² ≤ 12 off by 256γ_7 relatively and by the centring, 4u·|z|/r;
                        // |dψ/d(r²)| ≤ 1 for both kernels, and exp at an argument up to 10.
                        let error = 12.0 * 256.0 * gamma(7) + 200.0 * UNIT_ROUNDOFF;
                        assert!((gram[(i, j)] - value).abs() <= error, "{i} {j}");
                    }
                }
            }
        }
    }

    #[test]
    fn offset_data_keep_their_distances() {
        let z = points(3, 40);
        let far = z.add_scalar(1e6);
        let kernel = Gaussian::try_new(1.0).unwrap();
        let gram = kernel_gram(&kernel, &far);
        for j in 0..40 {
            for i in 0..j {
                // The offset coordinates themselves are the data: their differences are exact.
                let value = kernel.value(far.column(i).as_slice(), far.column(j).as_slice());
                let error = 12.0 * 256.0 * gamma(7);
                assert!((gram[(i, j)] - value).abs() <= error, "{i} {j}");
            }
        }
    }

    #[test]
    fn matrices_that_do_not_fit_are_refused() {
        // No coordinates: 2²⁸ points take no memory, their Gram matrix half an exabyte.
        let many = DMatrix::zeros(0, 1 << 28);
        let refused = try_kernel_gram(&Spy, &many);
        assert!(matches!(
            refused,
            Err(KernelError::Memory {
                order: 0x1000_0000,
                ..
            })
        ));
        let few = points(2, 9);
        assert_eq!(try_kernel_gram(&Spy, &few), Ok(kernel_gram(&Spy, &few)));
    }

    #[test]
    fn nothing_overflows_and_nothing_is_empty() {
        assert_eq!(kernel_gram(&Spy, &DMatrix::zeros(3, 0)).shape(), (0, 0));
        let kernel = Gaussian::try_new(1.0).unwrap();
        let huge = nalgebra::dmatrix![1e200, -1e200, 1e200];
        let gram = kernel_gram(&kernel, &huge);
        let expected = nalgebra::dmatrix![1.0, 0.0, 1.0; 0.0, 1.0, 0.0; 1.0, 0.0, 1.0];
        assert_eq!(gram, expected);
    }

    #[test]
    fn result_does_not_depend_on_the_number_of_threads() {
        let z = points(40, 130);
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| kernel_gram(&Spy, &z))
        };
        assert_eq!(run(1), run(3));
    }
}
