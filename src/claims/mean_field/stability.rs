//! C7: two flows side by side.

use super::{MeanFieldInstance, bounded, compared, cot, curvature_between, undecided};
use crate::arithmetic::Ball;
use crate::bounds::mean_field::{Curvature, Region, gauss_newton};
use crate::evidence::{Comparison, Finding};
use crate::flow::mean_field::{Iterate, descend, labelled_distance};
use crate::meanfield::{ActivationBounds, Particles};

/// C7 for gradient descent from both networks of an instance, with the same step.
pub(in crate::claims) fn stability(instance: &MeanFieldInstance) -> Finding {
    stability_with(instance, |curvature| curvature)
}

/// The same for a risk that is taken to be convex.
pub(super) fn without_curvature(instance: &MeanFieldInstance) -> Finding {
    stability_with(instance, |curvature| Curvature {
        negative: Ball::from(0.0),
        ..curvature
    })
}

fn stability_with(
    instance: &MeanFieldInstance,
    change: impl Fn(Curvature) -> Curvature,
) -> Finding {
    bounded(instance, |bounds| {
        let (a, b) = of_one_width(&instance.network, &instance.other);
        let b = match cot::labelled(&a, &b) {
            Ok(labelled) => labelled,
            Err(error) => return undecided(error),
        };
        let task = &instance.task;
        let (a, b) = (Iterate::start(task, &a), Iterate::start(task, &b));
        let apart = labelled_distance(&a.cloud, &b.cloud);
        let around = curvature_between(instance, bounds, &a, &b, apart);
        let step = 2.0 * (1.0 - instance.step_margin) / around.positive.upper();
        let first = descend(task, a, step, instance.steps);
        let second = descend(task, b, step, instance.steps);
        let pairs: Vec<(&Iterate, &Iterate)> = first.iter().zip(&second).collect();
        let mut product = Ball::from(1.0);
        let mut comparisons: Vec<Comparison> = [&first[0], &second[0]]
            .into_iter()
            .filter_map(|iterate| gradient_cap(instance, bounds, iterate))
            .collect();
        for window in pairs.windows(2) {
            let [(a, b), (a_next, b_next)] = [window[0], window[1]];
            let before = labelled_distance(&a.cloud, &b.cloud);
            let after = labelled_distance(&a_next.cloud, &b_next.cloud);
            let curvature = change(curvature_between(instance, bounds, a, b, before));
            let growth = curvature.growth(Ball::from(step));
            product = product * growth;
            comparisons.push(Comparison::at_most(
                "‖ωⁿ⁺¹−ω'ⁿ⁺¹‖ ≤ max(1+η√(2L̄)c2, η(c1²+√(2L̄)c2)−1)·‖ωⁿ−ω'ⁿ‖",
                after,
                growth * before,
            ));
            let distance = match cot::distance(&a_next.cloud, &b_next.cloud) {
                Ok(distance) => distance,
                Err(error) => return undecided(error),
            };
            // The labelling is optimal at the start: `apart` is d(μ⁰,μ'⁰).
            comparisons.push(Comparison::at_most(
                "d(μⁿ,μ'ⁿ) ≤ Πmax(…)·d(μ⁰,μ'⁰)",
                distance,
                product * apart,
            ));
        }
        compared(comparisons)
    })
}

/// What the first derivative bounds by itself, at one network; nothing, where the risk may be zero.
fn gradient_cap(
    instance: &MeanFieldInstance,
    bounds: &ActivationBounds,
    at: &Iterate,
) -> Option<Comparison> {
    let region = Region::of(bounds, &at.moments(), instance.input_size());
    let cap = Ball::from(2.0) * gauss_newton(&region, bounds, instance.scale()) * at.risk();
    let says = cap.lower() > 0.0;
    says.then(|| Comparison::at_most("‖∇L‖² ≤ 2α²c1²·L", at.gradient_norm_squared, cap))
}

/// Both networks with their particles copied to a common width: the same measures.
fn of_one_width(a: &Particles, b: &Particles) -> (Particles, Particles) {
    let (m, n) = (a.width(), b.width());
    let divisor = greatest_common_divisor(m, n);
    (a.replicated(n / divisor), b.replicated(m / divisor))
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DMatrix;

    #[test]
    fn networks_are_brought_to_their_least_common_width() {
        let network = |width| Particles::try_new(vec![DMatrix::zeros(3, width)]).unwrap();
        for (m, n, common) in [(4, 6, 12), (3, 3, 3), (1, 5, 5), (8, 2, 8), (5, 7, 35)] {
            let (a, b) = of_one_width(&network(m), &network(n));
            assert_eq!((a.width(), b.width()), (common, common));
        }
    }
}
