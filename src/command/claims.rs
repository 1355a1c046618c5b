//! `polyak claims [NAME]`.

use super::Failure;
use super::output::{layout, say};
use crate::campaign::controls;
use crate::report::controls_text;
use crate::text::count;
use crate::theorem::{About, Claim, Registry};
use std::fmt::Write;

/// Lists all claims, or explains those of a name in full.
pub fn list_or_explain(registry: &Registry, name: Option<&str>) -> Result<u8, Failure> {
    let Some(name) = name else {
        say(&registry.iter().map(listed).collect::<String>())?;
        return Ok(0);
    };
    let claims = match registry.find(name) {
        Ok(claim) => vec![claim],
        Err(_) => registry.select(&[name.to_owned()])?,
    };
    let pages: Vec<String> = claims.into_iter().map(explained).collect();
    say(&pages.join("\n"))?;
    Ok(0)
}

fn listed(claim: &dyn Claim) -> String {
    let About {
        id,
        family,
        kind,
        statement,
        ..
    } = claim.about();
    format!("{id:<16} {family:<11} {kind}\n") + &layout().wrapped(statement, "    ", "    ")
}

fn explained(claim: &dyn Claim) -> String {
    let (layout, about) = (layout(), claim.about());
    let mut text = format!("{}\n", claim.id());
    let mut field = |name: &str, value: &str| {
        text += &layout.wrapped(value, &format!("  {name:<11} "), "              ");
    };
    field("family", claim.family());
    field("statement", about.statement);
    field("source", about.source);
    match about.hypotheses {
        [] => field("hypotheses", "none"),
        hypotheses => hypotheses.iter().for_each(|h| field("hypothesis", h)),
    }
    field("kind", &about.kind.to_string());
    field("tolerance", about.tolerance);
    field("proof", &format!("proofs/{}", about.page));
    field("instances", claim.draws());
    field("control", &control(claim));
    let _ = writeln!(text);
    text + &controls_text(layout, "  seen by the control", &controls(claim, 0))
}

/// What the controls of a claim do.
fn control(claim: &dyn Claim) -> String {
    let about = claim.about();
    let Some(slack) = about.slack else {
        return "wrong samplers and wrong bounds must be rejected, with probability 1 − 1e-6 each"
            .to_owned();
    };
    let mut control = format!(
        "on {} every statement must be violated once it is strengthened by \
         {:e}, twice the slack that they leave at most",
        count(claim.sharp().len(), "sharp instance"),
        2.0 * slack
    );
    for (statement, slack) in about.looser {
        let _ = write!(control, " ({:e} for {statement})", 2.0 * slack);
    }
    control + "; every dropped hypothesis must be noticed"
}
