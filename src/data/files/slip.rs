//! Slips: cells that begin like a number and are none.

use std::fmt::{self, Display, Formatter};

use crate::text::{excerpt, is_hidden, printable};

/// What is wrong with a number, and how it is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Slip {
    /// A minus or plus that is not the one of ASCII, as U+2212.
    Sign {
        /// The character.
        found: char,
        /// The number with a sign of ASCII.
        number: String,
    },
    /// A comma that stands for the decimal point, as in `2,5` or `1.234,5`.
    DecimalComma {
        /// The number with a point.
        number: String,
    },
    /// One comma before three digits, as in `1,000`: a decimal comma, or a separator of thousands.
    EitherComma {
        /// The number, if the comma is decimal.
        decimal: String,
        /// The number, if the comma separates thousands.
        thousands: String,
    },
    /// Thousands that are separated by commas, blanks, apostrophes or underscores.
    Thousands {
        /// The number without them.
        number: String,
    },
    /// A percent sign.
    Percent,
    /// An exponent without digits, as in `1e`.
    Exponent,
    /// An exponent without its letter, as Fortran writes `1.0-100`.
    Letter {
        /// The number with the letter.
        number: String,
    },
    /// A number in another base, as `0x10`.
    Base,
    /// A character that is not seen.
    Hidden {
        /// The number without it.
        number: String,
    },
    /// Digits that are not those of ASCII.
    Digits,
    /// Anything else that begins with a digit, a sign or a decimal point: `1st`, `2020-01-01`, `-`.
    Other,
}

impl Display for Slip {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Slip::Sign { found, number } => {
                let code = u32::from(*found);
                write!(
                    f,
                    "its sign is the character U+{code:04X}; write {}",
                    short(number)
                )
            }
            Slip::DecimalComma { number } => {
                write!(f, "it has a decimal comma; write {}", short(number))
            }
            Slip::EitherComma { decimal, thousands } => write!(
                f,
                "its comma may be decimal or separate thousands; write {} or {}, whichever is meant",
                short(decimal),
                short(thousands)
            ),
            Slip::Thousands { number } => {
                write!(f, "its thousands are separated; write {}", short(number))
            }
            Slip::Percent => {
                f.write_str("it has a percent sign; write all numbers of the column without")
            }
            Slip::Exponent => f.write_str("its exponent has no digits; complete it or remove it"),
            Slip::Letter { number } => {
                write!(f, "its exponent has no letter; write {}", short(number))
            }
            Slip::Base => f.write_str("it is not decimal; write it to the base 10"),
            Slip::Hidden { number } => {
                write!(f, "it has an invisible character; write {}", short(number))
            }
            Slip::Digits => f.write_str("its digits are not 0 to 9 of ASCII; write them so"),
            Slip::Other => {
                f.write_str("it begins like a number; correct it, or quote it if it is a name")
            }
        }
    }
}

fn short(text: &str) -> String {
    printable(&excerpt(text)).to_string()
}

/// Reads a number: what Rust reads as an `f64`, or with Fortran's `D` for the exponent.
pub(super) fn number(text: &str) -> Option<f64> {
    if let Ok(value) = text.parse() {
        return Some(value);
    }
    let at = text.find(['d', 'D'])?;
    let (mantissa, exponent) = (&text[..at], &text[at + 1..]);
    let ends_in_digit = mantissa.ends_with(|c: char| c.is_ascii_digit() || c == '.');
    if !ends_in_digit || exponent.is_empty() {
        return None;
    }
    format!("{mantissa}e{exponent}").parse().ok()
}

impl Slip {
    /// What is wrong with a text that is not a number; none if it is a word.
    pub(super) fn of(text: &str) -> Option<Slip> {
        if !begins_like_a_number(text) {
            return None;
        }
        let steps = [
            sign, hidden, percent, base, exponent, letter, separated, comma, digits,
        ];
        steps
            .iter()
            .find_map(|step| step(text))
            .or(Some(Slip::Other))
    }
}

/// Whether a text begins with a digit, a sign or a decimal point; or so behind a bracket, a comma, a comparison or a
/// currency.
fn begins_like_a_number(text: &str) -> bool {
    let text = text.trim_start_matches(is_hidden);
    let begins = |text: &str| {
        text.starts_with(|c: char| c.is_numeric() || c == '.' || ascii_sign(c).is_some())
    };
    let behind = text.strip_prefix([
        '(', '[', '{', ',', '\'', '<', '>', '=', '~', '$', '€', '£', '¥', '≤', '≥', '≈', '±',
    ]);
    begins(text) || behind.is_some_and(|rest| begins(rest.trim_start()))
}

/// The sign that is meant by a character.
fn ascii_sign(character: char) -> Option<char> {
    match character {
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => {
            Some('-')
        }
        '+' | '\u{fe62}' | '\u{ff0b}' => Some('+'),
        _ => None,
    }
}

fn sign(text: &str) -> Option<Slip> {
    let ascii: String = text.chars().map(|c| ascii_sign(c).unwrap_or(c)).collect();
    let found = text
        .chars()
        .find(|&c| ascii_sign(c).is_some_and(|sign| sign != c))?;
    if is_finite(&ascii) {
        return Some(Slip::Sign {
            found,
            number: ascii,
        });
    }
    Slip::of(&ascii).filter(|slip| *slip != Slip::Other)
}

fn hidden(text: &str) -> Option<Slip> {
    let number: String = text.chars().filter(|&c| !is_hidden(c)).collect();
    (number.len() < text.len() && is_finite(&number)).then_some(Slip::Hidden { number })
}

fn percent(text: &str) -> Option<Slip> {
    let bare = text.strip_suffix(['%', '‰'])?.trim_end();
    (is_finite(bare) || comma(bare).is_some()).then_some(Slip::Percent)
}

fn base(text: &str) -> Option<Slip> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let base = match digits.get(..2)?.to_ascii_lowercase().as_str() {
        "0x" => 16,
        "0o" => 8,
        "0b" => 2,
        _ => return None,
    };
    let digits = &digits[2..];
    let all = digits
        .chars()
        .all(|c| c.is_digit(base) || ".p+-_".contains(c));
    (!digits.is_empty() && all).then_some(Slip::Base)
}

fn exponent(text: &str) -> Option<Slip> {
    let bare = text.strip_suffix(['-', '+']).unwrap_or(text);
    let bare = bare.strip_suffix(['e', 'E', 'd', 'D'])?;
    is_finite(bare).then_some(Slip::Exponent)
}

/// `1.0-100`: only with a point, for `10-20` is a range.
fn letter(text: &str) -> Option<Slip> {
    let at = text.rfind(['-', '+']).filter(|&at| at > 0)?;
    let (mantissa, exponent) = text.split_at(at);
    let digits = exponent[1..].bytes().all(|byte| byte.is_ascii_digit());
    let number = format!("{mantissa}E{exponent}");
    let right = mantissa.contains('.') && is_plain(mantissa) && digits && is_finite(&number);
    right.then_some(Slip::Letter { number })
}

/// Thousands that are separated by anything but a comma.
fn separated(text: &str) -> Option<Slip> {
    const SEPARATORS: [char; 7] = [' ', '_', '\'', '’', '\u{a0}', '\u{202f}', '\u{2009}'];
    let separator = text.chars().find(|c| SEPARATORS.contains(c))?;
    let number: String = text.chars().filter(|&c| c != separator).collect();
    let whole = text.split(['.', ',']).next().unwrap_or_default();
    if separator != '_' && !in_threes(whole, separator) {
        return None;
    }
    if is_finite(&number) {
        return Some(Slip::Thousands { number });
    }
    comma(&number)
}

fn comma(text: &str) -> Option<Slip> {
    let commas = text.matches(',').count();
    if commas == 0 {
        return None;
    }
    let pointed = text.replacen(',', ".", 1);
    let bare = text.replace(',', "");
    let whole = text.split('.').next().unwrap_or_default();
    if in_threes(whole, ',') && is_finite(&bare) {
        return Some(match (commas, text.contains('.')) {
            (1, false) => Slip::EitherComma {
                decimal: pointed,
                thousands: bare,
            },
            _ => Slip::Thousands { number: bare },
        });
    }
    if commas > 1 {
        return None;
    }
    if is_finite(&pointed) {
        return Some(Slip::DecimalComma { number: pointed });
    }
    // 1.234,5
    let (whole, fraction) = text.split_once(',')?;
    let number = format!("{}.{fraction}", whole.replace('.', ""));
    let right = in_threes(whole, '.') && is_finite(&number);
    right.then_some(Slip::DecimalComma { number })
}

fn digits(text: &str) -> Option<Slip> {
    let all = text.chars().all(|c| c.is_numeric() || "+-.,eE".contains(c));
    (all && !text.is_ascii()).then_some(Slip::Digits)
}

/// Whether a whole number, with or without a sign, is cut by the separator into one to three digits and then threes;
/// the first of them not 0.
fn in_threes(text: &str, separator: char) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut groups = digits.split(separator);
    let first = groups.next().unwrap_or_default();
    let numeric = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&first.len())
        && numeric(first)
        && !first.starts_with('0')
        && digits.contains(separator)
        && groups.all(|group| group.len() == 3 && numeric(group))
}

/// Whether a text is a finite number written in digits.
fn is_finite(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit()) && number(text).is_some_and(f64::is_finite)
}

/// Whether a text is a finite number without an exponent.
fn is_plain(text: &str) -> bool {
    is_finite(text) && !text.contains(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        assert!(number(text).is_none(), "{text}");
        Slip::of(text).map_or("a word".to_owned(), |slip| slip.to_string())
    }

    #[test]
    fn exponents_of_fortran_are_read() {
        for (text, value) in [
            ("1.0D+00", 1.0),
            ("2d3", 2000.0),
            ("-1.d-2", -0.01),
            (".5D0", 0.5),
            ("1e5", 1e5),
        ] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in ["d", "D5", "1d", "1dd2", "1d2d3", "nand3", "infd1", "1d+"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(number("1D400"), Some(f64::INFINITY));
    }

    #[test]
    fn slips_say_what_is_to_be_written() {
        for (text, says) in [
            (
                "\u{2212}0.5",
                "its sign is the character U+2212; write -0.5",
            ),
            (
                "\u{2013}1e3",
                "its sign is the character U+2013; write -1e3",
            ),
            (
                "1e\u{2212}3",
                "its sign is the character U+2212; write 1e-3",
            ),
            ("2,5", "it has a decimal comma; write 2.5"),
            ("-0,125", "it has a decimal comma; write -0.125"),
            (",5", "it has a decimal comma; write .5"),
            ("1.234,5", "it has a decimal comma; write 1234.5"),
            (
                "1,000",
                "its comma may be decimal or separate thousands; write 1.000 or 1000, whichever is meant",
            ),
            ("1,000,000", "its thousands are separated; write 1000000"),
            ("-1,234.5", "its thousands are separated; write -1234.5"),
            ("1 000", "its thousands are separated; write 1000"),
            (
                "1\u{a0}000\u{a0}000",
                "its thousands are separated; write 1000000",
            ),
            ("1'000.5", "its thousands are separated; write 1000.5"),
            ("1_000", "its thousands are separated; write 1000"),
            ("1 000,5", "it has a decimal comma; write 1000.5"),
            (
                "12%",
                "it has a percent sign; write all numbers of the column without",
            ),
            (
                "12,5 %",
                "it has a percent sign; write all numbers of the column without",
            ),
            ("1e", "its exponent has no digits; complete it or remove it"),
            (
                "1.5E+",
                "its exponent has no digits; complete it or remove it",
            ),
            ("1.0-100", "its exponent has no letter; write 1.0E-100"),
            ("0x1F", "it is not decimal; write it to the base 10"),
            ("-0b11", "it is not decimal; write it to the base 10"),
            ("\u{200b}1.5", "it has an invisible character; write 1.5"),
            (
                "\u{ff11}\u{ff12}",
                "its digits are not 0 to 9 of ASCII; write them so",
            ),
            ("\u{2212}2,5", "it has a decimal comma; write -2.5"),
        ] {
            assert_eq!(said(text), says, "{text}");
        }
    }

    #[test]
    fn other_beginnings_of_numbers_are_no_names() {
        for text in [
            "1st",
            "2020-01-01",
            "10-20",
            "-",
            "+x",
            ".id",
            "1.2.3",
            "1,2,3",
            "1 2",
            "5 kg",
            "(1+2j)",
            "$5",
            "<0.1",
            "[1.5",
            "½x",
            "1e5x",
            "0xg",
            "1.0f",
        ] {
            assert_eq!(Slip::of(text), Some(Slip::Other), "{text}");
        }
        for text in [
            "a", "x1", "a,b", "(a)", "none", "é", "_1", "#3", "e5", "d0", "$",
        ] {
            assert_eq!(said(text), "a word", "{text}");
        }
    }

    #[test]
    fn what_is_to_be_written_is_a_number() {
        use proptest::prelude::*;
        let config = ProptestConfig {
            rng_seed: proptest::test_runner::RngSeed::Fixed(1),
            failure_persistence: None,
            cases: 4096,
            ..Default::default()
        };
        proptest!(config, |(text in "[-+\u{2212}(]?[0-9,._' eEdDx%\u{a0}\u{200b}]{0,10}")| {
            if number(&text).is_none() {
                let written = match Slip::of(&text) {
                    Some(
                        Slip::Sign { number, .. }
                        | Slip::DecimalComma { number }
                        | Slip::Thousands { number }
                        | Slip::Letter { number }
                        | Slip::Hidden { number },
                    ) => vec![number],
                    Some(Slip::EitherComma { decimal, thousands }) => vec![decimal, thousands],
                    _ => vec![],
                };
                for text in written {
                    prop_assert!(number(&text).is_some_and(f64::is_finite), "{}", text);
                }
            }
        });
    }
}
