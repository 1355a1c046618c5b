//! What a name that no kernel has may mean.

use super::spec::NAMES;
use super::{KernelError, KernelName, MercerKernel};

/// Names in use elsewhere, and what is meant by them here.
const ALIASES: [(&str, &str); 14] = [
    ("rbf", "gaussian:S, whose exponent is −‖x − y‖²/(2S²)"),
    ("se", "gaussian:S, whose exponent is −‖x − y‖²/(2S²)"),
    (
        "squared_exponential",
        "gaussian:S, whose exponent is −‖x − y‖²/(2S²)",
    ),
    (
        "exponentiated_quadratic",
        "gaussian:S, whose exponent is −‖x − y‖²/(2S²)",
    ),
    ("normal", "gaussian:S, whose exponent is −‖x − y‖²/(2S²)"),
    ("exponential", "matern12:S, whose exponent is −‖x − y‖/S"),
    ("laplacian", "matern12:S, whose exponent is −‖x − y‖/S"),
    ("ou", "matern12:S, whose exponent is −‖x − y‖/S"),
    ("matern", "matern32:S or matern52:S"),
    ("rq", "imq(p/q):S, a rational quadratic kernel of power p/q"),
    (
        "rational_quadratic",
        "imq(p/q):S, a rational quadratic kernel of power p/q",
    ),
    ("inverse_multiquadric", "imq:S"),
    ("poly", "polynomial(3):1, of degree 3 and offset 1"),
    ("polynomial", "polynomial(3):1, of degree 3 and offset 1"),
];

/// Every name, as it is written.
fn names() -> Vec<&'static str> {
    [NAMES.concat(), vec!["linear", "polynomial(3)"]].concat()
}

/// Of more slips than these a name is another word.
const SLIPS: usize = 2;

/// What a name that is not known may mean: an alias, or the name that differs by the fewest letters, with the bandwidth that
/// was written.
pub(super) fn suggestion(name: &str) -> Option<String> {
    let lower = name.trim().to_lowercase();
    let label = lower.split([':', '(']).next().unwrap_or_default().trim();
    let plain: String = label.replace(['-', ' '], "_");
    if let Some((_, meant)) = ALIASES.iter().find(|(alias, _)| *alias == plain) {
        return Some((*meant).to_owned());
    }
    let spelling = |name: &str| slips(&plain, name.split('(').next().unwrap_or_default());
    let names = names();
    let nearest = names.iter().min_by_key(|name| spelling(name))?;
    let (missed, length) = (spelling(nearest), plain.chars().count());
    let near = missed <= SLIPS && missed < length.max(1);
    // A beginning of it, of three letters or more, is meant for the whole; and behind the whole may stand the bandwidth.
    let begun = names
        .iter()
        .find(|name| length >= 3 && name.starts_with(&plain));
    let ended = names.iter().find(|name| plain.starts_with(**name));
    let meant = begun.or(ended).or(near.then_some(nearest))?;
    let rest = match ended {
        Some(name) => lower.get(name.len()..),
        None => lower.get(lower.find(label).map_or(0, |at| at + label.len())..),
    };
    Some(format!("`{}`", with_rest(meant, rest.unwrap_or_default())))
}

/// A name with what was written behind another one, or with the bandwidth in it, if that makes a kernel.
fn with_rest(name: &str, rest: &str) -> String {
    let family = name.split('(').next().unwrap_or_default();
    let bandwidth = rest.trim_matches([':', '(', ')', '=', '[', ']', ' ']);
    let made = [
        format!("{family}{}", rest.trim()),
        format!("{family}:{bandwidth}"),
    ];
    let written = !bandwidth.is_empty();
    made.into_iter()
        .find(|made| written && is_kernel(made))
        .unwrap_or_else(|| name.to_owned())
}

/// Whether a name is one of a kernel, with points at hand or without.
fn is_kernel(name: &str) -> bool {
    let needs_points = |cause: KernelError| matches!(cause, KernelError::NeedsPoints { .. });
    name.parse::<KernelName>().is_ok()
        || name
            .parse::<MercerKernel>()
            .map_or_else(needs_points, |_| true)
}

/// The fewest letters inserted, left out or replaced between two words (Levenshtein).
fn slips(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::MercerKernel;

    #[test]
    fn slips_are_counted() {
        for (a, b, count) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("gausian", "gaussian", 1),
            ("matern53", "matern52", 1),
        ] {
            assert_eq!((slips(a, b), slips(b, a)), (count, count), "{a} {b}");
        }
    }

    #[test]
    fn names_of_others_and_slips_are_understood() {
        for (given, meant) in [
            ("rbf:1", "gaussian:S"),
            ("RBF", "gaussian:S"),
            ("squared-exponential:2", "gaussian:S"),
            ("se", "gaussian:S"),
            ("laplacian:1", "matern12:S"),
            ("matern:1", "matern32:S or matern52:S"),
            ("rq:1", "imq(p/q):S"),
            ("poly:2", "polynomial(3):1"),
            ("polynomial:2", "polynomial(3):1"),
            ("gausian", "`gaussian`"),
            ("gausian:1", "`gaussian:1`"),
            ("gauss:1", "`gaussian:1`"),
            ("gauss:wide", "`gaussian`"),
            ("gaussian(1)", "`gaussian:1`"),
            ("Gaussian( 0.5*auto )", "`gaussian:0.5*auto`"),
            ("gaussian(1,2)", "`gaussian:1,2`"),
            ("gaussian1.5", "`gaussian:1.5`"),
            ("gaussian=1.5", "`gaussian:1.5`"),
            ("gaussian 1.5", "`gaussian:1.5`"),
            ("matern52[2]", "`matern52:2`"),
            ("matern53:1", "`matern52:1`"),
            ("polynomal(2):1", "`polynomial(2):1`"),
            ("linear:2", "`linear`"),
            ("linaer", "`linear`"),
        ] {
            let suggested = suggestion(given).unwrap_or_default();
            assert!(suggested.starts_with(meant), "{given}: {suggested}");
        }
        for given in ["", "x", "cosine:1", "periodic", ":1"] {
            assert_eq!(suggestion(given), None, "{given}");
        }
    }

    /// What is suggested can be had: with numbers for the letters every suggestion is a kernel.
    #[test]
    fn suggestions_are_kernels() {
        let meant = ALIASES.iter().flat_map(|(_, meant)| meant.split(" or "));
        for meant in meant.chain(names()) {
            let name = meant
                .split(',')
                .next()
                .unwrap()
                .replace("p/q", "3/2")
                .replace(":S", "");
            let name = if name == "linear" || name.contains(':') {
                name
            } else {
                name + ":1"
            };
            assert!(name.parse::<MercerKernel>().is_ok(), "{name}");
        }
    }
}
