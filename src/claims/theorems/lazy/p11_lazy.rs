//! P11.lazy: how lazy training is, and why −1 and −2.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, broken, data, draws, lazy, sharp};
use crate::data::Hostile::{NearDuplicates, OneLayer, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::{Inapplicable, Violated};
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "lazy",
    statement: "as the readout's scale α doubles, ‖v^∞−v⁰‖ has slope −1; ‖T−T₀‖/‖T₀‖ and max‖e_n−ê_n‖ have slope −2 for a Gaussian kernel and −1 for random features, with closed-form coefficients, up to a derived remainder",
    source: "Paper A (lazy regime); the two slopes and their coefficients are of this project",
    hypotheses: &[
        lazy::ANALYTIC,
        lazy::EXPRESSIVE,
        lazy::CURVED,
        lazy::FIRST_ORDER,
        lazy::TRAINED,
    ],
    tolerance: "rounding of every step carried by a Lipschitz constant of gradient descent; the path that is left; remainders by the lemma of Schwarz and Pick on a disc of complex scales",
    page: "p11-lazy.md",
    headline: Some(lazy::TANGENT),
    slack: Some(5e-2),
    ..About::new("P11.lazy", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, lazy::slopes, sharp::three_points, draws::LAZY)
        .factors_seen_by(&["P11.field", "P11.model", "P11.remainder"])
        .control(Control::spec(
            "duplicated inputs",
            Inapplicable(lazy::EXPRESSIVE),
            broken::duplicated,
        ))
        .control(Control::spec(
            "more samples than features",
            Inapplicable(lazy::EXPRESSIVE),
            broken::too_few_features,
        ))
        .control(Control::spec(
            "a kernel that does not extend to complex states",
            Inapplicable(lazy::ANALYTIC),
            broken::rough,
        ))
        .control(Control::spec(
            "one layer",
            Inapplicable(lazy::CURVED),
            broken::single_layer,
        ))
        .control(Control::check(
            "the slopes of the kernel, of random features",
            Violated,
            || sharp::three_points().remove(0),
            lazy::features_as_kernel,
        ))
        .control(Control::check(
            "the slopes of random features, of the kernel",
            Violated,
            || sharp::three_points().remove(0),
            lazy::kernel_as_features,
        ))
        .data(data::lifted(data::LAZY, 6))
        .hostile(&[
            (
                &[NearDuplicates, OneSample, OneLayer],
                Demand::Mostly(Verdict::Inapplicable, &[]),
            ),
            (
                &all_but(&[NearDuplicates, OneSample, OneLayer]),
                Demand::NoViolation,
            ),
        ])
}
