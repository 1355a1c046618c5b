//! Regimes in which a careless check would go wrong, and what must be said in them.

use super::Subject;
use crate::evidence::Verdict;
#[cfg(feature = "strategies")]
use proptest::strategy::BoxedStrategy;
use std::fmt::Debug;

/// What must be said of the instances of a regime; a violation never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Any verdict but a violation.
    NoViolation,
    /// At least half of them give this verdict, and the others no other than these.
    Mostly(Verdict, &'static [Verdict]),
}

impl Demand {
    /// Tells whether such a verdict may be given.
    #[must_use]
    pub fn allows(&self, verdict: Verdict) -> bool {
        match self {
            Self::NoViolation => verdict != Verdict::Violated,
            Self::Mostly(main, others) => *main == verdict || others.contains(&verdict),
        }
    }
}

/// A subject with regimes in which a careless check would go wrong.
pub trait Hardened: Subject {
    /// The regimes; `Debug` gives their names.
    type Regime: Copy + Debug + Send + Sync + 'static;

    /// The strategy that draws instances of a regime.
    #[cfg(feature = "strategies")]
    fn hostile(regime: Self::Regime) -> BoxedStrategy<Self::Spec>;
}

/// A hostile regime of a theorem.
pub(super) struct Regime<S: Subject> {
    pub name: String,
    pub demand: Demand,
    #[cfg(feature = "strategies")]
    pub strategy: std::sync::Arc<dyn Fn() -> BoxedStrategy<S::Spec> + Send + Sync>,
    pub subject: std::marker::PhantomData<fn() -> S>,
}

impl<S: Subject> Clone for Regime<S> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            demand: self.demand,
            #[cfg(feature = "strategies")]
            strategy: std::sync::Arc::clone(&self.strategy),
            subject: self.subject,
        }
    }
}

/// A hostile regime of a claim, whatever its subject.
#[derive(Clone, Debug)]
pub struct HostileRegime {
    /// Its name.
    pub name: String,
    /// What must be said of its instances.
    pub demand: Demand,
    /// The strategy that draws them.
    #[cfg(feature = "strategies")]
    pub strategy: BoxedStrategy<super::Spec>,
}
