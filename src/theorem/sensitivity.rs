//! How wrong a factor of a bound may be before a claim notices.

use super::{Claim, Dropped, Instance};
use crate::evidence::Verdict;
use crate::factor::{FactorChange, Trial, TrialError, in_trials};
use crate::watch::{Stopped, Watch};

/// The shares by which a factor is made larger and smaller, until a claim notices.
pub const LADDER: [f64; 7] = [0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0];

/// A factor of a claim's bounds, and the least change of it that the claim notices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensitivity {
    /// The name under which the factor stands in its formula.
    pub factor: &'static str,
    /// The least share of [`LADDER`] at which a sharp instance is violated, or a control no longer rejected: below zero,
    /// if the factor had to be smaller. `None`, if none is.
    pub least: Option<f64>,
}

/// What is checked under a change, and the factors that it meets.
struct Witness<'a> {
    subject: Asked<'a>,
    met: Vec<&'static str>,
}

enum Asked<'a> {
    Sharp(Instance),
    Control(&'a Dropped<'a>),
}

impl Witness<'_> {
    /// Tells whether the claim says of it what it must not.
    fn notices(&self, claim: &dyn Claim) -> bool {
        match &self.subject {
            Asked::Sharp(instance) => claim.evaluate(instance).verdict == Verdict::Violated,
            Asked::Control(control) => !control.run(0).rejected,
        }
    }
}

/// Why sensitivities are not known.
#[derive(Debug, thiserror::Error)]
pub enum SensitivityError {
    /// There is no thread to try changes on.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// It was asked to stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl<'c> dyn Claim + 'c {
    /// Changes every factor that the claim's bounds meet on its sharp instances and on those of its controls, one by one,
    /// and returns what it notices, in alphabetical order: the claim is as good as its least sensitive factor.
    ///
    /// Controls whose verdict is drawn are left out, and claims whose bounds are compared with what is drawn: their
    /// instances see what their tests detect, which their reports say. Of such a claim nothing is returned, nor of
    /// one whose [factors other claims see](Claim::factors_seen_by).
    ///
    /// # Errors
    /// It was stopped, or the system gives no thread.
    pub fn sensitivities(&self, watch: &dyn Watch) -> Result<Vec<Sensitivity>, SensitivityError> {
        if self.about().slack.is_none() || !self.factors_seen_by().is_empty() {
            return Ok(Vec::new());
        }
        let dropped = self.dropped();
        let certain = dropped.iter().filter(|control| !control.has_power);
        let subjects = self.sharp().into_iter().map(Asked::Sharp);
        let subjects = subjects.chain(certain.map(Asked::Control));
        let trial = Trial::try_new()?;
        let mut witnesses = Vec::new();
        for subject in subjects {
            if watch.is_stopped() {
                return Err(Stopped.into());
            }
            let mut witness = Witness {
                subject,
                met: Vec::new(),
            };
            let (already, met) = trial.met(|| witness.notices(self));
            if !already {
                witness.met = met;
                witnesses.push(witness);
            }
        }
        // A control builds its instance, and meets what that takes: those are factors of other bounds.
        let sharp = witnesses
            .iter()
            .filter(|w| matches!(w.subject, Asked::Sharp(_)));
        let mut factors: Vec<&'static str> = sharp.flat_map(|w| w.met.clone()).collect();
        factors.sort_unstable();
        factors.dedup();
        in_trials(factors.len(), |trial, index| {
            let factor = factors[index];
            let least = self.least(trial, factor, &witnesses, watch)?;
            Ok(Some(Sensitivity { factor, least }))
        })
    }

    /// A factor that is lost or doubled is tried first, then one that is off by half, so that one that nothing sees costs
    /// four looks at every witness and not fourteen; then ever smaller changes, as long as they are noticed.
    fn least(
        &self,
        trial: &Trial,
        factor: &'static str,
        witnesses: &[Witness],
        watch: &dyn Watch,
    ) -> Result<Option<f64>, Stopped> {
        let meeting: Vec<&Witness> = witnesses
            .iter()
            .filter(|w| w.met.contains(&factor))
            .collect();
        let noticed = |by: f64| -> Result<bool, Stopped> {
            for witness in &meeting {
                if watch.is_stopped() {
                    return Err(Stopped);
                }
                if trial.under(FactorChange { factor, by }, || witness.notices(self)) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let either = |share: f64| -> Result<Option<f64>, Stopped> {
            for by in [-share, share] {
                if noticed(by)? {
                    return Ok(Some(by));
                }
            }
            Ok(None)
        };
        let mut least = None;
        for share in LADDER.into_iter().rev() {
            match either(share)? {
                Some(by) => least = Some(by),
                // All of it may make a bound trivial where half of it makes it false.
                None if share < 1.0 => break,
                None => {}
            }
        }
        Ok(least)
    }
}
