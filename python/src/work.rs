//! Rust work called from Python: it lets go of the interpreter, hears Ctrl-C, says how far it is, and never panics
//! into Python.
//!
//! The work runs on a thread of the pool. The thread that called waits, and looks every [`LOOK`] whether a signal came
//! or there is something to tell. If so it asks the work to stop, waits for [`GRACE`], and returns: work that does not
//! notice in time is left behind with its arrays, which it keeps alive, and its result is dropped.

use crate::refusal::{Class, Refusal};
use crate::threads::{self, NAME};
use polyak::watch::{Stop, Watch};
use pyo3::prelude::*;
use rayon::ThreadPool;
use std::any::Any;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Between two looks for signals.
const LOOK: Duration = Duration::from_millis(40);

/// How long work may take to notice that it should stop.
const GRACE: Duration = Duration::from_millis(100);

/// How far work is, and the wish that it stops.
#[derive(Default)]
pub struct Desk {
    stop: Stop,
    stage: Mutex<String>,
    done: AtomicU64,
    total: AtomicU64,
}

impl Desk {
    /// Begins another stage, of so many units; of none if that is not known.
    pub fn begin(&self, stage: impl Into<String>, total: u64) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage.into();
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// Says what is at work, and how far it is.
    pub fn tell(&self, stage: impl Into<String>, done: u64, total: u64) {
        self.begin(stage, total);
        self.reach(done);
    }

    /// Says how far the stage is.
    pub fn reach(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }

    fn seen(&self) -> (String, u64, u64) {
        let stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        let number = |of: &AtomicU64| of.load(Ordering::Relaxed);
        (stage.clone(), number(&self.done), number(&self.total))
    }
}

impl Watch for Desk {
    fn advance(&self, units: u64) {
        self.done.fetch_add(units, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }
}

/// A desk that several watches share.
#[derive(Clone)]
pub struct Shared(pub Arc<Desk>);

impl Watch for Shared {
    fn advance(&self, units: u64) {
        self.0.advance(units);
    }

    fn is_stopped(&self) -> bool {
        self.0.is_stopped()
    }
}

/// What the thread that waits hears: the end of the work, or a question of it.
enum Told<T, Q> {
    Done(thread::Result<Result<T, Refusal>>),
    Question(Q),
}

/// How work asks the thread that called; a question that is not answered is dropped.
pub struct Asker<Q>(Box<dyn Fn(Q) -> bool + Send + Sync>);

impl<Q> Asker<Q> {
    /// Asks, and tells whether anybody listens.
    pub fn ask(&self, question: Q) -> bool {
        (self.0)(question)
    }
}

/// Does work on the pool, and attends to the interpreter meanwhile.
///
/// `progress` is called with the stage, the units done, and those in all (0 if not known), from the thread that called.
pub fn attended<T: Send + 'static>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Arc<Desk>) -> Result<T, Refusal> + Send + 'static,
) -> PyResult<T> {
    let pool = threads::pool(py).map_err(|refusal| refusal.raised(py))?;
    let silent = |question: Infallible| match question {};
    serving(py, &pool, progress, silent, move |desk, _| work(desk))
}

/// The same on any pool, for work that asks questions: `answer` hears them on the thread that called, and if it raises, the
/// work ends.
pub fn serving<T: Send + 'static, Q: Send + 'static>(
    py: Python<'_>,
    pool: &Arc<ThreadPool>,
    progress: Option<&Bound<'_, PyAny>>,
    mut answer: impl FnMut(Q) -> PyResult<()>,
    work: impl FnOnce(&Arc<Desk>, Asker<Q>) -> Result<T, Refusal> + Send + 'static,
) -> PyResult<T> {
    let desk = Arc::new(Desk::default());
    let (told, mut news) = channel();
    let at = Arc::clone(&desk);
    pool.spawn(move || {
        let asked = told.clone();
        let asker = Asker(Box::new(move |question| {
            asked.send(Told::Question(question)).is_ok()
        }));
        let done = catch_unwind(AssertUnwindSafe(|| work(&at, asker)));
        // Whoever does not listen has left it behind.
        let _ = told.send(Told::Done(done));
    });
    let (mut last, mut looked) = (None, Instant::now());
    let done = loop {
        let heard;
        (news, heard) = py.detach(move || {
            let heard = news.recv_timeout(LOOK);
            (news, heard)
        });
        let answered = match heard {
            Ok(Told::Done(done)) => break done,
            Ok(Told::Question(question)) => answer(question),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(bug("the work ended without a result").raised(py));
            }
            Err(RecvTimeoutError::Timeout) => Ok(()),
        };
        let wanted = answered.and_then(|()| {
            if looked.elapsed() < LOOK {
                return Ok(());
            }
            looked = Instant::now();
            py.check_signals()?;
            tell(progress, &desk, &mut last)
        });
        if let Err(cause) = wanted {
            desk.stop.request();
            if !py.detach(move || ends_soon(&news)) {
                threads::abandon(py, pool);
            }
            return Err(cause);
        }
    };
    let found = match done {
        Ok(found) => found.map_err(|refusal| refusal.raised(py))?,
        Err(panic) => return Err(bug(&of_panic(panic.as_ref())).raised(py)),
    };
    tell(progress, &desk, &mut last)?;
    Ok(found)
}

/// Tells whether work that should stop does, without an answer to what it asks.
fn ends_soon<T, Q>(news: &Receiver<Told<T, Q>>) -> bool {
    let asked = Instant::now();
    loop {
        match news.recv_timeout(GRACE.saturating_sub(asked.elapsed())) {
            Ok(Told::Done(_)) => return true,
            Ok(Told::Question(_)) => {}
            Err(_) => return false,
        }
    }
}

fn tell(
    progress: Option<&Bound<'_, PyAny>>,
    desk: &Desk,
    last: &mut Option<(String, u64, u64)>,
) -> PyResult<()> {
    let Some(progress) = progress else {
        return Ok(());
    };
    let seen = desk.seen();
    if seen.0.is_empty() || last.as_ref() == Some(&seen) {
        return Ok(());
    }
    progress.call1(seen.clone())?;
    *last = Some(seen);
    Ok(())
}

/// What the last panics on threads of the pool said, and where.
static PANICS: Mutex<Option<String>> = Mutex::new(None);

/// Panics on threads of the pool are kept for the exception that tells of them, and not printed.
pub fn keep_panics() {
    let other = take_hook();
    set_hook(Box::new(move |panic| {
        let is_own = thread::current()
            .name()
            .is_some_and(|name| name.starts_with(NAME));
        if is_own {
            let mut kept = PANICS.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = Some(panic.to_string());
        } else {
            other(panic);
        }
    }));
}

fn of_panic(panic: &(dyn Any + Send)) -> String {
    let kept = PANICS.lock().unwrap_or_else(PoisonError::into_inner).take();
    let said = || {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied())
            .map(str::to_owned)
    };
    kept.or_else(said)
        .unwrap_or_else(|| "a panic without words".to_owned())
}

fn bug(what: &str) -> Refusal {
    let message = format!(
        "{what}; this is a mistake in polyak and not in what you gave it: please report it with the call that \
         raised it"
    );
    Refusal::new(Class::Bug, message)
}

/// Work that does not end before it is stopped, for tests; where it is `deaf`, it does not hear that for two seconds.
#[pyfunction]
#[pyo3(signature = (deaf, progress=None))]
pub fn endless(py: Python<'_>, deaf: bool, progress: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    attended(py, progress, move |desk| {
        desk.begin("waiting", 0);
        let began = Instant::now();
        while !desk.is_stopped() || deaf && began.elapsed() < Duration::from_secs(2) {
            thread::sleep(Duration::from_millis(1));
            desk.advance(1);
        }
        Ok(())
    })
}

/// Work that does nothing, to measure what a call costs beside its work.
#[pyfunction]
pub fn idle(py: Python<'_>) -> PyResult<()> {
    attended(py, None, |_| Ok(()))
}

/// Work that panics, for tests.
#[pyfunction]
pub fn mistaken(py: Python<'_>) -> PyResult<()> {
    attended(py, None, |_| panic!("this panic is on purpose"))
}
