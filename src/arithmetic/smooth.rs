//! What the activations of a mean-field network need of a number.

use super::ball::Ball;
use super::{Dual, Real, UNIT_ROUNDOFF, gamma};
use std::f64::consts::FRAC_2_SQRT_PI;

/// A [`Real`] with the functions that activations are made of, and with inner products whose
/// order of summation is left open.
///
/// Over [`Ball`]s a result contains not only the exact number but every f64 that the same
/// expression gives when inner products are summed in any order, fused or not: the radius then bounds
/// the error of a batched implementation too.
pub trait Smooth: Real {
    /// Returns the hyperbolic tangent.
    fn tanh(self) -> Self;

    /// Returns the error function.
    fn erf(self) -> Self;

    /// Returns its derivative, `(2/√π)e^{−x²}`.
    fn erf_slope(self) -> Self;

    /// Returns `max(x, 0)`.
    fn rectified(self) -> Self;

    /// Returns 1 for positive numbers, else 0.
    fn step(self) -> Self;

    /// Returns sine and cosine, with room for an absolute error of `2u`: that of a vectorised loop.
    fn phase(self) -> (Self, Self) {
        self.sin_cos()
    }

    /// Returns the same number with room for one more rounding of it.
    fn loosened(self) -> Self {
        self
    }

    /// Returns `self + t Σ a_i b_i`.
    ///
    /// # Panics
    /// If the lengths differ.
    fn accumulated(self, t: Self, a: &[Self], b: &[Self]) -> Self {
        assert_eq!(a.len(), b.len(), "lengths of two vectors");
        let terms = a.iter().zip(b);
        self + t * terms.fold(Self::from(0.0), |sum, (&x, &y)| sum + x * y)
    }
}

impl Smooth for f64 {
    fn tanh(self) -> Self {
        f64::tanh(self)
    }

    fn erf(self) -> Self {
        libm::erf(self)
    }

    fn erf_slope(self) -> Self {
        FRAC_2_SQRT_PI * (-(self * self)).exp()
    }

    fn rectified(self) -> Self {
        self.max(0.0)
    }

    fn step(self) -> Self {
        f64::from(u8::from(self > 0.0))
    }
}

/// A function of slope at most `slope` and of values in `[−1, 1]`.
fn bounded(x: Ball, function: fn(f64) -> f64, slope: f64) -> Ball {
    let value = function(x.mid());
    let spread = (slope * x.rad()).min(2.0).next_up();
    Ball::new(value, if x.rad() == 0.0 { 0.0 } else { spread })
        .widened(super::ball::library_error(value))
}

impl Smooth for Ball {
    fn tanh(self) -> Self {
        bounded(self, f64::tanh, 1.0)
    }

    fn erf(self) -> Self {
        // The slope is at most 2/√π < 1.1285.
        bounded(self, libm::erf, 1.1285)
    }

    fn erf_slope(self) -> Self {
        // 2/√π is correctly rounded.
        let constant = Ball::new(FRAC_2_SQRT_PI, UNIT_ROUNDOFF * FRAC_2_SQRT_PI);
        constant * (-self.square()).exp()
    }

    fn rectified(self) -> Self {
        self.positive_part()
    }

    fn step(self) -> Self {
        if self.lower() > 0.0 {
            Self::from(1.0)
        } else if self.upper() <= 0.0 {
            Self::from(0.0)
        } else {
            Self::new(0.5, 0.5)
        }
    }

    fn phase(self) -> (Self, Self) {
        let (sine, cosine) = self.sin_cos();
        let more = 2.0 * UNIT_ROUNDOFF;
        (sine.widened(more), cosine.widened(more))
    }

    fn loosened(self) -> Self {
        self.widened(UNIT_ROUNDOFF * (self.mid().abs() + self.rad()))
    }

    fn accumulated(self, t: Self, a: &[Self], b: &[Self]) -> Self {
        assert_eq!(a.len(), b.len(), "lengths of two vectors");
        let size = |x: Ball| x.mid().abs() + x.rad();
        let (mut sum, mut absolute) = (Ball::from(0.0), 0.0);
        for (&x, &y) in a.iter().zip(b) {
            sum = sum + x * y;
            absolute += size(x) * size(y);
        }
        // k products and sums, the factor, the last sum, in any order: γ_{k+4} covers the two
        // roundings of this bound as well.
        let terms = size(self) + size(t) * absolute;
        (self + t * sum).widened(gamma(2 * a.len() + 6) * terms)
    }
}

impl<T: Smooth> Smooth for Dual<T> {
    fn tanh(self) -> Self {
        let value = self.value.tanh();
        let slope = T::from(1.0) - value * value;
        Self::new(value, slope * self.derivative)
    }

    fn erf(self) -> Self {
        Self::new(self.value.erf(), self.value.erf_slope() * self.derivative)
    }

    fn erf_slope(self) -> Self {
        let value = self.value.erf_slope();
        Self::new(
            value,
            -(T::from(2.0) * self.value * value) * self.derivative,
        )
    }

    fn rectified(self) -> Self {
        Self::new(self.value.rectified(), self.value.step() * self.derivative)
    }

    fn step(self) -> Self {
        Self::new(self.value.step(), T::from(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: [f64; 7] = [-2.5, -0.7, -1e-3, 0.0, 0.2, 0.9, 3.0];

    /// Taylor's series of erf, alternating: `(2/√π)Σ(−1)ⁿx^{2n+1}/(n!(2n+1))`.
    fn erf_series(x: f64) -> f64 {
        let (mut power, mut sum) = (x, 0.0);
        for n in 0..80 {
            sum += power / f64::from(2 * n + 1);
            power *= -x * x / f64::from(n + 1);
        }
        FRAC_2_SQRT_PI * sum
    }

    #[test]
    fn functions_agree_with_other_formulas() {
        for x in POINTS {
            // Terms of the series are below e^9; exponentials below e^6.
            let slack = 100.0 * UNIT_ROUNDOFF * (x * x).exp();
            assert!((Smooth::erf(x) - erf_series(x)).abs() <= slack, "{x}");
            let (up, down) = (x.exp(), (-x).exp());
            assert!((Smooth::tanh(x) - (up - down) / (up + down)).abs() <= 1e-15);
            assert_eq!(x.rectified(), if x > 0.0 { x } else { 0.0 });
            assert_eq!(x.step(), if x > 0.0 { 1.0 } else { 0.0 });
        }
    }

    /// Every point of the ball `x ± r` is mapped into the image, which is no wider than `slope` allows.
    #[test]
    fn balls_contain_the_images_of_their_members() {
        type Pair = (fn(Ball) -> Ball, fn(f64) -> f64, f64);
        let functions: [Pair; 5] = [
            (Smooth::tanh, Smooth::tanh, 1.0),
            (Smooth::erf, Smooth::erf, 1.1285),
            (Smooth::erf_slope, Smooth::erf_slope, 8.0),
            (Smooth::rectified, Smooth::rectified, 1.0),
            (|x| x.phase().1, f64::cos, 1.0),
        ];
        for (index, (ball, plain, slope)) in functions.into_iter().enumerate() {
            for x in POINTS {
                for r in [0.0, 1e-12, 1e-3] {
                    let image = ball(Ball::new(x, r));
                    for member in [x - r, x, x + r] {
                        assert!(image.contains(plain(member)), "{index}: {x} {r}");
                    }
                    assert!(image.rad() <= slope * r * 1.01 + 2e-14, "{index}: {x} {r}");
                }
            }
        }
        assert_eq!(Ball::from(1e9).tanh().mid(), 1.0);
        assert!(Ball::new(0.0, 1e9).tanh().rad() < 2.1);
        assert_eq!(Ball::new(0.5, 0.25).step(), Ball::from(1.0));
        assert_eq!(Ball::from(-0.5).step(), Ball::from(0.0));
        assert_eq!(Ball::from(0.0).step(), Ball::from(0.0));
        assert_eq!(Ball::new(0.0, 0.1).step(), Ball::new(0.5, 0.5));
    }

    #[test]
    fn derivatives_are_limits_of_quotients() {
        type Function = fn(Dual<f64>) -> Dual<f64>;
        let functions: [Function; 4] = [
            Smooth::tanh,
            Smooth::erf,
            Smooth::erf_slope,
            Smooth::rectified,
        ];
        for (index, function) in functions.into_iter().enumerate() {
            for x in [-1.3, -0.4, 0.3, 0.8] {
                let h = 1e-5;
                let at = |x| function(Dual::from(x)).value;
                let quotient = (at(x + h) - at(x - h)) / (2.0 * h);
                let derivative = function(Dual::variable(x)).derivative;
                // h²/6 of a third derivative below 10, and rounding 1e-16/h.
                assert!(
                    (derivative - quotient).abs() <= 2e-9 * 0.1 + 4e-11,
                    "{index} {x}"
                );
            }
        }
        assert_eq!(Dual::variable(0.5).step(), Dual::new(1.0, 0.0));
    }

    #[test]
    fn accumulated_sums_hold_any_order() {
        let n = 200;
        let a: Vec<f64> = (0..n).map(|i| (f64::from(i) * 1.7).sin() * 1e3).collect();
        let b: Vec<f64> = (0..n).map(|i| (f64::from(i) * 0.9).cos()).collect();
        let lift = |x: &[f64]| x.iter().map(|&x| Ball::from(x)).collect::<Vec<_>>();
        let start = Ball::from(0.1);
        let ball = start.accumulated(Ball::from(0.3), &lift(&a), &lift(&b));
        let forward: f64 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
        let backward: f64 = a.iter().zip(&b).rev().map(|(x, y)| x * y).sum();
        for sum in [forward, backward] {
            assert!(ball.contains(0.1 + 0.3 * sum));
            assert!(ball.contains(0.3f64.mul_add(sum, 0.1)));
        }
        assert_eq!(0.1.accumulated(0.3, &a, &b), 0.1 + 0.3 * forward);
        // At most γ_{2n+6} and the balls' own γ_{n}, twice, of terms that sum to less than 0.3·1e3·n.
        assert!(ball.rad() <= 2.0 * gamma(4 * n as usize) * 3e2 * f64::from(n));
        assert!(ball.rad() >= gamma(n as usize));
    }

    #[test]
    fn one_more_rounding_fits() {
        let x = Ball::new(3.0, 0.0).loosened();
        assert!(x.rad() >= 3.0 * UNIT_ROUNDOFF && x.rad() < 3.1 * UNIT_ROUNDOFF);
        assert_eq!(3.0.loosened(), 3.0);
        let (sine, cosine) = Ball::from(0.0).phase();
        assert!(sine.rad() >= 2.0 * UNIT_ROUNDOFF && cosine.rad() >= 2.0 * UNIT_ROUNDOFF);
    }
}
