//! Copies the lower triangle of a matrix to the upper one, on all cores.

use rayon::prelude::*;

/// Side of a tile that is transposed within the cache, and columns of a task.
const TILE: usize = 32;

/// Copies the strict lower triangle of the `n × n` column-major matrix to the upper one.
pub(super) fn mirror_lower(entries: &mut [f64], n: usize) {
    if n > 0 {
        mirror(entries, n, 0);
    }
}

/// Handles the columns in `entries`, the first of which is column `first`: halves
/// them, copies from the left half to the rows of the right half above it, and
/// recurses into both.
fn mirror(entries: &mut [f64], n: usize, first: usize) {
    let columns = entries.len() / n;
    if columns <= TILE {
        for column in 1..columns {
            for row in 0..column {
                entries[column * n + first + row] = entries[row * n + first + column];
            }
        }
        return;
    }
    let half = (columns / 2).next_multiple_of(TILE);
    let (left, right) = entries.split_at_mut(half * n);
    let source: &[f64] = left;
    right
        .par_chunks_mut(TILE * n)
        .enumerate()
        .for_each(|(task, target)| {
            let start = first + half + task * TILE;
            for tile in (0..half).step_by(TILE) {
                for (column, target) in target.chunks_exact_mut(n).enumerate() {
                    for row in tile..(tile + TILE).min(half) {
                        target[first + row] = source[row * n + start + column];
                    }
                }
            }
        });
    rayon::join(|| mirror(left, n, first), || mirror(right, n, first + half));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_triangle_is_the_lower_one_at_every_size() {
        for n in [0usize, 1, 2, 31, 32, 33, 63, 64, 65, 96, 97, 130, 200] {
            let original: Vec<f64> = (0..n * n).map(|x| x as f64).collect();
            let mut entries = original.clone();
            mirror_lower(&mut entries, n);
            for column in 0..n {
                for row in 0..n {
                    let (low, high) = (row.max(column), row.min(column));
                    assert_eq!(entries[column * n + row], original[high * n + low], "{n}");
                }
            }
        }
    }
}
