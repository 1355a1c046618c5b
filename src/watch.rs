//! Watching long runs from outside, and ending them before their end.
//!
//! A long run takes a [`Watch`]: it says how far it is, and asks now and then whether it is still wanted. A [`Stop`]
//! is what somebody else keeps to say that it is not.
//!
//! ```
//! use polyak::watch::{Stop, Watch};
//! let stop = Stop::default();
//! let elsewhere = stop.clone();
//! assert!(!stop.is_stopped());
//! elsewhere.request();
//! assert!(stop.is_stopped());
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whoever looks at a long run. Both methods are called from any thread, and often.
pub trait Watch: Sync {
    /// Hears that so many more units of the work are done.
    fn advance(&self, units: u64) {
        let _ = units;
    }

    /// Tells whether the run should end with what it has.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// A function that counts units, and never stops a run.
impl<F: Fn() + Sync> Watch for F {
    fn advance(&self, units: u64) {
        for _ in 0..units {
            self();
        }
    }
}

/// A wish that a run ends, shared by all clones; it is never taken back.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks every run that looks at a clone to end.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A token alone counts nothing.
impl Watch for Stop {
    fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A run that was stopped before it knew its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped before the end")]
pub struct Stopped;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    /// Counts how often it is looked at, and stops a run at the look after so many.
    pub(crate) struct Looks {
        seen: AtomicU64,
        patience: u64,
    }

    impl Looks {
        pub(crate) fn of(patience: u64) -> Self {
            let seen = AtomicU64::new(0);
            Self { seen, patience }
        }

        pub(crate) fn seen(&self) -> u64 {
            self.seen.load(Ordering::Relaxed)
        }
    }

    impl Watch for Looks {
        fn is_stopped(&self) -> bool {
            self.seen.fetch_add(1, Ordering::Relaxed) >= self.patience
        }
    }

    #[test]
    fn a_function_counts_and_a_token_stops() {
        let count = AtomicU64::new(0);
        let counter = || {
            count.fetch_add(1, Ordering::Relaxed);
        };
        counter.advance(3);
        assert!(!counter.is_stopped());
        assert_eq!(count.load(Ordering::Relaxed), 3);
        let stop = Stop::default();
        stop.advance(5);
        let clone = stop.clone();
        assert!(!clone.is_stopped());
        stop.request();
        assert!(clone.is_stopped() && stop.is_stopped());
        assert!(!Stop::default().is_stopped());
    }
}
