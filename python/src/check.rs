//! Networks that were trained elsewhere.

use crate::array::{Points, numbers};
use crate::end::{End, ends};
use crate::refusal::{Class, Refusal};
use crate::work::attended;
use numpy::{PyArray1, PyArray2};
use polyak::arithmetic::Ball;
use polyak::check::{
    Basis, CheckError, CheckedNetwork, Checkpoint, CheckpointOptions, Course, Diagnosis,
    DiagnosisOptions, Missing, Outlook, Prospect, Scaling, checkpoints,
};
use polyak::data::{Dataset, NamedArray};
use polyak::meanfield::Activation;
use polyak::memory::require;
use polyak::watch::Watch;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// An array of a network: its name, its shape, its entries, the last axis the fastest.
type Given<'py> = (String, Vec<usize>, Bound<'py, PyArray1<f64>>);

/// What multiplies a block, the activation, the share of a loss that steps are counted to, the largest tangent kernel, and the
/// most steps that are followed.
#[derive(Clone, FromPyObject)]
pub struct Asked(
    Option<String>,
    Option<String>,
    f64,
    Option<usize>,
    Option<usize>,
);

/// A network, and what it is called.
struct Found {
    name: String,
    checkpoint: Checkpoint,
}

/// An error of one network.
fn of_network(name: &str, cause: CheckError) -> Refusal {
    let remedy = match cause {
        CheckError::NoScale => {
            "nothing says what multiplies a block: give scale=, as '1/(D*sqrt(m))' for z + W·(cos, sin)/(D√m), '1/D' or 1.0, \
             or keep it in an array `scale`"
        }
        CheckError::TwoScales => "an array `scale` says what multiplies a block: leave scale= out",
        CheckError::NoActivation => {
            "nothing says what the activation of the blocks is: give activation='tanh', 'erf', 'sigmoid', 'cosine' or 'relu'"
        }
        cause => return Refusal::new(Class::Network, format!("{name}: {cause}")),
    };
    Refusal::new(Class::Network, format!("{name}: {remedy}"))
}

/// The networks of all states, in the order of time.
fn networks(states: Vec<(String, Vec<NamedArray>)>, asked: &Asked) -> Result<Vec<Found>, Refusal> {
    let option = |cause: &dyn std::fmt::Display| Refusal::new(Class::Option, cause);
    let scaling: Option<Scaling> = match &asked.0 {
        Some(text) => Some(text.parse().map_err(|cause| option(&cause))?),
        None => None,
    };
    let activation: Option<Activation> = match &asked.1 {
        Some(text) => Some(text.parse().map_err(|cause| option(&cause))?),
        None => None,
    };
    let understood = CheckpointOptions::default()
        .with_scaling(scaling)
        .with_activation(activation);
    let mut found = Vec::new();
    for (name, arrays) in states {
        let read = checkpoints(arrays, &understood).map_err(|cause| of_network(&name, cause))?;
        let several = read.len() > 1;
        for (time, checkpoint) in read.into_iter().enumerate() {
            let name = match several {
                true => format!("{name}, checkpoint {}", time + 1),
                false => name.clone(),
            };
            found.push(Found { name, checkpoint });
        }
    }
    let Some(first) = found.first().map(|first| first.checkpoint.network.clone()) else {
        let message = "there is no network to check: give one, or a sequence of at least one";
        return Err(Refusal::new(Class::Network, message));
    };
    for other in &found {
        if let Some(array) = other.checkpoint.network.moved(&first) {
            return Err(of_network(&other.name, CheckError::Moved { array }));
        }
    }
    Ok(found)
}

/// Says what the theory says of networks on data.
#[pyfunction]
#[pyo3(signature = (states, inputs, targets, asked, progress=None))]
pub fn check<'py>(
    py: Python<'py>,
    states: Vec<(String, Vec<Given<'py>>)>,
    inputs: &Bound<'py, PyArray2<f64>>,
    targets: &Bound<'py, PyArray2<f64>>,
    asked: Asked,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let (inputs, targets) = (Points::of(inputs)?, Points::of(targets)?);
    let named = |(name, shape, entries): Given<'py>| -> PyResult<NamedArray> {
        let entries = numbers(&entries)?;
        Ok(NamedArray {
            name,
            shape,
            entries,
        })
    };
    let states = states.into_iter().map(|(name, arrays)| {
        let arrays = arrays
            .into_iter()
            .map(named)
            .collect::<PyResult<Vec<_>>>()?;
        Ok((name, arrays))
    });
    let states = states.collect::<PyResult<Vec<_>>>()?;
    let target = asked.2;
    let (found, diagnoses, course, equal) = attended(py, progress, move |desk| {
        let found = networks(states, &asked)?;
        inputs.require_finite("x")?;
        targets.require_finite("y")?;
        let (inputs, targets) = (inputs.owned(), targets.owned());
        let usual = DiagnosisOptions::default();
        let wanted = usual
            .with_largest_order(asked.3.unwrap_or(usual.largest_order))
            .with_steps(asked.4.unwrap_or(usual.steps));
        let first = &found[0].checkpoint.network;
        let bytes = wanted.bytes(first.sizes(inputs.ncols()));
        require(bytes as usize).map_err(|shortage| {
            Refusal::new(
                Class::Memory,
                format!("checking these networks: {shortage}"),
            )
        })?;
        let mut diagnoses = Vec::with_capacity(found.len());
        for (k, Found { name, checkpoint }) in found.iter().enumerate() {
            if desk.is_stopped() {
                return Err(polyak::watch::Stopped.into());
            }
            let say = |what: &'static str| {
                desk.tell(format!("{name}: {what}"), k as u64, found.len() as u64);
            };
            let diagnosis = checkpoint.network.diagnose(&inputs, &targets, &wanted, say);
            diagnoses.push(diagnosis.map_err(|cause| of_network(name, cause))?);
        }
        let all: Vec<&CheckedNetwork> = found
            .iter()
            .map(|found| &found.checkpoint.network)
            .collect();
        let course =
            Course::of(&all, &diagnoses).map_err(|(k, cause)| of_network(&found[k].name, cause))?;
        let data = Dataset {
            name: String::new(),
            rows: (1..=inputs.ncols()).collect(),
            inputs,
            targets,
            notes: Vec::new(),
        };
        Ok((found, diagnoses, course, data.duplicate_pair()))
    })?;
    let answer = PyDict::new(py);
    let all = found.iter().zip(&diagnoses).zip(&course.legs);
    let all = all.map(|((found, diagnosis), leg)| {
        let entry = entry(py, found, diagnosis, target)?;
        entry.set_item("step", positive(leg.step))?;
        entry.set_item("path", positive(leg.path))?;
        entry.set_item("displacement", positive(leg.displacement))?;
        Ok(entry)
    });
    answer.set_item("checkpoints", all.collect::<PyResult<Vec<_>>>()?)?;
    answer.set_item("network", about(py, &found, &diagnoses[0])?)?;
    answer.set_item("guaranteed_from", course.guaranteed_from)?;
    answer.set_item("later_distance", course.later.map(positive))?;
    answer.set_item("equal", equal)?;
    Ok(answer)
}

/// Ends of a number that is not negative; none, if nothing bounds it.
fn positive(ball: Ball) -> Option<[End; 2]> {
    ends(ball).map(|[lo, hi]| if lo.0 < 0 { [(0, 0), hi] } else { [lo, hi] })
}

/// What the networks are.
fn about<'py>(
    py: Python<'py>,
    found: &[Found],
    diagnosis: &Diagnosis,
) -> PyResult<Bound<'py, PyDict>> {
    let first = &found[0].checkpoint;
    let [layers, width, state, ..] = first.network.shape();
    let (model, activation, factor) = match &first.network {
        CheckedNetwork::Linear(own) => ("linear", None, own.factor),
        CheckedNetwork::Particles(own) => (
            "particles",
            Some(own.activation().to_string()),
            own.factor(),
        ),
    };
    let exact = |found: &Found| match &found.checkpoint.network {
        CheckedNetwork::Linear(own) => own.away == 0.0,
        CheckedNetwork::Particles(own) => own.is_exact(),
    };
    let about = PyDict::new(py);
    about.set_item("model", model)?;
    about.set_item("layers", layers)?;
    about.set_item("state", state)?;
    about.set_item("width", width)?;
    about.set_item("activation", activation)?;
    about.set_item("scale", first.scaling.to_string())?;
    about.set_item("factor", positive(factor))?;
    about.set_item("exact", found.iter().all(exact))?;
    let numbers = diagnosis.numbers.iter();
    let numbers: Vec<_> = numbers.map(|&(name, value)| (name, ends(value))).collect();
    about.set_item("constants", numbers)?;
    Ok(about)
}

/// What is said of one network.
fn entry<'py>(
    py: Python<'py>,
    found: &Found,
    diagnosis: &Diagnosis,
    target: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let (network, constants) = (&found.checkpoint.network, &diagnosis.constants);
    let entry = PyDict::new(py);
    entry.set_item("name", &found.name)?;
    entry.set_item("loss", positive(diagnosis.loss))?;
    entry.set_item("stated_loss", found.checkpoint.stated_loss)?;
    entry.set_item("agrees", found.checkpoint.agrees(diagnosis.loss))?;
    entry.set_item(
        "gradient_norm_squared",
        positive(diagnosis.gradient_norm_squared),
    )?;
    let own = diagnosis.own_gradient_norm_squared;
    entry.set_item("own_gradient_norm_squared", positive(own))?;
    entry.set_item("ratio", positive(diagnosis.ratio()))?;
    entry.set_item("norm", positive(diagnosis.norm))?;
    let layers = diagnosis.layers.iter().map(|layer| {
        let largest = layer.largest.and_then(positive);
        (positive(layer.smallest), largest, positive(layer.gain))
    });
    entry.set_item("layers", layers.collect::<Vec<_>>())?;
    entry.set_item("tangent", diagnosis.tangent.map(|both| both.map(positive)))?;
    entry.set_item(
        "pl",
        [
            ("tangent", constants.tangent.and_then(positive)),
            ("trajectory", positive(constants.trajectory)),
            ("uniform", positive(constants.uniform)),
            ("local", constants.local.and_then(positive)),
        ],
    )?;
    entry.set_item("upper", constants.upper.and_then(positive))?;
    entry.set_item("smoothness", diagnosis.smoothness.and_then(positive))?;
    entry.set_item("needed_depth", diagnosis.needed_depth.and_then(positive))?;
    let radii = diagnosis
        .radii
        .iter()
        .map(|&(basis, radius)| (basis_name(basis), radius));
    entry.set_item("radii", radii.collect::<Vec<_>>())?;
    let target = target * diagnosis.loss.upper();
    let outlooks = diagnosis
        .outlooks
        .iter()
        .map(|outlook| promise(py, network, outlook, target));
    entry.set_item("outlooks", outlooks.collect::<PyResult<Vec<_>>>()?)?;
    entry.set_item("guaranteed", diagnosis.is_guaranteed())?;
    Ok(entry)
}

/// A number, if it is one.
fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

fn basis_name(basis: Basis) -> &'static str {
    match basis {
        Basis::Layers => "layers",
        Basis::Tangent => "tangent",
        Basis::ZeroResidual => "zero-residual",
    }
}

fn missing_name(missing: Missing) -> &'static str {
    match missing {
        Missing::TooShallow => "depth",
        Missing::NotExpressive => "expressivity",
        Missing::LossTooLarge => "loss",
        Missing::Unbounded => "activation",
        Missing::Moved => "zero-residual",
    }
}

/// What one theorem says by one constant.
fn promise<'py>(
    py: Python<'py>,
    network: &CheckedNetwork,
    outlook: &Outlook,
    target: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let promise = PyDict::new(py);
    promise.set_item("theorem", outlook.theorem())?;
    promise.set_item("basis", basis_name(outlook.basis))?;
    promise.set_item("guaranteed", outlook.prospect.is_guaranteed())?;
    match outlook.prospect {
        Prospect::Guaranteed {
            constants,
            after,
            loss,
        } => {
            let stepped = constants.step > 0.0;
            let learning_rate = match network {
                CheckedNetwork::Linear(own) if stepped => Some(own.own_step(constants.step).mid()),
                _ => None,
            };
            promise.set_item("pl_constant", finite(constants.pl_constant.lower()))?;
            promise.set_item("smoothness", finite(constants.smoothness.upper()))?;
            promise.set_item("step", stepped.then_some(constants.step))?;
            promise.set_item("learning_rate", learning_rate)?;
            promise.set_item("radius", constants.radius)?;
            promise.set_item("rate", finite(constants.rate().lower()))?;
            promise.set_item("after", after)?;
            promise.set_item("loss_after", finite(loss.upper()))?;
            promise.set_item("steps", outlook.prospect.steps_to(target))?;
        }
        Prospect::Missed {
            why,
            factor,
            allowed,
        } => {
            promise.set_item("hypothesis", missing_name(why))?;
            promise.set_item("factor", factor)?;
            promise.set_item("allowed", allowed)?;
        }
    }
    Ok(promise)
}
