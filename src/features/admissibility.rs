//! The constants of the drawn model: deterministic, given the frequencies.

use faer::Accum;
use nalgebra::{DMatrix, DVector};

use super::FourierFeatures;
use crate::linalg::gemm;
use crate::spectrum::symmetric_eigen;

/// The most steps of one ascent in [`FourierFeatures::kappa2_lower`].
const ASCENT_STEPS: usize = 500;

/// Given the frequencies, residuals `v(z) = Wφ(z)` obey, with the norm `‖W‖_F`,
/// ```text
/// ‖v(z)‖ ≤ κ̂0‖W‖_F,   ‖Dv(z)‖ ≤ κ̂1‖W‖_F,   ‖D²v(z)[h,h']‖ ≤ κ̂2‖W‖_F‖h‖‖h'‖,
/// κ̂0 = 1,   κ̂1² = λ_max(m⁻¹Σωωᵀ),   κ̂2² = sup m⁻¹Σ(ω·h)⁴ over ‖h‖ = 1.
/// ```
/// All are estimates, off by about `(q+m)u` relatively; [`kappa1_ball`](Self::kappa1_ball) and
/// [`kappa2_ball`](Self::kappa2_ball) are certified.
impl FourierFeatures {
    /// The constant `κ̂0 = 1`.
    pub fn kappa0(&self) -> f64 {
        1.0
    }

    /// The constant `κ̂1`. Costs `q²m + q³`.
    pub fn kappa1(&self) -> f64 {
        self.kappa1_direction().0
    }

    /// The constant `κ̂1` with a unit vector `h` that attains it: `‖Dφ(z)h‖ = κ̂1` at
    /// every `z`.
    pub fn kappa1_direction(&self) -> (f64, DVector<f64>) {
        let (largest, direction) = largest_eigenvalue(&self.second_moment(|_| 1.0));
        (root(largest), direction)
    }

    /// The smaller of [`kappa2_crude`](Self::kappa2_crude) and
    /// [`kappa2_traceless`](Self::kappa2_traceless): an upper bound of `κ̂2`.
    pub fn kappa2_upper(&self) -> f64 {
        self.kappa2_crude().min(self.kappa2_traceless())
    }

    /// The upper bound `κ̂2² ≤ λ_max(m⁻¹Σ‖ω‖²ωωᵀ)`. Costs `q²m + q³`.
    pub fn kappa2_crude(&self) -> f64 {
        root(largest_eigenvalue(&self.second_moment(|norm_squared| norm_squared)).0)
    }

    /// Returns the upper bound of `κ̂2` through traceless parts,
    /// ```text
    /// κ̂2 ≤ q⁻¹(m⁻¹Σ‖ω‖⁴)^(1/2) + ((1−1/q)λ_max(H)/m)^(1/2),
    /// H_ij = (ω_i·ω_j)² − ‖ω_i‖²‖ω_j‖²/q,
    /// ```
    /// which is exact for `q = 1`. It splits `(ω·h)² = ‖ω‖²/q + ⟨(ωωᵀ)_0,(hhᵀ)_0⟩`, where
    /// `‖(hhᵀ)_0‖_F² = 1−1/q`, and applies Minkowski's inequality over `j`.
    ///
    /// # Cost
    /// With `p = min(m, q(q+1)/2)`: `p²` numbers, `p³` operations and the product.
    pub fn kappa2_traceless(&self) -> f64 {
        let (q, m) = (self.dimension() as f64, self.count() as f64);
        let largest = largest_eigenvalue(&self.traceless_matrix()).0;
        self.frequency_quartic() / q + root((1.0 - 1.0 / q) * largest / m)
    }

    /// A lower bound of `κ̂2` with a unit vector `h` that attains it:
    /// `(m⁻¹Σ(ω·h)⁴)^{1/2}`, the largest found.
    ///
    /// Ascends by the symmetric higher-order power method, `h ← ∇/‖∇‖`: the
    /// quartic is convex, so it never decreases. The starts are the top
    /// eigenvectors of `Σωωᵀ` and `Σ‖ω‖²ωωᵀ`, then the `restarts` longest frequencies.
    ///
    /// # Cost
    /// At most 500 steps of `2qm` operations a start.
    ///
    /// # Source
    /// De Lathauwer, De Moor, Vandewalle, SIAM J. Matrix Anal. Appl. 21 (2000).
    pub fn kappa2_lower(&self, restarts: usize) -> (f64, DVector<f64>) {
        let mut longest: Vec<_> = self.frequencies().column_iter().collect();
        longest.sort_by(|a, b| b.norm_squared().total_cmp(&a.norm_squared()));
        let starts = longest.into_iter().take(restarts);
        let moments = [self.second_moment(|_| 1.0), self.second_moment(|n| n)];
        moments
            .iter()
            .map(|moment| largest_eigenvalue(moment).1)
            .chain(starts.filter_map(|w| w.into_owned().try_normalize(0.0)))
            .map(|start| self.ascend(start))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .expect("two starts at least")
    }

    /// Spectral moment `(m⁻¹Σ‖ω‖²)^{1/2}`.
    pub fn frequency_rms(&self) -> f64 {
        (self.norms_squared().sum() / self.count() as f64).sqrt()
    }

    /// Spectral moment `(m⁻¹Σ‖ω‖⁴)^{1/2}`.
    pub fn frequency_quartic(&self) -> f64 {
        self.norms_squared().norm() / (self.count() as f64).sqrt()
    }

    /// The largest `‖ω_j‖`.
    pub fn frequency_max(&self) -> f64 {
        self.norms_squared().max().sqrt()
    }

    fn norms_squared(&self) -> DVector<f64> {
        let omega = self.frequencies();
        DVector::from_iterator(omega.ncols(), omega.column_iter().map(|w| w.norm_squared()))
    }

    /// The matrix `m⁻¹Σ weight(‖ω‖²)ωωᵀ`, `q × q`.
    pub(super) fn second_moment(&self, weight: impl Fn(f64) -> f64) -> DMatrix<f64> {
        let mut weighted = self.frequencies().clone();
        for mut omega in weighted.column_iter_mut() {
            let factor = weight(omega.norm_squared());
            omega *= factor;
        }
        let q = self.dimension();
        let mut moment = DMatrix::zeros(q, q);
        let mean = 1.0 / self.count() as f64;
        gemm(
            &mut moment,
            Accum::Replace,
            mean,
            &weighted,
            false,
            self.frequencies(),
            true,
        );
        moment
    }

    /// The smaller of two matrices with the nonzero eigenvalues of `H`.
    pub(super) fn traceless_matrix(&self) -> DMatrix<f64> {
        let (q, m) = self.frequencies().shape();
        if m < q * (q + 1) / 2 {
            self.traceless_gram()
        } else {
            self.traceless_moment()
        }
    }

    /// The matrix `H`, `m × m`.
    fn traceless_gram(&self) -> DMatrix<f64> {
        let (q, m) = self.frequencies().shape();
        let mut gram = DMatrix::zeros(m, m);
        gemm(
            &mut gram,
            Accum::Replace,
            1.0,
            self.frequencies(),
            true,
            self.frequencies(),
            false,
        );
        let norms = self.norms_squared();
        DMatrix::from_fn(m, m, |i, j| {
            gram[(i, j)].powi(2) - norms[i] * norms[j] / q as f64
        })
    }

    /// The matrix `Σ t_jt_jᵀ` of the coordinates `t_j` of `(ω_jω_jᵀ)_0` in an orthonormal
    /// basis of symmetric matrices: the nonzero eigenvalues of `H`, and size `q(q+1)/2`.
    fn traceless_moment(&self) -> DMatrix<f64> {
        let (q, m) = self.frequencies().shape();
        let pairs: Vec<_> = (0..q).flat_map(|j| (0..=j).map(move |i| (i, j))).collect();
        let norms = self.norms_squared();
        let parts = DMatrix::from_fn(pairs.len(), m, |row, column| {
            let omega = self.frequencies().column(column);
            match pairs[row] {
                (i, j) if i == j => omega[i] * omega[i] - norms[column] / q as f64,
                (i, j) => std::f64::consts::SQRT_2 * omega[i] * omega[j],
            }
        });
        let mut moment = DMatrix::zeros(pairs.len(), pairs.len());
        gemm(
            &mut moment,
            Accum::Replace,
            1.0,
            &parts,
            false,
            &parts,
            true,
        );
        moment
    }

    /// Climbs `m⁻¹Σ(ω·h)⁴` from a unit vector until it no longer increases.
    fn ascend(&self, start: DVector<f64>) -> (f64, DVector<f64>) {
        let omega = self.frequencies();
        let mean = 1.0 / self.count() as f64;
        let value =
            |along: &DVector<f64>| (along.iter().map(|a| a.powi(4)).sum::<f64>() * mean).sqrt();
        let mut h = start;
        let mut along = omega.tr_mul(&h);
        let mut best = value(&along);
        for _ in 0..ASCENT_STEPS {
            let Some(next) = (omega * along.map(|a| a.powi(3))).try_normalize(0.0) else {
                break; // Every frequency is orthogonal to h.
            };
            let next_along = omega.tr_mul(&next);
            let next_value = value(&next_along);
            if next_value <= best {
                break;
            }
            (h, along, best) = (next, next_along, next_value);
        }
        (best, h)
    }
}

/// The square root of a number that rounding may have left just below zero.
fn root(x: f64) -> f64 {
    x.max(0.0).sqrt()
}

/// The largest eigenvalue of a finite symmetric matrix, given by its lower triangle, with
/// a unit eigenvector.
fn largest_eigenvalue(symmetric: &DMatrix<f64>) -> (f64, DVector<f64>) {
    let mut mirrored = symmetric.clone();
    mirrored.fill_upper_triangle_with_lower_triangle();
    let eigen = symmetric_eigen(&mirrored).expect("a finite symmetric matrix has eigenvalues");
    let last = symmetric.nrows() - 1;
    (eigen.values[last], eigen.vectors.column(last).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Gaussian, Kernel, Matern};

    /// The relative error granted to a constant: inner products of length q or m and a
    /// backward stable eigenvalue of a matrix of their size, roots halving it.
    fn tolerance(features: &FourierFeatures) -> f64 {
        10.0 * (features.dimension() + features.count()) as f64 * f64::EPSILON / 2.0
    }

    fn assert_close(a: f64, b: f64, relative: f64) {
        assert!((a - b).abs() <= relative * b.abs(), "{a} and {b}");
    }

    fn draws() -> impl Iterator<Item = FourierFeatures> {
        (0..60).map(|i| {
            let kernel: &dyn Kernel = if i % 2 == 0 {
                &Gaussian::try_new(0.8).unwrap()
            } else {
                &Matern::try_new(1.5, 0.8).unwrap()
            };
            FourierFeatures::draw(kernel, 1 + i % 5, 1 + i * i % 67, i as u64).unwrap()
        })
    }

    fn columns(q: usize, entries: &[f64]) -> FourierFeatures {
        FourierFeatures::try_new(DMatrix::from_column_slice(q, entries.len() / q, entries)).unwrap()
    }

    #[test]
    fn kappa1_bounds_the_derivative_and_is_attained() {
        for features in draws() {
            let q = features.dimension();
            let (kappa1, top) = features.kappa1_direction();
            let z = DVector::from_fn(q, |i, _| 0.3 * i as f64 - 0.4);
            // ‖h‖ = 1 and ‖Dφ(z)h‖ up to their own roundings.
            assert_close(top.norm(), 1.0, tolerance(&features));
            assert_close(
                features.derivative(&z, &top).norm(),
                kappa1,
                tolerance(&features),
            );
            assert_eq!(features.kappa1(), kappa1);
            for k in 0..20 {
                let h = DVector::from_fn(q, |i, _| ((3 * i + 5 * k + i * k) as f64).sin());
                let moved = features.derivative(&z, &h).norm();
                assert!(moved <= kappa1 * h.norm() * (1.0 + tolerance(&features)));
            }
            assert_eq!(features.kappa0(), 1.0);
        }
    }

    #[test]
    fn kappa2_lies_between_its_bounds() {
        for features in draws() {
            let (lower, h) = features.kappa2_lower(4);
            let (crude, traceless) = (features.kappa2_crude(), features.kappa2_traceless());
            let above = 1.0 + tolerance(&features);
            assert!(lower <= crude * above && lower <= traceless * above);
            assert_eq!(features.kappa2_upper(), crude.min(traceless));
            // ‖D²φ(z)[h,h]‖ = (m⁻¹Σ(ω·h)⁴)^{1/2}.
            let z = DVector::from_element(features.dimension(), 0.7);
            let bent = features.second_derivative(&z, &h, &h).norm();
            assert_close(bent, lower, tolerance(&features));
            assert_close(h.norm(), 1.0, tolerance(&features));
            if features.dimension() == 1 {
                assert_close(traceless, lower, tolerance(&features));
                assert_close(crude, lower, tolerance(&features));
            }
        }
    }

    #[test]
    fn kappa2_of_the_plane_is_found_by_a_scan() {
        let angles = 1000;
        for seed in 0..20 {
            let kernel = Matern::try_new(1.5, 0.8).unwrap();
            let features = FourierFeatures::draw(&kernel, 2, 12, seed).unwrap();
            let quartic = |angle: f64| {
                let (y, x) = angle.sin_cos();
                let omega = features.frequencies();
                omega
                    .column_iter()
                    .map(|w| (x * w[0] + y * w[1]).powi(4))
                    .sum::<f64>()
                    / 12.0
            };
            let step = std::f64::consts::PI / f64::from(angles);
            let scan = (0..angles)
                .map(|i| quartic(f64::from(i) * step))
                .fold(0.0, f64::max);
            // A trigonometric polynomial of degree 4, |f''| ≤ 16 max f (Bernstein), half a
            // step from its top: f ≥ (1 − 16(step/2)²/2) max f.
            let resolution = 2.0 * step * step;
            let lower = features.kappa2_lower(12).0.powi(2);
            assert!(lower >= scan * (1.0 - tolerance(&features)) * (1.0 - resolution));
            assert!(lower * (1.0 - resolution) <= scan * (1.0 + tolerance(&features)));
        }
    }

    #[test]
    fn orthogonal_frequencies_by_hand() {
        // κ̂2² = sup (h1⁴ + h2⁴)s⁴/2 = s⁴/2, κ̂1² = s²/2; traceless: s²/2 + s²/2.
        let s = 3.0f64;
        let features = columns(2, &[s, 0.0, 0.0, s]);
        let t = tolerance(&features);
        assert_close(features.kappa1(), s / 2f64.sqrt(), t);
        assert_close(features.kappa2_crude(), s * s / 2f64.sqrt(), t);
        assert_close(features.kappa2_traceless(), s * s, t);
        assert_close(features.kappa2_upper(), s * s / 2f64.sqrt(), t);
        assert_close(features.kappa2_lower(2).0, s * s / 2f64.sqrt(), t);
    }

    #[test]
    fn a_restart_leaves_a_stationary_start() {
        // Σωωᵀ = 2I has the axes for eigenvectors, where the quartic is least:
        // (1⁴ + 1⁴)/2. Its top is along the frequencies: (√2)⁴/2.
        let features = columns(2, &[1.0, 1.0, 1.0, -1.0]);
        assert_close(
            features.kappa2_lower(1).0,
            2f64.sqrt(),
            tolerance(&features),
        );
    }

    #[test]
    fn copies_of_one_frequency_by_hand() {
        // Every bound is exact: κ̂1 = ‖ω‖ = 3, κ̂2 = ‖ω‖² = 9, through either matrix.
        for copies in [1, 2, 6, 7, 30] {
            let features = columns(3, &[1.0, -2.0, 2.0].repeat(copies));
            let t = tolerance(&features);
            assert_close(features.kappa1(), 3.0, t);
            assert_close(features.kappa2_crude(), 9.0, t);
            assert_close(features.kappa2_traceless(), 9.0, t);
            assert_close(features.kappa2_lower(0).0, 9.0, t);
        }
    }

    #[test]
    fn zero_frequencies_have_zero_constants() {
        let features = columns(2, &[0.0; 6]);
        assert_eq!((features.kappa1(), features.kappa2_upper()), (0.0, 0.0));
        assert_eq!(features.kappa2_lower(3).0, 0.0);
    }

    #[test]
    fn traceless_bound_wins_on_many_isotropic_frequencies() {
        let kernel = Gaussian::try_new(1.0).unwrap();
        let features = FourierFeatures::draw(&kernel, 4, 2000, 1).unwrap();
        assert_eq!(features.kappa2_upper(), features.kappa2_traceless());
        assert!(features.kappa2_traceless() < features.kappa2_crude());
    }

    #[test]
    fn either_traceless_matrix_has_the_same_top() {
        for features in draws() {
            let gram = largest_eigenvalue(&features.traceless_gram()).0;
            let moment = largest_eigenvalue(&features.traceless_moment()).0;
            let (q, m) = features.frequencies().shape();
            assert_eq!(features.traceless_matrix().nrows(), m.min(q * (q + 1) / 2));
            let scale = features.frequency_quartic().powi(2) * m as f64;
            assert!(
                (gram - moment).abs() <= tolerance(&features) * scale,
                "{gram} {moment}"
            );
        }
    }

    #[test]
    fn constants_follow_scaling_and_rotation() {
        let rotation = DMatrix::from_row_slice(2, 2, &[0.6, -0.8, 0.8, 0.6]);
        for seed in 0..10 {
            let kernel = Gaussian::try_new(0.8).unwrap();
            let features = FourierFeatures::draw(&kernel, 2, 9, seed).unwrap();
            let omega = features.frequencies();
            let scaled = FourierFeatures::try_new(omega * 3.0).unwrap();
            let rotated = FourierFeatures::try_new(&rotation * omega).unwrap();
            let t = tolerance(&features);
            for (other, c) in [(scaled, 3.0), (rotated, 1.0)] {
                assert_close(other.kappa1(), c * features.kappa1(), t);
                assert_close(other.kappa2_crude(), c * c * features.kappa2_crude(), t);
                assert_close(
                    other.kappa2_traceless(),
                    c * c * features.kappa2_traceless(),
                    t,
                );
            }
        }
    }

    #[test]
    fn moments_by_hand() {
        // Norms 5 and 1.
        let features = columns(2, &[3.0, 4.0, 0.0, -1.0]);
        let t = tolerance(&features);
        assert_close(features.frequency_rms(), 13f64.sqrt(), t);
        assert_close(features.frequency_quartic(), 313f64.sqrt(), t);
        assert_close(features.frequency_max(), 5.0, t);
    }

    #[test]
    fn largest_eigenvalue_is_one_and_nothing_lies_above() {
        for n in 1..70 {
            let a = DMatrix::from_fn(n, n, |i, j| ((i * j + i + j) as f64).cos());
            let (value, vector) = largest_eigenvalue(&a);
            let error = 10.0 * n as f64 * f64::EPSILON / 2.0 * a.norm();
            assert!((&a * &vector - &vector * value).norm() <= error, "{n}");
            assert!(
                (vector.norm() - 1.0).abs() <= 10.0 * n as f64 * f64::EPSILON / 2.0,
                "{n}"
            );
            let above = DMatrix::identity(n, n) * (value + 2.0 * error) - a;
            assert!(above.cholesky().is_some(), "{n}");
        }
    }
}
