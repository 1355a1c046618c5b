//! Eigenvalues that are exactly zero: the rank of a matrix, proved.
//!
//! Rounding can enclose a zero, never say that it is one. What says so is exact: let some rows of a symmetric matrix `A`
//! be kept such that every row is a combination of those, and `A₁₁` be the block of the kept rows and columns. Then
//! `A = (I X)ᵀA₁₁(I X)` for some `X`, so that `A` is positive semi-definite if and only if `A₁₁` is, and singular if a row
//! is left out. Where that is so, `λ_min(A) = 0`, and `A₁₁ ≻ 0` is a certificate like any other.
//!
//! Rows are left out for what they look like ([`dependent`]), or by an elimination modulo a prime whose result is then
//! proved over the integers ([`lifting`]).
//!
//! Section "Singular matrices" of `proofs/e1-certificate.md`.

mod dependent;
mod integers;
mod lifting;
mod modular;
mod settle;
mod word;

pub(super) use dependent::independent_rows;
use integers::Integers;
use lifting::independent_columns;

use crate::kernel::short_dyadic;
use dashu_int::IBig;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt_pivoting::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::{MatMut, Par};
use nalgebra::DMatrix;

/// The rows and columns of the given indices.
pub(super) fn block(a: &DMatrix<f64>, kept: &[usize]) -> DMatrix<f64> {
    DMatrix::from_fn(kept.len(), kept.len(), |i, j| a[(kept[i], kept[j])])
}

/// An order of rows in which leading blocks are as well conditioned as a factorisation with the largest pivot first
/// finds them; the natural order, where there is no such factorisation. Whatever the order is, ranks are proved.
fn pivot_order(a: &DMatrix<f64>) -> Vec<usize> {
    let order = a.nrows();
    let mut factor = a.clone();
    let mut sequence: Vec<usize> = (0..order).collect();
    let mut inverse = vec![0_usize; order];
    let scratch = cholesky_in_place_scratch::<usize, f64>(order, Par::Seq, Default::default());
    let found = cholesky_in_place(
        MatMut::from_column_major_slice_mut(factor.as_mut_slice(), order, order),
        &mut sequence,
        &mut inverse,
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    );
    match found {
        Ok(_) => sequence,
        Err(_) => (0..order).collect(),
    }
}

/// The odd integer and the exponent of a finite number other than zero: `x = integer·2^exponent`.
fn odd_part(x: f64) -> (i64, i64) {
    let (integer, exponent) = short_dyadic(x);
    let zeros = integer.trailing_zeros();
    (integer >> zeros, exponent + i64::from(zeros))
}

/// `integer·2^shift` as a big integer.
fn big(integer: i64, shift: i64) -> IBig {
    IBig::from(integer) << shift as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_parts_are_the_number() {
        for x in [1.0, -3.0, 0.1, 1e300, 5e-324, -2.5e-310, 1048576.0] {
            let (integer, exponent) = odd_part(x);
            assert!(integer % 2 != 0);
            let halves = (exponent / 2) as i32;
            let rest = exponent as i32 - halves;
            let value = integer as f64 * 2.0_f64.powi(halves) * 2.0_f64.powi(rest);
            assert_eq!(value, x);
        }
        assert_eq!(odd_part(12.0), (3, 2));
    }

    #[test]
    fn pivots_come_in_the_order_of_their_size() {
        let a = DMatrix::from_diagonal(&nalgebra::dvector![1.0, 5.0, 0.0, 3.0]);
        assert_eq!(&pivot_order(&a)[..3], [1, 3, 0]);
        // No factorisation of what is indefinite.
        assert_eq!(pivot_order(&-a), [0, 1, 2, 3]);
    }
}
