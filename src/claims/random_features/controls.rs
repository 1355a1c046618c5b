//! Wrong samplers and wrong bounds, which the tests must reject.

use super::entries::{hoeffding_with, unbiased_with, uniform_with};
use super::expressivity::{chernoff_with, second_moment_with, width_with};
use super::gram::{rate_with, union_with};
use super::lazy::coefficient_with;
use super::orthogonal::{independent, orthogonal_with, stretched};
use super::{Sampler, constants, end_to_end};
use crate::claims::ResidualInstance;
use crate::data::ResidualSpec;
use crate::evidence::Finding;
use crate::kernel::{Gaussian, KernelSpec};

/// A control: the claim, what is wrong, on which instance, and the check of it.
pub(in crate::claims) type WrongDraw = (
    &'static str,
    &'static str,
    fn() -> ResidualInstance,
    fn(&ResidualInstance) -> Finding,
);

/// What the statements begin with that a control is about, where it is not about all of its claim.
const VARIANCE: &[&str] = &["Var k̂"];
const PROBABILITY: &[&str] = &["P("];
const WEYL: &[&str] = &["λ_min(K̂) + "];
const SMALLEST: &[&str] = &["P(λ_min(K̂)"];
const LONGEST: &[&str] = &["P(max‖ω‖"];
const PRODUCT: &[&str] = &["κ̂2 ≤ κ̂1"];
const SECOND_MOMENT: &[&str] = &["E[(yᵀT₁y)²"];

/// Every control is rejected with probability at least `1 − 1e-6`; see the pages.
pub(in crate::claims) const CONTROLS: [WrongDraw; 30] = [
    (
        "R1.unbiased",
        "a bandwidth a quarter too short",
        near_pair,
        |i| unbiased_with(i, Sampler::Stretched(1.25)),
    ),
    ("R1.unbiased", "frequencies in equal pairs", far_pair, |i| {
        unbiased_with(i, Sampler::Repeated(2)).only(VARIANCE)
    }),
    (
        "R1.unbiased",
        "a variance half as large again",
        far_pair,
        |i| super::unbiased(i).only(VARIANCE).strengthened(0.5),
    ),
    ("R2.hoeffding", "equal frequencies", far_pair, |i| {
        hoeffding_with(i, Sampler::Repeated(8))
    }),
    (
        "R2.hoeffding",
        "the bound divided by fifty",
        far_pair,
        |i| super::hoeffding(i).strengthened(0.98),
    ),
    ("R3.union", "equal frequencies", far_pair, |i| {
        union_with(i, Sampler::Repeated(16)).only(PROBABILITY)
    }),
    ("R3.union", "the bound divided by fifty", far_pair, |i| {
        super::union(i).only(PROBABILITY).strengthened(0.98)
    }),
    (
        "R3.union",
        "an eigenvalue a millionth larger",
        far_pair,
        |i| super::union(i).only(WEYL).strengthened(1e-6),
    ),
    ("R4.chernoff", "equal frequencies", far_pair, |i| {
        chernoff_with(i, Sampler::Repeated(1 << 20))
    }),
    (
        "R4.chernoff",
        "the bounds divided by 200",
        many_far_pairs,
        |i| super::chernoff(i).only(SMALLEST).strengthened(0.995),
    ),
    ("R4b.variance", "equal frequencies", far_pair, |i| {
        second_moment_with(i, Sampler::Repeated(1 << 20))
    }),
    ("R4b.variance", "the bound divided by 500", far_pair, |i| {
        super::second_moment(i).strengthened(0.998)
    }),
    (
        "R5.uniform",
        "one frequency in five hundred",
        far_pair,
        |i| uniform_with(i, Sampler::Fewer(500)),
    ),
    ("R6.width", "one frequency in twenty", far_pair, |i| {
        width_with(i, Sampler::Fewer(20))
    }),
    ("R6.width", "equal frequencies", far_pair, |i| {
        width_with(i, Sampler::Repeated(1 << 20))
    }),
    (
        "P11.features",
        "frequencies in equal fours",
        far_pair,
        |i| coefficient_with(i, Sampler::Repeated(4)).only(SECOND_MOMENT),
    ),
    ("P11.features", "half the bandwidth", far_pair, |i| {
        coefficient_with(i, Sampler::Stretched(2.0)).only(SECOND_MOMENT)
    }),
    ("P11.features", "equal frequencies", far_pair, |i| {
        coefficient_with(i, Sampler::Repeated(1 << 20))
    }),
    ("R7.rate", "frequencies in equal pairs", far_pair, |i| {
        rate_with(i, Sampler::Repeated(2))
    }),
    (
        "R7.rate",
        "a bandwidth a quarter too short",
        near_pair,
        |i| rate_with(i, Sampler::Stretched(1.25)),
    ),
    ("R8.covariance", "a bandwidth half as long", far_pair, |i| {
        constants::covariance_with(i, Sampler::Stretched(2.0))
    }),
    (
        "R8.covariance",
        "the bound divided by 200",
        many_on_a_line,
        |i| super::covariance(i).strengthened(0.995),
    ),
    ("R8b.curvature", "a bandwidth half as long", far_pair, |i| {
        constants::curvature_with(i, Sampler::Stretched(2.0)).only(LONGEST)
    }),
    (
        "R8b.curvature",
        "the bounds divided by 5000",
        many_on_a_line,
        |i| super::curvature(i).only(PROBABILITY).strengthened(0.9998),
    ),
    (
        "R8b.curvature",
        "a product a millionth smaller, of equal frequencies",
        line,
        |i| {
            let found = constants::curvature_with(i, Sampler::Repeated(1 << 20));
            found.only(PRODUCT).strengthened(1e-6)
        },
    ),
    (
        "R9.orthogonal",
        "independent frequencies",
        oblique_pair,
        |i| orthogonal_with(i, independent).only(VARIANCE),
    ),
    (
        "R9.orthogonal",
        "a bandwidth too short by a third",
        oblique_pair,
        |i| orthogonal_with(i, stretched),
    ),
    (
        "R9.orthogonal",
        "a variance half as large again",
        oblique_pair,
        |i| super::orthogonal(i).only(VARIANCE).strengthened(0.5),
    ),
    ("R10.end-to-end", "one frequency in fifty", far_pair, |i| {
        end_to_end::end_to_end_with(i, Sampler::Fewer(50)).only(PROBABILITY)
    }),
    (
        "R10.end-to-end",
        "a bandwidth a quarter as long",
        far_pair,
        |i| end_to_end::end_to_end_with(i, Sampler::Stretched(4.0)),
    ),
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
fn far_pair() -> ResidualInstance {
    pinned(&[0.0, 0.0], &[2.0, 0.0])
}

/// One bandwidth apart.
fn near_pair() -> ResidualInstance {
    pinned(&[0.0, 0.0], &[0.5, 0.0])
}

/// `r²/2 = 1.44` (`r` in bandwidths), where orthogonal frequencies of the plane differ most.
fn oblique_pair() -> ResidualInstance {
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
        let weak = CONTROLS.iter().filter(|(_, _, build, check)| {
            let found = check(&build());
            found.statements().is_empty()
                || !found.surviving(Comparison::fails_detectably).is_empty()
        });
        let weak: Vec<_> = weak.map(|(claim, name, ..)| (claim, name)).collect();
        assert!(weak.is_empty(), "{weak:?}");
    }
}
