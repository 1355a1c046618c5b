//! Ctrl-C, and the other signals that ask a process to end.

use super::failure::Failure;
use super::output::remark;
use crate::watch::{Stop, Watch};
use std::io::{Write, stderr};
use std::sync::OnceLock;
use std::time::Duration;

/// The exit status of a run that was interrupted: 128 and the number of the signal of Ctrl-C, whichever it was.
pub const INTERRUPTED: u8 = 130;

/// How long a run may take to notice.
pub const PATIENCE: Duration = Duration::from_secs(1);

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
