//! How many random features a kernel needs.

use crate::array::Points;
use crate::end::{End, exactly};
use crate::refusal::{Class, Refusal};
use crate::work::{Shared, attended};
use numpy::PyArray2;
use polyak::bounds::random_features::WidthBound;
use polyak::kernel::KernelSpec;
use polyak::memory::require;
use polyak::recipe::width::{Drawing, ObservedWidth, WidthOptions, WidthStudy};
use pyo3::prelude::*;
use std::sync::Arc;

/// Width, models that were lost, models, and the interval of the probability.
type Observed = (u64, u64, u64, (f64, f64));

/// The eigenvalue, the width by every bound, what was drawn at the smallest of them, and what a search found.
type Foretold = (
    [End; 2],
    Vec<(String, Option<u64>)>,
    Option<Observed>,
    Option<Observed>,
);

fn observed(seen: &ObservedWidth) -> Observed {
    (
        seen.frequencies,
        seen.lost.events,
        seen.lost.trials,
        seen.interval,
    )
}

#[pyfunction]
#[pyo3(signature = (points, kernel, epsilon, failure, models, seed, empirical, progress=None))]
#[expect(clippy::too_many_arguments, reason = "the Python half names them")]
pub fn width(
    py: Python<'_>,
    points: &Bound<'_, PyArray2<f64>>,
    kernel: String,
    epsilon: f64,
    failure: f64,
    models: Option<u32>,
    seed: u64,
    empirical: bool,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Foretold> {
    let points = Points::of(points)?;
    attended(py, progress, move |desk| {
        let kernel: KernelSpec = kernel.parse()?;
        points.require_finite("points")?;
        let points = points.owned();
        // A Gram matrix with its factor and its pieces, once a thread.
        let order = points.ncols();
        let bytes = 32usize.saturating_mul(rayon::current_num_threads());
        let bytes = bytes.saturating_mul(order).saturating_mul(order);
        require(bytes).map_err(|shortage| {
            let message =
                format!("a model a thread: {shortage}: raise the limit, or take fewer points");
            Refusal::new(Class::Memory, message)
        })?;
        desk.begin("bounding the widths", 0);
        let options = WidthOptions::default()
            .with_epsilon(epsilon)
            .with_failure(failure)
            .with_models(models)
            .with_seed(seed);
        let study = WidthStudy::try_new(&kernel, &points, options)?;
        let promised = WidthBound::ALL.iter().map(|&bound| {
            let width = study.promised(bound)?;
            Ok((bound.to_string(), width))
        });
        let promised: Vec<(String, Option<u64>)> = promised.collect::<Result<_, Refusal>>()?;
        let smallest = study.smallest_watched(&|_| (), &**desk)?.map(exactly);
        let best = promised.iter().filter_map(|(_, width)| *width).min();
        let begin = |drawing: &Drawing| {
            let stage = format!("models of {} frequencies", drawing.frequencies);
            desk.begin(stage, u64::from(drawing.models));
            Shared(Arc::clone(desk))
        };
        let (mut at_promised, mut found) = (None, None);
        if let Some(width) = best.filter(|_| empirical) {
            at_promised = study.observe(width, begin)?;
            found = study.search(width, begin)?;
        }
        let [at_promised, found] = [at_promised, found].map(|seen| seen.as_ref().map(observed));
        Ok((smallest, promised, at_promised, found))
    })
}
