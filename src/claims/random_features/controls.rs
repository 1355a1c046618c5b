//! Wrong samplers and wrong bounds, which the tests must reject.

use super::entries::{hoeffding_with, unbiased_with, uniform_with};
use super::expressivity::{chernoff_with, second_moment_with, width_with};
use super::gram::{rate_with, union_with};
use super::lazy::coefficient_with;
use super::orthogonal::{independent, orthogonal_with, stretched};
use super::{Sampler, constants, end_to_end, power};
use crate::bounds::random_features::WidthBound;
use crate::claims::{PointsInstance, ResidualInstance};
use crate::data::{PointsSpec, ResidualSpec};
use crate::kernel::{Gaussian, KernelSpec};
use crate::theorem::Control;
use crate::theorem::Expectation::Violated;

/// What the statements begin with that a control is about, where it is not about all of its claim.
const VARIANCE: &[&str] = &["Var k̂"];
const PROBABILITY: &[&str] = &["P("];
const WEYL: &[&str] = &["λ_min(K̂) + "];
const SMALLEST: &[&str] = &["P(λ_min(K̂)"];
const LONGEST: &[&str] = &["P(max‖ω‖"];
const PRODUCT: &[&str] = &["κ̂2 ≤ κ̂1"];
const SECOND_MOMENT: &[&str] = &["E[(yᵀT₁y)²"];

/// The controls of R1.unbiased.
pub(in crate::claims) fn r1_unbiased() -> Vec<Control<PointsInstance>> {
    vec![
        Control::check(
            "a bandwidth a quarter too short",
            Violated,
            near_pair,
            |i| unbiased_with(i, Sampler::Stretched(1.25)),
        )
        .missed(power::unbiased_stretched),
        Control::check("frequencies in equal pairs", Violated, far_pair, |i| {
            unbiased_with(i, Sampler::Repeated(2)).only(VARIANCE)
        })
        .missed(|found| power::variance_of(found, 2)),
        Control::check("a variance half as large again", Violated, far_pair, |i| {
            super::unbiased(i).only(VARIANCE).strengthened(0.5)
        })
        .missed(|found| power::variance_of(found, 4)),
    ]
}

/// The controls of R2.hoeffding.
pub(in crate::claims) fn r2_hoeffding() -> Vec<Control<PointsInstance>> {
    vec![
        Control::check("equal frequencies", Violated, far_pair, |i| {
            hoeffding_with(i, Sampler::Repeated(8))
        })
        .missed(|found| power::deviations_of_one(found, 8)),
        Control::check("the bound divided by fifty", Violated, far_pair, |i| {
            super::hoeffding(i).strengthened(0.98)
        })
        .missed(|found| power::deviations_beyond_a_fiftieth(found, 8)),
    ]
}

/// The controls of R3.union.
pub(in crate::claims) fn r3_union() -> Vec<Control<PointsInstance>> {
    vec![
        Control::check("equal frequencies", Violated, far_pair, |i| {
            union_with(i, Sampler::Repeated(16)).only(PROBABILITY)
        })
        .missed(|found| power::deviations_of_one(found, 16)),
        Control::check("the bound divided by fifty", Violated, far_pair, |i| {
            super::union(i).only(PROBABILITY).strengthened(0.98)
        })
        .missed(|found| power::deviations_beyond_a_fiftieth(found, 16)),
        Control::check(
            "an eigenvalue a millionth larger, of features that are all equal",
            Violated,
            far_pair,
            |i| {
                union_with(i, Sampler::Stretched(0.0))
                    .only(WEYL)
                    .strengthened(1e-6)
            },
        ),
    ]
}

/// The controls of R4.chernoff.
pub(in crate::claims) fn r4_chernoff() -> Vec<Control<PointsInstance>> {
    vec![
        Control::check("equal frequencies", Violated, far_pair, |i| {
            chernoff_with(i, Sampler::Repeated(1 << 20))
        })
        .missed(power::one_frequency),
        Control::check("the bounds divided by 200", Violated, many_far_pairs, |i| {
            super::chernoff(i).only(SMALLEST).strengthened(0.995)
        })
        .missed(|found| power::lost_at_the_widths(found, &[WidthBound::Chernoff])),
    ]
}

/// The controls of R4b.variance.
pub(in crate::claims) fn r4b_variance() -> Vec<Control<PointsInstance>> {
    vec![
        Control::check("equal frequencies", Violated, far_pair, |i| {
            second_moment_with(i, Sampler::Repeated(1 << 20))
        })
        .missed(power::one_frequency),
        Control::check("the bound divided by 500", Violated, far_pair, |i| {
            super::second_moment(i).strengthened(0.998)
        })
        .missed(|found| {
            power::lost_at_the_widths(found, &[WidthBound::Variance, WidthBound::Tangent])
        }),
    ]
}

/// The controls of R5.uniform.
pub(in crate::claims) fn r5_uniform() -> Vec<Control<PointsInstance>> {
    vec![
        Control::check("a single frequency", Violated, far_pair, |i| {
            uniform_with(i, Sampler::Fewer(1 << 20))
        })
        .missed(power::one_frequency),
    ]
}

/// The controls of R6.width.
pub(in crate::claims) fn r6_width() -> Vec<Control<PointsInstance>> {
    vec![
        Control::check("one frequency in twenty", Violated, far_pair, |i| {
            width_with(i, Sampler::Fewer(20))
        })
        .missed(|found| power::lost_at_a_share(found, 20)),
        Control::check("equal frequencies", Violated, far_pair, |i| {
            width_with(i, Sampler::Repeated(1 << 20))
        })
        .missed(power::one_frequency),
    ]
}

/// The controls of P11.features.
pub(in crate::claims) fn p11_features() -> Vec<Control<ResidualInstance>> {
    vec![
        Control::check("frequencies in equal fours", Violated, far_task, |i| {
            coefficient_with(i, Sampler::Repeated(4)).only(SECOND_MOMENT)
        })
        .missed(|found| power::normal_draws(found, [4.0; 3])),
        Control::check("half the bandwidth", Violated, far_task, |i| {
            coefficient_with(i, Sampler::Stretched(2.0)).only(SECOND_MOMENT)
        })
        .missed(|found| power::normal_draws(found, [4.0; 3])),
        Control::check("equal frequencies", Violated, far_task, |i| {
            coefficient_with(i, Sampler::Repeated(1 << 20))
        })
        .missed(|found| power::normal_draws(found, [4.0, 16.0, 64.0])),
    ]
}

/// The controls of R7.rate.
pub(in crate::claims) fn r7_rate() -> Vec<Control<PointsInstance>> {
    vec![
        Control::check("frequencies in equal pairs", Violated, far_pair, |i| {
            rate_with(i, Sampler::Repeated(2))
        })
        .missed(power::rate_repeated),
        Control::check(
            "a bandwidth a quarter too short",
            Violated,
            near_pair,
            |i| rate_with(i, Sampler::Stretched(1.25)),
        )
        .missed(power::rate_stretched),
    ]
}

/// The controls of R8.covariance.
pub(in crate::claims) fn r8_covariance() -> Vec<Control<PointsInstance>> {
    vec![
        Control::check("a bandwidth half as long", Violated, far_pair, |i| {
            constants::covariance_with(i, Sampler::Stretched(2.0))
        })
        .missed(|found| power::rows(found, 2, 2.0)),
        Control::check("the bound divided by 200", Violated, many_on_a_line, |i| {
            super::covariance(i).strengthened(0.995)
        })
        .missed(|found| power::rows(found, 1, 1.0)),
    ]
}

/// The controls of R8b.curvature.
pub(in crate::claims) fn r8b_curvature() -> Vec<Control<PointsInstance>> {
    vec![
        Control::check("a bandwidth half as long", Violated, far_pair, |i| {
            constants::curvature_with(i, Sampler::Stretched(2.0)).only(LONGEST)
        })
        .missed(power::longest_stretched),
        Control::check(
            "the bounds divided by 5000",
            Violated,
            many_on_a_line,
            |i| super::curvature(i).only(PROBABILITY).strengthened(0.9998),
        )
        .missed(power::longest_on_the_line),
        Control::check(
            "a product a millionth smaller, of equal frequencies",
            Violated,
            line,
            |i| {
                let found = constants::curvature_with(i, Sampler::Repeated(1 << 20));
                found.only(PRODUCT).strengthened(1e-6)
            },
        ),
    ]
}

/// The controls of R9.orthogonal.
pub(in crate::claims) fn r9_orthogonal() -> Vec<Control<PointsInstance>> {
    vec![
        Control::check("independent frequencies", Violated, oblique_pair, |i| {
            orthogonal_with(i, independent).only(VARIANCE)
        })
        .missed(power::blocks_of_independent),
        Control::check(
            "a bandwidth too short by a third",
            Violated,
            oblique_pair,
            |i| orthogonal_with(i, stretched),
        )
        .missed(|found| power::blocks_stretched(found, 1.5)),
        Control::check(
            "a variance half as large again",
            Violated,
            oblique_pair,
            |i| super::orthogonal(i).only(VARIANCE).strengthened(0.5),
        )
        .missed(|found| power::blocks_stretched(found, 1.0)),
    ]
}

/// The controls of R10.end-to-end.
pub(in crate::claims) fn r10_end_to_end() -> Vec<Control<ResidualInstance>> {
    vec![
        Control::check("a single frequency", Violated, far_task, |i| {
            end_to_end::end_to_end_with(i, Sampler::Fewer(1 << 20)).only(PROBABILITY)
        })
        .missed(power::one_frequency),
        Control::check("a bandwidth a quarter as long", Violated, far_task, |i| {
            end_to_end::end_to_end_with(i, Sampler::Stretched(4.0)).only(PROBABILITY)
        })
        .missed(power::promised_shorter),
    ]
}

/// Two points and a Gaussian kernel of bandwidth one half, with draws enough for the power of the controls.
fn two_points(one: &[f64], other: &[f64]) -> PointsInstance {
    let kernel = KernelSpec::from(Gaussian::try_new(0.5).expect("a positive bandwidth"));
    let spec = PointsSpec {
        draws: 8192,
        ..PointsSpec::new(kernel, vec![one.to_vec(), other.to_vec()])
    };
    PointsInstance::from_spec(&spec).expect("two points")
}

/// The same with targets, for a network.
pub(in crate::claims) fn pinned(one: &[f64], other: &[f64]) -> ResidualInstance {
    let at = two_points(one, other);
    let spec = ResidualSpec {
        targets: vec![vec![1.0], vec![-0.5]],
        draws: at.draws,
        ..ResidualSpec::at_rest(at.kernel, vec![one.to_vec(), other.to_vec()])
    };
    ResidualInstance::from_spec(&spec).expect("a pinned instance is well-formed")
}

/// Two pairs of points: one four bandwidths apart on the plane, which the kernel hardly sees.
const FAR: [[f64; 2]; 2] = [[0.0, 0.0], [2.0, 0.0]];

/// `r²/2 = 1.44` (`r` in bandwidths), where orthogonal frequencies of the plane differ most.
const OBLIQUE: [[f64; 2]; 2] = [[0.0, 0.0], [0.6, 0.6]];

/// See [`FAR`].
pub(super) fn far_pair() -> PointsInstance {
    two_points(&FAR[0], &FAR[1])
}

/// See [`FAR`].
fn far_task() -> ResidualInstance {
    pinned(&FAR[0], &FAR[1])
}

/// One bandwidth apart.
pub(super) fn near_pair() -> PointsInstance {
    two_points(&[0.0, 0.0], &[0.5, 0.0])
}

/// See [`OBLIQUE`].
pub(super) fn oblique_pair() -> PointsInstance {
    two_points(&OBLIQUE[0], &OBLIQUE[1])
}

fn line() -> PointsInstance {
    two_points(&[0.0], &[2.0])
}

/// As [`far_pair`], for an event of probability 0.016.
fn many_far_pairs() -> PointsInstance {
    PointsInstance {
        draws: 1 << 16,
        ..far_pair()
    }
}

/// As [`line`], for events of probability 0.004 and 0.02.
fn many_on_a_line() -> PointsInstance {
    PointsInstance {
        draws: 1 << 16,
        ..line()
    }
}

/// Instances on which the statistical claims are checked whatever the seed.
pub(in crate::claims) fn pairs() -> Vec<PointsInstance> {
    vec![far_pair(), oblique_pair(), line()]
}

/// The same with targets, for a network.
pub(in crate::claims) fn tasks() -> Vec<ResidualInstance> {
    vec![
        far_task(),
        pinned(&OBLIQUE[0], &OBLIQUE[1]),
        pinned(&[0.0], &[2.0]),
    ]
}

#[cfg(test)]
mod tests {
    use crate::claims::select;
    use crate::evidence::Comparison;

    /// What is drawn shows, but with probability 1e-6, that other draws would be rejected with probability
    /// `1 − 1e-6` at least.
    #[test]
    fn every_control_is_rejected_with_the_stated_power() {
        let mut weak = Vec::new();
        for claim in select(&["rff".to_owned()]).unwrap() {
            for control in claim.dropped() {
                let found = control.run(0).finding;
                let standing = found.surviving(Comparison::fails_detectably);
                if found.statements().is_empty() || !standing.is_empty() {
                    weak.push((claim.id(), control.name));
                }
            }
        }
        assert!(weak.is_empty(), "{weak:?}");
    }
}
