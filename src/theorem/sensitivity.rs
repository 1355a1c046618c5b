//! How wrong a factor of a bound may be before a claim notices.

use super::{Claim, Dropped, Instance};
use crate::evidence::Verdict;
use crate::factor::{Change, Trial, TrialError};
use crate::watch::{Stopped, Watch};
use std::sync::atomic::{AtomicUsize, Ordering};

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
#[non_exhaustive]
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
    /// Controls whose verdict is drawn are left out.
    ///
    /// # Errors
    /// It was stopped, or the system gives no thread.
    pub fn sensitivities(&self, watch: &dyn Watch) -> Result<Vec<Sensitivity>, SensitivityError> {
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
        let mut factors: Vec<&'static str> = witnesses.iter().flat_map(|w| w.met.clone()).collect();
        factors.sort_unstable();
        factors.dedup();
        let next = AtomicUsize::new(0);
        let work = || -> Result<Vec<(usize, Sensitivity)>, SensitivityError> {
            let trial = Trial::try_new()?;
            let mut found = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(&factor) = factors.get(index) else {
                    return Ok(found);
                };
                let least = self.least(&trial, factor, &witnesses, watch)?;
                found.push((index, Sensitivity { factor, least }));
            }
        };
        let workers = rayon::current_num_threads().min(factors.len());
        let found: Result<Vec<_>, SensitivityError> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let joined = workers.into_iter().map(|worker| worker.join());
            joined
                .map(|found| found.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        let mut found: Vec<(usize, Sensitivity)> = found?.into_iter().flatten().collect();
        found.sort_unstable_by_key(|&(index, _)| index);
        Ok(found
            .into_iter()
            .map(|(_, sensitivity)| sensitivity)
            .collect())
    }

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
        for by in LADDER.into_iter().flat_map(|share| [-share, share]) {
            for witness in &meeting {
                if watch.is_stopped() {
                    return Err(Stopped);
                }
                if trial.under(Change { factor, by }, || witness.notices(self)) {
                    return Ok(Some(by));
                }
            }
        }
        Ok(None)
    }
}
