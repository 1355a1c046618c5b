//! Exact optimal transport.

use crate::array::{Points, numbers};
use crate::end::{End, ends};
use crate::refusal::{Class, Refusal};
use crate::work::attended;
use numpy::{PyArray1, PyArray2};
use polyak::arithmetic::Ball;
use polyak::transport::{
    Atoms, Ground, Transport, conditional_distance_watched, proved_cost, transport_watched,
    wasserstein_watched,
};
use pyo3::prelude::*;

/// Cost, distance, relative gap, plan (sources, targets, units), units in all, potentials of sources and of targets.
type Found<'py> = (
    [End; 2],
    [End; 2],
    f64,
    (
        Bound<'py, PyArray1<i64>>,
        Bound<'py, PyArray1<i64>>,
        Bound<'py, PyArray1<u64>>,
    ),
    u64,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
);

/// A row of numbers.
type Row<'py> = Bound<'py, PyArray1<f64>>;

/// An enclosure.
type Ends = [End; 2];

fn bounded(ball: Ball) -> Result<[End; 2], Refusal> {
    ends(ball).ok_or_else(|| {
        let message = "the cost is beyond the range of f64: rescale both clouds";
        Refusal::new(Class::Transport, message)
    })
}

/// The transport of clouds, a row an atom; of equal weights where none are given.
#[pyfunction]
#[pyo3(signature = (source, target, order, weights=None, progress=None))]
pub fn wasserstein<'py>(
    py: Python<'py>,
    source: &Bound<'py, PyArray2<f64>>,
    target: &Bound<'py, PyArray2<f64>>,
    order: u8,
    weights: Option<(Row<'py>, Row<'py>)>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Found<'py>> {
    let (source, target) = (Points::of(source)?, Points::of(target)?);
    let weights = weights.map(|(a, b)| Ok::<_, PyErr>((numbers(&a)?, numbers(&b)?)));
    let weights = weights.transpose()?;
    let (found, cost, distance) = attended(py, progress, move |desk| {
        desk.begin("transport", 0);
        let ground = ground(order);
        let found = match weights {
            None => wasserstein_watched(source.view(), target.view(), ground, &**desk)?,
            Some((a, b)) => {
                let source = Atoms::from_weights(source.owned(), &a)?;
                let target = Atoms::from_weights(target.owned(), &b)?;
                transport_watched(&source, &target, ground, None, &**desk)?
            }
        };
        let (cost, distance) = (bounded(found.cost())?, bounded(found.distance())?);
        Ok((found, cost, distance))
    })?;
    let plan = found.plan();
    let places = |of: fn(&polyak::transport::Shipped) -> usize| {
        PyArray1::from_vec(py, plan.iter().map(|shipped| of(shipped) as i64).collect())
    };
    let masses = PyArray1::from_vec(py, plan.iter().map(|shipped| shipped.mass).collect());
    Ok((
        cost,
        distance,
        found.relative_gap(),
        (
            places(|shipped| shipped.source),
            places(|shipped| shipped.target),
            masses,
        ),
        found.unit(),
        PyArray1::from_slice(py, found.source_potentials()),
        PyArray1::from_slice(py, found.potentials()),
    ))
}

/// The squared distance of networks, the distance, and the squared distance of every layer.
#[pyfunction]
#[pyo3(signature = (source, target, progress=None))]
pub fn conditional(
    py: Python<'_>,
    source: Vec<Bound<'_, PyArray2<f64>>>,
    target: Vec<Bound<'_, PyArray2<f64>>>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<(Ends, Ends, Vec<Ends>)> {
    let taken = |layers: &[Bound<'_, PyArray2<f64>>]| -> PyResult<Vec<Points>> {
        layers.iter().map(Points::of).collect()
    };
    let (source, target) = (taken(&source)?, taken(&target)?);
    attended(py, progress, move |desk| {
        desk.begin("layers", source.len() as u64);
        let seen = |_: usize, _: &Transport| polyak::watch::Watch::advance(&**desk, 1);
        let found = conditional_distance_watched(&source, &target, &seen, &**desk)?;
        let layers = found.layers().iter().map(|layer| bounded(layer.cost()));
        Ok((
            bounded(found.squared())?,
            bounded(found.distance())?,
            layers.collect::<Result<_, _>>()?,
        ))
    })
}

/// The cost that a plan (sources, targets, shares) and potentials of the targets prove, and the distance.
#[pyfunction]
#[pyo3(signature = (source, target, order, weights, plan, potentials=None))]
pub fn proved(
    py: Python<'_>,
    source: &Bound<'_, PyArray2<f64>>,
    target: &Bound<'_, PyArray2<f64>>,
    order: u8,
    weights: (Row<'_>, Row<'_>),
    plan: (Vec<usize>, Vec<usize>, Row<'_>),
    potentials: Option<Row<'_>>,
) -> PyResult<(Ends, Ends)> {
    let (source, target) = (Points::of(source)?, Points::of(target)?);
    let (a, b) = (numbers(&weights.0)?, numbers(&weights.1)?);
    let (sources, targets, shares) = (plan.0, plan.1, numbers(&plan.2)?);
    let potentials = potentials.map(|v| numbers(&v)).transpose()?;
    attended(py, None, move |_| {
        let source = Atoms::from_weights(source.owned(), &a)?;
        let target = Atoms::from_weights(target.owned(), &b)?;
        let plan = sources.into_iter().zip(targets).zip(shares);
        let plan: Vec<_> = plan.map(|((i, j), share)| (i, j, share)).collect();
        let ground = ground(order);
        let cost = proved_cost(&source, &target, ground, &plan, potentials.as_deref())?;
        let cost = cost.max(Ball::from(0.0));
        let distance = if order == 1 { cost } else { cost.sqrt() };
        Ok((bounded(cost)?, bounded(distance)?))
    })
}

fn ground(order: u8) -> Ground {
    if order == 1 {
        Ground::Distance
    } else {
        Ground::SquaredDistance
    }
}
