//! `polyak claims [NAME]`.

use super::Failure;
use super::output::{Output, Results, document, layout};
use super::scripts::make;
use crate::campaign::controls;
use crate::evidence::Kind;
use crate::pages::{book, leaf};
use crate::report::controls_text;
use crate::text::count;
use crate::theorem::{About, Claim, Registry};
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// What is claimed; the JSON of `--json`, version 1.
#[derive(Serialize)]
struct Answer {
    schema: u32,
    version: &'static str,
    claims: Vec<Stated>,
}

#[derive(Serialize)]
struct Stated {
    id: &'static str,
    family: &'static str,
    kind: Kind,
    statement: &'static str,
    source: &'static str,
    hypotheses: &'static [&'static str],
    tolerance: &'static str,
    page: &'static str,
    instances: &'static str,
    headline: Option<&'static str>,
    slack: Option<f64>,
}

/// Lists all claims, or explains those of a name in full; as pages or as JSON, where these are asked for.
pub fn run(
    registry: &Registry,
    name: Option<&str>,
    html: Option<&Path>,
    json: Option<&Path>,
) -> Result<u8, Failure> {
    let (claims, is_one) = match name {
        None => (registry.iter().collect(), false),
        Some(name) => match registry.find(name) {
            Ok(claim) => (vec![claim], true),
            Err(_) => (registry.select(&[name.to_owned()])?, false),
        },
    };
    let results = Results::try_new(json, &[])?;
    let words: String = match html {
        Some(file) if is_one => {
            write(file, &leaf(claims[0]))?;
            format!("{} is in {}\n", claims[0].id(), file.display())
        }
        Some(folder) => bound(&claims, folder)?,
        None => String::new(),
    };
    let answer = || {
        document(&Answer {
            schema: 1,
            version: env!("CARGO_PKG_VERSION"),
            claims: claims.iter().map(|claim| Stated::of(*claim)).collect(),
        })
    };
    let words = || match (html, name) {
        (Some(_), _) => words,
        (None, None) => claims.iter().map(|claim| listed(*claim)).collect(),
        (None, Some(_)) => {
            let pages: Vec<String> = claims.iter().map(|claim| explained(*claim)).collect();
            pages.join("\n")
        }
    };
    results.deliver(words, answer)?;
    Ok(0)
}

/// Writes a book of the claims into a folder.
fn bound(claims: &[&dyn Claim], folder: &Path) -> Result<String, Failure> {
    make(folder)?;
    let files = book(claims);
    for (name, text) in &files {
        write(&folder.join(name), text)?;
    }
    let first = folder.join("index.html");
    Ok(format!(
        "{} in {}; begin with {}\n",
        count(files.len(), "page"),
        folder.display(),
        first.display()
    ))
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    Output::try_new(file, &[])?.write(text.as_bytes())
}

impl Stated {
    fn of(claim: &dyn Claim) -> Self {
        let about = claim.about();
        Self {
            id: about.id,
            family: about.family,
            kind: about.kind,
            statement: about.statement,
            source: about.source,
            hypotheses: about.hypotheses,
            tolerance: about.tolerance,
            page: about.page,
            instances: claim.draws(),
            headline: about.headline,
            slack: about.slack,
        }
    }
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
