//! The records of delimited text: its lines, cut into cells.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use super::DataError;
use super::cell::is_missing;
use super::slip::{Slip, number};

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Bar,
    /// Blanks and tabs, any number of them.
    Blanks,
}

impl Display for Separator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Separator::Comma => "commas",
            Separator::Semicolon => "semicolons",
            Separator::Tab => "tabs",
            Separator::Bar => "bars",
            Separator::Blanks => "blanks",
        })
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

impl Separator {
    /// In the order in which they are looked for: `1,5;2,5` is not split at its decimal commas.
    const CHARACTERS: [(char, Separator); 4] = [
        ('\t', Separator::Tab),
        (';', Separator::Semicolon),
        (',', Separator::Comma),
        ('|', Separator::Bar),
    ];

    /// The character between two cells; none if it is any number of blanks.
    fn character(self) -> Option<char> {
        let found = Self::CHARACTERS
            .iter()
            .find(|(_, separator)| *separator == self);
        found.map(|(character, _)| *character)
    }

    /// The separator of a text with these first two lines that hold cells.
    ///
    /// It is the first of tab, semicolon, comma and bar that the first line contains outside quotes; blanks, if the
    /// line or a part of it between tabs is several numbers; else what the second line says in the same way. Where
    /// both have none of these, it is blanks if the second contains some between cells.
    fn of(first: &str, second: Option<&str>) -> Separator {
        let lines: Vec<String> = [Some(first), second]
            .into_iter()
            .flatten()
            .map(bare)
            .collect();
        let numbers = |text: &str| {
            let mut cells = text.split_whitespace();
            let all = cells.clone().all(|cell| number(cell).is_some());
            all && cells.nth(1).is_some()
        };
        for line in &lines {
            let mut found = Self::CHARACTERS.into_iter();
            match found.find(|(character, _)| line.contains(*character)) {
                None | Some((_, Separator::Tab)) if line.split('\t').any(numbers) => {
                    return Separator::Blanks;
                }
                Some((_, Separator::Comma)) if commas_are_decimal(line) => {
                    return Separator::Blanks;
                }
                None => {}
                Some((_, separator)) => return separator,
            }
        }
        let last = lines.last().expect("there is a first line");
        if last.trim().contains(BLANKS) {
            Separator::Blanks
        } else {
            Separator::Comma
        }
    }
}

/// Whether a line is two numbers or more with a comma within each, `1,5 2,5`: blanks separate them.
fn commas_are_decimal(line: &str) -> bool {
    let mut cells = line.split_whitespace();
    let is_decimal = |cell: &str| {
        let slip = Slip::of(cell);
        let is_one = matches!(
            slip,
            Some(Slip::DecimalComma { .. } | Slip::EitherComma { .. })
        );
        is_one && !cell.starts_with(',') && !cell.ends_with(',')
    };
    cells.clone().all(is_decimal) && cells.nth(1).is_some()
}

/// A line without what is quoted in it, and without blanks around it unless they are tabs.
fn bare(line: &str) -> String {
    let mut parts = line.split('"').step_by(2);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |line, part| line + "q" + part)
}

/// A cell as it is written, without blanks around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) quoted: bool,
}

impl Field<'_> {
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

/// A line with cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) cells: Vec<Field<'a>>,
}

impl Record<'_> {
    /// How many cells at the end are blank.
    pub(super) fn trailing(&self) -> usize {
        self.cells
            .iter()
            .rev()
            .take_while(|cell| cell.is_blank())
            .count()
    }
}

/// A text whose separator is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Records<'a> {
    pub(super) name: &'a str,
    text: &'a str,
    pub(super) separator: Separator,
}

impl<'a> Records<'a> {
    /// Finds the separator of a text; `name` stands for the file in messages.
    pub(super) fn new(name: &'a str, text: &'a str) -> Self {
        let mut solid = lines(text)
            .map(|(_, line)| line)
            .filter(|line| is_solid(line));
        let first = solid.next().unwrap_or_default();
        let second = solid.next();
        let separator = match declared(first) {
            Some(separator) => separator,
            None => Separator::of(first, second),
        };
        Self {
            name,
            text,
            separator,
        }
    }

    /// The records, in order: lines without a cell that is not blank, comments, and Excel's `sep=` are no records.
    pub(super) fn iter(self) -> impl Iterator<Item = Result<Record<'a>, DataError>> {
        let mut first = true;
        lines(self.text).filter_map(move |(at, line)| {
            if !is_solid(line) {
                return None;
            }
            if std::mem::take(&mut first) && declared(line).is_some() {
                return None;
            }
            match self.cut(at, line) {
                Ok(record) if record.trailing() == record.cells.len() => None,
                found => Some(found),
            }
        })
    }

    /// The same text, cut at blanks.
    pub(super) fn by_blanks(self) -> Self {
        Self {
            separator: Separator::Blanks,
            ..self
        }
    }

    /// The lines of the comments, counted from 1, and what they say.
    pub(super) fn comments(self) -> impl Iterator<Item = (usize, &'a str)> {
        lines(self.text).filter_map(|(at, line)| Some((at, comment(line)?)))
    }

    /// Cuts a line into cells.
    pub(super) fn cut(self, line: usize, text: &'a str) -> Result<Record<'a>, DataError> {
        let separator = self.separator.character();
        let mut cells = vec![];
        let mut rest = match separator {
            None => text.trim_matches(BLANKS),
            Some(_) => text,
        };
        loop {
            if separator.is_none() && rest.starts_with('#') {
                break;
            }
            let ends = |c: char| separator.map_or(BLANKS.contains(&c), |separator| c == separator);
            let lead = rest.trim_start_matches(|c: char| c.is_whitespace() && !ends(c));
            let (field, length) = if lead.starts_with('"') {
                quoted(lead, ends).ok_or_else(|| DataError::LineBreakInCell {
                    file: self.name.to_owned(),
                    line,
                    column: cells.len() + 1,
                })?
            } else {
                let length = lead.find(ends).unwrap_or(lead.len());
                let text = Cow::Borrowed(lead[..length].trim());
                (
                    Field {
                        text,
                        quoted: false,
                    },
                    length,
                )
            };
            cells.push(field);
            let mut after = lead[length..].chars();
            if after.next().is_none() {
                break;
            }
            rest = after.as_str();
            if separator.is_none() {
                rest = rest.trim_start_matches(BLANKS);
            }
        }
        Ok(Record { line, cells })
    }
}

/// A quoted cell and the length of its text up to the separator; none if its quote is not closed.
fn quoted<'a>(text: &'a str, ends: impl Fn(char) -> bool) -> Option<(Field<'a>, usize)> {
    let mut at = 1;
    let mut parts = Cow::Borrowed("");
    loop {
        let close = at + text[at..].find('"')?;
        parts += &text[at..close];
        at = close + 1;
        if !text[at..].starts_with('"') {
            break;
        }
        parts += "\"";
        at += 1;
    }
    // What stands behind the quote belongs to the cell.
    let length = at + text[at..].find(ends).unwrap_or(text.len() - at);
    parts += text[at..length].trim_end();
    let text = match parts {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    Some((Field { text, quoted: true }, length))
}

/// What begins a comment.
const COMMENT: [char; 2] = ['#', '%'];

/// Whether a line is neither blank nor a comment.
fn is_solid(line: &str) -> bool {
    !line.trim_start().is_empty() && comment(line).is_none()
}

/// What a comment says. A line that begins with `#N/A` or its kin, as spreadsheets write them, is none.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let comment = line.strip_prefix(COMMENT)?;
    let first = line.split([',', ';', '\t', '|']).next().unwrap_or_default();
    (!is_missing(first.trim_end())).then(|| comment.trim_start_matches(COMMENT).trim())
}

/// The separator that a first line `sep=;` declares, as Excel writes it.
fn declared(line: &str) -> Option<Separator> {
    let start = line.get(..4)?;
    let mut rest = line[4..].trim_end_matches(' ').chars();
    let character = rest.next().filter(|_| start.eq_ignore_ascii_case("sep="))?;
    let found = Separator::CHARACTERS
        .iter()
        .find(|(known, _)| *known == character);
    found
        .filter(|_| rest.next().is_none())
        .map(|(_, separator)| *separator)
}

/// The lines of a text, counted from 1; they end in LF, CRLF or CR.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = Some(text);
    let mut at = 0;
    std::iter::from_fn(move || {
        let text = rest?;
        at += 1;
        let end = text.find(['\n', '\r']).unwrap_or(text.len());
        let (line, behind) = text.split_at(end);
        let behind = behind.strip_prefix("\r\n").or_else(|| behind.get(1..));
        rest = behind;
        Some((at, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    fn cells(text: &str) -> (Separator, Vec<Vec<String>>) {
        let records = Records::new("t", text);
        let row = |record: Record| {
            record
                .cells
                .into_iter()
                .map(|cell| cell.text.into_owned())
                .collect()
        };
        (
            records.separator,
            records.iter().map(|record| row(record.unwrap())).collect(),
        )
    }

    #[test]
    fn separators_are_found_and_lines_are_cut() {
        for (text, separator) in [
            ("1,2\n3,4\n", Separator::Comma),
            ("1;2\n3;4\n", Separator::Semicolon),
            ("1\t2\n3\t4\n", Separator::Tab),
            ("1|2\n3|4\n", Separator::Bar),
            ("1 2\n3 4\n", Separator::Blanks),
            ("  1   2 \r\n3\t \t4\r\n", Separator::Blanks),
            ("1, 2\n 3 ,4 ", Separator::Comma),
            ("\n  \n1;2\n\n3;4", Separator::Semicolon),
            ("sep=;\n1;2\n3;4", Separator::Semicolon),
            ("SEP=,\n1,2\n3,4", Separator::Comma),
            ("# a;b\n1,2\n%\n  # c\n3,4", Separator::Comma),
            ("1 2 # one\n3 4 #two", Separator::Blanks),
            ("\"1\" \"2\"\n3 4", Separator::Blanks),
            ("1\u{a0},2\n3,4", Separator::Comma),
            ("1,2\n,\n3,4\n , \n", Separator::Comma),
        ] {
            assert_eq!(
                cells(text),
                (
                    separator,
                    vec![vec!["1".into(), "2".into()], vec!["3".into(), "4".into()]]
                ),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_second_line_decides_where_the_first_does_not() {
        for (text, separator) in [
            ("body mass\n1\n2\n", Separator::Comma),
            ("1 2\n3\n", Separator::Blanks),
            ("x y\n", Separator::Blanks),
            ("a title\n1,2\n3,4\n", Separator::Comma),
            ("\"a;b\",c\n1,2\n", Separator::Comma),
            ("\"a b\"\n\"c d\"\n", Separator::Comma),
            ("a;b\tc\n1\t2\n", Separator::Tab),
            ("\ta\tb\n0\t1\t2\n", Separator::Tab),
            (
                "18.0   8   307.0\t\"chevrolet chevelle\"\n",
                Separator::Blanks,
            ),
            ("1 2\t\n3 4\t\n", Separator::Blanks),
            ("1,5 2,5\n3,5 4,5\n", Separator::Blanks),
            ("1,5 ,2\n3,5 ,4\n", Separator::Comma),
            ("1,5 2,\n3,5 4,\n", Separator::Comma),
            ("1, 2\n3, 4\n", Separator::Comma),
            ("", Separator::Comma),
            ("sep=x\n1\n", Separator::Comma),
        ] {
            assert_eq!(Records::new("t", text).separator, separator, "{text:?}");
        }
    }

    #[test]
    fn quotes_are_taken_off() {
        for (text, expected) in [
            ("\"a,b\",c", vec!["a,b", "c"]),
            ("\"a \"\"b\"\"\", \" c \"", vec!["a \"b\"", "c"]),
            ("\"\",\"x\"", vec!["", "x"]),
            ("\"a\"b,c", vec!["ab", "c"]),
            ("a\"b,c\"", vec!["a\"b", "c\""]),
        ] {
            assert_eq!(cells(text).1, [expected], "{text}");
        }
        let records = Records::new("t", "\"x\" y \"a b\"\n1 2 3\n");
        let first = records.iter().next().unwrap().unwrap();
        assert_eq!(
            first
                .cells
                .iter()
                .map(|cell| cell.quoted)
                .collect::<Vec<_>>(),
            [true, false, true]
        );
        assert_eq!(first.cells[2].text, "a b");
    }

    #[test]
    fn open_quotes_are_refused() {
        for text in ["1,2\n3,\"4\n5,6\n", "1,2\r3,\"4\r5\"\n"] {
            let found = Records::new("t", text).iter().find_map(Result::err);
            assert!(matches!(
                found,
                Some(DataError::LineBreakInCell {
                    line: 2,
                    column: 2,
                    ..
                })
            ));
        }
    }

    #[test]
    fn lines_are_counted_for_every_ending() {
        for ending in ["\n", "\r\n", "\r"] {
            let text = ["", "1,2", "", "# 3", "3,4", "  ", "5,6", ""].join(ending);
            let records = Records::new("t", &text);
            let found: Vec<usize> = records.iter().map(|record| record.unwrap().line).collect();
            assert_eq!(found, [2, 5, 7], "{ending:?}");
            assert_eq!(records.comments().collect::<Vec<_>>(), [(4, "3")]);
        }
        assert_eq!(lines("a\r\nb\rc\n\n\r\r\nd").count(), 7);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(1), failure_persistence: None, cases: 4096, ..Default::default()
        })]

        #[test]
        fn no_text_is_lost(text in "[a-c0-9.,;|\t\" #%\r\n-]{0,40}") {
            for record in Records::new("t", &text).iter().flatten() {
                let line = lines(&text).find(|(at, _)| *at == record.line).unwrap().1;
                let kept = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
                let line = line.split('#').next().unwrap();
                let all: String = record.cells.iter().map(|cell| kept(&cell.text)).collect();
                prop_assert!(all.starts_with(&kept(line)) , "{:?}", record);
            }
        }
    }
}
