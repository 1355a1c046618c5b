//! C11: the lift makes C10's condition attainable.

use super::convergence::{EXPRESSIVE, conclusions, constants};
use super::{BOUNDED, MeanFieldInstance, undecided};
use crate::evidence::{Comparison, Finding};
use crate::flow::mean_field::{Iterate, descend};
use crate::recipe::mean_field::{self, MeanFieldRecipeError};

/// C11: on the lifted data the recipe finds a scale at which the condition holds, and gradient descent keeps its
/// promise there.
pub(in crate::claims) fn attainable(instance: &MeanFieldInstance) -> Finding {
    if instance.bounds().is_none() {
        return Finding::Inapplicable(vec![BOUNDED.to_owned()]);
    }
    let lifted = match mean_field::lifted(&instance.task, &instance.network) {
        Ok((task, network)) => MeanFieldInstance {
            other: network.clone(),
            task,
            network,
            ..instance.clone()
        },
        Err(error) => return undecided(error),
    };
    match mean_field::smallest_scale(&lifted.task, &lifted.network, instance.step_margin) {
        Ok(scale) => {
            let mut comparisons = Vec::new();
            for (factor, statement) in SCALES {
                match at_scale(&lifted, factor * scale, statement) {
                    Ok(found) => comparisons.extend(found),
                    Err(finding) => return finding,
                }
            }
            Finding::Compared(comparisons)
        }
        Err(MeanFieldRecipeError::NotExpressive) => {
            Finding::Inapplicable(vec![EXPRESSIVE.to_owned()])
        }
        Err(error) => undecided(error),
    }
}

/// The scale of the recipe, and one far beyond, where nothing is lost to the radius.
const SCALES: [(f64, &str); 2] = [
    (1.0, "L(μ⁰) ≤ m(R)R²(1−βη/2)²/4 at the scale of the recipe"),
    (1e4, "L(μ⁰) ≤ m(R)R²(1−βη/2)²/4 far beyond"),
];

fn at_scale(
    lifted: &MeanFieldInstance,
    scale: f64,
    statement: &'static str,
) -> Result<Vec<Comparison>, Finding> {
    let task = lifted.task.with_scale(scale).map_err(undecided)?;
    let instance = MeanFieldInstance {
        task,
        ..lifted.clone()
    };
    let start = mean_field::zero_residual(&instance.task, &instance.network).map_err(undecided)?;
    let first = Iterate::start(&instance.task, &instance.network);
    let risk = first.risk();
    let constants = constants(&instance, &start, risk).map_err(Finding::Inapplicable)?;
    let run = descend(&instance.task, first, constants.step, instance.steps);
    let mut comparisons = conclusions(&start, &constants, &run);
    comparisons.push(Comparison::at_most(
        statement,
        risk,
        constants.loss_threshold(),
    ));
    Ok(comparisons)
}
