//! What P8 promises of every computed iterate.

use super::Convergence;
use crate::arithmetic::Ball;
use crate::bounds::LossSlope;
use crate::factor::named;

/// Where a descent stands with its promise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// Every conclusion holds at this iterate.
    Held,
    /// One does not, by more than its tolerance.
    Broken {
        /// Which.
        what: &'static str,
        /// The number found.
        found: f64,
        /// The largest number allowed.
        allowed: f64,
    },
    /// An iterate is not certainly in the ball where the bounds hold, or its loss is not known: nothing is
    /// promised from here on.
    Unknown,
}

impl Standing {
    /// Tells where a descent stands: broken by the first conclusion that certainly fails, held if all hypotheses
    /// were seen.
    #[must_use]
    pub fn of(conclusions: &[Conclusion], seen: bool) -> Self {
        let broken = conclusions.iter().find_map(Conclusion::broken);
        broken.unwrap_or(if seen { Self::Held } else { Self::Unknown })
    }

    /// Says which conclusion is broken, and by what number; nothing unless one is.
    ///
    /// # Example
    /// ```
    /// use polyak::bounds::Standing;
    /// let broken = Standing::Broken { what: "loss", found: 2.0, allowed: 0.5 };
    /// assert_eq!(broken.fault().unwrap(), "loss: 2e0 is above 5e-1");
    /// assert_eq!(Standing::Held.fault(), None);
    /// ```
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        match self {
            Self::Broken {
                what,
                found,
                allowed,
            } => Some(format!("{what}: {found:e} is above {allowed:e}")),
            Self::Held | Self::Unknown => None,
        }
    }
}

/// The promise, carried along computed iterates: "held to the promise" of `proofs/p10-recipe.md`, and "inexact
/// steps" of `proofs/p8-convergence.md`.
///
/// A computed step is an exact one and a perturbation of known size. If start and end of the exact step lie in
/// the ball, and the loss at its start is at most `ℓ`, the loss falls by `ϱ`; what the perturbation does to it
/// is carried along, `E_{n+1} = ϱE_n + ε_{n+1}`. That the iterates lie in the ball is seen
/// ([`Conclusions::seen`]), or follows from small perturbations ([`allows`](Self::allows)).
///
/// # Example
/// ```
/// use polyak::arithmetic::Ball;
/// use polyak::bounds::*;
/// let ball = Ball::from;
/// // ϱ = 1 − ¼·1·½.
/// let convergence = Convergence { pl_constant: ball(1.0), smoothness: ball(4.0), step: 0.25, radius: 3.0 };
/// let slope = LossSlope { norm_squared: ball(4.0), kappa1: ball(0.0) };
/// let mut envelope = LossEnvelope::new(convergence, slope, ball(0.0), ball(0.5), 0.5);
/// let step = |loss| ComputedStep {
///     loss: ball(loss), norm: ball(0.1), displacement: ball(0.1), length: ball(0.1), rounding: 0.0,
/// };
/// assert_eq!(envelope.next(&step(0.43)).standing(), Standing::Held);
/// // Below ϱ²·½, and yet too much for a step from 0.43.
/// assert!(matches!(envelope.next(&step(0.38)).standing(), Standing::Broken { .. }));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LossEnvelope {
    /// `m`, `β`, `η` and `R`.
    pub convergence: Convergence,
    /// What `√L` is Lipschitz by.
    pub slope: LossSlope,
    /// `‖v⁰‖`, of the reference that displacements are counted from.
    pub centre_norm: Ball,
    /// The bounds hold up to this displacement: `R`, if the descent starts at the reference.
    pub reach: f64,
    /// The `ℓ` of `β`.
    pub level: f64,
    /// Where the descent is.
    pub state: EnvelopeState,
}

/// What changes from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnvelopeState {
    /// `n`.
    pub iteration: u64,
    /// `L(vⁿ)`.
    pub loss: Ball,
    /// `‖vⁿ − v⁰‖`.
    pub displacement: Ball,
    /// Length of the path.
    pub path: Ball,
    /// `ϱⁿL(v⁰)`.
    pub promised: Ball,
    /// `E_n`.
    pub excess: Ball,
    /// Sum of the perturbations.
    pub perturbations: f64,
}

impl EnvelopeState {
    /// Returns the state at the reference, where the loss is this.
    #[must_use]
    pub fn start(loss: Ball) -> Self {
        let zero = Ball::from(0.0);
        Self {
            iteration: 0,
            loss,
            displacement: zero,
            path: zero,
            promised: loss,
            excess: zero,
            perturbations: 0.0,
        }
    }
}

/// A computed step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ComputedStep {
    /// `L(vⁿ⁺¹)`.
    pub loss: Ball,
    /// `‖vⁿ⁺¹‖`.
    pub norm: Ball,
    /// `‖vⁿ⁺¹ − v⁰‖`.
    pub displacement: Ball,
    /// `‖vⁿ⁺¹ − vⁿ‖`.
    pub length: Ball,
    /// A bound of the distance between `vⁿ⁺¹` and the exact step from `vⁿ`.
    pub rounding: f64,
}

/// `found ≤ allowed`, up to what rounding adds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conclusion {
    /// The statement.
    pub what: &'static str,
    /// The number found.
    pub found: Ball,
    /// What the perturbations of the steps may add to it.
    pub carried: f64,
    /// The largest number allowed.
    pub allowed: Ball,
}

impl Conclusion {
    /// Returns the number found, as that of exact steps.
    #[must_use]
    pub fn measured(&self) -> Ball {
        self.found.widened(self.carried)
    }

    fn broken(&self) -> Option<Standing> {
        let Self { what, found, .. } = *self;
        let allowed = self.allowed.widened(self.carried);
        ((found - allowed).lower() > 0.0).then(|| Standing::Broken {
            what,
            found: found.lower(),
            allowed: allowed.upper(),
        })
    }
}

/// What P8 says of a computed step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conclusions {
    /// `L(vⁿ⁺¹) ≤ ϱL(vⁿ)`.
    pub one_step: Conclusion,
    /// `L(vⁿ) ≤ ϱⁿL(v⁰)`.
    pub whole: Conclusion,
    /// `path ≤ R`.
    pub path: Conclusion,
    /// Whether exact and computed step certainly stay in the ball, from a loss of at most `ℓ`, and the loss is known.
    pub seen: bool,
}

impl Conclusions {
    /// Returns where the descent stands. A loss that is not known at all breaks nothing, and proves nothing.
    pub fn standing(&self) -> Standing {
        Standing::of(&[self.one_step, self.whole, self.path], self.seen)
    }
}

impl LossEnvelope {
    /// The statement of a single step.
    pub(crate) const ONE_STEP: &'static str = "L(vⁿ⁺¹) ≤ ϱL(vⁿ)";

    /// Starts at the reference, at a loss that P8's condition allows.
    ///
    /// # Arguments
    /// * `centre_norm`: `‖v⁰‖`; `level`: the `ℓ` of `β`, at least the initial loss.
    #[must_use]
    pub fn new(
        convergence: Convergence,
        slope: LossSlope,
        centre_norm: Ball,
        loss: Ball,
        level: f64,
    ) -> Self {
        Self {
            convergence,
            slope,
            centre_norm,
            reach: convergence.radius,
            level,
            state: EnvelopeState::start(loss),
        }
    }

    /// Returns `ϱⁿL(v⁰)` and what rounding may add: the loss is at most this.
    #[must_use]
    pub fn bound(&self) -> f64 {
        (self.state.promised + self.state.excess).upper()
    }

    /// `√M̄` on the ball where the bounds hold.
    fn largest_slope(&self) -> Ball {
        self.slope.root(self.centre_norm + Ball::from(self.reach))
    }

    /// `c√m`.
    fn root_decrease(&self) -> Ball {
        self.convergence.step_margin() * self.convergence.pl_constant.sqrt()
    }

    /// Tells whether the perturbations, with one more, are so small that the next step certainly stays in the ball:
    /// `(√M̄ + c√m)·Δ_{n+1} ≤ (1 − √ϱ)·√L(vⁿ)`.
    #[must_use]
    pub fn allows(&self, rounding: f64) -> bool {
        let sensitivity = self.largest_slope() + self.root_decrease();
        let left = Ball::from(1.0) - self.convergence.factor().sqrt();
        let room = left * self.state.loss.sqrt();
        let perturbations = Ball::from(self.state.perturbations + rounding);
        (sensitivity * perturbations).upper() <= named("envelope: room for rounding", room).lower()
    }

    /// Takes the next iterate and says what is promised of it.
    pub fn next(&mut self, step: &ComputedStep) -> Conclusions {
        let factor = self.convergence.factor();
        let before = self.state;
        let rounding = Ball::from(step.rounding);
        let carried = self.slope.carried(step.norm, step.loss, step.rounding);
        let carried = named("envelope: carried rounding", carried);
        self.state = EnvelopeState {
            iteration: before.iteration + 1,
            loss: step.loss,
            displacement: step.displacement,
            path: before.path + step.length,
            promised: factor * before.promised,
            excess: named("envelope: ϱ·excess", factor * before.excess) + Ball::from(carried),
            perturbations: before.perturbations + step.rounding,
        };
        // The exact step ends no farther from vⁿ than the computed one, and what was rounded.
        let farthest = before.displacement + step.length + rounding;
        let within = |distance: Ball| self.reach.is_finite() && distance.upper() <= self.reach;
        let inside = within(farthest) && within(step.displacement);
        let low = before.loss.upper() <= self.level;
        // ½w√M̄ + 1, w = 2/(c√m).
        let lengthened = self.largest_slope() / self.root_decrease() + Ball::from(1.0);
        let longer = named(
            "envelope: lengthened path",
            lengthened * Ball::from(self.state.perturbations),
        );
        Conclusions {
            one_step: Conclusion {
                what: Self::ONE_STEP,
                found: step.loss,
                carried,
                allowed: factor * before.loss,
            },
            whole: Conclusion {
                what: "L(vⁿ) ≤ ϱⁿL(v⁰)",
                found: step.loss,
                carried: self.state.excess.upper(),
                allowed: self.state.promised,
            },
            path: Conclusion {
                what: "path ≤ R",
                found: self.state.path,
                carried: 0.0,
                allowed: Ball::from(self.convergence.radius) + longer,
            },
            seen: inside && low && step.loss.is_bounded(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ϱ = 1 − ¼·1·½ = 7/8, R = 3, ‖B‖² = 4, κ1 = 0: √M̄ = √8.
    fn envelope() -> LossEnvelope {
        let convergence = Convergence {
            pl_constant: Ball::from(1.0),
            smoothness: Ball::from(4.0),
            step: 0.25,
            radius: 3.0,
        };
        let slope = LossSlope {
            norm_squared: Ball::from(4.0),
            kappa1: Ball::from(0.0),
        };
        LossEnvelope::new(convergence, slope, Ball::from(0.0), Ball::from(0.5), 0.5)
    }

    fn step(loss: f64, length: f64, rounding: f64) -> ComputedStep {
        ComputedStep {
            loss: Ball::from(loss),
            norm: Ball::from(length),
            displacement: Ball::from(length),
            length: Ball::from(length),
            rounding,
        }
    }

    fn broken(standing: Standing, wanted: &str) {
        let found = matches!(standing, Standing::Broken { what, .. } if what == wanted);
        assert!(found, "{standing:?}");
    }

    #[test]
    fn losses_below_the_envelope_are_held() {
        let mut envelope = envelope();
        let mut loss = 0.5;
        for n in 1..=20 {
            loss *= 0.87;
            assert_eq!(
                envelope.next(&step(loss, 0.1, 0.0)).standing(),
                Standing::Held,
                "{n}"
            );
            assert_eq!(envelope.state.iteration, n);
            let expected = 0.5 * 0.875_f64.powi(n as i32);
            assert!((envelope.bound() / expected - 1.0).abs() < 1e-12);
            assert!((envelope.state.path.mid() - 0.1 * n as f64).abs() < 1e-14);
        }
    }

    #[test]
    fn each_conclusion_can_be_broken() {
        let one = "L(vⁿ⁺¹) ≤ ϱL(vⁿ)";
        broken(envelope().next(&step(0.4376, 0.0, 0.0)).standing(), one);
        assert_eq!(
            envelope().next(&step(0.4374, 0.0, 0.0)).standing(),
            Standing::Held
        );
        // The ball may hold the truth on its other side.
        let vague = ComputedStep {
            loss: Ball::new(0.4376, 2e-4),
            ..step(0.0, 0.0, 0.0)
        };
        assert_eq!(envelope().next(&vague).standing(), Standing::Held);
        // A loss that rises within a step is caught even far below the envelope.
        let mut later = envelope();
        later.next(&step(0.01, 0.0, 0.0));
        broken(later.next(&step(0.0089, 0.0, 0.0)).standing(), one);
        // And one that creeps above it in steps known too badly to tell.
        let mut blind = envelope();
        blind.state.loss = Ball::new(0.5, 0.4);
        broken(
            blind.next(&step(0.45, 0.0, 0.0)).standing(),
            "L(vⁿ) ≤ ϱⁿL(v⁰)",
        );
        // A path of many steps may be too long inside the ball.
        let mut long = envelope();
        for n in 1..=4 {
            let standing = long.next(&step(0.4 * 0.8_f64.powi(n), 0.9, 0.0)).standing();
            if n < 4 {
                assert_eq!(standing, Standing::Held);
            } else {
                broken(standing, "path ≤ R");
            }
        }
    }

    #[test]
    fn nothing_is_known_outside_the_ball_or_above_the_level() {
        let far = |norm: f64, length: f64| {
            let mut envelope = envelope();
            envelope.state.displacement = Ball::from(norm);
            envelope
                .next(&ComputedStep {
                    displacement: Ball::from(2.0),
                    ..step(0.1, length, 0.0)
                })
                .standing()
        };
        assert_eq!(far(1.9, 1.0), Standing::Held);
        assert_eq!(far(2.1, 1.0), Standing::Unknown);
        let outside = ComputedStep {
            displacement: Ball::from(3.1),
            ..step(0.1, 0.1, 0.0)
        };
        assert_eq!(envelope().next(&outside).standing(), Standing::Unknown);
        assert_eq!(
            envelope()
                .next(&ComputedStep {
                    displacement: Ball::from(2.9),
                    ..outside
                })
                .standing(),
            Standing::Held
        );
        // The exact step may end outside although the computed one does not.
        let shaken = ComputedStep {
            displacement: Ball::from(2.0),
            ..step(0.1, 2.95, 0.1)
        };
        assert_eq!(envelope().next(&shaken).standing(), Standing::Unknown);
        assert_eq!(
            envelope()
                .next(&ComputedStep {
                    rounding: 0.01,
                    ..shaken
                })
                .standing(),
            Standing::Held
        );
        let mut high = envelope();
        high.state.loss = Ball::from(0.6);
        assert_eq!(
            high.next(&step(0.1, 0.1, 0.0)).standing(),
            Standing::Unknown
        );
        for lost in [f64::NAN, f64::INFINITY] {
            assert_eq!(
                envelope().next(&step(lost, 0.1, 0.0)).standing(),
                Standing::Unknown
            );
        }
    }

    #[test]
    fn perturbations_are_carried() {
        // √M̄δ√L + M̄δ²/4 at δ = 1e-3, L = 0.438.
        let carried = 8.0_f64.sqrt() * 1e-3 * 0.438_f64.sqrt() + 8.0 * 1e-6 / 4.0;
        let mut shaken = envelope();
        assert_eq!(
            shaken.next(&step(0.438, 0.1, 1e-3)).standing(),
            Standing::Held
        );
        assert!((shaken.state.excess.mid() / carried - 1.0).abs() < 1e-9);
        assert!((shaken.bound() - 0.4375 - carried).abs() < 1e-12);
        let mut twice = shaken.clone();
        twice.next(&step(0.3, 0.1, 1e-3));
        let more = 8.0_f64.sqrt() * 1e-3 * 0.3_f64.sqrt() + 8.0 * 1e-6 / 4.0;
        assert!((twice.state.excess.mid() / (0.875 * carried + more) - 1.0).abs() < 1e-9);
        assert_eq!(twice.state.perturbations, 2e-3);
        broken(
            envelope()
                .next(&step(0.4375 + 1.01 * carried, 0.1, 1e-3))
                .standing(),
            "L(vⁿ⁺¹) ≤ ϱL(vⁿ)",
        );
        // The path may be longer by (√8/(½·1) + 1)Δ = 6.657Δ.
        let longest = 3.0 + (8.0_f64.sqrt() / 0.5 + 1.0) * 1e-3;
        let path = |length: f64| {
            let mut envelope = envelope();
            envelope.state.path = Ball::from(length - 0.1);
            envelope.next(&step(0.1, 0.1, 1e-3)).standing()
        };
        assert_eq!(path(longest - 1e-9), Standing::Held);
        broken(path(longest + 1e-9), "path ≤ R");
    }

    /// `√M̄ + c√m = √8 + ½` against `(1 − √⅞)√½`.
    #[test]
    fn small_perturbations_are_allowed() {
        let most = (1.0 - 0.875_f64.sqrt()) * 0.5_f64.sqrt() / (8.0_f64.sqrt() + 0.5);
        let mut envelope = envelope();
        assert!(envelope.allows(most * (1.0 - 1e-12)) && !envelope.allows(most * (1.0 + 1e-12)));
        // They add up, and a smaller loss leaves less room.
        envelope.next(&step(0.3, 0.1, 0.25 * most));
        let left = most * (0.6_f64.sqrt() - 0.25);
        assert!(envelope.allows(left * (1.0 - 1e-12)) && !envelope.allows(left * (1.0 + 1e-12)));
        assert!(!envelope.allows(f64::NAN));
    }

    /// Around another reference the slope is larger: `√M̄` at `‖v⁰‖ + R`.
    #[test]
    fn the_reference_counts() {
        let mut far = envelope();
        far.slope.kappa1 = Ball::from(0.5);
        far.centre_norm = Ball::from(2.0);
        let slope = 8.0_f64.sqrt() * (0.5 * (2.0 + 3.0_f64)).exp();
        assert!((far.largest_slope().mid() / slope - 1.0).abs() < 1e-14);
        let found = far.next(&step(0.3, 0.1, 1e-3)).path;
        let longest = 3.0 + (slope / 0.5 + 1.0) * 1e-3;
        assert!((found.allowed.mid() / longest - 1.0).abs() < 1e-14);
    }
}
