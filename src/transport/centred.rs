//! Clouds far apart, moved onto each other before they are matched.
//!
//! With `δ` the difference of the means and `x', y'` the clouds about their means,
//! `‖x_i − y_j‖² = ‖x'_i − y'_j‖² + 2x'_i·δ − 2y'_j·δ + ‖δ‖²`: the plans and their order are the same,
//! and `v_j = v'_j − 2y'_j·δ` turns potentials of one problem into those of the other. Far clouds have
//! costs that differ in their last digits alone; the centred ones do not. What is found is certified
//! on the costs as given.

use nalgebra::{DMatrix, DMatrixView, DVector};

/// Two clouds about their means, and what that does to potentials.
pub(super) struct Centred {
    pub(super) source: DMatrix<f64>,
    pub(super) target: DMatrix<f64>,
    /// `2y'_j·δ`.
    pub(super) shift: Vec<f64>,
}

impl Centred {
    /// Centres two clouds if their means are farther apart than either is wide; masses need not
    /// be regarded, any two centres would do.
    pub(super) fn of(source: DMatrixView<'_, f64>, target: DMatrixView<'_, f64>) -> Option<Self> {
        let (from, to) = (source.column_mean(), target.column_mean());
        let (source, target) = (about(source, &from), about(target, &to));
        let apart = from - to;
        let width = (mean_square(&source)).max(mean_square(&target));
        // A NaN or an infinity from the means leaves the clouds where they are.
        if !(apart.norm_squared() > width && apart.norm_squared().is_finite()) {
            return None;
        }
        let shift = target.column_iter().map(|y| 2.0 * y.dot(&apart)).collect();
        Some(Self {
            source,
            target,
            shift,
        })
    }
}

fn about(points: DMatrixView<'_, f64>, centre: &DVector<f64>) -> DMatrix<f64> {
    let mut moved = points.into_owned();
    moved.column_iter_mut().for_each(|mut x| x -= centre);
    moved
}

fn mean_square(points: &DMatrix<f64>) -> f64 {
    points.norm_squared() / points.ncols() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    fn of(source: &DMatrix<f64>, target: &DMatrix<f64>) -> Option<Centred> {
        Centred::of(source.as_view(), target.as_view())
    }

    #[test]
    fn near_clouds_are_left_alone() {
        let x = dmatrix![0.0, 2.0; 0.0, 0.0];
        // The mean square about the mean is 1, the means are 1 apart, and then a little more.
        assert!(of(&x, &x.add_scalar(0.0)).is_none());
        assert!(of(&x, &dmatrix![1.0, 3.0; 0.0, 0.0]).is_none());
        assert!(of(&x, &dmatrix![1.01, 3.01; 0.0, 0.0]).is_some());
        assert!(of(&dmatrix![1.01, 3.01; 0.0, 0.0], &dmatrix![1.02; 0.0]).is_none());
        // 1e150 squared twice over.
        assert!(of(&dmatrix![1e200], &dmatrix![0.0]).is_none());
    }

    #[test]
    fn costs_differ_by_what_the_potentials_take_up() {
        let x = dmatrix![1.0, 4.0; -2.0, 0.0];
        let y = dmatrix![101.0, 103.0, 105.0; 50.0, 50.0, 53.0];
        let centred = of(&x, &y).unwrap();
        let cost = |x: &DMatrix<f64>, y: &DMatrix<f64>, i: usize, j: usize| {
            (x.column(i) - y.column(j)).norm_squared()
        };
        for i in 0..2 {
            let rest = |j: usize| {
                let original = cost(&x, &y, i, j) + centred.shift[j];
                original - cost(&centred.source, &centred.target, i, j)
            };
            // What is left depends on the row alone.
            assert!((rest(0) - rest(1)).abs() < 1e-9 && (rest(0) - rest(2)).abs() < 1e-9);
        }
        assert!(centred.source.column_mean().norm() < 1e-12);
        assert!(centred.target.column_mean().norm() < 1e-12);
    }
}
