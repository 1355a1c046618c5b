//! The proof pages: embedded, and as HTML with formulas in MathML.
//!
//! The build script lists the files of `proofs/`, so that a new page is embedded by being there. A claim names its page
//! ([`About::page`](crate::theorem::About::page)); a claim of another crate has none here.

mod book;
mod document;
mod markup;
mod typeset;

pub use book::{book, leaf};
pub(crate) use document::document;
pub use markup::Binding;
pub(crate) use typeset::typeset;

use crate::claims::find;
use crate::theorem::Claim;

/// Every page, by the name of its file.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/proofs.rs"));

/// The page that all others stand on: the notation, the conventions and the sources of the index.
pub const NOTATION: &str = "README.md";

/// The sections of the index that say nothing of single claims.
const GENERAL: [&str; 3] = ["Notation", "Conventions", "Sources"];

/// A proof page.
///
/// # Example
/// ```
/// use polyak::pages::{Binding, Page};
/// let page = Page::find("p3-local.md").expect("a page");
/// assert_eq!(page.title(), "P3.local: one PL constant for a ball around a reference");
/// let html = page.to_html(2, Binding::Folder(&["p2-flow.md"].into()));
/// assert!(html.contains("<h2 id=\"p3-local--proof\">Proof</h2>"));
/// assert!(html.contains("<a href=\"p2-flow.html\">P2</a>"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    file: &'static str,
    markdown: String,
}

impl Page {
    /// Returns the page of this file name; of [`NOTATION`] the sections that every other page needs.
    #[must_use]
    pub fn find(file: &str) -> Option<Self> {
        let &(file, text) = FILES.iter().find(|(name, _)| *name == file)?;
        let markdown = match file {
            NOTATION => general(text),
            _ => text.to_owned(),
        };
        Some(Self { file, markdown })
    }

    /// Returns the page of a claim of this crate.
    #[must_use]
    pub fn of(claim: &dyn Claim) -> Option<Self> {
        let known = find(claim.id()).ok()?;
        let page = claim.about().page;
        (known.about().page == page).then(|| Self::find(page))?
    }

    /// Returns the pages that are of no claim: what the others stand on, the notation first.
    #[must_use]
    pub fn foundations() -> Vec<Self> {
        let of_claim = |file: &str| {
            let mut claims = crate::claims::registry().iter();
            claims.any(|claim| claim.about().page == file)
        };
        let others = FILES.iter().map(|&(file, _)| file);
        let others = others.filter(|&file| file != NOTATION && !of_claim(file));
        std::iter::once(NOTATION)
            .chain(others)
            .filter_map(Self::find)
            .collect()
    }

    /// Returns the name of its file.
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// Returns the name of its file without the extension: what its anchors begin with.
    #[must_use]
    pub fn stem(&self) -> &'static str {
        stem(self.file)
    }

    /// Returns its title, as it is written.
    #[must_use]
    pub fn title(&self) -> &str {
        let first = self.markdown.lines().next().unwrap_or_default();
        first.trim_start_matches('#').trim()
    }

    /// What is below the title.
    fn body(&self) -> &str {
        self.markdown.split_once('\n').map_or("", |(_, body)| body)
    }

    /// Returns what is below its title as HTML.
    ///
    /// # Arguments
    /// * `level`: of the headings of its sections, 1 to 6.
    #[must_use]
    pub fn to_html(&self, level: u8, binding: Binding) -> String {
        markup::html(self, level, binding)
    }

    /// Returns the names of the pages that it links.
    #[must_use]
    pub fn linked(&self) -> Vec<&'static str> {
        markup::linked(&self.markdown)
    }
}

/// The name of a file without `.md`; that of the notation says what it is.
fn stem(file: &str) -> &str {
    match file {
        NOTATION => "notation",
        _ => file.trim_end_matches(".md"),
    }
}

/// The general sections of the index, under a title.
fn general(index: &str) -> String {
    let mut page = "# Notation and conventions\n\n".to_owned();
    let mut kept = false;
    for line in index.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            kept = GENERAL.contains(&heading);
        }
        if kept {
            page += line;
            page.push('\n');
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::registry;

    #[test]
    fn every_claim_has_its_page_and_every_page_is_found() {
        for claim in registry() {
            let page = Page::of(claim).unwrap_or_else(|| panic!("{}", claim.id()));
            assert!(page.title().starts_with(claim.id()), "{}", page.title());
        }
        let foundations = Page::foundations();
        assert_eq!(foundations[0].title(), "Notation and conventions");
        assert_eq!(foundations.len() + registry().len(), FILES.len());
    }

    #[test]
    fn the_notation_is_three_sections_of_the_index() {
        let page = Page::find(NOTATION).unwrap();
        let sections: Vec<&str> = page
            .markdown
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect();
        assert_eq!(sections, GENERAL.map(|name| format!("## {name}")));
        assert!(!page.markdown.contains("Adding a claim"));
    }

    /// The page of another crate may have the name of one of this.
    #[test]
    fn a_claim_of_another_crate_has_no_page_here() {
        let stranger = crate::campaign::tests::fails_at_size();
        assert_eq!(Page::of(&stranger), None);
        assert_eq!(Page::find("p99-nothing.md"), None);
    }
}
