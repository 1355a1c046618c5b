//! P10.recipe: a lift and a scale make the condition attainable.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, broken, convergence, data, draws, lift, sharp};
use crate::data::Hostile::NearDuplicates;
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "convergence",
    statement: "with A = (Id; 0), B = α(0, Id): BA = 0, F(0) = 0 and L(0) = mean‖y‖²/2 whatever α, and P8's condition holds at α*, the smallest scale at which it does",
    source: "Paper A (the recipe)",
    hypotheses: &[convergence::STEP, convergence::EXPRESSIVE],
    tolerance: "radii of λ_min(K̂), κ̂1 and the loss; the search is exact to 1e-6 in α*²",
    page: "p10-recipe.md",
    headline: Some(lift::ATTAINED),
    slack: Some(1e-5),
    ..About::new("P10.recipe", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        lift::condition_is_attained,
        sharp::generic,
        draws::GENERAL,
    )
    .control(Control::spec(
        "duplicated inputs",
        Inapplicable(convergence::EXPRESSIVE),
        broken::duplicated,
    ))
    .control(Control::spec(
        "more samples than features",
        Inapplicable(convergence::EXPRESSIVE),
        broken::too_few_features,
    ))
    .data(data::begun)
    .hostile(&[
        (
            &[NearDuplicates],
            Demand::Mostly(Verdict::Inapplicable, &[Verdict::Undecided]),
        ),
        (
            &all_but(&[NearDuplicates]),
            Demand::Mostly(
                Verdict::Holds,
                &[Verdict::Inapplicable, Verdict::Undecided, Verdict::Vacuous],
            ),
        ),
    ])
}
