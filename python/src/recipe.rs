//! Recipes, and trainings by them.

use crate::array::{Points, returned};
use crate::refusal::{Class, Refusal};
use crate::work::{Desk, attended};
use numpy::{PyArray1, PyArray2, PyArray3, PyArrayMethods};
use polyak::arithmetic::Ball;
use polyak::data::Dataset;
use polyak::kernel::{Kernel, KernelName, KernelSpec};
use polyak::memory::require;
use polyak::recipe::{
    DataSource, Plan, RecipeError, RecipeKind, Size, SoFar, Training, TrainingCertificate,
    fingerprint, recheck_watched,
};
use polyak::watch::Watch;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::ops::ControlFlow;

/// A recipe: its document, its constants (symbol, whether it is a lower bound, number, source), GiB and hours of its training,
/// and the rate that is guaranteed.
type Made = (String, Vec<(String, bool, f64, String)>, f64, f64, f64);

/// What a recipe is asked for: layers, headroom, target, seed, probability of failure, frequencies; those of the last two that
/// are there say of which kind it is.
#[derive(Clone, Copy, FromPyObject)]
pub struct Asked(usize, Option<f64>, f64, u64, f64, Option<usize>, bool);

/// Inputs and targets, a row a sample in Python.
fn dataset(inputs: &Points, targets: &Points) -> Result<Dataset, Refusal> {
    inputs.require_finite("x")?;
    targets.require_finite("y")?;
    let (inputs, targets) = (inputs.owned(), targets.owned());
    Ok(Dataset {
        name: "`x`".to_owned(),
        rows: (1..=inputs.ncols()).collect(),
        inputs,
        targets,
        notes: Vec::new(),
    })
}

fn made(certificate: &TrainingCertificate) -> Result<Made, Refusal> {
    let text = serde_json::to_string_pretty(certificate)
        .map_err(|cause| Refusal::new(Class::Bug, cause))?;
    let size = Size::of_certificate(certificate);
    let stated = certificate.stated().map(|(symbol, side, stated)| {
        let below = side == polyak::recipe::Side::AtLeast;
        (
            symbol.to_owned(),
            below,
            stated.value,
            stated.source.clone(),
        )
    });
    let rate = certificate.promise.guaranteed_rate();
    Ok((text, stated.to_vec(), size.gib, size.hours, rate))
}

fn read(text: &str) -> Result<TrainingCertificate, Refusal> {
    serde_json::from_str(text).map_err(|cause| {
        let message = format!(
            "the document is no recipe of this version of polyak ({cause}): make the recipe again, or read one that \
             Recipe.to_json or `polyak recipe --json` wrote"
        );
        Refusal::new(Class::Report, message)
    })
}

/// Reads a recipe, and writes it again.
#[pyfunction]
pub fn read_recipe(py: Python<'_>, text: String) -> PyResult<Made> {
    attended(py, None, move |_| made(&read(&text)?))
}

#[pyfunction]
#[pyo3(signature = (inputs, targets, kernel, asked, progress=None))]
pub fn recipe(
    py: Python<'_>,
    inputs: &Bound<'_, PyArray2<f64>>,
    targets: &Bound<'_, PyArray2<f64>>,
    kernel: String,
    asked: Asked,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Made> {
    let (inputs, targets) = (Points::of(inputs)?, Points::of(targets)?);
    attended(py, progress, move |desk| {
        let Asked(depth, headroom, target, seed, failure, frequencies, realised) = asked;
        let data = dataset(&inputs, &targets)?;
        let name: KernelName = kernel.parse()?;
        let kernel: KernelSpec = name.resolve(&data.inputs)?;
        let source = DataSource::of_file("arrays that Python gave", data.samples());
        let plan = Plan::default()
            .with_depth(depth)
            .with_headroom(headroom)
            .with_target(target)
            .with_seed(seed);
        let mut certificate = match realised {
            false => {
                desk.begin("bounding the width that λ_min(K) needs", 0);
                plan.a_priori(&data, source, kernel, failure)?
            }
            true => {
                let count = frequencies.unwrap_or(Plan::usual_frequencies(data.samples()));
                let state = data.input_dimension() + data.target_dimension();
                let room = Plan::realised_room([data.samples(), state, count]);
                let bytes = room
                    .iter()
                    .fold(8usize, |bytes, &n| bytes.saturating_mul(n));
                require(bytes).map_err(|shortage| {
                    let message =
                        format!("a network of so many frequencies: {shortage}: take fewer");
                    Refusal::new(Class::Memory, message)
                })?;
                let seen = |known: SoFar| desk.begin(known.to_string(), 0);
                plan.realised_watched(&data, source, kernel, count, &seen, &**desk)?
            }
        };
        certificate.data.notes.extend(name.origin(data.samples()));
        made(&certificate)
    })
}

/// Lower ends, upper ends and what was promised of the losses of a run.
#[derive(Default)]
struct Trace([Vec<f64>; 3]);

impl Trace {
    fn push(&mut self, loss: Ball, bound: f64) {
        for (row, number) in self.0.iter_mut().zip([loss.lower(), loss.upper(), bound]) {
            row.push(number);
        }
    }
}

/// The end, what is broken, the losses of all iterates, lower ends, upper ends and bounds of those of this run, observed
/// rate, the arrays of the network (layers, frequencies, input, output), and what goes on from here.
type Trained<'py> = (
    &'static str,
    Option<String>,
    Bound<'py, PyArray1<f64>>,
    [Bound<'py, PyArray1<f64>>; 3],
    Option<f64>,
    (
        Bound<'py, PyArray3<f64>>,
        Bound<'py, PyArray2<f64>>,
        Bound<'py, PyArray2<f64>>,
        Bound<'py, PyArray2<f64>>,
    ),
    Bound<'py, PyBytes>,
);

/// Proves a recipe again, and trains by it.
///
/// * `limits`: steps in all, GiB, hours.
/// * `kept`: bytes of an earlier training to go on from.
#[pyfunction]
#[pyo3(signature = (text, inputs, targets, limits, kept=None, progress=None))]
pub fn train<'py>(
    py: Python<'py>,
    text: String,
    inputs: &Bound<'py, PyArray2<f64>>,
    targets: &Bound<'py, PyArray2<f64>>,
    limits: (u64, f64, f64),
    kept: Option<Vec<u8>>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Trained<'py>> {
    let (inputs, targets) = (Points::of(inputs)?, Points::of(targets)?);
    let (training, end, trace) = attended(py, progress, move |desk| {
        let (steps, gib, hours) = limits;
        let certificate = read(&text)?;
        let size = Size::of_certificate(&certificate);
        size.require(gib, hours)
            .map_err(|cause| allowed(cause, &certificate))?;
        require(size.bytes() as usize).map_err(|shortage| {
            Refusal::new(Class::Memory, format!("this training: {shortage}"))
        })?;
        let data = dataset(&inputs, &targets)?;
        if fingerprint(&[&data.inputs, &data.targets]) != certificate.data.fingerprint {
            return Err(RecipeError::OtherData.into());
        }
        prove_again(&certificate, &data, desk)?;
        let most = certificate.promise.iterations;
        let mut training = Training::new(certificate, &data.inputs, &data.targets)?;
        if let Some(bytes) = kept {
            training.restore(&bytes).map_err(|cause| {
                let message = format!(
                    "`resume` cannot be gone on from: {cause}; give what train returned of this recipe"
                );
                Refusal::new(Class::Report, message)
            })?;
        }
        let mut trace = Trace::default();
        let end = training.run(steps, |now| {
            trace.push(now.loss, now.bound);
            let stage = format!("loss {:.3e} ≤ {:.3e}", now.loss.mid(), now.bound);
            desk.tell(stage, now.iteration, most);
            match desk.is_stopped() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        })?;
        Ok((training, end, trace))
    })?;
    let network = training.network();
    let layers = training.weights().layers();
    let by_rows = layers
        .iter()
        .flat_map(|layer| layer.transpose().data.as_vec().clone());
    let shape = [layers.len(), layers[0].nrows(), layers[0].ncols()];
    let matrix = |matrix: &polyak::nalgebra::DMatrix<f64>| {
        let (rows, columns) = matrix.shape();
        returned(py, matrix.transpose().data.into(), [rows, columns])
    };
    let arrays = (
        PyArray1::from_vec(py, by_rows.collect()).reshape(shape)?,
        matrix(&network.features().frequencies().transpose())?,
        matrix(network.lift())?,
        matrix(network.readout())?,
    );
    Ok((
        end.name(),
        training.standing().fault(),
        PyArray1::from_slice(py, training.losses()),
        trace.0.map(|row| PyArray1::from_vec(py, row)),
        training.observed_rate(),
        arrays,
        PyBytes::new(py, &training.to_bytes()),
    ))
}

/// A training that is too large, with what allows it.
fn allowed(cause: RecipeError, certificate: &TrainingCertificate) -> Refusal {
    let realised = match certificate.kind {
        RecipeKind::APriori => ", or make a recipe with realised=True, which needs fewer",
        RecipeKind::Realised => "",
    };
    Refusal::new(
        Class::Memory,
        format!("{cause}; or allow it with max_gib= and max_hours={realised}"),
    )
}

/// Proves a certificate by other means than it was made with.
fn prove_again(
    certificate: &TrainingCertificate,
    data: &Dataset,
    desk: &Desk,
) -> Result<(), Refusal> {
    let architecture = &certificate.architecture;
    let drawn = match certificate.kind {
        RecipeKind::APriori => None,
        RecipeKind::Realised => {
            let dimension = data.input_dimension() + data.target_dimension();
            let (count, seed) = (architecture.frequencies as usize, architecture.seed);
            Some(
                architecture
                    .kernel
                    .try_sample_frequencies(dimension, count, seed)?,
            )
        }
    };
    let seen = |field| desk.begin(format!("proving {field} again"), 0);
    let (inputs, targets) = (&data.inputs, &data.targets);
    let found = recheck_watched(certificate, inputs, targets, drawn.as_ref(), &seen, desk)?;
    if found.is_empty() {
        return Ok(());
    }
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    let message = format!(
        "the recipe is not proved again, and nothing is trained by it: {}; make the recipe again",
        found.join("; ")
    );
    Err(Refusal::new(Class::Report, message))
}
