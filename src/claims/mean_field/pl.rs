//! C8 and C9: the PL inequality, and the Gram matrices along gradient descent.

use super::{MeanFieldInstance, bounded, compared, step_at, undecided};
use crate::arithmetic::Ball;
use crate::bounds::mean_field as bounds;
use crate::evidence::{Comparison, Finding};
use crate::flow::mean_field::{Iterate, descend};
use crate::meanfield::{ActivationBounds, feature_distances, smallest_eigenvalues};

/// C8 at both networks of an instance.
pub(in crate::claims) fn pl(instance: &MeanFieldInstance) -> Finding {
    bounded(instance, |activation| {
        let mut comparisons = Vec::new();
        for network in [&instance.network, &instance.other] {
            let at = Iterate::start(&instance.task, network);
            match at_network(instance, activation, &at) {
                Ok(found) => comparisons.extend(found),
                Err(finding) => return finding,
            }
        }
        Finding::Compared(comparisons)
    })
}

/// Both versions of C8 at one network.
pub(super) fn at_network(
    instance: &MeanFieldInstance,
    activation: &ActivationBounds,
    at: &Iterate,
) -> Result<[Comparison; 2], Finding> {
    let gram = smallest_eigenvalues(&at.pass.values).map_err(undecided)?;
    let gains = bounds::layer_gains(activation, &at.moments());
    let (samples, scale) = (instance.task.samples(), instance.scale());
    let at_least = |statement, constant: Ball| {
        Comparison::at_least(statement, at.gradient_norm_squared, constant * at.risk())
    };
    Ok([
        at_least(
            "‖∇L‖² ≥ (2α²/N)·D⁻¹Σ_kλ_min(K_k)Π_{l>k}(1−a_l)₊²·L",
            bounds::pl_constant(samples, scale, &gram, &gains),
        ),
        at_least(
            "‖∇L‖² ≥ (2α²/N)·P₋²·D⁻¹Σ_kλ_min(K_k)·L",
            bounds::uniform_pl_constant(samples, scale, &gram, &gains),
        ),
    ])
}

/// C9 at every iterate of gradient descent.
pub(in crate::claims) fn gram_stability(instance: &MeanFieldInstance) -> Finding {
    bounded(instance, |activation| {
        let start = Iterate::start(&instance.task, &instance.network);
        let step = step_at(instance, activation, &start, instance.step_margin);
        let run = descend(&instance.task, start, step, instance.steps);
        compare_grams(&run)
    })
}

/// The Gram matrices of later iterates against those of the first.
fn compare_grams(run: &[Iterate]) -> Finding {
    let spectra: Result<Vec<Vec<Ball>>, _> = run
        .iter()
        .map(|at| smallest_eigenvalues(&at.pass.values))
        .collect();
    let spectra = match spectra {
        Ok(spectra) => spectra,
        Err(error) => return undecided(error),
    };
    let depth = Ball::from(spectra[0].len() as f64);
    let later = run.iter().zip(&spectra).skip(1);
    let comparisons = later.map(|(at, gram)| {
        let moved = feature_distances(&at.pass.values, &run[0].pass.values);
        let floor = bounds::gram_floor(&spectra[0], &moved);
        let mean = gram.iter().copied().sum::<Ball>() / depth;
        let statement = "D⁻¹Σλ_min(K_k(t)) ≥ ((D⁻¹Σλ_min(K_k(0)))^½ − (D⁻¹Σe_k²)^½)₊²";
        Comparison::at_least(statement, mean, floor)
    });
    compared(comparisons.collect())
}
