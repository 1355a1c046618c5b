//! The rooms of the library depend on each other in the order that `src/lib.rs` states.
//!
//! A room is a folder of `src`, or a file beside them. What it uses are the names after `crate::` in its sources, comments and
//! whatever is compiled for tests alone left out.

use crate::{code, library, without_tests};
use std::collections::BTreeSet;
use std::path::Path;

/// What comes before the order in the documentation of `src/lib.rs`: levels between semicolons, rooms in backticks.
const STATEMENT: &str = "Every room uses only rooms of the levels before its own:";

/// The levels that a text states, down to the next empty line.
fn levels(text: &str) -> Vec<BTreeSet<String>> {
    let (_, after) = text.split_once(STATEMENT).expect("the statement");
    let (paragraph, _) = after.split_once("\n//!\n").expect("a paragraph");
    let named = |level: &str| {
        level
            .split('`')
            .skip(1)
            .step_by(2)
            .map(String::from)
            .collect()
    };
    paragraph.split(';').map(named).collect()
}

/// The first names of what follows `crate::`: of a path, or of every path of a group in braces.
fn first_names(path: &str) -> Vec<String> {
    let first = |path: &str| {
        path.trim_start()
            .chars()
            .take_while(|&c| letter(c))
            .collect()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![first(path)];
    };
    let (mut names, mut depth) = (vec![first(group)], 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(first(&group[at + 1..])),
            _ => {}
        }
    }
    // A comma may end a group.
    names.retain(|name: &String| !name.is_empty());
    names
}

fn letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The rooms that a piece of code names.
fn uses(code: &str) -> BTreeSet<String> {
    let paths = code.match_indices("crate::");
    let own = paths.filter(|(at, _)| !code[..*at].ends_with(letter));
    own.flat_map(|(at, path)| first_names(&code[at + path.len()..]))
        .collect()
}

#[test]
fn rooms_use_only_rooms_of_the_levels_before_their_own() {
    let mut texts = library();
    let levels = levels(&texts.remove(Path::new("lib.rs")).expect("src/lib.rs"));
    texts.remove(Path::new("main.rs"));
    let (mut rooms, mut used) = (BTreeSet::new(), Vec::new());
    let texts = without_tests(&texts);
    for (path, kept) in &texts {
        let module = path.with_extension("");
        let room = module
            .iter()
            .next()
            .and_then(|room| room.to_str())
            .expect("a room");
        rooms.insert(room.to_owned());
        let others = uses(kept).into_iter().filter(|other| other != room);
        used.extend(others.map(|other| (path, room.to_owned(), other)));
    }
    assert_eq!(
        levels.iter().flatten().collect::<Vec<_>>().len(),
        rooms.len(),
        "a room is named twice"
    );
    assert_eq!(
        levels.iter().flatten().cloned().collect::<BTreeSet<_>>(),
        rooms,
        "stated, and there"
    );
    let level = |room: &String| levels.iter().position(|level| level.contains(room));
    used.retain(|(_, room, other)| level(other).is_none() || level(other) >= level(room));
    assert!(
        used.is_empty(),
        "a room uses one that is not on a level before its own: {used:#?}"
    );
}

#[test]
fn what_a_room_uses_is_read_from_its_code() {
    let text = "//! [`x`](crate::report)\nuse crate::linalg::{a, b};\n#[cfg(test)]\nmod oracle;\n\
                fn f() -> crate::text::T {\n    // crate::watch\n    other_crate::g()\n}\n\
                #[cfg(test)]\nmod tests {\n    use crate::data;\n    fn g() {\n    }\n}\nuse crate::{gram::{A, B}, flow};\n";
    let (kept, modules) = code(text);
    assert_eq!(modules, ["oracle", "tests"]);
    assert_eq!(
        Vec::from_iter(uses(&kept)),
        ["flow", "gram", "linalg", "text"]
    );
    let stated = format!("//! {STATEMENT} `a`, `b`;\n//! `c`; `d`.\n//!\n//! `e`\n");
    let found: Vec<Vec<_>> = levels(&stated).into_iter().map(Vec::from_iter).collect();
    assert_eq!(found, [vec!["a", "b"], vec!["c"], vec!["d"]]);
}
