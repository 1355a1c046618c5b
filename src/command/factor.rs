//! `polyak eig --factor`: a bound of the smallest eigenvalue from a factor that another engine computed, whole or in parts.

use super::arguments::{Eig, FactorOptions};
use super::eig::{Problem, UNDECIDED, read};
use super::failure::Failure;
use super::input;
use super::interrupt::{attended, listen};
use super::output::{Results, document};
use super::points::noted;
use super::running::{Running, Watched};
use crate::arithmetic::instruction_sets;
use crate::campaign::Shard;
use crate::data::{TileFolder, read_vector};
use crate::spectrum::certificate::{decimal_above, decimal_below};
use crate::spectrum::factor::{
    FactorBound, FactorError, FactorPart, FactorTiles, TiledMatrix, Tiling, conclude, join,
    nearest_vector, prove_rows,
};
use crate::text::count;
use crate::watch::Watch;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The version of the JSON.
const SCHEMA: u32 = 1;

/// No factor has more rows of tiles: they have 2⁴³ tiles, and a part some words for each of its own.
const MOST_ROWS: usize = 1 << 22;

/// What tells the documents of this command from reports.
const KIND: &str = "factor proof";

/// A proof or a part of one; the JSON of `--json`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    kind: String,
    schema: u32,
    version: String,
    instruction_set: String,
    file: String,
    dimension: Option<usize>,
    kernel: Option<String>,
    data_notes: Vec<String>,
    /// Which part of how many: `1/1` is all of it.
    shard: String,
    /// The bound, where all of it is there.
    bound: Option<Bound>,
    proof: FactorPart,
}

impl Proof {
    /// Makes sure that the part has the rows that are dealt to it, and a bound if they are all.
    fn require_dealt(&self) -> Result<(), String> {
        if self.schema != SCHEMA {
            return Err(format!("its schema is {}, and not {SCHEMA}", self.schema));
        }
        let shard: Shard = self
            .shard
            .parse()
            .map_err(|cause| format!("its shard: {cause}"))?;
        if (shard == Shard::WHOLE) != self.bound.is_some() {
            return Err(format!("it is part {shard}, and a bound is of the whole"));
        }
        let FactorPart { order, side, .. } = self.proof;
        if order == 0 || side == 0 {
            return Err("its order or the side of its tiles is zero".to_owned());
        }
        let mut rows: Vec<usize> = self.proof.tiles.iter().map(|tile| tile.row).collect();
        rows.dedup();
        let tiling = Tiling::new(order, side);
        match tiling.rows() <= MOST_ROWS && rows == tiling.deal(shard.index(), shard.count()) {
            true => Ok(()),
            false => Err(format!("its rows of tiles are not those of part {shard}")),
        }
    }
}

/// The interval, and what it is made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bound {
    lo: f64,
    hi: f64,
    positive: bool,
    shift: f64,
    residual: f64,
    rounding: f64,
    entries: f64,
}

impl Bound {
    fn new(bound: &FactorBound) -> Self {
        let &FactorBound {
            lo,
            hi,
            shift,
            residual,
            rounding,
            entries,
        } = bound;
        Self {
            lo,
            hi,
            positive: bound.is_positive(),
            shift,
            residual,
            rounding,
            entries,
        }
    }
}

/// Reads, proves, prints.
pub fn run(options: &Eig, factor: &FactorOptions, folder: &Path) -> Result<u8, Failure> {
    let inputs = [
        Some(options.file.as_path()),
        Some(folder),
        factor.vector.as_deref(),
    ];
    let inputs: Vec<&Path> = inputs.into_iter().flatten().collect();
    let results = Results::try_new(options.json.as_deref(), &inputs)?;
    let tiles = TileFolder::open(folder).map_err(|cause| Failure::TileFolder { cause })?;
    let shift = match (factor.shift, tiles.shift()) {
        (Some(shift), _) | (None, Some(shift)) => shift,
        (None, None) => {
            return Err(Failure::NoShift {
                folder: folder.display().to_string(),
            });
        }
    };
    let (problem, data_notes) = read(options)?;
    let (dimension, kernel) = match &problem {
        Problem::Points(kernel, points) => (Some(points.nrows()), Some(kernel.to_string())),
        Problem::Matrix { .. } => (None, None),
    };
    let vector = factor.vector.as_deref().map(read_vector).transpose()?;
    let shard = factor.shard.unwrap_or(Shard::WHOLE);
    let proof = proved(problem, tiles, shift, shard, vector)?;
    let bound = match shard {
        Shard::WHOLE => Some(conclude(std::slice::from_ref(&proof)).map_err(refused)?),
        _ => None,
    };
    let answer = Proof {
        kind: KIND.to_owned(),
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        instruction_set: crate::arithmetic::instruction_set().to_owned(),
        file: input::named(&options.file),
        dimension,
        kernel,
        data_notes,
        shard: shard.to_string(),
        bound: bound.as_ref().map(Bound::new),
        proof,
    };
    finish(&results, &answer, options.digits)
}

fn finish(results: &Results, answer: &Proof, digits: u8) -> Result<u8, Failure> {
    results.deliver(|| text(answer, digits), || document(answer))?;
    // A part decides nothing, and has done what it should.
    let decided = |bound: &Bound| bound.positive || bound.hi < 0.0;
    Ok(match &answer.bound {
        Some(bound) if !decided(bound) => UNDECIDED,
        _ => 0,
    })
}

fn refused(cause: FactorError) -> Failure {
    match cause {
        FactorError::Stopped(_) => Failure::Interrupted {
            known: "the proof has no end".to_owned(),
        },
        cause => Failure::FactorProof { cause },
    }
}

fn proved(
    problem: Problem,
    tiles: TileFolder,
    shift: f64,
    shard: Shard,
    vector: Option<Vec<f64>>,
) -> Result<FactorPart, Failure> {
    let tiling = tiles.tiling();
    let rows = tiling.deal(shard.index(), shard.count());
    let units: u64 = rows.iter().map(|&row| row as u64 + 1).sum();
    let products: f64 = rows
        .iter()
        .map(|&row| ((row + 1) * (row + 2) / 2) as f64)
        .sum();
    let stop = listen("ending without a bound")?;
    let running = Running::start("proving the factor", Some(units));
    running.announce("the proof", products * (tiling.side() as f64).powi(3));
    let watched = Watched::new(&running, &stop);
    let work = move || {
        let matrix = match &problem {
            Problem::Points(kernel, points) => TiledMatrix::of_kernel(kernel, points.as_view())?,
            Problem::Matrix { entries, rounding } => {
                TiledMatrix::of_entries(entries)?.widened(*rounding)
            }
        };
        // One part finds the upper end for all.
        let vector = match (shard.is_first(), vector) {
            (false, _) => None,
            (true, Some(vector)) => Some(vector),
            (true, None) => Some(nearest_vector(&tiles, &Unheard(&watched))?),
        };
        prove_rows(&matrix, &tiles, shift, &rows, vector.as_deref(), &watched)
    };
    let done = attended(&stop, work)?;
    drop(running);
    let known = "nothing is proved before every tile is".to_owned();
    done.ok_or(Failure::Interrupted { known })?.map_err(refused)
}

/// Stops what the other stops, and counts nothing.
struct Unheard<'a>(&'a dyn Watch);

impl Watch for Unheard<'_> {
    fn is_stopped(&self) -> bool {
        self.0.is_stopped()
    }
}

fn text(answer: &Proof, digits: u8) -> String {
    let proof = &answer.proof;
    let mut text = match (&answer.kernel, answer.dimension) {
        (Some(kernel), Some(dimension)) => format!(
            "{}: {} in dimension {dimension}, kernel {kernel}\n",
            answer.file,
            count(proof.order, "point")
        ),
        _ => format!("{}: a matrix of order {}\n", answer.file, proof.order),
    };
    text += &noted(&answer.data_notes);
    let rows = proof.order.div_ceil(proof.side);
    text += &format!(
        "the factor: {rows} × {rows} tiles of side {}, {}, shift {:e}\n",
        proof.side,
        if proof.single { "f32" } else { "f64" },
        proof.shift
    );
    let Some(bound) = &answer.bound else {
        let largest = proof
            .tiles
            .iter()
            .map(|tile| tile.residual)
            .fold(0.0, f64::max);
        text += &format!(
            "part {}: {} of the residual bounded, the largest by {}\n  next  polyak merge PART... with the JSON of all parts\n",
            answer.shard,
            count(proof.tiles.len(), "tile"),
            decimal_above(largest, 2),
        );
        return text;
    };
    // One digit more than asked for, as elsewhere.
    let digits = usize::from(digits) + 1;
    text += &format!(
        "smallest eigenvalue, proved by the factor\n  enclosure  [{}, {}]\n  sign       {}\n  lower end  the shift, less {} of the residual, {} of \
         rounding and {} of the entries\n",
        decimal_below(bound.lo, digits),
        decimal_above(bound.hi, digits),
        match (bound.positive, bound.hi < 0.0) {
            (true, _) => "positive, proved",
            (_, true) => "negative, proved",
            _ => "not decided",
        },
        decimal_above(bound.residual, 2),
        decimal_above(bound.rounding, 2),
        decimal_above(bound.entries, 2),
    );
    if !bound.positive && bound.hi >= 0.0 {
        text += if bound.residual > bound.shift.abs() {
            "  undecided: the residual is larger than the shift: the factor is of another matrix, shift or precision\n"
        } else {
            "  undecided: what rounding and the entries cost is more than the shift: --certify takes more bits\n"
        };
    }
    text
}

/// Only what tells documents apart.
#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// Tells whether a document is a part of a proof by a factor.
pub fn is_part(text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|Kind { kind }| kind.as_deref() == Some(KIND))
}

/// Adds the parts up, each with the name of its file.
pub fn merge(files: &[(String, String)], results: &Results) -> Result<u8, Failure> {
    let mut parts = Vec::with_capacity(files.len());
    for (file, text) in files {
        let wrong = |cause: String| Failure::FactorDocument {
            file: file.clone(),
            cause,
        };
        let part: Proof = serde_json::from_str(text).map_err(|cause| wrong(cause.to_string()))?;
        if part.version != env!("CARGO_PKG_VERSION") || part.kind != KIND {
            return Err(wrong(format!(
                "it is no part of a factor's proof of version {}",
                env!("CARGO_PKG_VERSION")
            )));
        }
        part.require_dealt().map_err(wrong)?;
        parts.push(part);
    }
    let proofs: Vec<FactorPart> = parts.iter().map(|part| part.proof.clone()).collect();
    let bound = conclude(&proofs).map_err(refused)?;
    let proof = join(&proofs).map_err(refused)?;
    let first = &parts[0];
    let answer = Proof {
        instruction_set: instruction_sets(parts.iter().map(|part| &*part.instruction_set)),
        shard: Shard::WHOLE.to_string(),
        bound: Some(Bound::new(&bound)),
        proof,
        ..first.clone()
    };
    finish(results, &answer, 6)
}
