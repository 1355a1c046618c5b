//! The embedded data set: handwritten digits.

use std::io::Read;

use flate2::read::GzDecoder;
use nalgebra::DMatrix;

use super::Dataset;

/// Each line 64 pixels and the digit, compressed.
const ARCHIVE: &[u8] = include_bytes!("digits.csv.gz");
const SAMPLES: usize = 1797;
const PIXELS: usize = 64;
const CLASSES: usize = 10;

/// The 1,797 handwritten digits of 8 × 8 pixels.
///
/// # Returns
/// Inputs `64 × 1797`, pixels (row by row) from 0 to 16 divided by 16, hence exact; targets
/// `10 × 1797`, the unit vector of the digit. The inputs are pairwise distinct.
///
/// # Cost
/// About 10 ms: the archive is decompressed at each call.
///
/// # Example
/// ```
/// let digits = polyak::data::digits();
/// assert_eq!(digits.inputs.shape(), (64, 1797));
/// assert_eq!(digits.targets[(0, 0)], 1.0); // the first digit is a 0
/// ```
///
/// # Source
/// E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
/// Repository, 1998, [doi 10.24432/C50P49](https://doi.org/10.24432/C50P49), licence CC BY 4.0: the test
/// part, as distributed by scikit-learn.
#[must_use]
pub fn digits() -> Dataset {
    let mut text = String::new();
    GzDecoder::new(ARCHIVE)
        .read_to_string(&mut text)
        .expect("the embedded archive is intact");
    let numbers: Vec<u8> = text
        .split_whitespace()
        .flat_map(|line| line.split(','))
        .map(|cell| cell.parse().expect("the embedded cells are small integers"))
        .collect();
    assert_eq!(
        numbers.len(),
        SAMPLES * (PIXELS + 1),
        "the embedded table is complete"
    );
    let cell = |sample: usize, column: usize| numbers[sample * (PIXELS + 1) + column];
    Dataset {
        name: "digits".into(),
        inputs: DMatrix::from_fn(PIXELS, SAMPLES, |i, j| f64::from(cell(j, i)) / 16.0),
        targets: DMatrix::from_fn(CLASSES, SAMPLES, |i, j| {
            f64::from(u8::from(usize::from(cell(j, PIXELS)) == i))
        }),
        rows: (1..=SAMPLES).collect(),
        notes: vec![
            "the embedded digits (UCI, doi 10.24432/C50P49): 64 pixels divided by 16".into(),
            "the target is the digit, a unit vector of dimension 10".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_scikit_learn() {
        let data = digits();
        assert_eq!((data.samples(), data.rows.len()), (1797, 1797));
        assert_eq!((data.rows[0], data.rows[1796]), (1, 1797));
        // Published: the first row of the first image, digits.data.mean() = 4.884164579855314, and the
        // count of each class.
        let top: Vec<f64> = data
            .inputs
            .column(0)
            .iter()
            .take(8)
            .map(|x| x * 16.0)
            .collect();
        assert_eq!(top, [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
        // Sums of multiples of 1/16 below 2^53/16 are exact.
        assert_eq!(
            data.inputs.sum() * 16.0 / (1797.0 * 64.0),
            4.884164579855314
        );
        assert_eq!(data.inputs.max(), 1.0);
        let counts: Vec<f64> = data.targets.row_iter().map(|row| row.sum()).collect();
        assert_eq!(
            counts,
            [
                178.0, 182.0, 177.0, 183.0, 181.0, 182.0, 181.0, 179.0, 174.0, 180.0
            ]
        );
        assert!(
            data.targets
                .column_iter()
                .all(|y| y.sum() == 1.0 && y.max() == 1.0)
        );
        for (sample, digit) in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].into_iter().enumerate() {
            assert_eq!(data.targets[(digit, sample)], 1.0);
        }
        assert_eq!(data.notes.len(), 2);
    }

    #[test]
    fn digits_are_distinct() {
        assert_eq!(digits().duplicate_pair(), None);
    }
}
