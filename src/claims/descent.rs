//! P5 and the descent lemma of P7.

use super::pl::Point;
use super::{ResidualInstance, undecided};
use crate::arithmetic::{Ball, enlarged};
use crate::bounds::{step_with_margin, tangent_pl};
use crate::evidence::{Comparison, Finding};
use crate::flow::{DescentOptions, Record, Trace, gradient_descent};
use crate::resnet::ResidualNetwork;

/// Largest order of a tangent kernel that is formed at every iterate; beyond, at
/// the first iterate and every twentieth, at most ten.
const SMALL_TANGENT: usize = 200;

/// Largest order of a tangent kernel that is formed at all.
const LARGEST_TANGENT: usize = 1000;

fn run<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    step: f64,
) -> Result<Trace<N::Parameter>, Box<dyn std::error::Error>> {
    let order = instance.samples() * instance.network.frame().output_dimension();
    let task = DescentOptions {
        step,
        iterations: instance.steps,
        target: 1e-6,
        gram_spectra: true,
        tangent_every: if order <= SMALL_TANGENT {
            1
        } else if order <= LARGEST_TANGENT {
            instance.steps.div_ceil(9).max(20)
        } else {
            0
        },
    };
    let mut observer = instance.observer()?;
    Ok(gradient_descent(
        &mut observer,
        instance.reference.clone(),
        &task,
        |_| (),
    )?)
}

/// P5: P3 and P4 at every iterate from the reference.
///
/// The step is `2(1−c)/β` with the smoothness at the reference: any step will do,
/// the claim is pointwise.
pub(super) fn pl_along_descent<N: ResidualNetwork>(instance: &ResidualInstance<N>) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let reference = instance.reference_spectra()?;
        let loss = instance.reference_loss()?;
        let trace = run(instance, instance.reference_step(&reference, loss))?;
        let mut comparisons = Vec::new();
        // An iterate whose loss has no digits left decides nothing and has no spectra.
        for record in trace
            .records
            .iter()
            .filter(|record| !record.gram.is_empty())
        {
            comparisons.extend(at_iterate(instance, record, &reference));
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

pub(super) fn at_iterate<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    record: &Record,
    reference: &[crate::flow::GramSpectrum],
) -> Vec<Comparison> {
    let point = Point {
        loss: record.loss,
        gradient_norm_squared: record.gradient_norm_squared,
        norm: record.norm,
        layer_norms: &record.layer_norms,
        gram: &record.gram,
    };
    let mut comparisons = point.trajectory(instance);
    comparisons.extend(point.upper(instance));
    comparisons.extend(point.local(instance, reference, record.displacement));
    if let Some(smallest) = record.tangent_smallest {
        let constant = tangent_pl(instance.samples(), smallest);
        comparisons.push(point.at_least("‖∇L‖² ≥ m·L (tangent)", constant));
    }
    comparisons
}

/// The descent lemma: one step from the weights decreases the loss as promised.
///
/// The ball around the reference holds the weights and the step that would be taken
/// if the smoothness at the weights held everywhere; the smoothness of the ball is
/// larger, so the step actually taken is shorter and stays inside.
pub(super) fn descent_lemma<N: ResidualNetwork>(instance: &ResidualInstance<N>) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let reference = instance.reference_spectra()?;
        let mut observer = instance.observer()?;
        let seen = observer.observe(&instance.weights);
        let gradient = observer.gradient().clone();
        let network = &instance.network;
        let slope = seen.gradient_norm_squared.sqrt();
        let distance = instance
            .network
            .distance(&instance.weights, &instance.reference);
        let allowed = |smoothness| step_with_margin(instance.step_margin, smoothness);
        let near = instance.neighbourhood(distance);
        // The step that the smoothness at the weights would allow bounds the one taken.
        let room = slope * Ball::from(allowed(instance.smoothness(&reference, &near, seen.loss)));
        let around = instance.neighbourhood(distance + Ball::from(room.upper()));
        let smoothness = instance.smoothness(&reference, &around, seen.loss);
        let step = allowed(smoothness);
        let terms = [(-step, &gradient)];
        let next = network.combination(&instance.weights, &terms);
        let after = observer.observe(&next);
        let moved =
            step * seen.rounding.gradient_error() + network.combination_rounding(&next, &terms);
        let largest = seen.loss.max(after.loss);
        let slope = instance.loss_slope();
        let carried = slope.carried(network.norm(&next), largest, enlarged(moved, 16));
        let decrease = seen.loss - after.loss.widened(carried);
        let margin = Ball::from(1.0) - smoothness * Ball::from(0.5 * step);
        let promised = Ball::from(step) * margin * seen.gradient_norm_squared;
        let statement = "L(v) − L(v−η∇L) ≥ η(1−βη/2)‖∇L‖²";
        Ok(Finding::Compared(vec![Comparison::at_least(
            statement, decrease, promised,
        )]))
    };
    check().unwrap_or_else(undecided)
}
