//! Lanczos' method with full reorthogonalisation, for the largest eigenvalue.

use super::eigen::symmetric_eigen;
use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// Seed of the starting vector: any will do, and the same gives the same result.
const SEED: u64 = 1;

/// The largest Ritz pair of a symmetric operator.
pub(super) struct Ritz {
    /// The Ritz value.
    pub value: f64,
    /// Its vector, of unit norm up to rounding.
    pub vector: Vec<f64>,
    /// Number of products with the operator.
    pub iterations: usize,
    /// Whether the estimated error of the value is below the tolerance.
    pub converged: bool,
}

/// Approximates the largest eigenvalue of a symmetric operator, and its vector.
///
/// Stops when the residual `ρ` of the pair says that the value, whose error is at most
/// `ρ` and about `ρ²/gap`, has the relative accuracy `tolerance`; when the Krylov space
/// is invariant or everything; after `cap` products; or when the operator gives no number.
pub(super) fn largest_ritz_pair(
    order: usize,
    tolerance: f64,
    cap: usize,
    mut apply: impl FnMut(&[f64], &mut [f64]),
) -> Option<Ritz> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut start: Vec<f64> = (0..order).map(|_| rng.sample(StandardNormal)).collect();
    let norm = dot(&start, &start).sqrt();
    start.iter_mut().for_each(|x| *x /= norm);
    let mut basis = vec![start];
    let (mut diagonal, mut beside): (Vec<f64>, Vec<f64>) = (vec![], vec![]);
    let cap = cap.min(order).max(1);
    let mut next_check = 1;
    loop {
        let steps = basis.len();
        let last = &basis[steps - 1];
        let mut image = vec![0.0; order];
        apply(last, &mut image);
        diagonal.push(dot(last, &image));
        // Twice is enough (Kahan, Parlett).
        for _ in 0..2 {
            for vector in &basis {
                let component = dot(vector, &image);
                axpy(&mut image, -component, vector);
            }
        }
        let norm = dot(&image, &image).sqrt();
        if !norm.is_finite() || !diagonal[steps - 1].is_finite() {
            return None;
        }
        let scale = diagonal.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        let exhausted = norm <= f64::EPSILON * scale;
        if exhausted || steps == cap || steps >= next_check {
            next_check = steps + 1 + steps / 8;
            let small = tridiagonal(&diagonal, &beside);
            let eigen = symmetric_eigen(&small).ok()?;
            let value = eigen.values[steps - 1];
            let coefficients = eigen.vectors.column(steps - 1);
            let residual = norm * coefficients[steps - 1].abs();
            let error = estimated_error(eigen.values.as_slice(), residual);
            let converged = exhausted || steps == order || error <= tolerance * value.abs();
            if converged || steps == cap {
                let mut vector = vec![0.0; order];
                for (member, coefficient) in basis.iter().zip(coefficients.iter()) {
                    axpy(&mut vector, *coefficient, member);
                }
                return Some(Ritz {
                    value,
                    vector,
                    iterations: steps,
                    converged,
                });
            }
        }
        image.iter_mut().for_each(|x| *x /= norm);
        beside.push(norm);
        basis.push(image);
    }
}

fn tridiagonal(diagonal: &[f64], beside: &[f64]) -> DMatrix<f64> {
    DMatrix::from_fn(diagonal.len(), diagonal.len(), |i, j| match i.abs_diff(j) {
        0 => diagonal[i],
        1 => beside[i.min(j)],
        _ => 0.0,
    })
}

/// The estimated error of the last of some ascending Ritz values: at most the residual `ρ` of its pair,
/// and about `ρ²/gap` where the value is apart from the others.
pub(super) fn estimated_error(values: &[f64], residual: f64) -> f64 {
    let gap = match values {
        [.., second, last] => last - second,
        _ => 0.0,
    };
    if gap > residual {
        residual * residual / gap
    } else {
        residual
    }
}

/// Accumulators of [`dot`]: enough to fill vector registers.
pub(super) const LANES: usize = 16;

/// The inner product, in [`LANES`] partial sums.
///
/// # Guarantee
/// No product meets more than `n/LANES + LANES + 1` roundings of sums, and one of its own.
pub(super) fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    for (sum, (x, y)) in sums.iter_mut().zip(x_rest.iter().zip(y_rest)) {
        *sum = x * y;
    }
    for (x, y) in x.iter().zip(y) {
        for k in 0..LANES {
            sums[k] += x[k] * y[k];
        }
    }
    sums.iter().sum()
}

/// `(x·y, Σ|x_i y_i|)`, in [`LANES`] partial sums each; inlined into the widest vectors of the processor.
#[inline(always)]
pub(super) fn dot_and_size(x: &[f64], y: &[f64]) -> (f64, f64) {
    let (mut sums, mut sizes) = ([0.0; LANES], [0.0; LANES]);
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    let both = sums.iter_mut().zip(&mut sizes);
    for ((sum, size), (x, y)) in both.zip(x_rest.iter().zip(y_rest)) {
        *sum = x * y;
        *size = (x * y).abs();
    }
    for (x, y) in x.iter().zip(y) {
        for k in 0..LANES {
            let product: f64 = x[k] * y[k];
            sums[k] += product;
            sizes[k] += product.abs();
        }
    }
    (sums.iter().sum(), sizes.iter().sum())
}

/// Columns that are not worth another thread.
const SERIAL: usize = 64;

/// `(a_j·x, |a_j|·|x|)` of every column of a square matrix, on all cores.
pub(super) fn column_products(a: &DMatrix<f64>, x: &[f64]) -> Vec<(f64, f64)> {
    let length = x.len().max(1);
    let wide = pulp::Arch::new();
    let product = |column| {
        wide.dispatch(
            #[inline(always)]
            || dot_and_size(column, x),
        )
    };
    if length <= SERIAL {
        return a.as_slice().chunks_exact(length).map(product).collect();
    }
    let columns = a.as_slice().par_chunks_exact(length);
    columns.with_min_len(SERIAL).map(product).collect()
}

/// `y ← y + αx`.
pub(super) fn axpy(y: &mut [f64], alpha: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += alpha * x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact_on_integers_at_every_length() {
        for n in 0..70 {
            let x: Vec<f64> = (0..n).map(f64::from).collect();
            // Σ k² = (n−1)n(2n−1)/6.
            let n = f64::from(n);
            let squares = (n - 1.0).max(0.0) * n * (2.0 * n - 1.0) / 6.0;
            assert_eq!(dot(&x, &x), squares);
            let opposite: Vec<f64> = x.iter().map(|x| -x).collect();
            assert_eq!(dot_and_size(&x, &opposite), (-squares, squares));
        }
    }

    #[test]
    fn a_gap_squares_the_error() {
        assert_eq!(estimated_error(&[7.0], 0.5), 0.5);
        assert_eq!(estimated_error(&[1.0, 3.0, 7.0], 0.5), 0.0625);
        assert_eq!(estimated_error(&[6.75, 7.0], 0.5), 0.5);
    }

    #[test]
    fn columns_are_multiplied_one_by_one() {
        let a = nalgebra::dmatrix![1.0, -2.0; 3.0, 4.0];
        assert_eq!(
            column_products(&a, &[1.0, -1.0]),
            [(-2.0, 4.0), (-6.0, 6.0)]
        );
    }

    #[test]
    fn largest_pair_of_the_path_graph() {
        // 2 on the diagonal, −1 beside: λ_k = 2 − 2cos(kπ/(n+1)).
        for n in [1usize, 2, 3, 17, 90] {
            let pair = largest_ritz_pair(n, 1e-12, 200, |x, y| {
                for i in 0..n {
                    let neighbours =
                        x.get(i + 1).unwrap_or(&0.0) + if i > 0 { x[i - 1] } else { 0.0 };
                    y[i] = 2.0 * x[i] - neighbours;
                }
            })
            .unwrap();
            let angle = std::f64::consts::PI / (n as f64 + 1.0);
            let exact = 2.0 + 2.0 * angle.cos();
            assert!(pair.converged && pair.iterations <= n);
            // The tolerance, and a few hundred roundings of numbers below 4.
            assert!(
                (pair.value - exact).abs() <= 4.0 * (1e-12 + 500.0 * f64::EPSILON),
                "{n}"
            );
            let norm = dot(&pair.vector, &pair.vector);
            assert!((norm - 1.0).abs() < 200.0 * f64::EPSILON);
            // The vector belongs to the value: neighbours have opposite signs.
            assert!(pair.vector.windows(2).all(|p| p[0] * p[1] < 0.0));
        }
    }

    /// Eigenvalues 1, …, n, times a factor.
    fn spread(n: usize, factor: f64, tolerance: f64) -> Ritz {
        let apply = |x: &[f64], y: &mut [f64]| {
            for (i, (x, y)) in x.iter().zip(y).enumerate() {
                *y = factor * (1.0 + i as f64) * x;
            }
        };
        largest_ritz_pair(n, tolerance, 1000, apply).unwrap()
    }

    #[test]
    fn iterations_do_not_depend_on_the_unit() {
        // A power of two changes no digit.
        let one = spread(300, 1.0, 1e-6);
        for exponent in [-30, 30] {
            let other = spread(300, 2.0_f64.powi(exponent), 1e-6);
            assert_eq!(
                (one.iterations, &one.vector),
                (other.iterations, &other.vector)
            );
        }
    }

    #[test]
    fn convergence_is_looked_at_after_ever_more_steps() {
        let mut looked = vec![1];
        while *looked.last().unwrap() < 400 {
            let steps = looked.last().unwrap();
            looked.push(steps + 1 + steps / 8);
        }
        for n in [150, 200, 250, 300, 350] {
            let iterations = spread(n, 1.0, 1e-7).iterations;
            assert!(looked.contains(&iterations), "{n}: {iterations}");
        }
    }

    #[test]
    fn caps_and_numbers_that_are_none() {
        let spread = |x: &[f64], y: &mut [f64]| {
            for (i, (x, y)) in x.iter().zip(y).enumerate() {
                *y = (1.0 + i as f64) * x;
            }
        };
        let pair = largest_ritz_pair(200, 1e-14, 3, spread).unwrap();
        assert!(!pair.converged && pair.iterations == 3);
        assert!(pair.value < 200.0);
        assert!(largest_ritz_pair(4, 1e-3, 9, |_, y| y.fill(f64::NAN)).is_none());
        // A multiple of the identity: one step spans an invariant space.
        let pair = largest_ritz_pair(50, 1e-3, 9, |x, y| {
            y.iter_mut().zip(x).for_each(|(y, x)| *y = 3.0 * x);
        })
        .unwrap();
        assert_eq!((pair.iterations, pair.converged), (1, true));
        assert!((pair.value - 3.0).abs() < 100.0 * f64::EPSILON);
    }
}
