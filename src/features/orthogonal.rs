//! Orthogonal random features.

use super::{FeaturesError, FourierFeatures};
use crate::kernel::Gaussian;
use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{ChiSquared, StandardNormal};
use rayon::prelude::*;

impl FourierFeatures {
    /// Draws orthogonal frequencies of a Gaussian kernel: in every block of `q` the directions are
    /// orthogonal, uniformly distributed, and the lengths independent `χ_q/σ`. So every single frequency
    /// is normal, and `k̂` unbiased, with the variance of claim R9: smaller than that of independent
    /// frequencies at short distances, not at all.
    ///
    /// # Arguments
    /// * `dimension`, `count`: `q` and `m`, a multiple of `q`; `seed`: the blocks are functions of it and of
    ///   their number, whatever the number of threads.
    ///
    /// # Errors
    /// [`FeaturesError::Blocks`] unless `q` divides `m`; as [`try_new`](Self::try_new).
    ///
    /// # Cost
    /// `O(mq²)`, in parallel.
    ///
    /// # Source
    /// Yu, Suresh, Choromanski, Holtmann-Rice, Kumar, NIPS 2016.
    ///
    /// # Example
    /// ```
    /// use polyak::{features::FourierFeatures, kernel::Gaussian};
    /// let features = FourierFeatures::draw_orthogonal(&Gaussian::try_new(1.0)?, 3, 6, 0)?;
    /// let frequencies = features.frequencies();
    /// assert!(frequencies.column(0).dot(&frequencies.column(2)).abs() < 1e-13);
    /// assert!(FourierFeatures::draw_orthogonal(&Gaussian::try_new(1.0)?, 3, 7, 0).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn draw_orthogonal(
        kernel: &Gaussian,
        dimension: usize,
        count: usize,
        seed: u64,
    ) -> Result<Self, FeaturesError> {
        if dimension == 0 || count == 0 {
            return Err(FeaturesError::Empty { dimension, count });
        }
        if !count.is_multiple_of(dimension) {
            return Err(FeaturesError::Blocks { dimension, count });
        }
        let mut frequencies = DMatrix::zeros(dimension, count);
        frequencies
            .as_mut_slice()
            .par_chunks_exact_mut(dimension * dimension)
            .enumerate()
            .for_each(|(index, block)| fill(block, dimension, kernel.sigma(), seed, index as u64));
        Self::try_new(frequencies)
    }
}

/// One block, `q × q` by columns.
fn fill(block: &mut [f64], dimension: usize, sigma: f64, seed: u64, index: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(index);
    let normal = DMatrix::from_fn(dimension, dimension, |_, _| rng.sample(StandardNormal));
    let factors = normal.qr();
    let (directions, triangle) = (factors.q(), factors.r());
    let lengths = ChiSquared::new(dimension as f64).expect("a positive dimension");
    for (j, column) in block.chunks_exact_mut(dimension).enumerate() {
        let length = rng.sample::<f64, _>(lengths).sqrt() / sigma;
        // Uniform only once the diagonal of R is positive (Mezzadri 2007).
        let signed = length.copysign(triangle[(j, j)]);
        for (entry, direction) in column.iter_mut().zip(directions.column(j).iter()) {
            *entry = signed * direction;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    fn draw(dimension: usize, count: usize, seed: u64) -> DMatrix<f64> {
        let kernel = Gaussian::try_new(0.5).unwrap();
        let features = FourierFeatures::draw_orthogonal(&kernel, dimension, count, seed).unwrap();
        features.frequencies().clone()
    }

    #[test]
    fn blocks_are_orthogonal_and_lengths_are_not_equal() {
        let (q, m) = (4, 20);
        let drawn = draw(q, m, 3);
        let gram = drawn.tr_mul(&drawn);
        for i in 0..m {
            for j in 0..i {
                let cosine = gram[(i, j)] / (gram[(i, i)] * gram[(j, j)]).sqrt();
                // Householder's reflections of order 4: a few dozen roundings.
                let orthogonal = cosine.abs() < 1e-14;
                assert_eq!(orthogonal, i / q == j / q, "{i} {j}");
                assert!(gram[(i, i)] != gram[(j, j)]);
            }
        }
    }

    /// Dvoretzky–Kiefer–Wolfowitz–Massart at 1e-9.
    fn accepted(mut draws: Vec<f64>, cdf: impl Fn(f64) -> f64) -> bool {
        draws.sort_by(f64::total_cmp);
        let n = draws.len() as f64;
        let step = |(i, &x): (usize, &f64)| {
            let f = cdf(x);
            (f - i as f64 / n).abs().max(((i + 1) as f64 / n - f).abs())
        };
        let distance = draws.iter().enumerate().map(step).fold(0.0, f64::max);
        distance <= ((2.0 / 1e-9_f64).ln() / (2.0 * n)).sqrt()
    }

    #[test]
    fn every_frequency_is_normal_in_every_direction() {
        let q = 3;
        let drawn = draw(q, 3 * 100_000, 5);
        let law = Normal::new(0.0, 2.0).unwrap();
        let direction = [2.0 / 3.0, -1.0 / 3.0, 2.0 / 3.0];
        for position in 0..q {
            // One frequency a block: independent ones.
            let along: Vec<f64> = (position..drawn.ncols())
                .step_by(q)
                .map(|j| (0..q).map(|k| direction[k] * drawn[(k, j)]).sum())
                .collect();
            assert!(accepted(along.clone(), |x| law.cdf(x)), "{position}");
            // Controls: a bandwidth 10 % off; the first coordinate without its sign.
            let stretched = along.iter().map(|x| 1.1 * x).collect();
            assert!(!accepted(stretched, |x| law.cdf(x)));
        }
    }

    #[test]
    fn blocks_do_not_depend_on_their_number_or_on_threads() {
        let many = draw(3, 30, 8);
        assert_eq!(draw(3, 12, 8), many.columns(0, 12));
        assert_ne!(draw(3, 30, 9), many);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        assert_eq!(pool.install(|| draw(3, 30, 8)), many);
        assert_ne!(many.columns(0, 3), many.columns(3, 3));
    }

    #[test]
    fn on_the_line_signs_are_fair() {
        let drawn = draw(1, 10_000, 1);
        let negative = drawn.iter().filter(|w| **w < 0.0).count();
        // Hoeffding at 1e-9: 10⁴·(½ ± √(ln(2·10⁹)/2·10⁴)).
        assert!(negative.abs_diff(5000) <= 328, "{negative}");
    }

    #[test]
    fn counts_that_are_no_blocks_are_errors() {
        let kernel = Gaussian::try_new(1.0).unwrap();
        let draw = |q, m| FourierFeatures::draw_orthogonal(&kernel, q, m, 0).unwrap_err();
        let (dimension, count) = (3, 4);
        assert_eq!(draw(3, 4), FeaturesError::Blocks { dimension, count });
        assert!(draw(3, 4).to_string().contains("a multiple of 3"));
        for (dimension, count) in [(0, 3), (3, 0)] {
            assert_eq!(
                draw(dimension, count),
                FeaturesError::Empty { dimension, count }
            );
        }
    }
}
