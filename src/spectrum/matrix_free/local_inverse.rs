//! A sparse approximate inverse from the neighbours of every point.

use crate::gram::KernelOperator;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

/// `K⁻¹ ≈ GᵀG`, `G` lower triangular: row `i` is supported on point `i` and its nearest
/// predecessors `S`, and is the last row of the inverse Cholesky factor of `K_SS`. Exact when every
/// predecessor is a neighbour.
pub(super) struct LocalInverse {
    rows: Vec<Row>,
}

/// A row of `G`.
struct Row {
    support: Vec<usize>,
    values: Vec<f64>,
    /// The variance of the point given its neighbours: small where `K` is nearly singular.
    variance: f64,
}

impl LocalInverse {
    /// # Cost
    /// A pass over all distances, and `N·count³` operations.
    pub fn new(operator: &KernelOperator, count: usize) -> Self {
        let neighbours = if count == 0 {
            vec![Vec::new(); operator.order()]
        } else {
            operator.nearest_predecessors(count)
        };
        let rows = neighbours.into_par_iter().enumerate();
        let rows = rows.map(|(i, mut support)| {
            support.push(i);
            Row::new(operator, support)
        });
        Self {
            rows: rows.collect(),
        }
    }

    /// `GᵀGX`.
    pub fn apply(&self, x: &DMatrix<f64>) -> DMatrix<f64> {
        let columns: Vec<DVector<f64>> = (0..x.ncols())
            .into_par_iter()
            .map(|j| self.apply_to(x.column(j).as_slice()))
            .collect();
        DMatrix::from_columns(&columns)
    }

    fn apply_to(&self, x: &[f64]) -> DVector<f64> {
        let mut result = DVector::zeros(x.len());
        for row in &self.rows {
            let entries = || row.support.iter().zip(&row.values);
            let product: f64 = entries().map(|(&i, value)| value * x[i]).sum();
            for (&i, value) in entries() {
                result[i] += value * product;
            }
        }
        result
    }

    /// Where to begin: the rows of `G` of least variance, each nearly an eigenvector of a
    /// neighbourhood; distinct, and as many as asked for.
    pub fn start(&self, count: usize) -> DMatrix<f64> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        let variance = |i: &usize| self.rows[*i].variance;
        order.sort_by(|a, b| variance(a).total_cmp(&variance(b)).then(a.cmp(b)));
        let mut block = DMatrix::zeros(self.rows.len(), count);
        for (j, &chosen) in order.iter().take(count).enumerate() {
            let row = &self.rows[chosen];
            for (&i, value) in row.support.iter().zip(&row.values) {
                block[(i, j)] = *value;
            }
        }
        block
    }
}

impl Row {
    /// The support ends with the point itself.
    fn new(operator: &KernelOperator, mut support: Vec<usize>) -> Self {
        loop {
            let last = support.len() - 1;
            let minor = operator.minor(&support);
            let mut unit = DVector::zeros(support.len());
            unit[last] = 1.0;
            let solved = minor.cholesky().map(|factor| factor.solve(&unit));
            // `e_lastᵀK⁻¹e_last` is the reciprocal of the variance.
            match solved.filter(|g| g.iter().all(|x| x.is_finite()) && g[last] > 0.0) {
                Some(g) => {
                    let scale = g[last].sqrt();
                    return Self {
                        support,
                        values: g.iter().map(|x| x / scale).collect(),
                        variance: 1.0 / g[last],
                    };
                }
                // Singular in f64: without the farthest half of the neighbours. The point alone
                // is never singular.
                None => support = support.split_off(last.div_ceil(2)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gram::kernel_gram;
    use crate::kernel::KernelSpec;

    fn operator(points: &DMatrix<f64>) -> (KernelOperator, DMatrix<f64>) {
        let kernel: KernelSpec = "matern32:1".parse().unwrap();
        (
            KernelOperator::new(&kernel, points),
            kernel_gram(&kernel, points),
        )
    }

    #[test]
    fn all_predecessors_give_the_inverse() {
        let points = DMatrix::from_fn(2, 12, |i, j| ((5 * i + 3 * j + i * j) as f64).sin());
        let (operator, gram) = operator(&points);
        let product = LocalInverse::new(&operator, 12).apply(&gram);
        // Condition number below 1e4.
        assert!((product - DMatrix::identity(12, 12)).amax() < 1e-9);
    }

    #[test]
    fn no_neighbours_give_the_identity() {
        let points = DMatrix::from_fn(1, 5, |_, j| j as f64);
        let (operator, gram) = operator(&points);
        assert_eq!(LocalInverse::new(&operator, 0).apply(&gram), gram);
    }

    #[test]
    fn the_start_is_where_points_are_close() {
        // The last two are close: their difference is nearly the lowest eigenvector.
        let points = nalgebra::dmatrix![0.0, 3.0, 6.0, 9.0, 9.01];
        let (operator, gram) = operator(&points);
        let start = LocalInverse::new(&operator, 2).start(2);
        assert_eq!(start.shape(), (5, 2));
        let first = start.column(0).normalize();
        let quotient = first.dot(&(&gram * &first));
        let smallest = gram.symmetric_eigenvalues().min();
        assert!(quotient <= 1.001 * smallest, "{quotient:e} {smallest:e}");
        assert!(start.column(1).norm() > 0.0 && start.column(1) != start.column(0));
    }

    #[test]
    fn equal_points_are_left_out_of_each_other() {
        let points = nalgebra::dmatrix![1.0, 1.0, 1.0, 2.0];
        let (operator, _) = operator(&points);
        let inverse = LocalInverse::new(&operator, 3);
        assert!(
            inverse
                .apply(&DMatrix::identity(4, 4))
                .iter()
                .all(|x| x.is_finite())
        );
        assert_eq!(inverse.rows[1].support.last(), Some(&1));
    }
}
