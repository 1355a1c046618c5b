//! Vectors of balls.

use crate::arithmetic::Ball;

pub(super) fn norm(vector: &[Ball]) -> Ball {
    vector.iter().map(|x| x.square()).sum::<Ball>().sqrt()
}

pub(super) fn dot(a: &[Ball], b: &[Ball]) -> Ball {
    a.iter().zip(b).map(|(&x, &y)| x * y).sum()
}
