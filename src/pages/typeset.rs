//! Statements of a line, whose indices and powers stand below and above the line.

use maud::{Markup, html};

/// A line with `x_k`, `x_{k+1}`, `x^n` and `e^{−s}` as indices and powers.
pub(crate) fn typeset(text: &str) -> Markup {
    set(text, false)
}

/// # Arguments
/// * `attached`: whether an index or a power at the beginning has something to belong to.
fn set(text: &str, attached: bool) -> Markup {
    let Some(at) = text.find(['_', '^']) else {
        return html! { (text) };
    };
    let (before, rest) = text.split_at(at);
    let (mark, rest) = rest.split_at(1);
    let (inside, after) = argument(rest);
    let attached = match before.chars().last() {
        Some(last) => !last.is_whitespace(),
        None => attached,
    };
    if inside.is_empty() || !attached {
        return html! { (before) (mark) (set(rest, false)) };
    }
    html! {
        (before)
        @if mark == "_" { sub { (set(inside, false)) } } @else { sup { (set(inside, false)) } }
        (set(after, true))
    }
}

/// What an index or a power takes, and what is behind it: braces with what they hold, brackets, letters and digits, or one sign.
fn argument(text: &str) -> (&str, &str) {
    let pair = match text.chars().next() {
        Some('{') => Some(('{', '}')),
        Some('(') => Some(('(', ')')),
        _ => None,
    };
    if let Some((open, close)) = pair {
        let mut depth = 0;
        for (at, c) in text.char_indices() {
            depth += i32::from(c == open) - i32::from(c == close);
            if depth == 0 {
                return match open {
                    '{' => (&text[1..at], &text[at + 1..]),
                    _ => text.split_at(at + 1),
                };
            }
        }
        return ("", text);
    }
    let first = text.chars().next().filter(|&c| {
        matches!(c, '−' | '-' | '+' | '½' | '∞' | '⊥') || c.is_alphabetic() && !c.is_ascii()
    });
    let start = first.map_or(0, char::len_utf8);
    let word = text[start..].find(|c: char| !c.is_ascii_alphanumeric() && c != '½');
    let end = start + word.unwrap_or(text.len() - start);
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::registry;

    fn written(text: &str) -> String {
        typeset(text).into_string()
    }

    #[test]
    fn indices_and_powers_stand_below_and_above() {
        for (text, html) in [
            ("λ_min(K) > 0", "λ<sub>min</sub>(K) &gt; 0"),
            (
                "p_{k+1}^i·z_k^i",
                "p<sub>k+1</sub><sup>i</sup>·z<sub>k</sub><sup>i</sup>",
            ),
            ("e^{−λ_{k}t}L0", "e<sup>−λ<sub>k</sub>t</sup>L0"),
            ("(1 − κ1R/D)^D, which", "(1 − κ1R/D)<sup>D</sup>, which"),
            ("M^−½ apart", "M<sup>−½</sup> apart"),
            ("N[e^ε(1+ε)", "N[e<sup>ε</sup>(1+ε)"),
            ("U_∞(μ)", "U<sub>∞</sub>(μ)"),
            ("e^(2κ1R)‖v‖", "e<sup>(2κ1R)</sup>‖v‖"),
        ] {
            assert_eq!(written(text), html);
        }
    }

    #[test]
    fn what_is_no_index_stays() {
        for text in ["plain words", "a_", "_x", "‖x‖ _ y", "x_{never closed", "^"] {
            assert_eq!(written(text), text);
        }
    }

    /// No statement and no hypothesis shows braces or marks of a source.
    #[test]
    fn no_statement_shows_its_source() {
        for claim in registry().iter() {
            let about = claim.about();
            for text in about.hypotheses.iter().chain([&about.statement]) {
                let html = written(text);
                assert!(!html.contains(['_', '^']), "{}: {html}", claim.id());
            }
        }
    }
}
