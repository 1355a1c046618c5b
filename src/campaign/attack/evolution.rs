//! Evolution of a covariance matrix: CMA-ES (Hansen, *The CMA evolution strategy: a tutorial*, 2016).
//!
//! It is written here because the crates that have it bring matrices and generators of their own, of other versions than
//! those of this crate; it is used for nothing that has to be right, only to find what is then checked.

use super::space::normal;
use nalgebra::{DMatrix, DVector};
use rand::Rng;

/// A normal law of where to try next.
pub(super) struct Evolution {
    mean: DVector<f64>,
    step: f64,
    covariance: DMatrix<f64>,
    /// Axes of the covariance, and the roots of their variances.
    axes: DMatrix<f64>,
    lengths: DVector<f64>,
    path: DVector<f64>,
    conjugate: DVector<f64>,
    weights: Vec<f64>,
    generation: usize,
}

/// Constants of a dimension, named as in the tutorial.
struct Rates {
    mu_eff: f64,
    c_sigma: f64,
    d_sigma: f64,
    c_c: f64,
    c_1: f64,
    c_mu: f64,
    chi: f64,
}

impl Evolution {
    /// Begins around a place.
    ///
    /// # Arguments
    /// * `scales`: how far each coordinate is tried at first.
    pub fn around(place: &[f64], scales: &[f64]) -> Self {
        let n = place.len();
        let population = Self::population(n);
        let raw = |i: usize| ((population as f64 + 1.0) / 2.0).ln() - (i as f64 + 1.0).ln();
        let weights: Vec<f64> = (0..population / 2).map(raw).collect();
        let sum: f64 = weights.iter().sum();
        Self {
            mean: DVector::from_column_slice(place),
            step: 1.0,
            covariance: DMatrix::from_diagonal(&DVector::from_iterator(
                n,
                scales.iter().map(|s| s * s),
            )),
            axes: DMatrix::identity(n, n),
            lengths: DVector::from_column_slice(scales),
            path: DVector::zeros(n),
            conjugate: DVector::zeros(n),
            weights: weights.iter().map(|w| w / sum).collect(),
            generation: 0,
        }
    }

    /// How many places one generation tries.
    pub fn population(dimension: usize) -> usize {
        4 + (3.0 * (dimension.max(1) as f64).ln()) as usize
    }

    /// Draws a place.
    pub fn draw(&self, rng: &mut impl Rng) -> Vec<f64> {
        let z = DVector::from_fn(self.mean.len(), |i, _| self.lengths[i] * normal(rng));
        (&self.mean + &self.axes * z * self.step)
            .as_slice()
            .to_vec()
    }

    fn rates(&self) -> Rates {
        let n = self.mean.len() as f64;
        let mu_eff = 1.0 / self.weights.iter().map(|w| w * w).sum::<f64>();
        let c_sigma = (mu_eff + 2.0) / (n + mu_eff + 5.0);
        let c_1 = 2.0 / ((n + 1.3).powi(2) + mu_eff);
        let c_mu = 2.0 * (mu_eff - 2.0 + 1.0 / mu_eff) / ((n + 2.0).powi(2) + mu_eff);
        Rates {
            mu_eff,
            c_sigma,
            d_sigma: 1.0 + c_sigma + 2.0 * (((mu_eff - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0),
            c_c: (4.0 + mu_eff / n) / (n + 4.0 + 2.0 * mu_eff / n),
            c_1,
            c_mu: c_mu.min(1.0 - c_1),
            chi: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
        }
    }

    /// Moves to where the best of a generation were, the best first.
    pub fn learn(&mut self, ranked: &[Vec<f64>]) {
        let rates = self.rates();
        let n = self.mean.len() as f64;
        let steps: Vec<DVector<f64>> = (ranked.iter().take(self.weights.len()))
            .map(|place| (DVector::from_column_slice(place) - &self.mean) / self.step)
            .collect();
        let mut moved = DVector::zeros(self.mean.len());
        for (weight, step) in self.weights.iter().zip(&steps) {
            moved.axpy(*weight, step, 1.0);
        }
        self.mean.axpy(self.step, &moved, 1.0);
        let mut white = self.axes.tr_mul(&moved);
        white.zip_apply(&self.lengths, |x, length| {
            *x = if length > 0.0 { *x / length } else { 0.0 }
        });
        let white = &self.axes * white;
        let fading = (rates.c_sigma * (2.0 - rates.c_sigma) * rates.mu_eff).sqrt();
        self.conjugate = &self.conjugate * (1.0 - rates.c_sigma) + white * fading;
        self.generation += 1;
        let known = 1.0 - (1.0 - rates.c_sigma).powi(2 * self.generation.min(1_000_000) as i32);
        let length = self.conjugate.norm();
        let straight = length / known.sqrt() < (1.4 + 2.0 / (n + 1.0)) * rates.chi;
        let kept =
            (rates.c_c * (2.0 - rates.c_c) * rates.mu_eff).sqrt() * f64::from(u8::from(straight));
        self.path = &self.path * (1.0 - rates.c_c) + &moved * kept;
        self.covariance *= 1.0 - rates.c_1 - rates.c_mu;
        self.covariance.ger(rates.c_1, &self.path, &self.path, 1.0);
        for (weight, step) in self.weights.iter().zip(&steps) {
            self.covariance.ger(rates.c_mu * weight, step, step, 1.0);
        }
        let longer = rates.c_sigma / rates.d_sigma * (length / rates.chi - 1.0);
        self.step *= longer.min(1.0).exp();
        let eigen = self.covariance.clone().symmetric_eigen();
        self.lengths = eigen.eigenvalues.map(|variance| variance.max(0.0).sqrt());
        self.axes = eigen.eigenvectors;
    }

    /// Tells whether it has nowhere to go: its law is a point, or nothing.
    pub fn is_spent(&self) -> bool {
        let widest = self.step * self.lengths.max();
        let size = self.mean.amax().max(1e-3);
        !(widest > 1e-13 * size && widest.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn minimise(f: impl Fn(&[f64]) -> f64, start: &[f64], generations: usize) -> f64 {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let mut evolution = Evolution::around(start, &vec![0.5; start.len()]);
        let mut best = f64::INFINITY;
        for _ in 0..generations {
            let count = Evolution::population(start.len());
            let mut all: Vec<Vec<f64>> = (0..count).map(|_| evolution.draw(&mut rng)).collect();
            all.sort_by(|a, b| f(a).total_cmp(&f(b)));
            best = best.min(f(&all[0]));
            evolution.learn(&all);
        }
        best
    }

    // A narrow curved valley, and an ellipsoid with axes from 1 to 1000.
    #[test]
    fn valleys_are_followed() {
        let rosenbrock = |x: &[f64]| {
            let term = |w: &[f64]| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2);
            x.windows(2).map(term).sum::<f64>()
        };
        assert!(minimise(rosenbrock, &[-1.0; 5], 600) < 1e-12);
        let ellipsoid = |x: &[f64]| {
            let term = |(i, x): (usize, &f64)| 10f64.powi(i as i32) * x * x;
            x.iter().enumerate().map(term).sum::<f64>()
        };
        assert!(minimise(ellipsoid, &[1.0; 7], 500) < 1e-12);
    }

    #[test]
    fn a_point_is_spent() {
        assert!(!Evolution::around(&[1.0, 2.0], &[0.1, 0.1]).is_spent());
        assert!(Evolution::around(&[1.0, 2.0], &[0.0, 0.0]).is_spent());
    }
}
