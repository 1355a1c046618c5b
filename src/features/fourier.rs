//! The paired feature map.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use super::FeaturesError;
use super::trig::{LIMIT, cos_sin_in_place, cos_sin_of_small};
use crate::arithmetic::Ball;
use crate::kernel::Kernel;
use crate::linalg::{gemm_top, view};
use std::sync::OnceLock;

/// The largest norm of a frequency, `2^120`: fourth powers of norms, and the
/// squares of those, stay finite.
pub const MAX_FREQUENCY: f64 = (1u128 << 120) as f64;

/// Below this many phases they are mapped on one thread: at about 4 ns each,
/// 130 µs of work.
const PARALLEL_PHASES: usize = 32_768;

/// Phases of a panel: few enough to be in a cache when their sines are taken, and many enough for the product.
const CACHED_PHASES: usize = 262_144;

/// More columns than this gain nothing: the product is as fast as it gets.
const MOST_COLUMNS: usize = 256;

/// The paired random Fourier features of `m` frequencies in `R^q`,
/// ```text
/// φ(z) = m^(−1/2)·(cos ω_1·z, …, cos ω_m·z, sin ω_1·z, …, sin ω_m·z) ∈ R^(2m).
/// ```
/// `‖φ(z)‖ = 1` exactly, and `φ(z)·φ(z') = k̂(z,z')` estimates without bias the
/// kernel whose spectral measure the frequencies are drawn from (claim R1).
///
/// # Source
/// Rahimi, Recht, NIPS 2007; the paired form of Sutherland, Schneider, UAI 2015.
///
/// # Example
/// ```
/// use nalgebra::DMatrix;
/// use polyak::features::FourierFeatures;
///
/// let frequency = DMatrix::from_column_slice(2, 1, &[1.0, -2.0]);
/// let features = FourierFeatures::try_new(frequency)?;
/// let at_zero = features.evaluate(&DMatrix::zeros(2, 1));
/// assert_eq!(at_zero.as_slice(), [1.0, 0.0]);
/// # Ok::<(), polyak::features::FeaturesError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FourierFeatures {
    frequencies: DMatrix<f64>,
    /// `m^{−1/2}`.
    scale: f64,
    /// The largest `‖ω_j‖`, rounded.
    longest: f64,
    pub(super) kappa1_cache: OnceLock<Ball>,
    pub(super) kappa2_cache: OnceLock<Ball>,
}

impl PartialEq for FourierFeatures {
    /// Two feature maps are equal when their frequencies are.
    fn eq(&self, other: &Self) -> bool {
        self.frequencies == other.frequencies
    }
}

impl FourierFeatures {
    /// The features of given frequencies, the columns of a `q × m` matrix.
    ///
    /// # Errors
    /// [`FeaturesError::Empty`], [`FeaturesError::NonFinite`], or
    /// [`FeaturesError::TooLarge`] beyond [`MAX_FREQUENCY`].
    pub fn try_new(frequencies: DMatrix<f64>) -> Result<Self, FeaturesError> {
        let (dimension, count) = frequencies.shape();
        if frequencies.is_empty() {
            return Err(FeaturesError::Empty { dimension, count });
        }
        let mut longest = 0.0_f64;
        for (column, omega) in frequencies.column_iter().enumerate() {
            if let Some((row, &value)) = omega.iter().enumerate().find(|(_, w)| !w.is_finite()) {
                return Err(FeaturesError::NonFinite { row, column, value });
            }
            let norm = omega.norm();
            if norm > MAX_FREQUENCY {
                return Err(FeaturesError::TooLarge { column, norm });
            }
            longest = longest.max(norm);
        }
        Ok(Self {
            frequencies,
            scale: 1.0 / (count as f64).sqrt(),
            longest,
            kappa1_cache: OnceLock::new(),
            kappa2_cache: OnceLock::new(),
        })
    }

    /// Draws `count` frequencies of a kernel's spectral measure in dimension
    /// `dimension`; see [`Kernel::try_sample_frequencies`].
    ///
    /// # Errors
    /// As [`try_new`](Self::try_new); [`FeaturesError::Kernel`] where the kernel has no sampler.
    pub fn draw(
        kernel: &dyn Kernel,
        dimension: usize,
        count: usize,
        seed: u64,
    ) -> Result<Self, FeaturesError> {
        Self::try_new(kernel.try_sample_frequencies(dimension, count, seed)?)
    }

    /// The frequencies, `q × m`, one a column.
    pub fn frequencies(&self) -> &DMatrix<f64> {
        &self.frequencies
    }

    /// The dimension `q` of the points.
    pub fn dimension(&self) -> usize {
        self.frequencies.nrows()
    }

    /// The number `m` of frequencies.
    pub fn count(&self) -> usize {
        self.frequencies.ncols()
    }

    /// The number `2m` of features.
    pub fn width(&self) -> usize {
        2 * self.count()
    }

    /// The features of many points.
    ///
    /// # Returns
    /// `2m × N`, column `i` is `φ(z^i)`; NaN for points that are not finite.
    ///
    /// # Guarantee
    /// Rounded: entry `j` is off by at most
    /// `m^{−1/2}(γ_q Σ_k|ω_{kj}||z_k| + 2u) + 2u` while `|ω_j·z| ≤ 1e5`, for the
    /// product and the sine (the library's sine beyond). The same for any
    /// number of threads.
    ///
    /// # Panics
    /// Unless `points` is `q × N`.
    ///
    /// # Cost
    /// `qmN` multiplications and `mN` pairs of sine and cosine, in parallel.
    pub fn evaluate(&self, points: &DMatrix<f64>) -> DMatrix<f64> {
        let mut out = DMatrix::zeros(self.width(), points.ncols());
        self.evaluate_into(points, &mut out);
        out
    }

    /// As [`evaluate`](Self::evaluate), into a given matrix, allocating nothing.
    ///
    /// # Panics
    /// Unless `points` is `q × N` and `out` is `2m × N`.
    pub fn evaluate_into(&self, points: &DMatrix<f64>, out: &mut DMatrix<f64>) {
        let (m, n) = (self.count(), points.ncols());
        assert!(
            points.nrows() == self.dimension() && out.shape() == (2 * m, n),
            "{} frequencies in dimension {} do not map points {:?} to features {:?}",
            m,
            self.dimension(),
            points.shape(),
            out.shape(),
        );
        if m * n < PARALLEL_PHASES {
            self.evaluate_panel(points.as_slice(), out.as_mut_slice());
            return;
        }
        // Phases are still in the cache when their sines are taken.
        let columns = (CACHED_PHASES / m).clamp(1, MOST_COLUMNS);
        out.as_mut_slice()
            .par_chunks_mut(2 * m * columns)
            .zip(points.as_slice().par_chunks(self.dimension() * columns))
            .for_each(|(out, points)| self.evaluate_panel(points, out));
    }

    /// Some of the points, the columns of a panel, on one thread.
    pub(crate) fn evaluate_panel(&self, points: &[f64], out: &mut [f64]) {
        let (dimension, m) = self.frequencies.shape();
        let columns = points.len() / dimension;
        let squared = |point: &[f64]| point.iter().map(|x| x * x).sum::<f64>();
        // `max` would drop a NaN.
        let farthest = points
            .chunks_exact(dimension)
            .map(squared)
            .fold(0.0, |a, b| if a > b { a } else { b });
        // No phase is larger, by a factor that is far more than its rounding.
        let small = 1.01 * self.longest * farthest.sqrt() <= LIMIT;
        let phases = MatMut::from_column_major_slice_with_stride_mut(out, m, columns, 2 * m);
        let points = MatRef::from_column_major_slice(points, dimension, columns);
        let frequencies = view(&self.frequencies, true);
        matmul(phases, Accum::Replace, frequencies, points, 1.0, Par::Seq);
        for column in out.chunks_exact_mut(2 * m) {
            let (phases, sines) = column.split_at_mut(m);
            if small {
                cos_sin_of_small(phases, sines, self.scale);
            } else {
                cos_sin_in_place(phases, sines, self.scale);
            }
        }
    }

    /// The features of many points, and their derivatives along a direction each.
    ///
    /// # Arguments
    /// * `points`, `directions`: q × N.
    ///
    /// # Returns
    /// Two `2m × N` matrices, columns `φ(z^i)` and `Dφ(z^i)h^i`.
    ///
    /// # Panics
    /// Unless both are `q × N`.
    ///
    /// # Cost
    /// Twice the products of [`evaluate`](Self::evaluate), and its sines and cosines once.
    ///
    /// # Example
    /// ```
    /// use nalgebra::DMatrix;
    /// use polyak::features::FourierFeatures;
    ///
    /// let features = FourierFeatures::try_new(DMatrix::from_element(1, 1, 2.0))?;
    /// let (at, along) = features.evaluate_with_derivative(
    ///     &DMatrix::zeros(1, 1),
    ///     &DMatrix::from_element(1, 1, 3.0),
    /// );
    /// assert_eq!((at.as_slice(), along.as_slice()), (&[1.0, 0.0][..], &[-0.0, 6.0][..]));
    /// # Ok::<(), polyak::features::FeaturesError>(())
    /// ```
    pub fn evaluate_with_derivative(
        &self,
        points: &DMatrix<f64>,
        directions: &DMatrix<f64>,
    ) -> (DMatrix<f64>, DMatrix<f64>) {
        assert_eq!(
            points.shape(),
            directions.shape(),
            "a direction for every point"
        );
        let features = self.evaluate(points);
        let m = self.count();
        let mut derivatives = DMatrix::zeros(2 * m, points.ncols());
        let phases = view(&self.frequencies, true);
        gemm_top(
            &mut derivatives,
            m,
            Accum::Replace,
            1.0,
            phases,
            view(directions, false),
        );
        let turn = |(slopes, values): (&mut [f64], &[f64])| {
            let (along, sines) = slopes.split_at_mut(m);
            let (cosine, sine) = values.split_at(m);
            for j in 0..m {
                sines[j] = cosine[j] * along[j];
                along[j] *= -sine[j];
            }
        };
        let (slopes, values) = (derivatives.as_mut_slice(), features.as_slice());
        if m * points.ncols() < PARALLEL_PHASES {
            let columns = slopes.chunks_exact_mut(2 * m);
            columns.zip(values.chunks_exact(2 * m)).for_each(turn);
        } else {
            let columns = slopes.par_chunks_exact_mut(2 * m);
            columns.zip(values.par_chunks_exact(2 * m)).for_each(turn);
        }
        (features, derivatives)
    }

    /// The kernel `k̂(x,y) = m⁻¹Σ_j cos(ω_j·(x−y))` by its sum.
    ///
    /// # Panics
    /// Unless both points have `q` coordinates.
    pub fn value(&self, x: &DVector<f64>, y: &DVector<f64>) -> f64 {
        let phases = self.frequencies.tr_mul(&(x - y));
        phases.map(f64::cos).sum() / self.count() as f64
    }

    /// The derivative `Dφ(z)h` at one point, `2m` numbers.
    ///
    /// # Panics
    /// Unless both vectors have `q` coordinates.
    pub fn derivative(&self, z: &DVector<f64>, h: &DVector<f64>) -> DVector<f64> {
        let along = self.frequencies.tr_mul(h);
        self.pair(z, |j, (sin, cos)| (-sin * along[j], cos * along[j]))
    }

    /// The second derivative `D²φ(z)[h,h']` at one point, `2m` numbers.
    ///
    /// # Panics
    /// Unless the three vectors have `q` coordinates.
    pub fn second_derivative(
        &self,
        z: &DVector<f64>,
        h: &DVector<f64>,
        h_prime: &DVector<f64>,
    ) -> DVector<f64> {
        let along = self
            .frequencies
            .tr_mul(h)
            .component_mul(&self.frequencies.tr_mul(h_prime));
        self.pair(z, |j, (sin, cos)| (-cos * along[j], -sin * along[j]))
    }

    /// The scaled vector whose entries `j` and `m+j` are a function of `(sin, cos)(ω_j·z)`.
    fn pair(
        &self,
        z: &DVector<f64>,
        entries: impl Fn(usize, (f64, f64)) -> (f64, f64),
    ) -> DVector<f64> {
        let m = self.count();
        let mut out = DVector::zeros(2 * m);
        for (j, phase) in self.frequencies.tr_mul(z).iter().enumerate() {
            let (first, second) = entries(j, phase.sin_cos());
            out[j] = self.scale * first;
            out[m + j] = self.scale * second;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Gaussian, Matern};

    const U: f64 = f64::EPSILON / 2.0;

    fn features(q: usize, m: usize, seed: u64) -> FourierFeatures {
        FourierFeatures::draw(&Gaussian::try_new(0.8).unwrap(), q, m, seed).unwrap()
    }

    fn points(q: usize, n: usize) -> DMatrix<f64> {
        Gaussian::try_new(0.5).unwrap().sample_frequencies(q, n, 99)
    }

    /// The largest `Σ_k|ω_{kj}||z_k|` times γ_q, a bound of a phase's error.
    fn phase_error(features: &FourierFeatures, points: &DMatrix<f64>) -> f64 {
        let q = features.dimension() as f64;
        q * U / (1.0 - q * U) * features.frequencies().abs().tr_mul(&points.abs()).max()
    }

    #[test]
    fn features_are_cosines_then_sines() {
        for (q, m, n) in [(1, 1, 1), (3, 5, 4), (2, 40, 33), (4, 300, 200)] {
            let (features, points) = (features(q, m, 1), points(q, n));
            let phi = features.evaluate(&points);
            assert_eq!((features.dimension(), features.count()), (q, m));
            assert_eq!(phi.shape(), (features.width(), n));
            // Two phases, two trigonometric functions, the scale and its product twice.
            let scale = (m as f64).powf(-0.5);
            let tolerance = scale * (2.0 * phase_error(&features, &points) + 10.0 * U);
            for i in 0..n {
                for j in 0..m {
                    let omega = features.frequencies().column(j);
                    let phase: f64 = (0..q).map(|k| omega[k] * points[(k, i)]).sum();
                    assert!((phi[(j, i)] - scale * phase.cos()).abs() <= tolerance);
                    assert!((phi[(m + j, i)] - scale * phase.sin()).abs() <= tolerance);
                }
            }
        }
    }

    /// Either factor alone makes a phase that is not small.
    #[test]
    fn large_phases_are_those_of_the_library() {
        for (frequency, point) in [(1e9, 1.0), (1e3, 1e6), (1e-3, 1e12)] {
            let features =
                FourierFeatures::try_new(DMatrix::from_element(1, 1, frequency)).unwrap();
            let found = features.evaluate(&DMatrix::from_element(1, 1, point));
            let phase: f64 = frequency * point;
            let exact = [phase.cos(), phase.sin()];
            for (found, exact) in found.iter().zip(exact) {
                assert!((found - exact).abs() < 1e-15, "{frequency} {point}");
            }
        }
    }

    #[test]
    fn inner_products_are_the_kernel_of_unit_vectors() {
        let (q, m, n) = (3, 50, 6);
        let (features, points) = (features(q, m, 2), points(q, n));
        let phi = features.evaluate(&points);
        // 2m products of numbers at most 1/√m: γ_{2m}·1 for the sum, twice; entries off
        // by the phases (three of them, the difference at most twice as long) and 12u.
        let error = 4.0 * phase_error(&features, &points) + (4.0 * m as f64 + 24.0) * U;
        for i in 0..n {
            assert!((phi.column(i).norm_squared() - 1.0).abs() <= error);
            for j in 0..n {
                let (x, y) = (points.column(i).into_owned(), points.column(j).into_owned());
                let product = phi.column(i).dot(&phi.column(j));
                assert!((product - features.value(&x, &y)).abs() <= error);
            }
        }
    }

    #[test]
    fn derivatives_are_limits_of_differences() {
        let (q, m, t) = (3, 20, 1e-5);
        let features = features(q, m, 3);
        let z = points(q, 1).column(0).into_owned();
        let (h, g) = (DVector::from_vec(vec![0.6, 0.0, -0.8]), z.normalize());
        let at = |s: f64| DMatrix::from_column_slice(q, 1, (&z + &h * s).as_slice());
        let longest = features.frequency_max();
        let scale = (m as f64).powf(-0.5);
        // Remainders t²|ω|³/6 and t²|ω|⁴/6; two values, each off by its phase (and
        // the rounding of z ± th, as large) and 10u, over 2t.
        let rounding = scale * (2.0 * phase_error(&features, &at(t).abs()) + 10.0 * U) / t;
        let first = (features.evaluate(&at(t)) - features.evaluate(&at(-t))) / (2.0 * t);
        let error = (first - features.derivative(&z, &h)).amax();
        assert!(
            error <= scale * t * t * longest.powi(3) / 6.0 + 2.0 * rounding,
            "{error}"
        );
        let along = |s: f64| features.derivative(&(&z + &h * s), &g);
        let second = (along(t) - along(-t)) / (2.0 * t);
        let error = (second - features.second_derivative(&z, &h, &g)).amax();
        let bound = scale * t * t * longest.powi(4) / 6.0 + 2.0 * longest * rounding;
        assert!(error <= bound, "{error}");
        assert!(
            bound <= 1e-5 * longest.powi(2),
            "the test sees an error of 1e-5"
        );
    }

    #[test]
    fn derivatives_of_many_points_are_those_of_each() {
        let q = 3;
        // On one thread, and on all.
        for (m, n) in [(20, 5), (200, 200)] {
            let features = features(q, m, 6);
            let all = points(q, 2 * n);
            let (points, directions) = (
                all.columns(0, n).into_owned(),
                all.columns(n, n).into_owned(),
            );
            let (values, derivatives) = features.evaluate_with_derivative(&points, &directions);
            assert_eq!(values, features.evaluate(&points));
            let phase = phase_error(&features, &points);
            for i in 0..n {
                let at = points.column(i).into_owned();
                let along = directions.column(i).into_owned();
                let expected = features.derivative(&at, &along);
                let error = (derivatives.column(i) - expected).amax();
                // The phase of a sine or cosine, times a slope of at most ‖ω‖‖h‖; ten roundings of it.
                let slope = features.frequency_max() * along.norm();
                let tolerance = (2.0 * phase + 20.0 * U) * slope / (m as f64).sqrt();
                assert!(error <= tolerance, "{error} {tolerance}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "a direction for every point")]
    fn a_direction_less_than_points_panics() {
        features(2, 3, 1).evaluate_with_derivative(&DMatrix::zeros(2, 3), &DMatrix::zeros(2, 2));
    }

    #[test]
    fn features_do_not_depend_on_threads_or_earlier_contents() {
        let (features, points) = (features(5, 200, 4), points(5, 400));
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| features.evaluate(&points))
        };
        let one = run(1);
        assert_eq!(run(3), one);
        let mut out = DMatrix::from_element(400, 400, f64::NAN);
        features.evaluate_into(&points, &mut out);
        assert_eq!(out, one);
        assert_eq!(features.evaluate(&DMatrix::zeros(5, 0)).shape(), (400, 0));
    }

    #[test]
    fn draws_are_those_of_the_kernel() {
        let kernel = Matern::try_new(2.5, 0.8).unwrap();
        let features = FourierFeatures::draw(&kernel, 3, 7, 11).unwrap();
        assert_eq!(*features.frequencies(), kernel.sample_frequencies(3, 7, 11));
    }

    #[test]
    fn frequencies_that_make_no_features_are_errors() {
        for (dimension, count) in [(0, 3), (3, 0)] {
            assert_eq!(
                FourierFeatures::try_new(DMatrix::zeros(dimension, count)),
                Err(FeaturesError::Empty { dimension, count })
            );
        }
        let with = |value| {
            let mut frequencies = DMatrix::zeros(2, 3);
            frequencies[(1, 2)] = value;
            FourierFeatures::try_new(frequencies)
        };
        let infinite = FeaturesError::NonFinite {
            row: 1,
            column: 2,
            value: f64::INFINITY,
        };
        assert_eq!(with(f64::INFINITY), Err(infinite));
        assert!(matches!(
            with(f64::NAN),
            Err(FeaturesError::NonFinite {
                row: 1,
                column: 2,
                ..
            })
        ));
        let norm = 2.0 * MAX_FREQUENCY;
        assert_eq!(with(norm), Err(FeaturesError::TooLarge { column: 2, norm }));
        assert!(with(1e200).is_err());
        assert!(with(MAX_FREQUENCY).is_ok_and(|f| f.kappa2_upper().is_finite()));
        assert_eq!(MAX_FREQUENCY, 2f64.powi(120));
    }

    #[test]
    #[should_panic(expected = "4 frequencies in dimension 3 do not map points (2, 5)")]
    fn points_of_another_dimension_panic() {
        features(3, 4, 1).evaluate(&DMatrix::zeros(2, 5));
    }

    #[test]
    #[should_panic(expected = "to features (4, 5)")]
    fn a_matrix_of_another_shape_panics() {
        features(3, 4, 1).evaluate_into(&DMatrix::zeros(3, 5), &mut DMatrix::zeros(4, 5));
    }
}
