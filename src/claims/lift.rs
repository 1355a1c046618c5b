//! P10: the lift makes P8's condition attainable.

use super::convergence::{EXPRESSIVE, STEP};
use super::{ResidualInstance, undecided};
use crate::arithmetic::Ball;
use crate::evidence::{Comparison, Finding};
use crate::features::FourierFeatures;
use crate::recipe::{RecipeError, TOLERANCE};
use crate::resnet::ResNet;

/// The condition at the smallest scale.
pub(super) const ATTAINED: &str = "L(0) ≤ mR²c²/4 at α*";

/// Radii at which a smaller scale is tried, and the smallest as a share of the largest.
const RADII: u32 = 300;
const SMALLEST_RADIUS: f64 = 1e-5;

/// P10 on the data of an instance, with as many frequencies and layers.
pub(super) fn condition_is_attained(instance: &ResidualInstance) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let mut lifted = lifted(instance)?;
        let gram = lifted.reference_spectra()?;
        let squares = Ball::norm_of(lifted.targets.as_slice()).square();
        let loss = squares / Ball::from(2.0 * lifted.samples() as f64);
        let ingredients = lifted.ingredients(&gram, loss);
        let found = match ingredients.smallest_scale(lifted.step_margin) {
            Err(RecipeError::StepMargin { .. }) => {
                return Ok(Finding::Inapplicable(vec![STEP.to_owned()]));
            }
            Err(RecipeError::NotExpressive { .. }) => {
                return Ok(Finding::Inapplicable(vec![EXPRESSIVE.to_owned()]));
            }
            found => found?,
        };
        let unit = lifted.network.clone();
        let mut comparisons = Vec::new();
        for scale in [1.0, found.scale] {
            lifted.network = unit.with_readout_scaled(scale)?;
            let network = &lifted.network;
            let size = lifted.targets.norm();
            let product = Ball::from((network.readout() * network.lift()).norm());
            let zero = Ball::from(0.0);
            comparisons.push(Comparison::equal("BA = 0", product, zero, scale));
            let predictions = network.predict(&lifted.reference, &lifted.inputs).norm();
            comparisons.push(Comparison::equal(
                "F(0) = 0",
                Ball::from(predictions),
                zero,
                size,
            ));
            let observed = lifted.observer()?.observe(&lifted.reference).loss;
            let statement = "L(0) = mean‖y‖²/2";
            comparisons.push(Comparison::equal(statement, observed, loss, loss.mid()));
        }
        let threshold = |lifted: &ResidualInstance, radius: f64| {
            let local = lifted.local(&gram);
            let constants = local.convergence(radius, loss, lifted.step_margin);
            constants.map_or(Ball::from(0.0), |constants| constants.loss_threshold())
        };
        let attained = threshold(&lifted, found.radius);
        comparisons.push(Comparison::at_most(ATTAINED, loss, attained));
        // What the tolerance of the search leaves: (1−δ)²(1+δ) < 1.
        lifted.network = unit.with_readout_scaled(found.scale * (1.0 - TOLERANCE))?;
        let largest = ingredients.largest_radius();
        let step = SMALLEST_RADIUS.powf(1.0 / f64::from(RADII));
        let largest_threshold = (0..=RADII)
            .map(|k| largest * step.powi(k as i32))
            .chain([found.radius])
            .map(|radius| threshold(&lifted, radius))
            .reduce(|a, b| if b.mid() > a.mid() { b } else { a })
            .expect("a radius");
        let statement = "mR²c²/4 ≤ L(0) at every R, below α*";
        comparisons.push(Comparison::at_most(statement, largest_threshold, loss));
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// P10's network on the data of an instance, at zero weights: the frequencies are drawn from its kernel.
pub(super) fn lifted(
    instance: &ResidualInstance,
) -> Result<ResidualInstance, Box<dyn std::error::Error>> {
    let (inputs, outputs) = (instance.inputs.nrows(), instance.targets.nrows());
    let count = instance.network.features().count();
    let features = FourierFeatures::draw(&instance.kernel, inputs + outputs, count, instance.seed)?;
    let network = ResNet::lifted(inputs, outputs, 1.0, features, instance.network.depth())?;
    let zero = network.zero_weights();
    Ok(ResidualInstance {
        network,
        reference: zero.clone(),
        weights: zero,
        ..instance.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::super::sharp;
    use super::*;
    use crate::evidence::Verdict;

    fn instance() -> ResidualInstance {
        sharp::generic().remove(0)
    }

    #[test]
    fn the_network_is_the_lift_of_the_data() {
        let given = instance();
        let lifted = lifted(&given).unwrap();
        let network = &lifted.network;
        assert_eq!(
            (network.state_dimension(), network.output_dimension()),
            (4, 2)
        );
        assert_eq!((network.depth(), network.features().count()), (3, 5));
        let drawn = FourierFeatures::draw(&given.kernel, 4, 5, given.seed).unwrap();
        assert_eq!(*network.features(), drawn);
        assert_eq!(lifted.reference, network.zero_weights());
        assert_eq!(
            (&lifted.inputs, &lifted.targets),
            (&given.inputs, &given.targets)
        );
    }

    #[test]
    fn every_statement_is_sharp_and_each_is_made() {
        let Finding::Compared(comparisons) = condition_is_attained(&instance()) else {
            panic!("an expressive instance");
        };
        assert_eq!(comparisons.len(), 8);
        for comparison in &comparisons {
            assert_eq!(comparison.verdict(), Verdict::Holds, "{comparison:?}");
        }
        for statement in [ATTAINED, "mR²c²/4 ≤ L(0) at every R, below α*"] {
            let comparison = comparisons
                .iter()
                .find(|c| c.statement() == statement)
                .unwrap();
            assert!(comparison.tightness() > 1.0 - 4e-6, "{comparison:?}");
        }
    }

    #[test]
    fn hypotheses_that_fail_are_named() {
        let mut twins = instance();
        twins
            .inputs
            .set_column(1, &twins.inputs.column(0).into_owned());
        let named =
            |instance: &ResidualInstance, hypothesis: &str| match condition_is_attained(instance) {
                Finding::Inapplicable(failing) => assert_eq!(failing, [hypothesis]),
                other => panic!("{other:?}"),
            };
        named(&twins, EXPRESSIVE);
        let mut step = instance();
        step.step_margin = 1.0;
        named(&step, STEP);
        let mut still = instance();
        still.targets.fill(0.0);
        // ‖0‖ is known up to underflow: no scale is found, and nothing is claimed.
        let verdict = condition_is_attained(&still).judge().verdict;
        assert!(
            matches!(verdict, Verdict::Undecided | Verdict::Vacuous),
            "{verdict:?}"
        );
    }
}
