//! The JSON of `polyak check`, and its table for plots.

use super::Found;
use crate::arithmetic::Ball;
use crate::check::{Basis, CheckedNetwork, Course, Diagnosis, Missing, Outlook, Prospect};
use crate::data::Dataset;
use serde::Serialize;
use std::fmt::Write;
use std::time::Duration;

/// The ends of an enclosure.
type Ends = [f64; 2];

/// All that is printed; the JSON of `--json`, version 1.
#[derive(Serialize)]
pub(in crate::command) struct Answer {
    schema: u32,
    version: &'static str,
    instruction_set: &'static str,
    pub data: Data,
    pub data_notes: Vec<String>,
    pub network: Network,
    /// The share of the loss of a checkpoint that steps are counted to.
    pub target: f64,
    pub checkpoints: Vec<Entry>,
    pub guaranteed_from: Option<usize>,
    later_distance: Option<Ends>,
    pub seconds: f64,
}

#[derive(Serialize)]
pub(in crate::command) struct Data {
    pub file: String,
    pub samples: usize,
    pub inputs: usize,
    pub targets: usize,
}

#[derive(Serialize)]
pub(in crate::command) struct Network {
    pub model: &'static str,
    pub layers: usize,
    pub state: usize,
    /// Frequencies, or particles of a layer.
    pub width: usize,
    pub activation: Option<String>,
    pub scale: String,
    /// `c`: weights are multiplied by it.
    pub factor: Ends,
    /// Whether no product rounds.
    pub exact: bool,
    /// What `‖∇L‖²` is to be multiplied by.
    own_gradient: Option<Ends>,
    constants: Vec<Constant>,
}

/// A constant of the network.
#[derive(Serialize)]
struct Constant {
    name: &'static str,
    value: Ends,
}

#[derive(Serialize)]
pub(in crate::command) struct Entry {
    pub name: String,
    pub file: String,
    pub time: Option<usize>,
    pub loss: Ends,
    pub stated_loss: Option<f64>,
    pub agrees: Option<bool>,
    pub gradient_norm_squared: Ends,
    pub own_gradient_norm_squared: Ends,
    pub ratio: Ends,
    pub norm: Ends,
    pub layers: Vec<Layer>,
    pub tangent: Option<Tangent>,
    pub constants: Constants,
    pub smoothness: Option<Ends>,
    pub needed_depth: Option<Ends>,
    pub radii: Vec<Radius>,
    pub outlooks: Vec<Promise>,
    pub guaranteed: bool,
    pub step: Ends,
    pub path: Ends,
    pub displacement: Ends,
}

#[derive(Serialize)]
pub(in crate::command) struct Layer {
    pub smallest: Ends,
    largest: Option<Ends>,
    gain: Ends,
}

#[derive(Serialize)]
pub(in crate::command) struct Tangent {
    pub smallest: Ends,
    pub largest: Ends,
}

#[derive(Serialize)]
pub(in crate::command) struct Constants {
    pub tangent: Option<Ends>,
    pub trajectory: Ends,
    pub uniform: Ends,
    pub local: Option<Ends>,
    pub upper: Option<Ends>,
}

#[derive(Serialize)]
pub(in crate::command) struct Radius {
    pub basis: Basis,
    pub radius: Option<f64>,
}

/// What one theorem says by one constant.
#[derive(Clone, Serialize)]
pub(in crate::command) struct Promise {
    pub theorem: &'static str,
    pub basis: Basis,
    pub guaranteed: bool,
    pl_constant: Option<f64>,
    smoothness: Option<f64>,
    pub step: Option<f64>,
    /// Of the parameters of the file.
    pub learning_rate: Option<f64>,
    pub radius: Option<f64>,
    /// The share of the loss that is lost in a step, or in a unit of time.
    pub rate: Option<f64>,
    pub after: Option<u64>,
    loss_after: Option<f64>,
    pub steps: Option<u64>,
    pub hypothesis: Option<Missing>,
    pub factor: Option<f64>,
    pub allowed: Option<f64>,
}

/// Both ends; a number that is known to be nothing at all has none.
fn ends(ball: Ball) -> Ends {
    [ball.lower(), ball.upper()]
}

/// Ends of a number that is not negative.
fn positive(ball: Ball) -> Ends {
    [ball.lower().max(0.0), ball.upper()]
}

/// What the networks are.
fn about(networks: &[Found], known: &Diagnosis) -> Network {
    let first = &networks[0].checkpoint;
    let [layers, width, state, ..] = first.network.shape();
    let (model, activation, factor, own_gradient) = match &first.network {
        CheckedNetwork::Linear(own) => ("linear", None, own.factor, Some(own.own_gradient())),
        CheckedNetwork::Particles(own) => {
            let activation = Some(own.activation().to_string());
            ("particles", activation, own.factor(), None)
        }
    };
    let exact = |found: &Found| match &found.checkpoint.network {
        CheckedNetwork::Linear(own) => own.away == 0.0,
        CheckedNetwork::Particles(own) => own.is_exact(),
    };
    let constant = |&(name, value): &(&'static str, Ball)| Constant {
        name,
        value: ends(value),
    };
    Network {
        model,
        layers,
        state,
        width,
        activation,
        scale: first.scaling.to_string(),
        factor: ends(factor),
        exact: networks.iter().all(exact),
        own_gradient: own_gradient.map(positive),
        constants: known.numbers.iter().map(constant).collect(),
    }
}

/// A number, if it is one.
fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

impl Answer {
    pub fn new(
        target: f64,
        networks: &[Found],
        data: &Dataset,
        diagnoses: &[Diagnosis],
        course: &Course,
        took: Duration,
    ) -> Self {
        let known = &diagnoses[0];
        let pairs = networks.iter().zip(diagnoses).zip(&course.legs);
        let entries = pairs.map(|((found, diagnosis), leg)| Entry {
            step: positive(leg.step),
            path: positive(leg.path),
            displacement: positive(leg.displacement),
            ..entry(found, diagnosis, target)
        });
        Self {
            schema: 1,
            version: env!("CARGO_PKG_VERSION"),
            instruction_set: crate::arithmetic::instruction_set(),
            data: Data {
                file: data.name.clone(),
                samples: data.samples(),
                inputs: data.input_dimension(),
                targets: data.target_dimension(),
            },
            data_notes: data.notes.iter().cloned().chain(equal(data)).collect(),
            network: about(networks, known),
            target,
            checkpoints: entries.collect(),
            guaranteed_from: course.guaranteed_from.map(|k| k + 1),
            later_distance: course.later.map(positive),
            seconds: took.as_secs_f64(),
        }
    }

    /// Whether the last checkpoint certainly reaches zero loss, and every file is what it says.
    pub fn holds(&self) -> bool {
        let agree = self
            .checkpoints
            .iter()
            .all(|entry| entry.agrees != Some(false));
        agree
            && self
                .checkpoints
                .last()
                .is_some_and(|entry| entry.guaranteed)
    }
}

/// Two samples with equal inputs.
fn equal(data: &Dataset) -> Option<String> {
    let (one, other) = data.duplicate_pair()?;
    Some(format!(
        "rows {one} and {other} have equal inputs: every Gram matrix is singular, and no theorem promises anything"
    ))
}

fn entry(found: &Found, diagnosis: &Diagnosis, target: f64) -> Entry {
    let network = &found.checkpoint.network;
    let stated = found.checkpoint.stated_loss;
    let loss = diagnosis.loss;
    let constants = &diagnosis.constants;
    let zero = [0.0; 2];
    Entry {
        name: found.name(),
        file: found.file.clone(),
        time: found.time,
        loss: positive(loss),
        stated_loss: stated,
        agrees: found.checkpoint.agrees(loss),
        gradient_norm_squared: positive(diagnosis.gradient_norm_squared),
        own_gradient_norm_squared: positive(diagnosis.own_gradient_norm_squared),
        ratio: positive(diagnosis.ratio()),
        norm: positive(diagnosis.norm),
        layers: diagnosis
            .layers
            .iter()
            .map(|layer| Layer {
                smallest: positive(layer.smallest),
                largest: layer.largest.map(positive),
                gain: positive(layer.gain),
            })
            .collect(),
        tangent: diagnosis.tangent.map(|[smallest, largest]| Tangent {
            smallest: positive(smallest),
            largest: positive(largest),
        }),
        constants: Constants {
            tangent: constants.tangent.map(positive),
            trajectory: positive(constants.trajectory),
            uniform: positive(constants.uniform),
            local: constants.local.map(positive),
            upper: constants.upper.map(positive),
        },
        smoothness: diagnosis.smoothness.map(positive),
        needed_depth: diagnosis.needed_depth.map(positive),
        radii: diagnosis
            .radii
            .iter()
            .map(|&(basis, radius)| Radius {
                basis,
                radius: finite(radius),
            })
            .collect(),
        outlooks: diagnosis
            .outlooks
            .iter()
            .map(|outlook| promise(network, outlook, target * loss.upper()))
            .collect(),
        guaranteed: diagnosis.is_guaranteed(),
        step: zero,
        path: zero,
        displacement: zero,
    }
}

pub(in crate::command) fn promise(
    network: &CheckedNetwork,
    outlook: &Outlook,
    target: f64,
) -> Promise {
    let none = Promise {
        theorem: outlook.theorem(),
        basis: outlook.basis,
        guaranteed: false,
        pl_constant: None,
        smoothness: None,
        step: None,
        learning_rate: None,
        radius: None,
        rate: None,
        after: None,
        loss_after: None,
        steps: None,
        hypothesis: None,
        factor: None,
        allowed: None,
    };
    match outlook.prospect {
        Prospect::Guaranteed {
            constants,
            after,
            loss,
        } => {
            let steps = constants.step > 0.0;
            Promise {
                guaranteed: true,
                pl_constant: finite(constants.pl_constant.lower()),
                smoothness: finite(constants.smoothness.upper()),
                step: steps.then_some(constants.step),
                learning_rate: match network {
                    CheckedNetwork::Linear(own) if steps => {
                        Some(own.own_step(constants.step).mid())
                    }
                    _ => None,
                },
                radius: Some(constants.radius),
                rate: finite(constants.rate().lower()),
                after: Some(after),
                loss_after: finite(loss.upper()),
                steps: outlook.prospect.steps_to(target),
                ..none
            }
        }
        Prospect::Missed {
            why,
            factor,
            allowed,
        } => Promise {
            hypothesis: Some(why),
            factor,
            allowed,
            ..none
        },
    }
}

/// A row a checkpoint: what plots are made of.
pub fn csv(answer: &Answer) -> String {
    let mut text = "checkpoint,loss_low,loss_high,gradient_low,gradient_high,ratio_low,ratio_high,pl_tangent,pl_trajectory,\
         pl_local,upper,smoothness,norm,step,path,displacement,radius,guaranteed,steps\n"
        .to_owned();
    for (k, entry) in answer.checkpoints.iter().enumerate() {
        let number = |x: f64| finite(x).map_or(String::new(), |x| format!("{x:e}"));
        let upper = |ends: Option<Ends>| ends.map_or(String::new(), |[_, high]| number(high));
        let lower = |ends: Option<Ends>| ends.map_or(String::new(), |[low, _]| number(low));
        let promised = entry
            .outlooks
            .iter()
            .filter(|o| o.guaranteed && o.step.is_some());
        let quickest = promised.min_by_key(|o| o.steps.unwrap_or(u64::MAX));
        let constants = &entry.constants;
        let cells = [
            (k + 1).to_string(),
            number(entry.loss[0]),
            number(entry.loss[1]),
            number(entry.gradient_norm_squared[0]),
            number(entry.gradient_norm_squared[1]),
            number(entry.ratio[0]),
            number(entry.ratio[1]),
            lower(constants.tangent),
            number(constants.trajectory[0]),
            lower(constants.local),
            upper(constants.upper),
            upper(entry.smoothness),
            number(entry.norm[1]),
            number(entry.step[1]),
            number(entry.path[1]),
            number(entry.displacement[1]),
            quickest
                .and_then(|o| o.radius)
                .map_or(String::new(), number),
            u8::from(entry.guaranteed).to_string(),
            quickest
                .and_then(|o| o.steps)
                .map_or(String::new(), |steps| steps.to_string()),
        ];
        let _ = writeln!(text, "{}", cells.join(","));
    }
    text
}
