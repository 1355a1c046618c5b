//! Feature Gram matrices `K_k(i,i') = M⁻¹Σ_jσ(w_k^j·x_k^i + b_k^j)σ(w_k^j·x_k^{i'} + b_k^j)`.

use crate::arithmetic::Ball;
use crate::spectrum::{SpectrumError, extreme_eigenvalues};
use nalgebra::DMatrix;

/// Encloses `λ_min(K_k)` of every layer.
///
/// # Arguments
/// * `values`: `[layer][sample][particle]`, as a [`TwinPass`](super::twin::TwinPass) over balls holds them.
///
/// # Guarantee
/// Certified: an eigenvalue of the midpoints, enclosed, and `N` times the largest radius of an entry (Weyl).
///
/// # Errors
/// Features that are not bounded.
///
/// # Cost
/// `N²M/2` products of balls and one eigendecomposition of order `N` a layer.
pub fn smallest_eigenvalues(values: &[Vec<Vec<Ball>>]) -> Result<Vec<Ball>, SpectrumError> {
    values.iter().map(|layer| smallest(layer)).collect()
}

fn smallest(features: &[Vec<Ball>]) -> Result<Ball, SpectrumError> {
    let (order, width) = (features.len(), features[0].len());
    let mut gram = DMatrix::zeros(order, order);
    let mut widest = 0.0_f64;
    for j in 0..order {
        for i in 0..=j {
            let terms = features[i].iter().zip(&features[j]);
            let total: Ball = terms.map(|(&a, &b)| a * b).sum();
            let entry = total / Ball::from(width as f64);
            if !entry.is_bounded() {
                let (row, column) = (i, j);
                return Err(SpectrumError::NonFinite {
                    row,
                    column,
                    value: f64::NAN,
                });
            }
            gram[(i, j)] = entry.mid();
            gram[(j, i)] = entry.mid();
            widest = widest.max(entry.rad());
        }
    }
    let smallest = extreme_eigenvalues(&gram)?.smallest;
    let off = (order as f64 * widest).next_up();
    // The exact matrix is positive semi-definite.
    Ok(Ball::from_bounds(
        (smallest.lo - off).next_down().max(0.0),
        (smallest.hi + off).next_up().max(0.0),
    ))
}

/// Returns `‖Φ − Φ'‖_F/√M` of two networks' features, a layer each.
///
/// # Panics
/// If the shapes differ.
#[must_use]
pub fn feature_distances(a: &[Vec<Vec<Ball>>], b: &[Vec<Vec<Ball>>]) -> Vec<Ball> {
    assert_eq!(a.len(), b.len(), "depths of two networks");
    let layer = |(a, b): (&Vec<Vec<Ball>>, &Vec<Vec<Ball>>)| {
        assert_eq!(
            (a.len(), a[0].len()),
            (b.len(), b[0].len()),
            "samples and widths"
        );
        let entries = a.iter().flatten().zip(b.iter().flatten());
        let squares: Ball = entries.map(|(&x, &y)| (x - y).square()).sum();
        (squares / Ball::from(a[0].len() as f64)).sqrt()
    };
    a.iter().zip(b).map(layer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balls(rows: &[&[f64]], rad: f64) -> Vec<Vec<Ball>> {
        let row = |row: &&[f64]| row.iter().map(|&x| Ball::new(x, rad)).collect();
        rows.iter().map(row).collect()
    }

    // Φ = ((1, 1), (1, −1)): K = Id; and two equal samples.
    #[test]
    fn eigenvalues_of_means() {
        let features = vec![
            balls(&[&[1.0, 1.0], &[1.0, -1.0]], 0.0),
            balls(&[&[2.0, 0.0], &[2.0, 0.0]], 0.0),
            balls(&[&[3.0, 4.0]], 0.0),
        ];
        let found = smallest_eigenvalues(&features).unwrap();
        for (found, exact) in found.iter().zip([1.0, 0.0, 12.5]) {
            assert!(found.contains(exact) && found.rad() < 1e-13, "{found:?}");
        }
        // Two entries off by 1e-3 each: an entry of K by at most 2.002e-3.
        let wide = smallest_eigenvalues(&[balls(&[&[1.0, 1.0], &[1.0, -1.0]], 1e-3)]).unwrap()[0];
        assert!(wide.rad() >= 4e-3 && wide.rad() < 4.01e-3, "{wide:?}");
        assert!(smallest_eigenvalues(&[balls(&[&[f64::INFINITY]], 0.0)]).is_err());
    }

    #[test]
    fn distances_are_root_means_over_particles() {
        let a = vec![balls(&[&[1.0, 2.0], &[0.0, 0.0]], 0.0)];
        let b = vec![balls(&[&[1.0, 0.0], &[2.0, 1.0]], 0.0)];
        // (4 + 4 + 1)/2.
        assert!(feature_distances(&a, &b)[0].contains(4.5f64.sqrt()));
    }
}
