//! Dual numbers: forward-mode differentiation.
//!
//! Written here, in forty lines, because the published crates differentiate
//! over machine floats only, and the checks need derivatives of [`Ball`]s.
//!
//! [`Ball`]: super::Ball

use super::Real;
use std::ops::{Add, Mul, Neg, Sub};

/// A value and its derivative along one direction.
///
/// # Example
/// ```
/// use polyak::arithmetic::{Dual, Real};
/// let x = Dual::variable(0.5);
/// let (sine, _) = (x * x).sin_cos();
/// assert!((sine.derivative - 2.0 * 0.5 * 0.25_f64.cos()).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<T> {
    /// The value.
    pub value: T,
    /// The derivative.
    pub derivative: T,
}

impl<T: Real> Dual<T> {
    /// Creates a number with the given derivative.
    pub fn new(value: T, derivative: T) -> Self {
        Self { value, derivative }
    }

    /// Creates the variable of differentiation: derivative one.
    pub fn variable(value: T) -> Self {
        Self::new(value, T::from(1.0))
    }
}

impl<T: Real> From<f64> for Dual<T> {
    fn from(value: f64) -> Self {
        Self::new(T::from(value), T::from(0.0))
    }
}

impl<T: Real> Add for Dual<T> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.value + other.value, self.derivative + other.derivative)
    }
}

impl<T: Real> Sub for Dual<T> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.value - other.value, self.derivative - other.derivative)
    }
}

impl<T: Real> Mul for Dual<T> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(
            self.value * other.value,
            self.derivative * other.value + self.value * other.derivative,
        )
    }
}

impl<T: Real> Neg for Dual<T> {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.value, -self.derivative)
    }
}

impl<T: Real> Real for Dual<T> {
    fn sin_cos(self) -> (Self, Self) {
        let (sine, cosine) = self.value.sin_cos();
        (
            Self::new(sine, cosine * self.derivative),
            Self::new(cosine, -sine * self.derivative),
        )
    }

    fn reciprocal_root(n: f64) -> Self {
        Self::new(T::reciprocal_root(n), T::from(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Ball;

    /// `f(x) = sin(x²)·cos(x) − x` and its first two derivatives by hand.
    fn composite<T: Real>(x: T) -> T {
        let (sine, _) = (x * x).sin_cos();
        let (_, cosine) = x.sin_cos();
        sine * cosine - x
    }

    fn first(x: f64) -> f64 {
        2.0 * x * (x * x).cos() * x.cos() - (x * x).sin() * x.sin() - 1.0
    }

    fn second(x: f64) -> f64 {
        (2.0 * (x * x).cos() - 4.0 * x * x * (x * x).sin()) * x.cos()
            - 4.0 * x * (x * x).cos() * x.sin()
            - (x * x).sin() * x.cos()
    }

    #[test]
    fn derivatives_of_a_composite_lie_in_their_balls() {
        for x in [-1.3, -0.2, 0.0, 0.4, 1.7] {
            let inner = Dual::variable(Ball::from(x));
            let twice = Dual::new(inner, Dual::from(1.0));
            let y = composite(twice);
            // The closed forms themselves are rounded: at most 20 operations on terms below 16.
            let slack = 16.0 * crate::arithmetic::gamma(20);
            for (ball, exact) in [
                (y.value.value, composite(x)),
                (y.value.derivative, first(x)),
                (y.derivative.value, first(x)),
                (y.derivative.derivative, second(x)),
            ] {
                assert!((ball.mid() - exact).abs() <= ball.rad() + slack, "x = {x}");
                assert!(ball.rad() < 1e-13);
            }
        }
    }

    #[test]
    fn negation_and_constants() {
        let x = -Dual::variable(2.0);
        assert_eq!(x, Dual::new(-2.0, -1.0));
        assert_eq!(Dual::<f64>::from(3.0), Dual::new(3.0, 0.0));
        assert_eq!(x - Dual::from(1.0), Dual::new(-3.0, -1.0));
    }
}
