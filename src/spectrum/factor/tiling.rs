//! How a matrix is cut into tiles.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// Square tiles of one side, those of the last row and column smaller if need be. Rows of tiles are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    order: usize,
    side: usize,
}

impl Tiling {
    /// Cuts a matrix of this order into tiles of this side; of a side beyond the order, into one.
    ///
    /// # Panics
    /// If one of the two is zero.
    #[must_use]
    pub fn new(order: usize, side: usize) -> Self {
        assert!(
            order > 0 && side > 0,
            "a matrix of order {order} in tiles of side {side}"
        );
        let side = side.min(order);
        Self { order, side }
    }

    /// The order of the matrix.
    #[must_use]
    pub fn order(self) -> usize {
        self.order
    }

    /// The side of a tile.
    #[must_use]
    pub fn side(self) -> usize {
        self.side
    }

    /// The number of rows of tiles, and of columns.
    #[must_use]
    pub fn rows(self) -> usize {
        self.order.div_ceil(self.side)
    }

    /// The rows of the matrix in a row of tiles.
    ///
    /// # Panics
    /// If there is no such row of tiles.
    #[must_use]
    pub fn range(self, row: usize) -> Range<usize> {
        assert!(
            row < self.rows(),
            "row {row} of {} rows of tiles",
            self.rows()
        );
        let start = row * self.side;
        start..start.saturating_add(self.side).min(self.order)
    }

    /// The products of tiles that a row of tiles costs.
    fn cost(row: usize) -> u64 {
        let row = row as u64;
        (row + 1) * (row + 2) / 2
    }

    /// Deals the rows of tiles to parts of nearly equal work: the next longest row to the part that has least. Returns
    /// those of part `index`, counted from 1, in order.
    ///
    /// # Example
    /// ```
    /// use polyak::spectrum::factor::Tiling;
    /// let tiling = Tiling::new(1000, 100);
    /// assert_eq!(tiling.deal(1, 2), [1, 3, 4, 6, 9]);
    /// assert_eq!(tiling.deal(2, 2), [0, 2, 5, 7, 8]);
    /// ```
    ///
    /// # Panics
    /// Unless `1 ≤ index ≤ count`.
    #[must_use]
    pub fn deal(self, index: u32, count: u32) -> Vec<usize> {
        assert!((1..=count).contains(&index), "part {index} of {count}");
        let rows = self.rows();
        // A part that comes after as many as there are rows has none.
        let parts = (count as usize).min(rows);
        // Work and number of every part, the least first; of equal work the first part.
        let mut parts: BinaryHeap<_> = (1..=parts).map(|part| Reverse((0, part))).collect();
        let mut mine = Vec::new();
        for row in (0..rows).rev() {
            let Some(mut least) = parts.peek_mut() else {
                break;
            };
            let Reverse((work, part)) = &mut *least;
            *work += Self::cost(row);
            if *part == index as usize {
                mine.push(row);
            }
        }
        mine.reverse();
        mine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of a file that nobody wrote.
    #[test]
    fn no_size_is_too_large() {
        let one = Tiling::new(3, usize::MAX);
        assert_eq!((one.side(), one.rows(), one.range(0)), (3, 1, 0..3));
        let two = Tiling::new(usize::MAX, usize::MAX - 1);
        assert_eq!(two.range(1), usize::MAX - 1..usize::MAX);
        // More parts than rows: one each, and none for the others.
        let few = Tiling::new(5, 2);
        let dealt = [1, 2, 3, 4, u32::MAX].map(|part| few.deal(part, u32::MAX));
        assert_eq!(dealt, [vec![2], vec![1], vec![0], vec![], vec![]]);
    }

    #[test]
    fn tiles_cover_the_matrix_once() {
        for (order, side) in [(1, 1), (1, 7), (10, 3), (12, 4), (13, 13), (5, 100)] {
            let tiling = Tiling::new(order, side);
            let covered: Vec<usize> = (0..tiling.rows())
                .flat_map(|row| tiling.range(row))
                .collect();
            assert_eq!(covered, (0..order).collect::<Vec<_>>());
            assert!((0..tiling.rows()).all(|row| tiling.range(row).len() <= side));
        }
    }

    /// No part has more than the mean and one longest row; every row is dealt once.
    #[test]
    fn parts_are_fair() {
        for rows in [1, 2, 5, 24, 118] {
            let tiling = Tiling::new(rows * 8, 8);
            for count in [1, 2, 3, 7, 200] {
                let parts: Vec<Vec<usize>> = (1..=count).map(|k| tiling.deal(k, count)).collect();
                let mut all = parts.concat();
                all.sort_unstable();
                assert_eq!(all, (0..rows).collect::<Vec<_>>());
                let work =
                    |part: &Vec<usize>| part.iter().map(|&row| Tiling::cost(row)).sum::<u64>();
                let total: u64 = parts.iter().map(work).sum();
                let longest = parts.iter().map(work).max().unwrap();
                assert!(longest <= total / u64::from(count) + Tiling::cost(rows - 1) + 1);
            }
        }
    }
}
