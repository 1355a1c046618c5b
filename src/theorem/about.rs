//! What is claimed, in words.

use crate::evidence::Kind;

/// Returns an id as the name of a test or a file: `P5.along-descent` is `p5_along_descent`.
///
/// # Example
/// ```
/// assert_eq!(polyak::theorem::snake("P5.along-descent"), "p5_along_descent");
/// ```
#[must_use]
pub fn snake(id: &str) -> String {
    let plain = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() => c,
        _ => '_',
    };
    id.chars().map(plain).collect()
}

/// A number that a check compares at every iterate of a run, so that a page can draw it beside its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Iterates {
    /// What is measured.
    pub measured: &'static str,
    /// The statements that bound it, as their comparisons name them: one comparison an iterate.
    pub statements: &'static [&'static str],
}

/// What is claimed, where it stands, and how its evidence is to be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct About {
    /// `P3.local`: a number, a dot, a name.
    pub id: &'static str,
    /// The family that it belongs to; this crate has `kernel`, `spectrum`, `pl`, `convergence`, `lazy`, `rff`, `cot`,
    /// `width` and `depth`.
    pub family: &'static str,
    /// The statement in one line.
    pub statement: &'static str,
    /// Paper and result.
    pub source: &'static str,
    /// What the statement assumes.
    pub hypotheses: &'static [&'static str],
    /// How strong its evidence is.
    pub kind: Kind,
    /// How its tolerance is derived, in one line; in full on its page.
    pub tolerance: &'static str,
    /// Proof page below `proofs/`.
    pub page: &'static str,
    /// The statement whose tightness is the claim's; all of them, if `None`.
    pub headline: Option<&'static str>,
    /// The slack that the sharp instances leave at most: the control strengthens every bound by twice this share.
    /// `None` for a claim whose controls are wrong samplers and wrong bounds, as those of statistical claims.
    pub slack: Option<f64>,
    /// Statements for which no instance as sharp is known, with their own slack.
    pub looser: &'static [(&'static str, f64)],
    /// What a page draws from iterate to iterate.
    pub courses: &'static [Iterates],
}

impl About {
    /// An id and a kind; everything else is empty, to be filled in by `..About::new(…)`.
    #[must_use]
    pub const fn new(id: &'static str, kind: Kind) -> Self {
        Self {
            id,
            family: "",
            statement: "",
            source: "",
            hypotheses: &[],
            kind,
            tolerance: "",
            page: "",
            headline: None,
            slack: None,
            looser: &[],
            courses: &[],
        }
    }

    /// Returns the number of the claim: its id up to the dot.
    #[must_use]
    pub fn number(&self) -> &'static str {
        self.id.split('.').next().unwrap_or(self.id)
    }

    /// Returns the slack of a statement; `None`, if nothing is strengthened.
    #[must_use]
    pub fn slack_of(&self, statement: &str) -> Option<f64> {
        let own = self.looser.iter().find(|(name, _)| *name == statement);
        own.map_or(self.slack, |&(_, slack)| Some(slack))
    }
}
