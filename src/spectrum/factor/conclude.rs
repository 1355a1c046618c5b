//! What all parts prove together.

use super::{FactorError, FactorPart, RowDigest, TileBounds, Tiling, norm};
use crate::arithmetic::{enlarged, gamma};
use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// A proved interval for the smallest eigenvalue, and what it is made of.
///
/// # Guarantee
/// `lo ≤ λ_min ≤ hi` for the exact matrix: `lo = shift − (residual + rounding + entries)`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FactorBound {
    /// The eigenvalue is at least this.
    pub lo: f64,
    /// The eigenvalue is at most this.
    pub hi: f64,
    /// The shift.
    pub shift: f64,
    /// The bound of the residual as computed, in the 2-norm.
    pub residual: f64,
    /// What rounding adds to it.
    pub rounding: f64,
    /// What the entries of the matrix, as computed, are off by, in the 2-norm.
    pub entries: f64,
}

impl FactorBound {
    /// Tells whether the eigenvalue is proved positive.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.lo > 0.0
    }
}

/// Adds the parts of a proof up.
///
/// # Guarantee
/// The same bytes however the rows were dealt. The 2-norm of the residual is at most that of the matrix of its tiles' norms; every
/// entry as computed is off by `γ(|c| + Σ|l||l|)`, which is at most `γ(‖K − sI‖_F + ‖L‖_F²)` in the norm, of `b + m + 4` roundings with `m` rows
/// of tiles of side `b` (one less in f32, whose products are exact).
///
/// # Errors
/// [`FactorError::Mixed`] for parts of different proofs, [`FactorError::Missing`] and [`FactorError::Twice`] for rows that no
/// part proves, or two, [`FactorError::Contradiction`] for bounds that cannot both be.
pub fn conclude(parts: &[FactorPart]) -> Result<FactorBound, FactorError> {
    let Some(first) = parts.first() else {
        return Err(FactorError::Missing { row: 0, rows: 1 });
    };
    agree(parts, first)?;
    let tiling = Tiling::new(first.order, first.side);
    let tiles = whole(parts, tiling)?;
    let rows = tiling.rows();
    let mut norms = DMatrix::zeros(rows, rows);
    let (mut matrix_squares, mut factor_squares) = (0.0, 0.0);
    let mut least = f64::INFINITY;
    for tile in tiles.values() {
        let (row, column) = (tile.row, tile.column);
        norms[(row, column)] = tile.residual;
        norms[(column, row)] = tile.residual;
        let times = if row == column { 1.0 } else { 2.0 };
        matrix_squares += times * tile.matrix_squares;
        factor_squares += tile.factor_squares;
        if let Some(entry) = tile.least_diagonal {
            least = least.min(entry);
        }
    }
    let additions = 2 * tiles.len() + 2;
    let matrix_norm = enlarged(matrix_squares, additions).sqrt().next_up();
    let factor_squares = enlarged(factor_squares, additions);
    let roundings = tiling.side() + rows + 4 - usize::from(first.single);
    // Products of numbers that underflow are off by 2^{−1075} each, N of them an entry.
    let underflow = first.order as f64 * first.order as f64 * f64::MIN_POSITIVE;
    let rounding = gamma(roundings) * (matrix_norm + factor_squares).next_up() + underflow;
    let rounding = enlarged(rounding, 4).next_up();
    let residual = norm::of_symmetric(&norms);
    let entries = first.entries_error;
    let total = ((residual + rounding).next_up() + entries).next_up();
    let diagonal = (least + entries).next_up();
    let quotients = parts.iter().filter_map(|part| part.upper);
    let hi = quotients.fold(diagonal, f64::min);
    let lo = (first.shift - total).next_down();
    if lo > hi {
        return Err(FactorError::Contradiction { lo, hi });
    }
    Ok(FactorBound {
        lo,
        hi,
        shift: first.shift,
        residual,
        rounding,
        entries,
    })
}

/// Puts the parts of a proof into one, whose bytes do not depend on how the rows were dealt.
///
/// # Errors
/// Those of [`conclude`].
pub fn join(parts: &[FactorPart]) -> Result<FactorPart, FactorError> {
    let Some(first) = parts.first() else {
        return Err(FactorError::Missing { row: 0, rows: 1 });
    };
    let factor = agree(parts, first)?;
    let tiles = whole(parts, Tiling::new(first.order, first.side))?;
    let uppers = parts.iter().filter_map(|part| part.upper);
    let digests = factor.into_iter();
    Ok(FactorPart {
        upper: uppers.reduce(f64::min),
        factor: digests
            .map(|(row, digest)| RowDigest {
                row,
                digest: digest.to_owned(),
            })
            .collect(),
        tiles: tiles.into_values().cloned().collect(),
        ..first.clone()
    })
}

/// Parts are of one proof; returns the rows of the factor that they read.
fn agree<'a>(
    parts: &'a [FactorPart],
    first: &FactorPart,
) -> Result<BTreeMap<usize, &'a str>, FactorError> {
    if !parts.iter().all(is_possible) {
        return Err(FactorError::Damaged);
    }
    let mut factor: BTreeMap<usize, &str> = BTreeMap::new();
    for part in parts {
        let same = [
            (
                "the matrix",
                part.matrix == first.matrix && part.order == first.order,
            ),
            (
                "the bound of its entries",
                part.entries_error.to_bits() == first.entries_error.to_bits(),
            ),
            ("the side of the tiles", part.side == first.side),
            ("the shift", part.shift.to_bits() == first.shift.to_bits()),
            ("the precision of the factor", part.single == first.single),
        ];
        if let Some((what, _)) = same.into_iter().find(|(_, same)| !same) {
            return Err(FactorError::Mixed { what });
        }
        for RowDigest { row, digest } in &part.factor {
            if *factor.entry(*row).or_insert(digest) != digest {
                return Err(FactorError::Mixed { what: "the factor" });
            }
        }
    }
    Ok(factor)
}

/// Orders are not zero, and bounds are bounds.
fn is_possible(part: &FactorPart) -> bool {
    part.order > 0
        && part.side > 0
        && part.shift.is_finite()
        && part.entries_error.is_finite()
        && part.entries_error >= 0.0
        && part.upper.is_none_or(f64::is_finite)
}

/// Every tile once, in order.
fn whole(
    parts: &[FactorPart],
    tiling: Tiling,
) -> Result<BTreeMap<(usize, usize), &TileBounds>, FactorError> {
    let mut tiles = BTreeMap::new();
    for tile in parts.iter().flat_map(|part| &part.tiles) {
        let row = tile.row;
        if tile.column > row || row >= tiling.rows() || !is_sane(tile) {
            return Err(FactorError::Partial { row });
        }
        if tiles.insert((row, tile.column), tile).is_some() {
            return Err(FactorError::Twice { row });
        }
    }
    let rows = tiling.rows();
    for row in 0..rows {
        let found = (0..=row).filter(|&column| tiles.contains_key(&(row, column)));
        match found.count() {
            0 => return Err(FactorError::Missing { row, rows }),
            some if some <= row => return Err(FactorError::Partial { row }),
            _ => {}
        }
    }
    Ok(tiles)
}

/// Norms and squares are not negative, and a tile on the diagonal has one.
fn is_sane(tile: &TileBounds) -> bool {
    let bounds = [tile.residual, tile.matrix_squares, tile.factor_squares];
    let on_diagonal = tile.row == tile.column;
    bounds.iter().all(|x| x.is_finite() && *x >= 0.0)
        && tile.least_diagonal.is_some_and(f64::is_finite) == on_diagonal
}
