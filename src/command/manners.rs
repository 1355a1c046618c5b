//! What every subcommand takes: how loud it is, in which colours, and on how many threads.

use anstream::ColorChoice;
use clap::Args;
use std::sync::OnceLock;

/// Options of every subcommand.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every subcommand")]
pub struct Manners {
    /// Share the work among so many threads [default: RAYON_NUM_THREADS, or one a processor]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub threads: Option<u32>,
    /// Print no words and no progress: errors, files and the exit status are enough
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Colour verdicts: on a terminal (auto), everywhere, or nowhere
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = clap::ColorChoice::Auto)]
    pub color: clap::ColorChoice,
}

static QUIET: OnceLock<bool> = OnceLock::new();

impl Manners {
    /// Lets them hold from now on; the first ones of a process do.
    pub fn observe(&self) {
        let _ = QUIET.set(self.quiet);
        let choice = match self.color {
            clap::ColorChoice::Auto => ColorChoice::Auto,
            clap::ColorChoice::Always => ColorChoice::Always,
            clap::ColorChoice::Never => ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// Tells whether words are wanted.
pub fn is_quiet() -> bool {
    QUIET.get().copied().unwrap_or(false)
}
