//! Bad usage and bad input, in words.

use crate::campaign::AttackError;
use crate::data::DataError;
use crate::factor::TrialError;
use crate::kernel::KernelError;
use crate::recipe::{CheckpointError, Discrepancy, RecipeError, SCHEMA};
use crate::report::{InvalidReport, MergeError, NotComparable, ReportError};
use crate::spectrum::SpectrumError;
use crate::spectrum::certificate::CertificateError;
use crate::text::count;
use crate::theorem::{BuildError, UnknownClaim};
use crate::transport::TransportError;
use std::io;
use thiserror::Error;

/// What ends the command with status 2.
#[derive(Debug, Error)]
pub enum Failure {
    /// A selection that selects nothing.
    #[error(transparent)]
    Claim(#[from] UnknownClaim),
    /// A data file, or what was asked of it.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A distance that is none.
    #[error("--within {given}: a distance is a number that is not negative, or the name of a file")]
    Distance { given: String },
    /// Radii of another order than the matrix.
    #[error(
        "{file}: {rows} × {columns} radii for a matrix of order {order}: give one for every entry"
    )]
    RadiusShape {
        file: String,
        rows: usize,
        columns: usize,
        order: usize,
    },
    /// A bandwidth that cannot be found on the data.
    #[error("{file}: {cause}{}", if matches!(cause, KernelError::TooFewPoints { .. } | KernelError::CoincidentPoints { .. }) { "; use --kernel with a number, as in gaussian:1.5" } else { "" })]
    Kernel { file: String, cause: KernelError },
    /// An option of another network, or without what it is about.
    #[error("{option} {why}; leave it out")]
    Idle {
        option: &'static str,
        why: &'static str,
    },
    /// A network that does not fit into memory.
    #[error(
        "{what} takes about {gib:.1} GiB, above {most}: take fewer samples, frequencies, particles or layers"
    )]
    TooLarge { what: String, gib: f64, most: f64 },
    /// More points than a width is computed of.
    #[error(
        "{file}: {} are more than {most}: give --max-samples to keep so many of them",
        count(points, "point")
    )]
    TooManyPoints {
        file: String,
        points: usize,
        most: i64,
    },
    /// More samples than spectra are computed of.
    #[error(
        "{file}: {} are more than {most}: give fewer rows",
        count(samples, "sample")
    )]
    TooManySamples {
        file: String,
        samples: usize,
        most: i64,
    },
    /// A network that is none that is read, or has no diagnosis.
    #[error("{file}: {cause}")]
    Check {
        file: String,
        cause: crate::check::CheckError,
    },
    /// A network that no training goes on from.
    #[error(
        "{file}: is a network of two-layer blocks, and `train --from` trains networks that are linear in their parameters: ask \
         `polyak check` what is promised of this one"
    )]
    OnlyLinear { file: String },
    /// A checkpoint that is not there.
    #[error(
        "--at {at}: {file} has {}; give a number from 1 to {there}, or leave --at out for the last",
        count(there, "checkpoint")
    )]
    NoSuchCheckpoint {
        file: String,
        at: usize,
        there: usize,
    },
    /// A file for a network whose name says no format.
    #[error(
        "--save {file}: the name of a network ends in .npz or .safetensors, which says the format; name another file"
    )]
    NetworkName { file: String },
    /// A network that its format does not hold.
    #[error(
        "--save {file}: an .npz archive holds less than 4 GiB: name a file that ends in .safetensors"
    )]
    LargeNetwork { file: String },
    /// An array of data that is no matrix.
    #[error(
        "{file}: array `{array}` is no matrix: a sample is a row, and numbers are a column, x.reshape(len(x), -1)"
    )]
    DataArray { file: String, array: String },
    /// Arrays of data of different lengths.
    #[error(
        "{file}: `inputs` has {} and `targets` has {targets}: a sample is a row of both",
        count(inputs, "row")
    )]
    DataRows {
        file: String,
        inputs: usize,
        targets: usize,
    },
    /// A folder that holds no factor.
    #[error("{cause}")]
    TileFolder { cause: crate::data::TileFolderError },
    /// A factor of which nothing says the shift.
    #[error("{folder}: the manifest states no shift; give it with --shift")]
    NoShift { folder: String },
    /// A factor, or parts of a proof, of which nothing follows.
    #[error("{cause}")]
    FactorProof {
        cause: crate::spectrum::factor::FactorError,
    },
    /// A document that is no part of a factor's proof.
    #[error("{file}: {cause}; give the JSON of `polyak eig --factor --shard`, and no other")]
    FactorDocument { file: String, cause: String },
    /// Parts of a factor's proof make no report.
    #[error(
        "parts of a factor's proof make no report of claims: leave out --report, --junit and --annotate"
    )]
    NoReport,
    /// More memory than a limit of the process leaves.
    #[error("{what}: {shortage}: raise the limit, or take fewer samples")]
    Memory {
        what: String,
        shortage: crate::memory::Shortage,
    },
    /// Threads that could not start, or not multiply.
    #[error(
        "the stacks and the workspace of the threads: {shortage}: raise the limit, or start fewer with --threads 1"
    )]
    Workspace { shortage: crate::memory::Shortage },
    /// More threads than serve.
    #[error(
        "{} are more than {most}, and no faster: ask for as many as there are processors, or leave --threads and RAYON_NUM_THREADS out",
        count(number, "thread")
    )]
    TooManyThreads { number: usize, most: usize },
    /// Threads that the system does not start.
    #[error(
        "the threads cannot be started ({cause}): a limit of the system is met, of processes (ulimit -u), of address \
         space (ulimit -v) or of a container; start fewer with --threads 1 (or RAYON_NUM_THREADS=1), or raise the limit"
    )]
    Threads { cause: rayon::ThreadPoolBuildError },
    /// One more thread that the system does not start.
    #[error(
        "a thread cannot be started ({cause}): a limit of the system is met, of processes (ulimit -u), of address \
         space (ulimit -v) or of a container; raise it"
    )]
    Thread { cause: io::Error },
    /// A number of threads that is none.
    #[error(
        "RAYON_NUM_THREADS is '{value}': a number of threads is asked for, or 0 for as many as there are processors"
    )]
    ThreadCount { value: String },
    /// Signals that cannot be listened to.
    #[error("Ctrl-C cannot be listened to ({cause}): a limit of the system is met; raise it")]
    Signals { cause: ctrlc::Error },
    /// A run that ends before there is a result.
    #[error("interrupted: {known}; nothing is written")]
    Interrupted { known: String },
    /// A file name that a certificate or a report cannot keep.
    #[error("{file}: the name is not UTF-8, and could not be kept in a report; rename the file")]
    NotUtf8 { file: String },
    /// Data on which no network can be built.
    #[error(
        "{file}: no network can be built on these data ({cause}); scale the columns, or take another bandwidth"
    )]
    Instance { file: String, cause: BuildError },
    /// A matrix without the eigenvalue asked for.
    #[error("{file}: {cause}{}", for_points(cause))]
    Spectrum { file: String, cause: SpectrumError },
    /// Points or a matrix that cannot be certified.
    #[error("{file}: {cause}{}", match cause { CertificateError::Matrix(cause) => for_points(cause), _ => "" })]
    Certificate {
        file: String,
        cause: CertificateError,
    },
    /// Frequencies that cannot be drawn.
    #[error("{file}: {cause}")]
    Features {
        file: String,
        cause: crate::features::FeaturesError,
    },
    /// Networks without a distance.
    #[error("{first} and {second}: {cause}")]
    Transport {
        first: String,
        second: String,
        cause: TransportError,
    },
    /// A file that holds no measure.
    #[error("{file}: {cause}")]
    Atoms { file: String, cause: TransportError },
    /// A weight that is no number.
    #[error(
        "{file}, line {line}: the weight in {column} is no number; name another column with --weights"
    )]
    WeightWord {
        file: String,
        line: usize,
        column: String,
    },
    /// A plan for other clouds.
    #[error(
        "{file}: the plan is {} × {}, and should be {rows} × {columns}: a row a point of the first cloud, a column one of the second",
        found.0, found.1
    )]
    PlanShape {
        file: String,
        rows: usize,
        columns: usize,
        found: (usize, usize),
    },
    /// No recipe, or one that cannot be trained.
    #[error("{}{cause}", if names_the_file(cause) { String::new() } else { format!("{file}: ") })]
    Recipe { file: String, cause: RecipeError },
    /// A training that is estimated to take more than it may.
    #[error("{file}: {cause}; {allowance}")]
    Refused {
        file: String,
        cause: Box<RecipeError>,
        allowance: String,
    },
    /// No recipe of a mean-field network.
    #[error("{file}: {cause}")]
    MeanFieldRecipe {
        file: String,
        cause: crate::recipe::mean_field::MeanFieldRecipeError,
    },
    /// A recipe that cannot be read.
    #[error(
        "{file}: is no recipe of this version ({cause}); write one with `polyak recipe --json`"
    )]
    NoRecipe {
        file: String,
        cause: serde_json::Error,
    },
    /// A recipe of another network.
    #[error(
        "{file}: is the recipe of a mean-field network, and `polyak train` trains residual networks: train it with the library, `polyak::flow::mean_field`, or make a recipe with --model residual"
    )]
    MeanFieldOnly { file: String },
    /// A recipe in another form.
    #[error(
        "{file}: is a recipe of form {schema}, and this version of polyak reads form {SCHEMA}: make the recipe again"
    )]
    OtherRecipe { file: String, schema: u64 },
    /// A recipe that is not so.
    #[error(
        "{file}: the certificate is not proved again:{}\nmake the recipe again",
        list(found)
    )]
    Discrepancies {
        file: String,
        found: Vec<Discrepancy>,
    },
    /// A checkpoint that is none of this training.
    #[error("{file}: {cause}; remove it to start afresh, or name another file")]
    Checkpoint {
        file: String,
        cause: CheckpointError,
    },
    /// A checkpoint that could not be read again.
    /// A factor that the claim does not have, or several.
    #[error(
        "{claim}: `{asked}` is no factor of its bounds, or a part of several names; name one of: {known}"
    )]
    Factor {
        /// The claim.
        claim: &'static str,
        /// What was asked for.
        asked: String,
        /// What there is.
        known: String,
    },
    /// An attack that could not begin.
    #[error(transparent)]
    Attack(#[from] AttackError),
    /// There is no thread on which factors could be changed.
    #[error(transparent)]
    Trial {
        /// Why.
        #[from]
        cause: TrialError,
    },
    #[error("-: a checkpoint is kept in a file, to go on from; name one")]
    NoCheckpoint,
    /// A baseline that is none.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A report of other claims, to merge or to resume.
    #[error(transparent)]
    Invalid(#[from] InvalidReport),
    /// A baseline of something else.
    #[error(transparent)]
    NotComparable(#[from] NotComparable),
    /// Reports that are no parts of one run.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// The report of a part that was stopped.
    #[error(
        "{file}: the run was stopped before {claim}; finish it with `polyak verify --resume`, then merge"
    )]
    Unfinished { file: String, claim: String },
    /// A report to resume, of something else.
    #[error(
        "the report to resume is of another run: seed, effort, selection, part, data or version differ; name another file"
    )]
    OtherRun,
    /// A run that is no baseline.
    #[error("no baseline is written: a claim is violated or a control is not rejected")]
    NoBaseline,
    /// Something that does not keep what is written to it.
    #[error(
        "{file}: is no regular file, from which a run could go on; name one, or one that is not there yet"
    )]
    NotKept { file: String },
    /// The standard input for several files.
    #[error(
        "-: the standard input is read once, and {} are to come from it; give the others by name",
        count(times, "file")
    )]
    OneStream { times: usize },
    /// A scale below the smallest.
    #[error(
        "--headroom {given}: the scale is so many times the smallest one; give a finite number of at least 1"
    )]
    Headroom { given: f64 },
    /// An output file in a folder that does not exist.
    #[error("{file}: there is no folder {folder}; create it first")]
    NoFolder { file: String, folder: String },
    /// An output file that is a folder.
    #[error("{file}: is a folder; name a file")]
    IsFolder { file: String },
    /// An output file that would take the place of something that is read.
    #[error(
        "{file}: this would overwrite {input}, which the command reads or writes for another purpose; name another file"
    )]
    Overwrites { file: String, input: String },
    /// An output file that cannot be written.
    #[error("{file}: cannot be written ({cause}); check the path, its permissions and the disk")]
    Unwritable { file: String, cause: io::Error },
}

/// What is no symmetric matrix may be points.
fn for_points(cause: &SpectrumError) -> &'static str {
    match cause {
        SpectrumError::NotSquare { .. } | SpectrumError::NotSymmetric { .. } => {
            "; for points give --kernel"
        }
        _ => "",
    }
}

/// Of equal rows the file is said with the rows.
fn names_the_file(cause: &RecipeError) -> bool {
    matches!(
        cause,
        RecipeError::Conflict { .. } | RecipeError::Duplicate { .. }
    )
}

fn list(found: &[Discrepancy]) -> String {
    let line = |discrepancy: &Discrepancy| format!("\n  {discrepancy}");
    found.iter().map(line).collect()
}
