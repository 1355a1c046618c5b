//! `polyak claims [NAME]`.

use super::Failure;
use super::output::{layout, say};
use polyak::campaign::controls;
use polyak::claims::{Claim, Regime, find, registry, select};
use polyak::report::controls_text;
use std::fmt::Write;

/// Lists all claims, or explains those of a name in full.
pub fn list_or_explain(name: Option<&str>) -> Result<u8, Failure> {
    let Some(name) = name else {
        say(&registry().iter().map(listed).collect::<String>())?;
        return Ok(0);
    };
    let claims = match find(name) {
        Ok(claim) => vec![claim],
        Err(_) => select(&[name.to_owned()])?,
    };
    let pages: Vec<String> = claims.into_iter().map(explained).collect();
    say(&pages.join("\n"))?;
    Ok(0)
}

fn listed(claim: &Claim) -> String {
    let Claim {
        id, family, kind, ..
    } = claim;
    format!("{id:<16} {family:<11} {kind}\n") + &layout().wrapped(claim.statement, "    ", "    ")
}

fn explained(claim: &Claim) -> String {
    let layout = layout();
    let mut text = format!("{}\n", claim.id);
    let mut field = |name: &str, value: &str| {
        text += &layout.wrapped(value, &format!("  {name:<11} "), "              ");
    };
    field("family", claim.family);
    field("statement", claim.statement);
    field("source", claim.source);
    match claim.hypotheses {
        [] => field("hypotheses", "none"),
        hypotheses => hypotheses.iter().for_each(|h| field("hypothesis", h)),
    }
    field("kind", &claim.kind.to_string());
    field("tolerance", claim.tolerance);
    field("proof", &format!("proofs/{}", claim.page));
    field(
        "instances",
        match claim.regime {
            Regime::General => "random: any network, data and weights",
            Regime::Functional => "random: any network of kernel expansions, data and fields",
            Regime::FunctionalNearMinimum => {
                "random: networks of kernel expansions, data near the predictions of the reference"
            }
            Regime::PointSet => {
                "random: points in up to twenty dimensions, bandwidths over twelve decades"
            }
            Regime::RandomFeatures => {
                "random: two to five points in up to three dimensions, and a kernel no wider than \
                 their separation"
            }
            Regime::GaussianFeatures => {
                "random: two to five points in up to three dimensions, and a Gaussian kernel no wider \
                 than their separation"
            }
            Regime::Lazy => {
                "random: two to five points in up to three dimensions, a Gaussian kernel no wider than \
                 their separation, four to twenty-four frequencies and two to five layers"
            }
            Regime::NearMinimum => {
                "random: data near the predictions of the reference, so that the condition on \
                 the initial loss can hold"
            }
            Regime::MeanField => "random: two mean-field networks of one depth, and data",
            Regime::ZeroResidual => {
                "random: mean-field networks that do nothing, and data near their outputs, so that \
                 the condition on the initial risk can hold"
            }
            Regime::SpectralWidth => {
                "random: two or three lifted points, a Gaussian kernel no wider than their separation \
                 and small errors, and trained networks of random features drawn by the thousand"
            }
            Regime::Width => {
                "random: data on the line, and initialisations of mean-field networks drawn by the \
                 thousand"
            }
        },
    );
    field("control", &control(claim));
    let _ = writeln!(text);
    text + &controls_text(layout, "  seen by the control", &controls(claim, 0))
}

/// What the controls of a claim do.
fn control(claim: &Claim) -> String {
    let Some(slack) = claim.slack else {
        return "wrong samplers and wrong bounds must be rejected, with probability 1 − 1e-6 each"
            .to_owned();
    };
    let mut control = format!(
        "on {} sharp instance(s) every statement must be violated once it is strengthened by \
         {:e}, twice the slack that they leave at most",
        claim.sharp().len(),
        2.0 * slack
    );
    for (statement, slack) in claim.looser {
        let _ = write!(control, " ({:e} for {statement})", 2.0 * slack);
    }
    control + "; every dropped hypothesis must be noticed"
}
