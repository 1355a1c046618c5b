//! Version 4 takes a minorant of the kernel that vanishes beyond `δ`.
//!
//! With `h` the first Dirichlet eigenfunction of the ball of radius `δ/2`, the function
//! `g = r²h∗h + Δ(h∗h)` vanishes at distances beyond `δ`, so that its Gram matrix is `g(0)·Id`, and its
//! transform is positive at frequencies below `r` only. Scaled below `ψ̂` it gives
//!
//! ```text
//! λ_min ≥ 2^(3q/2−2)·Γ(q/2)·j²·δ^(−q)·(1 − y₁/Y)·inf ψ̂/[(1 − y/Y)H(y)²] over 0 ≤ y < Y
//! ```
//! in `y = (δω/2)²`, with `y_n = j_(q/2−1,n)²`, `j² = y₁`, `Y = (δr/2)² > y₁` and
//! `H(y) = Λ_(q/2−1)(√y)/(1 − y/y₁) = Π(1 − y/y_n)` over `n ≥ 2`.
//!
//! Below `y₂` minus the logarithm of every factor of the denominator is convex in `y`, and so is `ln ψ̂`:
//! the infimum is a one-dimensional convex programme, and no grid is needed. Its minimiser moves right as
//! `Y` grows, and by the envelope theorem the bound grows with `Y` as long as the minimiser is left of
//! `y₁`. So the best `Y ≤ y₂` puts it exactly at `y₁`, where `(ln H)' = −q/4y₁`:
//!
//! ```text
//! 1/(Y − y₁) = −(ln ψ̂)'(y₁) − q/(2y₁),   λ_min ≥ 2^(3q/2−2)·Γ(q/2)·j²·δ^(−q)·ψ̂(2j/δ)/H(y₁)²
//! ```
//! if that `Y` is at most `y₂`; otherwise `Y = y₂`.

use super::{LogBound, bessel, bessel_zero, minorant, where_proved};
use crate::arithmetic::{Ball, ln_half_gamma};
use crate::kernel::KernelSpec;

/// Returns the sharp bound, the largest over `2j/δ < r ≤ 2j_(q/2−1,2)/δ`, and the `r` that attains it;
/// the bound holds whatever the number of points. It returns nothing in dimensions (above several hundred) whose
/// Bessel zeros are not enclosed.
///
/// Points that are `δ`-separated are also `δ'`-separated for `δ' < δ`: beyond the separation at which the
/// formula is largest, about `2j/√q` bandwidths, it is evaluated there.
///
/// # Guarantee
/// Certified, see [`LogBound`]; `r` is the one evaluated, to rounding. In one dimension the bound is that
/// of the infinite lattice up to the share `e^{−4π²σ²/δ²}` (Gaussian).
///
/// # Cost
/// About `40q² + 10⁴` operations, for the zeros of the Bessel function.
///
/// # Example
/// ```
/// use polyak::bounds::separation::sharp;
/// let kernel = "gaussian:1".parse()?;
/// let (bound, radius) = sharp(&kernel, 1, 0.25);
/// // The lattice: 2√(2π)(σ/δ)e^{−π²σ²/2δ²} and smaller terms.
/// let pi = std::f64::consts::PI;
/// let lattice = (8.0 * (2.0 * pi).sqrt()).ln() - 8.0 * pi * pi;
/// assert!((bound.ln() - lattice).abs() < 1e-9);
/// assert!(radius > pi / 0.25);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[must_use]
pub fn sharp(kernel: &KernelSpec, dimension: usize, delta: f64) -> (LogBound, f64) {
    let Some((unit, ratio)) = where_proved(&minorant(dimension), kernel, delta) else {
        return (LogBound::NOTHING, f64::INFINITY);
    };
    let ball = DirichletBall::new(dimension);
    if !ball.squares.iter().all(|y| y.is_bounded()) {
        return (LogBound::NOTHING, f64::INFINITY);
    }
    let ratio = ratio.min(Ball::from(ball.best_ratio()));
    let minorant = Minorant {
        kernel: unit,
        ratio,
        ball: &ball,
    };
    let (log, reach) = minorant.log_bound();
    let radius = 2.0 * reach.sqrt() / ratio.mid() / kernel.bandwidth();
    (LogBound::of_log(log), radius)
}

/// What the bound needs of the ball of radius one in `R^q`: `y₁`, `y₂` and `H`.
#[derive(Debug)]
struct DirichletBall {
    dimension: usize,
    order: f64,
    /// `j_{q/2−1,1}`.
    first: Ball,
    /// `y₁` and `y₂`.
    squares: [Ball; 2],
}

impl DirichletBall {
    fn new(dimension: usize) -> Self {
        let order = 0.5 * dimension as f64 - 1.0;
        let first = bessel_zero(order, 1);
        Self {
            dimension,
            order,
            first,
            squares: [first.square(), bessel_zero(order, 2).square()],
        }
    }

    fn q(&self) -> Ball {
        Ball::from(self.dimension as f64)
    }

    /// `ln H` and its derivative in `y` at an exactly given `x = √y < j`; in `y`, `Λ_ν' = −Λ_{ν+1}/(4(ν+1))`.
    fn log_h(&self, x: f64) -> (Ball, Ball) {
        let y1 = self.squares[0];
        let gap = y1 - Ball::from(x).square();
        let at = bessel(self.order, x);
        let log = (at.value * y1 / gap).ln();
        let slope = Ball::from(1.0) / gap - at.next / (Ball::from(2.0) * self.q() * at.value);
        (log, slope)
    }

    /// `ln H(y₁) = ln(y₁Λ_{ν+1}(j)/2q)`; `Λ_{ν+1}` decreases up to its own first zero, beyond `j`.
    fn log_h_at_first(&self) -> Ball {
        let at = |x: f64| bessel(self.order, x).next;
        let next = Ball::from_bounds(
            at(self.first.upper()).lower(),
            at(self.first.lower()).upper(),
        );
        (self.squares[0] * next / (Ball::from(2.0) * self.q())).ln()
    }

    /// The root in `(0, (1 − 10⁻⁴)j)` of an increasing function of `x`, or the end that is nearest.
    fn root(&self, increasing: impl Fn(f64) -> f64) -> f64 {
        let (mut below, mut above) = (0.0, self.first.mid() * (1.0 - 1e-4));
        for _ in 0..50 {
            let middle = 0.5 * (below + above);
            if increasing(middle) < 0.0 {
                below = middle;
            } else {
                above = middle;
            }
        }
        below
    }

    /// The `δ/σ` at which the bound is largest, whatever the kernel: `2√(y/q)` at the root of
    /// `−q/2y + 1/(y₂−y) − 2(ln H)'(y)`. Any value is sound.
    fn best_ratio(&self) -> f64 {
        let (q, y2) = (self.dimension as f64, self.squares[1].mid());
        let x = self.root(|x| {
            let y = x * x;
            1.0 / (y2 - y) - 0.5 * q / y - 2.0 * self.log_h(x).1.mid()
        });
        2.0 * x / q.sqrt()
    }
}

/// The bound for a kernel of bandwidth one.
#[derive(Debug)]
struct Minorant<'a> {
    kernel: KernelSpec,
    /// `δ/σ`.
    ratio: Ball,
    ball: &'a DirichletBall,
}

impl Minorant<'_> {
    /// `ln ψ̂` and its derivative in `y` at `√y = x`, that is at `ω = 2x/δ`.
    fn log_density(&self, x: Ball) -> (Ball, Ball) {
        let frequency = Ball::from(2.0) * x / self.ratio;
        let scale = Ball::from(4.0) / self.ratio.square();
        let q = self.ball.dimension;
        (
            self.kernel.log_spectral_density(q, frequency),
            scale * self.kernel.log_spectral_slope(q, frequency),
        )
    }

    /// The logarithm of the bound, and the `Y` that it was evaluated at.
    fn log_bound(&self) -> (Ball, f64) {
        let ball = self.ball;
        let [y1, y2] = ball.squares;
        let [one, two] = [1.0, 2.0].map(Ball::from);
        let q = ball.q();
        let constant =
            (q * Ball::from(1.5) - two) * two.ln() + ln_half_gamma(ball.dimension) + y1.ln()
                - q * self.ratio.ln();
        let (log, slope) = self.log_density(ball.first);
        let decay = -slope - q / (two * y1);
        if (decay * (y2 - y1)).lower() >= 1.0 {
            let reach = y1.mid() + 1.0 / decay.mid();
            return (constant + log - two * ball.log_h_at_first(), reach);
        }
        // Any Y is sound.
        let reach = y2.mid();
        let minimum = self.minimum(Ball::from(reach), decay);
        (
            constant + (one - y1 / Ball::from(reach)).ln() + minimum,
            reach,
        )
    }

    /// A lower bound of the convex `f = ln ψ̂ − ln(1 − y/Y) − 2ln H` on `[0, Y)`: the least value there
    /// of its tangent near the minimum, on `[0, y₁]` if `f'(y₁) = 1/(Y − y₁) − decay` is not negative.
    fn minimum(&self, reach: Ball, decay: Ball) -> Ball {
        let [one, two] = [1.0, 2.0].map(Ball::from);
        let y1 = self.ball.squares[0];
        let at = |x: f64| {
            let (log, slope) = self.log_density(Ball::from(x));
            let (log_h, slope_h) = self.ball.log_h(x);
            let gap = reach - Ball::from(x).square();
            let value = log - (gap / reach).ln() - two * log_h;
            (value, slope + one / gap - two * slope_h)
        };
        let x = self.ball.root(|x| at(x).1.mid());
        let (value, slope) = at(x);
        let y = Ball::from(x).square();
        let increases = (one / (reach - y1) - decay).lower() >= 0.0;
        let end = if increases { y1 } else { reach };
        let [rise, fall] = [slope, -slope].map(|s| Ball::from(s.upper().max(0.0)));
        value - fall * (end - y) - rise * y
    }
}

#[cfg(test)]
mod tests;
