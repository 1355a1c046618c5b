//! Products with a Gram matrix that is never stored.

use super::panel::{PANEL, Points};
use crate::kernel::{Kernel, KernelSpec};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;

/// The Gram matrix of a radial kernel at points, as an operator.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::gram::{KernelOperator, kernel_gram};
/// let (kernel, points) = ("laplace:1".parse()?, dmatrix![0.0, 1.0, 3.0]);
/// let x = dmatrix![1.0; -2.0; 0.5];
/// let product = KernelOperator::new(&kernel, &points).apply(&x);
/// assert!((product - kernel_gram(&kernel, &points) * x).amax() < 1e-15);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[derive(Debug)]
pub struct KernelOperator {
    kernel: KernelSpec,
    points: Points,
}

impl KernelOperator {
    /// The operator of the columns of `points` (q × N).
    #[must_use]
    pub fn new<'a>(kernel: &KernelSpec, points: impl Into<DMatrixView<'a, f64>>) -> Self {
        Self {
            kernel: *kernel,
            points: Points::new(points),
        }
    }

    /// N.
    #[must_use]
    pub fn order(&self) -> usize {
        self.points.len()
    }

    /// The kernel.
    pub(crate) fn kernel(&self) -> &KernelSpec {
        &self.kernel
    }

    /// The points (q × N), less the one that is in the middle of their list.
    pub(crate) fn centred(&self) -> &DMatrix<f64> {
        self.points.centred()
    }

    /// Returns `KX` for a block `X` (N × b).
    ///
    /// # Guarantee
    /// Entries as in [`kernel_gram`](super::kernel_gram), then sums of N products: each is off by at
    /// most `γ_{N+2}(|K||X|)` besides. The same for any number of threads.
    ///
    /// # Panics
    /// If `X` has not N rows.
    ///
    /// # Cost
    /// N² kernel values and `2N²b` operations, on all cores; memory `64 N` numbers a thread.
    pub fn apply(&self, x: &DMatrix<f64>) -> DMatrix<f64> {
        let (order, columns) = (self.order(), x.ncols());
        assert_eq!(x.nrows(), order, "a block of {} rows", x.nrows());
        if order == 0 || columns == 0 {
            return DMatrix::zeros(order, columns);
        }
        // Rows of the product side by side: a panel of the symmetric matrix gives 64 of them.
        let mut transposed = DMatrix::zeros(columns, order);
        let x = MatRef::from_column_major_slice(x.as_slice(), order, columns);
        (transposed.as_mut_slice())
            .par_chunks_mut(PANEL * columns)
            .enumerate()
            .for_each_init(Vec::new, |panel, (index, rows)| {
                let width = rows.len() / columns;
                panel.resize(width * order, 0.0);
                self.points.values(&self.kernel, index * PANEL, 0, panel);
                matmul(
                    MatMut::from_column_major_slice_mut(rows, columns, width),
                    Accum::Replace,
                    x.transpose(),
                    MatRef::from_column_major_slice(panel, order, width),
                    1.0,
                    Par::Seq,
                );
            });
        transposed.transpose()
    }

    /// For every point, its `count` nearest predecessors (fewer, if there are fewer), nearest first
    /// (ties by number).
    ///
    /// # Cost
    /// N²/2 squared distances, on all cores; memory as [`apply`](Self::apply).
    pub(crate) fn nearest_predecessors(&self, count: usize) -> Vec<Vec<usize>> {
        let order = self.order();
        let panels = order.div_ceil(PANEL);
        let of_panel = |index: usize| {
            let first = index * PANEL;
            let width = PANEL.min(order - first);
            let mut panel = vec![0.0; width * order];
            self.points.squared_distances(first, 0, &mut panel);
            let columns = panel.chunks_exact(order).zip(first..);
            let nearest = columns.map(|(distances, j)| smallest(&distances[..j], count));
            nearest.collect::<Vec<_>>()
        };
        (0..panels)
            .into_par_iter()
            .flat_map_iter(of_panel)
            .collect()
    }

    /// The Gram matrix of some of the points, in their order.
    pub(crate) fn minor(&self, chosen: &[usize]) -> DMatrix<f64> {
        let points = self.points.centred();
        DMatrix::from_fn(chosen.len(), chosen.len(), |i, j| {
            let difference = points.column(chosen[i]) - points.column(chosen[j]);
            self.kernel.profile(difference.norm_squared())
        })
    }
}

/// Positions of the smallest numbers, in ascending order of the numbers.
fn smallest(numbers: &[f64], count: usize) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..numbers.len()).collect();
    let compare = |a: &usize, b: &usize| numbers[*a].total_cmp(&numbers[*b]).then(a.cmp(b));
    if count < positions.len() {
        positions.select_nth_unstable_by(count, compare);
        positions.truncate(count);
        // N results are kept: each must not keep N places.
        positions.shrink_to_fit();
    }
    positions.sort_unstable_by(compare);
    positions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::gamma;
    use crate::gram::kernel_gram;

    fn points(dimension: usize, samples: usize, offset: f64) -> DMatrix<f64> {
        DMatrix::from_fn(dimension, samples, |i, j| {
            ((i * 31 + j * 17 + i * j * 5) as f64).sin() + offset
        })
    }

    #[test]
    fn nearest_positions_keep_no_more_places_than_they_need() {
        let numbers: Vec<f64> = (0..1000).map(|i| f64::from(i * 7 % 1000)).collect();
        let nearest = smallest(&numbers, 3);
        assert_eq!(nearest, [0, 143, 286]);
        assert!(nearest.capacity() < 100, "{}", nearest.capacity());
    }

    #[test]
    fn products_are_those_of_the_stored_matrix() {
        for (samples, columns) in [(1, 1), (2, 3), (63, 1), (64, 2), (65, 5), (200, 4)] {
            for name in ["gaussian:0.8", "matern32:1.3", "imq:0.5"] {
                for offset in [0.0, 1e6] {
                    let kernel: KernelSpec = name.parse().unwrap();
                    let z = points(3, samples, offset);
                    let x = points(samples, columns, 0.0);
                    let product = KernelOperator::new(&kernel, &z).apply(&x);
                    let stored = kernel_gram(&kernel, &z) * &x;
                    // Entries of both within 1e-13 of exact, sums of N numbers below one.
                    let error = samples as f64 * (2e-13 + 2.0 * gamma(samples + 2));
                    assert!((product - stored).amax() <= error, "{name} {samples}");
                }
            }
        }
        let kernel = "gaussian:1".parse().unwrap();
        let none = KernelOperator::new(&kernel, &DMatrix::zeros(2, 0));
        assert_eq!(none.apply(&DMatrix::zeros(0, 3)).shape(), (0, 3));
        let some = KernelOperator::new(&kernel, &DMatrix::zeros(2, 5));
        assert_eq!(some.apply(&DMatrix::zeros(5, 0)).shape(), (5, 0));
    }

    #[test]
    fn unit_vectors_have_the_exact_diagonal() {
        let kernel: KernelSpec = "gaussian:0.3".parse().unwrap();
        let z = points(2, 130, 1e6);
        let columns = KernelOperator::new(&kernel, &z).apply(&DMatrix::identity(130, 130));
        assert!(columns.diagonal().iter().all(|x| *x == 1.0));
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let kernel: KernelSpec = "gaussian:0.3".parse().unwrap();
        let operator = KernelOperator::new(&kernel, &points(4, 300, 0.0));
        let x = points(300, 3, 0.0);
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| operator.apply(&x))
        };
        assert_eq!(run(1), run(3));
    }

    #[test]
    fn predecessors_come_nearest_first() {
        let kernel: KernelSpec = "gaussian:1".parse().unwrap();
        let line = nalgebra::dmatrix![0.0, 5.0, 1.0, 4.0, 2.0];
        let operator = KernelOperator::new(&kernel, &line);
        let expected: [&[usize]; 5] = [&[], &[0], &[0, 1], &[1, 2], &[2, 0]];
        assert_eq!(operator.nearest_predecessors(2), expected);
        assert_eq!(operator.nearest_predecessors(9)[4], [2, 0, 3, 1]);
        let many = KernelOperator::new(&kernel, &points(2, 150, 0.0));
        let slow = |j: usize| {
            let z = points(2, 150, 0.0);
            let distance = |i: &usize| (z.column(*i) - z.column(j)).norm_squared();
            let mut all: Vec<usize> = (0..j).collect();
            all.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
            all.truncate(4);
            all
        };
        let fast = many.nearest_predecessors(4);
        assert!((0..150).all(|j| fast[j] == slow(j)));
    }

    #[test]
    fn minors_are_parts_of_the_matrix() {
        let kernel: KernelSpec = "matern52:1".parse().unwrap();
        let z = points(2, 9, 0.0);
        let gram = kernel_gram(&kernel, &z);
        let minor = KernelOperator::new(&kernel, &z).minor(&[7, 2, 4]);
        for (i, a) in [7, 2, 4].into_iter().enumerate() {
            for (j, b) in [7, 2, 4].into_iter().enumerate() {
                assert!((minor[(i, j)] - gram[(a, b)]).abs() < 1e-13);
            }
        }
    }

    #[test]
    #[should_panic(expected = "a block of 2 rows")]
    fn blocks_must_fit() {
        let kernel = "gaussian:1".parse().unwrap();
        KernelOperator::new(&kernel, &DMatrix::zeros(1, 3)).apply(&DMatrix::zeros(2, 1));
    }
}
