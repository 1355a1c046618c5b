//! What `polyak check` prints.

use super::super::points::noted;
use super::super::sheet::{Row, lines, row};
use super::document::{Answer, Entry, Promise};
use crate::check::{Basis, Course, Missing};
use crate::spectrum::certificate::{decimal_above, decimal_below};
use crate::text::{count, printable};
use std::fmt::Write;

/// Significant digits of an end.
const PLACES: usize = 6;

/// Both ends, rounded outwards.
fn ends([lo, hi]: [f64; 2]) -> String {
    if hi.is_finite() {
        format!(
            "[{}, {}]",
            decimal_below(lo, PLACES),
            decimal_above(hi, PLACES)
        )
    } else {
        format!("at least {}", decimal_below(lo.max(0.0), PLACES))
    }
}

fn below(x: f64) -> String {
    decimal_below(x, PLACES)
}

fn above(x: f64) -> String {
    decimal_above(x, PLACES)
}

/// The answer in words: what the networks are, the last checkpoint in full, and all of them in a table.
pub fn text(answer: &Answer, course: &Course) -> String {
    let mut text = heading(answer);
    let last = answer.checkpoints.len() - 1;
    text += &checkpoint(answer, &answer.checkpoints[last]);
    if last > 0 {
        text += &table(answer);
        text += &sentence(answer, course);
    }
    let _ = writeln!(text, "time         {:.2} s", answer.seconds);
    text
}

pub(in crate::command) fn heading(answer: &Answer) -> String {
    let (data, network) = (&answer.data, &answer.network);
    let mut text = format!(
        "check of {} on {}: {}, {}, {}\n{}",
        count(answer.checkpoints.len(), "checkpoint"),
        printable(&data.file),
        count(data.samples, "sample"),
        count(data.inputs, "input"),
        count(data.targets, "target"),
        noted(&answer.data_notes)
    );
    let (unit, kind) = match &network.activation {
        None => ("frequency", "linear in its parameters".to_owned()),
        Some(activation) => (
            "particle",
            format!("everything in its blocks trained, activation {activation}"),
        ),
    };
    let _ = writeln!(
        text,
        "network      {} of {} on states in dimension {}, {kind}",
        count(network.layers, "layer"),
        count(network.width, unit),
        network.state
    );
    let [lo, hi] = network.factor;
    let how = match (network.exact, lo == 1.0 && hi == 1.0) {
        (true, true) => "that of the theory, exactly".to_owned(),
        (true, false) => format!("the theory's weights are {lo} times those of the file, exactly"),
        (false, _) => format!(
            "the theory's weights are {:.9e} times those of the file, and what that rounds is counted",
            lo + (hi - lo) / 2.0
        ),
    };
    let _ = writeln!(text, "scaling      {}: {how}", printable(&network.scale));
    text
}

pub(in crate::command) fn checkpoint(answer: &Answer, entry: &Entry) -> String {
    let mut text = format!("\n{}\n", printable(&entry.name));
    text += &lines(&found(entry), [12, 26]);
    text += "from here\n";
    for promise in &entry.outlooks {
        let _ = writeln!(text, "  {}", outlook(promise, answer.target));
    }
    text
}

/// What is known of a checkpoint.
pub(in crate::command) fn found(entry: &Entry) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut line = |name: &str, value: String, meaning: &str| rows.push(row(name, value, meaning));
    line("L", ends(entry.loss), "loss (2N)⁻¹Σ‖F − y‖²");
    if let Some(stated) = entry.stated_loss {
        let word = match entry.agrees {
            Some(true) => "the loss that the file states: the same",
            _ => {
                "NOT THE SAME: the scaling, the data, their order or the features are other than said"
            }
        };
        line("stated", format!("{stated:.9e}"), word);
    }
    line(
        "‖∇L‖²",
        ends(entry.gradient_norm_squared),
        "of the inner product of the theory",
    );
    line(
        "own ‖∇L‖²",
        ends(entry.own_gradient_norm_squared),
        "the same in the parameters of the file",
    );
    line(
        "‖∇L‖²/L",
        ends(entry.ratio),
        "every PL constant is below, M above",
    );
    let constants = &entry.constants;
    if let Some(tangent) = &entry.tangent {
        line(
            "λ(T)",
            format!(
                "[{}, {}]",
                below(tangent.smallest[0]),
                above(tangent.largest[1])
            ),
            "spectrum of the tangent kernel",
        );
    }
    match constants.tangent {
        Some([low, _]) => line(
            "m tangent",
            below(low),
            "P3.tangent, (2/N)λ_min(T), at least",
        ),
        None => line(
            "m tangent",
            "not computed".to_owned(),
            "the tangent kernel has more rows than --max-order",
        ),
    }
    line(
        "m trajectory",
        below(constants.trajectory[0]),
        "P3.trajectory, or C8, at least",
    );
    match constants.local {
        Some([low, _]) => line(
            "m local",
            below(low),
            "P3.local, on a ball of radius 0, at least",
        ),
        None if entry.needed_depth.is_none() => {}
        None => line(
            "m local",
            "none".to_owned(),
            &format!(
                "P3.local asks for more layers here, {} in all",
                entry.needed_depth.map_or(0.0, |[_, high]| high).ceil()
            ),
        ),
    }
    if let Some([_, upper]) = constants.upper {
        line("M", above(upper), "P4, or by C7, at most");
    }
    if let Some([_, smoothness]) = entry.smoothness {
        line("β", above(smoothness), "smoothness here (P7, C7), at most");
    }
    let smallest = entry.layers.iter().map(|layer| layer.smallest[0]);
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in smallest {
        (least, most) = (least.min(value), most.max(value));
    }
    line(
        "λ_min(𝕂)",
        format!("{} to {}", below(least.max(0.0)), below(most.max(0.0))),
        "of the layers, at least",
    );
    for radius in &entry.radii {
        let (name, by) = match radius.basis {
            Basis::Layers => (
                "R layers",
                "the PL constant of P3.local is positive up to there",
            ),
            _ => ("R tangent", "that of the tangent kernel is"),
        };
        line(
            name,
            radius.radius.map_or("everywhere".to_owned(), below),
            by,
        );
    }
    rows
}

/// What one theorem says, in a sentence.
pub(in crate::command) fn outlook(promise: &Promise, target: f64) -> String {
    let by = match promise.basis {
        Basis::Layers => "by the layers",
        Basis::Tangent => "by the tangent kernel",
        Basis::ZeroResidual => "from a zero residual",
    };
    let name = format!("{:<4} {by:<21}", promise.theorem);
    if let (Some(step), Some(rate), Some(radius)) = (promise.step, promise.rate, promise.radius) {
        let after = match promise.after {
            Some(0) | None => String::new(),
            Some(after) => format!("after {} ", count(after, "step")),
        };
        let steps = match promise.steps {
            Some(steps) => format!("{target} of the loss in {} at most", count(steps, "step")),
            None => "no count of steps below 2^53".to_owned(),
        };
        let own = promise.learning_rate.map_or(String::new(), |own| {
            format!(" (learning rate {own:.4e} of the file's parameters)")
        });
        return format!(
            "{name} GUARANTEED {after}at η = {step:.4e}{own}: the loss falls by {} a step at least, within {}; {steps}",
            below(rate),
            above(radius)
        );
    }
    if let (Some(rate), Some(radius)) = (promise.rate, promise.radius) {
        return format!(
            "{name} GUARANTEED: the flow loses the loss at the rate {} at least, within {}",
            below(rate),
            above(radius)
        );
    }
    let missing = match (promise.hypothesis, promise.factor, promise.allowed) {
        (Some(Missing::TooShallow), Some(factor), _) => format!(
            "too few layers for the weights: {factor:.3e} times as many are needed; smaller weights, or frequencies, would do"
        ),
        (Some(Missing::NotExpressive), ..) => "the PL constant is not certainly positive at the checkpoint itself: two inputs are equal or \
             too close, or there are fewer features than samples"
            .to_owned(),
        (Some(Missing::LossTooLarge), Some(factor), Some(allowed)) => format!(
            "the loss is {} times too large: {} would do; train further, separate the inputs, or scale the output",
            decimal_above(factor, 4),
            below(allowed)
        ),
        (Some(Missing::Unbounded), ..) => "the activation or a derivative of it is not bounded, and the theorems ask for that".to_owned(),
        (Some(Missing::Moved), ..) => "C10 starts where the outer weights are zero, and these are not: no theorem here begins elsewhere".to_owned(),
        _ => "the loss is too large at every radius".to_owned(),
    };
    format!("{name} open: {missing}")
}

/// A line a checkpoint.
fn table(answer: &Answer) -> String {
    let mut text = format!(
        "\n{:>5}  {:>10}  {:>10}  {:>10}  {:>10}  {:>10}  {}\n",
        "", "loss", "‖∇L‖²/L", "m", "M", "path", "zero loss"
    );
    for (k, entry) in answer.checkpoints.iter().enumerate() {
        let constant = entry
            .constants
            .tangent
            .unwrap_or(entry.constants.trajectory);
        let word = if entry.guaranteed {
            "guaranteed"
        } else {
            "open"
        };
        let _ = writeln!(
            text,
            "{:>5}  {:>10.4e}  {:>10.4e}  {:>10.4e}  {:>10.4e}  {:>10.4e}  {word}",
            k + 1,
            entry.loss[1],
            entry.ratio[1],
            constant[0],
            entry
                .constants
                .upper
                .map_or(f64::INFINITY, |[_, high]| high),
            entry.path[0],
        );
    }
    text
}

/// From which checkpoint on.
fn sentence(answer: &Answer, course: &Course) -> String {
    let Some(from) = answer.guaranteed_from else {
        return "the last checkpoint is not certain to reach zero loss: what is missing is said above\n".to_owned();
    };
    let entry = &answer.checkpoints[from - 1];
    let mut text = format!(
        "convergence was guaranteed from checkpoint {from} on ({})",
        printable(&entry.name)
    );
    let radii = entry
        .outlooks
        .iter()
        .filter(|o| o.theorem == "P8" && o.guaranteed);
    let radius = radii.filter_map(|o| o.radius).reduce(f64::min);
    match (course.later, radius) {
        (Some(later), Some(radius)) if later.upper() <= radius => {
            let _ = write!(
                text,
                ": gradient descent stays within {} of it, and the later checkpoints are within {}",
                above(radius),
                above(later.upper())
            );
        }
        (Some(later), Some(radius)) => {
            let _ = write!(
                text,
                ": gradient descent stays within {} of it, and a later checkpoint is {} away, so it was trained otherwise",
                above(radius),
                below(later.lower())
            );
        }
        _ => {}
    }
    text + "\n"
}
