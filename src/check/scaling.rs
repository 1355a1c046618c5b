//! How a block is scaled in the code of whoever trained it.

use crate::arithmetic::Ball;
use crate::text::{excerpt, printable};
use std::fmt;
use std::str::FromStr;

/// What multiplies a block, `z + s·W·features`: a number, and roots and powers of the number of layers and of the width.
///
/// Written as a product: numbers, `D` for the layers, `m` for the frequencies or the particles of a layer, and
/// `sqrt(…)`, with `*`, `/` and parentheses.
///
/// # Example
/// ```
/// use polyak::check::Scaling;
/// let own: Scaling = "1/(D*sqrt(m))".parse()?;
/// assert!(own.value(4, 9).contains(1.0 / 12.0));
/// assert_eq!(own, "1/D/sqrt(m)".parse()?);
/// assert!("1/x".parse::<Scaling>().is_err());
/// # Ok::<(), polyak::check::ScalingError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scaling {
    text: String,
    number: Ball,
    /// Powers of `√D` and of `√m`.
    halves: [i32; 2],
}

impl PartialEq for Scaling {
    /// Two are equal that say the same, however they are written.
    fn eq(&self, other: &Self) -> bool {
        (self.number, self.halves) == (other.number, other.halves)
    }
}

/// A scaling that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` is no scaling ({cause}): write a product of numbers, D (layers), m (frequencies, or particles of a layer) and \
     sqrt(…), as 1/(D*sqrt(m)), 1/D or 0.1",
    printable(&excerpt(text))
)]
pub struct ScalingError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub cause: &'static str,
}

/// A number times powers of `√D` and `√m`.
#[derive(Clone, Copy)]
struct Product {
    number: Ball,
    halves: [i32; 2],
}

/// Products of products; more is no scaling.
const DEEPEST: usize = 16;

/// Larger powers are no scaling.
const LARGEST_POWER: i32 = 16;

impl Product {
    fn of(number: Ball) -> Self {
        let halves = [0; 2];
        Self { number, halves }
    }

    /// Times another, or its inverse. A product with one is exact.
    fn times(self, other: Self, inverse: bool) -> Self {
        let one = Ball::from(1.0);
        let sign = if inverse { -1 } else { 1 };
        let number = match (self.number, other.number) {
            (number, unit) if unit == one => number,
            (unit, number) if unit == one && !inverse => number,
            (a, b) if inverse => a / b,
            (a, b) => a * b,
        };
        let halves = [0, 1].map(|i| self.halves[i] + sign * other.halves[i]);
        Self { number, halves }
    }

    fn sqrt(self) -> Result<Self, &'static str> {
        if self.halves.iter().any(|half| half % 2 != 0) {
            return Err("a root of a root");
        }
        Ok(Self {
            number: root(self.number),
            halves: self.halves.map(|half| half / 2),
        })
    }
}

/// A square root, exact of squares of small integers.
fn root(number: Ball) -> Ball {
    let root = number.mid().sqrt();
    let exact = number.rad() == 0.0 && root.fract() == 0.0 && root * root == number.mid();
    if exact && root < 1e6 {
        Ball::from(root)
    } else {
        number.sqrt()
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, c: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn product(&mut self, depth: usize) -> Result<Product, &'static str> {
        let mut product = self.factor(depth)?;
        loop {
            let inverse = match (self.take('*'), self.take('/')) {
                (true, false) => false,
                (false, true) => true,
                (false, false) => return Ok(product),
                (true, true) => return Err("two signs in a row"),
            };
            let factor = self.factor(depth)?;
            product = product.times(factor, inverse);
        }
    }

    fn factor(&mut self, depth: usize) -> Result<Product, &'static str> {
        if depth > DEEPEST {
            return Err("too many parentheses");
        }
        if self.take('(') {
            let inner = self.product(depth + 1)?;
            return self.closed(inner);
        }
        let word = self.word();
        let one = Product::of(Ball::from(1.0));
        match word {
            "" => Err("a factor is missing"),
            "D" => Ok(Product {
                halves: [2, 0],
                ..one
            }),
            "m" => Ok(Product {
                halves: [0, 2],
                ..one
            }),
            "sqrt" if self.take('(') => {
                let inner = self.product(depth + 1)?;
                self.closed(inner)?.sqrt()
            }
            number => match number.parse::<f64>() {
                Ok(number) if number > 0.0 && number.is_finite() => {
                    Ok(Product::of(Ball::from(number)))
                }
                Ok(_) => Err("a number is not positive, or too large"),
                Err(_) => Err("a word that is none of D, m and sqrt(…)"),
            },
        }
    }

    fn closed(&mut self, inner: Product) -> Result<Product, &'static str> {
        if self.take(')') {
            Ok(inner)
        } else {
            Err("a parenthesis is not closed")
        }
    }

    /// Letters, digits and points; of a number the sign of its exponent, too.
    fn word(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let numeric = self
            .rest
            .starts_with(|c: char| c.is_ascii_digit() || c == '.');
        let mut before = ' ';
        let end = self.rest.find(|c: char| {
            let exponent = numeric && "eE".contains(before) && "+-".contains(c);
            before = c;
            !(c.is_ascii_alphanumeric() || c == '.' || c == '_' || exponent)
        });
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }
}

impl FromStr for Scaling {
    type Err = ScalingError;

    fn from_str(text: &str) -> Result<Self, ScalingError> {
        let refused = |cause| ScalingError {
            text: text.to_owned(),
            cause,
        };
        let mut reader = Reader { rest: text };
        let product = reader.product(0).map_err(refused)?;
        if !reader.rest.trim().is_empty() {
            return Err(refused("it does not end where a product does"));
        }
        if product.halves.iter().any(|half| half.abs() > LARGEST_POWER) {
            return Err(refused("a power is too large"));
        }
        if !(product.number.lower() > 0.0 && product.number.is_bounded()) {
            return Err(refused("its number is beyond f64"));
        }
        Ok(Self {
            text: text.trim().to_owned(),
            number: product.number,
            halves: product.halves,
        })
    }
}

impl fmt::Display for Scaling {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Scaling {
    /// A scaling that is a number.
    ///
    /// # Errors
    /// A number that is not positive and finite.
    pub fn of_number(number: f64) -> Result<Self, ScalingError> {
        format!("{number:e}").parse()
    }

    /// Returns `s`.
    ///
    /// # Arguments
    /// * `depth`: `D`; `width`: `m`.
    #[must_use]
    pub fn value(&self, depth: usize, width: usize) -> Ball {
        self.times_powers([0, 0], depth, width)
    }

    /// Returns `s·D^(a/2)·m^(b/2)`: exactly one, where the powers cancel and there is no number.
    ///
    /// # Arguments
    /// * `halves`: `a` and `b`.
    #[must_use]
    pub fn times_powers(&self, halves: [i32; 2], depth: usize, width: usize) -> Ball {
        let mut value = Product::of(self.number);
        for (i, count) in [depth, width].into_iter().enumerate() {
            let half = self.halves[i] + halves[i];
            let count = Ball::from(count as f64);
            let whole = (0..half.abs() / 2).map(|_| count);
            let odd = (half % 2 != 0).then(|| root(count));
            for factor in whole.chain(odd) {
                value = value.times(Product::of(factor), half < 0);
            }
        }
        value.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Scaling {
        text.parse().unwrap()
    }

    #[test]
    fn products_are_read() {
        for (text, value) in [
            ("1", 1.0),
            (" 0.25 ", 0.25),
            ("1e-3", 1e-3),
            ("2.5E+1", 25.0),
            ("1/D", 1.0 / 6.0),
            ("1/sqrt(m)", 0.25),
            ("1 / ( D * sqrt( m ) )", 1.0 / 24.0),
            ("1/D/sqrt(m)", 1.0 / 24.0),
            ("sqrt(2/m)", 0.125f64.sqrt()),
            ("sqrt(m*m)/D", 16.0 / 6.0),
            ("0.1*sqrt(D)/m", 0.1 * 6f64.sqrt() / 16.0),
            ("1/sqrt(2*D)", 12f64.sqrt().recip()),
        ] {
            let found = read(text).value(6, 16);
            assert!(
                (found.mid() / value - 1.0).abs() < 1e-15,
                "{text}: {found:?}"
            );
            assert!(found.rad() <= 1e-14 * value, "{text}");
        }
        assert_eq!(read("1/(D*sqrt(m))"), read("1/sqrt(m)/D"));
        assert_ne!(read("1/D"), read("1/m"));
        assert_eq!(read(" 1/D").to_string(), "1/D");
        assert!(Scaling::of_number(0.1).unwrap().value(3, 4).contains(0.1));
        assert!(Scaling::of_number(-0.1).is_err());
    }

    /// What is scaled as the theory scales it is not touched.
    #[test]
    fn powers_that_cancel_are_exact() {
        let own = read("1/(D*sqrt(m))");
        assert_eq!(own.times_powers([2, 1], 7, 5), Ball::from(1.0));
        assert_eq!(
            read("0.5").times_powers([0, 1], 7, 64),
            Ball::from(0.5) * Ball::from(8.0)
        );
        let rounded = read("1/D").times_powers([2, 1], 7, 5);
        assert!(rounded.contains(5f64.sqrt()) && rounded.rad() > 0.0);
    }

    #[test]
    fn what_is_no_product_is_refused_in_words() {
        for (text, part) in [
            ("", "a factor is missing"),
            ("1/", "a factor is missing"),
            ("1//D", "a factor is missing"),
            ("1*/D", "two signs"),
            ("1/L", "none of D, m and sqrt"),
            ("-1", "a factor is missing"),
            ("0", "not positive"),
            ("1e999", "not positive"),
            ("1/(D", "not closed"),
            ("1/D)", "does not end"),
            ("sqrt(sqrt(m))", "a root of a root"),
            ("sqrt m", "none of D"),
            ("D D", "does not end"),
            ("m*m*m*m*m*m*m*m*m", "too large"),
            (&"(".repeat(40), "too many"),
            ("1e300*1e300*1e300", "beyond f64"),
        ] {
            let error = text.parse::<Scaling>().unwrap_err();
            assert!(error.cause.contains(part), "{text}: {error}");
        }
    }
}
