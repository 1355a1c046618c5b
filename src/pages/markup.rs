//! From Markdown to HTML: headings with anchors, links between pages, formulas as MathML.

use super::{Page, stem};
use pulldown_cmark::html::push_html;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use pulldown_latex::config::DisplayMode;
use pulldown_latex::{RenderConfig, Storage, push_mathml};
use std::collections::BTreeSet;

/// Where the links of a page lead.
#[derive(Clone, Copy, Debug)]
pub enum Binding<'a> {
    /// To anchors of one file that has these pages, and else to the repository.
    OneFile(&'a BTreeSet<&'static str>),
    /// To a file for each of these pages, side by side, and else to the repository.
    Folder(&'a BTreeSet<&'static str>),
}

/// An inline formula of more TeX than this may be wider than a phone, and scrolls by itself.
const LONG: usize = 40;

/// Where files that are not embedded are read.
const SOURCES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

fn events(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_MATH)
}

/// What is below the title of the page, its sections headings of this level.
pub(super) fn html(page: &Page, level: u8, binding: Binding) -> String {
    let mut out = String::new();
    let mut events = events(page.body());
    let mut made = Vec::new();
    while let Some(event) = events.next() {
        match event {
            Event::Start(Tag::Heading { level: own, .. }) => {
                let inside: Vec<Event> = events
                    .by_ref()
                    .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
                    .collect();
                let level = shifted(own, level);
                let id = format!("{}--{}", page.stem(), anchor(&inside));
                made.push(Event::Start(Tag::Heading {
                    level,
                    id: Some(id.into()),
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
                made.extend(inside.into_iter().map(inline));
                made.push(Event::End(TagEnd::Heading(level)));
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language)))
                if &*language == "math" =>
            {
                let inside = events
                    .by_ref()
                    .take_while(|event| !matches!(event, Event::End(TagEnd::CodeBlock)));
                let tex: String = inside.filter_map(text).collect();
                made.push(Event::Html(display(&tex).into()));
            }
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let dest_url = CowStr::from(target(page, &dest_url, binding));
                made.push(Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                }));
            }
            Event::Start(Tag::Table(columns)) => {
                made.push(Event::Html(
                    "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"table\">"
                        .into(),
                ));
                made.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                made.push(event);
                made.push(Event::Html("</div>".into()));
            }
            event => made.push(inline(event)),
        }
    }
    push_html(&mut out, made.into_iter());
    out
}

/// The names of the pages that a page links, in order, each once.
pub(super) fn linked(markdown: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for event in events(markdown) {
        let Event::Start(Tag::Link { dest_url, .. }) = event else {
            continue;
        };
        let path = dest_url.split('#').next().unwrap_or_default();
        if let Some(page) = Page::find(path)
            && !found.contains(&page.file())
        {
            found.push(page.file());
        }
    }
    found
}

/// A formula within a line becomes MathML; markup of its own becomes text.
fn inline(event: Event) -> Event {
    match event {
        Event::InlineMath(tex) => {
            let formula = mathml(&tex, DisplayMode::Inline);
            let formula = match tex.len() > LONG {
                true => format!("<span class=\"long\" tabindex=\"0\">{formula}</span>"),
                false => formula,
            };
            Event::InlineHtml(formula.into())
        }
        Event::DisplayMath(tex) => Event::Html(display(&tex).into()),
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        event => event,
    }
}

fn display(tex: &str) -> String {
    let formula = mathml(tex, DisplayMode::Block);
    format!("<div class=\"formula\" tabindex=\"0\">{formula}</div>\n")
}

/// What is no formula is shown as an error in its place; a test sees to it that no page has one.
fn mathml(tex: &str, display_mode: DisplayMode) -> String {
    let storage = Storage::new();
    let config = RenderConfig {
        display_mode,
        ..RenderConfig::default()
    };
    let mut formula = String::new();
    match push_mathml(
        &mut formula,
        pulldown_latex::Parser::new(tex, &storage),
        config,
    ) {
        // The renderer writes signs as they are, of which one opens a tag, and escapes its own blanks in words.
        Ok(()) => formula
            .replace("><</", ">&lt;</")
            .replace("&amp;nbsp;", "\u{a0}"),
        Err(_) => String::new(),
    }
}

/// Where a link of a page leads.
fn target(page: &Page, link: &str, binding: Binding) -> String {
    if link.contains("://") || link.starts_with("mailto:") {
        return link.to_owned();
    }
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let path = if path.is_empty() { page.file() } else { path };
    let anchor = match fragment {
        "" => String::new(),
        fragment => format!("{}--{fragment}", stem(path)),
    };
    match binding {
        Binding::OneFile(pages) if pages.contains(path) => match &*anchor {
            "" => format!("#{}", stem(path)),
            anchor => format!("#{anchor}"),
        },
        Binding::Folder(pages) if pages.contains(path) => match &*anchor {
            "" => format!("{}.html", stem(path)),
            anchor => format!("{}.html#{anchor}", stem(path)),
        },
        _ => elsewhere(path, fragment),
    }
}

/// The place of a file in the repository, named from `proofs/`.
fn elsewhere(path: &str, fragment: &str) -> String {
    let place = match path.strip_prefix("../") {
        Some(place) => place.to_owned(),
        None => format!("proofs/{path}"),
    };
    let fragment = match fragment {
        "" => String::new(),
        fragment => format!("#{fragment}"),
    };
    format!("{SOURCES}{place}{fragment}")
}

/// Sections are headings of the second level as they are written.
fn shifted(own: HeadingLevel, sections: u8) -> HeadingLevel {
    let level = (own as usize + usize::from(sections)).saturating_sub(2);
    HeadingLevel::try_from(level).unwrap_or(HeadingLevel::H6)
}

fn text(event: Event) -> Option<String> {
    match event {
        Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => Some(text.into_string()),
        _ => None,
    }
}

/// The anchor of a heading: its letters and digits in lower case, blanks as hyphens.
fn anchor(heading: &[Event]) -> String {
    let words: String = heading.iter().cloned().filter_map(text).collect();
    let kept = words.trim().to_lowercase();
    let kept = kept.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        _ => None,
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::{FILES, NOTATION};

    fn all() -> impl Iterator<Item = Page> {
        FILES.iter().filter_map(|(file, _)| Page::find(file))
    }

    fn names() -> BTreeSet<&'static str> {
        FILES.iter().map(|&(file, _)| file).collect()
    }

    /// Every formula of every page, and nothing that is left as it was written.
    #[test]
    fn all_formulas_are_mathml() {
        let names = names();
        let (mut formulas, mut bytes) = (0, 0);
        for page in all() {
            let html = page.to_html(2, Binding::Folder(&names));
            assert!(!html.contains("merror"), "{}: {html}", page.file());
            assert!(!html.contains("&amp;nbsp;"), "{}", page.file());
            assert!(
                !html.contains("$$") && !html.contains("\\frac"),
                "{}",
                page.file()
            );
            formulas += html.matches("<math ").count();
            bytes += html.len();
        }
        assert!(formulas > 5000, "{formulas}");
        assert!(bytes < 2_500_000, "{bytes}");
    }

    /// A head that is a formula alone, or empty, is none to who listens: it has a word.
    #[test]
    fn every_column_has_a_word_at_its_head() {
        let names = names();
        let mut heads = 0;
        for page in all() {
            let html = page.to_html(2, Binding::Folder(&names));
            let cells: Vec<&str> = html.split("</th>").collect();
            for cell in &cells[..cells.len() - 1] {
                let (_, cell) = cell.rsplit_once("<th").expect("the start of a head");
                let (_, cell) = cell.split_once('>').expect("the end of a tag");
                assert!(worded(cell), "{}: {cell}", page.file());
                heads += 1;
            }
        }
        assert!(heads > 30, "{heads}");
        assert!(!worded("") && !worded("<math >a</math>") && worded("a <math >b</math>"));
    }

    /// Whether a cell has text outside formulas.
    fn worded(cell: &str) -> bool {
        cell.split("<math ")
            .map(|piece| piece.rsplit("</math>").next().unwrap_or(piece))
            .any(|text| !text.trim().is_empty())
    }

    #[test]
    fn what_is_no_formula_is_marked() {
        assert!(mathml("\\frac{1", DisplayMode::Inline).contains("merror"));
        assert!(mathml("\\nonsense", DisplayMode::Inline).contains("merror"));
        assert!(mathml("x<1", DisplayMode::Inline).contains("&lt;"));
        assert!(mathml("x\\ y", DisplayMode::Inline).contains("<mtext>\u{a0}</mtext>"));
    }

    #[test]
    fn links_lead_to_anchors_files_or_the_repository() {
        let page = Page::find("p3-local.md").unwrap();
        let pages = BTreeSet::from(["p2-flow.md", NOTATION]);
        let here = |link| target(&page, link, Binding::OneFile(&pages));
        assert_eq!(here("p2-flow.md"), "#p2-flow");
        assert_eq!(here("README.md#notation"), "#notation--notation");
        assert_eq!(here("p2-flow.md#proof"), "#p2-flow--proof");
        assert_eq!(
            here("k4-lipschitz.md"),
            format!("{SOURCES}proofs/k4-lipschitz.md")
        );
        assert_eq!(
            here("../docs/command.md#x"),
            format!("{SOURCES}docs/command.md#x")
        );
        assert_eq!(here("https://a.b/c"), "https://a.b/c");
        let names = names();
        let beside = |link| target(&page, link, Binding::Folder(&names));
        assert_eq!(beside("#proof"), "p3-local.html#p3-local--proof");
        assert_eq!(
            beside("README.md#notation"),
            "notation.html#notation--notation"
        );
        assert_eq!(beside("../src/lib.rs"), format!("{SOURCES}src/lib.rs"));
    }

    /// Every anchor that a page of a folder names is there.
    #[test]
    fn no_link_between_pages_is_dead() {
        let names = names();
        let anchors: BTreeSet<String> = all()
            .flat_map(|page| {
                let html = page.to_html(2, Binding::Folder(&names));
                let ids = html.split(" id=\"").skip(1);
                let ids: Vec<String> = ids
                    .filter_map(|rest| rest.split('"').next())
                    .map(str::to_owned)
                    .collect();
                ids
            })
            .collect();
        let mut seen = 0;
        for page in all() {
            let html = page.to_html(2, Binding::Folder(&names));
            for link in html
                .split("href=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                if let Some((file, anchor)) = link.split_once(".html#")
                    && !link.contains("://")
                {
                    assert!(anchors.contains(anchor), "{}: {file} {anchor}", page.file());
                    seen += 1;
                }
            }
        }
        assert!(seen > 90, "{seen}");
    }

    #[test]
    fn headings_begin_where_they_are_asked_to_and_end_at_six() {
        let names = names();
        let page = Page::find("p10-recipe.md").unwrap();
        let html = page.to_html(4, Binding::Folder(&names));
        assert!(
            html.contains("<h4 id=\"p10-recipe--proof\">Proof</h4>"),
            "{html}"
        );
        assert!(
            html.contains("<h5 id=\"p10-recipe--which-version-of-"),
            "{html}"
        );
        assert!(!html.contains("<h3") && !html.contains(page.title()));
        assert_eq!(shifted(HeadingLevel::H3, 6), HeadingLevel::H6);
    }

    #[test]
    fn pages_link_pages() {
        let page = Page::find("p3-local.md").unwrap();
        let linked = page.linked();
        assert_eq!(linked[0], NOTATION);
        assert!(linked.contains(&"rounding.md") && linked.contains(&"k4-lipschitz.md"));
    }
}
