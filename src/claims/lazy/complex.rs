//! Complex numbers as pairs of balls: states, scales and parameters off the real line.

use crate::arithmetic::{Ball, Real};
use std::ops::{Add, Mul, Neg, Sub};

/// `re + i·im`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Complex {
    pub re: Ball,
    pub im: Ball,
}

impl Complex {
    pub fn new(re: f64, im: f64) -> Self {
        Self {
            re: Ball::from(re),
            im: Ball::from(im),
        }
    }

    /// `e^{it}` of a length.
    pub fn polar(length: Ball, angle: f64) -> Self {
        let (sine, cosine) = Ball::from(angle).sin_cos();
        Self {
            re: length * cosine,
            im: length * sine,
        }
    }

    pub fn square_of_modulus(self) -> Ball {
        self.re.square() + self.im.square()
    }

    /// A real multiple.
    pub fn times(self, factor: Ball) -> Self {
        Self {
            re: factor * self.re,
            im: factor * self.im,
        }
    }
}

/// The Euclidean norm of complex coordinates.
pub(super) fn norm(coordinates: &[Complex]) -> Ball {
    let squares = coordinates.iter().map(|z| z.square_of_modulus());
    squares.sum::<Ball>().sqrt()
}

impl From<f64> for Complex {
    fn from(x: f64) -> Self {
        Self::new(x, 0.0)
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            re: self.re + other.re,
            im: self.im + other.im,
        }
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }
}

impl Neg for Complex {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            re: -self.re,
            im: -self.im,
        }
    }
}

impl Real for Complex {
    /// By the addition theorems, with `cos iy = cosh y` and `sin iy = i sinh y`.
    fn sin_cos(self) -> (Self, Self) {
        let (sine, cosine) = self.re.sin_cos();
        let half = Ball::from(0.5);
        let (up, down) = (half * self.im.exp(), half * (-self.im).exp());
        let (even, odd) = (up + down, up - down);
        (
            Self {
                re: sine * even,
                im: cosine * odd,
            },
            Self {
                re: cosine * even,
                im: -(sine * odd),
            },
        )
    }

    fn reciprocal_root(n: f64) -> Self {
        Self {
            re: Ball::reciprocal_root(n),
            im: Ball::from(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(found: Complex, re: f64, im: f64) {
        let close = |ball: Ball, x: f64| (ball.mid() - x).abs() < 1e-15 && ball.rad() < 1e-14;
        assert!(close(found.re, re) && close(found.im, im), "{found:?}");
    }

    #[test]
    fn products_and_lengths_are_those_of_complex_numbers() {
        let (a, b) = (Complex::new(1.0, 2.0), Complex::new(-3.0, 0.5));
        is(a * b, -4.0, -5.5);
        is(a - b, 4.0, 1.5);
        is(a.times(Ball::from(-2.0)), -2.0, -4.0);
        is(
            Complex::polar(Ball::from(2.0), std::f64::consts::FRAC_PI_2),
            0.0,
            2.0,
        );
        assert!(norm(&[a, b]).contains(14.25_f64.sqrt()));
        is(Complex::reciprocal_root(4.0), 0.5, 0.0);
    }

    /// `sin²z + cos²z = 1`, and `cos z + i sin z = e^{iz}`.
    #[test]
    fn sine_and_cosine_are_those_of_the_exponential() {
        let (sine, cosine) = Complex::new(0.7, -0.4).sin_cos();
        is(sine * sine + cosine * cosine, 1.0, 0.0);
        let wave = cosine + Complex::new(0.0, 1.0) * sine;
        let length = 0.4_f64.exp();
        is(wave, length * 0.7_f64.cos(), length * 0.7_f64.sin());
    }
}
