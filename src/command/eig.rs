//! `polyak eig`: an extreme eigenvalue of a Gram matrix or of a matrix given.

mod page;
mod questions;

use super::arguments::Eig;
use super::factor;
use super::failure::Failure;
use super::input;
use super::interrupt::{INTERRUPTED, Said, attended, listen};
use super::output::{Results, document, remark};
use super::points::{equal_rows, noted, read_points};
use super::running::Running;
use crate::data::read_table_with;
use crate::kernel::{KernelName, MercerKernel};
use crate::spectrum::certificate::{
    Budget, Certificate, CertificateOptions, CertificateProgress, Direction, End, LEAST_BITS,
    MOST_BITS, Precision, certify, decimal_above,
};
use crate::spectrum::{
    Estimate, EstimateOptions, Method, Solution, SpectrumError, Symmetrized, Termination,
    estimate_smallest, estimate_smallest_of_matrix, symmetrized,
};
use crate::text::count;
use crate::watch::Watch;
use nalgebra::DMatrix;
use questions::Answers;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The exit status of an answer with fewer digits than asked for.
pub const UNDECIDED: u8 = 3;

/// What a file says.
pub enum Problem {
    Points(MercerKernel, DMatrix<f64>),
    /// Within `rounding` of the matrix meant, in the 2-norm.
    Matrix {
        entries: DMatrix<f64>,
        rounding: f64,
    },
}

/// All that is printed; the JSON of `--json`, version 1.
#[derive(Serialize)]
struct Answer {
    schema: u32,
    version: &'static str,
    instruction_set: &'static str,
    file: String,
    order: usize,
    dimension: Option<usize>,
    kernel: Option<String>,
    /// How the file was read, and what was done to what is in it.
    data_notes: Vec<String>,
    end: &'static str,
    estimate: Option<Estimated>,
    certificate: Option<Certified>,
    #[serde(flatten)]
    asked: Answers,
    /// It was interrupted: the interval is what was known then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unfinished: bool,
}

#[derive(Serialize)]
struct Estimated {
    #[serde(flatten)]
    solution: Solution,
    /// Whether the error is as small as asked for.
    reached: bool,
    seconds: f64,
}

#[derive(Serialize)]
struct Certified {
    /// In f64, rounded outwards.
    enclosure: [f64; 2],
    /// The ends exactly.
    enclosure_exact: [String; 2],
    /// In decimal, rounded outwards.
    lo: String,
    hi: String,
    positive: bool,
    reached: bool,
    precision: Precision,
    factorisations: usize,
    needed_bits: Option<usize>,
    /// What the budget lacks; none if it sufficed.
    #[serde(skip)]
    remedy: Option<String>,
    seconds: f64,
}

/// Reads, computes, prints.
pub fn run(options: &Eig) -> Result<u8, Failure> {
    if let Some(folder) = &options.factor.factor {
        return factor::run(options, &options.factor, folder);
    }
    let files = [Some(&*options.file), options.within.as_deref()];
    let files: Vec<&Path> = files.into_iter().flatten().collect();
    let (json, page) = (options.json.as_deref(), options.page.report.as_deref());
    let results = Results::try_new(json, &files)?.with_page(page, json, &files)?;
    let (problem, notes) = read(options)?;
    let problem = Arc::new(problem);
    let answer = answer(options, &problem, notes)?;
    let complete = is_complete(&answer, options);
    results.present(
        &page::advice(&answer, options.digits),
        || text(&answer, options.digits),
        || page::sheet(&answer, &problem, complete),
        || document(&answer),
    )?;
    if answer.unfinished {
        remark("interrupted: the interval is what was proved so far");
        return Ok(INTERRUPTED);
    }
    Ok(if complete { 0 } else { UNDECIDED })
}

/// Whether all that was asked for is found.
fn is_complete(answer: &Answer, options: &Eig) -> bool {
    let estimated = (answer.estimate.as_ref()).is_none_or(|found| found.reached);
    let certified = !digits_are_asked(options)
        || (answer.certificate.as_ref()).is_none_or(|found| found.reached);
    estimated && certified && answer.asked.decided() && !answer.unfinished
}

/// The problem, and what was done to the file.
pub fn read(options: &Eig) -> Result<(Problem, Vec<String>), Failure> {
    let Some(name) = &options.kernel else {
        let table = read_table_with(&options.file, options.array.array.as_deref())?;
        let mut notes = table.notes().to_vec();
        let given = table.to_matrix()?;
        if !options.symmetrize {
            let (entries, rounding) = (given, 0.0);
            return Ok((Problem::Matrix { entries, rounding }, notes));
        }
        let found = symmetrized(&given).map_err(|cause| Failure::Spectrum {
            file: input::named(&options.file),
            cause,
        })?;
        notes.push(symmetric_part(&found));
        let problem = Problem::Matrix {
            entries: found.matrix,
            rounding: found.rounding,
        };
        return Ok((problem, notes));
    };
    let data = read_points(
        &options.file,
        options.array.array.as_deref(),
        options.target.as_deref(),
        options.standardise,
    )?;
    let kernel = MercerKernel::resolve(name, &data.inputs);
    let kernel = kernel.map_err(|cause| Failure::Kernel {
        file: input::named(&options.file),
        cause,
    })?;
    let equal = equal_rows(&data);
    let radial = name.parse::<KernelName>().ok();
    let origin = radial.and_then(|name| name.origin(data.samples()));
    let notes = data.notes.into_iter().chain(origin).chain(equal).collect();
    Ok((Problem::Points(kernel, data.inputs), notes))
}

fn answer(
    options: &Eig,
    problem: &Arc<Problem>,
    data_notes: Vec<String>,
) -> Result<Answer, Failure> {
    let file = input::named(&options.file);
    let spectrum = |cause| Failure::Spectrum {
        file: file.clone(),
        cause,
    };
    let asks = options.condition || options.jitter || options.within.is_some();
    let mut asked = Answers::default();
    let mut unfinished = false;
    let (estimate, certificate) = if options.certify || options.largest || asks {
        let radius = questions::radius(options, problem.order())?;
        let end = match options.largest {
            true => End::Largest,
            false => End::Smallest,
        };
        let proof = prove(options, problem, &file, end)?;
        unfinished = proof.unfinished;
        let digits = usize::from(options.digits);
        if options.condition && !unfinished {
            let largest = prove(options, problem, &file, End::Largest)?;
            unfinished = largest.unfinished;
            let certified = largest.certified(options);
            let found = questions::condition(&proof.found, &largest.found, certified, digits);
            asked.condition = Some(found);
        }
        if let Some(radius) = radius {
            asked.within = Some(questions::nearby(&proof.found, radius, digits));
        }
        if options.jitter {
            let found = questions::jitters(problem, &proof.found, radius);
            asked.jitter = Some(found.map_err(|cause| Failure::Certificate {
                file: file.clone(),
                cause,
            })?);
        }
        (None, Some(proof.certified(options)))
    } else {
        (Some(estimated(options, problem).map_err(spectrum)?), None)
    };
    let (order, dimension, kernel) = match &**problem {
        Problem::Points(kernel, points) => (
            points.ncols(),
            Some(points.nrows()),
            Some(kernel.to_string()),
        ),
        Problem::Matrix { entries, .. } => (entries.nrows(), None, None),
    };
    Ok(Answer {
        schema: 1,
        version: env!("CARGO_PKG_VERSION"),
        instruction_set: crate::arithmetic::instruction_set(),
        order,
        dimension,
        kernel,
        data_notes,
        end: if options.largest {
            "largest"
        } else {
            "smallest"
        },
        estimate,
        certificate,
        asked,
        unfinished,
        file,
    })
}

fn bytes(options: &Eig) -> usize {
    // Saturates.
    (options.max_gib * (1u64 << 30) as f64) as usize
}

fn estimated(options: &Eig, problem: &Problem) -> Result<Estimated, SpectrumError> {
    let wanted = EstimateOptions {
        method: options.method.map(Into::into),
        tolerance: tolerance(options.digits),
        max_bytes: bytes(options),
        max_time: options.max_seconds,
    };
    let _running = Running::start("estimating the smallest eigenvalue", None);
    let start = Instant::now();
    let mut solution = match problem {
        Problem::Points(kernel, points) => estimate_smallest(kernel, points, &wanted)?,
        Problem::Matrix { entries, .. } => estimate_smallest_of_matrix(entries, &wanted)?,
    };
    if problem.rounding() > 0.0 {
        let error = &mut solution.estimate.error_bound;
        *error = (*error + problem.rounding()).next_up();
    }
    Ok(Estimated {
        solution,
        reached: is_reached(&solution, wanted.tolerance),
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// Tells whether an estimate has the relative accuracy asked for, as far as its method can know.
fn is_reached(solution: &Solution, tolerance: f64) -> bool {
    let Estimate {
        value,
        error_bound,
        termination,
        ..
    } = solution.estimate;
    let allowed = match solution.method {
        Method::Dense | Method::MatrixFree => tolerance,
        // They stop by the square of the residual: a Rayleigh quotient is off by no more than that over the gap.
        Method::Davidson | Method::InverseLanczos => tolerance.sqrt(),
    };
    termination == Termination::Converged && error_bound <= allowed * value.abs()
}

/// Whether the interval is to have the digits asked for: questions about absolute sizes are answered in f64, unless a
/// certificate is asked for besides.
fn digits_are_asked(options: &Eig) -> bool {
    options.certify || options.largest || options.condition
}

/// An interval that was proved.
struct Proof {
    found: Certificate,
    /// It is what was known when the run was interrupted.
    unfinished: bool,
    elapsed: Duration,
}

impl Proof {
    fn certified(&self, options: &Eig) -> Certified {
        let mut certified = Certified::new(&self.found, options.digits, self.elapsed);
        let short = !self.found.reached && !self.unfinished && digits_are_asked(options);
        certified.remedy = short.then(|| remedy(&self.found, options));
        certified
    }
}

/// Proves an interval of one end of the spectrum.
/// Multiplications of a certificate in f64 for the cube of the order: some factorisations.
const CERTIFYING: f64 = 2.0;

fn prove(options: &Eig, problem: &Arc<Problem>, file: &str, end: End) -> Result<Proof, Failure> {
    let max_bits = match digits_are_asked(options) {
        true => options.max_bits as usize,
        false => 0,
    };
    let budget = Budget::default()
        .with_max_bits(max_bits)
        .with_max_time(options.max_seconds)
        .with_max_bytes(bytes(options));
    let wanted = CertificateOptions::default()
        .with_relative_width(tolerance(options.digits))
        .with_budget(budget);
    let stop = listen("ending with the interval that is proved so far")?;
    let start = Instant::now();
    let running = Running::start("certifying", None);
    running.announce(
        "the certificate in f64",
        CERTIFYING * (problem.order() as f64).powi(3),
    );
    let said = Said::new(None);
    let work = {
        let (problem, said, stop) = (Arc::clone(problem), said.clone(), stop.clone());
        let bar = running.bar().clone();
        move || {
            let observer = |seen: &CertificateProgress| {
                said.say(Some(*seen));
                bar.set_message(progress_line(seen));
            };
            certify(problem.subject(), end, &wanted, &observer, &stop)
        }
    };
    let done = attended(&stop, work)?;
    drop(running);
    let found = match (done, said.last()) {
        (Some(found), _) => found.map_err(|cause| Failure::Certificate {
            file: file.to_owned(),
            cause,
        })?,
        (None, Some(seen)) => Certificate::so_far(&seen),
        (None, None) => {
            let known = "nothing is known of the eigenvalue yet".to_owned();
            return Err(Failure::Interrupted { known });
        }
    };
    Ok(Proof {
        unfinished: stop.is_stopped() && !found.reached,
        found: found.widened(problem.rounding(), wanted.relative_width),
        elapsed: start.elapsed(),
    })
}

/// What was done to a matrix that is not quite symmetric.
fn symmetric_part(found: &Symmetrized) -> String {
    if found.pairs == 0 {
        return "the matrix is symmetric as it is: nothing was done for --symmetrize".to_owned();
    }
    let (row, column) = (found.place.0 + 1, found.place.1 + 1);
    let rounding = match found.rounding > 0.0 {
        true => format!(
            "; rounding it moves eigenvalues by at most {}, and bounds are wider by that",
            decimal_above(found.rounding, 2)
        ),
        false => "; it is exact".to_owned(),
    };
    format!(
        "(A + Aᵀ)/2 was taken: {} of mirrored entries differed, by {} at most, in ({row}, {column}) and ({column}, {row}){rounding}",
        count(found.pairs, "pair"),
        decimal_above(found.largest, 3)
    )
}

/// Stage, columns and what is known so far.
fn progress_line(seen: &CertificateProgress) -> String {
    let stage = match seen.precision {
        Precision::Exact => "rank in integers".to_owned(),
        Precision::Double => "f64".to_owned(),
        Precision::Multi { bits } if seen.columns == 0 => format!("{bits} bits, matrix"),
        Precision::Multi { bits } => {
            format!("{bits} bits, column {} of {}", seen.columns, seen.order)
        }
    };
    let lo = seen.lo.decimal(3, Direction::Down);
    let hi = seen.hi.decimal(3, Direction::Up);
    let needed = match seen.needed_bits {
        Some(bits) => format!(", about {bits} bits needed"),
        None => String::new(),
    };
    format!("{stage}: in [{lo}, {hi}]{needed}")
}

/// What a budget lacks.
fn remedy(found: &Certificate, options: &Eig) -> String {
    let Some(bits) = found.needed_bits else {
        // Fixed point was allowed, and there was time: there is no room for it.
        let is_short = found.precision == Precision::Double
            && options.max_bits as usize >= LEAST_BITS
            && options.max_seconds.is_none();
        return match is_short {
            true => "fixed point needs more memory than there is: raise --max-gib, or the limit of the process",
            false => "the width asked for was not reached within the budget",
        }
        .to_owned();
    };
    let remedy = if bits > MOST_BITS {
        format!("more than the {MOST_BITS} that there are")
    } else if bits > options.max_bits as usize {
        format!("raise --max-bits to {bits}")
    } else if options.max_seconds.is_some() {
        "raise --max-seconds".to_owned()
    } else {
        "raise --max-gib".to_owned()
    };
    format!("the width asked for needs about {bits} bits: {remedy}")
}

fn tolerance(digits: u8) -> f64 {
    10.0_f64.powi(-i32::from(digits))
}

impl Certified {
    fn new(found: &Certificate, digits: u8, elapsed: Duration) -> Self {
        // One digit more than the width asked for.
        let digits = usize::from(digits) + 1;
        Self {
            enclosure: [
                found.lo.to_f64(Direction::Down),
                found.hi.to_f64(Direction::Up),
            ],
            enclosure_exact: [found.lo, found.hi].map(|end| end.hexadecimal()),
            lo: found.lo.decimal(digits, Direction::Down),
            hi: found.hi.decimal(digits, Direction::Up),
            positive: found.is_positive(),
            reached: found.reached,
            precision: found.precision,
            factorisations: found.factorisations,
            needed_bits: found.needed_bits,
            remedy: None,
            seconds: elapsed.as_secs_f64(),
        }
    }
}

fn text(answer: &Answer, digits: u8) -> String {
    let mut text = match (&answer.kernel, answer.dimension) {
        (Some(kernel), Some(dimension)) => format!(
            "{}: {} in dimension {dimension}, kernel {kernel}\n",
            answer.file,
            count(answer.order, "point")
        ),
        _ => format!("{}: a matrix of order {}\n", answer.file, answer.order),
    };
    text += &noted(&answer.data_notes);
    if let Some(found) = &answer.estimate {
        let estimate = found.solution.estimate;
        text += &format!(
            "{} eigenvalue, estimated\n  value      {:e}\n  error      {}: some eigenvalue lies \
             within; that none is smaller is not proved (--certify){}\n  method     {}, {}, {}\n  time       {:.3} s\n",
            answer.end,
            estimate.value,
            decimal_above(estimate.error_bound, 2),
            if found.solution.proved {
                ""
            } else {
                "\n             of the matrix as computed: no rounding of this kernel is proved"
            },
            found.solution.method,
            count(estimate.iterations, "iteration"),
            estimate.termination,
            found.seconds
        );
        if !found.reached {
            text += &format!(
                "  undecided: the error is too large for the {} asked for; --certify proves an interval{}\n",
                count(digits, "digit"),
                match estimate.termination {
                    Termination::Time => ", and --max-seconds allows more time",
                    _ => "",
                }
            );
        }
    }
    if let Some(found) = &answer.certificate {
        text += &format!(
            "{} eigenvalue, certified\n  enclosure  [{}, {}]\n  sign       {}\n  precision  {}; {}\n  time       {:.3} s\n",
            answer.end,
            found.lo,
            found.hi,
            sign(found),
            precision(found.precision),
            count(found.factorisations, "factorisation"),
            found.seconds
        );
        if let Some(remedy) = &found.remedy {
            text += &format!("  undecided: {remedy}\n");
        }
    }
    text + &answer.asked.text(usize::from(digits))
}

fn sign(found: &Certified) -> &'static str {
    if found.positive {
        "positive, proved"
    } else if found.hi.starts_with('-') {
        "negative, proved"
    } else if found.lo == "0" && found.hi == "0" {
        "zero, proved"
    } else {
        "not decided"
    }
}

fn precision(precision: Precision) -> String {
    match precision {
        Precision::Exact => "exact".into(),
        Precision::Double => "f64 with rounding bounds".into(),
        Precision::Multi { bits } => format!("fixed point of {bits} bits"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::certificate::Endpoint;
    use crate::spectrum::certificate::certify_smallest;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        eig: Eig,
    }

    #[test]
    fn the_remedy_is_what_the_budget_lacks() {
        let points = DMatrix::from_row_slice(1, 2, &[0.0, 1.0]);
        let kernel = "gaussian:1".parse().unwrap();
        let found = certify_smallest(&kernel, &points, &CertificateOptions::default()).unwrap();
        let said = |needed_bits, arguments: &str| {
            let found = Certificate {
                precision: Precision::Double,
                needed_bits,
                ..found
            };
            let words = ["eig", "a.csv"]
                .into_iter()
                .chain(arguments.split_whitespace());
            remedy(&found, &Line::try_parse_from(words).unwrap().eig)
        };
        assert!(said(None, "").ends_with("raise --max-gib, or the limit of the process"));
        for budget in ["--max-bits 127", "--max-seconds 1"] {
            assert!(said(None, budget).contains("not reached within the budget"));
        }
        assert!(
            said(Some(9123), "").ends_with("about 9123 bits: more than the 8192 that there are")
        );
        assert!(said(Some(512), "--max-bits 300").ends_with("raise --max-bits to 512"));
        assert!(said(Some(512), "--max-seconds 9").ends_with("raise --max-seconds"));
        assert!(said(Some(512), "").ends_with("raise --max-gib"));
    }

    #[test]
    fn the_line_says_stage_column_interval_and_bits() {
        let mut seen = CertificateProgress {
            precision: Precision::Double,
            lo: Endpoint::ZERO,
            hi: 1.0.into(),
            columns: 0,
            order: 500,
            factorisations: 2,
            needed_bits: None,
        };
        assert_eq!(progress_line(&seen), "f64: in [0, 1.00e0]");
        seen.precision = Precision::Multi { bits: 256 };
        assert_eq!(progress_line(&seen), "256 bits, matrix: in [0, 1.00e0]");
        (seen.columns, seen.needed_bits) = (7, Some(5000));
        let line = "256 bits, column 7 of 500: in [0, 1.00e0], about 5000 bits needed";
        assert_eq!(progress_line(&seen), line);
    }
}
