//! The object of a check.

mod functional;
mod hidden;
mod mean_field;
mod points;
mod residual;

pub(in crate::claims) use functional::centres;
pub use hidden::HiddenInstance;
pub use mean_field::MeanFieldInstance;
pub use points::PointsInstance;
pub(in crate::claims) use points::lifted;
pub use residual::{InstanceError, ResidualInstance};

use crate::arithmetic::Ball;
use crate::claims::convergence::STEP;
use crate::claims::kernel::{ADMISSIBLE, STRONGLY_ADMISSIBLE};
use crate::data::{MeanFieldSpec, ResidualSpec};
use crate::resnet::{ExpansionNetwork, ResNet, ResidualNetwork};
use crate::theorem::{BuildError, Object, Spec, Subject};

/// What a claim about fields in the RKHS of the exact kernel is checked on.
pub type FunctionalInstance = ResidualInstance<ExpansionNetwork>;

impl<N: ResidualNetwork<Parameter: 'static> + Send + 'static> Object for ResidualInstance<N> {
    fn reseed(&mut self, seed: u64) {
        self.seed = seed;
    }
}

impl Object for MeanFieldInstance {
    fn reseed(&mut self, seed: u64) {
        self.seed = seed;
    }
}

impl Object for HiddenInstance {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for ResidualInstance<ResNet> {
    type Spec = ResidualSpec;
    const HYPOTHESIS: &'static str = "network: residuals are combinations of random features";

    fn build(spec: &ResidualSpec) -> Result<Self, BuildError> {
        Ok(Self::from_spec(spec)?)
    }

    /// Of the step.
    fn failing(&self, hypotheses: &[&'static str]) -> Vec<&'static str> {
        failing_step(self.step_margin, hypotheses)
    }
}

impl Subject for FunctionalInstance {
    type Spec = ResidualSpec;
    const HYPOTHESIS: &'static str = "network: residuals are kernel expansions";

    fn build(spec: &ResidualSpec) -> Result<Self, BuildError> {
        Ok(Self::functional(spec)?)
    }

    /// Of the kernel: whether it is admissible, and strongly so.
    fn failing(&self, hypotheses: &[&'static str]) -> Vec<&'static str> {
        let bounded = |constant: Ball| constant.is_bounded();
        let first = bounded(self.network.kappa1());
        let both = first && bounded(self.network.kappa2());
        let fails = |hypothesis: &&&'static str| {
            (**hypothesis == ADMISSIBLE && !first) || (**hypothesis == STRONGLY_ADMISSIBLE && !both)
        };
        hypotheses.iter().find(fails).copied().into_iter().collect()
    }
}

impl Subject for MeanFieldInstance {
    type Spec = MeanFieldSpec;
    const HYPOTHESIS: &'static str = "network: layers are particles";

    fn build(spec: &MeanFieldSpec) -> Result<Self, BuildError> {
        Ok(Self::from_spec(spec)?)
    }

    /// Of the step.
    fn failing(&self, hypotheses: &[&'static str]) -> Vec<&'static str> {
        failing_step(self.step_margin, hypotheses)
    }
}

/// An attack found that C6, C7 and D3 are false of steps backwards, `c = 1 − βη/2 > 1`.
fn failing_step(step_margin: f64, hypotheses: &[&'static str]) -> Vec<&'static str> {
    let fails = hypotheses.contains(&STEP) && !(0.0 < step_margin && step_margin < 1.0);
    fails.then_some(STEP).into_iter().collect()
}

impl From<ResidualSpec> for Spec {
    /// The specification of Paper A's network with random features.
    fn from(spec: ResidualSpec) -> Self {
        Self::of::<ResidualInstance>(spec)
    }
}

impl From<MeanFieldSpec> for Spec {
    fn from(spec: MeanFieldSpec) -> Self {
        Self::of::<MeanFieldInstance>(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_forward_below_two_over_the_smoothness_are_those_of_the_hypothesis() {
        for margin in [f64::MIN_POSITIVE, 0.5, 1.0_f64.next_down()] {
            assert_eq!(failing_step(margin, &[ADMISSIBLE, STEP]), [""; 0]);
        }
        for margin in [0.0, -0.5, 1.0, 1.5, f64::NAN] {
            assert_eq!(failing_step(margin, &[ADMISSIBLE, STEP]), [STEP]);
            assert_eq!(failing_step(margin, &[ADMISSIBLE]), [""; 0]);
        }
    }

    /// Of the kernels, κ1 is infinite for the first, κ2 for the first two.
    #[test]
    fn the_kernel_decides_whether_it_is_admissible() {
        let failing = |kernel: &str, hypotheses: &[&'static str]| {
            let points = vec![vec![0.0], vec![1.0]];
            let spec = ResidualSpec::at_rest(kernel.parse().unwrap(), points);
            FunctionalInstance::functional(&spec)
                .unwrap()
                .failing(hypotheses)
        };
        let both = [ADMISSIBLE, STRONGLY_ADMISSIBLE];
        assert_eq!(failing("matern12:1", &both), [ADMISSIBLE]);
        assert_eq!(failing("matern12:1", &both[1..]), [STRONGLY_ADMISSIBLE]);
        assert_eq!(failing("matern32:1", &both), [STRONGLY_ADMISSIBLE]);
        assert_eq!(failing("matern32:1", &both[..1]), [""; 0]);
        assert_eq!(failing("gaussian:1", &both), [""; 0]);
        assert_eq!(failing("matern12:1", &[STEP]), [""; 0]);
    }
}
