//! What can be asked for.

use super::manners::Manners;
use super::{Effort, version};
use crate::campaign::Shard;
use crate::check::Scaling;
use crate::kernel::KernelName;
use crate::meanfield::Activation;
use crate::report::WIDTH;
use crate::spectrum::Method;
use crate::spectrum::certificate::MOST_BITS;
use clap::{Arg, ArgGroup, Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// More samples than this are never kept: spectra take N² numbers and N³ steps a layer.
pub const LARGEST_SAMPLE: i64 = 2000;

const EXIT_STATUS: &str = "\
Exit status:
  0  every claim holds
  1  a claim is violated, a control is not rejected, or a baseline regressed
  2  bad usage or bad input
  3  nothing is violated, but a claim is undecided, vacuous or inapplicable
  130  interrupted: what is known is printed, and how to go on";

const EIG_STATUS: &str = "\
Exit status:
  0  found, to the digits asked for
  2  bad usage or bad input
  3  found, but not to the digits asked for: the error or the interval is valid and wide
  130  interrupted: of a certificate the interval is printed that is proved so far";

const WIDTH_STATUS: &str = "\
Exit status:
  0  found
  2  bad usage or bad input
  3  no bound gives a width: λ_min(K) is not certainly positive, or the width is beyond 2^53
  130  interrupted: what is known is printed, and only the models drawn so far are counted";

const DISTANCE_STATUS: &str = "\
Exit status:
  0  found, enclosed to a relative 1e-12
  2  bad usage or bad input
  3  found, but the enclosure is wider: distances are below 1e-140, say
  130  interrupted: from the layers that are done follows how large the distance is at least";

const TRANSPORT_STATUS: &str = "\
Exit status:
  0  found, enclosed to a relative 1e-12; or proved, to the digits asked for
  2  bad usage or bad input
  3  found or proved, but the enclosure is wider
  130  interrupted: nothing is known";

const RECIPE_STATUS: &str = "\
Exit status:
  0  found
  2  bad usage or bad input, or data that have no recipe: two equal inputs, say
  130  interrupted: the constants that are known are printed";

const TRAIN_STATUS: &str = "\
Exit status:
  0  the loss reached its target, below its envelope at every iterate
  1  the promise is broken
  2  bad usage or bad input, a certificate that is not proved again, or a training that is too large
  3  stopped before the target, rounding has used up the promise, or nothing is promised from a network of another program
  130  interrupted: the checkpoint, or the network, is kept, if steps were taken";

const CHECK_STATUS: &str = "\
Exit status:
  0  gradient descent from the last checkpoint certainly reaches zero loss, for some step
  2  bad usage or bad input: files, arrays or data that do not fit
  3  that is not certain, or a file states another loss than its network has
  130  interrupted: the checkpoints that are done are printed";

const ATTACK_STATUS: &str = "\
Exit status:
  0  no instance was found on which it is violated
  1  one was found: of the claim, or with its factor changed
  2  bad usage, or a factor that the claim does not have
  130  interrupted: the worst instance known is printed";

/// Checks the Polyak–Łojasiewicz theory of very deep residual networks, claim by claim.
#[derive(Debug, Parser)]
#[command(name = "polyak", version, about, after_help = EXIT_STATUS)]
#[command(arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    pub manners: Manners,
    #[command(subcommand)]
    pub action: Action,
}

/// The command with all its subcommands, and what `--version` says.
pub fn command() -> clap::Command {
    Arguments::command()
        .long_version(version::long())
        .max_term_width(WIDTH)
}

#[derive(Debug, Subcommand)]
pub enum Action {
    /// Check the claims on sharp instances, on random ones, and on data
    #[command(after_help = EXIT_STATUS)]
    Verify(Verify),
    /// The smallest eigenvalue of a Gram matrix, or of a symmetric matrix: estimated, or enclosed
    #[command(after_help = EIG_STATUS)]
    Eig(Eig),
    /// How many random features a kernel needs on given points: by every bound, and by trial
    #[command(after_help = WIDTH_STATUS)]
    Width(Width),
    /// The conditional optimal transport distance of two networks of particles, enclosed
    #[command(after_help = DISTANCE_STATUS)]
    Distance(Distance),
    /// The Wasserstein distance of two clouds of points, enclosed: found, or proved by what another solver found
    #[command(after_help = TRANSPORT_STATUS)]
    Transport(Clouds),
    /// A network for given data, and a guarantee of its training: scale, step, rate, iterations
    #[command(after_help = RECIPE_STATUS)]
    Recipe(Recipe),
    /// Train by a recipe, or on from a network of another program, and hold the training to its promise at every iterate
    #[command(after_help = TRAIN_STATUS)]
    Train(Train),
    /// What the theory says of networks that were trained elsewhere, and what it promises from where they stand
    #[command(after_help = CHECK_STATUS)]
    Check(Check),
    /// Put the reports of `verify --shard` together, or the parts of `eig --factor --shard`
    #[command(after_help = EXIT_STATUS)]
    Merge(Merge),
    /// Search an instance on which a claim is violated, or would be if one of its factors were another
    #[command(after_help = ATTACK_STATUS)]
    Attack(AttackOptions),
    /// List the claims, or explain one in full
    Claims {
        /// An id (P3.local), a number (P3) or a family (pl)
        name: Option<String>,
        /// Write the claims as pages with their proofs: a file for one id, a folder for several claims
        #[arg(long, value_name = "PLACE")]
        html: Option<PathBuf>,
        /// Write what the claims state as JSON to a file, or to the standard output (and nothing else) with `-`
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
    /// Keep a report to hold later runs against
    Baseline {
        #[command(subcommand)]
        action: BaselineAction,
    },
    /// Print the script that completes this command in a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page, or write those of all subcommands into a folder
    Man {
        /// The folder, made if it is not there
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct Merge {
    /// The reports of all parts, in any order, one of them - for the standard input if need be
    #[arg(required = true)]
    pub parts: Vec<PathBuf>,
    /// Write the merged report as JSON to a file, or to the standard output (and nothing else) with `-`
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub files: ReportFiles,
    /// Compare with a report written by `polyak baseline`
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum BaselineAction {
    /// Run, and write the report to a file for `polyak verify --baseline`
    #[command(after_help = EXIT_STATUS)]
    Write {
        /// The file to write
        file: PathBuf,
        #[command(flatten)]
        campaign: CampaignOptions,
    },
    /// Take the report of a run that was looked at for the baseline of later ones
    #[command(after_help = EXIT_STATUS)]
    Accept {
        /// The report: the JSON of `polyak verify` or `polyak merge`
        report: PathBuf,
        /// The file to write, or - for the standard output
        file: PathBuf,
    },
}

/// How an instance is searched for.
#[derive(Debug, Args)]
pub struct AttackOptions {
    /// An id (P7.hessian)
    pub claim: String,
    /// Change this factor of its bounds first: its name, or a part of it that no other has (θ)
    #[arg(long, value_name = "NAME")]
    pub factor: Option<String>,
    /// By which share the factor is made larger; below zero, smaller
    #[arg(long, value_name = "SHARE", default_value_t = -0.5, requires = "factor", allow_negative_numbers = true)]
    pub by: f64,
    /// From how many places it searches
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub starts: usize,
    /// How many instances it tries from each
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pub steps: usize,
    /// Search from ever more places, until so much time has passed
    #[arg(long, value_name = "MINUTES", value_parser = minutes, conflicts_with = "starts")]
    pub minutes: Option<f64>,
    /// The seed of what is drawn
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,
}

fn minutes(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(minutes) if minutes > 0.0 && minutes <= 1e6 => Ok(minutes),
        _ => Err("give a number of minutes above 0 and at most 1000000".to_owned()),
    }
}

/// A forge that shows annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Forge {
    /// GitHub's workflow commands, and the file that `GITHUB_STEP_SUMMARY` names
    Github,
}

/// The forms of a report for people and for pipelines.
#[derive(Clone, Debug, Args)]
pub struct ReportFiles {
    /// Write the report as one HTML file for a browser, with the proof of every claim
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Write the report as JUnit's XML for a server of continuous integration: a suite a family, a case a claim
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Say what does not hold as a forge shows it beside a change, on the standard error, and add a summary to the step
    #[arg(long, value_name = "FORGE", value_enum)]
    pub annotate: Option<Forge>,
}

/// The form of an answer for people.
#[derive(Clone, Debug, Args)]
pub struct PageFile {
    /// Write the answer as one HTML file for a browser: what it means, with a figure
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    pub campaign: CampaignOptions,
    /// Write the report as JSON to a file, or to the standard output (and nothing else) with `-`
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub files: ReportFiles,
    /// Compare with a report written by `polyak baseline write`
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Run one part of several, as 3/16, each with its own --json; `polyak merge` puts them together
    #[arg(long, value_name = "PART", conflicts_with = "baseline")]
    pub shard: Option<Shard>,
    /// Keep the report of --json after every claim, and take over the claims that are in it already
    #[arg(long, requires = "json")]
    pub resume: bool,
    /// Only run the controls: what every check must reject
    #[arg(long, conflicts_with_all = [
        "json", "report", "junit", "annotate", "baseline", "shard", "effort", "data", "array", "target", "kernel", "max_samples",
    ])]
    pub self_test: bool,
    /// Run everything under so many seeds that nobody chose, and print what each leaves open
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..),
          conflicts_with_all = ["report", "junit", "annotate", "baseline", "shard", "resume", "self_test", "seed"])]
    pub fresh_seeds: Option<u32>,
}

#[derive(Debug, Args)]
pub struct Width {
    /// Points, one a row, as `polyak eig` reads them [default: embedded digits]
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub array: ArrayName,
    /// Leave out a column: its name, its number from 1, or LAST [default: every column is a coordinate]
    #[arg(long, value_name = "COLUMN", requires = "data")]
    pub target: Option<String>,
    /// Bring every coordinate to mean 0 and variance 1, without the constant ones
    #[arg(long, requires = "data")]
    pub standardise: bool,
    /// The kernel: gaussian, matern12, matern32, matern52, matern72 or imq, with a bandwidth as in
    /// gaussian:1.5, gaussian:auto (median distance) or gaussian:0.5*auto
    #[arg(long, value_name = "NAME", default_value = "gaussian:0.35*auto")]
    pub kernel: KernelName,
    /// The most points to keep, from 1 to 2000 [default: 200 of the digits; all of a file]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=LARGEST_SAMPLE))]
    pub max_samples: Option<u32>,
    /// The share of λ_min(K) that may be lost, between 0 and 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, value_parser = probability, allow_negative_numbers = true)]
    pub epsilon: f64,
    /// The probability that more is lost, between 0 and 1
    #[arg(long, value_name = "PROBABILITY", default_value_t = 1e-3, value_parser = probability, allow_negative_numbers = true)]
    pub failure: f64,
    /// Models drawn for an empirical probability, 0 for none [default: 200, or as many as half a minute or so allows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub models: Option<u32>,
    /// Search the smallest width that meets the probability by trial, too
    #[arg(long)]
    pub empirical: bool,
    /// The seed of everything random
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Write the answer as JSON to a file, or to the standard output (and nothing else) with `-`
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub page: PageFile,
}

/// The networks that there are recipes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// Paper A's residual network with random features
    Residual,
    /// Paper B's network of particles: one draw, certified as it is; trained by the library, not by `polyak train`
    Meanfield,
}

#[derive(Debug, Args)]
pub struct Recipe {
    #[command(flatten)]
    pub data: DataOptions,
    /// Which network
    #[arg(long, value_enum, default_value_t = Model::Residual)]
    pub model: Model,
    /// Particles of a layer of a mean-field network [default: 256, or four times the samples if more]
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub width: Option<u32>,
    /// The probability that the network drawn is worse than promised, between 0 and 1
    #[arg(long, value_name = "PROBABILITY", default_value_t = 1e-3, value_parser = probability, allow_negative_numbers = true)]
    pub failure: f64,
    /// Draw the frequencies now and certify what they give, instead of promising it before the draw
    #[arg(long, conflicts_with = "failure")]
    pub realised: bool,
    /// The number of frequencies of a realised recipe [default: 500, or twice the samples if more]
    #[arg(long, value_name = "M", requires = "realised",
          value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub frequencies: Option<u64>,
    /// Layers
    #[arg(long, value_name = "D", default_value_t = 8,
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub depth: u32,
    /// How many times the smallest scale the readout's scale is, at least 1: more brings the
    /// guaranteed rate closer to the observed one [default: 4 realised, 64 otherwise]
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true)]
    pub headroom: Option<f64>,
    /// The share of its start that the loss is to reach, between 0 and 1 [default: 0.001]
    #[arg(long, value_name = "SHARE", value_parser = probability, allow_negative_numbers = true)]
    pub loss: Option<f64>,
    /// The seed of the sub-sample and of the frequencies
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Write the certificate as JSON to a file, or to the standard output (and nothing else) with `-`
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub page: PageFile,
}

/// What is asked of a network of another program is none of a recipe.
fn of_network(option: Arg) -> Arg {
    const SIGHT: [&str; 7] = [
        "data",
        "array",
        "target",
        "standardise",
        "scale",
        "loss",
        "max_order",
    ];
    if SIGHT.contains(&option.get_id().as_str()) {
        option.conflicts_with("recipe")
    } else {
        option
    }
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("start").required(true).args(["recipe", "from"])), mut_args(of_network))]
pub struct Train {
    /// A certificate written by `polyak recipe --json`, of a residual network, or - for the standard input
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// A network that another program trained, as `polyak check` reads it: train on from there, held to what is promised
    /// there
    #[arg(long, value_name = "NETWORK", requires = "data")]
    pub from: Option<PathBuf>,
    #[command(flatten)]
    pub sight: Sight,
    /// Which checkpoint of a file that has several, from 1 [default: the last]
    #[arg(long, value_name = "K", conflicts_with = "recipe", value_parser = clap::value_parser!(u64).range(1..))]
    pub at: Option<u64>,
    /// Keep the network reached, .npz or .safetensors, in the layout and the scaling of the file that it came from
    #[arg(long, value_name = "FILE", conflicts_with = "recipe")]
    pub save: Option<PathBuf>,
    /// Of a recipe: keep weights and standing in a file now and then and at the end; go on from it if it is there
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub checkpoint: Option<PathBuf>,
    /// Seconds between two checkpoints
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 30,
        requires = "checkpoint"
    )]
    pub every: u64,
    /// Stop after so many steps in all
    #[arg(long, value_name = "N")]
    pub steps: Option<u64>,
    /// Most memory of the training, in GiB, as estimated
    #[arg(long, value_name = "GIB", default_value_t = super::train::MOST_GIB, value_parser = limit, allow_negative_numbers = true)]
    pub max_gib: f64,
    /// Most time of the training, in hours, as estimated
    #[arg(long, value_name = "HOURS", default_value_t = super::train::MOST_HOURS, value_parser = limit, allow_negative_numbers = true)]
    pub max_hours: f64,
    /// Write the losses and the outcome as JSON to a file, or to the standard output with `-`
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub page: PageFile,
}

/// What a network of another program was trained on, and how both are understood.
#[derive(Debug, Args)]
pub struct Sight {
    /// What it was trained on: an .npz with the arrays `inputs` and `targets`, or a table with one row a sample
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub array: ArrayName,
    /// The target column of a table: its name, its number from 1, or LAST [default: LAST]
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// Drop constant inputs and bring the others, and a real target, to mean 0 and variance 1 [default: as they are]
    #[arg(long)]
    pub standardise: bool,
    /// What multiplies a block, in D (layers) and m (frequencies), as in 1/(D*sqrt(m)), 1/D or 0.1
    /// [default: the array `scale`]
    #[arg(long, value_name = "PRODUCT")]
    pub scale: Option<Scaling>,
    /// The share of the loss of a checkpoint that steps are counted to, between 0 and 1
    #[arg(long, value_name = "SHARE", default_value_t = 1e-3, value_parser = probability, allow_negative_numbers = true)]
    pub loss: f64,
    /// The most rows of a tangent kernel that is formed: samples times outputs; 0 for none
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(0..=20_000))]
    pub max_order: u32,
}

impl Sight {
    /// The data: `check` asks for them, and so does `train --from`.
    pub fn data(&self) -> &Path {
        self.data.as_deref().expect("the parser asks for --data")
    }
}

/// Networks of other programs.
#[derive(Debug, Args)]
#[command(mut_arg("data", |data| data.required(true)))]
pub struct Check {
    /// Networks, .npz or .safetensors, in the order of time: one file a checkpoint, or one with a first dimension of time
    #[arg(required = true, value_name = "NETWORK")]
    pub networks: Vec<PathBuf>,
    #[command(flatten)]
    pub sight: Sight,
    /// The activation of two-layer blocks: tanh, erf, sigmoid, cosine, scaled-cosine or relu
    #[arg(long, value_name = "NAME")]
    pub activation: Option<Activation>,
    /// The most steps that are followed beside the linearised network, fewer of a large tangent kernel
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub steps: u32,
    /// Write a table for plots, a row a checkpoint
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write the answer as JSON to a file, or to the standard output (and nothing else) with `-`
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub page: PageFile,
}

/// A number strictly between 0 and 1.
fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(p) if p > 0.0 && p < 1.0 => Ok(p),
        _ => Err("give a number between 0 and 1, neither of them".to_owned()),
    }
}

/// A number above 0, `inf` for no limit.
fn limit(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(limit) if limit > 0.0 => Ok(limit),
        _ => Err("give a number above 0, as 0.5 or 8, or inf".to_owned()),
    }
}

/// A time of at least 0.
fn seconds(text: &str) -> Result<Duration, String> {
    let read = text
        .parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    read.ok_or_else(|| "give a number of seconds of at least 0, as 0.5 or 60".to_owned())
}

#[derive(Debug, Args)]
pub struct Distance {
    /// A network: an array of shape layers × particles × coordinates, in .npz or .npy
    pub first: PathBuf,
    /// Another of as many layers and coordinates; the number of particles may differ
    pub second: PathBuf,
    #[command(flatten)]
    pub array: ArrayName,
    /// Show every layer, too
    #[arg(long)]
    pub layers: bool,
    /// Write the answer as JSON to a file, or to the standard output (and nothing else) with `-`
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub page: PageFile,
}

#[derive(Debug, Args)]
pub struct Clouds {
    /// A cloud: a table, a row a point
    pub first: PathBuf,
    /// Another of the same dimension; the number of points may differ
    pub second: PathBuf,
    #[command(flatten)]
    pub array: ArrayName,
    /// The column of the weights in both tables: its name, its number from 1, or LAST [default: all points weigh the same]
    #[arg(long, value_name = "COLUMN")]
    pub weights: Option<String>,
    /// 1 for W_1, of distances; 2 for W_2, of their squares
    #[arg(long, value_name = "P", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub order: u8,
    /// Prove the distance by a plan that another solver found: a matrix, a row a point of the first cloud, a column one of
    /// the second, of the shares of all mass
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Prove it by potentials that another solver found: a number for every point of the second cloud
    #[arg(long, value_name = "FILE")]
    pub potentials: Option<PathBuf>,
    /// Significant digits that a plan and potentials should prove
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u8).range(1..=14))]
    pub digits: u8,
    /// Write the answer as JSON to a file, or to the standard output (and nothing else) with `-`
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub page: PageFile,
}

/// Which array of an archive, wherever a table, a matrix or a network is read.
#[derive(Clone, Debug, Args)]
pub struct ArrayName {
    /// The array to read of an .npz archive [default: the only one; of networks `particles`]
    #[arg(long, value_name = "NAME")]
    pub array: Option<String>,
}

#[derive(Debug, Args)]
pub struct Eig {
    /// Points, one a row, with --kernel; else a symmetric matrix: text, .npy, .npz or .mtx, or - for the standard input
    pub file: PathBuf,
    #[command(flatten)]
    pub array: ArrayName,
    /// The kernel: gaussian, matern12, matern32, matern52, matern72, imq or imq(3/2), with a
    /// bandwidth (gaussian:1.5, gaussian:auto, gaussian:0.5*auto) or one for every coordinate
    /// (gaussian:0.5,2); polynomial(3):1, linear
    #[arg(long, value_name = "NAME")]
    pub kernel: Option<String>,
    /// Leave out a column of the points: its name, its number from 1, or LAST [default: every column is
    /// a coordinate]
    #[arg(long, value_name = "COLUMN", requires = "kernel")]
    pub target: Option<String>,
    /// Bring every coordinate to mean 0 and variance 1, without the constant ones
    #[arg(long, requires = "kernel")]
    pub standardise: bool,
    /// Prove an interval, raising the precision until it is narrow
    #[arg(long)]
    pub certify: bool,
    /// The largest eigenvalue instead, certified
    #[arg(long, conflicts_with = "method")]
    pub largest: bool,
    /// The condition number λ_max/λ_min, from certificates of both
    #[arg(long, conflicts_with_all = ["largest", "method"])]
    pub condition: bool,
    /// The smallest eigenvalue of every symmetric matrix within a distance in the 2-norm: a number, or a file
    /// of the order of the matrix with what every entry may be off by
    #[arg(long, value_name = "RHO|FILE", conflicts_with_all = ["largest", "method"])]
    pub within: Option<PathBuf>,
    /// The jitter: from which ε on a Cholesky factorisation of K + εI provably completes, in f64 and in f32
    #[arg(long, conflicts_with_all = ["largest", "method"])]
    pub jitter: bool,
    /// Take (A + Aᵀ)/2 of a matrix that is not quite symmetric
    #[arg(long, alias = "symmetrise", conflicts_with = "kernel")]
    pub symmetrize: bool,
    /// Significant digits: the relative width of the interval, or the tolerance of the estimate
    #[arg(long, value_name = "N", default_value_t = 6,
          value_parser = clap::value_parser!(u8).range(1..=14))]
    pub digits: u8,
    /// How to estimate [default: by size and memory]
    #[arg(long, value_enum, conflicts_with = "certify")]
    pub method: Option<MethodName>,
    /// Most bits of the fixed-point arithmetic of a certificate, 8192 at most; below 128 only f64 is used
    #[arg(long, value_name = "BITS", default_value_t = 4096,
          value_parser = clap::value_parser!(u32).range(0..=MOST_BITS as i64))]
    pub max_bits: u32,
    /// Most seconds: looked at between factorisations and between matrix-free products
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub max_seconds: Option<Duration>,
    /// Most memory of matrices, in GiB
    #[arg(long, value_name = "GIB", default_value_t = 8.0, value_parser = limit, allow_negative_numbers = true)]
    pub max_gib: f64,
    #[command(flatten)]
    pub factor: FactorOptions,
    /// Write the answer as JSON to a file, or to the standard output (and nothing else) with `-`
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub page: PageFile,
}

/// A factor of another engine.
#[derive(Clone, Debug, Args)]
pub struct FactorOptions {
    /// Bound the smallest eigenvalue by a triangular factor of K − sI that another engine computed: a folder with
    /// manifest.json and a .npy file a tile
    #[arg(long, value_name = "FOLDER",
          conflicts_with_all = ["certify", "largest", "method", "condition", "within", "jitter", "report"])]
    pub factor: Option<PathBuf>,
    /// The shift s of the factor [default: what its manifest says]
    #[arg(
        long,
        value_name = "S",
        requires = "factor",
        allow_negative_numbers = true
    )]
    pub shift: Option<f64>,
    /// Prove a part only, as in 2/4; `polyak merge` adds the JSON of all parts up
    #[arg(long, value_name = "K/N", requires = "factor")]
    pub shard: Option<Shard>,
    /// A vector whose Rayleigh quotient bounds the eigenvalue from above [default: found with the factor]
    #[arg(long, value_name = "FILE", requires = "factor")]
    pub vector: Option<PathBuf>,
}

/// The names of methods.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum MethodName {
    /// All eigenvalues and vectors
    Dense,
    /// Cholesky factorisation in single precision and Davidson's method in double
    Davidson,
    /// Cholesky factorisation and inverse Lanczos
    InverseLanczos,
    /// Products with a matrix that is never stored; needs a radial kernel
    MatrixFree,
}

impl From<MethodName> for Method {
    fn from(name: MethodName) -> Self {
        match name {
            MethodName::Dense => Self::Dense,
            MethodName::Davidson => Self::Davidson,
            MethodName::InverseLanczos => Self::InverseLanczos,
            MethodName::MatrixFree => Self::MatrixFree,
        }
    }
}

#[derive(Clone, Debug, Args)]
pub struct CampaignOptions {
    /// Families (pl), numbers (P3) or ids (P3.local), separated by commas [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub family: Vec<String>,
    /// Random instances a claim: quick (64), standard (256) or thorough (4096)
    #[arg(long, default_value_t)]
    pub effort: Effort,
    /// The seed of random instances, and of what statistical claims and their controls draw
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    #[command(flatten)]
    pub data: DataOptions,
}

#[derive(Clone, Debug, Args)]
pub struct DataOptions {
    /// A table with one row a sample: text, .npy, .npz, .mtx or svmlight, or - for the standard input [default: embedded digits]
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub array: ArrayName,
    /// The target column: its name, its number from 1, or LAST [default: LAST]
    #[arg(long, value_name = "COLUMN", requires = "data")]
    pub target: Option<String>,
    /// The kernel on the data: gaussian, matern12, matern32, matern52, matern72 or imq, with a
    /// bandwidth as in gaussian:1.5, gaussian:auto (median distance) or gaussian:0.5*auto
    #[arg(long, value_name = "NAME", default_value = "gaussian:0.35*auto")]
    pub kernel: KernelName,
    /// The most samples of the data to keep, from 1 to 2000
    #[arg(long, value_name = "N", default_value_t = 200,
          value_parser = clap::value_parser!(u32).range(1..=LARGEST_SAMPLE))]
    pub max_samples: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn defaults_are_those_of_the_help() {
        let Action::Verify(options) = Arguments::parse_from(["polyak", "verify"]).action else {
            panic!("another subcommand");
        };
        let campaign = options.campaign;
        assert!(campaign.family.is_empty() && campaign.data.data.is_none());
        assert_eq!(campaign.effort, Effort::Standard);
        assert_eq!((campaign.seed, campaign.data.max_samples), (0, 200));
        assert_eq!(campaign.data.kernel.to_string(), "gaussian:0.35*auto");
        assert!(!options.self_test);
    }
}
