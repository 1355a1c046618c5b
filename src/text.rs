//! Text from outside on its way to a terminal: escaped, and not endless.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter, Write};

/// The names of a list that are shown.
const SHOWN: usize = 12;

/// The characters that [`excerpt`] keeps.
const KEPT: usize = 40;

/// Shows text from outside without the characters that command a terminal.
///
/// Control characters, and those that are invisible or turn the direction of writing, are shown as Rust
/// would write them (`\u{1b}`); everything else is shown as it is.
///
/// # Example
/// ```
/// assert_eq!(polyak::text::printable("a\u{1b}[31mb.csv").to_string(), r"a\u{1b}[31mb.csv");
/// assert_eq!(polyak::text::printable("Größe (m²)").to_string(), "Größe (m²)");
/// ```
#[must_use]
pub fn printable(text: &str) -> impl Display + '_ {
    Printable(text)
}

/// Shows a text of several lines without the characters that command a terminal: [`printable`], but for its line breaks.
///
/// # Example
/// ```
/// assert_eq!(polyak::text::printable_lines("a\u{7}\nb\n"), "a\\u{7}\nb\n");
/// ```
#[must_use]
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    if !text.contains(|character| character != '\n' && is_hidden(character)) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| printable(line).to_string())
        .collect();
    Cow::Owned(lines.join("\n"))
}

/// What data come from, in words: a file, with `-` the standard input, and without a file the embedded digits.
#[cfg(feature = "report")]
pub(crate) fn source(file: Option<&str>) -> &str {
    match file {
        None => "the embedded digits",
        Some("-") => "standard input",
        Some(file) => file,
    }
}

/// Shows a list of names, [`printable`] and cut short: the first twelve, and how many there are.
///
/// # Example
/// ```
/// let names: Vec<String> = (1..=70_000).map(|j| format!("x{j}")).collect();
/// assert_eq!(polyak::text::listed(&names[..3]).to_string(), "x1, x2, x3");
/// assert!(polyak::text::listed(&names).to_string().ends_with("x11, x12, … (70000 in all)"));
/// ```
#[must_use]
pub fn listed(names: &[String]) -> impl Display + '_ {
    Listed(names)
}

/// At most 40 characters of `text`, with an ellipsis where it was cut: what messages quote.
///
/// # Example
/// ```
/// assert_eq!(polyak::text::excerpt("short"), "short");
/// assert_eq!(polyak::text::excerpt(&"long ".repeat(9)), "long ".repeat(8) + "…");
/// ```
#[must_use]
pub fn excerpt(text: &str) -> String {
    match text.char_indices().nth(KEPT) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

/// Shows a number of things, a noun of English with a regular plural: `1 layer`, `3 layers`, `2 entries`.
///
/// # Example
/// ```
/// use polyak::text::count;
/// assert_eq!(count(1, "input"), "1 input");
/// assert_eq!(format!("of {}", count(0, "frequency")), "of 0 frequencies");
/// ```
#[must_use]
pub fn count(number: impl Display, noun: &str) -> String {
    let number = number.to_string();
    match (&*number, noun.strip_suffix('y')) {
        ("1", _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

struct Printable<'a>(&'a str);

impl Display for Printable<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_hidden(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

struct Listed<'a>(&'a [String]);

impl Display for Listed<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().take(SHOWN).enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{}", printable(&excerpt(name)))?;
        }
        if self.0.len() > SHOWN {
            write!(f, ", … ({} in all)", self.0.len())?;
        }
        Ok(())
    }
}

/// Whether a character commands a terminal, or is not to be seen: controls, zero widths, marks of direction.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_a_terminal_is_escaped() {
        for (text, shown) in [
            ("a\nb\tc\r", r"a\nb\tc\r"),
            ("\u{1b}]0;title\u{7}", r"\u{1b}]0;title\u{7}"),
            ("\u{9b}2J\u{7f}", r"\u{9b}2J\u{7f}"),
            (
                "\u{202e}vsc.a\u{200b}\u{feff}",
                r"\u{202e}vsc.a\u{200b}\u{feff}",
            ),
            (r"C:\data\ü 😀.csv", r"C:\data\ü 😀.csv"),
        ] {
            assert_eq!(printable(text).to_string(), shown);
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(printable_lines("\u{1b}[2J\n\r\n"), "\\u{1b}[2J\n\\r\n");
        for text in ["", "two\nlines\n", "λ_min(K̂) ≥ 1 ─ ✓"] {
            assert!(matches!(printable_lines(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn excerpt_cuts_at_forty_characters() {
        let forty = "é".repeat(40);
        assert_eq!(excerpt(&forty), forty);
        assert_eq!(excerpt(&format!("{forty}x")), format!("{forty}…"));
    }

    #[test]
    fn lists_are_cut_and_escaped() {
        let names = |count: usize| vec!["\u{7}".to_owned(); count];
        assert_eq!(listed(&[]).to_string(), "");
        assert_eq!(listed(&names(12)).to_string(), [r"\u{7}"; 12].join(", "));
        let many = [r"\u{7}"; 12].join(", ") + ", … (13 in all)";
        assert_eq!(listed(&names(13)).to_string(), many);
        assert_eq!(listed(&["x".repeat(50)]).to_string(), "x".repeat(40) + "…");
    }
}
