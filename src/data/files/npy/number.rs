//! The types of NumPy's entries, and what they say as f64.

use super::{ArrayError, Role};
use crate::text::excerpt;

/// A type of entries that are real numbers of at most 64 bits, in either byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    kind: Kind,
    /// Bytes of an entry.
    pub(super) width: usize,
    big_endian: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Signed,
    Unsigned,
    Float,
}

impl Number {
    /// Reads `<f8`, `|u1` or the like.
    ///
    /// # Errors
    /// [`ArrayError::Type`], with what may be done instead to an array of this role and shape.
    pub(super) fn try_new(dtype: &str, role: Role, shape: &[usize]) -> Result<Self, ArrayError> {
        let number = || {
            let (order, rest) = dtype.split_at_checked(1)?;
            let (kind, width) = rest.split_at_checked(1)?;
            let width = width.parse().ok()?;
            let big_endian = match order {
                "<" => false,
                ">" => true,
                "|" if width == 1 => false,
                _ => return None,
            };
            let kind = match (kind, width) {
                ("b", 1) => Kind::Bool,
                ("i", 1 | 2 | 4 | 8) => Kind::Signed,
                ("u", 1 | 2 | 4 | 8) => Kind::Unsigned,
                ("f", 2 | 4 | 8) => Kind::Float,
                _ => return None,
            };
            Some(Self {
                kind,
                width,
                big_endian,
            })
        };
        number().ok_or_else(|| refusal(dtype, role, shape))
    }

    /// The number that `width` bytes stand for.
    ///
    /// # Guarantee
    /// Exact.
    ///
    /// # Errors
    /// An integer that no f64 is equal to.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<f64, i128> {
        let mut word = [0; 8];
        word[..self.width].copy_from_slice(bytes);
        if self.big_endian {
            word[..self.width].reverse();
        }
        let bits = u64::from_le_bytes(word);
        match (self.kind, self.width) {
            (Kind::Bool, _) => Ok(f64::from(u8::from(bits != 0))),
            (Kind::Float, 2) => Ok(half(bits as u16)),
            (Kind::Float, 4) => Ok(f64::from(f32::from_bits(bits as u32))),
            (Kind::Float, _) => Ok(f64::from_bits(bits)),
            (Kind::Unsigned, _) => exact(i128::from(bits)),
            (Kind::Signed, _) => {
                let unused = 64 - 8 * self.width as u32;
                exact(i128::from((bits << unused) as i64 >> unused))
            }
        }
    }
}

/// An integer of at most 64 bits as f64, if it is one.
pub(in super::super) fn exact(integer: i128) -> Result<f64, i128> {
    let nearest = integer as f64;
    if nearest as i128 == integer {
        Ok(nearest)
    } else {
        Err(integer)
    }
}

/// A number of half precision: a sign, 5 bits of exponent, 10 of mantissa.
pub(in super::super) fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let magnitude = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + mantissa) * 2f64.powi(exponent - 25),
    };
    sign * magnitude
}

/// What may be done with complex numbers.
fn real(role: Role, shape: &[usize]) -> &'static str {
    match (role, shape) {
        (Role::Table, [rows, columns]) if rows == columns => {
            "for points save numpy.hstack([x.real, x.imag]), the real and the imaginary parts as columns of their own; for a \
             Hermitian matrix numpy.block([[x.real, -x.imag], [x.imag, x.real]]), which is symmetric and has each \
             of its eigenvalues twice"
        }
        (Role::Table, [_]) => {
            "save numpy.stack([x.real, x.imag], axis=1), a row for each number and its real and its imaginary part as columns"
        }
        (Role::Table, _) => {
            "save numpy.concatenate([x.real, x.imag], axis=-1), the real and the imaginary parts as columns of their own; \
             numpy.abs(x) only if the modulus is what you mean"
        }
        (Role::Network, _) => {
            "save numpy.concatenate([x.real, x.imag], axis=-1): a particle has the real and the imaginary parts of its \
             coordinates, and distances stay what they are"
        }
        (Role::Vector, _) => {
            "real numbers are needed: save x.real if numpy.abs(x.imag).max() is 0, or what is computed of the real problem"
        }
        (Role::Tile, _) => {
            "factor numpy.block([[k.real, -k.imag], [k.imag, k.real]]) of the Hermitian matrix k, which is \
             symmetric and has each of its eigenvalues twice"
        }
        (Role::Weights, _) => {
            "networks and data of the theory are real: save x.real if the imaginary part is zero, leave the array out if it \
             is no part of the network, or train a network of real parameters"
        }
    }
}

/// What is said of a type that is not read.
fn refusal(dtype: &str, role: Role, shape: &[usize]) -> ArrayError {
    let is_table = matches!(role, Role::Table | Role::Vector);
    let kind = dtype.trim_start_matches(['<', '>', '|', '=']);
    let (what, remedy) = match kind.chars().next() {
        Some('[' | '(') => (
            "a record of fields",
            "save numpy.lib.recfunctions.structured_to_unstructured(x) if every field is a number",
        ),
        Some('c') => ("complex numbers", real(role, shape)),
        Some('f') => (
            "numbers of another precision",
            "save x.astype('float64'), which rounds them to double precision",
        ),
        Some('O') => (
            "Python objects",
            "save an array of numbers made of them, numpy.array(x.tolist(), dtype='float64')",
        ),
        Some('U' | 'S' | 'a') if is_table => (
            "words",
            "save x.astype('float64') if they are numbers; else write a table of text",
        ),
        Some('U' | 'S' | 'a') => (
            "words",
            "save x.astype('float64') if they are numbers; else leave the array out",
        ),
        Some('M' | 'm') => (
            "times",
            "save (x - x.min()) / numpy.timedelta64(1, 's'), the seconds since the first",
        ),
        Some('V') => (
            "raw bytes",
            "save x.astype('float64') where its type is known: bfloat16, say, is written like this",
        ),
        _ => (
            "not known",
            "bool, integers and floats of up to 64 bits are read: save one of these",
        ),
    };
    ArrayError::Type {
        dtype: excerpt(dtype),
        what,
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(dtype: &str, bytes: &[u8]) -> Result<f64, i128> {
        let number = Number::try_new(dtype, Role::Table, &[1, 1]).unwrap();
        assert_eq!(number.width, bytes.len(), "{dtype}");
        number.decode(bytes)
    }

    #[test]
    fn every_width_sign_and_order_is_exact() {
        for value in [0i64, 1, -1, 5, -128, 127] {
            let little = value.to_le_bytes();
            for width in [1, 2, 4, 8] {
                let mut bytes = little[..width].to_vec();
                assert_eq!(
                    decoded(&format!("<i{width}"), &bytes),
                    Ok(value as f64),
                    "{width}"
                );
                bytes.reverse();
                assert_eq!(decoded(&format!(">i{width}"), &bytes), Ok(value as f64));
            }
        }
        for width in [1, 2, 4] {
            let largest = 256f64.powi(width) - 1.0;
            for order in ["<", ">"] {
                let bytes = vec![0xFF; width as usize];
                assert_eq!(decoded(&format!("{order}u{width}"), &bytes), Ok(largest));
                assert_eq!(decoded(&format!("{order}i{width}"), &bytes), Ok(-1.0));
            }
        }
        assert_eq!(decoded("<u2", &[1, 2]), Ok(513.0));
        assert_eq!(decoded(">u2", &[1, 2]), Ok(258.0));
        assert_eq!(decoded("|u1", &[200]), Ok(200.0));
        assert_eq!(decoded("|i1", &[200]), Ok(-56.0));
        assert_eq!(
            [0, 1, 7].map(|byte| decoded("|b1", &[byte])),
            [Ok(0.0), Ok(1.0), Ok(1.0)]
        );
        assert_eq!(decoded(">f4", &0.1f32.to_be_bytes()), Ok(f64::from(0.1f32)));
        assert_eq!(decoded("<f8", &0.1f64.to_le_bytes()), Ok(0.1));
    }

    #[test]
    fn integers_are_exact_or_refused() {
        for (value, is_exact) in [
            (1i64 << 53, true),
            ((1 << 53) + 1, false),
            ((1 << 53) + 2, true),
            (1 << 60, true),
            (i64::MAX, false),
            (i64::MIN, true),
            (-(1 << 53) - 1, false),
        ] {
            let found = decoded("<i8", &value.to_le_bytes());
            let expected = if is_exact {
                Ok(value as f64)
            } else {
                Err(i128::from(value))
            };
            assert_eq!(found, expected);
        }
        let most = u64::MAX;
        assert_eq!(decoded(">u8", &most.to_be_bytes()), Err(i128::from(most)));
        assert_eq!(
            decoded("<u8", &(1u64 << 63).to_le_bytes()),
            Ok(2f64.powi(63))
        );
    }

    #[test]
    fn halves_are_those_of_ieee() {
        for (bits, value) in [
            (0x0000u16, 0.0),
            (0x8000, -0.0),
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x3555, 0.333251953125),
            (0x7BFF, 65504.0),
            (0x0001, 5.960464477539063e-8),
            (0x03FF, 6.097555160522461e-5),
            (0x0400, 6.103515625e-5),
            (0x7C00, f64::INFINITY),
            (0xFC00, f64::NEG_INFINITY),
        ] {
            let found = decoded("<f2", &bits.to_le_bytes()).unwrap();
            assert_eq!(found.to_bits(), value.to_bits(), "{bits:x}");
        }
        assert!(decoded(">f2", &[0x7C, 1]).unwrap().is_nan());
    }

    #[test]
    fn other_types_are_refused_with_a_remedy_of_their_own() {
        for (dtype, what, remedy) in [
            ("<f16", "another precision", "which rounds"),
            ("|O", "objects", "tolist"),
            ("<U5", "words", "table of text"),
            ("|S3", "words", "table of text"),
            ("<M8[ns]", "times", "timedelta64"),
            ("|V2", "raw", "bfloat16"),
            (
                "[('a', '<f8')]",
                "record of fields",
                "structured_to_unstructured",
            ),
            ("<f3", "another precision", "astype"),
            ("=f8", "another precision", "astype"),
            ("|f8", "another precision", "astype"),
            ("<i3", "not known", "up to 64 bits"),
            ("", "not known", "up to 64 bits"),
            ("é8", "not known", "up to 64 bits"),
        ] {
            let message = Number::try_new(dtype, Role::Table, &[2, 3]).unwrap_err();
            let message = message.to_string();
            assert!(
                message.contains(what) && message.contains(remedy),
                "{message}"
            );
        }
    }

    /// Every role has a remedy that makes of complex numbers what it can read.
    #[test]
    fn complex_numbers_have_the_remedy_of_their_role() {
        for (role, shape, remedy, harm) in [
            (Role::Table, &[3, 2][..], "axis=-1", "block"),
            (Role::Table, &[2, 2], "of its eigenvalues twice", "axis"),
            (
                Role::Table,
                &[3],
                "numpy.stack([x.real, x.imag], axis=1)",
                "hstack",
            ),
            (Role::Network, &[1, 2, 3], "axis=-1", "hstack"),
            (Role::Vector, &[3], "real numbers are needed", "stack"),
            (
                Role::Tile,
                &[2, 2],
                "factor numpy.block([[k.real, -k.imag]",
                "hstack",
            ),
            (
                Role::Weights,
                &[2, 2],
                "networks and data of the theory are real",
                "stack",
            ),
        ] {
            let said = Number::try_new("<c16", role, shape)
                .unwrap_err()
                .to_string();
            assert!(
                said.contains("complex numbers") && said.contains(remedy),
                "{said}"
            );
            assert!(!said.contains(harm) && !said.contains("astype"), "{said}");
        }
    }
}
