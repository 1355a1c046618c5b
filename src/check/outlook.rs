//! What is promised from a checkpoint, or what is missing.

use crate::arithmetic::Ball;
use crate::bounds::{
    Convergence, EnvelopePoint, LocalConstants, NoConvergence, TangentBall, admissible,
    largest_allowed_loss,
};

/// Where the PL constant on a ball comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Basis {
    /// The Gram matrices of the layers, by P3.local.
    Layers,
    /// The tangent kernel, less what the Jacobian may change (P8b.jacobian).
    Tangent,
    /// The Gram matrices of particles whose residual is zero (C10).
    ZeroResidual,
}

/// How the loss goes to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Way {
    /// By gradient descent, from here on at one rate (P8).
    Descent,
    /// By the gradient flow (P9).
    Flow,
    /// By gradient descent: beside the linearised network at first (P8b.filtered), at one rate once the loss is small
    /// (P8b.resumed).
    Envelope,
}

/// The first hypothesis that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Missing {
    /// There are too few layers for a PL constant on any ball.
    #[cfg_attr(feature = "serde", serde(rename = "depth"))]
    TooShallow,
    /// The PL constant is not certainly positive at the checkpoint itself.
    #[cfg_attr(feature = "serde", serde(rename = "expressivity"))]
    NotExpressive,
    /// The loss is too large at every radius.
    #[cfg_attr(feature = "serde", serde(rename = "loss"))]
    LossTooLarge,
    /// The activation, or a derivative of it, is not bounded.
    #[cfg_attr(feature = "serde", serde(rename = "activation"))]
    Unbounded,
    /// The residual of particles is not zero, from where C10 starts.
    #[cfg_attr(feature = "serde", serde(rename = "zero-residual"))]
    Moved,
}

impl From<NoConvergence> for Missing {
    fn from(why: NoConvergence) -> Self {
        match why {
            NoConvergence::TooShallow => Self::TooShallow,
            NoConvergence::NotExpressive => Self::NotExpressive,
            NoConvergence::LossTooLarge => Self::LossTooLarge,
        }
    }
}

/// What one theorem says of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prospect {
    /// The loss goes to zero.
    Guaranteed {
        /// `m`, `β`, `η` (0 for the flow) and `R`, from `after` steps on.
        constants: Convergence,
        /// Steps before the rate is that of the constants.
        after: u64,
        /// A bound of the loss after them.
        loss: Ball,
    },
    /// Nothing is promised.
    Missed {
        /// The first hypothesis that fails.
        why: Missing,
        /// How many times too large the loss is, or how many times as many layers are needed; none where no number helps.
        factor: Option<f64>,
        /// The largest loss that would be small enough; none where none is.
        allowed: Option<f64>,
    },
}

impl Prospect {
    /// Tells whether the loss certainly goes to zero.
    #[must_use]
    pub fn is_guaranteed(&self) -> bool {
        matches!(self, Self::Guaranteed { .. })
    }

    /// Returns a bound of the steps until the loss is at most `target`; none for the flow, and where nothing is promised.
    #[must_use]
    pub fn steps_to(&self, target: f64) -> Option<u64> {
        let Self::Guaranteed {
            constants,
            after,
            loss,
        } = self
        else {
            return None;
        };
        if !(constants.step > 0.0 && target > 0.0) {
            return None;
        }
        let left = (*loss / Ball::from(target)).ln() / -constants.factor().ln();
        let steps = left.upper().max(0.0).ceil();
        // Beyond 2^53 a count of steps means nothing.
        (steps < 9e15).then(|| after + steps as u64)
    }
}

/// What one theorem says, by one constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// Which theorem.
    pub way: Way,
    /// Which constant.
    pub basis: Basis,
    /// What follows.
    pub prospect: Prospect,
}

impl Outlook {
    /// Returns the number of the theorem.
    #[must_use]
    pub fn theorem(&self) -> &'static str {
        match (self.way, self.basis) {
            (_, Basis::ZeroResidual) => "C10",
            (Way::Descent, _) => "P8",
            (Way::Flow, _) => "P9",
            (Way::Envelope, _) => "P8b",
        }
    }
}

/// Step margins `c = 1 − βη/2` that are tried: the first is the quickest, the last asks least of the loss.
const MARGINS: [f64; 5] = [0.5, 0.75, 0.9, 0.97, 0.99];

/// A point that is known up to a distance from the reference, and up to its loss.
pub(super) struct Stand<'a> {
    pub local: &'a LocalConstants,
    pub tangent: Option<&'a TangentBall>,
    /// Of the point from the reference.
    pub away: Ball,
    pub loss: Ball,
}

impl Stand<'_> {
    /// The constants on a ball around the point, with the least smoothness that is known; none where there is no PL constant.
    fn constants(&self, basis: Basis, radius: f64, margin: f64) -> Option<Convergence> {
        let distance = self.away + Ball::from(radius);
        let around = self.local.around(distance);
        let m = match basis {
            Basis::Tangent => self.tangent?.pl_constant(distance),
            _ => self.local.pl_constant(&around)?,
        };
        let beta = match self.tangent {
            Some(tangent) => tangent.smoothness(distance, self.loss),
            None => self.local.smoothness(&around, self.loss),
        };
        Some(Convergence::with_margin(margin, m, beta, radius))
    }

    /// The largest radius at which anything may be found.
    fn largest(&self, basis: Basis, tangent_radius: f64) -> f64 {
        match (basis, self.tangent) {
            (Basis::Tangent, Some(tangent)) => {
                tangent.search_radius(tangent_radius, self.away, self.loss)
            }
            _ => self.local.largest_radius() - self.away.upper(),
        }
    }

    /// The constants at the smallest radius at which the condition holds, of those that `at` gives.
    fn admissible(
        &self,
        basis: Basis,
        largest: f64,
        at: impl Fn(f64) -> Option<Convergence>,
    ) -> Result<Convergence, NoConvergence> {
        let deep = basis == Basis::Tangent || self.local.largest_radius() > 0.0;
        let start = if deep { at(0.0) } else { None };
        admissible(largest, self.loss, start, at)
    }

    /// What the condition of P8 or P9 says here.
    pub fn prospect(&self, way: Way, basis: Basis, tangent_radius: f64) -> Prospect {
        let largest = self.largest(basis, tangent_radius);
        let margins: &[f64] = if way == Way::Flow { &[1.0] } else { &MARGINS };
        let mut why = NoConvergence::LossTooLarge;
        for &margin in margins {
            let at = |radius: f64| self.constants(basis, radius, margin);
            match self.admissible(basis, largest, at) {
                Ok(constants) => {
                    return Prospect::Guaranteed {
                        constants,
                        after: 0,
                        loss: self.loss,
                    };
                }
                Err(cause) => why = cause,
            }
        }
        let least = margins[margins.len() - 1];
        self.missed(why, largest, |radius| self.constants(basis, radius, least))
    }

    fn missed(
        &self,
        why: NoConvergence,
        largest: f64,
        at: impl Fn(f64) -> Option<Convergence>,
    ) -> Prospect {
        let (factor, allowed) = match why {
            NoConvergence::TooShallow => {
                let needed = self.local.needed_depth().upper();
                (Some(needed / self.local.reference.depth as f64), None)
            }
            NoConvergence::NotExpressive => (None, None),
            NoConvergence::LossTooLarge => {
                let allowed = largest_allowed_loss(largest, at).map(|(loss, _)| loss);
                (allowed.map(|allowed| self.loss.upper() / allowed), allowed)
            }
        };
        let factor = factor.filter(|factor| factor.is_finite());
        Prospect::Missed {
            why: why.into(),
            factor,
            allowed,
        }
    }
}

/// Iterates at which the end of an envelope is looked for: every one at first, ever fewer later.
fn looked_at(count: usize) -> impl Iterator<Item = usize> {
    let next = |n: &usize| Some(n + 1 + n / 8);
    std::iter::successors(Some(0), next).take_while(move |&n| n < count)
}

/// The first iterate of an envelope from which the rate is one, of those that are looked at; or how far the best of them is
/// from that.
pub(super) fn along(
    points: &[EnvelopePoint],
    step: f64,
    basis: Basis,
    (local, tangent, tangent_radius): (&LocalConstants, Option<&TangentBall>, f64),
) -> Prospect {
    let mut best: Option<Prospect> = None;
    for n in looked_at(points.len()) {
        let point = &points[n];
        let stand = Stand {
            local,
            tangent,
            away: point.displacement,
            loss: point.loss(local.samples),
        };
        let largest = stand.largest(basis, tangent_radius);
        let at = |radius: f64| {
            let constants = stand.constants(basis, radius, 1.0)?;
            Some(Convergence { step, ..constants })
        };
        match stand.admissible(basis, largest, at) {
            Ok(constants) => {
                return Prospect::Guaranteed {
                    constants,
                    after: n as u64,
                    loss: stand.loss,
                };
            }
            Err(why) => {
                let found = stand.missed(why, largest, at);
                if best.is_none_or(|best| closer(&found, &best)) {
                    best = Some(found);
                }
                if why != NoConvergence::LossTooLarge && n == 0 {
                    break;
                }
            }
        }
    }
    best.unwrap_or(Prospect::Missed {
        why: Missing::LossTooLarge,
        factor: None,
        allowed: None,
    })
}

/// Tells whether one misses by less of a loss than another.
fn closer(one: &Prospect, other: &Prospect) -> bool {
    let factor = |prospect: &Prospect| match prospect {
        Prospect::Missed {
            why: Missing::LossTooLarge,
            factor: Some(factor),
            ..
        } => *factor,
        _ => f64::INFINITY,
    };
    factor(one) < factor(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_to_a_target() {
        let constants = Convergence::with_margin(0.5, Ball::from(1.0), Ball::from(4.0), 2.0);
        let guaranteed = |step: f64| Prospect::Guaranteed {
            constants: Convergence { step, ..constants },
            after: 5,
            loss: Ball::from(1.0),
        };
        // ϱ = 7/8: 0.875^5 = 0.513, 0.875^6 = 0.449.
        assert_eq!(guaranteed(0.25).steps_to(0.5), Some(5 + 6));
        assert_eq!(guaranteed(0.25).steps_to(2.0), Some(5));
        assert_eq!(guaranteed(0.0).steps_to(0.5), None);
        assert_eq!(guaranteed(0.25).steps_to(0.0), None);
        let missed = Prospect::Missed {
            why: Missing::NotExpressive,
            factor: None,
            allowed: None,
        };
        assert!(!missed.is_guaranteed() && missed.steps_to(0.5).is_none());
        assert!(guaranteed(0.25).is_guaranteed());
    }

    #[test]
    fn looks_become_rare() {
        let all: Vec<usize> = looked_at(4096).collect();
        assert_eq!(all[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14]);
        assert!(all.len() < 80 && all[all.len() - 1] < 4096);
        assert_eq!(looked_at(0).count(), 0);
    }

    /// An iterate that is too far for the depth is no closer than one whose loss is too large.
    #[test]
    fn the_best_iterate_is_that_of_the_smallest_factor() {
        let missed = |why: Missing, factor: f64| Prospect::Missed {
            why,
            factor: Some(factor),
            allowed: None,
        };
        let large = missed(Missing::LossTooLarge, 30.0);
        assert!(closer(&missed(Missing::LossTooLarge, 20.0), &large));
        assert!(!closer(&missed(Missing::LossTooLarge, 40.0), &large));
        assert!(!closer(&missed(Missing::TooShallow, 0.9), &large));
    }
}
