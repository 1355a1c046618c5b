//! Verdicts in colours, where they stand in the words of a report.

use anstyle::{AnsiColor, Style};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const OPEN: Style = AnsiColor::Yellow.on_default().bold();

/// What a line begins with that sums something up, up to a colon.
const SUMS: [(&str, Style); 6] = [
    ("ALL HOLD", GOOD),
    ("ALL REJECTED", GOOD),
    ("baseline: nothing got worse", GOOD),
    ("FAILED", BAD),
    ("OPEN", OPEN),
    ("UNFINISHED", OPEN),
];

/// Verdicts of rows.
const VERDICTS: [(&str, Style); 5] = [
    ("holds", GOOD),
    ("violated", BAD),
    ("undecided", OPEN),
    ("vacuous", OPEN),
    ("inapplicable", OPEN),
];

/// What is bad wherever it stands.
const LOUD: [&str; 4] = ["NOT REJECTED", "REGRESSIONS", "REGRESSION", "VIOLATED"];

/// The text with its verdicts in colours, and nothing else changed.
pub fn painted(text: &str) -> String {
    text.split_inclusive('\n').map(line).collect()
}

fn line(line: &str) -> String {
    for (sum, style) in SUMS {
        if let Some(rest) = line.strip_prefix(sum) {
            return coloured(sum, style) + rest;
        }
    }
    let in_row = !line.starts_with([' ', '·', '─']);
    let word = |word: &str| VERDICTS.iter().find(|(verdict, _)| *verdict == word);
    if in_row
        && let Some((before, verdict, after)) = second_or_third(line)
        && let Some((_, style)) = word(verdict)
    {
        return format!("{before}{}{after}", coloured(verdict, *style));
    }
    for loud in LOUD {
        if let Some((before, after)) = line.split_once(loud) {
            return format!("{before}{}{after}", coloured(loud, BAD));
        }
    }
    line.to_owned()
}

/// The word of a row that is its verdict: the third, or the second where the kind has no column.
fn second_or_third(line: &str) -> Option<(&str, &str, &str)> {
    let words = line.split_whitespace().skip(1).take(2);
    let verdict = words
        .into_iter()
        .find(|word| VERDICTS.iter().any(|(verdict, _)| verdict == word))?;
    let at = verdict.as_ptr() as usize - line.as_ptr() as usize;
    Some((&line[..at], verdict, &line[at + verdict.len()..]))
}

fn coloured(text: &str, style: Style) -> String {
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without what colours it.
    fn bare(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn verdicts_are_coloured_and_nothing_else_is_changed() {
        let rows = "P3.local         rounded     holds            245       9\n\
                    P3.local         violated         245\n\
                    \x20   the claim holds where it is not violated\n\
                    NOT REJECTED: too few layers (inapplicable)\n\
                    ALL HOLD: 2 claims, 2 hold\n";
        let text = painted(rows);
        assert_eq!(bare(&text), rows);
        let count = |style: Style| text.matches(&style.to_string()).count();
        assert_eq!(
            (count(GOOD), count(BAD), count(OPEN)),
            (2, 2, 0),
            "{text:?}"
        );
        assert!(
            text.contains(&format!("rounded     {}        ", coloured("holds", GOOD))),
            "{text:?}"
        );
    }

    #[test]
    fn words_of_other_subcommands_stay_as_they_are() {
        for text in [
            "smallest eigenvalue\n  holds 3\n",
            "",
            "· OPEN data\n",
            "seed 5: all hold",
        ] {
            assert_eq!(painted(text), text);
        }
    }
}
