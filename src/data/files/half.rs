//! One triangle of a symmetric matrix, the other missing.

/// Smaller ones may be tables that miss a cell by chance.
const LEAST: usize = 3;

/// Looks for the rows of a square matrix of which one side of the diagonal is missing, and nothing else.
pub(super) struct Half {
    columns: usize,
    rows: usize,
    above: bool,
    below: bool,
}

impl Half {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            columns,
            rows: 0,
            above: true,
            below: true,
        }
    }

    /// Takes the next row: which of its entries are missing.
    pub(super) fn look_at(&mut self, missing: impl Iterator<Item = bool>) {
        for (column, missing) in missing.enumerate() {
            self.above &= missing == (column > self.rows);
            self.below &= missing == (column < self.rows);
        }
        self.rows += 1;
    }

    /// Whether all rows together are such a matrix.
    pub(super) fn is_one(&self) -> bool {
        self.rows == self.columns && self.rows >= LEAST && (self.above || self.below)
    }
}

/// Whether rows of these lengths are a triangle: each a cell longer than the one before, from one cell on, or each a cell
/// shorter, down to one.
pub(super) fn is_triangle(lengths: &[usize]) -> bool {
    let count = lengths.len();
    let grows = lengths.iter().zip(1..).all(|(&length, row)| length == row);
    let shrinks = lengths
        .iter()
        .zip(0..)
        .all(|(&length, row)| length + row == count);
    count >= LEAST && (grows || shrinks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_half(rows: &[&str]) -> bool {
        let mut half = Half::new(rows[0].len());
        for row in rows {
            half.look_at(row.chars().map(|cell| cell == '?'));
        }
        half.is_one()
    }

    #[test]
    fn halves_are_told_from_tables_that_miss_cells() {
        for half in [
            &["1??", "11?", "111"][..],
            &["1111", "?111", "??11", "???1"],
        ] {
            assert!(is_half(half), "{half:?}");
        }
        for other in [
            &["1?", "11"][..],
            &["1??", "11?", "11?"],
            &["1??", "1??", "111"],
            &["1??", "11?"],
            &["1??", "11?", "111", "111"],
            &["111", "111", "111"],
            &["???", "1??", "11?"],
        ] {
            assert!(!is_half(other), "{other:?}");
        }
        for (lengths, is) in [
            (&[1, 2, 3][..], true),
            (&[4, 3, 2, 1], true),
            (&[1, 2], false),
            (&[2, 3, 4], false),
            (&[1, 2, 2], false),
            (&[3, 2, 2], false),
            (&[1, 1, 1], false),
        ] {
            assert_eq!(is_triangle(lengths), is, "{lengths:?}");
        }
    }
}
