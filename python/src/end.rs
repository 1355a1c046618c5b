//! The end of an interval as Python's integers: a number times a power of two.

use polyak::arithmetic::Ball;
use polyak::spectrum::certificate::Endpoint;

/// `integer · 2^exponent`.
pub type End = (i64, i64);

/// The same number, exactly.
pub fn exactly(end: Endpoint) -> End {
    // A mantissa in [1, 2) has 52 binary places.
    ((end.mantissa() * 2f64.powi(52)) as i64, end.exponent() - 52)
}

/// Both ends of a bounded ball.
pub fn ends(ball: Ball) -> Option<[End; 2]> {
    let (lo, hi) = (ball.lower(), ball.upper());
    let bounded = lo.is_finite() && hi.is_finite();
    bounded.then(|| [lo, hi].map(|end| exactly(end.into())))
}
