//! The operations that a network needs of a number.

use std::ops::{Add, Mul, Neg, Sub};

/// A number on which the slow reference network can run: `f64`, a
/// [`Ball`](super::Ball), or a [`Dual`](super::Dual) over either.
pub trait Real:
    Copy + From<f64> + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Neg<Output = Self>
{
    /// Returns sine and cosine.
    fn sin_cos(self) -> (Self, Self);

    /// Returns `1/√n` for an exactly given `n > 0`: constants of a network are
    /// of this form, and a ball must know that they are rounded.
    fn reciprocal_root(n: f64) -> Self;
}

impl Real for f64 {
    fn sin_cos(self) -> (Self, Self) {
        f64::sin_cos(self)
    }

    fn reciprocal_root(n: f64) -> Self {
        1.0 / n.sqrt()
    }
}
