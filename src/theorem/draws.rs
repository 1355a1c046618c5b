//! Which random instances a theorem is checked on.

use super::Subject;
#[cfg(feature = "strategies")]
use proptest::strategy::BoxedStrategy;
use std::fmt;
use std::marker::PhantomData;

/// Which random instances a theorem is checked on, and how many.
pub struct Draws<S: Subject> {
    /// What they are, in words.
    pub words: &'static str,
    /// The share of a campaign's cases that it takes: one of so many, where every case draws thousands of times.
    pub one_of: u32,
    #[cfg(feature = "strategies")]
    strategy: fn() -> BoxedStrategy<S::Spec>,
    subject: PhantomData<fn() -> S>,
}

impl<S: Subject> Draws<S> {
    /// Every case of a campaign, drawn by a strategy that rejects nothing.
    #[cfg(feature = "strategies")]
    pub const fn new(words: &'static str, strategy: fn() -> BoxedStrategy<S::Spec>) -> Self {
        Self {
            words,
            one_of: 1,
            strategy,
            subject: PhantomData,
        }
    }

    /// Every case of a campaign.
    #[cfg(not(feature = "strategies"))]
    pub const fn new(words: &'static str) -> Self {
        Self {
            words,
            one_of: 1,
            subject: PhantomData,
        }
    }

    /// One of so many cases, rounded up.
    ///
    /// # Panics
    /// Of none.
    #[must_use]
    pub const fn one_of(mut self, share: u32) -> Self {
        assert!(share > 0, "one of no cases");
        self.one_of = share;
        self
    }

    /// How many of the cases of a campaign it takes.
    #[must_use]
    pub fn cases(&self, cases: u32) -> u32 {
        cases.div_ceil(self.one_of)
    }

    /// Returns the strategy.
    #[cfg(feature = "strategies")]
    pub fn strategy(&self) -> BoxedStrategy<S::Spec> {
        (self.strategy)()
    }
}

impl<S: Subject> Clone for Draws<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Subject> Copy for Draws<S> {}

impl<S: Subject> fmt::Debug for Draws<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words)
    }
}
