//! Products of radial kernels.

use super::{Admissibility, Kernel, KernelError, KernelSpec};
use nalgebra::DMatrix;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The product `ψ_a ψ_b` of two radial kernels: the frequency of the product is the sum of independent
/// ones. Products of more are products of products.
///
/// # Example
/// ```
/// use polyak::kernel::{Kernel, KernelSpec, Product};
/// let (a, b): (KernelSpec, KernelSpec) = ("gaussian:1".parse()?, "gaussian:2".parse()?);
/// let product = Product::new(a, b);
/// assert_eq!(product.profile(4.0), (-2.0_f64).exp() * (-0.5_f64).exp());
/// // κ1² = 1 + 1/4, the sum of those of the factors.
/// assert!((product.admissibility().kappa1.powi(2) - 1.25).abs() < 1e-15);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Product<A = KernelSpec, B = KernelSpec> {
    left: A,
    right: B,
}

impl<A: Kernel, B: Kernel> Product<A, B> {
    /// The product of two kernels.
    pub fn new(left: A, right: B) -> Self {
        Self { left, right }
    }
}

impl<A: Kernel, B: Kernel> Kernel for Product<A, B> {
    fn profile(&self, squared_distance: f64) -> f64 {
        self.left.profile(squared_distance) * self.right.profile(squared_distance)
    }

    /// With `M2 = κ1²` and `M4 = κ2²` the moments of a frequency along a direction, those of a sum of
    /// independent frequencies are `M2 + M2'` and `M4 + 6M2M2' + M4'`.
    fn admissibility(&self) -> Admissibility {
        let (a, b) = (self.left.admissibility(), self.right.admissibility());
        let mixed = 6.0_f64.sqrt() * a.kappa1 * b.kappa1;
        Admissibility {
            kappa0: 1.0,
            kappa1: a.kappa1.hypot(b.kappa1),
            kappa2: a.kappa2.hypot(mixed).hypot(b.kappa2),
        }
    }

    /// By Schur's theorem one factor suffices, the diagonal of the other being positive.
    fn is_strictly_positive_definite(&self) -> bool {
        self.left.is_strictly_positive_definite() || self.right.is_strictly_positive_definite()
    }

    fn try_sample_frequencies(
        &self,
        dimension: usize,
        count: usize,
        seed: u64,
    ) -> Result<DMatrix<f64>, KernelError> {
        let mut seeds = ChaCha8Rng::seed_from_u64(seed);
        let left = self
            .left
            .try_sample_frequencies(dimension, count, seeds.next_u64())?;
        let right = self
            .right
            .try_sample_frequencies(dimension, count, seeds.next_u64())?;
        Ok(left + right)
    }

    fn name(&self) -> String {
        format!("{}*{}", self.left.name(), self.right.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(name: &str) -> KernelSpec {
        name.parse().unwrap()
    }

    #[test]
    fn a_product_of_gaussians_is_a_gaussian() {
        // 1/σ² = 1/0.6² + 1/0.8².
        let product = Product::new(spec("gaussian:0.6"), spec("gaussian:0.8"));
        let single = spec("gaussian:0.48");
        for squared in [0.0, 0.1, 1.0, 7.0] {
            let (found, expected) = (product.profile(squared), single.profile(squared));
            // Exponents of at most 16, of four roundings each.
            assert!((found / expected - 1.0).abs() < 100.0 * f64::EPSILON);
        }
        let (found, expected) = (product.admissibility(), single.admissibility());
        assert!((found.kappa1 / expected.kappa1 - 1.0).abs() < 1e-14);
        assert!((found.kappa2 / expected.kappa2 - 1.0).abs() < 1e-14);
        assert_eq!(found.kappa0, 1.0);
    }

    #[test]
    fn frequencies_have_the_product_for_characteristic_function() {
        // Hoeffding at 1e-9: 0.0147 for 200,000 draws.
        let product = Product::new(spec("matern52:0.7"), spec("gaussian:1"));
        let draws = 200_000;
        let frequencies = product.try_sample_frequencies(2, draws, 4).unwrap();
        for r in [0.3, 0.8, 1.5] {
            let mean = frequencies.row(1).map(|w| (w * r).cos()).sum() / draws as f64;
            assert!((mean - product.profile(r * r)).abs() <= 0.0147, "{r}");
            // Control: one factor alone, and the square of one (the same seed twice).
            assert!((mean - spec("matern52:0.7").profile(r * r)).abs() > 0.0147);
        }
        assert_eq!(
            product.try_sample_frequencies(2, 7, 4).unwrap(),
            frequencies.columns(0, 7)
        );
    }

    #[test]
    fn both_factors_are_drawn_apart() {
        let same = Product::new(spec("gaussian:1"), spec("gaussian:1"));
        let drawn = same.try_sample_frequencies(1, 50_000, 9).unwrap();
        // Of variance 2, not 4: the mean of squares, whose own variance is 8, within 6.2 deviations.
        let mean = drawn.norm_squared() / 50_000.0;
        assert!(
            (mean - 2.0).abs() < 6.2 * (8.0_f64 / 50_000.0).sqrt(),
            "{mean}"
        );
    }

    #[test]
    fn a_product_is_as_good_as_its_factors() {
        let rough = Product::new(spec("matern12:1"), spec("gaussian:1"));
        assert!(rough.admissibility().kappa1.is_infinite());
        assert!(rough.is_strictly_positive_definite());
        assert_eq!(rough.name(), "matern12:1.0*gaussian:1.0");
        let three = Product::new(rough, spec("gaussian:2"));
        assert_eq!(three.profile(0.0), 1.0);
    }
}
