//! The smallest eigenvalue of `K̂`, with probability: R3, R4, R4b.

use super::moments::distance;
use super::{ExponentialTail, gram_union};
use crate::arithmetic::Ball;
use crate::factor::named;
use crate::kernel::KernelSpec;
use crate::spectrum::{SpectrumError, eigenvalues, extreme_eigenvalues, largest_eigenvalue};
use nalgebra::DMatrix;
use rayon::prelude::*;
use std::fmt;

/// A bound of `P(λ_min(K̂) ≤ (1−ε)λ_min(K))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum WidthBound {
    /// R3: every entry by Hoeffding's inequality, and Weyl's.
    GramUnion,
    /// Bernstein's inequality for matrices: the variance `‖E X² − K²‖`.
    Bernstein,
    /// R4: Chernoff's inequality for matrices: the range `λ_max(X) ≤ N`.
    Chernoff,
    /// R4b: the second moment `E X²`, by `e^{−x} ≤ 1 − x + x²/2`.
    Variance,
    /// The second moment again, by a parabola that touches `e^{−x}` where the eigenvalues of `X` are.
    Tangent,
}

impl WidthBound {
    /// Every bound, in the order of the theory.
    pub const ALL: [Self; 5] = [
        Self::GramUnion,
        Self::Bernstein,
        Self::Chernoff,
        Self::Variance,
        Self::Tangent,
    ];
}

impl fmt::Display for WidthBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::GramUnion => "union (R3)",
            Self::Bernstein => "matrix Bernstein",
            Self::Chernoff => "matrix Chernoff (R4)",
            Self::Variance => "second moment (R4b)",
            Self::Tangent => "tangent parabola (R4b)",
        })
    }
}

/// What the bounds of `λ_min(K̂)` need to know of a kernel at given points: `K` and
/// `V = E X² = ½(NK + Q)`, `Q_ij = Σ_l ψ(z_i + z_j − 2z_l)`, for one summand
/// `X = cc^T + ss^T` of `mK̂`.
///
/// # Example
/// ```
/// use polyak::bounds::random_features::{Expressivity, WidthBound};
/// let points = nalgebra::DMatrix::from_row_slice(1, 3, &[0.0, 1.0, 2.5]);
/// let expressivity = Expressivity::try_new(&"gaussian:0.6".parse()?, &points)?;
/// // λ_min(K̂) > λ_min(K)/2 with probability 0.999, once there are this many frequencies:
/// let (bound, width) = expressivity.width(0.5, 1e-3)?.expect("λ_min(K) > 0");
/// assert_eq!(bound, WidthBound::Tangent);
/// let chernoff = expressivity.tail(WidthBound::Chernoff, 0.5)?;
/// assert!(width < chernoff.width(1e-3).unwrap());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Expressivity {
    gram: Uncertain,
    second: Uncertain,
    smallest: Ball,
    largest: Ball,
}

/// A symmetric matrix, and a bound of the error of its entries.
#[derive(Clone, Debug)]
struct Uncertain {
    matrix: DMatrix<f64>,
    error: f64,
}

impl Uncertain {
    /// From the entries of the upper triangle, in parallel.
    fn from_fn(order: usize, entry: impl Fn(usize, usize) -> Ball + Sync) -> Self {
        let column = |j: usize| (0..=j).map(|i| entry(i, j)).collect::<Vec<Ball>>();
        let columns: Vec<Vec<Ball>> = (0..order).into_par_iter().map(column).collect();
        let at = |i: usize, j: usize| columns[i.max(j)][i.min(j)].mid();
        let errors = columns.iter().flatten().map(|ball| ball.rad());
        Self {
            matrix: DMatrix::from_fn(order, order, at),
            error: errors.fold(0.0, f64::max),
        }
    }

    /// The entries `−pA + rB` of two matrices, rounded.
    fn combined(a: &Self, p: f64, b: &Self, r: f64) -> Self {
        let matrix = &b.matrix * r - &a.matrix * p;
        // Two products and a difference, of numbers no larger than these.
        let size = p * a.matrix.amax() + r * b.matrix.amax();
        let error = p * a.error + r * b.error + 4.0 * f64::EPSILON * size;
        Self {
            matrix,
            error: error.next_up(),
        }
    }

    /// The largest eigenvalue: entries off by `e` move it by at most `Ne`.
    fn largest(&self) -> Result<Ball, SpectrumError> {
        let slack = self.matrix.nrows() as f64 * self.error;
        Ok(largest_eigenvalue(&self.matrix)?
            .ball()
            .widened(slack.next_up()))
    }
}

impl Expressivity {
    /// Prepares the bounds at given points, q × N.
    ///
    /// # Errors
    /// Points that are not finite, or none; of a dimension in which the kernel is not known to be
    /// positive definite.
    ///
    /// # Cost
    /// `N³/2` values of the kernel, in ball arithmetic, and one eigendecomposition.
    pub fn try_new(kernel: &KernelSpec, points: &DMatrix<f64>) -> Result<Self, SpectrumError> {
        kernel.require_dimension(points.nrows())?;
        let order = points.ncols();
        let value = |distance: Ball| kernel.profile_ball(distance);
        let gram = Uncertain::from_fn(order, |i, j| {
            if i == j {
                Ball::from(1.0)
            } else {
                value(distance(points, i, j))
            }
        });
        let extremes = extreme_eigenvalues(&gram.matrix)?;
        let slack = (order as f64 * gram.error).next_up();
        let doubled = Doubled::of(points);
        let second = second_moment(&gram, order, |i, j, l| value(doubled.distance(i, j, l)));
        Ok(Self {
            smallest: extremes.smallest.ball().widened(slack),
            largest: extremes.largest.ball().widened(slack),
            gram,
            second,
        })
    }

    /// Returns the number of points.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.gram.matrix.nrows()
    }

    /// Returns an enclosure of `λ_min(K)`.
    #[must_use]
    pub fn smallest(&self) -> Ball {
        self.smallest
    }

    /// Returns an enclosure of `λ_max(K)`.
    #[must_use]
    pub fn largest(&self) -> Ball {
        self.largest
    }

    /// Returns one bound of `P(λ_min(K̂) ≤ (1−ε)λ_min(K))`; without a certainly positive rate if
    /// `λ_min(K)` is not certainly positive.
    ///
    /// # Arguments
    /// * `share`: `ε` in (0, 1).
    ///
    /// # Errors
    /// Those of eigenvalues.
    ///
    /// # Cost
    /// Some 60 eigendecompositions for the second moment's bounds, one or none for the others.
    pub fn tail(&self, bound: WidthBound, share: f64) -> Result<ExponentialTail, SpectrumError> {
        let samples = Ball::from(self.samples() as f64);
        let ln_constant = named("matrix tail: N", samples).ln();
        let rate = match bound {
            WidthBound::GramUnion => {
                let others = self.samples() as f64 - 1.0;
                let entry = named(
                    "entries: ελ/(N − 1)",
                    Ball::from(share) * self.smallest / Ball::from(others.max(1.0)),
                );
                // The rate grows with the deviation: the lower end of it is safe.
                return Ok(gram_union(self.samples(), entry.lower().max(0.0)));
            }
            WidthBound::Bernstein => self.bernstein(share)?,
            WidthBound::Chernoff => named(
                "Chernoff: λ/N",
                chernoff_exponent(share) * self.smallest / samples,
            ),
            WidthBound::Variance => self.parabola(share, false)?,
            WidthBound::Tangent => self.parabola(share, true)?,
        };
        Ok(ExponentialTail { ln_constant, rate })
    }

    /// Returns the bound of `P(λ_max(K̂) ≥ (1+ε)λ_max(K))` by [`largest_chernoff`].
    ///
    /// # Arguments
    /// * `share`: `ε > 0`.
    #[must_use]
    pub fn largest_tail(&self, share: f64) -> ExponentialTail {
        largest_chernoff(self.samples(), self.largest, share)
    }

    /// Returns the bound that says most of a model of `frequencies` frequencies, and the logarithm of the
    /// probability `P(λ_min(K̂) ≤ (1−ε)λ_min(K))` by it, rounded up and at most zero; `None` if every bound is
    /// trivial there, as it is if `λ_min(K)` is not certainly positive.
    ///
    /// # Errors and cost
    /// Those of [`tail`](Self::tail), summed.
    ///
    /// # Example
    /// ```
    /// use polyak::bounds::random_features::Expressivity;
    /// let points = nalgebra::DMatrix::from_row_slice(1, 3, &[0.0, 1.0, 2.5]);
    /// let expressivity = Expressivity::try_new(&"gaussian:0.6".parse()?, &points)?;
    /// let (_, width) = expressivity.width(0.5, 1e-3)?.expect("λ_min(K) > 0");
    /// let (_, ln_failure) = expressivity.ln_failure(0.5, width)?.expect("not trivial");
    /// assert!(ln_failure <= 1e-3_f64.ln());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ln_failure(
        &self,
        share: f64,
        frequencies: u64,
    ) -> Result<Option<(WidthBound, f64)>, SpectrumError> {
        let mut best: Option<(WidthBound, f64)> = None;
        for bound in WidthBound::ALL {
            let tail = self.tail(bound, share)?;
            let ln_failure = tail.ln_failure(frequencies).upper();
            if tail.rate.lower() > 0.0
                && ln_failure < 0.0
                && best.is_none_or(|(_, known)| ln_failure < known)
            {
                best = Some((bound, ln_failure));
            }
        }
        Ok(best)
    }

    /// Returns the bound that needs the fewest frequencies for a probability of failure of at most
    /// `failure`, and their number; `None` if `λ_min(K)` is not certainly positive.
    ///
    /// # Errors and cost
    /// Those of [`tail`](Self::tail), summed.
    pub fn width(
        &self,
        share: f64,
        failure: f64,
    ) -> Result<Option<(WidthBound, u64)>, SpectrumError> {
        let mut best: Option<(WidthBound, u64)> = None;
        for bound in WidthBound::ALL {
            if let Some(width) = self.tail(bound, share)?.width(failure)
                && best.is_none_or(|(_, known)| width < known)
            {
                best = Some((bound, width));
            }
        }
        Ok(best)
    }

    /// `t²/2/(σ² + λ_max(K)t/3)`, `t = ελ_min(K)`, `σ² = λ_max(V − K²)`.
    fn bernstein(&self, share: f64) -> Result<Ball, SpectrumError> {
        let order = self.samples();
        let balls =
            |matrix: &Uncertain, i: usize, j: usize| Ball::new(matrix.matrix[(i, j)], matrix.error);
        let variance = Uncertain::from_fn(order, |i, j| {
            let square: Ball = (0..order)
                .map(|l| balls(&self.gram, i, l) * balls(&self.gram, l, j))
                .sum();
            balls(&self.second, i, j) - square
        });
        let variance = variance.largest()?.positive_part();
        let deviation = (Ball::from(share) * self.smallest).positive_part();
        let spread = named("Bernstein: variance", variance)
            + named(
                "Bernstein: range/3",
                self.largest * deviation / Ball::from(3.0),
            );
        // The rate is increasing in t: the lower end of the deviation is safe.
        Ok(deviation.square() / (named("Bernstein: 2", Ball::from(2.0)) * spread))
    }

    /// `−(h(1−ε)λ + ln(1 + λ_max(−pK + rV)))` for the parabola `1 − px + rx²` that is one at 0 and touches
    /// `e^{−hx}` at `a ≥ 0`: above it on `[0, ∞)`. With `tangent` false `a = 0`, and the logarithm is
    /// bounded by its argument: R4b.
    fn parabola(&self, share: f64, tangent: bool) -> Result<Ball, SpectrumError> {
        let samples = self.samples() as f64;
        let smallest = self.smallest.lower();
        if !(smallest > 0.0 && share > 0.0 && share < 1.0) {
            return Ok(Ball::from(0.0));
        }
        let linear = (1.0 - share) * smallest;
        // Guides the search only: what it finds is evaluated in balls.
        let exponent = |h: f64, a: f64| -> f64 {
            let (p, r) = coefficients(h, a);
            let combined = Uncertain::combined(&self.gram, p.mid(), &self.second, r.mid());
            let top = eigenvalues(&combined.matrix).map_or(f64::INFINITY, |v| v.max());
            h * linear + if tangent { top.ln_1p() } else { top }
        };
        // u'Vu ≥ (u'Ku)² ≥ λ²: no h beyond 2ε/λ helps; and eigenvalues of X are at most N.
        let (lowest, highest) = (1e-2 * share / samples, 2.0 * share / smallest);
        let best_step = |a: f64| minimise(lowest, highest, |h| exponent(h, a));
        let mut touching = 0.0;
        let mut step = best_step(touching);
        if tangent {
            touching = 0.5 * samples;
            step = best_step(touching);
            touching = minimise(1e-2 * samples, samples, |a| exponent(step, a));
            step = best_step(touching);
        }
        let (p, r) = coefficients(step, touching);
        let combined = Uncertain::combined(&self.gram, p.mid(), &self.second, r.mid());
        let top = combined.largest()?.widened(moved(samples, p, r));
        let growth = if tangent {
            (Ball::from(1.0) + top).ln()
        } else {
            top
        };
        let threshold = Ball::from(1.0 - share) * self.smallest;
        Ok(-(named("parabola: threshold", Ball::from(step) * threshold)
            + named("parabola: growth", growth)))
    }
}

/// How far coefficients that are off move `λ_max(−pK + rV)`: `|δp|‖K‖ + |δr|‖V‖`, with `‖V‖ ≤ N²`.
fn moved(samples: f64, p: Ball, r: Ball) -> f64 {
    (p.rad() * samples + r.rad() * samples * samples).next_up()
}

/// `V = ½(NK + Q)`, entries `½(N K_ij + Σ_l ψ(z_i + z_j − 2z_l))`.
fn second_moment(
    gram: &Uncertain,
    order: usize,
    value: impl Fn(usize, usize, usize) -> Ball + Sync,
) -> Uncertain {
    let samples = Ball::from(order as f64);
    Uncertain::from_fn(order, |i, j| {
        let sum: Ball = (0..order).map(|l| value(i, j, l)).sum();
        let entry = Ball::new(gram.matrix[(i, j)], gram.error);
        (samples * entry + sum) / Ball::from(2.0)
    })
}

/// The distances `‖z_i + z_j − 2z_l‖` of points.
struct Doubled<'a> {
    points: &'a DMatrix<f64>,
    /// Squared distances of pairs.
    squares: Vec<Ball>,
}

impl<'a> Doubled<'a> {
    fn of(points: &'a DMatrix<f64>) -> Self {
        let order = points.ncols();
        let square = |index: usize| distance(points, index % order, index / order).square();
        let squares = (0..order * order).into_par_iter().map(square).collect();
        Self { points, squares }
    }

    fn square(&self, i: usize, j: usize) -> Ball {
        self.squares[j * self.points.ncols() + i]
    }

    /// By the parallelogram law, `2‖z_i − z_l‖² + 2‖z_j − z_l‖² − ‖z_i − z_j‖²`; where that cancels (`z_l` next
    /// to the middle of the others), by coordinates.
    fn distance(&self, i: usize, j: usize, l: usize) -> Ball {
        let sides = Ball::from(2.0) * (self.square(i, l) + self.square(j, l));
        let square = sides - self.square(i, j);
        if square.lower() > 1e-3 * sides.upper() {
            return square.sqrt();
        }
        let coordinate = |k: usize| {
            let [x, y, z] = [i, j, l].map(|column| Ball::from(self.points[(k, column)]));
            ((x - z) + (y - z)).square()
        };
        let squares = (0..self.points.nrows()).map(coordinate);
        squares.sum::<Ball>().sqrt()
    }
}

/// The parabola `1 − px + rx²` that touches `e^{−hx}` at `a`: `p = (2 − (2+t)e^{−t})/a`,
/// `r = (1 − (1+t)e^{−t})/a²`, `t = ha`; `p = h`, `r = h²/2` at `a = 0`.
fn coefficients(h: f64, a: f64) -> (Ball, Ball) {
    let (step, at) = (Ball::from(h), Ball::from(a));
    let number = Ball::from;
    let t = step * at;
    // Near zero the differences cancel: the tangent at zero is another parabola above.
    if t.mid() < 1e-3 {
        return (step, step.square() / number(2.0));
    }
    let decay = (-t).exp();
    let p = (number(2.0) - (number(2.0) + t) * decay) / at;
    let r = (number(1.0) - (number(1.0) + t) * decay) / at.square();
    (p, r)
}

/// R4's exponent, `ε + (1−ε)ln(1−ε)`.
fn chernoff_exponent(share: f64) -> Ball {
    let rest = Ball::from(1.0) - Ball::from(share);
    Ball::from(share) + named("Chernoff: (1 − ε)ln(1 − ε)", rest * rest.ln())
}

/// The upper half of the matrix Chernoff inequality:
/// `P(λ_max(K̂) ≥ (1+ε)λ_max(K)) ≤ N[e^ε(1+ε)^{−(1+ε)}]^{mλ_max(K)/N}`, `ε ≥ 0`.
///
/// # Arguments
/// * `largest`: `λ_max(K)`, or a lower bound of it for the rate alone.
///
/// # Source
/// Tropp, Found. Comput. Math. 12 (2012), Theorem 1.1; `proofs/r4-chernoff.md`.
#[must_use]
pub fn largest_chernoff(samples: usize, largest: Ball, share: f64) -> ExponentialTail {
    let samples = Ball::from(samples as f64);
    let more = Ball::from(1.0) + Ball::from(share);
    ExponentialTail {
        ln_constant: samples.ln(),
        rate: named(
            "largest Chernoff: rate",
            (more * more.ln() - Ball::from(share)) * largest / samples,
        ),
    }
}

/// The minimiser of a unimodal function of `ln x`, to a few per cent: the golden section.
fn minimise(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    const STEPS: usize = 24;
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (low.ln(), high.ln());
    let inner = |low: f64, high: f64| high - golden * (high - low);
    let outer = |low: f64, high: f64| low + golden * (high - low);
    let (mut x, mut y) = (inner(low, high), outer(low, high));
    let (mut at_x, mut at_y) = (f(x.exp()), f(y.exp()));
    for _ in 0..STEPS {
        if at_x <= at_y {
            (high, y, at_y) = (y, x, at_x);
            x = inner(low, high);
            at_x = f(x.exp());
        } else {
            (low, x, at_x) = (x, y, at_y);
            y = outer(low, high);
            at_y = f(y.exp());
        }
    }
    if at_x <= at_y { x.exp() } else { y.exp() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;
    use crate::features::FourierFeatures;
    use nalgebra::dmatrix;

    fn kernel(name: &str) -> KernelSpec {
        name.parse().unwrap()
    }

    fn points() -> DMatrix<f64> {
        dmatrix![0.0, 0.9, 0.3, -1.2; 0.0, 0.2, 1.1, 0.4]
    }

    fn expressivity() -> Expressivity {
        Expressivity::try_new(&kernel("gaussian:0.6"), &points()).unwrap()
    }

    /// `X = cc^T + ss^T` of one frequency.
    fn summand(features: &FourierFeatures, points: &DMatrix<f64>) -> DMatrix<f64> {
        let phi = features.evaluate(points);
        phi.tr_mul(&phi)
    }

    #[test]
    fn doubled_distances_are_those_of_the_coordinates() {
        let points = points();
        let doubled = Doubled::of(&points);
        for (i, j, l) in (0..64).map(|k| (k % 4, k / 4 % 4, k / 16)) {
            let exact = (points.column(i) + points.column(j) - points.column(l) * 2.0).norm();
            let found = doubled.distance(i, j, l);
            assert!(
                (found.mid() - exact).abs() < 1e-13,
                "{i} {j} {l}: {found:?} {exact}"
            );
        }
    }

    #[test]
    fn the_second_moment_is_that_of_a_summand() {
        // A mean of 40,000 squares, entries at most N = 4: Hoeffding at 1e-9 allows
        // 4·√(2 ln(2·10⁹)/40000) = 0.131.
        let draws = 40_000;
        let (kernel, points) = (kernel("matern52:0.7"), points());
        let expressivity = Expressivity::try_new(&kernel, &points).unwrap();
        let mut mean = DMatrix::zeros(4, 4);
        let drawn = FourierFeatures::draw(&kernel, 2, draws, 5).unwrap();
        for frequency in drawn.frequencies().column_iter() {
            let one = DMatrix::from_column_slice(2, 1, frequency.into_owned().as_slice());
            let x = summand(&FourierFeatures::try_new(one).unwrap(), &points);
            mean += &x * &x / draws as f64;
        }
        let error = (mean - &expressivity.second.matrix).amax();
        assert!(error <= 0.131, "{error}");
        assert!(expressivity.second.error < 1e-12 && expressivity.gram.error < 1e-13);
        // N where nothing is random: the diagonal of XX is N on average over the diagonal.
        assert_eq!(expressivity.samples(), 4);
    }

    #[test]
    fn doubled_differences_are_those_of_coordinates() {
        // Generic points, one in the middle of two others, one next to it, and equal ones.
        let points = dmatrix![0.0, 1.0, 0.5, 0.5 + 1e-9, 1.0, -0.7;
                              0.3, 0.9, 0.6, 0.6, 0.9, 2.0];
        let doubled = Doubled::of(&points);
        for i in 0..6 {
            for j in 0..6 {
                for l in 0..6 {
                    let difference = points.column(i) + points.column(j) - points.column(l) * 2.0;
                    let found = doubled.distance(i, j, l);
                    assert!(
                        (found.mid() - difference.norm()).abs() <= found.rad() + 1e-15,
                        "{i} {j} {l}: {found:?}"
                    );
                    assert!(found.rad() <= 1e-12, "{i} {j} {l}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn eigenvalues_are_enclosed() {
        let found = expressivity();
        let gram =
            crate::gram::kernel_gram(&crate::kernel::Gaussian::try_new(0.6).unwrap(), &points());
        let values = eigenvalues(&gram).unwrap();
        assert!((found.smallest().mid() - values.min()).abs() < 1e-13);
        assert!((found.largest().mid() - values.max()).abs() < 1e-13);
        assert!(found.smallest().rad() < 1e-12 && found.smallest().rad() > 0.0);
    }

    #[test]
    fn two_far_points_have_closed_forms() {
        // K = I, V = 3/2 I, λ = 1, N = 2, K² = I.
        let far = dmatrix![0.0, 1e3];
        let found = Expressivity::try_new(&kernel("gaussian:1"), &far).unwrap();
        let rate = |bound| found.tail(bound, 0.5).unwrap();
        let ln_two = 2.0_f64.ln();
        let chernoff = (0.5 + 0.5 * 0.5_f64.ln()) / 2.0;
        assert_agrees(rate(WidthBound::Chernoff).rate, chernoff, 400);
        assert_agrees(rate(WidthBound::GramUnion).rate, 0.125, 400);
        // min_h −h/2 + 3h²/4 = −1/12.
        let variance = rate(WidthBound::Variance).rate;
        assert!((variance.mid() - 1.0 / 12.0).abs() < 1e-5 && variance.mid() <= 1.0 / 12.0 + 1e-12);
        // ½·¼/(½ + 1/6).
        assert_agrees(
            rate(WidthBound::Bernstein).rate,
            0.125 / (0.5 + 1.0 / 6.0),
            4000,
        );
        for bound in WidthBound::ALL {
            assert!(
                (rate(bound).ln_constant.mid() - ln_two).abs() < 1e-14,
                "{bound}"
            );
        }
        // E e^{−hX} = e^{−h}I₀(h): the best that any bound of this kind can do, and hardly better.
        let bessel = |h: f64| {
            (1..30)
                .rev()
                .fold(1.0, |s, k| 1.0 + s * (h / 2.0 / f64::from(k)).powi(2))
        };
        let best = (1..4000)
            .map(|i| f64::from(i) * 1e-3)
            .map(|h| 0.5 * h - bessel(h).ln())
            .fold(0.0, f64::max);
        let tangent = rate(WidthBound::Tangent).rate.mid();
        assert!(
            tangent <= best && tangent >= 0.85 * best,
            "{tangent} {best}"
        );
        assert!(tangent > variance.mid());
    }

    #[test]
    fn the_parabola_is_above_the_exponential_and_touches_it() {
        for h in [0.01, 0.5, 3.0] {
            for a in [0.0, 1e-4, 0.3, 2.0, 40.0] {
                let (p, r) = coefficients(h, a);
                let parabola = |x: f64| 1.0 - p.mid() * x + r.mid() * x * x;
                for i in 0..400 {
                    let x = f64::from(i) * 0.25;
                    assert!(parabola(x) >= (-h * x).exp() - 1e-12, "{h} {a} {x}");
                }
                if h * a >= 1e-3 {
                    assert!((parabola(a) - (-h * a).exp()).abs() < 1e-11, "{h} {a}");
                    let slope = 2.0 * r.mid() * a - p.mid();
                    assert!((slope + h * (-h * a).exp()).abs() < 1e-9, "{h} {a}");
                }
                assert!(p.rad() < 1e-9 && r.rad() < 1e-6);
            }
        }
    }

    #[test]
    fn the_narrowest_width_is_chosen_and_named() {
        let found = expressivity();
        let (bound, width) = found.width(0.5, 1e-3).unwrap().unwrap();
        for other in WidthBound::ALL {
            let tail = found.tail(other, 0.5).unwrap();
            let needed = tail.width(1e-3).unwrap();
            assert!(needed >= width, "{other}");
            assert_eq!(needed == width, other == bound, "{other}");
        }
        assert_eq!(bound, WidthBound::Tangent);
        let names: Vec<String> = WidthBound::ALL.iter().map(ToString::to_string).collect();
        assert!(names[2].contains("Chernoff") && names.iter().all(|n| !n.is_empty()));
    }

    #[test]
    fn the_smallest_probability_is_chosen_and_named() {
        let found = expressivity();
        for frequencies in [30, 300, 100_000] {
            let chosen = found.ln_failure(0.5, frequencies).unwrap();
            let all = WidthBound::ALL.map(|bound| {
                let tail = found.tail(bound, 0.5).unwrap();
                (bound, tail.ln_failure(frequencies).upper())
            });
            let least = all.iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            if least.1 < 0.0 {
                assert_eq!(chosen, Some(*least), "{frequencies}");
            } else {
                assert_eq!(chosen, None, "{frequencies}");
            }
        }
        // Far below the least f64; and of one frequency nothing is known.
        let (_, ln_failure) = found.ln_failure(0.5, 1_000_000).unwrap().unwrap();
        assert!(ln_failure < -1000.0 && ln_failure.is_finite());
        assert_eq!(found.ln_failure(0.5, 1).unwrap(), None);
        // The width's inverse.
        let (bound, width) = found.width(0.5, 1e-3).unwrap().unwrap();
        let (same, at) = found.ln_failure(0.5, width).unwrap().unwrap();
        let (_, before) = found.ln_failure(0.5, width - 1).unwrap().unwrap();
        assert_eq!(bound, same);
        assert!(at <= 1e-3_f64.ln() && 1e-3_f64.ln() < before);
    }

    #[test]
    fn equal_points_have_no_width() {
        let equal = dmatrix![0.5, 0.5, 1.0];
        let found = Expressivity::try_new(&kernel("gaussian:1"), &equal).unwrap();
        assert_eq!(found.width(0.5, 0.5).unwrap(), None);
        assert_eq!(found.ln_failure(0.5, 1 << 50).unwrap(), None);
        for bound in WidthBound::ALL {
            assert_eq!(found.tail(bound, 0.5).unwrap().width(0.5), None, "{bound}");
        }
        // Nor has all of an eigenvalue, or more.
        assert_eq!(
            expressivity()
                .tail(WidthBound::Variance, 1.0)
                .unwrap()
                .width(0.5),
            None
        );
    }

    #[test]
    fn one_point_is_certain() {
        // K̂ = 1 = K.
        let one = Expressivity::try_new(&kernel("gaussian:1"), &dmatrix![0.3]).unwrap();
        assert_eq!(
            one.tail(WidthBound::GramUnion, 0.5).unwrap().width(1e-3),
            Some(1)
        );
        assert_agrees(one.smallest(), 1.0, 40);
    }

    #[test]
    fn both_halves_of_chernoff() {
        let tail = largest_chernoff(5, Ball::from(2.0), 0.5);
        let expected = (1.5 * 1.5_f64.ln() - 0.5) * 0.4;
        assert_agrees(tail.rate, expected, 60);
        assert_agrees(tail.ln_constant, 5.0_f64.ln(), 4);
        let found = expressivity();
        let expected = largest_chernoff(4, found.largest(), 0.25);
        assert_eq!(found.largest_tail(0.25), expected);
        // To second order both halves are ε²/2.
        for share in [1e-3, 1e-4] {
            let lower = chernoff_exponent(share).mid() / (share * share);
            let upper = largest_chernoff(1, Ball::from(1.0), share).rate.mid() / (share * share);
            assert!((lower - 0.5).abs() < share && (upper - 0.5).abs() < share);
        }
    }

    #[test]
    fn the_golden_section_finds_a_minimum() {
        for at in [0.02_f64, 0.5, 7.0] {
            let found = minimise(1e-2, 10.0, |x| (x.ln() - at.ln()).powi(2));
            assert!((found / at - 1.0).abs() < 1e-4, "{found} {at}");
        }
    }

    #[test]
    fn what_is_not_exact_is_paid_for() {
        // Sizes 2 and 8: 0.5·2 + 4·8 = 33, and errors of 0.5·0.25 + 4·0.125.
        let exact = |entry: f64, error: f64| Uncertain {
            matrix: dmatrix![entry],
            error,
        };
        let combined = Uncertain::combined(&exact(2.0, 0.0), 0.5, &exact(-8.0, 0.0), 4.0);
        assert_eq!(combined.matrix[0], -33.0);
        assert_eq!(combined.error, (132.0 * f64::EPSILON).next_up());
        let combined = Uncertain::combined(&exact(0.0, 0.25), 0.5, &exact(0.0, 0.125), 4.0);
        assert_eq!(combined.error, 0.625_f64.next_up());
        // An error of every entry moves an eigenvalue N times as far.
        let zeros = Uncertain {
            matrix: DMatrix::zeros(3, 3),
            error: 0.25,
        };
        let largest = zeros.largest().unwrap();
        assert!(largest.rad() >= 0.75 && largest.rad() < 0.75 + 1e-12);
        // N δp + N² δr.
        let slack = moved(5.0, Ball::new(7.0, 0.5), Ball::new(9.0, 0.25));
        assert_eq!(slack, 8.75_f64.next_up());
    }
}
