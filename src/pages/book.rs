//! The claims as a book: a file a claim, a file for every page that the proofs stand on, and an index.

use super::document::document;
use super::{Binding, Page, typeset};
use crate::theorem::{About, Claim};
use maud::{Markup, PreEscaped, html};
use std::collections::BTreeSet;

/// The name of the index of a book.
const INDEX: &str = "index.html";

/// The name of the file with everything, for the browser to search in.
const ALL: &str = "all.html";

/// Returns the files of a book about these claims, by name: the index first, then the claims in their order, then what their
/// proofs stand on, and last all of it in one file, which a browser searches. They link each other side by side.
///
/// # Example
/// ```
/// use polyak::pages::book;
/// let registry = polyak::claims::registry();
/// let files = book(&registry.select(&["kernel".to_owned()])?);
/// assert_eq!(files[0].0, "index.html");
/// assert!(files.iter().any(|(name, text)| name == "k1-psd.html" && text.contains("<math")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn book(claims: &[&dyn Claim]) -> Vec<(String, String)> {
    let foundations = Page::foundations();
    let of_claims = claims.iter().filter_map(|claim| Page::of(*claim));
    let bound: BTreeSet<&'static str> = of_claims
        .chain(foundations.clone())
        .map(|page| page.file())
        .collect();
    let binding = Binding::Folder(&bound);
    let mut files = vec![(INDEX.to_owned(), index(claims, &foundations))];
    files.extend(
        claims
            .iter()
            .map(|claim| (place(*claim), claim_page(*claim, binding, true))),
    );
    files.extend(
        foundations
            .iter()
            .map(|page| (file(page), foundation(page, binding))),
    );
    files.push((ALL.to_owned(), everything(claims, &foundations, &bound)));
    files
}

/// Returns one claim as a file of its own, whose links to other pages lead to the repository.
#[must_use]
pub fn leaf(claim: &dyn Claim) -> String {
    let alone: BTreeSet<&'static str> = Page::of(claim).iter().map(Page::file).collect();
    claim_page(claim, Binding::OneFile(&alone), false)
}

fn file(page: &Page) -> String {
    format!("{}.html", page.stem())
}

/// The file of a claim: that of its page, if it has one here.
fn place(claim: &dyn Claim) -> String {
    Page::of(claim).map_or_else(|| format!("{}.html", claim.id()), |page| file(&page))
}

fn claim_page(claim: &dyn Claim, binding: Binding, in_book: bool) -> String {
    let page = Page::of(claim);
    let title = page.as_ref().map_or(claim.id(), Page::title).to_owned();
    document(
        &format!("{title} · polyak"),
        &html! {
            (navigation(in_book))
            main {
                h1 { (title) }
                p .lead { (typeset(claim.about().statement)) }
                (about(claim))
                @match page {
                    Some(page) => div .page { (PreEscaped(page.to_html(2, binding))) },
                    None => p { "Its proof is the page " code { (claim.about().page) } " of its own package." },
                }
            }
        },
    )
}

/// What a claim says of itself.
fn about(claim: &dyn Claim) -> Markup {
    let About {
        family,
        source,
        hypotheses,
        kind,
        tolerance,
        ..
    } = claim.about();
    html! {
        dl {
            dt { "Family" } dd { (family) }
            dt { "Source" } dd { (source) }
            dt { "Hypotheses" }
            @if hypotheses.is_empty() { dd { "none" } }
            @for hypothesis in *hypotheses { dd { (typeset(hypothesis)) } }
            dt { "Kind of evidence" } dd { (kind) }
            dt { "Tolerance" } dd { (tolerance) }
            dt { "Random instances" } dd { (claim.draws()) }
            dt { "Check it" } dd { code { "polyak verify --family " (claim.id()) } }
        }
    }
}

fn foundation(page: &Page, binding: Binding) -> String {
    document(
        &format!("{} · polyak", page.title()),
        &html! {
            (navigation(true))
            main {
                h1 { (page.title()) }
                div .page { (PreEscaped(page.to_html(2, binding))) }
            }
        },
    )
}

/// All pages in one file, each with the links that lead from one to the other.
fn everything(
    claims: &[&dyn Claim],
    foundations: &[Page],
    bound: &BTreeSet<&'static str>,
) -> String {
    let binding = Binding::OneFile(bound);
    let body = |page: &Page| html! { div .page { (PreEscaped(page.to_html(3, binding))) } };
    document(
        "All claims and proofs · polyak",
        &html! {
            (navigation(true))
            main {
                h1 { "All claims and proofs" }
                p .lead { "Everything on one page, for the search of the browser." }
                @for claim in claims {
                    @let page = Page::of(*claim);
                    section #(page.as_ref().map_or(claim.id(), Page::stem)) {
                        h2 { (page.as_ref().map_or(claim.id(), Page::title)) }
                        p .lead { (typeset(claim.about().statement)) }
                        (about(*claim))
                        @if let Some(page) = &page { (body(page)) }
                    }
                }
                @for page in foundations { section #(page.stem()) { h2 { (page.title()) } (body(page)) } }
            }
        },
    )
}

fn navigation(in_book: bool) -> Markup {
    html! {
        @if in_book { nav aria-label="Book" { p .kicker { a href=(INDEX) { "All claims" } } } }
    }
}

fn index(claims: &[&dyn Claim], foundations: &[Page]) -> String {
    let mut families: Vec<&str> = Vec::new();
    for claim in claims {
        if !families.contains(&claim.family()) {
            families.push(claim.family());
        }
    }
    document(
        "The claims · polyak",
        &html! {
            main {
                h1 { "The claims" }
                p .lead { "Every claim is a theorem with all its constants, written as an executable check, and proved on its page." }
                p { a href=(ALL) { "All claims and proofs on one page" } ", where the search of the browser finds every word." }
                @for family in families {
                    section {
                        h2 { "Family " (family) }
                        dl .index { @for claim in claims.iter().filter(|claim| claim.family() == family) {
                            dt { a href=(place(*claim)) { (claim.id()) } } dd { (typeset(claim.about().statement)) }
                        } }
                    }
                }
                section {
                    h2 { "What the proofs stand on" }
                    ul { @for page in foundations { li { a href=(file(page)) { (page.title()) } } } }
                }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::tests::fails_at_size;
    use crate::claims::{find, registry};

    fn links(text: &str) -> impl Iterator<Item = &str> {
        text.split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
    }

    /// Every link of a book of all claims leads to a file of it, or out of it on purpose.
    #[test]
    fn a_whole_book_is_closed() {
        let claims: Vec<&dyn Claim> = registry().iter().collect();
        let files = book(&claims);
        let names: BTreeSet<&str> = files.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names.len(), files.len());
        assert_eq!(files.len(), 2 + claims.len() + Page::foundations().len());
        for (name, text) in &files {
            for link in links(text).filter(|link| !link.starts_with("https://")) {
                match link.split_once('#') {
                    Some(("", id)) => {
                        assert!(text.contains(&format!(" id=\"{id}\"")), "{name}: {link}")
                    }
                    Some((file, _)) => assert!(names.contains(file), "{name}: {link}"),
                    None => assert!(names.contains(link), "{name}: {link}"),
                }
            }
            assert_eq!(text.matches("<h1").count(), 1, "{name}");
            assert!(!text.contains("<script"), "{name}");
        }
        // One file has everything, for the search of a browser.
        let (name, all) = files.last().unwrap();
        assert_eq!(name, ALL);
        for page in claims.iter().filter_map(|claim| Page::of(*claim)) {
            assert!(all.contains(&format!("<section id=\"{}\">", page.stem())));
        }
        for claim in claims {
            assert!(
                files[0].1.contains(&format!(">{}</a>", claim.id())),
                "{}",
                claim.id()
            );
        }
    }

    #[test]
    fn a_leaf_stands_alone() {
        let text = leaf(find("P3.local").unwrap());
        assert!(
            links(&text).all(|link| link.starts_with("https://")),
            "{text}"
        );
        assert!(text.contains("depth: D ≥ 4κ1²(‖v⁰‖+ρ)²") && text.contains("<math"));
        let stranger = leaf(&fails_at_size());
        assert!(stranger.contains("of its own package"), "{stranger}");
    }
}
