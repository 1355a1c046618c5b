//! The ratio of two methods, measured in turns in the same run.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Rounds of a comparison; each runs both methods once.
const ROUNDS: usize = 15;

fn time<T>(work: &mut impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Prints the medians of both methods and their ratio.
pub fn report<A, B>(
    what: &str,
    ours: impl FnMut() -> A,
    competitor: &str,
    theirs: impl FnMut() -> B,
) {
    report_rounds(ROUNDS, what, ours, competitor, theirs);
}

/// The same over a number of rounds, for methods that take seconds.
pub fn report_rounds<A, B>(
    rounds: usize,
    what: &str,
    mut ours: impl FnMut() -> A,
    competitor: &str,
    mut theirs: impl FnMut() -> B,
) {
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    time(&mut ours);
    time(&mut theirs);
    for _ in 0..rounds {
        mine.push(time(&mut ours));
        others.push(time(&mut theirs));
    }
    let (mine, others) = (median(mine), median(others));
    let ratio = others.as_secs_f64() / mine.as_secs_f64();
    println!("ratio {what}: polyak {mine:.2?}, {competitor} {others:.2?}: {ratio:.2} times faster");
}
