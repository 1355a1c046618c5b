//! P11: the lazy regime, where the readout's scale `α` is large.

mod complex;
mod direct;
mod field;
mod model;
mod rates;
mod remainder;
mod rounding;
mod unit;

pub(super) use field::{
    ComplexStates, NEAR, complex_states, draws_of_states, far_states, pinned_states, real_states,
};
pub(super) use model::{
    MARGIN, Model, STEP, curved_model, draws_of_models, larger_perturbations, links, long_step,
    pinned_models,
};
pub(super) use rates::TANGENT;
pub(super) use remainder::{
    DiscFunction, draws_of_functions, pinned_functions, remainders, smaller_bound,
};

use super::lift::lifted;
use super::{ResidualInstance, undecided};
use crate::arithmetic::Ball;
use crate::bounds::{ComplexField, Leading};
use crate::evidence::Finding;
use crate::features::FourierFeatures;
use crate::kernel::{Gaussian, KernelSpec};
use crate::resnet::depth::longest_frequency;
use crate::resnet::{ExpansionNetwork, ResNet};
use direct::Direct;
use rates::{FEATURE_SLOPES, KERNEL_SLOPES, rates};
use unit::{Data, Unit};

/// The kernel must extend to complex states.
pub(super) const ANALYTIC: &str = "kernel: Gaussian";

/// The Gram matrices of the lifted inputs.
pub(super) const EXPRESSIVE: &str = "expressivity: λ_min(K) > 0 and λ_min(K̂) > 0";

/// One layer is linear in its parameters.
pub(super) const CURVED: &str = "depth: D ≥ 2";

/// There is something of first order.
pub(super) const FIRST_ORDER: &str = "features: T₁ ≠ 0 and E₁ ≠ 0";

/// Gradient descent ends in reasonable time.
pub(super) const TRAINED: &str =
    "training: the remaining path is below 10⁻³ within the steps allowed";

/// Steps allowed: of features, and of kernel expansions, which grow by a section a sample and step.
const MOST_STEPS: [usize; 2] = [200, 80];

type Checked<T> = Result<T, Box<dyn std::error::Error>>;

/// P11 on the data of an instance, with as many frequencies and layers: random features, whose slopes are
/// −1, and the exact kernel, whose tangent kernel and predictions have slopes −2.
pub(super) fn slopes(instance: &ResidualInstance) -> Finding {
    slopes_of(
        instance,
        [Leading::First, Leading::Even].map(Leading::order),
    )
}

/// A control: the slopes of the kernel, claimed of random features.
pub(super) fn features_as_kernel(instance: &ResidualInstance) -> Finding {
    slopes_of(instance, [Leading::Even; 2].map(Leading::order))
}

/// A control: the slopes of random features, claimed of the kernel.
pub(super) fn kernel_as_features(instance: &ResidualInstance) -> Finding {
    slopes_of(instance, [Leading::First; 2].map(Leading::order))
}

/// The check of the powers of `1/α` that are claimed of the tangent kernel and the predictions, of random features
/// and of the kernel.
fn slopes_of(instance: &ResidualInstance, claimed: [usize; 2]) -> Finding {
    let check = || -> Checked<Finding> {
        let KernelSpec::Gaussian(gaussian) = instance.kernel else {
            return Ok(Finding::Inapplicable(vec![ANALYTIC.to_owned()]));
        };
        if instance.network.depth() < 2 {
            return Ok(Finding::Inapplicable(vec![CURVED.to_owned()]));
        }
        let features = match features(instance, |own| own, Leading::First)? {
            Ok(unit) => unit,
            Err(failing) => return Ok(failing),
        };
        let kernel = match kernel(instance, gaussian)? {
            Ok(unit) => unit,
            Err(failing) => return Ok(failing),
        };
        let mut comparisons = Vec::new();
        for found in [
            rates(&features, &FEATURE_SLOPES, claimed[0])?,
            rates(&kernel, &KERNEL_SLOPES, claimed[1])?,
        ] {
            match found {
                Finding::Compared(own) => comparisons.extend(own),
                other => return Ok(other),
            }
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// Random features drawn for the instance's data, changed, with the readout `(0, Id)`.
fn features(
    instance: &ResidualInstance,
    change: fn(FourierFeatures) -> FourierFeatures,
    leading: Leading,
) -> Checked<Result<Unit<'_, ResNet>, Finding>> {
    let own = lifted(instance)?;
    let features = change(own.network.features().clone());
    let field = ComplexField::Features {
        kappa1: features.kappa1_ball(),
        kappa2: features.kappa2_ball(),
        longest: longest_frequency(&features),
    };
    let (inputs, outputs) = (instance.inputs.nrows(), instance.targets.nrows());
    let network = ResNet::lifted(inputs, outputs, 1.0, features.clone(), own.network.depth())?;
    let data = Data::of(instance, MOST_STEPS[0]);
    Unit::new(network, &features, field, data, leading)
}

/// The exact kernel on the instance's data.
fn kernel(
    instance: &ResidualInstance,
    gaussian: Gaussian,
) -> Checked<Result<Unit<'_, ExpansionNetwork<Direct>>, Finding>> {
    let kernel = Direct(gaussian);
    let (inputs, outputs) = (instance.inputs.nrows(), instance.targets.nrows());
    let depth = instance.network.depth();
    let network = ExpansionNetwork::lifted(inputs, outputs, 1.0, kernel.clone(), depth)?;
    let data = Data::of(instance, MOST_STEPS[1]);
    let sigma = Ball::from(gaussian.sigma());
    let field = ComplexField::Gaussian { sigma };
    Unit::new(network, &kernel, field, data, Leading::Even)
}

#[cfg(test)]
mod tests {
    use super::super::sharp;
    use super::rates::{AIM, first_trial};
    use super::*;
    use crate::evidence::Verdict;
    use nalgebra::DMatrix;

    fn instance() -> ResidualInstance {
        sharp::three_points().remove(0)
    }

    /// Frequencies in pairs, mirrored in the label coordinate: `k̂` is even in it.
    fn mirrored(features: FourierFeatures) -> FourierFeatures {
        let own = features.frequencies();
        let (state, count) = own.shape();
        let pairs = DMatrix::from_fn(state, 2 * count, |a, j| {
            let sign = if a + 1 == state && j >= count {
                -1.0
            } else {
                1.0
            };
            sign * own[(a, j % count)]
        });
        FourierFeatures::try_new(pairs).unwrap()
    }

    fn named<'a>(finding: &'a Finding, part: &str) -> Vec<&'a crate::evidence::Comparison> {
        let Finding::Compared(comparisons) = finding else {
            panic!("{finding:?}");
        };
        let own = comparisons.iter().filter(|c| c.statement().contains(part));
        own.collect()
    }

    #[test]
    fn slopes_are_those_of_the_theory() {
        let finding = slopes(&instance());
        assert_eq!(finding.judge().verdict, Verdict::Holds);
        for (part, slope) in [
            ("features, displacement", 1.0),
            ("features, tangent kernel", 1.0),
            ("features, predictions", 1.0),
            ("kernel, displacement", 1.0),
            ("kernel, tangent kernel", 2.0),
            ("kernel, predictions", 2.0),
        ] {
            let found = named(&finding, part);
            assert_eq!(found.len(), 2, "{part}");
            for comparison in found {
                assert!(
                    (comparison.quantity().mid() - slope).abs() < 1e-3,
                    "{comparison:?}"
                );
                assert!(comparison.tightness() > 0.94, "{comparison:?}");
            }
        }
        // Three scales of two networks.
        for part in ["v^∞", "T(vⁿ)", "max_n"] {
            assert_eq!(named(&finding, part).len(), 6);
        }
    }

    /// What makes the kernel's slopes −2 is a symmetry, not its width: features that have it have them too.
    #[test]
    fn mirrored_features_are_even() {
        let instance = instance();
        let unit = features(&instance, mirrored, Leading::Even).unwrap();
        let Ok(unit) = unit else {
            panic!("every hypothesis holds");
        };
        assert!(unit.tangent.contains(0.0) && unit.gap.contains(0.0));
        let right = rates(&unit, &KERNEL_SLOPES, 2).unwrap();
        assert_eq!(right.judge().verdict, Verdict::Holds);
        let wrong = rates(&unit, &KERNEL_SLOPES, 1).unwrap();
        assert_eq!(wrong.judge().verdict, Verdict::Violated);
        let Err(failing) = features(&instance, mirrored, Leading::First).unwrap() else {
            panic!("nothing of first order");
        };
        assert_eq!(failing, Finding::Inapplicable(vec![FIRST_ORDER.to_owned()]));
    }

    #[test]
    fn wrong_slopes_are_rejected() {
        for (check, part) in [
            (
                features_as_kernel as fn(&ResidualInstance) -> Finding,
                "features",
            ),
            (kernel_as_features, "kernel"),
        ] {
            let finding = check(&instance());
            let Finding::Compared(comparisons) = &finding else {
                panic!("{finding:?}");
            };
            let violated: Vec<_> = comparisons
                .iter()
                .filter(|c| c.verdict() == Verdict::Violated)
                .map(|c| c.statement())
                .collect();
            assert_eq!(violated.len(), 2, "{violated:?}");
            assert!(violated.iter().all(|name| name.starts_with(part)));
        }
    }

    /// The shortest of the closed forms' shares of the disc, whichever that is.
    #[test]
    fn the_first_trial_is_the_least_share() {
        let instance = instance();
        let Ok(mut unit) = features(&instance, |own| own, Leading::First).unwrap() else {
            panic!("every hypothesis holds");
        };
        let first = first_trial(&unit);
        unit.length = unit.length / Ball::from(1e6);
        let shorter = first_trial(&unit);
        assert!(shorter < 1e-2 * first);
        let share = unit.length.mid() / unit.disc.drift().mid();
        assert!((shorter / share - AIM).abs() < 1e-9 * AIM);
    }

    #[test]
    fn hypotheses_that_fail_are_named() {
        let named = |instance: &ResidualInstance, hypothesis: &str| {
            assert_eq!(
                slopes(instance),
                Finding::Inapplicable(vec![hypothesis.to_owned()])
            );
        };
        let mut rough = instance();
        rough.kernel = "matern52:1".parse().unwrap();
        named(&rough, ANALYTIC);
        let mut shallow = instance();
        shallow.network = shallow.network.with_depth(1).unwrap();
        named(&shallow, CURVED);
        let mut two = instance();
        two.network = two.network.with_depth(2).unwrap();
        assert!(matches!(slopes(&two), Finding::Compared(_)));
        let mut twins = instance();
        twins.inputs[1] = twins.inputs[0];
        named(&twins, EXPRESSIVE);
        let mut near = instance();
        near.inputs[1] = near.inputs[0] + 0.05;
        named(&near, TRAINED);
        let mut single = instance();
        single.inputs = DMatrix::from_element(1, 1, 0.5);
        single.targets = DMatrix::from_element(1, 1, 1.0);
        named(&single, FIRST_ORDER);
        let mut still = instance();
        still.targets.fill(0.0);
        assert_eq!(slopes(&still).judge().verdict, Verdict::Undecided);
    }
}
