//! The smallest eigenvalue of `K̂`: R4, R4b, R6.

use super::models::{Plan, Stream, affordable, grams};
use super::{LEVELS, POSITIVE, Sampler};
use crate::bounds::random_features::{Expressivity, WidthBound};
use crate::claims::{ResidualInstance, undecided};
use crate::evidence::statistics::Frequency;
use crate::evidence::{Comparison, Finding};
use crate::spectrum::eigenvalues;

/// `ε`: half of the eigenvalue may be lost.
const SHARE: f64 = 0.5;

/// R6 is held to this probability of failure.
const FAILURE: f64 = 0.05;

/// R4.
pub(in crate::claims) fn chernoff(instance: &ResidualInstance) -> Finding {
    chernoff_with(instance, Sampler::Independent)
}

pub(super) fn chernoff_with(instance: &ResidualInstance, sampler: Sampler) -> Finding {
    let statement = "P(λ_min(K̂) ≤ (1−ε)λ) ≤ N[e^{−ε}(1−ε)^{−(1−ε)}]^{mλ/N}";
    let bounds = [(WidthBound::Chernoff, statement)];
    rarely_lost(
        instance,
        sampler,
        &bounds,
        &LEVELS,
        instance.draws,
        Stream::Chernoff,
    )
}

/// R4b, with both parabolas.
pub(in crate::claims) fn second_moment(instance: &ResidualInstance) -> Finding {
    second_moment_with(instance, Sampler::Independent)
}

pub(super) fn second_moment_with(instance: &ResidualInstance, sampler: Sampler) -> Finding {
    let bounds = [
        (
            WidthBound::Variance,
            "P(λ_min(K̂) ≤ (1−ε)λ) ≤ N exp(m(h(1−ε)λ + λ_max(−hK + h²V/2)))",
        ),
        (
            WidthBound::Tangent,
            "P(λ_min(K̂) ≤ (1−ε)λ) ≤ N exp(m(h(1−ε)λ + ln(1 + λ_max(−pK + rV))))",
        ),
    ];
    rarely_lost(
        instance,
        sampler,
        &bounds,
        &LEVELS,
        instance.draws,
        Stream::SecondMoment,
    )
}

/// R6: the widths by every bound.
pub(in crate::claims) fn width(instance: &ResidualInstance) -> Finding {
    width_with(instance, Sampler::Independent)
}

pub(super) fn width_with(instance: &ResidualInstance, sampler: Sampler) -> Finding {
    let bounds = WidthBound::ALL.map(|bound| {
        let statement = match bound {
            WidthBound::GramUnion => "P(λ_min(K̂) ≤ (1−ε)λ) ≤ τ at the width of R3",
            WidthBound::Bernstein => "P(λ_min(K̂) ≤ (1−ε)λ) ≤ τ at the width of Bernstein",
            WidthBound::Chernoff => "P(λ_min(K̂) ≤ (1−ε)λ) ≤ τ at the width of R4",
            WidthBound::Variance => "P(λ_min(K̂) ≤ (1−ε)λ) ≤ τ at the width of R4b",
            WidthBound::Tangent => "P(λ_min(K̂) ≤ (1−ε)λ) ≤ τ at the width of R4b, tangent",
        };
        (bound, statement)
    });
    let models = instance.draws.div_ceil(8);
    rarely_lost(
        instance,
        sampler,
        &bounds,
        &[FAILURE],
        models,
        Stream::Width,
    )
}

/// How often `λ_min(K̂)` is certainly at most `(1−ε)λ_min(K)`, at the widths that bounds promise, beside the
/// bounds there.
fn rarely_lost(
    instance: &ResidualInstance,
    sampler: Sampler,
    bounds: &[(WidthBound, &'static str)],
    levels: &[f64],
    models: usize,
    stream: Stream,
) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let points = instance.lifted_inputs();
        let samples = points.ncols();
        let expressivity = Expressivity::try_new(&instance.kernel, &points)?;
        if !(expressivity.smallest().lower() > 0.0) {
            return Ok(Finding::Inapplicable(vec![POSITIVE.to_owned()]));
        }
        let threshold = (1.0 - SHARE) * expressivity.smallest().lower();
        let mut comparisons = Vec::new();
        for &(bound, statement) in bounds {
            let tail = expressivity.tail(bound, SHARE)?;
            for &level in levels {
                let Some(frequencies) = tail.width(level) else {
                    return Ok(undecided(format!("{bound}: no width reaches {level}")));
                };
                if let Err(reason) = affordable(frequencies, samples, models) {
                    return Ok(undecided(reason));
                }
                let plan = Plan {
                    points: &points,
                    frequencies: frequencies as usize,
                    models,
                    sampler,
                    stream,
                };
                let lost = grams(instance, &plan, |gram, error| {
                    let smallest = eigenvalues(gram).map_or(f64::INFINITY, |values| values.min());
                    // Entries off by e move eigenvalues by Ne; so does the solver, by less than this.
                    let slack = samples as f64 * (error + 64.0 * f64::EPSILON * samples as f64);
                    smallest + slack <= threshold
                })?;
                let seen = Frequency::of(lost);
                let failure = tail.failure(frequencies);
                comparisons.push(Comparison::rarer(statement, seen, failure));
            }
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}
