//! The symmetric part of a matrix that is not quite symmetric.

use super::SpectrumError;
use crate::arithmetic::enlarged;
use nalgebra::DMatrix;

/// `(A + Aᵀ)/2`, and what was done for it.
///
/// # Guarantee
/// The exact `(A + Aᵀ)/2` is within [`rounding`](Self::rounding) of the matrix, in the 2-norm.
#[derive(Clone, Debug, PartialEq)]
pub struct Symmetrized {
    /// The symmetric part, every entry the nearest f64 number.
    pub matrix: DMatrix<f64>,
    /// Pairs of entries that differed.
    pub pairs: usize,
    /// The largest difference, rounded up.
    pub largest: f64,
    /// Row and column of that, from 0, above the diagonal.
    pub place: (usize, usize),
    /// Bounds the norm of what the entries were rounded by; zero, if none was.
    pub rounding: f64,
}

/// Takes the symmetric part of a matrix.
///
/// # Errors
/// A matrix that is empty, not square or not finite; one whose entries on one side of the diagonal are all zero, and not on the other: it is half
/// of a symmetric matrix, which the mean would halve again.
///
/// # Cost
/// A pass over the matrix.
///
/// # Example
/// ```
/// use polyak::spectrum::symmetrized;
/// let found = symmetrized(&nalgebra::dmatrix![1.0, 0.25; 0.5, 2.0])?;
/// assert_eq!(found.matrix, nalgebra::dmatrix![1.0, 0.375; 0.375, 2.0]);
/// assert_eq!((found.pairs, found.largest, found.rounding), (1, 0.25, 0.0));
/// # Ok::<(), polyak::spectrum::SpectrumError>(())
/// ```
pub fn symmetrized(a: &DMatrix<f64>) -> Result<Symmetrized, SpectrumError> {
    let (rows, columns) = a.shape();
    if rows != columns {
        return Err(SpectrumError::NotSquare { rows, columns });
    }
    super::eigen::require_points(a.as_view())?;
    if let Some(upper) = super::eigen::only_triangle(a) {
        return Err(SpectrumError::Triangular { upper });
    }
    let mut found = Symmetrized {
        matrix: a.clone(),
        pairs: 0,
        largest: 0.0,
        place: (0, 0),
        rounding: 0.0,
    };
    // Sums of the absolute errors of every row.
    let mut errors = vec![0.0_f64; rows];
    for j in 0..columns {
        for i in 0..j {
            let (upper, lower) = (a[(i, j)], a[(j, i)]);
            if upper == lower {
                continue;
            }
            found.pairs += 1;
            let difference = (upper - lower).abs().next_up();
            if difference > found.largest {
                (found.largest, found.place) = (difference, (i, j));
            }
            let (half, error) = mean(upper, lower);
            (found.matrix[(i, j)], found.matrix[(j, i)]) = (half, half);
            errors[i] += error;
            errors[j] += error;
        }
    }
    // A symmetric matrix is at most as long as its largest sum of a row.
    let largest = errors.into_iter().fold(0.0, f64::max);
    found.rounding = enlarged(largest, rows + 2);
    if found.pairs > 0 {
        // What `next_up` added to an exact difference.
        let (i, j) = found.place;
        let exact = a[(i, j)] - a[(j, i)];
        if exact + a[(j, i)] == a[(i, j)] && a[(i, j)] - exact == a[(j, i)] {
            found.largest = exact.abs();
        }
    }
    Ok(found)
}

/// The rounded mean of two numbers, and a bound of its error.
fn mean(x: f64, y: f64) -> (f64, f64) {
    let sum = x + y;
    if !sum.is_finite() {
        // Halves of numbers as large as that are exact.
        let half = x / 2.0 + y / 2.0;
        return (half, half.abs() * f64::EPSILON);
    }
    // Knuth: the sum and its error, exactly.
    let (back, half) = (sum - x, sum / 2.0);
    let error = (x - (sum - back)) + (y - back);
    // Halving rounds where the half is subnormal.
    let halving = if half * 2.0 == sum {
        0.0
    } else {
        f64::from_bits(1)
    };
    (half, error.abs() / 2.0 + halving)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    /// One triangle of a matrix is to be mirrored: of [[1, 1.5], [1.5, 1]] an eigenvalue is negative, of the mean of what is
    /// stored none.
    #[test]
    fn one_triangle_is_refused() {
        for (half, upper) in [
            (dmatrix![1.0, 1.5; 0.0, 1.0], true),
            (dmatrix![0.0, 0.0; 2.0, 0.0], false),
        ] {
            let refused = symmetrized(&half).unwrap_err();
            assert_eq!(refused, SpectrumError::Triangular { upper });
        }
        assert!(symmetrized(&dmatrix![1.0, 1.5; 1e-17, 1.0]).is_ok());
        assert!(symmetrized(&dmatrix![1.0, 0.0; 0.0, 1.0]).is_ok());
    }

    #[test]
    fn means_have_the_error_of_their_rounding() {
        assert_eq!(mean(1.0, 2.0), (1.5, 0.0));
        // 1 + 2⁻⁵³ is between two numbers, as far from either.
        let (half, error) = mean(1.0, 1.0_f64.next_up());
        assert!(half == 1.0 || half == 1.0_f64.next_up());
        assert_eq!(error, f64::EPSILON / 2.0);
        let (half, error) = mean(f64::MAX, f64::MAX / 2.0);
        assert!((half / f64::MAX - 0.75).abs() < 1e-15 && error < 1e-15 * half);
        let tiny = f64::from_bits(1);
        let (half, error) = mean(tiny, 0.0);
        assert!(half <= tiny && error >= tiny / 2.0 && error <= tiny);
    }

    #[test]
    fn the_largest_difference_is_named() {
        let a = dmatrix![1.0, 2.0, 3.0; 2.0, 5.0, 6.0; 3.5, 6.25, 9.0];
        let found = symmetrized(&a).unwrap();
        assert_eq!((found.pairs, found.largest, found.place), (2, 0.5, (0, 2)));
        assert_eq!(found.matrix, (&a + a.transpose()) / 2.0);
        assert_eq!(found.rounding, 0.0);
        let same = symmetrized(&found.matrix).unwrap();
        assert_eq!((same.pairs, same.largest), (0, 0.0));
        assert_eq!(same.matrix, found.matrix);
    }

    #[test]
    fn roundings_add_up_along_a_row() {
        let one = 1.0_f64.next_up();
        let a = dmatrix![1.0, 1.0, 1.0; one, 1.0, 1.0; one, 1.0, 1.0];
        let found = symmetrized(&a).unwrap();
        // Two halves of a last place in the first row.
        assert!(found.rounding >= f64::EPSILON && found.rounding < 1.001 * f64::EPSILON);
    }

    #[test]
    fn what_is_no_square_of_numbers_is_refused() {
        assert!(matches!(
            symmetrized(&DMatrix::zeros(2, 3)),
            Err(SpectrumError::NotSquare { .. })
        ));
        assert_eq!(
            symmetrized(&DMatrix::zeros(0, 0)),
            Err(SpectrumError::Empty)
        );
        assert!(matches!(
            symmetrized(&dmatrix![1.0, f64::NAN; 0.0, 1.0]),
            Err(SpectrumError::NonFinite {
                row: 0,
                column: 1,
                ..
            })
        ));
    }
}
