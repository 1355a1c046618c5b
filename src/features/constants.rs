//! The realised constants as balls: what the bounds of the theory are built from.

use super::FourierFeatures;
use crate::arithmetic::{Ball, gamma};
use crate::spectrum::largest_eigenvalue;
use nalgebra::{DMatrix, DVector};

impl FourierFeatures {
    /// Returns `κ̂1 = λ_max(m⁻¹Σωωᵀ)^{1/2}` with its error bound.
    ///
    /// # Guarantee
    /// Certified: an enclosure of the largest eigenvalue of the computed moment matrix,
    /// widened by the rounding of that matrix, `γ_{m+2}` of `m⁻¹Σ‖ω‖²`. Computed once a
    /// feature map.
    pub fn kappa1_ball(&self) -> Ball {
        *self.kappa1_cache.get_or_init(|| {
            let trace = self.mean_power(Ball::square);
            let rounding = gamma(self.count() + 2) * trace.upper();
            largest(self.second_moment(|_| 1.0), rounding).sqrt()
        })
    }

    /// Returns an upper bound of `κ̂2`: the smaller of [`kappa2_crude`](Self::kappa2_crude)
    /// and [`kappa2_traceless`](Self::kappa2_traceless), with the error bound of that number.
    ///
    /// # Guarantee
    /// Certified: both are built from enclosed eigenvalues of computed matrices, widened
    /// by the rounding of those matrices. With `s = m⁻¹Σ‖ω‖⁴`:
    /// * crude: an entry of `m⁻¹Σ‖ω‖²ωωᵀ` takes `q + m + 3` roundings of terms whose
    ///   absolute values make a matrix of norm at most `s`;
    /// * traceless, as `H/m`: an entry is off by `γ_{2q+4}(1 + 1/q)‖ω_i‖²‖ω_j‖²/m`, a matrix
    ///   of norm at most `2γ_{2q+4}s`;
    /// * traceless, as `m⁻¹Σ t_jt_jᵀ`: a coordinate takes `q + 2` roundings, so `t_j` is off
    ///   by `2γ_{q+2}‖ω_j‖²`; the product and the mean take `m + 1`; in all
    ///   `(1 + γ_{m+1})(1 + 2γ_{q+2})² − 1 ≤ γ_{4q+m+9}`.
    ///
    /// Computed once a feature map.
    pub fn kappa2_ball(&self) -> Ball {
        *self.kappa2_cache.get_or_init(|| {
            let (q, m) = (self.dimension(), self.count());
            let quartic = self.mean_power(|norm| norm.square().square());
            let rounding = gamma(quartic_roundings(q, m)) * quartic.upper();
            let crude = largest(self.second_moment(|norm_squared| norm_squared), rounding).sqrt();

            let dimension = Ball::from(q as f64);
            let share = Ball::from((q - 1) as f64) / dimension;
            let mean = self.traceless_matrix() / m as f64;
            let traceless = largest(mean, rounding);
            crude.min(quartic.sqrt() / dimension + (share * traceless).sqrt())
        })
    }

    /// Encloses `(m⁻¹Σ(ω·h)⁴)^{1/2}/‖h‖² ≤ κ̂2`, what the second derivative does along `h`.
    ///
    /// # Guarantee
    /// Rounded: each product `ω·h` is off by `γ_q‖ω‖‖h‖`.
    ///
    /// # Panics
    /// If `h` has not one entry a coordinate, or is zero.
    ///
    /// # Example
    /// ```
    /// use nalgebra::{dmatrix, dvector};
    /// use polyak::features::FourierFeatures;
    /// let features = FourierFeatures::try_new(dmatrix![3.0, 0.0; 0.0, 4.0])?;
    /// assert!(features.kappa2_along(&dvector![0.0, 2.0]).contains(16.0 / 2f64.sqrt()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kappa2_along(&self, direction: &DVector<f64>) -> Ball {
        let length = Ball::norm_of(direction.as_slice());
        assert!(length.lower() > 0.0, "a direction has a length");
        let rounding = Ball::from(gamma(self.dimension())) * length;
        let along = self.frequencies().tr_mul(direction);
        let columns = self.frequencies().column_iter();
        let fourth = columns.zip(along.iter()).map(|(omega, &product)| {
            let off = rounding * Ball::norm_of(omega.as_slice());
            Ball::new(product, off.upper()).square().square()
        });
        let mean = fourth.sum::<Ball>() / Ball::from(self.count() as f64);
        mean.sqrt() / length.square()
    }

    /// Returns the mean of a power of the norms of the frequencies.
    fn mean_power(&self, power: impl Fn(Ball) -> Ball) -> Ball {
        let columns = self.frequencies().column_iter();
        let powers = columns.map(|omega| power(Ball::norm_of(omega.as_slice())));
        powers.sum::<Ball>() / Ball::from(self.count() as f64)
    }
}

/// Roundings, relatively to `m⁻¹Σ‖ω‖⁴`, of the three matrices behind `κ̂2`.
fn quartic_roundings(dimension: usize, count: usize) -> usize {
    4 * dimension + count + 9
}

/// Encloses the largest eigenvalue of a positive semi-definite matrix that was
/// computed up to an error of norm `rounding`.
fn largest(mut computed: DMatrix<f64>, rounding: f64) -> Ball {
    computed.fill_upper_triangle_with_lower_triangle();
    largest_eigenvalue(&computed).map_or(Ball::EVERYTHING, |enclosure| {
        enclosure.non_negative().ball().widened(rounding)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::UNIT_ROUNDOFF;
    use nalgebra::dmatrix;

    fn features(frequencies: DMatrix<f64>) -> FourierFeatures {
        FourierFeatures::try_new(frequencies).unwrap()
    }

    fn waves(q: usize, m: usize) -> FourierFeatures {
        features(DMatrix::from_fn(q, m, |i, j| {
            ((3 * i + 7 * j + i * j + 1) as f64).powi(2).sin() * 1.5
        }))
    }

    /// The ball contains the number, and is as narrow as `roundings` allow.
    fn encloses(ball: Ball, exact: f64, roundings: usize) {
        assert!(ball.contains(exact), "{ball:?} {exact}");
        assert!(ball.rad() <= gamma(roundings) * exact, "{ball:?}");
    }

    #[test]
    fn constants_of_orthogonal_frequencies() {
        // m⁻¹Σωωᵀ = diag(9, 16)/2, m⁻¹Σ‖ω‖²ωωᵀ = diag(81, 256)/2; the traceless bound,
        // ½(337/2)^{1/2} + (½λ)^{1/2} with H = ½(81, −144; −144, 256), is 12.98 > √128.
        let orthogonal = features(dmatrix![3.0, 0.0; 0.0, 4.0]);
        encloses(orthogonal.kappa1_ball(), 8.0_f64.sqrt(), 100);
        encloses(orthogonal.kappa2_ball(), 128.0_f64.sqrt(), 400);
        let zero = features(DMatrix::zeros(3, 2));
        assert!(zero.kappa1_ball().contains(0.0) && zero.kappa2_ball().contains(0.0));
        assert!(zero.kappa1_ball().upper() < 1e-150 && zero.kappa2_ball().upper() < 1e-150);
    }

    /// Of eight directions of the plane, evenly spaced, `H` has the eigenvalue 1 twice: the
    /// traceless bound is `½ + (½·1/8)^{1/2}·…`, above the crude one, `√½`.
    #[test]
    fn smaller_bound_is_chosen() {
        let plane = features(DMatrix::from_fn(2, 8, |i, j| {
            let (sine, cosine) = (std::f64::consts::PI * j as f64 / 8.0).sin_cos();
            [cosine, sine][i]
        }));
        // The directions themselves are rounded: 4u of each, twice that of a square.
        let crude = plane.kappa2_ball();
        assert!((crude.mid() - 0.5_f64.sqrt()).abs() <= crude.rad() + 8.0 * UNIT_ROUNDOFF);
        // Frequencies of very different lengths and many directions favour the other.
        let rare = |q: usize, m: usize| {
            features(DMatrix::from_fn(q, m, |i, j| {
                if i == j % q {
                    1.0
                } else {
                    0.25 * ((i + 3 * j) as f64).sin()
                }
            }))
        };
        for (q, m) in [(8, 12), (8, 60), (12, 400)] {
            let features = rare(q, m);
            let (crude, traceless) = (features.kappa2_crude(), features.kappa2_traceless());
            assert!(traceless < crude, "{traceless} {crude}");
            encloses(features.kappa2_ball(), traceless, 400 * (q + m));
        }
    }

    #[test]
    fn constants_of_one_dimension_are_exact_powers() {
        // κ̂1² = (1 + 4 + 16)/3, κ̂2² = (1 + 16 + 256)/3.
        let line = features(dmatrix![1.0, -2.0, 4.0]);
        encloses(line.kappa1_ball(), 7.0_f64.sqrt(), 100);
        encloses(line.kappa2_ball(), 91.0_f64.sqrt(), 400);
    }

    /// Gram matrices of both sizes, the threshold `m = q(q+1)/2` included.
    #[test]
    fn balls_agree_with_the_estimates_and_bound_what_they_claim() {
        for (q, m) in [
            (1, 1),
            (1, 9),
            (2, 2),
            (2, 3),
            (3, 5),
            (3, 6),
            (4, 40),
            (7, 20),
        ] {
            let features = waves(q, m);
            // The estimates are good to a modest multiple of (q + m)u.
            encloses(features.kappa1_ball(), features.kappa1(), 400 * (q + m));
            encloses(
                features.kappa2_ball(),
                features.kappa2_upper(),
                1000 * (q + m),
            );
            let (lower, h) = features.kappa2_lower(5);
            let attained = features.kappa2_along(&h);
            encloses(attained, lower, 60 * (q + m));
            assert!(features.kappa2_ball().upper() >= attained.lower());
            // Of any length, and no more along any other.
            encloses(features.kappa2_along(&(&h * 3.0)), lower, 60 * (q + m));
            let other = DVector::from_fn(q, |i, _| (i as f64 + 0.3).cos());
            assert!(features.kappa2_along(&other).lower() <= features.kappa2_ball().upper());
            // Products of q roundings, in the worst of cases.
            assert!(attained.rad() >= gamma(q) * lower);
            assert!(
                features.kappa2_ball().upper()
                    <= features.kappa1() * features.frequency_max() * (1.0 + 1e-12)
            );
        }
    }

    /// The radius of an eigenvalue counts the rounding of its matrix, `γ_{m+2}` of the
    /// trace or `γ_{4q+m+9}` of `m⁻¹Σ‖ω‖⁴`; a root halves it and divides by itself.
    /// On the line nothing else takes a thousand roundings.
    #[test]
    fn radii_count_the_rounding_of_the_matrices() {
        for (q, m) in [(1, 1000), (2, 1000), (100, 3)] {
            let features = waves(q, m);
            let ball = features.kappa1_ball();
            let trace = features.frequency_rms().powi(2);
            let least = (m + 2) as f64 * UNIT_ROUNDOFF * trace / (2.0 * ball.mid());
            assert!(ball.rad() >= least * (1.0 - 1e-9), "{q} {m}");
            assert!(q > 1 || ball.rad() <= 1.2 * least, "{}", ball.rad() / least);
            let ball = features.kappa2_ball();
            let quartic = features.frequency_quartic().powi(2);
            let roundings = (4 * q + m + 9) as f64 * UNIT_ROUNDOFF;
            let least = roundings * quartic / (2.0 * features.kappa2_crude());
            assert!(ball.rad() >= least * (1.0 - 1e-9), "{q} {m}");
            assert!(q > 1 || ball.rad() <= 1.2 * least, "{}", ball.rad() / least);
        }
    }

    #[test]
    fn roundings_of_all_three_matrices_are_counted() {
        for (q, m) in [(1, 1), (1, 50), (7, 1), (30, 50)] {
            let roundings = quartic_roundings(q, m);
            let (crude, gram, moment) = (q + m + 3, 2 * (2 * q + 4), (m + 1) + 4 * (q + 2));
            assert_eq!(roundings, crude.max(gram).max(moment));
        }
    }

    #[test]
    fn huge_frequencies_have_finite_constants() {
        let size = crate::features::MAX_FREQUENCY;
        let huge = features(dmatrix![size, 0.0; 0.0, size]);
        encloses(huge.kappa1_ball(), size / 2.0_f64.sqrt(), 100);
        encloses(huge.kappa2_ball(), size * size / 2.0_f64.sqrt(), 400);
    }

    #[test]
    fn clones_keep_the_constants_and_equality_ignores_them() {
        let fresh = waves(3, 10);
        let (kappa1, kappa2) = (fresh.kappa1_ball(), fresh.kappa2_ball());
        let clone = fresh.clone();
        assert_eq!((clone.kappa1_ball(), clone.kappa2_ball()), (kappa1, kappa2));
        assert_eq!((fresh.kappa1_ball(), fresh.kappa2_ball()), (kappa1, kappa2));
        assert_eq!(fresh, waves(3, 10));
    }
}
