//! Couplings by labels, which need not be optimal.

use super::Layers;
use crate::arithmetic::{Ball, count};
use nalgebra::DMatrix;

/// Particles of two layers side by side: each is repeated up to a common number, and those of the
/// second are moved `shift` places on.
pub(super) fn paired(
    x: &DMatrix<f64>,
    y: &DMatrix<f64>,
    shift: usize,
) -> (DMatrix<f64>, DMatrix<f64>) {
    let copies = x.ncols() * y.ncols();
    let of_x = |i, c| x[(i, c / y.ncols())];
    let of_y = |i, c: usize| y[(i, (c / x.ncols() + shift) % y.ncols())];
    (
        DMatrix::from_fn(x.nrows(), copies, of_x),
        DMatrix::from_fn(y.nrows(), copies, of_y),
    )
}

/// The `L²` distance of two networks by these labels.
pub(super) fn labelled(mu: &Layers, nu: &Layers, shift: usize) -> Ball {
    let of_layer = |(x, y): (&DMatrix<f64>, &DMatrix<f64>)| {
        let (x, y) = paired(x, y, shift);
        let pairs = x.iter().zip(y.iter());
        let total: Ball = pairs
            .map(|(&x, &y)| (Ball::from(x) - Ball::from(y)).square())
            .sum();
        total / count(x.ncols())
    };
    let total: Ball = mu.iter().zip(nu).map(of_layer).sum();
    (total / count(mu.len())).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn labels_of_different_widths_are_copied() {
        let (x, y) = (dmatrix![1.0, 2.0], dmatrix![10.0, 20.0, 30.0]);
        let (x, y) = paired(&x, &y, 1);
        assert_eq!(x, dmatrix![1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
        assert_eq!(y, dmatrix![20.0, 20.0, 30.0, 30.0, 10.0, 10.0]);
    }

    #[test]
    fn labelled_distances_are_root_mean_squares() {
        let mu = [dmatrix![0.0, 1.0; 0.0, 0.0], dmatrix![0.0; 0.0]];
        let nu = [dmatrix![0.0, 1.0; 3.0, 1.0], dmatrix![2.0; 0.0]];
        // (9 + 1)/2 and 4; shifted, (1 + 1 + 1 + 9)/2 and 4.
        assert!(labelled(&mu, &nu, 0).contains(4.5f64.sqrt()));
        assert!(labelled(&mu, &nu, 1).contains(5f64.sqrt()));
    }
}
