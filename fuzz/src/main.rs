//! Feeds mutated files to every reader of `polyak`: none may panic, nor take more memory than a constant times its
//! input, nor go on for ever.
//!
//! ```text
//! cargo run --manifest-path fuzz/Cargo.toml -- [INPUTS [SEED]]
//! ```
//!
//! The same number and seed give the same inputs. An input that fails is written to the folder for temporary files.

mod allocator;
mod archive;
mod mutate;
mod random;
mod seeds;
mod targets;

use mutate::Mutator;
use random::Random;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use targets::Target;

#[global_allocator]
static COUNTING: allocator::Counting = allocator::Counting;

/// Inputs if nothing is said.
const INPUTS: u64 = 20_000;

/// Threads; what a thread does depends on its number alone.
const THREADS: u64 = 2;

/// The longest input.
const LONGEST: usize = 1 << 17;

/// An input that takes longer is a failure: a thousand times what the slowest takes.
const MOST_TIME: Duration = Duration::from_secs(10);

/// What was seen of a target.
#[derive(Clone, Default)]
struct Seen {
    inputs: u64,
    accepted: u64,
    /// The most bytes beyond the fixed allowance, for a byte of the input.
    ratio: f64,
    /// The most bytes taken by an input.
    peak: usize,
    slowest: Duration,
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.inputs += other.inputs;
        self.accepted += other.accepted;
        self.ratio = self.ratio.max(other.ratio);
        self.peak = self.peak.max(other.peak);
        self.slowest = self.slowest.max(other.slowest);
    }
}

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let (inputs, seed) = match (numbers.next(), numbers.next(), numbers.next()) {
        (None, ..) => (INPUTS, 0),
        (Some(Ok(inputs)), None, _) => (inputs, 0),
        (Some(Ok(inputs)), Some(Ok(seed)), None) => (inputs, seed),
        _ => {
            eprintln!("give a number of inputs, and a seed");
            return ExitCode::from(2);
        }
    };
    let targets = Target::all();
    let start = Instant::now();
    let seen = Mutex::new(vec![Seen::default(); targets.len()]);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (targets, seen, failures) = (&targets, &seen, &failures);
            scope.spawn(move || {
                let share = inputs / THREADS + u64::from(thread < inputs % THREADS);
                let found = run(targets, share, seed.wrapping_add(thread << 32), failures);
                let mut seen = seen.lock().expect("no thread fails with it");
                seen.iter_mut().zip(&found).for_each(|(a, b)| a.add(b));
            });
        }
    });
    let seen = seen.into_inner().expect("no thread fails with it");
    println!("reader        inputs  accepted  bytes a byte  (allowed)   peak, KiB  slowest, ms");
    for (target, seen) in targets.iter().zip(&seen) {
        println!(
            "{:<12}{:>8}{:>10}{:>14.1}{:>11}{:>12}{:>13.1}",
            target.name,
            seen.inputs,
            seen.accepted,
            seen.ratio,
            target.most_a_byte,
            seen.peak >> 10,
            seen.slowest.as_secs_f64() * 1e3
        );
    }
    println!("{inputs} inputs in {:.0} s", start.elapsed().as_secs_f64());
    let failures = failures.into_inner().expect("no thread fails with it");
    for failure in &failures {
        println!("FAILED {failure}");
    }
    ExitCode::from(u8::from(!failures.is_empty()))
}

/// Runs so many inputs over all targets in turn.
fn run(targets: &[Target], inputs: u64, seed: u64, failures: &Mutex<Vec<String>>) -> Vec<Seen> {
    let mut seen = vec![Seen::default(); targets.len()];
    let random = Random::new(seed);
    let mut mutators: Vec<Mutator> = targets
        .iter()
        .map(|target| Mutator::new(target.seeds.clone(), random.clone()))
        .collect();
    for k in 0..inputs {
        let at = (k % targets.len() as u64) as usize;
        let (target, seen) = (&targets[at], &mut seen[at]);
        let mut input = mutators[at].next(LONGEST);
        if let Some(repair) = target.repair {
            input = repair(input, k);
        }
        let start = Instant::now();
        let before = allocator::start();
        let read = catch_unwind(AssertUnwindSafe(|| (target.read)(&input)));
        let peak = allocator::peak(before);
        let time = start.elapsed();
        let allowed = targets::FIXED + target.most_a_byte * input.len();
        let fault = match read {
            Err(_) => Some("panics"),
            Ok(_) if peak > allowed => Some("takes too much memory"),
            Ok(_) if time > MOST_TIME => Some("takes too long"),
            Ok(_) => None,
        };
        seen.inputs += 1;
        let ratio = peak.saturating_sub(targets::FIXED) as f64 / input.len().max(1) as f64;
        seen.ratio = seen.ratio.max(ratio);
        seen.peak = seen.peak.max(peak);
        seen.slowest = seen.slowest.max(time);
        if let Ok(true) = read {
            seen.accepted += 1;
            mutators[at].keep(&input);
        }
        if let Some(fault) = fault {
            let file = std::env::temp_dir().join(format!("polyak-fuzz-{}-{k}", target.name));
            let kept = std::fs::write(&file, &input);
            let mut failures = failures.lock().expect("no thread fails with it");
            failures.push(format!(
                "{}: {fault}, {peak} bytes, {} of input, {time:?}; {} ({kept:?})",
                target.name,
                input.len(),
                file.display()
            ));
        }
    }
    seen
}
