//! The named factors of bounds, and what becomes of a check when one of them is another.
//!
//! A bound is a product of factors and a sum of terms, and each can be wrong by itself. Where a formula stands, its parts
//! are [`named`]; nothing else is needed for a [`Trial`] to ask what a check would have said had one of them been a
//! little larger, smaller, or lost. There is no second copy of any formula.
//!
//! Outside of a trial a name costs one look at a variable of the thread, and values pass unchanged.
//!
//! # Example
//! ```
//! use polyak::factor::{FactorChange, Trial, named};
//! let area = |radius: f64| named("disc: π", std::f64::consts::PI) * named("disc: r²", radius * radius);
//! let trial = Trial::try_new()?;
//! assert_eq!(trial.met(|| area(2.0)).1, ["disc: r²", "disc: π"]);
//! let halved = trial.under(FactorChange { factor: "disc: π", by: -0.5 }, || area(2.0));
//! assert_eq!(halved, area(2.0) / 2.0);
//! # Ok::<(), polyak::factor::TrialError>(())
//! ```

use crate::arithmetic::Ball;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// A number that a factor of a bound can be.
pub trait Factor: Copy {
    /// Returns `(1 + by)` times the number.
    #[must_use]
    fn changed(self, by: f64) -> Self;
}

impl Factor for f64 {
    fn changed(self, by: f64) -> Self {
        self * (1.0 + by)
    }
}

impl Factor for Ball {
    fn changed(self, by: f64) -> Self {
        self * Self::from(1.0 + by)
    }
}

/// One factor, taken to be `1 + by` times what it is: −1 drops a term, and loses an exponent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FactorChange {
    /// The name under which it stands in the formula.
    pub factor: &'static str,
    /// By which share it is larger.
    pub by: f64,
}

/// What a thread does with named factors.
#[derive(Clone, Copy)]
enum Mode {
    /// They are what they are.
    Plain,
    /// They are what they are, and remembered.
    Noted,
    /// One of them is another.
    Changed(FactorChange),
}

thread_local! {
    static MODE: Cell<Mode> = const { Cell::new(Mode::Plain) };
    static MET: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// Returns a factor or a term of a bound, named: itself, but in a [`Trial`].
///
/// # Arguments
/// * `name`: the formula and its part, `contraction: κ1R`; one formula, one name.
pub fn named<T: Factor>(name: &'static str, value: T) -> T {
    match MODE.get() {
        Mode::Plain => value,
        mode => tried(mode, name, value),
    }
}

#[cold]
fn tried<T: Factor>(mode: Mode, name: &'static str, value: T) -> T {
    match mode {
        Mode::Changed(change) if change.factor == name => value.changed(change.by),
        Mode::Noted => {
            MET.with_borrow_mut(|met| met.insert(name));
            value
        }
        Mode::Plain | Mode::Changed(_) => value,
    }
}

/// Ends a mode with its scope, whatever ends that.
struct Scope;

impl Scope {
    fn begin(mode: Mode) -> Self {
        MODE.set(mode);
        Self
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        MODE.set(Mode::Plain);
    }
}

/// Why there is no trial.
#[derive(Debug, thiserror::Error)]
#[error(
    "a trial of factors needs a thread of its own, and the system gives none ({0}); end other programs, or raise the limit"
)]
pub struct TrialError(#[from] rayon::ThreadPoolBuildError);

/// A place where factors can be changed: one thread that does alone whatever is run there, parallel loops included, so
/// that nothing else sees the change.
#[derive(Debug)]
pub struct Trial {
    alone: rayon::ThreadPool,
}

impl Trial {
    /// Prepares a thread.
    ///
    /// # Errors
    /// The system gives none.
    pub fn try_new() -> Result<Self, TrialError> {
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
        Ok(Self { alone })
    }

    fn run<T: Send>(&self, mode: Mode, run: impl FnOnce() -> T + Send) -> T {
        self.alone.install(|| {
            let _scope = Scope::begin(mode);
            run()
        })
    }

    /// Runs what is given as it is, and returns the names that it met, in alphabetical order.
    pub fn met<T: Send>(&self, run: impl FnOnce() -> T + Send) -> (T, Vec<&'static str>) {
        self.alone.install(|| {
            let scope = Scope::begin(Mode::Noted);
            let done = run();
            drop(scope);
            let met = MET.take();
            (done, met.into_iter().collect())
        })
    }

    /// Runs what is given with one factor changed.
    pub fn under<T: Send>(&self, change: FactorChange, run: impl FnOnce() -> T + Send) -> T {
        self.run(Mode::Changed(change), run)
    }
}

/// Does so many pieces of work on as many threads as there are to work, the caller's among them, each with a trial of its own, and
/// returns what came of them in their order. A piece that gives nothing ends the work of its thread: as many pieces as there is
/// time for are `usize::MAX`.
///
/// # Errors
/// That of a piece; the system gives no thread for a first trial. Where it gives no more, there are fewer to work.
#[cfg(feature = "claims")]
pub(crate) fn in_trials<T, E>(
    pieces: usize,
    work: impl Fn(&Trial, usize) -> Result<Option<T>, E> + Sync,
) -> Result<Vec<T>, E>
where
    T: Send,
    E: From<TrialError> + Send,
{
    use std::sync::atomic::{AtomicUsize, Ordering};
    let next = AtomicUsize::new(0);
    let run = |trial: &Trial| -> Result<Vec<(usize, T)>, E> {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let found = if index < pieces {
                work(trial, index)?
            } else {
                None
            };
            match found {
                Some(found) => done.push((index, found)),
                None => return Ok(done),
            }
        }
    };
    let own = Trial::try_new()?;
    let others = rayon::current_num_threads().min(pieces).saturating_sub(1);
    let others: Vec<Trial> = (0..others).map_while(|_| Trial::try_new().ok()).collect();
    let done: Result<Vec<_>, E> = std::thread::scope(|scope| {
        let run = &run;
        let begin = |trial| std::thread::Builder::new().spawn_scoped(scope, move || run(trial));
        let others: Vec<_> = others.iter().map_while(|trial| begin(trial).ok()).collect();
        let first = run(&own);
        let joined = others.into_iter().map(|worker| worker.join());
        let joined =
            joined.map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        std::iter::once(first).chain(joined).collect()
    });
    let mut done: Vec<(usize, T)> = done?.into_iter().flatten().collect();
    done.sort_unstable_by_key(|&(index, _)| index);
    Ok(done.into_iter().map(|(_, found)| found).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    fn sum(count: u32) -> f64 {
        let terms = (0..count).into_par_iter().map(|i| {
            let even = named("sum: even", f64::from(i) * 2.0);
            even + named("sum: one", 1.0)
        });
        terms.collect::<Vec<f64>>().iter().sum()
    }

    #[test]
    fn a_change_holds_in_every_loop_of_its_trial_and_nowhere_else() {
        let trial = Trial::try_new().unwrap();
        let without = |factor| FactorChange { factor, by: -1.0 };
        assert_eq!(trial.under(without("sum: one"), || sum(100)), 9900.0);
        assert_eq!(trial.under(without("sum: even"), || sum(100)), 100.0);
        assert_eq!(trial.under(without("sum: odd"), || sum(100)), 10000.0);
        assert_eq!((sum(100), trial.met(|| sum(100)).0), (10000.0, 10000.0));
        let beside = rayon::join(
            || trial.under(without("sum: one"), || sum(1000)),
            || (0..50).map(|_| sum(10)).sum::<f64>(),
        );
        assert_eq!(beside, (999_000.0, 5000.0));
    }

    #[test]
    fn names_are_noted_once_and_forgotten() {
        let trial = Trial::try_new().unwrap();
        assert_eq!(trial.met(|| sum(3)).1, ["sum: even", "sum: one"]);
        assert!(trial.met(|| 1).1.is_empty());
    }

    #[test]
    fn a_panic_ends_the_change() {
        let trial = Trial::try_new().unwrap();
        let change = FactorChange {
            factor: "sum: one",
            by: 1.0,
        };
        let run = || trial.under(change, || panic!("on purpose"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
        assert_eq!(trial.alone.install(|| sum(2)), 4.0);
    }

    #[cfg(feature = "claims")]
    #[test]
    fn pieces_come_back_in_their_order_or_the_work_ends() {
        let square = |trial: &Trial, i: usize| -> Result<Option<f64>, TrialError> {
            let change = FactorChange {
                factor: "sum: one",
                by: 1.0,
            };
            Ok(Some(trial.under(change, || sum(i as u32))))
        };
        let expected: Vec<f64> = (0..40).map(|i| f64::from(i * (i - 1) + 2 * i)).collect();
        assert_eq!(in_trials(40, square).unwrap(), expected);
        assert!(in_trials(0, square).unwrap().is_empty());
        // Without end, until nothing comes of a piece.
        let few =
            |_: &Trial, i: usize| -> Result<Option<usize>, TrialError> { Ok((i < 9).then_some(i)) };
        assert_eq!(in_trials(usize::MAX, few).unwrap(), Vec::from_iter(0..9));

        #[derive(Debug)]
        struct Ended;
        impl From<TrialError> for Ended {
            fn from(_: TrialError) -> Self {
                Self
            }
        }
        let ends = |_: &Trial, i: usize| if i == 7 { Err(Ended) } else { Ok(Some(i)) };
        assert!(in_trials(20, ends).is_err());
    }

    #[test]
    fn balls_and_numbers_change_by_a_share() {
        assert_eq!(2.0.changed(0.5), 3.0);
        assert!(Ball::from(2.0).changed(-1.0).contains(0.0));
        assert!(Ball::from(2.0).changed(0.25).contains(2.5));
    }
}
