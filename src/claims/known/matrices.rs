//! Families of matrices with their extreme eigenvalues.

use crate::arithmetic::{Ball, Real, pi};
use crate::kernel::MercerKernel;
use crate::theorem::{BuildError, Object, Subject};
use nalgebra::{DMatrix, DVector};

/// A family, and a member of it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims) enum KnownSpec {
    /// `2^e` times the path graph's Laplacian with both ends held: 2 on the diagonal, −1 beside it.
    Path {
        /// Rows.
        order: usize,
        /// `e`.
        exponent: i32,
    },
    /// `2^e min(i,j)`, from 1: full, and its Cholesky factor is all ones.
    Minima {
        /// Rows.
        order: usize,
        /// `e`.
        exponent: i32,
    },
    /// `LLᵀ` with ones on the diagonal of `L` and `−2^m` below: an eigenvalue of about `4^{−m(n−1)}`.
    Graded {
        /// Rows, `n`.
        order: usize,
        /// `m`.
        doublings: u32,
    },
    /// The Gram matrix of a kernel at points (one a row), known by a certificate of high precision.
    Points {
        /// The kernel.
        kernel: MercerKernel,
        /// The points.
        points: Vec<Vec<f64>>,
    },
}

/// What is known of a matrix.
#[derive(Clone, Debug)]
pub(in crate::claims) struct Known {
    pub(super) spec: KnownSpec,
}

impl Object for Known {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

/// Orders above are too slow for claims.
const LARGEST: usize = 2000;

impl Subject for Known {
    type Spec = KnownSpec;
    const HYPOTHESIS: &'static str = "object: a matrix of known eigenvalues";

    fn build(spec: &KnownSpec) -> Result<Self, BuildError> {
        let known = Self { spec: spec.clone() };
        let order = known.order();
        if order == 0 || order > LARGEST {
            return Err(format!("order {order} is none of 1 to {LARGEST}").into());
        }
        if let KnownSpec::Points { points, .. } = spec {
            let dimension = points[0].len();
            if dimension == 0 || points.iter().any(|point| point.len() != dimension) {
                return Err("points need as many coordinates each, and at least one".into());
            }
        }
        Ok(known)
    }
}

impl Known {
    pub(super) fn order(&self) -> usize {
        match &self.spec {
            KnownSpec::Path { order, .. }
            | KnownSpec::Minima { order, .. }
            | KnownSpec::Graded { order, .. } => *order,
            KnownSpec::Points { points, .. } => points.len(),
        }
    }

    /// The kernel and the points (q × N), if it is a Gram matrix.
    pub(super) fn points(&self) -> Option<(&MercerKernel, DMatrix<f64>)> {
        match &self.spec {
            KnownSpec::Points { kernel, points } => {
                let (samples, dimension) = (points.len(), points[0].len());
                let columns = DMatrix::from_fn(dimension, samples, |i, j| points[j][i]);
                Some((kernel, columns))
            }
            _ => None,
        }
    }

    /// The matrix, whose entries are exact; nothing, if it is a Gram matrix.
    pub(super) fn matrix(&self) -> Option<DMatrix<f64>> {
        let power = |exponent: i32| 2.0_f64.powi(exponent);
        Some(match self.spec {
            KnownSpec::Path { order, exponent } => {
                DMatrix::from_fn(order, order, |i, j| match i.abs_diff(j) {
                    0 => 2.0 * power(exponent),
                    1 => -power(exponent),
                    _ => 0.0,
                })
            }
            KnownSpec::Minima { order, exponent } => {
                DMatrix::from_fn(order, order, |i, j| (1 + i.min(j)) as f64 * power(exponent))
            }
            KnownSpec::Graded { order, doublings } => {
                let step = power(doublings as i32);
                DMatrix::from_fn(order, order, |i, j| match i.abs_diff(j) {
                    0 if i == 0 => 1.0,
                    0 => 1.0 + step * step,
                    1 => -step,
                    _ => 0.0,
                })
            }
            KnownSpec::Points { .. } => return None,
        })
    }

    /// The smallest eigenvalue of the matrix, enclosed; nothing, if it is a Gram matrix.
    pub(super) fn smallest(&self) -> Option<Ball> {
        match self.spec {
            KnownSpec::Path { order, exponent } => Some(path(order, 1) * power(exponent)),
            KnownSpec::Minima { order, exponent } => Some(minima(order, order) * power(exponent)),
            KnownSpec::Graded { order, doublings } => Some(graded(order, doublings)),
            KnownSpec::Points { .. } => None,
        }
    }

    /// The largest eigenvalue of the matrix, enclosed, where there is a closed form.
    pub(super) fn largest(&self) -> Option<Ball> {
        match self.spec {
            KnownSpec::Path { order, exponent } => Some(path(order, order) * power(exponent)),
            KnownSpec::Minima { order, exponent } => Some(minima(order, 1) * power(exponent)),
            KnownSpec::Graded { .. } | KnownSpec::Points { .. } => None,
        }
    }

    /// Vectors that are proposed in the place of an eigenvector: the right one, the next one, and one of no use.
    pub(super) fn proposals(&self) -> Vec<DVector<f64>> {
        let KnownSpec::Path { order, .. } = self.spec else {
            return vec![DVector::from_element(self.order(), 1.0)];
        };
        let angle = std::f64::consts::PI / (order + 1) as f64;
        let vector =
            |k: usize| DVector::from_fn(order, |i, _| ((i + 1) as f64 * k as f64 * angle).sin());
        if order > 200 {
            return vec![vector(1), vector(2)];
        }
        vec![
            vector(1),
            vector(2.min(order)),
            vector(order),
            DVector::from_element(order, 1.0),
            DVector::zeros(order),
        ]
    }
}

fn power(exponent: i32) -> Ball {
    Ball::from(2.0_f64.powi(exponent))
}

/// `2 − 2cos(kπ/(n+1)) = 4 sin²(kπ/(2n+2))`.
fn path(order: usize, k: usize) -> Ball {
    let angle = pi() * Ball::from(k as f64) / Ball::from(2.0 * (order + 1) as f64);
    Ball::from(4.0) * angle.sin_cos().0.square()
}

/// `1/(4 sin²((2k−1)π/(4n+2)))`: the inverse is the path with one end free.
fn minima(order: usize, k: usize) -> Ball {
    let angle = pi() * Ball::from((2 * k - 1) as f64) / Ball::from((4 * order + 2) as f64);
    Ball::from(1.0) / (Ball::from(4.0) * angle.sin_cos().0.square())
}

/// Between `1/τ` and `1/(τ − (n−1)/(2^m−1)²)`, `τ = tr (LLᵀ)⁻¹ = Σ_d (n−d)4^{md}`: see the page.
fn graded(order: usize, doublings: u32) -> Ball {
    let four = Ball::from(4.0_f64.powi(doublings as i32));
    let mut weight = Ball::from(1.0);
    let mut trace = Ball::from(0.0);
    for d in 0..order {
        trace = trace + Ball::from((order - d) as f64) * weight;
        weight = weight * four;
    }
    let gap = Ball::from(2.0_f64.powi(doublings as i32) - 1.0).square();
    let rest = Ball::from((order - 1) as f64) / gap;
    let one = Ball::from(1.0);
    let (lo, hi) = (one / trace, one / (trace - rest));
    Ball::from_bounds(lo.lower(), hi.upper())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::symmetric_eigen;

    #[test]
    fn closed_forms_are_the_eigenvalues() {
        for order in [1, 2, 3, 7, 20] {
            for spec in [
                KnownSpec::Path {
                    order,
                    exponent: -3,
                },
                KnownSpec::Minima { order, exponent: 2 },
            ] {
                let known = Known::build(&spec).unwrap();
                let eigen = symmetric_eigen(&known.matrix().unwrap()).unwrap();
                let last = eigen.values[order - 1];
                let close = |x: f64, y: Ball| (x - y.mid()).abs() <= 1e-13 * last;
                assert!(
                    close(eigen.values[0], known.smallest().unwrap()),
                    "{spec:?}"
                );
                assert!(close(last, known.largest().unwrap()), "{spec:?}");
            }
        }
    }

    #[test]
    fn graded_matrices_have_the_eigenvalue_of_a_quadratic() {
        // LLᵀ = (1, −2^m; −2^m, 1 + 4^m) has trace 2 + 4^m and determinant one.
        let known = Known::build(&KnownSpec::Graded {
            order: 2,
            doublings: 3,
        })
        .unwrap();
        let trace = 66.0_f64;
        let exact = 2.0 / (trace + (trace * trace - 4.0).sqrt());
        let ball = known.smallest().unwrap();
        assert!(
            ball.contains(exact) && ball.rad() < 0.01 * exact,
            "{ball:?}"
        );
        let deep = Known::build(&KnownSpec::Graded {
            order: 20,
            doublings: 4,
        })
        .unwrap();
        let ball = deep.smallest().unwrap();
        assert!(ball.rad() <= 1e-14 * ball.mid(), "{ball:?}");
        assert!((ball.mid().log2() + 152.0).abs() < 0.1);
    }

    #[test]
    fn what_is_no_matrix_is_refused() {
        for spec in [
            KnownSpec::Path {
                order: 0,
                exponent: 0,
            },
            KnownSpec::Points {
                kernel: "gaussian:1".parse().unwrap(),
                points: vec![vec![0.0], vec![]],
            },
        ] {
            assert!(Known::build(&spec).is_err());
        }
    }
}
