//! This module is the search of P10 for the scale, the radius and the step.
//!
//! With `μ(R) = m(R)/α²` P8's condition is `L(0) ≤ α²μ(R)R²c²/4`, whatever the step, so that
//! ```text
//! α*(c) = 2√L(0) / (c · max_R R√μ(R)).
//! ```
//! Given `α`, the rate `ηmc` with `η = 2(1−c)/β` is `2c(1−c)·m(R)/β(R)`. In `c` it is largest at
//! `c = max(½, 2√L(0)/(R√m))`, and one search over the radius is left. Both searches split cells: `μ` and
//! `m/β` decrease in `R`, so a cell `[a, b]` is bounded by `b²μ(a)`, and by `m(a)/β(a)` with the `c` of
//! `2√L(0)/(b√m(a))`.

use super::recheck::allowance::of_sum;
use super::search::maximise;
use super::{Ingredients, RecipeError};
use crate::arithmetic::Ball;
use crate::bounds::{Convergence, CurvatureVersion};

/// The relative tolerance of the searches, for `α*²` and for the rate.
pub const TOLERANCE: f64 = 1e-6;

/// The smallest scale of the readout at which P8's condition holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmallestScale {
    /// `c`.
    pub step_margin: f64,
    /// `α*`: the condition holds.
    pub scale: f64,
    /// At no radius does it hold with a smaller scale than this.
    pub at_least: f64,
    /// The radius at which it holds.
    pub radius: f64,
}

/// The best radius and step at a scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// `α`.
    pub scale: f64,
    /// `m`, `β`, `η` and `R`.
    pub convergence: Convergence,
    /// The version of `β`.
    pub version: CurvatureVersion,
    /// No radius and step allow a larger rate `ηmc` than this.
    pub largest_rate: f64,
}

impl Choice {
    /// The guaranteed rate `ηmc = 1 − ϱ`, rounded down.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.convergence.decrease().lower()
    }
}

impl Ingredients {
    fn require_positive(&self) -> Result<(), RecipeError> {
        if self.smallest.lower() > 0.0 {
            return Ok(());
        }
        Err(RecipeError::NotExpressive {
            lower: self.smallest.lower(),
            upper: self.smallest.upper(),
        })
    }

    /// Finds `α*`, the smallest scale at which P8's condition holds with `1 − βη/2 = c` at some radius.
    ///
    /// # Errors
    /// [`RecipeError::NotExpressive`] if `λ_min` is not certainly positive, [`RecipeError::NothingToLearn`] if
    /// all targets are zero, [`RecipeError::NoScale`] if the numbers overflow,
    /// [`RecipeError::StepMargin`] for a `c` outside (0, 1).
    pub fn smallest_scale(&self, step_margin: f64) -> Result<SmallestScale, RecipeError> {
        if !(0.0 < step_margin && step_margin < 1.0) {
            return Err(RecipeError::StepMargin { step_margin });
        }
        self.require_positive()?;
        if self.initial_loss.upper() <= 0.0 {
            return Err(RecipeError::NothingToLearn);
        }
        let largest = self.largest_radius();
        let value = |radius: f64| radius * radius * self.unit_pl_constant(radius).lower();
        let bound = |a: f64, b: f64| b * b * self.unit_pl_constant(a).upper();
        let found = maximise(largest, TOLERANCE, value, bound).ok_or(RecipeError::NoScale)?;
        let loss = self.initial_loss;
        let scale_for = |loss: f64, square: f64| 2.0 * (loss / square).sqrt() / step_margin;
        // So that rounding does not undo the condition: c itself is known to the rounding of β, times (1 − c)/c.
        let room = of_sum(self.depth) / step_margin;
        let scale = scale_for(loss.upper(), found.value) * (1.0 + room);
        let at_least = scale_for(loss.lower(), found.bound) * (1.0 - room);
        if !scale.is_finite() {
            return Err(RecipeError::NoScale);
        }
        Ok(SmallestScale {
            step_margin,
            scale,
            at_least,
            radius: found.at,
        })
    }

    /// P8's constants at a scale, a radius and `c`, or `None` where its condition is not certain.
    #[must_use]
    pub fn convergence(&self, scale: f64, radius: f64, step_margin: f64) -> Option<Choice> {
        let pl_constant = Ball::from(scale).square() * self.unit_pl_constant(radius);
        let (smoothness, version) = self.smoothness(scale, radius);
        let convergence = Convergence::with_margin(step_margin, pl_constant, smoothness, radius);
        let holds = convergence.loss_threshold().lower() >= self.initial_loss.upper();
        (holds && pl_constant.lower() > 0.0 && convergence.step > 0.0).then_some(Choice {
            scale,
            convergence,
            version,
            largest_rate: f64::INFINITY,
        })
    }

    /// The `c` of the largest rate at a radius: at least ½, and as the condition asks.
    fn margin(root_loss: f64, radius: f64, root_pl: f64) -> f64 {
        (2.0 * root_loss / (radius * root_pl)).max(0.5)
    }

    /// Finds the radius and the step with the largest guaranteed rate at a scale.
    ///
    /// # Errors
    /// [`RecipeError::ScaleTooSmall`] if P8's condition holds at no radius.
    ///
    /// # Cost
    /// Some thousand evaluations of the bounds, `D` operations each.
    pub fn best(&self, scale: f64) -> Result<Choice, RecipeError> {
        self.require_positive()?;
        let root = |x: f64| x.max(0.0).sqrt();
        // The condition is to hold for m and β stated worse by a rounding each, and for c ≥ ½ that follows.
        let room = 4.0 * of_sum(self.depth);
        let at = |radius: f64| {
            let pl = (Ball::from(scale).square() * self.unit_pl_constant(radius)).lower();
            let loss = root(self.initial_loss.upper());
            let margin = Self::margin(loss, radius, root(pl)) * (1.0 + room);
            (margin < 1.0).then(|| self.convergence(scale, radius, margin))?
        };
        let value = |radius: f64| at(radius).map_or(0.0, |choice| choice.rate());
        let bound = |a: f64, b: f64| {
            let pl = (Ball::from(scale).square() * self.unit_pl_constant(a)).upper();
            let margin = Self::margin(root(self.initial_loss.lower()), b, root(pl));
            if !(margin < 1.0) {
                return 0.0;
            }
            let smoothness = self.smoothness(scale, a).0.lower();
            2.0 * margin * (1.0 - margin) * pl / smoothness * (1.0 + room)
        };
        let found = maximise(self.largest_radius(), TOLERANCE, value, bound)
            .ok_or(RecipeError::ScaleTooSmall { scale })?;
        let choice = at(found.at).ok_or(RecipeError::ScaleTooSmall { scale })?;
        Ok(Choice {
            largest_rate: found.bound,
            ..choice
        })
    }

    /// The rate that no scale exceeds, `λ_min/λ_max` or, where `λ_max` is not used, `λ_min/N`.
    pub fn limit(&self) -> f64 {
        let samples = self.samples as f64;
        let least = self.curvature.versions.iter().map(|version| match version {
            CurvatureVersion::Global => samples,
            _ => self.largest.upper().min(samples),
        });
        self.smallest.lower() / least.fold(samples, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ingredients::tests::{plain, plain_unit};
    use super::*;

    /// The condition, searched on a fine grid of radii in plain numbers.
    fn grid_scale(i: &Ingredients, margin: f64) -> f64 {
        let largest = i.largest_radius();
        let best = (1..=200_000)
            .map(|k| largest * f64::from(k) / 200_000.0)
            .map(|r| r * plain_unit(i, r).sqrt())
            .fold(0.0, f64::max);
        2.0 * i.initial_loss.mid().sqrt() / (margin * best)
    }

    #[test]
    fn the_smallest_scale_is_that_of_a_fine_grid() {
        let i = plain();
        for margin in [0.5, 0.9, 0.99] {
            let found = i.smallest_scale(margin).unwrap();
            let grid = grid_scale(&i, margin);
            // The grid misses the top of a parabola by 1e-9 or so.
            assert!((found.scale / grid - 1.0).abs() <= 1e-6, "{found:?} {grid}");
            assert!(found.at_least <= grid * (1.0 + 1e-9));
            assert!(found.scale / found.at_least <= 1.0 + 1e-6);
            assert_eq!(found.step_margin, margin);
        }
    }

    #[test]
    fn the_condition_holds_at_the_smallest_scale_and_not_below() {
        let i = plain();
        let found = i.smallest_scale(0.5).unwrap();
        assert!(i.convergence(found.scale, found.radius, 0.5).is_some());
        let largest = i.largest_radius();
        for k in 1..=2000 {
            let radius = largest * f64::from(k) / 2000.0;
            let below = found.at_least * (1.0 - 1e-9);
            assert!(i.convergence(below, radius, 0.5).is_none());
        }
        // Deep networks with few samples, and the whole range of λ.
        for (samples, depth, smallest) in [(1, 1, 1.0), (400, 40, 1e-3), (3, 2, 1e-9)] {
            let mut i = plain();
            (i.samples, i.depth, i.smallest) = (samples, depth, Ball::from(smallest));
            let found = i.smallest_scale(0.7).unwrap();
            assert!(i.convergence(found.scale, found.radius, 0.7).is_some());
            assert!(found.scale / found.at_least <= 1.0 + 1e-6);
        }
    }

    /// The scale is proportional to the root of the loss and to 1/c.
    #[test]
    fn the_smallest_scale_is_homogeneous() {
        let mut i = plain();
        let one = i.smallest_scale(0.5).unwrap();
        i.initial_loss = i.initial_loss * Ball::from(4.0);
        let two = i.smallest_scale(0.5).unwrap();
        assert!((two.scale / one.scale - 2.0).abs() < 1e-12);
        assert_eq!(two.radius, one.radius);
        let c = i.smallest_scale(0.25).unwrap();
        // The room left for rounding is proportional to 1/c too.
        let room = of_sum(i.depth) / 0.25;
        assert!((c.scale / two.scale - 2.0).abs() <= 2.0 * room);
    }

    #[test]
    fn the_best_rate_is_that_of_a_fine_grid() {
        let i = plain();
        let smallest = i.smallest_scale(0.5).unwrap().scale;
        for factor in [0.51, 0.8, 1.0, 3.0, 50.0] {
            let scale = factor * smallest;
            let found = i.best(scale).unwrap();
            let largest = i.largest_radius();
            let mut grid = 0.0_f64;
            for r in (1..=600).map(|k| largest * (f64::from(k) / 600.0).powi(3)) {
                for c in (1..400).map(|k| f64::from(k) / 400.0) {
                    if let Some(choice) = i.convergence(scale, r, c) {
                        grid = grid.max(choice.rate());
                    }
                }
            }
            assert!(
                grid > 0.0 && grid <= found.rate() * (1.0 + 1e-6),
                "{factor}"
            );
            assert!(
                grid >= 0.9 * found.rate(),
                "{factor} {grid} {}",
                found.rate()
            );
            assert!(found.largest_rate >= found.rate());
            assert!(found.largest_rate <= found.rate() * (1.0 + 2.0 * TOLERANCE));
            assert_eq!(found.scale, scale);
            // ηmc = 1 − ϱ.
            let factor = found.convergence.factor();
            assert!((1.0 - factor.mid() - found.rate()).abs() < 1e-12);
        }
        // Below c = 1 nothing is admissible.
        let refused = i.best(0.499 * smallest);
        assert!(matches!(refused, Err(RecipeError::ScaleTooSmall { .. })));
    }

    #[test]
    fn large_scales_approach_the_limit() {
        let i = plain();
        let rate = i.best(1e9).unwrap().rate();
        assert!(rate < i.limit() && rate > 0.999 * i.limit());
        assert!((i.limit() - 0.3 / 4.0).abs() < 1e-15);
        let mut global = plain();
        global.curvature.versions = &[CurvatureVersion::Global];
        let rate = global.best(1e9).unwrap().rate();
        assert!((global.limit() - 0.03).abs() < 1e-15);
        assert!(rate < global.limit() && rate > 0.999 * global.limit());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let mut i = plain();
        for c in [0.0, 1.0, -1.0, f64::NAN] {
            let refused = i.smallest_scale(c);
            assert!(matches!(refused, Err(RecipeError::StepMargin { .. })));
        }
        i.initial_loss = Ball::from(0.0);
        assert_eq!(i.smallest_scale(0.5), Err(RecipeError::NothingToLearn));
        i.initial_loss = Ball::EVERYTHING;
        assert!(matches!(i.smallest_scale(0.5), Err(RecipeError::NoScale)));
        i.smallest = Ball::new(0.0, 1e-12);
        let refused = RecipeError::NotExpressive {
            lower: i.smallest.lower(),
            upper: i.smallest.upper(),
        };
        assert_eq!(i.smallest_scale(0.5), Err(refused.clone()));
        assert_eq!(i.best(1.0), Err(refused));
    }
}
