//! Ctrl-C, and the other signals that ask a process to end.

use super::failure::Failure;
use super::output::remark;
use crate::watch::{Stop, Watch};
use std::io::{Write, stderr};
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// The exit status of a run that was interrupted: 128 and the number of the signal of Ctrl-C, whichever it was.
pub const INTERRUPTED: u8 = 130;

/// How long a run may take to notice.
const PATIENCE: Duration = Duration::from_secs(1);

/// The wish of this process: signals are listened to once.
static WISH: OnceLock<Stop> = OnceLock::new();

/// Turns the first signal into a wish that the run ends with what it has, and `word` into what is said of it; the
/// second ends the process at once.
///
/// Without this, for what knows nothing before its end, the first one does. Called again it returns the same wish.
pub fn listen(word: &'static str) -> Result<Stop, Failure> {
    if let Some(stop) = WISH.get() {
        return Ok(stop.clone());
    }
    let stop = WISH.get_or_init(Stop::default).clone();
    let asked = stop.clone();
    let handler = move || {
        if asked.is_stopped() {
            std::process::exit(INTERRUPTED.into());
        }
        asked.request();
        let _ = writeln!(stderr());
        remark(&format!("{word}; once more ends at once"));
    };
    match ctrlc::set_handler(handler) {
        Ok(()) => Ok(stop),
        Err(cause) => Err(Failure::Signals { cause }),
    }
}

/// The stack of a thread that does what else the first one would do.
const STACK: usize = 8 << 20;

/// Does work on a thread of its own; nothing, where it was asked to end and does not in time: it is left behind.
pub fn attended<T: Send + 'static>(
    stop: &Stop,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<Option<T>, Failure> {
    let (told, news) = channel();
    let worker = Builder::new().name("work".to_owned()).stack_size(STACK);
    let worker = worker.spawn(move || {
        // Whoever does not listen has left it behind.
        let _ = told.send(work());
    });
    let worker = worker.map_err(|cause| Failure::Thread { cause })?;
    match heard(&news, stop) {
        None if !stop.is_stopped() => match worker.join() {
            Err(panic) => resume_unwind(panic),
            Ok(()) => unreachable!("work that ends is heard of"),
        },
        done => Ok(done),
    }
}

/// Waits for the next news; nothing, if there is none, or if a run was asked to end and does not in time.
pub fn heard<T>(news: &Receiver<T>, stop: &Stop) -> Option<T> {
    loop {
        if stop.is_stopped() {
            return news.recv_timeout(PATIENCE).ok();
        }
        match news.recv_timeout(PATIENCE / 10) {
            Ok(news) => return Some(news),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// What work that is attended has said last, for whoever is interrupted.
pub struct Said<T>(Arc<Mutex<T>>);

impl<T: Clone> Said<T> {
    /// Nothing has been said but this.
    pub fn new(first: T) -> Self {
        Self(Arc::new(Mutex::new(first)))
    }

    /// Says something else.
    pub fn say(&self, next: T) {
        self.change(|_| next);
    }

    /// Says what follows from the last.
    pub fn change(&self, next: impl FnOnce(T) -> T) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = next(last.clone());
    }

    /// What was said last.
    pub fn last(&self) -> T {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }
}

impl<T> Clone for Said<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::sleep;

    #[test]
    fn work_that_does_not_end_is_left_behind() {
        let stop = Stop::default();
        assert_eq!(attended(&stop, || 7).unwrap(), Some(7));
        let (said, asked) = (Said::new("nothing"), stop.clone());
        let words = said.clone();
        let endless = move || {
            words.say("something");
            asked.request();
            sleep(20 * PATIENCE);
        };
        assert_eq!(attended(&stop, endless).unwrap(), None);
        assert_eq!(said.last(), "something");
        // What ends in time is heard of.
        assert_eq!(attended(&stop, || 8).unwrap(), Some(8));
    }

    #[test]
    #[should_panic(expected = "on another thread")]
    fn a_panic_of_the_work_is_one_of_the_caller() {
        let _ = attended(&Stop::default(), || panic!("on another thread"));
    }
}
