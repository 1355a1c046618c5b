//! A theorem whose subject is forgotten, and how it is controlled.

use super::{About, BuildError, DataPlan, Dropped, HostileRegime, Instance, Spec, Subject};
use crate::data::Dataset;
use crate::evidence::{Comparison, Evidence, Finding, Verdict};
use crate::kernel::KernelSpec;
use std::any::TypeId;
use std::fmt::Debug;

/// A theorem, executable, whatever it is about: what a [`Registry`](super::Registry) holds. It is implemented by
/// [`Theorem`](super::Theorem).
pub trait Claim: Debug + Send + Sync {
    /// What is claimed, in words.
    fn about(&self) -> &About;

    /// The type of what it is about: see [`is_about`](Self#method.is_about).
    fn subject(&self) -> TypeId;

    /// Checks an instance; one of another kind than the claim is about is inapplicable.
    fn check(&self, instance: &Instance) -> Finding;

    /// Returns the instances on which every comparison of the claim is sharp, somewhere.
    fn sharp(&self) -> Vec<Instance>;

    /// How many of the cases of a campaign it takes.
    fn cases(&self, cases: u32) -> u32;

    /// Which random instances it is checked on, in words.
    fn draws(&self) -> &'static str;

    /// The strategy that draws them.
    #[cfg(feature = "strategies")]
    fn strategy(&self) -> proptest::strategy::BoxedStrategy<Spec>;

    /// Reads a specification as [`Spec::to_json`] writes it.
    ///
    /// # Errors
    /// Text that is none.
    #[cfg(feature = "serde")]
    fn read(&self, json: &str) -> Result<Spec, serde_json::Error>;

    /// Plans the instances of a table of data on which it is checked.
    ///
    /// # Arguments
    /// * `kernel`: with its bandwidth resolved on the inputs; `seed`: of whatever is drawn.
    fn on_data<'a>(&'a self, data: &'a Dataset, kernel: KernelSpec, seed: u64) -> DataPlan<'a>;

    /// Returns what its check must reject, beside the strengthened bounds of [`control`](Self#method.control).
    fn dropped(&self) -> Vec<Dropped<'_>>;

    /// The claims that have the same bounds and see their factors at less cost; of none, it sees to them itself.
    fn factors_seen_by(&self) -> &'static [&'static str];

    /// Returns the regimes in which a careless check would go wrong, and what must be said in them.
    fn hostile(&self) -> Vec<HostileRegime>;
}

/// What a control saw, one line a statement of the claim.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlReport {
    /// Statement, its best tightness on the sharp instances, and whether its
    /// strengthened form was rejected.
    pub statements: Vec<(&'static str, f64, bool)>,
}

impl ControlReport {
    /// Tells whether every statement was rejected once strengthened.
    #[must_use]
    pub fn rejected(&self) -> bool {
        !self.statements.is_empty() && self.statements.iter().all(|&(_, _, rejected)| rejected)
    }
}

impl<'c> dyn Claim + 'c {
    /// Returns its id, `P3.local`.
    pub fn id(&self) -> &'static str {
        self.about().id
    }

    /// Returns its family.
    pub fn family(&self) -> &'static str {
        self.about().family
    }

    /// Tells whether it is about such objects.
    pub fn is_about<S: Subject>(&self) -> bool {
        self.subject() == TypeId::of::<S>()
    }

    /// Checks an instance and judges what was found.
    pub fn evaluate(&self, instance: &Instance) -> Evidence {
        self.judge(&self.check(instance))
    }

    /// Builds the instance of a specification and checks it; one that describes none decides nothing.
    pub fn check_spec(&self, spec: &Spec) -> Finding {
        let undecided = |error: BuildError| Finding::Undecided(error.to_string());
        let built = spec.build();
        built.map_or_else(undecided, |instance| self.check(&instance))
    }

    /// Judges what the check found on an instance; the tightness is that of the headline.
    pub fn judge(&self, finding: &Finding) -> Evidence {
        judge(self.about(), finding)
    }

    /// Runs the claim's control: on the sharp instances, every statement
    /// strengthened by `2·slack` must be violated. `None` for a statistical claim.
    pub fn control(&self) -> Option<ControlReport> {
        let about = self.about();
        about.slack?;
        let sharp = self.sharp();
        let findings = sharp.iter().map(|instance| self.check(instance));
        let comparisons: Vec<Comparison> = findings
            .flat_map(|finding| match finding {
                Finding::Compared(comparisons) => comparisons,
                _ => Vec::new(),
            })
            .collect();
        let mut statements: Vec<(&'static str, f64, bool)> = Vec::new();
        for comparison in &comparisons {
            let slack = about.slack_of(comparison.statement()).unwrap_or(0.0);
            let strengthened = comparison.strengthened(2.0 * slack);
            let rejected = strengthened.verdict() == Verdict::Violated;
            let known = statements
                .iter_mut()
                .find(|(name, _, _)| *name == comparison.statement());
            match known {
                Some((_, tightness, any)) => {
                    *tightness = tightness.max(comparison.tightness());
                    *any |= rejected;
                }
                None => {
                    statements.push((comparison.statement(), comparison.tightness(), rejected));
                }
            }
        }
        Some(ControlReport { statements })
    }
}

/// Judges; the tightness is that of the headline, if there is one.
pub(super) fn judge(about: &About, finding: &Finding) -> Evidence {
    let mut evidence = finding.judge();
    if let (Some(headline), Finding::Compared(comparisons)) = (about.headline, finding) {
        let holding = comparisons
            .iter()
            .filter(|c| c.statement() == headline && c.verdict() == Verdict::Holds);
        evidence.tightness = holding.map(Comparison::tightness).reduce(f64::max);
    }
    evidence
}
