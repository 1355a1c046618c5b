//! Registry, proof pages and tests match one to one.

use polyak::claims::registry;
use polyak::evidence::Kind;
use polyak::theorem::snake;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn ids_and_pages_are_unique_and_named_after_each_other() {
    let ids: BTreeSet<&str> = registry().iter().map(|claim| claim.id()).collect();
    assert_eq!(ids.len(), registry().len());
    for claim in registry() {
        let page = format!("{}.md", claim.id().to_lowercase().replace('.', "-"));
        assert_eq!(claim.about().page, page, "{}", claim.id());
    }
}

#[test]
fn every_claim_has_a_complete_page() {
    let sections = [
        "Statement",
        "Hypotheses",
        "Constants",
        "Proof",
        "Tolerance",
        "Control",
        "Tests",
    ];
    for claim in registry() {
        let path = root().join("proofs").join(claim.about().page);
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(
            text.starts_with(&format!("# {}: ", claim.id())),
            "{}: title",
            claim.about().page
        );
        let mut from = 0;
        for section in sections {
            let heading = format!("\n## {section}\n");
            let at = text[from..]
                .find(&heading)
                .unwrap_or_else(|| panic!("{}: {section}", claim.about().page));
            let body = &text[from + at + heading.len()..];
            let length = body.find("\n## ").unwrap_or(body.len());
            assert!(
                body[..length].trim().len() >= 4,
                "{}: {section} is empty",
                claim.about().page
            );
            from += at + heading.len();
        }
        for name in [
            format!("{}_holds", snake(claim.id())),
            format!("{}_control", snake(claim.id())),
        ] {
            assert!(
                text.contains(&name),
                "{} does not name the test {name}",
                claim.about().page
            );
        }
    }
}

#[test]
fn every_page_belongs_to_a_claim_or_to_the_index() {
    let shared = [
        "README.md",
        "rounding.md",
        "constants.md",
        "transport.md",
        "mean-field.md",
        "finite-width.md",
        "fresh-seeds.md",
        "sensitivity.md",
        "p13-hypotheses.md",
    ];
    let pages: BTreeSet<&str> = registry().iter().map(|claim| claim.about().page).collect();
    let index = fs::read_to_string(root().join("proofs/README.md")).unwrap();
    for entry in fs::read_dir(root().join("proofs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            pages.contains(&*name) || shared.contains(&&*name),
            "{name} belongs to no claim"
        );
        assert!(
            name == "README.md" || index.contains(&name),
            "{name} is not in the index"
        );
    }
}

#[test]
fn the_readme_counts_the_claims_of_every_family() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut families: BTreeMap<&str, usize> = BTreeMap::new();
    for claim in registry() {
        *families.entry(claim.family()).or_default() += 1;
    }
    for (family, count) in families {
        let cells = format!("| `{family}` | {count} |");
        assert!(readme.contains(&cells), "README.md does not say {cells}");
    }
    let all = format!("There are {} claims.", registry().len());
    assert!(readme.contains(&all), "README.md does not say: {all}");
}

#[test]
fn every_claim_says_what_it_is() {
    for claim in registry() {
        for text in [
            claim.about().statement,
            claim.about().source,
            claim.about().tolerance,
            claim.family(),
        ] {
            assert!(!text.trim().is_empty(), "{}", claim.id());
        }
        assert!(
            claim.about().source.contains("Paper"),
            "{}: {}",
            claim.id(),
            claim.about().source
        );
        let Some(own) = claim.about().slack else {
            assert!(claim.about().kind < Kind::Rounded && claim.about().looser.is_empty());
            continue;
        };
        assert!(own > 0.0 && own <= 0.05, "{}: slack {own}", claim.id());
        for (statement, slack) in claim.about().looser {
            assert!(
                *slack > own && *slack <= 0.05,
                "{}: {statement}",
                claim.id()
            );
        }
        assert!(!claim.sharp().is_empty());
    }
}
