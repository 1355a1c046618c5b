//! Tests that every sampler draws from the spectral measure of its profile.
//!
//! The profile is tied to the law by a Fourier integral, and the draws to the law
//! by the Dvoretzky–Kiefer–Wolfowitz inequality in Massart's form,
//! `P(sup|F_n − F| > ε) ≤ 2exp(−2nε²)`.

use nalgebra::{DMatrix, DVector};
use statrs::distribution::{
    ChiSquared, Continuous, ContinuousCDF, FisherSnedecor, Laplace, Normal, StudentsT,
};

use super::{Gaussian, InverseMultiquadric, Kernel, Matern, Power, Smoothness};

/// Draws per test: a change of bandwidth by 10 % moves a distribution function by
/// `0.0953·max x f(x) ≥ 0.0953/2π = 0.0152` (Cauchy), and the test sees it with
/// probability ≥ 0.999 from `ε + sqrt(ln(2000)/2n) = 0.0117` on.
const DRAWS: usize = 200_000;
const SEED: u64 = 20_220_101;

/// Whether draws pass as those of the law: false alarm 1e-9.
fn accepted(mut draws: Vec<f64>, cdf: impl Fn(f64) -> f64) -> bool {
    draws.sort_by(f64::total_cmp);
    let n = draws.len() as f64;
    let distance = draws.iter().enumerate().fold(0f64, |d, (i, &x)| {
        let f = cdf(x);
        d.max((f - i as f64 / n).abs())
            .max(((i + 1) as f64 / n - f).abs())
    });
    distance <= ((2.0 / 1e-9f64).ln() / (2.0 * n)).sqrt()
}

/// Projections on (1, 2, 2)/3, with a factor.
fn projections(draws: &DMatrix<f64>, factor: f64) -> Vec<f64> {
    let h = DVector::from_vec(vec![1.0, 2.0, 2.0]) * (factor / 3.0);
    draws.tr_mul(&h).as_slice().to_vec()
}

/// Squared norms, with a factor.
fn squared_norms(draws: &DMatrix<f64>, factor: f64) -> Vec<f64> {
    draws
        .column_iter()
        .map(|w| factor * w.norm_squared())
        .collect()
}

#[test]
fn gaussian_frequencies_are_normal() {
    let sigma = 0.7;
    let draws = Gaussian::try_new(sigma)
        .unwrap()
        .sample_frequencies(3, DRAWS, SEED);
    let law = Normal::new(0.0, 1.0 / sigma).unwrap();
    assert!(accepted(projections(&draws, 1.0), |x| law.cdf(x)));
    let norm = ChiSquared::new(3.0).unwrap();
    assert!(accepted(squared_norms(&draws, sigma * sigma), |x| norm.cdf(x)));
    // Controls: a bandwidth 10 % off, and one coordinate copied from another.
    assert!(!accepted(projections(&draws, 1.1), |x| law.cdf(x)));
    let mut copied = draws;
    let first = copied.row(0).into_owned();
    copied.set_row(1, &first);
    assert!(!accepted(squared_norms(&copied, sigma * sigma), |x| norm.cdf(x)));
}

#[test]
fn matern_frequencies_are_multivariate_student() {
    let length = 0.7;
    for smoothness in Smoothness::ALL {
        let n = 2.0 * smoothness.nu();
        let kernel = Matern::with_smoothness(smoothness, length).unwrap();
        let draws = kernel.sample_frequencies(3, DRAWS, SEED);
        let law = StudentsT::new(0.0, 1.0 / length, n).unwrap();
        assert!(accepted(projections(&draws, 1.0), |x| law.cdf(x)), "{n}");
        let joint = FisherSnedecor::new(3.0, n).unwrap();
        let factor = length * length / 3.0;
        assert!(
            accepted(squared_norms(&draws, factor), |x| joint.cdf(x)),
            "{n}"
        );
        // Controls: a bandwidth 10 % off, and one χ² per coordinate.
        assert!(!accepted(projections(&draws, 1.1), |x| law.cdf(x)), "{n}");
        let apart = kernel
            .sample_frequencies(1, 3 * DRAWS, SEED)
            .reshape_generic(nalgebra::Dyn(3), nalgebra::Dyn(DRAWS));
        assert!(
            !accepted(squared_norms(&apart, factor), |x| joint.cdf(x)),
            "{n}"
        );
    }
}

#[test]
fn inverse_multiquadric_frequencies_of_power_one_are_multivariate_laplace() {
    let length = 0.7;
    let kernel = InverseMultiquadric::try_new(Power::ratio(1, 1).unwrap(), length).unwrap();
    let draws = kernel.sample_frequencies(3, DRAWS, SEED);
    // Of characteristic function 1/(1 + x²/ℓ²), in every direction.
    let law = Laplace::new(0.0, 1.0 / length).unwrap();
    assert!(accepted(projections(&draws, 1.0), |x| law.cdf(x)));
    // Controls: a bandwidth 10 % off, and one gamma variable per coordinate.
    assert!(!accepted(projections(&draws, 1.1), |x| law.cdf(x)));
    let apart = kernel
        .sample_frequencies(1, 3 * DRAWS, SEED)
        .reshape_generic(nalgebra::Dyn(3), nalgebra::Dyn(DRAWS));
    assert!(!accepted(projections(&apart, 1.0), |x| law.cdf(x)));
}

#[test]
fn inverse_multiquadric_frequencies_have_the_profile_for_characteristic_function() {
    // Hoeffding: P(|mean of cosines − ψ| ≥ ε) ≤ 2exp(−nε²/2).
    let tolerance = (2.0 * (2.0 / 1e-9f64).ln() / DRAWS as f64).sqrt();
    for (p, q) in [(1, 2), (5, 2), (2, 3)] {
        let kernel = InverseMultiquadric::try_new(Power::ratio(p, q).unwrap(), 0.7).unwrap();
        let draws = kernel.sample_frequencies(3, DRAWS, SEED);
        let error = |distance: f64, factor: f64| {
            let phases = projections(&draws, distance * factor);
            let mean = phases.iter().map(|x| x.cos()).sum::<f64>() / DRAWS as f64;
            (mean - kernel.profile(distance * distance)).abs()
        };
        for distance in [0.1, 0.7, 2.0] {
            assert!(error(distance, 1.0) <= tolerance, "{p}/{q} {distance}");
        }
        // Control: a bandwidth 25 % off.
        assert!(error(0.7, 1.25) > tolerance, "{p}/{q}");
    }
}

#[test]
fn first_draws_do_not_depend_on_their_number() {
    let kernels: [&dyn Kernel; 3] = [
        &Gaussian::try_new(1.0).unwrap(),
        &Matern::try_new(2.5, 1.0).unwrap(),
        &InverseMultiquadric::try_new(Power::HALF, 1.0).unwrap(),
    ];
    for kernel in kernels {
        let draw = |q, count, seed| kernel.try_sample_frequencies(q, count, seed).unwrap();
        let many = draw(2, 9, 4);
        assert_eq!(draw(2, 5, 4), many.columns(0, 5));
        assert_ne!(draw(2, 9, 5), many);
        assert_eq!(draw(0, 3, 4).shape(), (0, 3));
    }
}

/// `∫_0^L ψ(r)cos(ωr)dr` by Simpson's rule with `2n` steps.
fn cosine_integral(kernel: &dyn Kernel, omega: f64, end: f64, n: usize) -> f64 {
    let h = end / (2 * n) as f64;
    let term = |i: usize| {
        let r = i as f64 * h;
        kernel.profile(r * r) * (omega * r).cos()
    };
    let odd: f64 = (0..n).map(|i| term(2 * i + 1)).sum();
    let even: f64 = (1..n).map(|i| term(2 * i)).sum();
    h / 3.0 * (term(0) + 4.0 * odd + 2.0 * even + term(2 * n))
}

/// Checks Bochner's theorem on the line, `∫_0^∞ ψ(r)cos(ωr)dr = π p(ω)`: the law
/// has exactly the profile for its characteristic function. `derivatives[i]` bounds
/// `|ψ⁽ⁱ⁾|` on `(0, ∞)`, and the integral beyond `end` is below 1e-20.
fn has_density(kernel: &dyn Kernel, density: impl Fn(f64) -> f64, derivatives: [f64; 5], end: f64) {
    let n = 20_000;
    let h = end / (2 * n) as f64;
    for omega in [0.0f64, 0.3, 1.0, 2.5, 6.0] {
        let fourth = |i: usize| [1.0, 4.0, 6.0, 4.0, 1.0][i] * derivatives[i];
        let bound: f64 = (0..5).map(|i| fourth(i) * omega.powi(4 - i as i32)).sum();
        // Simpson's error L h⁴M/180; the terms carry 8 roundings and the argument's,
        // (ωr + t)u, their sum 2n more at worst, all below (2n + 500)u·L.
        let rounding = (2.0 * n as f64 + 500.0) * f64::EPSILON / 2.0 * end;
        let tolerance = end * h.powi(4) * bound / 180.0 + rounding + 1e-20;
        let expected = std::f64::consts::PI * density(omega);
        let error = (cosine_integral(kernel, omega, end, n) - expected).abs();
        // statrs' densities go through ln Γ: a relative error below 1e-13.
        assert!(
            error <= tolerance + 1e-13 * expected,
            "{kernel:?} {omega}: {error} {tolerance}"
        );
        // A wrong profile is seen when it moves the integral by 1e-4 of its value at 0.
        assert!(tolerance <= 1e-4 * density(0.0), "{tolerance}");
    }
}

#[test]
fn gaussian_profile_is_the_characteristic_function_of_its_law() {
    let sigma = 0.7f64;
    let law = Normal::new(0.0, 1.0 / sigma).unwrap();
    // Cramér: |He_i(x)|e^{−x²/2} ≤ 1.0866·sqrt(i!).
    let derivatives = [1.0, 1.0, 2.0, 6.0, 24.0f64]
        .map(|factorial| 1.0866 * factorial.sqrt())
        .iter()
        .enumerate()
        .map(|(i, c)| c / sigma.powi(i as i32))
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    has_density(
        &Gaussian::try_new(sigma).unwrap(),
        |w| law.pdf(w),
        derivatives,
        12.0 * sigma,
    );
}

#[test]
fn matern_profile_is_the_characteristic_function_of_its_law() {
    let length = 0.7;
    let polynomials: [&[f64]; 4] = [
        &[1.0],
        &[1.0, 1.0],
        &[1.0, 1.0, 1.0 / 3.0],
        &[1.0, 1.0, 0.4, 1.0 / 15.0],
    ];
    for (smoothness, polynomial) in Smoothness::ALL.into_iter().zip(polynomials) {
        let n = 2.0 * smoothness.nu();
        let rate = n.sqrt() / length;
        let mut p = polynomial.to_vec();
        let derivatives = std::array::from_fn(|i| {
            // |Σ a_k t^k e^{−t}| ≤ Σ|a_k|(k/e)^k, then (P e^{−t})' = (P' − P)e^{−t}.
            let bound: f64 = p
                .iter()
                .enumerate()
                .map(|(k, a)| a.abs() * (k as f64 / std::f64::consts::E).powi(k as i32))
                .sum();
            p = (0..p.len())
                .map(|k| p.get(k + 1).map_or(0.0, |next| (k + 1) as f64 * next) - p[k])
                .collect();
            bound * rate.powi(i as i32)
        });
        let law = StudentsT::new(0.0, 1.0 / length, n).unwrap();
        let kernel = Matern::with_smoothness(smoothness, length).unwrap();
        has_density(&kernel, |w| law.pdf(w), derivatives, 60.0 / rate);
    }
}
