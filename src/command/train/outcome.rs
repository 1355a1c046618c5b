//! What became of a training, whatever it started from.

use super::{BROKEN, OPEN};
use crate::command::check::document::Promise;
use crate::command::points::noted;
use crate::flow::{HeldDescent, TrainingEnd};
use crate::spectrum::certificate::{decimal_above, decimal_below};
use crate::text::count;
use serde::Serialize;
use std::fmt::Write;
use std::time::Duration;

/// What happened; the JSON of `--json`, version 1.
#[derive(Serialize)]
pub(super) struct Outcome {
    schema: u32,
    version: &'static str,
    instruction_set: &'static str,
    /// What was done to the data.
    pub data_notes: Vec<String>,
    /// Why the training ended.
    pub end: &'static str,
    /// The conclusion that does not hold, if one does not.
    pub broken: Option<String>,
    pub iterations: u64,
    pub initial_loss: f64,
    pub loss: f64,
    /// The loss was promised to be at most this.
    pub bound: Option<f64>,
    pub promised_iterations: Option<u64>,
    pub guaranteed_rate: Option<f64>,
    pub observed_rate: Option<f64>,
    pub tightness: Option<f64>,
    pub losses: Vec<f64>,
    /// The network of another program that it started from; none of a recipe.
    pub from: Option<Origin>,
}

/// Where a training went on from.
#[derive(Serialize)]
pub(super) struct Origin {
    pub file: String,
    /// The place in the file, from 1; none, if it is alone there.
    pub checkpoint: Option<usize>,
    pub scale: String,
    pub stated_loss: Option<f64>,
    pub agrees: Option<bool>,
    /// What the training was held to.
    pub promise: Option<Promise>,
    /// All that `check` says of it.
    pub outlooks: Vec<Promise>,
    /// The file that keeps the network reached.
    pub saved: Option<String>,
}

/// What was promised before the first step.
#[derive(Clone, Copy)]
pub(super) struct Promised {
    pub iterations: Option<u64>,
    pub rate: Option<f64>,
    /// The share of the loss that is to be reached.
    pub target: f64,
}

/// The exit status of an end.
pub(super) fn exit_status(end: TrainingEnd) -> u8 {
    match end {
        TrainingEnd::TargetReached => 0,
        TrainingEnd::Broken => BROKEN,
        TrainingEnd::Iterations | TrainingEnd::Stopped | TrainingEnd::PrecisionLost => OPEN,
    }
}

impl Outcome {
    pub fn new(
        descent: &HeldDescent,
        promised: Promised,
        end: TrainingEnd,
        data_notes: Vec<String>,
    ) -> Self {
        let observed_rate = descent.observed_rate();
        Self {
            end: end.name(),
            broken: descent.standing().fault(),
            bound: descent.bound(),
            promised_iterations: promised.iterations,
            guaranteed_rate: promised.rate,
            observed_rate,
            tightness: promised
                .rate
                .zip(observed_rate)
                .map(|(rate, observed)| rate / observed),
            ..Self::unheld(descent.losses().to_vec(), data_notes)
        }
    }

    /// Of a training that nothing is promised of: these losses, and no step.
    pub fn unheld(losses: Vec<f64>, data_notes: Vec<String>) -> Self {
        Self {
            schema: 1,
            version: env!("CARGO_PKG_VERSION"),
            instruction_set: crate::arithmetic::instruction_set(),
            data_notes,
            end: "refused",
            broken: None,
            iterations: losses.len() as u64 - 1,
            initial_loss: losses[0],
            loss: losses[losses.len() - 1],
            bound: None,
            promised_iterations: None,
            guaranteed_rate: None,
            observed_rate: None,
            tightness: None,
            losses,
            from: None,
        }
    }

    /// Steps taken, of those promised.
    pub fn of_promised(&self) -> String {
        match self.promised_iterations {
            Some(promised) => format!("{} of {}", self.iterations, count(promised, "step")),
            None => count(self.iterations, "step"),
        }
    }

    /// What was done to the data, in words.
    pub fn noted(&self) -> String {
        noted(&self.data_notes)
    }

    /// The training in words.
    ///
    /// # Arguments
    /// * `steps`: of this run; `trained`: how long they took.
    pub fn text(&self, target: f64, trained: Duration, steps: usize) -> String {
        let mut text = format!(
            "training     {}, {} of them in this run, {:.2} s\n\
             loss         {:.6e} at the start, {:.6e} now, {:.3e} of it",
            count(self.iterations, "iteration"),
            steps,
            trained.as_secs_f64(),
            self.initial_loss,
            self.loss,
            self.loss / self.initial_loss,
        );
        text += &match self.bound {
            Some(bound) => format!("; promised {}\n", decimal_above(bound, 7)),
            None => "\n".to_owned(),
        };
        if let (Some(observed), Some(guaranteed), Some(tightness)) =
            (self.observed_rate, self.guaranteed_rate, self.tightness)
        {
            let _ = writeln!(
                text,
                "rate         {observed:.4e} a step observed, {} guaranteed: tightness {tightness:.3}",
                decimal_below(guaranteed, 5)
            );
        }
        let _ = match (self.end, &self.broken) {
            (_, Some(broken)) => writeln!(text, "BROKEN       {broken}"),
            ("target-reached", _) => writeln!(
                text,
                "held         below the envelope at every iterate, {target} of the start reached in {}",
                self.of_promised()
            ),
            ("precision-lost", _) => writeln!(
                text,
                "open         rounding is no longer small against the loss: nothing is promised from here on"
            ),
            _ => writeln!(text, "open         held so far"),
        };
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_promise_has_its_own_status() {
        assert_eq!(exit_status(TrainingEnd::TargetReached), 0);
        assert_eq!(exit_status(TrainingEnd::Broken), 1);
        for end in [
            TrainingEnd::Iterations,
            TrainingEnd::Stopped,
            TrainingEnd::PrecisionLost,
        ] {
            assert_eq!(exit_status(end), 3);
        }
    }
}
