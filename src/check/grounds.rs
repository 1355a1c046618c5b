//! What a diagnosis is made of, as far as a training that goes on from there needs it.

use super::outlook::{Stand, along};
use super::{Basis, Outlook, Prospect, Way};
use crate::arithmetic::Ball;
use crate::bounds::{
    EnvelopePoint, JacobianChange, LinearPoint, LocalConstants, LossSlope, SpectralFilter,
    TangentBall, filtered_envelope,
};
use crate::flow::Guarantee;

/// What is known around the weights of a network, as they are in f64: the reference `v⁰`.
pub(super) struct Grounds {
    pub local: LocalConstants,
    pub tangent: Option<TangentBall>,
    /// The largest radius at which the PL constant of the tangent kernel is positive.
    pub radius: f64,
    pub slope: LossSlope,
    /// `L(v⁰)`.
    pub loss: Ball,
    /// What the gradient at the reference may be off by.
    pub gradient_error: f64,
    /// The linearised network, where its tangent kernel is formed.
    pub line: Option<Line>,
}

/// The linearised network, followed for some steps.
pub(super) struct Line {
    pub step: f64,
    /// From the reference on.
    pub iterates: Vec<LinearPoint>,
    pub filter: SpectralFilter,
    pub change: JacobianChange,
}

impl Line {
    /// What P8b.filtered guarantees of every iterate, from a start that is so far from the reference, by steps that may be
    /// off by `rounding` each.
    fn points(&self, away: f64, rounding: f64) -> Vec<EnvelopePoint> {
        let mut line = self.iterates.clone();
        let mut perturbations = vec![rounding; line.len()];
        // A start beside the reference is an iterate that is off by that.
        if away > 0.0 {
            line.insert(0, line[0]);
            perturbations.insert(1, away);
        }
        let change = |distance| self.change.at(distance);
        let mut points = filtered_envelope(&self.filter, change, &line, &perturbations);
        if away > 0.0 {
            points.remove(0);
        }
        points
    }
}

impl Grounds {
    /// The bases of which a PL constant is known.
    pub fn bases(&self) -> impl Iterator<Item = Basis> {
        let tangent = self.tangent.as_ref().map(|_| Basis::Tangent);
        [Basis::Layers].into_iter().chain(tangent)
    }

    /// What P8 and P9 say of a point that is so far from the reference, of that loss.
    pub fn direct(&self, away: Ball, loss: Ball) -> Vec<Outlook> {
        let stand = Stand {
            local: &self.local,
            tangent: self.tangent.as_ref(),
            away,
            loss,
        };
        let ways = [Way::Descent, Way::Flow].into_iter();
        let pairs = ways.flat_map(|way| self.bases().map(move |basis| (way, basis)));
        let outlook = |(way, basis)| Outlook {
            way,
            basis,
            prospect: stand.prospect(way, basis, self.radius),
        };
        pairs.map(outlook).collect()
    }

    /// What P8b says, and of which iterates: nothing, where the tangent kernel is not formed.
    pub fn followed(&self, away: f64, rounding: f64) -> (Vec<EnvelopePoint>, Vec<Outlook>) {
        let Some(line) = &self.line else {
            return (Vec::new(), Vec::new());
        };
        let points = line.points(away, rounding);
        let known = (&self.local, self.tangent.as_ref(), self.radius);
        let outlook = |basis| Outlook {
            way: Way::Envelope,
            basis,
            prospect: along(&points, line.step, basis, known),
        };
        let outlooks = self.bases().map(outlook).collect();
        (points, outlooks)
    }

    /// What the steps of P8b may be off by, from the reference on.
    pub fn allowed_rounding(&self) -> f64 {
        let Some(line) = &self.line else {
            return 0.0;
        };
        let places = line.iterates.iter().map(|point| point.displacement.upper());
        let farthest = places.fold(0.0, f64::max);
        let longest = self.local.reference.centre_norm.upper() + farthest;
        Guarantee::allowed_rounding(line.step * self.gradient_error, longest)
    }

    /// The guarantee of a training from the reference, by what is promised of it; none where nothing is, and for the flow.
    ///
    /// # Arguments
    /// * `points`, `rounding`: of P8b.
    /// * `level`: the loss that P8 by itself was asked for.
    pub fn guarantee(
        &self,
        outlook: &Outlook,
        points: &[EnvelopePoint],
        rounding: f64,
        level: Ball,
    ) -> Option<Guarantee> {
        let Prospect::Guaranteed {
            constants, after, ..
        } = outlook.prospect
        else {
            return None;
        };
        let (place, level, first) = match outlook.way {
            Way::Flow => return None,
            Way::Descent => (Ball::from(0.0), level, &[][..]),
            Way::Envelope => {
                let last = points.get(after as usize)?;
                let first = if after > 0 { after as usize + 1 } else { 0 };
                let loss = last.loss(self.local.samples);
                (last.displacement, loss, &points[..first])
            }
        };
        Some(Guarantee {
            convergence: constants,
            slope: self.slope,
            centre_norm: self.local.reference.centre_norm,
            level: level.upper(),
            reach: (place + Ball::from(constants.radius)).lower(),
            after,
            points: first.into(),
            rounding,
            samples: self.local.samples,
        })
    }
}
