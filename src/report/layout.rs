//! How wide a text is: lines broken at blanks, and a table that leaves out the columns that do not fit.

use crate::text::printable;
use std::fmt::Write;

/// The width of a text for nobody in particular: a file, a pipe.
pub const WIDTH: usize = 80;

/// No line is wider than this, whatever the terminal: all columns fit.
const WIDEST: usize = 100;

/// Titles and widths of the columns: ids fit in 16, kinds in 11, verdicts in 12.
const COLUMNS: [Column; 10] = [
    Column("claim", 16, 0),
    Column("kind", 11, 3),
    Column("verdict", 12, 1),
    Column("checked", 7, 2),
    Column("vacuous", 7, 7),
    Column("undec.", 6, 8),
    Column("inappl.", 7, 9),
    Column("margin", 8, 5),
    Column("tolerance", 9, 6),
    Column("tight", 8, 4),
];

/// Title, width, and how many columns are wanted more.
struct Column(&'static str, usize, usize);

/// How wide lines are.
///
/// # Example
/// ```
/// use polyak::report::Layout;
/// let narrow = Layout::of_columns(20);
/// assert_eq!(narrow.wrapped("a statement of several words", "", "  "), "a statement of\n  several words\n");
/// assert_eq!(Layout::PLAIN.width(), 80);
/// assert_eq!(Layout::of_columns(300).width(), 100);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    width: usize,
}

impl Layout {
    /// 80 columns: of texts that must not depend on a terminal.
    pub const PLAIN: Self = Self { width: WIDTH };

    /// No line is narrower than this, whatever the terminal.
    pub const NARROWEST: usize = 20;

    /// For a terminal of so many columns: no wider than 100, no narrower than 20.
    #[must_use]
    pub fn of_columns(columns: usize) -> Self {
        let width = columns.clamp(Self::NARROWEST, WIDEST);
        Self { width }
    }

    /// Returns the most columns of a line, unless a single word takes more.
    #[must_use]
    pub fn width(self) -> usize {
        self.width
    }

    /// Breaks a text at blanks into lines, the first behind `first`, the others behind `rest`, each ended by a line
    /// break. What a report was read with reaches no terminal unescaped.
    #[must_use]
    pub fn wrapped(self, text: &str, first: &str, rest: &str) -> String {
        let mut out = String::new();
        let mut line = first.to_owned();
        let mut empty = true;
        for word in text.split_whitespace() {
            if !empty && columns(&line) + 1 + columns(word) > self.width {
                out += &line;
                out.push('\n');
                line = rest.to_owned();
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line += &printable(word).to_string();
            empty = false;
        }
        out + &line + "\n"
    }

    /// Breaks the lines of a text that are too wide at blanks. What is broken off stands below the last column that begins in the
    /// first half of its line, columns being two blanks or more apart; without one, two blanks further in than the line.
    ///
    /// # Example
    /// ```
    /// use polyak::report::Layout;
    /// let text = "a table\nrow    of several words\n";
    /// assert_eq!(Layout::of_columns(20).fitted(text), "a table\nrow    of several\n       words\n");
    /// ```
    #[must_use]
    pub fn fitted(self, text: &str) -> String {
        let fits = |line: &str| columns(line) <= self.width;
        let lines = text
            .split_inclusive('\n')
            .map(|line| match fits(line.trim_end()) {
                true => line.to_owned(),
                false => self.broken(line.trim_end()),
            });
        lines.collect()
    }

    /// A line that is too wide, in several; its columns stay where they are as far as they fit.
    fn broken(self, line: &str) -> String {
        let own = line.len() - line.trim_start_matches(' ').len();
        let gaps = line[own..].match_indices("  ").map(|(at, _)| own + at);
        let starts =
            gaps.map(|at| at + line[at..].len() - line[at..].trim_start_matches(' ').len());
        let column = starts
            .filter(|&at| columns(&line[..at]) <= self.width / 2)
            .last();
        let (first, rest) = line.split_at(column.unwrap_or(own));
        let indent = column.map_or(own + 2, |at| columns(&line[..at]));
        self.wrapped(rest, first, &" ".repeat(indent))
    }

    /// The titles of the columns, and a rule.
    pub(super) fn head(self) -> String {
        let titles = COLUMNS.map(|Column(title, ..)| title.to_owned());
        self.cells(&titles) + &"─".repeat(self.width) + "\n"
    }

    /// A row of the table; below it, what has no column here, but for counts of nothing.
    pub(super) fn row(self, cells: [String; 10]) -> String {
        let text = self.cells(&cells);
        let others: Vec<String> = (0..COLUMNS.len())
            .filter(|&i| !self.has(i) && cells[i] != "0")
            .map(|i| format!("{} {}", COLUMNS[i].0, cells[i]))
            .collect();
        match others.is_empty() {
            true => text,
            false => text + &self.wrapped(&others.join(" · "), "    ", "    "),
        }
    }

    /// Left for words, right for numbers.
    fn cells(self, cells: &[String; 10]) -> String {
        let mut line = String::new();
        for (i, (cell, Column(_, width, _))) in cells.iter().zip(COLUMNS).enumerate() {
            if !self.has(i) {
                continue;
            }
            if i > 0 {
                line.push(' ');
            }
            let _ = if i < 3 {
                write!(line, "{cell:<width$}")
            } else {
                write!(line, "{cell:>width$}")
            };
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        line
    }

    /// Tells whether a column fits beside those that are wanted more.
    fn has(self, column: usize) -> bool {
        let Column(.., rank) = COLUMNS[column];
        let wanted = COLUMNS.iter().filter(|Column(.., other)| *other <= rank);
        // A blank between any two.
        wanted.map(|Column(_, width, _)| width + 1).sum::<usize>() <= self.width + 1
    }
}

/// Columns that a text takes: combining marks take none.
pub(super) fn columns(text: &str) -> usize {
    let combining = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    text.chars().filter(|c| !combining(c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::registry;

    #[test]
    fn all_columns_fit_on_a_wide_terminal() {
        let width: usize = COLUMNS.iter().map(|Column(_, width, _)| width + 1).sum();
        assert_eq!(width - 1, WIDEST);
        for claim in registry() {
            assert!(claim.id().len() <= COLUMNS[0].1, "{}", claim.id());
        }
        let mut ranks = COLUMNS.map(|Column(.., rank)| rank);
        ranks.sort_unstable();
        assert_eq!(ranks.to_vec(), (0..COLUMNS.len()).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_wider_than_its_terminal_and_nothing_is_lost() {
        let cells = [
            "P8b.integrated-1",
            "statistical",
            "inapplicable",
            "4096",
            "111",
            "222",
            "333",
            "1.2e-15",
            "4.7e-13",
            "0.999999",
        ]
        .map(str::to_owned);
        for wide in 20..=200 {
            let layout = Layout::of_columns(wide);
            let text = layout.head() + &layout.row(cells.clone());
            for line in text.lines() {
                assert!(columns(line) <= wide, "{wide}: {line}");
            }
            for cell in &cells {
                assert!(text.contains(cell.as_str()), "{wide}: {cell} in {text}");
            }
            assert_eq!(text.lines().count() > 3, wide < WIDEST, "{wide}: {text}");
        }
        // Nothing is said of counts of nothing that have no column.
        let plain = |count: &str| {
            let cells = cells.clone().map(|cell| match &*cell {
                "111" | "222" | "333" => count.to_owned(),
                _ => cell,
            });
            Layout::PLAIN.row(cells)
        };
        assert_eq!(plain("0").lines().count(), 1);
        assert!(plain("1").ends_with("    vacuous 1 · undec. 1 · inappl. 1\n"));
        // The verdict before the kind, the kind before numbers that are mostly zero.
        let head = |wide| Layout::of_columns(wide).head();
        assert!(head(30).starts_with("claim            verdict\n"));
        assert!(
            head(60).starts_with("claim            kind        verdict      checked    tight\n")
        );
    }

    #[test]
    fn lines_break_at_blanks_and_marks_take_no_column() {
        let wrapped = |text: &str, first, rest| Layout::PLAIN.wrapped(text, first, rest);
        assert_eq!(columns("κ̂1"), 2);
        assert_eq!(wrapped("a b", "  ", "    "), "  a b\n");
        let long = "x".repeat(60);
        let text = wrapped(&format!("{long} {long} y"), "· ", "  ");
        assert_eq!(text, format!("· {long}\n  {long} y\n"));
        // Exactly as wide as allowed, and one more.
        let half = "x".repeat(WIDTH / 2);
        let fits = format!("{half} {}", "y".repeat(WIDTH / 2 - 1));
        assert_eq!(wrapped(&fits, "", ""), format!("{fits}\n"));
        assert_eq!(wrapped(&format!("{fits}z"), "", "").lines().count(), 2);
        let huge = "z".repeat(2 * WIDTH);
        assert_eq!(wrapped(&huge, "", ""), format!("{huge}\n"));
    }

    #[test]
    fn what_is_broken_off_stands_below_its_column() {
        let fitted = |text: &str| Layout::of_columns(30).fitted(text);
        for kept in ["", "short\n", "\n\n", "no end of line", "a  b    c\n"] {
            assert_eq!(fitted(kept), kept);
        }
        assert_eq!(
            fitted("κ̂1  ≤ 1.5  certified as it was drawn\nnext\n"),
            "κ̂1  ≤ 1.5  certified as it was\n           drawn\nnext\n"
        );
        // A column in the second half would leave no room.
        assert_eq!(
            fitted("a long name of a thing    one two three"),
            "a long name of a thing one two\n  three\n"
        );
        assert_eq!(
            fitted("  a list of words that go on and on"),
            "  a list of words that go on\n    and on\n"
        );
        let word = "x".repeat(40);
        assert_eq!(fitted(&word), format!("{word}\n"));
    }
}
