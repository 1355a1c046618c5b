//! What the sources say in words.

use super::library;

/// Formulas of the documentation are text: docs.rs shows a fence for mathematics, and TeX, as they are written.
#[test]
fn documentation_has_no_tex() {
    let mut faults = Vec::new();
    for (path, text) in library() {
        let mut in_code = false;
        for line in text.lines() {
            let line = line.trim_start();
            let Some(said) = line
                .strip_prefix("///")
                .or_else(|| line.strip_prefix("//!"))
            else {
                in_code = false;
                continue;
            };
            let said = said.trim_start();
            if let Some(language) = said.strip_prefix("```") {
                in_code = !in_code;
                if language.trim() != "math" {
                    continue;
                }
            }
            let commands = said.split('\\').skip(1);
            let mut tex = commands.filter(|after| {
                after.len() > 1 && after.starts_with(|c: char| c.is_ascii_alphabetic())
            });
            // An escape of Rust, as `\u{1b}`, is none of TeX.
            let tex = tex.any(|after| !after.starts_with("u{"));
            if !in_code && (tex || said.contains("$$")) || said.starts_with("```math") {
                faults.push(format!("{}: {said}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
