//! What an eigenvalue means, and its page: the whole spectrum beside it.

use super::{Answer, Certified, Estimated, Problem, precision, sign};
use crate::arithmetic::UNIT_ROUNDOFF;
use crate::command::running::Running;
use crate::command::sheet::{Row, Sheet, outcome, row, rows};
use crate::gram::mercer_gram;
use crate::report::advice::{Advice, Step};
use crate::report::html::chart::{Chart, Colour, Mark, Scale, Series};
use crate::report::html::figure::Figure;
use crate::spectrum::certificate::decimal_above;
use crate::spectrum::eigenvalues;
use crate::text::count;

/// Of larger matrices no spectrum is drawn.
const MOST: usize = 2000;

/// What was found, in words.
pub(super) fn advice(answer: &Answer, digits: u8) -> Advice {
    let end = answer.end;
    let checked = format!("Asked was the {end} eigenvalue of {}.", subject(answer));
    match (&answer.certificate, &answer.estimate) {
        (Some(found), _) => Advice {
            title: format!("The {end} eigenvalue is in [{}, {}]", found.lo, found.hi),
            checked,
            meaning: meaning(found, answer),
            next: vec![next(found, answer)],
        },
        (None, Some(found)) => {
            let value = found.solution.estimate.value;
            Advice {
                title: format!("The {end} eigenvalue is about {value:e}"),
                checked,
                meaning: estimated(found, digits),
                next: vec![Step::new(
                    "Prove an interval around it, and its sign, with --certify.",
                    [],
                )],
            }
        }
        (None, None) => unreachable!("an answer is an estimate or a certificate"),
    }
}

fn subject(answer: &Answer) -> String {
    match (&answer.kernel, answer.dimension) {
        (Some(kernel), Some(dimension)) => format!(
            "the Gram matrix of the kernel {kernel} at {} of {} in dimension {dimension}",
            count(answer.order, "point"),
            answer.file
        ),
        _ => format!("the matrix of order {} in {}", answer.order, answer.file),
    }
}

fn meaning(found: &Certified, answer: &Answer) -> String {
    let mut words = "Both ends are proved of the exact matrix that the numbers of the file define: everything was rounded outwards. ".to_owned();
    words += match (answer.end, sign(found)) {
        ("largest", _) => "No eigenvalue is larger than the upper end.",
        (_, "positive, proved") => {
            "The smallest eigenvalue is positive, so the matrix is positive definite: it has an inverse and a Cholesky factor, and every \
             system with it has one solution."
        }
        (_, "negative, proved") => {
            "The smallest eigenvalue is negative, so the matrix is not positive semi-definite: it is the Gram matrix of no kernel."
        }
        (_, "zero, proved") => {
            "The smallest eigenvalue is zero, so the matrix is singular: two points are equal, say."
        }
        _ => "The interval contains zero, so nothing is known of the sign.",
    };
    if answer.unfinished {
        words += " The run was interrupted, and more time would narrow the interval.";
    }
    words
}

fn next(found: &Certified, answer: &Answer) -> Step {
    if let Some(remedy) = &found.remedy {
        return Step::new(&format!("Get the digits that are missing: {remedy}."), []);
    }
    let words = match (answer.end, sign(found)) {
        ("largest", _) => "Ask for the condition number with --condition.".to_owned(),
        (_, "positive, proved") => more(answer),
        (_, "zero, proved") => {
            "Remove what makes rows equal, or add a multiple of the identity.".to_owned()
        }
        _ => {
            "Ask with --jitter which multiple of the identity makes the matrix definite.".to_owned()
        }
    };
    Step::new(&words, [])
}

/// What may be asked of a matrix that is positive definite, but for what was.
fn more(answer: &Answer) -> String {
    let asked = &answer.asked;
    let questions = [
        (
            asked.jitter.is_some(),
            "with --jitter what a Cholesky factorisation needs",
        ),
        (
            asked.condition.is_some(),
            "with --condition how many digits a solution loses",
        ),
        (
            asked.within.is_some(),
            "with --within how far the matrix is from an indefinite one",
        ),
    ];
    let left: Vec<&str> = (questions.into_iter())
        .filter_map(|(known, question)| (!known).then_some(question))
        .collect();
    match &left[..] {
        [] => "Keep the answer with --json FILE: both ends are in it exactly.".to_owned(),
        [one] => format!("Ask {one}."),
        [first @ .., last] => format!("Ask {}, or {last}.", first.join(", ")),
    }
}

fn estimated(found: &Estimated, digits: u8) -> String {
    let estimate = found.solution.estimate;
    let error = decimal_above(estimate.error_bound, 2);
    let mut words = format!(
        "Some eigenvalue lies within {error} of it. That none is smaller is an estimate and not proved."
    );
    if estimate.error_bound >= estimate.value.abs() {
        words += " The error is larger than the value, so that not even its sign is known.";
    } else if !found.reached {
        words += &format!(
            " The error is too large for the {} asked for.",
            count(digits, "digit")
        );
    }
    words
}

/// The page.
pub(super) fn sheet(answer: &Answer, problem: &Problem, complete: bool) -> Sheet {
    let kernel = answer
        .kernel
        .iter()
        .map(|kernel| ("Kernel", kernel.clone()));
    Sheet {
        subcommand: "eig",
        outcome: outcome(complete),
        figures: spectrum(answer, problem).into_iter().collect(),
        sections: vec![(
            "The numbers",
            rows("What was found", ["what", "value", "how"], &found(answer)),
        )],
        asked: std::iter::once(("File", answer.file.clone()))
            .chain(kernel)
            .collect(),
        notes: answer.data_notes.clone(),
    }
}

fn found(answer: &Answer) -> Vec<Row> {
    let name = format!("{} eigenvalue", answer.end);
    let mut rows = Vec::new();
    if let Some(found) = &answer.estimate {
        let Estimated {
            solution, seconds, ..
        } = found;
        let estimate = solution.estimate;
        let how = format!(
            "{}, {}, {seconds:.3} s",
            solution.method, estimate.termination
        );
        rows.push(row(&name, format!("{:e}", estimate.value), how));
        rows.push(row(
            "its error",
            decimal_above(estimate.error_bound, 2),
            "some eigenvalue is as close",
        ));
    }
    if let Some(found) = &answer.certificate {
        rows.extend(certified(&name, found));
    }
    rows.extend(answer.asked.rows());
    rows
}

fn certified(name: &str, found: &Certified) -> [Row; 2] {
    let how = format!(
        "{}, {}, {:.3} s",
        precision(found.precision),
        count(found.factorisations, "factorisation"),
        found.seconds
    );
    [
        row(name, format!("[{}, {}]", found.lo, found.hi), how),
        row("its sign", sign(found), ""),
    ]
}

/// All eigenvalues as f64 has them, beside what was asked for.
fn spectrum(answer: &Answer, problem: &Problem) -> Option<Figure> {
    if problem.order() > MOST {
        return None;
    }
    let _running = Running::start("drawing the spectrum", None);
    let made;
    let matrix = match problem {
        Problem::Points(kernel, points) => {
            made = mercer_gram(kernel, points).ok()?;
            &made
        }
        Problem::Matrix { entries, .. } => entries,
    };
    // Largest first.
    let values: Vec<f64> = eigenvalues(matrix).ok()?.iter().rev().copied().collect();
    let order = values.len() as f64;
    let largest = values
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    let lost = order * UNIT_ROUNDOFF * largest;
    let of = |wanted: fn(&f64) -> bool| {
        let numbered = values.iter().enumerate().filter(|(_, value)| wanted(value));
        numbered
            .map(|(k, value)| (k as f64 + 1.0, value.abs()))
            .collect()
    };
    let place = if answer.end == "largest" { 1.0 } else { order };
    let ends = answer.certificate.iter().flat_map(|found| found.enclosure);
    let chart = Chart {
        id: "spectrum",
        name: format!("Eigenvalues of {}, by size", subject(answer)),
        axes: ["eigenvalue, the largest first", "size"],
        scales: [Scale::Linear, Scale::Free],
        series: vec![
            Series::new(
                "positive, in f64",
                Mark::Discs,
                Colour::First,
                of(|value| *value > 0.0),
            ),
            Series::new(
                "negative, in f64",
                Mark::Triangles,
                Colour::Second,
                of(|value| *value < 0.0),
            ),
            Series::new(
                "what rounding leaves",
                Mark::Dashes,
                Colour::Ink,
                vec![(1.0, lost), (order, lost)],
            ),
            Series::new(
                "proved",
                Mark::Squares,
                Colour::Third,
                ends.map(|end| (place, end.abs())).collect(),
            ),
        ],
    };
    chart.figure(
        "The spectrum",
        "Every eigenvalue as f64 computes it, by size. Below the broken line, at order × unit roundoff × the largest of them, it is rounding and \
         no eigenvalue, whatever its sign."
            .to_owned(),
    )
}
