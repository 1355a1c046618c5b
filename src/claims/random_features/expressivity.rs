//! The smallest eigenvalue of `K̂`: R4, R4b, R6.

use super::models::{Plan, Stream, affordable, models};
use super::{LEVELS, POSITIVE, Sampler};
use crate::bounds::random_features::{Expressivity, WidthBound};
use crate::claims::{PointsInstance, undecided};
use crate::evidence::statistics::Frequency;
use crate::evidence::{Comparison, Finding};
use nalgebra::DMatrix;

/// `ε`: half of the eigenvalue may be lost.
pub(super) const SHARE: f64 = 0.5;

/// R6 is held to this probability of failure.
pub(super) const FAILURE: f64 = 0.05;

/// R4, both halves.
pub(in crate::claims) fn chernoff(instance: &PointsInstance) -> Finding {
    chernoff_with(instance, Sampler::Independent)
}

pub(super) fn chernoff_with(instance: &PointsInstance, sampler: Sampler) -> Finding {
    let events = [
        Event::Lost(
            WidthBound::Chernoff,
            "P(λ_min(K̂) ≤ (1−ε)λ) ≤ N[e^{−ε}(1−ε)^{−(1−ε)}]^{mλ/N}",
        ),
        Event::Exceeded("P(λ_max(K̂) ≥ (1+ε)λ_max) ≤ N[e^ε(1+ε)^{−(1+ε)}]^{mλ_max/N}"),
    ];
    let draws = instance.draws;
    rarely(instance, sampler, &events, &LEVELS, draws, Stream::Chernoff)
}

/// R4b, with both parabolas.
pub(in crate::claims) fn second_moment(instance: &PointsInstance) -> Finding {
    second_moment_with(instance, Sampler::Independent)
}

pub(super) fn second_moment_with(instance: &PointsInstance, sampler: Sampler) -> Finding {
    let events = [
        Event::Lost(
            WidthBound::Variance,
            "P(λ_min(K̂) ≤ (1−ε)λ) ≤ N exp(m(h(1−ε)λ + λ_max(−hK + h²V/2)))",
        ),
        Event::Lost(
            WidthBound::Tangent,
            "P(λ_min(K̂) ≤ (1−ε)λ) ≤ N exp(m(h(1−ε)λ + ln(1 + λ_max(−pK + rV))))",
        ),
    ];
    let (draws, stream) = (instance.draws, Stream::SecondMoment);
    rarely(instance, sampler, &events, &LEVELS, draws, stream)
}

/// R6: the widths by every bound.
pub(in crate::claims) fn width(instance: &PointsInstance) -> Finding {
    width_with(instance, Sampler::Independent)
}

pub(super) fn width_with(instance: &PointsInstance, sampler: Sampler) -> Finding {
    let events = WidthBound::ALL.map(|bound| {
        let statement = match bound {
            WidthBound::GramUnion => "P(λ_min(K̂) ≤ (1−ε)λ) ≤ τ at the width of R3",
            WidthBound::Bernstein => "P(λ_min(K̂) ≤ (1−ε)λ) ≤ τ at the width of Bernstein",
            WidthBound::Chernoff => "P(λ_min(K̂) ≤ (1−ε)λ) ≤ τ at the width of R4",
            WidthBound::Variance => "P(λ_min(K̂) ≤ (1−ε)λ) ≤ τ at the width of R4b",
            WidthBound::Tangent => "P(λ_min(K̂) ≤ (1−ε)λ) ≤ τ at the width of R4b, tangent",
        };
        Event::Lost(bound, statement)
    });
    let (models, stream) = (instance.draws.div_ceil(8), Stream::Width);
    rarely(instance, sampler, &events, &[FAILURE], models, stream)
}

/// What should be rare, and the statement of how rare.
enum Event {
    /// `λ_min(K̂) ≤ (1−ε)λ_min(K)`, by one of the bounds.
    Lost(WidthBound, &'static str),
    /// `λ_max(K̂) ≥ (1+ε)λ_max(K)`.
    Exceeded(&'static str),
}

/// How often each event certainly happens at the width that its bound promises for each level, beside the
/// bound there.
fn rarely(
    instance: &PointsInstance,
    sampler: Sampler,
    events: &[Event],
    levels: &[f64],
    count: usize,
    stream: Stream,
) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let points = &instance.points;
        let samples = points.ncols();
        let expressivity = Expressivity::try_new(&instance.kernel, points)?;
        if !(expressivity.smallest().lower() > 0.0) {
            return Ok(Finding::Inapplicable(vec![POSITIVE.to_owned()]));
        }
        // K̂ − sI, or sI − K̂, that is not positive definite.
        let lost = (1.0 - SHARE) * expressivity.smallest().lower();
        let exceeded = (1.0 + SHARE) * expressivity.largest().upper();
        let mut comparisons = Vec::new();
        for event in events {
            let (tail, statement) = match *event {
                Event::Lost(bound, statement) => (expressivity.tail(bound, SHARE)?, statement),
                Event::Exceeded(statement) => (expressivity.largest_tail(SHARE), statement),
            };
            for &level in levels {
                let Some(frequencies) = tail.width(level) else {
                    return Ok(undecided(format!("no width reaches {level}: {statement}")));
                };
                if let Err(reason) = affordable(frequencies, samples, count) {
                    return Ok(undecided(reason));
                }
                let plan = Plan {
                    points,
                    frequencies: frequencies as usize,
                    models: count,
                    sampler,
                    stream,
                };
                let happened = models(instance, &plan, |model| {
                    // Entries off by e move eigenvalues by Ne; the factorisation by less than the rest.
                    let slack =
                        samples as f64 * (model.error + 64.0 * f64::EPSILON * samples as f64);
                    let shifted = match event {
                        Event::Lost(..) => shifted(model.gram(), -(lost - slack)),
                        Event::Exceeded(_) => shifted(-model.gram(), exceeded + slack),
                    };
                    slack.is_finite() && shifted.cholesky().is_none()
                })?;
                let seen = Frequency::of(happened);
                comparisons.push(Comparison::rarer(
                    statement,
                    seen,
                    tail.failure(frequencies),
                ));
            }
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// `A + sI`.
fn shifted(mut matrix: DMatrix<f64>, shift: f64) -> DMatrix<f64> {
    for i in 0..matrix.nrows() {
        matrix[(i, i)] += shift;
    }
    matrix
}
