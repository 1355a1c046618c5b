//! Eigenvalues and singular values through `faer`, split into a fixed number of parts.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::{Mat, MatRef, Par};
use nalgebra::{DMatrix, DVector};

/// Parts of a step, whatever the number of threads: the sums of the parts are added up in order.
const PARTS: usize = 4;

/// Below this order one thread works alone.
const PARALLEL_ORDER: usize = 256;

fn parts(order: usize) -> Par {
    if order < PARALLEL_ORDER {
        Par::Seq
    } else {
        Par::rayon(PARTS)
    }
}

fn owned(a: MatRef<'_, f64>) -> DMatrix<f64> {
    DMatrix::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)])
}

fn diagonal(values: &Diag<f64>) -> DVector<f64> {
    DVector::from_fn(values.dim(), |j, _| values[j])
}

/// Eigenvalues of the symmetric matrix in the lower triangle, ascending; nothing, where the iteration does not
/// converge.
pub(crate) fn eigenvalues(a: MatRef<'_, f64>) -> Option<DVector<f64>> {
    let (order, par) = (a.nrows(), parts(a.nrows()));
    let mut values = Diag::zeros(order);
    let vectors = ComputeEigenvectors::No;
    let scratch = self_adjoint_evd_scratch::<f64>(order, vectors, par, Default::default());
    let mut memory = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut memory);
    self_adjoint_evd(a, values.as_mut(), None, par, stack, Default::default()).ok()?;
    Some(diagonal(&values))
}

/// The same with orthonormal eigenvectors.
pub(crate) fn eigen(a: MatRef<'_, f64>) -> Option<(DVector<f64>, DMatrix<f64>)> {
    let (order, par) = (a.nrows(), parts(a.nrows()));
    let (mut values, mut vectors) = (Diag::zeros(order), Mat::zeros(order, order));
    let wanted = ComputeEigenvectors::Yes;
    let scratch = self_adjoint_evd_scratch::<f64>(order, wanted, par, Default::default());
    let mut memory = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut memory);
    let u = Some(vectors.as_mut());
    self_adjoint_evd(a, values.as_mut(), u, par, stack, Default::default()).ok()?;
    Some((diagonal(&values), owned(vectors.as_ref())))
}

/// A thin singular value decomposition `USVᵀ`.
pub(crate) struct ThinSvd {
    pub u: DMatrix<f64>,
    pub values: DVector<f64>,
    pub v: DMatrix<f64>,
}

/// Decomposes a matrix; nothing, where the iteration does not converge.
pub(crate) fn thin_svd(a: MatRef<'_, f64>) -> Option<ThinSvd> {
    let (rows, columns) = a.shape();
    let size = rows.min(columns);
    let par = parts(size);
    let (mut u, mut v) = (Mat::zeros(rows, size), Mat::zeros(columns, size));
    let mut values = Diag::zeros(size);
    let thin = ComputeSvdVectors::Thin;
    let scratch = svd_scratch::<f64>(rows, columns, thin, thin, par, Default::default());
    let mut memory = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut memory);
    let (left, right) = (Some(u.as_mut()), Some(v.as_mut()));
    svd(
        a,
        values.as_mut(),
        left,
        right,
        par,
        stack,
        Default::default(),
    )
    .ok()?;
    Some(ThinSvd {
        u: owned(u.as_ref()),
        values: diagonal(&values),
        v: owned(v.as_ref()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{in_pools_of_any_size, view};

    fn symmetric(n: usize) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| ((i * j + 3 * (i + j)) as f64).sin())
    }

    /// Orders on both sides of [`PARALLEL_ORDER`] and of the library's own threshold, `k²/2 = 49152` columns left.
    #[test]
    fn decompositions_do_not_depend_on_the_number_of_threads() {
        for n in [20, PARALLEL_ORDER - 1, PARALLEL_ORDER, 313, 330, 400] {
            let a = symmetric(n);
            in_pools_of_any_size(|| eigenvalues(view(&a, false)).unwrap());
            in_pools_of_any_size(|| eigen(view(&a, false)).unwrap());
            let wide = a.columns(0, n * 2 / 3).into_owned();
            in_pools_of_any_size(|| {
                let found = thin_svd(view(&wide, false)).unwrap();
                (found.u, found.values, found.v)
            });
        }
    }

    #[test]
    fn parts_reproduce_the_matrix() {
        let n = PARALLEL_ORDER + 20;
        let a = symmetric(n);
        let (values, vectors) = eigen(view(&a, false)).unwrap();
        let again = &vectors * DMatrix::from_diagonal(&values) * vectors.transpose();
        // A few dozen roundings of a norm below n.
        let slack = 64.0 * n as f64 * f64::EPSILON;
        assert!((again - &a).amax() <= slack);
        assert!((eigenvalues(view(&a, false)).unwrap() - values).amax() <= slack);
        let svd = thin_svd(view(&a, false)).unwrap();
        let again = &svd.u * DMatrix::from_diagonal(&svd.values) * svd.v.transpose();
        assert!((again - &a).amax() <= slack);
    }
}
