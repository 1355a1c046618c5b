//! What is said on the standard error while something runs.
//!
//! On a terminal it is one line at the bottom, no wider than the terminal. Elsewhere it is a plain line a minute, so
//! that a log shows that something runs, and short runs leave nothing. What is expected to take longer than a minute
//! says so beforehand, in either case.

use super::manners::is_quiet;
use super::output::remark;
use crate::recipe::SPEED;
use crate::watch::{Stop, Watch};
use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Between two plain lines; what takes no longer is not announced.
const SELDOM: Duration = Duration::from_secs(60);

/// Bytes in a GiB.
const GIB: f64 = (1u64 << 30) as f64;

/// Between two looks at the clock on a terminal.
const OFTEN: Duration = Duration::from_millis(250);

/// The line of something that runs; it goes away with this.
pub struct Running {
    bar: ProgressBar,
    clock: Option<Clock>,
}

impl Running {
    /// Shows that something runs, with the units that it has, if they are known.
    pub fn start(what: &'static str, units: Option<u64>) -> Self {
        let quiet = is_quiet();
        let terminal = stderr().is_terminal() && !quiet;
        let target = match terminal {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let width = Term::stderr().size_checked().map_or(80, |(_, width)| width);
        let bar = ProgressBar::with_draw_target(units, target)
            .with_style(style(width, units.is_some()))
            .with_message(what);
        let clock = match quiet {
            true => None,
            false => Clock::start(bar.clone(), what, terminal),
        };
        Self { bar, clock }
    }

    /// Says beforehand how long it will take, if that is long.
    ///
    /// # Arguments
    /// * `multiplications`: an estimate from shapes.
    pub fn announce(&self, what: &str, multiplications: f64) {
        self.announce_with(what, multiplications, 0.0);
    }

    /// The same of what takes memory that is worth a word.
    ///
    /// # Arguments
    /// * `bytes`: an estimate from shapes.
    pub fn announce_with(&self, what: &str, multiplications: f64, bytes: f64) {
        if let Some(line) = announcement(what, multiplications / SPEED, bytes / GIB) {
            self.above(|| remark(&line));
        }
    }

    /// The counter, which may be shared with other threads.
    pub fn bar(&self) -> &ProgressBar {
        &self.bar
    }

    /// Prints something above the line.
    pub fn above<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.clock.take());
        self.bar.finish_and_clear();
    }
}

/// A line and the wish to end what it is about, in one.
pub struct Watched {
    bar: ProgressBar,
    stop: Stop,
}

impl Watched {
    /// Clones of both.
    pub fn new(running: &Running, stop: &Stop) -> Self {
        let (bar, stop) = (running.bar.clone(), stop.clone());
        Self { bar, stop }
    }

    /// Says what is done now.
    pub fn say(&self, what: &'static str) {
        self.bar.set_message(what);
    }
}

impl Watch for Watched {
    fn advance(&self, units: u64) {
        self.bar.inc(units);
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }
}

/// A thread that keeps the line alive; what runs need not think of it.
struct Clock {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Clock {
    /// No clock, where the system has no thread to give.
    fn start(bar: ProgressBar, what: &'static str, terminal: bool) -> Option<Self> {
        let (end, ended) = channel();
        let pause = if terminal { OFTEN } else { SELDOM };
        let tick = move || {
            while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                if terminal {
                    bar.tick();
                } else {
                    let _ = writeln!(stderr(), "{}", plain(what, &bar));
                }
            }
        };
        let thread = Builder::new().name("clock".to_owned()).spawn(tick).ok()?;
        Some(Self {
            end: Some(end),
            thread: Some(thread),
        })
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The line, in as many columns as there are: the message is cut, the rest fits.
fn style(columns: u16, counted: bool) -> ProgressStyle {
    let template = match (counted, columns) {
        (true, 60..) => "{bar:24} {pos}/{len} {elapsed} {wide_msg}",
        (true, 40..) => "{bar:10} {pos}/{len} {wide_msg}",
        (true, _) => "{pos}/{len} {wide_msg}",
        (false, _) => "{spinner} {elapsed} {wide_msg}",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// The line of a log.
fn plain(what: &str, bar: &ProgressBar) -> String {
    let minutes = bar.elapsed().as_secs() / 60;
    let counted = match bar.length() {
        Some(length) => format!("{} of {length}, ", bar.position()),
        None => String::new(),
    };
    let message = bar.message();
    let message = match &*message {
        same if same == what => String::new(),
        other => format!("{other}, "),
    };
    format!("polyak: {what}: {counted}{message}{minutes} min")
}

/// How long something takes, if that is long, and how much memory, if that is much.
fn announcement(what: &str, seconds: f64, gib: f64) -> Option<String> {
    let much = (gib >= 1.0).then(|| format!("{gib:.1} GiB"));
    if !(seconds > SELDOM.as_secs_f64()) {
        let much = much?;
        return Some(format!(
            "{what} takes about {much} of memory, estimated from the sizes"
        ));
    }
    let much = much.map_or(String::new(), |much| format!(" and {much} of memory"));
    let minutes = seconds / 60.0;
    let long = match minutes {
        ..1.5 => "a minute".to_owned(),
        ..90.0 => format!("{minutes:.0} minutes"),
        _ => format!("{:.1} hours", minutes / 60.0),
    };
    Some(format!(
        "{what} takes about {long} on two cores{much}, estimated from the sizes"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::TermLike;
    use std::io;
    use std::sync::{Arc, Mutex};

    /// A terminal that keeps what is written on it.
    #[derive(Clone, Debug)]
    struct Paper(u16, Arc<Mutex<String>>);

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            self.0
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(&format!("{text}\n"))
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.1.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.write_str("\n")
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_line_fits_every_terminal() {
        for columns in 20..=200 {
            for units in [Some(300_000), None] {
                let written = Arc::default();
                let paper = Paper(columns, Arc::clone(&written));
                let target = ProgressDrawTarget::term_like(Box::new(paper));
                let bar = ProgressBar::with_draw_target(units, target)
                    .with_style(style(columns, units.is_some()))
                    .with_message("P5.along-descent ".repeat(9))
                    .with_position(units.unwrap_or(0));
                bar.tick();
                let written = written.lock().unwrap();
                assert!(written.contains("P5"), "{columns}: {written}");
                for line in written.lines() {
                    let width = console::measure_text_width(line);
                    assert!(width <= usize::from(columns), "{columns}: {line}");
                }
            }
        }
    }

    #[test]
    fn a_log_says_how_far_it_is() {
        let hidden = |units| ProgressBar::with_draw_target(units, ProgressDrawTarget::hidden());
        let bar = hidden(Some(20_000))
            .with_message("P3.local")
            .with_position(123);
        let line = "polyak: verify: 123 of 20000, P3.local, 0 min";
        assert_eq!(plain("verify", &bar), line);
        let bar = hidden(None).with_message("recipe");
        assert_eq!(plain("recipe", &bar), "polyak: recipe: 0 min");
    }

    #[test]
    fn what_is_short_is_not_announced() {
        assert_eq!(announcement("it", 59.0, 0.9), None);
        assert_eq!(announcement("it", f64::NAN, f64::NAN), None);
        for (seconds, words) in [
            (61.0, "it takes about a minute on"),
            (150.0, "about 2 minutes"),
            (5300.0, "about 88 minutes"),
            (9000.0, "about 2.5 hours"),
        ] {
            let line = announcement("it", seconds, 0.5).unwrap();
            assert!(line.contains(words) && !line.contains("GiB"), "{line}");
        }
        let line = announcement("it", 61.0, 1.25).unwrap();
        assert!(
            line.contains("a minute on two cores and 1.2 GiB of memory"),
            "{line}"
        );
        let line = announcement("it", 1.0, 3.0).unwrap();
        assert!(line.contains("takes about 3.0 GiB of memory"), "{line}");
    }
}
