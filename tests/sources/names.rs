//! No two public types have one name: whoever imports one of each would have to rename it.
//!
//! A type that is public in a private module counts as well, since a re-export may show it tomorrow.

use crate::{code, library, without_tests};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The names of the public types and traits of a piece of code.
fn types(code: &str) -> BTreeSet<String> {
    let name = |line: &str| {
        let item = line.trim_start().strip_prefix("pub ")?;
        let item = item.strip_prefix("unsafe ").unwrap_or(item);
        let (keyword, rest) = item.split_once(' ')?;
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        ["struct", "enum", "union", "trait", "type"]
            .contains(&keyword)
            .then(|| rest[..end.unwrap_or(rest.len())].to_owned())
    };
    code.lines().filter_map(name).collect()
}

/// The names that more than one source gives to a public type, with the sources.
fn shared(sources: &BTreeMap<PathBuf, String>) -> BTreeMap<String, Vec<PathBuf>> {
    let mut owners: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (path, code) in sources {
        for name in types(code) {
            owners.entry(name).or_default().push(path.clone());
        }
    }
    owners.retain(|_, paths| paths.len() > 1);
    owners
}

#[test]
fn no_two_public_types_share_a_name() {
    let found = shared(&without_tests(&library()));
    assert!(found.is_empty(), "public types of one name: {found:#?}");
}

#[test]
fn a_shared_name_is_found() {
    let text = "/// pub struct A\npub struct A;\nstruct C;\npub(crate) struct D;\npub fn e() {}\n\
                #[cfg(test)]\nmod tests {\n    pub struct F;\n}\n    pub enum G<T> {}\npub type H<'a> = &'a str;\n";
    let (kept, _) = code(text);
    assert_eq!(Vec::from_iter(types(&kept)), ["A", "G", "H"]);
    let other = "pub trait A: Sized {}\npub struct B(u8);\n".to_owned();
    let sources = [("one.rs".into(), kept), ("two.rs".into(), other)];
    let found = shared(&BTreeMap::from(sources));
    assert_eq!(Vec::from_iter(found.keys()), ["A"]);
    assert_eq!(found["A"].len(), 2);
}
