//! End points as balls, on a common scale.

use crate::arithmetic::Ball;
use crate::spectrum::certificate::{CertificateOptions, Direction, Endpoint};

/// What is asked of a certificate that stands for the number itself: far below the rounding of f64
/// estimates, and below the slack that sharp instances leave.
pub(super) fn narrow() -> CertificateOptions {
    CertificateOptions::default().with_relative_width(1e-12)
}

/// Numbers above `2^−SAFE` keep their digits, and their shares down to `2^−400` or so.
const SAFE: i64 = 600;

/// A power of two that numbers are divided by, so that none of them underflows.
#[derive(Clone, Copy)]
pub(super) struct Scale(i64);

impl Scale {
    /// One, for numbers well within the range of f64; else the scale on which the number lies in
    /// `[1, 2)`.
    pub fn of(size: Endpoint) -> Self {
        let exponent = size.exponent();
        Self(if exponent.abs() < SAFE { 0 } else { exponent })
    }

    /// A number, rounded if it is far below the scale.
    pub fn point(self, x: Endpoint, direction: Direction) -> f64 {
        Endpoint::new(x.mantissa(), x.exponent() - self.0).to_f64(direction)
    }

    /// The binary exponent of the scale.
    pub fn exponent(self) -> i64 {
        self.0
    }

    /// An interval.
    pub fn ball(self, lo: Endpoint, hi: Endpoint) -> Ball {
        Ball::from_bounds(
            self.point(lo, Direction::Down),
            self.point(hi, Direction::Up),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_scale_keeps_what_f64_cannot() {
        let (lo, hi) = (Endpoint::new(1.25, -3000), Endpoint::new(1.5, -3000));
        let scale = Scale::of(hi);
        assert_eq!(scale.point(lo, Direction::Down), 1.25);
        let ball = scale.ball(lo, hi);
        assert!(ball.contains(1.25) && ball.contains(1.5) && ball.rad() < 0.126);
        assert_eq!(scale.exponent(), -3000);
    }

    #[test]
    fn ordinary_numbers_are_left_as_they_are() {
        for exponent in [-599, -1, 0, 599] {
            assert_eq!(Scale::of(Endpoint::new(1.5, exponent)).exponent(), 0);
        }
        for exponent in [-600, 600] {
            assert_eq!(Scale::of(Endpoint::new(1.5, exponent)).exponent(), exponent);
        }
        let scale = Scale::of(Endpoint::ZERO);
        assert_eq!(scale.point(0.75.into(), Direction::Up), 0.75);
    }
}
