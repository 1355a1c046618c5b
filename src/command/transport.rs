//! `polyak transport`: the distance of two clouds of points, found, or proved by what another solver found.

mod page;

use super::arguments::Clouds;
use super::distance::{EXACT, UNDECIDED, ends};
use super::failure::Failure;
use super::input;
use super::interrupt::{attended, listen};
use super::output::{Results, document};
use super::points::noted;
use super::running::Running;
use crate::arithmetic::Ball;
use crate::data::{
    Cell, Dataset, PointOptions, TargetColumn, points, read_table, read_table_with, read_vector,
};
use crate::spectrum::certificate::{decimal_above, decimal_below, hexadecimal};
use crate::text::{count, printable};
use crate::transport::{
    Atoms, Ground, RELATIVE_GAP, TransportError, expected_work, proved_cost, transport_watched,
};
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

/// All that is printed; the JSON of `--json`, version 1.
#[derive(Serialize)]
struct Answer {
    schema: u32,
    version: &'static str,
    instruction_set: &'static str,
    first: Cloud,
    second: Cloud,
    /// 1 for `W_1`, 2 for `W_2`.
    order: u8,
    /// `solver`, or what another one found: `plan`, `potentials`, `plan and potentials`.
    proved_by: &'static str,
    /// An enclosure of the distance.
    distance: [f64; 2],
    /// The same ends, written exactly.
    distance_exact: [String; 2],
    /// An enclosure of the optimal cost, its power.
    cost: [f64; 2],
    /// The same ends, written exactly.
    cost_exact: [String; 2],
    /// `(hi − lo)/hi` of the cost.
    relative_gap: f64,
    seconds: f64,
}

#[derive(Serialize)]
struct Cloud {
    file: String,
    atoms: usize,
    dimension: usize,
    /// How the file was read, and what was done to what is in it.
    data_notes: Vec<String>,
}

/// What another solver found.
struct Proposed {
    plan: Option<Vec<(usize, usize, f64)>>,
    potentials: Option<Vec<f64>>,
}

/// Reads, computes, prints.
pub fn run(options: &Clouds) -> Result<u8, Failure> {
    let files = [
        Some(&options.first),
        Some(&options.second),
        options.plan.as_ref(),
        options.potentials.as_ref(),
    ];
    let inputs: Vec<&Path> = files
        .into_iter()
        .flatten()
        .map(|file| file.as_path())
        .collect();
    let (json, page) = (options.json.as_deref(), options.page.report.as_deref());
    let results = Results::try_new(json, &inputs)?.with_page(page, json, &inputs)?;
    let (first, from) = read(options, &options.first)?;
    let (second, to) = read(options, &options.second)?;
    let ground = match options.order {
        1 => Ground::Distance,
        _ => Ground::SquaredDistance,
    };
    let proposed = proposed(options, &from, &to)?;
    let proved_by = match (&proposed.plan, &proposed.potentials) {
        (None, None) => "solver",
        (Some(_), None) => "plan",
        (None, Some(_)) => "potentials",
        (Some(_), Some(_)) => "plan and potentials",
    };
    let clouds = [from.clone(), to.clone()];
    let start = Instant::now();
    let found = found(from, to, ground, proposed)?;
    let cost = found.map_err(|cause| Failure::Transport {
        first: first.file.clone(),
        second: second.file.clone(),
        cause,
    })?;
    let distance = match ground {
        Ground::Distance => cost,
        Ground::SquaredDistance => cost.positive_part().sqrt(),
    };
    let [lo, hi] = ends(cost);
    let answer = Answer {
        schema: 1,
        version: env!("CARGO_PKG_VERSION"),
        instruction_set: crate::arithmetic::instruction_set(),
        first,
        second,
        order: options.order,
        proved_by,
        distance: ends(distance),
        distance_exact: ends(distance).map(hexadecimal),
        cost: [lo, hi],
        cost_exact: [lo, hi].map(hexadecimal),
        relative_gap: if hi > 0.0 { (hi - lo) / hi } else { 0.0 },
        seconds: start.elapsed().as_secs_f64(),
    };
    let allowed = match proved_by {
        "solver" => RELATIVE_GAP,
        _ => 10.0_f64.powi(-i32::from(options.digits)),
    };
    let narrow = answer.relative_gap <= allowed;
    results.present(
        &page::advice(&answer, narrow),
        || text(&answer, narrow),
        || page::sheet(&answer, &clouds, narrow),
        || document(&answer),
    )?;
    Ok(if narrow { 0 } else { UNDECIDED })
}

/// The atoms of a file, a row one.
fn read(options: &Clouds, file: &Path) -> Result<(Cloud, Atoms), Failure> {
    let table = read_table_with(file, options.array.array.as_deref())?;
    let target: Option<TargetColumn> = options
        .weights
        .as_ref()
        .map(|name| name.parse().unwrap_or_else(|never| match never {}));
    let column = target
        .as_ref()
        .map(|target| target.resolve(&table))
        .transpose()?;
    let standardise = false;
    let Dataset {
        inputs, mut notes, ..
    } = points(
        &table,
        &PointOptions {
            target,
            standardise,
        },
    )?;
    let name = input::named(file);
    let wrong = |cause| Failure::Atoms {
        file: name.clone(),
        cause,
    };
    let (dimension, atoms) = inputs.shape();
    let measure = match column {
        None => Atoms::uniform(inputs).map_err(wrong)?,
        Some(column) => {
            let weight = |(row, cells): (usize, &Vec<Cell>)| {
                cells[column].number().ok_or_else(|| Failure::WeightWord {
                    file: name.clone(),
                    line: table.lines()[row],
                    column: table.column_name(column),
                })
            };
            let weights = table.rows().iter().enumerate().map(weight);
            let weights = weights.collect::<Result<Vec<f64>, _>>()?;
            let decimal = table.is_decimal(column);
            let column = printable(&table.column_name(column)).to_string();
            notes.retain(|note| !note.ends_with("is left out, as the target"));
            let (made, taken) = match decimal {
                true => (Atoms::from_decimals(inputs, &weights), "decimals"),
                false => (Atoms::from_weights(inputs, &weights), "numbers of f64"),
            };
            notes.push(format!(
                "`{column}` holds the weights, taken as the {taken} that they are"
            ));
            made.map_err(wrong)?
        }
    };
    let cloud = Cloud {
        file: name,
        atoms,
        dimension,
        data_notes: notes,
    };
    Ok((cloud, measure))
}

/// Reads what another solver found.
fn proposed(options: &Clouds, from: &Atoms, to: &Atoms) -> Result<Proposed, Failure> {
    let plan = options.plan.as_deref().map(|file| {
        let shares = read_table(file)?.to_matrix()?;
        let (rows, columns) = (from.masses().len(), to.masses().len());
        if shares.shape() != (rows, columns) {
            return Err(Failure::PlanShape {
                file: input::named(file),
                rows,
                columns,
                found: shares.shape(),
            });
        }
        let entries = (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j)));
        let entries = entries.map(|(i, j)| (i, j, shares[(i, j)]));
        Ok(entries.filter(|entry| entry.2 != 0.0).collect())
    });
    let potentials = options.potentials.as_deref().map(read_vector);
    Ok(Proposed {
        plan: plan.transpose()?,
        potentials: potentials.transpose()?,
    })
}

/// The optimal cost.
fn found(
    from: Atoms,
    to: Atoms,
    ground: Ground,
    proposed: Proposed,
) -> Result<Result<Ball, TransportError>, Failure> {
    let stop = listen("ending without a distance")?;
    let running = Running::start("transporting", None);
    running.announce(
        "the transport",
        expected_work(from.points().ncols(), to.points().ncols()),
    );
    let work = {
        let stop = stop.clone();
        move || match proposed {
            Proposed {
                plan: None,
                potentials: None,
            } => transport_watched(&from, &to, ground, None, &stop).map(|found| found.cost()),
            Proposed { plan, potentials } => proved_cost(
                &from,
                &to,
                ground,
                plan.as_deref().unwrap_or(&[]),
                potentials.as_deref(),
            ),
        }
    };
    let done = attended(&stop, work)?;
    drop(running);
    match done {
        None | Some(Err(TransportError::Stopped(_))) => {
            let known = "nothing is known of the distance yet".to_owned();
            Err(Failure::Interrupted { known })
        }
        Some(done) => Ok(done),
    }
}

fn text(answer: &Answer, narrow: bool) -> String {
    let mut text = String::new();
    for cloud in [&answer.first, &answer.second] {
        let _ = writeln!(
            text,
            "{}: {} in dimension {}",
            cloud.file,
            count(cloud.atoms, "atom"),
            cloud.dimension
        );
        text += &noted(&cloud.data_notes);
    }
    let [lo, hi] = answer.distance;
    let by = match answer.proved_by {
        "solver" => "found".to_owned(),
        other => format!("proved by the {other} given"),
    };
    let _ = write!(
        text,
        "W_{} distance, {by}\n  value      {:.12e}\n  enclosure  [{}, {}]\n  gap        {} of the {}, relative\n  time       {:.3} s\n",
        answer.order,
        lo + (hi - lo) / 2.0,
        decimal_below(lo, EXACT),
        decimal_above(hi, EXACT),
        decimal_above(answer.relative_gap, 2),
        if answer.order == 2 {
            "square"
        } else {
            "distance"
        },
        answer.seconds
    );
    if !narrow {
        text += match answer.proved_by {
            "solver" => {
                "  undecided: the costs are too small or too large for f64; scale the points\n"
            }
            "plan" => {
                "  undecided: a plan alone proves nothing from below; give --potentials, too\n"
            }
            "potentials" => {
                "  undecided: potentials alone prove nothing sharp from above; give --plan, too\n"
            }
            _ => "  undecided: the plan or the potentials are that far from optimal\n",
        };
    }
    text
}
