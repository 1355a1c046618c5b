//! Bounds of mixed derivatives.

use crate::arithmetic::Ball;
use crate::factor::named;
use std::ops::{Add, Mul};

/// Subsets of three directions, as bits.
const SUBSETS: usize = 8;

/// A bound of the norm of a quantity, and of those of its mixed derivatives along any of three directions.
///
/// Of quantities `x`, `y` with the derivatives `x_S`, `S ⊆ {0, 1, 2}`, sums are bounded by sums, products by
/// `Σ_{A ⊆ S}|x_A||y_{S∖A}|`, and compositions by the sum over the partitions of `S`.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::finite_width::Majorant};
/// let two = Majorant::constant(Ball::from(2.0));
/// // A mean over a measure that moves along the first direction.
/// let mean = two.averaged([true, false, false]);
/// assert!(mean.along(0b001).contains(2.0) && mean.along(0b010).contains(0.0));
/// assert!((mean * mean).along(0b001).contains(8.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Majorant([Ball; SUBSETS]);

impl Majorant {
    /// A quantity that no direction changes.
    #[must_use]
    pub fn constant(bound: Ball) -> Self {
        let mut all = [Ball::from(0.0); SUBSETS];
        all[0] = bound;
        Self(all)
    }

    /// Returns the bound of the derivative along a set of directions, direction `j` being bit `j`; of the quantity
    /// itself along none.
    ///
    /// # Panics
    /// If there are more than three directions.
    #[must_use]
    pub fn along(&self, directions: usize) -> Ball {
        self.0[directions]
    }

    /// Adds a bound to the derivative along one direction.
    #[must_use]
    pub fn moving(mut self, direction: usize, bound: Ball) -> Self {
        let entry = &mut self.0[1 << direction];
        *entry = *entry + bound;
        self
    }

    /// Returns the same derivatives of a quantity of another size.
    #[must_use]
    pub fn about(mut self, bound: Ball) -> Self {
        self.0[0] = bound + self.0[0];
        self
    }

    /// Multiplies by an exact factor.
    #[must_use]
    pub fn scaled(self, factor: Ball) -> Self {
        Self(self.0.map(|bound| bound * factor))
    }

    /// Bounds `f(x)` where `f` and all its derivatives are at most `amplitude`, whatever the size of `x`.
    #[must_use]
    pub fn wave(self, amplitude: Ball) -> Self {
        // Sums over partitions: the block that holds the first direction, and partitions of the rest.
        let mut sums = [Ball::from(1.0); SUBSETS];
        for set in 1..SUBSETS {
            let first = set & set.wrapping_neg();
            let rest = set ^ first;
            let blocks = subsets(rest).map(|more| match rest ^ more {
                0 => self.0[set],
                left => named(
                    "majorant: partitions of several blocks",
                    self.0[first | more] * sums[left],
                ),
            });
            sums[set] = blocks.sum();
        }
        Self(sums.map(|sum| named("majorant: amplitude", amplitude) * sum))
    }

    /// Bounds the mean over a measure that moves along the directions: `∂_j∫h dμ = ∫∂_jh dμ + ∫h dν_j`, the second
    /// part at most a bound of `h`, if `∂_j` is the derivative per unit of `|∫h dν_j|/sup|h|`.
    ///
    /// # Arguments
    /// * `moving`: which directions change the measure.
    #[must_use]
    pub fn averaged(self, moving: [bool; 3]) -> Self {
        let mut mean = self;
        for set in 1..SUBSETS {
            for j in (0..3).filter(|&j| moving[j] && set >> j & 1 == 1) {
                let own = named("majorant: measure that moves", self.0[set ^ 1 << j]);
                mean.0[set] = mean.0[set] + own;
            }
        }
        mean
    }

    /// Bounds the Euclidean norm of several quantities.
    #[must_use]
    pub fn norm(parts: &[Self]) -> Self {
        let root = |set: usize| {
            let squares = parts.iter().map(|part| part.0[set].square());
            squares.sum::<Ball>().sqrt()
        };
        Self(std::array::from_fn(root))
    }
}

/// All subsets of a set.
fn subsets(set: usize) -> impl Iterator<Item = usize> {
    (0..=set).filter(move |part| part & !set == 0)
}

impl Add for Majorant {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|set| self.0[set] + other.0[set]))
    }
}

impl Mul for Majorant {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = |set: usize| {
            let parts = subsets(set).map(|part| {
                let product = self.0[part] * other.0[set ^ part];
                if part == 0 || part == set {
                    product
                } else {
                    named("majorant: both factors of a product", product)
                }
            });
            parts.sum()
        };
        Self(std::array::from_fn(product))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;

    /// Eight different numbers.
    fn numbers(start: f64) -> Majorant {
        Majorant(std::array::from_fn(|set| {
            Ball::from(start + 0.25 * set as f64)
        }))
    }

    #[test]
    fn products_obey_leibniz() {
        let (x, y) = (numbers(1.0), numbers(0.5));
        let z = x * y;
        let [a, b] = [x, y].map(|m| m.0.map(Ball::mid));
        assert_agrees(z.along(0), a[0] * b[0], 4);
        assert_agrees(z.along(2), a[2] * b[0] + a[0] * b[2], 8);
        assert_agrees(
            z.along(5),
            a[5] * b[0] + a[1] * b[4] + a[4] * b[1] + a[0] * b[5],
            12,
        );
        let all: f64 = (0..8).map(|s| a[s] * b[7 - s]).sum();
        assert_agrees(z.along(7), all, 30);
        let sum = x + y;
        assert_agrees(sum.along(6), a[6] + b[6], 2);
        assert_agrees(x.scaled(Ball::from(3.0)).along(4), 3.0 * a[4], 2);
    }

    /// `sin` of `x = t_0 + 2t_1 + 3t_2 + t_0t_1 + 4t_1t_2 + 5t_0t_1t_2` at 0, where its derivatives are 0 and ±1.
    #[test]
    fn waves_obey_faa_di_bruno() {
        let x = Majorant([9.0, 1.0, 2.0, 1.0, 3.0, 0.0, 4.0, 5.0].map(Ball::from));
        let y = x.wave(Ball::from(2.0));
        for (set, expected) in [
            (0, 1.0),
            (1, 1.0),
            (2, 2.0),
            (3, 1.0 + 2.0),
            (4, 3.0),
            (5, 3.0),
            (6, 4.0 + 6.0),
            (7, 5.0 + 1.0 * 3.0 + 4.0 * 1.0 + 0.0 * 2.0 + 6.0),
        ] {
            assert_agrees(y.along(set), 2.0 * expected, 20);
        }
    }

    #[test]
    fn means_move_by_their_own_terms_and_by_those_of_others() {
        let x = numbers(1.0);
        let a = x.0.map(Ball::mid);
        let mean = x.averaged([true, false, true]);
        assert_eq!(mean.along(0), x.along(0));
        assert_eq!(mean.along(2), x.along(2));
        assert_agrees(mean.along(1), a[1] + a[0], 4);
        assert_agrees(mean.along(3), a[3] + a[2], 4);
        assert_agrees(mean.along(5), a[5] + a[4] + a[1], 6);
        assert_agrees(mean.along(7), a[7] + a[6] + a[3], 6);
    }

    #[test]
    fn sizes_and_norms() {
        let x = Majorant::constant(Ball::from(2.0)).moving(1, Ball::from(3.0));
        let x = x.moving(1, Ball::from(1.0)).about(Ball::from(0.5));
        assert_eq!(
            [0, 1, 2, 4, 6].map(|s| x.along(s).mid()),
            [2.5, 0.0, 4.0, 0.0, 0.0]
        );
        let norm = Majorant::norm(&[x, x.scaled(Ball::from(0.75))]);
        assert_agrees(norm.along(0), 2.5 * 1.25, 8);
        assert_agrees(norm.along(2), 4.0 * 1.25, 8);
    }
}
