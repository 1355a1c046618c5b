//! A figure that folds, with what it shows in words.

use maud::{Markup, PreEscaped, html};

/// A picture with its words.
pub(crate) struct Figure {
    pub title: Markup,
    /// What it shows, for whoever does not see it.
    pub told: String,
    /// The picture, with a name.
    pub svg: String,
    /// Class, sign and name of everything that is drawn.
    pub legend: Vec<(&'static str, &'static str, Markup)>,
}

impl Figure {
    /// The figure, folded or not.
    pub fn markup(&self, open: bool) -> Markup {
        html! {
            details .figure open[open] {
                summary { "Figure: " (self.title) }
                figure {
                    (PreEscaped(&self.svg))
                    figcaption {
                        p { @for (class, sign, name) in &self.legend {
                            span .key { span .(class) aria-hidden="true" { (sign) } " " (name) } " "
                        } }
                        (self.told)
                    }
                }
            }
        }
    }
}
