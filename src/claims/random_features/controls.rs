//! Wrong samplers and wrong bounds, which the tests must reject.

use super::entries::{hoeffding_with, unbiased_with, uniform_with};
use super::expressivity::{chernoff_with, second_moment_with, width_with};
use super::gram::{rate_with, union_with};
use super::lazy::coefficient_with;
use super::orthogonal::{independent, orthogonal_with, stretched};
use super::{Sampler, constants, end_to_end, power};
use crate::bounds::random_features::WidthBound;
use crate::claims::ResidualInstance;
use crate::data::ResidualSpec;
use crate::evidence::Finding;
use crate::kernel::{Gaussian, KernelSpec};

/// A control of a claim that draws decide.
#[derive(Clone, Copy)]
pub(in crate::claims) struct WrongDraw {
    /// The claim's id.
    pub claim: &'static str,
    /// What is wrong.
    pub name: &'static str,
    /// On which instance.
    pub instance: fn() -> ResidualInstance,
    /// The check, of a wrong sampler or with a wrong bound.
    pub check: fn(&ResidualInstance) -> Finding,
    /// A bound of the probability that a fresh seed rejects not all that the check found; `None` where nothing that is
    /// drawn decides.
    pub missed: Option<fn(&Finding) -> f64>,
}

/// What the statements begin with that a control is about, where it is not about all of its claim.
const VARIANCE: &[&str] = &["Var k̂"];
const PROBABILITY: &[&str] = &["P("];
const WEYL: &[&str] = &["λ_min(K̂) + "];
const SMALLEST: &[&str] = &["P(λ_min(K̂)"];
const LONGEST: &[&str] = &["P(max‖ω‖"];
const PRODUCT: &[&str] = &["κ̂2 ≤ κ̂1"];
const SECOND_MOMENT: &[&str] = &["E[(yᵀT₁y)²"];

/// Every control, with the power that [`power`] derives for it.
pub(in crate::claims) const CONTROLS: [WrongDraw; 30] = [
    WrongDraw {
        claim: "R1.unbiased",
        name: "a bandwidth a quarter too short",
        instance: near_pair,
        check: |i| unbiased_with(i, Sampler::Stretched(1.25)),
        missed: Some(power::unbiased_stretched),
    },
    WrongDraw {
        claim: "R1.unbiased",
        name: "frequencies in equal pairs",
        instance: far_pair,
        check: |i| unbiased_with(i, Sampler::Repeated(2)).only(VARIANCE),
        missed: Some(|found| power::variance_of(found, 2)),
    },
    WrongDraw {
        claim: "R1.unbiased",
        name: "a variance half as large again",
        instance: far_pair,
        check: |i| super::unbiased(i).only(VARIANCE).strengthened(0.5),
        missed: Some(|found| power::variance_of(found, 4)),
    },
    WrongDraw {
        claim: "R2.hoeffding",
        name: "equal frequencies",
        instance: far_pair,
        check: |i| hoeffding_with(i, Sampler::Repeated(8)),
        missed: Some(|found| power::deviations_of_one(found, 8)),
    },
    WrongDraw {
        claim: "R2.hoeffding",
        name: "the bound divided by fifty",
        instance: far_pair,
        check: |i| super::hoeffding(i).strengthened(0.98),
        missed: Some(|found| power::deviations_beyond_a_fiftieth(found, 8)),
    },
    WrongDraw {
        claim: "R3.union",
        name: "equal frequencies",
        instance: far_pair,
        check: |i| union_with(i, Sampler::Repeated(16)).only(PROBABILITY),
        missed: Some(|found| power::deviations_of_one(found, 16)),
    },
    WrongDraw {
        claim: "R3.union",
        name: "the bound divided by fifty",
        instance: far_pair,
        check: |i| super::union(i).only(PROBABILITY).strengthened(0.98),
        missed: Some(|found| power::deviations_beyond_a_fiftieth(found, 16)),
    },
    WrongDraw {
        claim: "R3.union",
        name: "an eigenvalue a millionth larger, of features that are all equal",
        instance: far_pair,
        check: |i| {
            union_with(i, Sampler::Stretched(0.0))
                .only(WEYL)
                .strengthened(1e-6)
        },
        missed: None,
    },
    WrongDraw {
        claim: "R4.chernoff",
        name: "equal frequencies",
        instance: far_pair,
        check: |i| chernoff_with(i, Sampler::Repeated(1 << 20)),
        missed: Some(power::one_frequency),
    },
    WrongDraw {
        claim: "R4.chernoff",
        name: "the bounds divided by 200",
        instance: many_far_pairs,
        check: |i| super::chernoff(i).only(SMALLEST).strengthened(0.995),
        missed: Some(|found| power::lost_at_the_widths(found, &[WidthBound::Chernoff])),
    },
    WrongDraw {
        claim: "R4b.variance",
        name: "equal frequencies",
        instance: far_pair,
        check: |i| second_moment_with(i, Sampler::Repeated(1 << 20)),
        missed: Some(power::one_frequency),
    },
    WrongDraw {
        claim: "R4b.variance",
        name: "the bound divided by 500",
        instance: far_pair,
        check: |i| super::second_moment(i).strengthened(0.998),
        missed: Some(|found| {
            power::lost_at_the_widths(found, &[WidthBound::Variance, WidthBound::Tangent])
        }),
    },
    WrongDraw {
        claim: "R5.uniform",
        name: "a single frequency",
        instance: far_pair,
        check: |i| uniform_with(i, Sampler::Fewer(1 << 20)),
        missed: Some(power::one_frequency),
    },
    WrongDraw {
        claim: "R6.width",
        name: "one frequency in twenty",
        instance: far_pair,
        check: |i| width_with(i, Sampler::Fewer(20)),
        missed: Some(|found| power::lost_at_a_share(found, 20)),
    },
    WrongDraw {
        claim: "R6.width",
        name: "equal frequencies",
        instance: far_pair,
        check: |i| width_with(i, Sampler::Repeated(1 << 20)),
        missed: Some(power::one_frequency),
    },
    WrongDraw {
        claim: "P11.features",
        name: "frequencies in equal fours",
        instance: far_pair,
        check: |i| coefficient_with(i, Sampler::Repeated(4)).only(SECOND_MOMENT),
        missed: Some(|found| power::normal_draws(found, [4.0; 3])),
    },
    WrongDraw {
        claim: "P11.features",
        name: "half the bandwidth",
        instance: far_pair,
        check: |i| coefficient_with(i, Sampler::Stretched(2.0)).only(SECOND_MOMENT),
        missed: Some(|found| power::normal_draws(found, [4.0; 3])),
    },
    WrongDraw {
        claim: "P11.features",
        name: "equal frequencies",
        instance: far_pair,
        check: |i| coefficient_with(i, Sampler::Repeated(1 << 20)),
        missed: Some(|found| power::normal_draws(found, [4.0, 16.0, 64.0])),
    },
    WrongDraw {
        claim: "R7.rate",
        name: "frequencies in equal pairs",
        instance: far_pair,
        check: |i| rate_with(i, Sampler::Repeated(2)),
        missed: Some(power::rate_repeated),
    },
    WrongDraw {
        claim: "R7.rate",
        name: "a bandwidth a quarter too short",
        instance: near_pair,
        check: |i| rate_with(i, Sampler::Stretched(1.25)),
        missed: Some(power::rate_stretched),
    },
    WrongDraw {
        claim: "R8.covariance",
        name: "a bandwidth half as long",
        instance: far_pair,
        check: |i| constants::covariance_with(i, Sampler::Stretched(2.0)),
        missed: Some(|found| power::rows(found, 2, 2.0)),
    },
    WrongDraw {
        claim: "R8.covariance",
        name: "the bound divided by 200",
        instance: many_on_a_line,
        check: |i| super::covariance(i).strengthened(0.995),
        missed: Some(|found| power::rows(found, 1, 1.0)),
    },
    WrongDraw {
        claim: "R8b.curvature",
        name: "a bandwidth half as long",
        instance: far_pair,
        check: |i| constants::curvature_with(i, Sampler::Stretched(2.0)).only(LONGEST),
        missed: Some(power::longest_stretched),
    },
    WrongDraw {
        claim: "R8b.curvature",
        name: "the bounds divided by 5000",
        instance: many_on_a_line,
        check: |i| super::curvature(i).only(PROBABILITY).strengthened(0.9998),
        missed: Some(power::longest_on_the_line),
    },
    WrongDraw {
        claim: "R8b.curvature",
        name: "a product a millionth smaller, of equal frequencies",
        instance: line,
        check: |i| {
            let found = constants::curvature_with(i, Sampler::Repeated(1 << 20));
            found.only(PRODUCT).strengthened(1e-6)
        },
        missed: None,
    },
    WrongDraw {
        claim: "R9.orthogonal",
        name: "independent frequencies",
        instance: oblique_pair,
        check: |i| orthogonal_with(i, independent).only(VARIANCE),
        missed: Some(power::blocks_of_independent),
    },
    WrongDraw {
        claim: "R9.orthogonal",
        name: "a bandwidth too short by a third",
        instance: oblique_pair,
        check: |i| orthogonal_with(i, stretched),
        missed: Some(|found| power::blocks_stretched(found, 1.5)),
    },
    WrongDraw {
        claim: "R9.orthogonal",
        name: "a variance half as large again",
        instance: oblique_pair,
        check: |i| super::orthogonal(i).only(VARIANCE).strengthened(0.5),
        missed: Some(|found| power::blocks_stretched(found, 1.0)),
    },
    WrongDraw {
        claim: "R10.end-to-end",
        name: "a single frequency",
        instance: far_pair,
        check: |i| end_to_end::end_to_end_with(i, Sampler::Fewer(1 << 20)).only(PROBABILITY),
        missed: Some(power::one_frequency),
    },
    WrongDraw {
        claim: "R10.end-to-end",
        name: "a bandwidth a quarter as long",
        instance: far_pair,
        check: |i| end_to_end::end_to_end_with(i, Sampler::Stretched(4.0)).only(PROBABILITY),
        missed: Some(power::promised_shorter),
    },
];

/// Two points and a Gaussian kernel of bandwidth one half, with draws enough for the power of the controls.
pub(in crate::claims) fn pinned(one: &[f64], other: &[f64]) -> ResidualInstance {
    let kernel = KernelSpec::from(Gaussian::try_new(0.5).expect("a positive bandwidth"));
    let spec = ResidualSpec {
        targets: vec![vec![1.0], vec![-0.5]],
        draws: 8192,
        ..ResidualSpec::at_rest(kernel, vec![one.to_vec(), other.to_vec()])
    };
    ResidualInstance::from_spec(&spec).expect("a pinned instance is well-formed")
}

/// Four bandwidths apart on the plane: the kernel hardly sees it.
pub(super) fn far_pair() -> ResidualInstance {
    pinned(&[0.0, 0.0], &[2.0, 0.0])
}

/// One bandwidth apart.
pub(super) fn near_pair() -> ResidualInstance {
    pinned(&[0.0, 0.0], &[0.5, 0.0])
}

/// `r²/2 = 1.44` (`r` in bandwidths), where orthogonal frequencies of the plane differ most.
pub(super) fn oblique_pair() -> ResidualInstance {
    pinned(&[0.0, 0.0], &[0.6, 0.6])
}

fn line() -> ResidualInstance {
    pinned(&[0.0], &[2.0])
}

/// As [`far_pair`], for an event of probability 0.016.
fn many_far_pairs() -> ResidualInstance {
    ResidualInstance {
        draws: 1 << 16,
        ..far_pair()
    }
}

/// As [`line`], for events of probability 0.004 and 0.02.
fn many_on_a_line() -> ResidualInstance {
    ResidualInstance {
        draws: 1 << 16,
        ..line()
    }
}

/// Instances on which the statistical claims are checked whatever the seed.
pub(in crate::claims) fn pairs() -> Vec<ResidualInstance> {
    vec![far_pair(), oblique_pair(), line()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Comparison;

    /// What is drawn shows, but with probability 1e-6, that other draws would be rejected with probability
    /// `1 − 1e-6` at least.
    #[test]
    fn every_control_is_rejected_with_the_stated_power() {
        let weak = CONTROLS.iter().filter(|control| {
            let found = (control.check)(&(control.instance)());
            found.statements().is_empty()
                || !found.surviving(Comparison::fails_detectably).is_empty()
        });
        let weak: Vec<_> = weak.map(|control| (control.claim, control.name)).collect();
        assert!(weak.is_empty(), "{weak:?}");
    }
}
