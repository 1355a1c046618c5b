//! The two inner loops of the solver: over the columns of one row, in lanes that the compiler
//! turns into vectors inside `pulp`'s dispatch.

/// Independent running minima; two vectors of AVX-512, four of AVX2.
const LANES: usize = 8;

/// The smallest of a row's entries `c_j − v_j`, its column, and the second smallest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TwoSmallest {
    pub(super) smallest: f64,
    pub(super) column: usize,
    /// Infinite if there is one column alone.
    pub(super) second: f64,
}

/// Eight numbers of a slice.
#[inline(always)]
fn lanes<T: Copy>(values: &[T], block: usize) -> [T; LANES] {
    let block = &values[block * LANES..(block + 1) * LANES];
    block.try_into().expect("a block is as long as the lanes")
}

/// Returns the two smallest of `costs − potentials`.
#[inline(always)]
pub(super) fn two_smallest(costs: &[f64], potentials: &[f64]) -> TwoSmallest {
    let n = costs.len();
    let potentials = &potentials[..n];
    let (mut first, mut second) = ([f64::INFINITY; LANES], [f64::INFINITY; LANES]);
    let mut place = [0u64; LANES];
    let blocks = n / LANES;
    for block in 0..blocks {
        let (c, v) = (lanes(costs, block), lanes(potentials, block));
        for l in 0..LANES {
            let x = c[l] - v[l];
            let less = x < first[l];
            let larger = if less { first[l] } else { x };
            second[l] = second[l].min(larger);
            place[l] = if less { block as u64 } else { place[l] };
            first[l] = if less { x } else { first[l] };
        }
    }
    let mut found = TwoSmallest {
        smallest: f64::INFINITY,
        column: 0,
        second: f64::INFINITY,
    };
    for l in 0..LANES {
        found.meet(first[l], place[l] as usize * LANES + l);
        found.second = found.second.min(second[l]);
    }
    for j in blocks * LANES..n {
        found.meet(costs[j] - potentials[j], j);
    }
    found
}

impl TwoSmallest {
    #[inline(always)]
    fn meet(&mut self, x: f64, column: usize) {
        if x < self.smallest {
            self.second = self.smallest;
            (self.smallest, self.column) = (x, column);
        } else {
            self.second = self.second.min(x);
        }
    }
}

/// What a search for a shortest path knows of every column.
pub(super) struct Front {
    /// The length of the shortest path found so far; infinite once the column is closed.
    pub(super) distances: Vec<f64>,
    /// The row from which that path arrives.
    pub(super) from: Vec<u64>,
    /// The potentials; −∞ once the column is closed, so that no path leads there any more.
    pub(super) open: Vec<f64>,
}

/// Lets paths go on from `row`, where an entry has the length `c_j − v_j + shift`, and returns
/// the nearest open column with its distance.
#[inline(always)]
pub(super) fn relax(costs: &[f64], shift: f64, row: usize, front: &mut Front) -> (f64, usize) {
    let n = costs.len();
    let row = row as u64;
    let (distances, from) = (&mut front.distances[..n], &mut front.from[..n]);
    let open = &front.open[..n];
    let (mut nearest, mut place) = ([f64::INFINITY; LANES], [0u64; LANES]);
    let blocks = n / LANES;
    for block in 0..blocks {
        let (c, v) = (lanes(costs, block), lanes(open, block));
        let range = block * LANES..(block + 1) * LANES;
        let d: &mut [f64; LANES] = (&mut distances[range.clone()]).try_into().expect("a block");
        let p: &mut [u64; LANES] = (&mut from[range]).try_into().expect("a block");
        for l in 0..LANES {
            let x = (c[l] - v[l]) + shift;
            let shorter = x < d[l];
            let y = if shorter { x } else { d[l] };
            d[l] = y;
            p[l] = if shorter { row } else { p[l] };
            let nearer = y < nearest[l];
            nearest[l] = if nearer { y } else { nearest[l] };
            place[l] = if nearer { block as u64 } else { place[l] };
        }
    }
    let (mut best, mut column) = (f64::INFINITY, 0);
    for l in 0..LANES {
        if nearest[l] < best {
            (best, column) = (nearest[l], place[l] as usize * LANES + l);
        }
    }
    for j in blocks * LANES..n {
        let x = (costs[j] - open[j]) + shift;
        if x < distances[j] {
            (distances[j], from[j]) = (x, row);
        }
        if distances[j] < best {
            (best, column) = (distances[j], j);
        }
    }
    (best, column)
}

/// Returns the smallest distance and its column.
#[inline(always)]
pub(super) fn nearest(distances: &[f64]) -> (f64, usize) {
    let (mut least, mut place) = ([f64::INFINITY; LANES], [0u64; LANES]);
    let blocks = distances.len() / LANES;
    for block in 0..blocks {
        let d = lanes(distances, block);
        for l in 0..LANES {
            let nearer = d[l] < least[l];
            least[l] = if nearer { d[l] } else { least[l] };
            place[l] = if nearer { block as u64 } else { place[l] };
        }
    }
    let mut best = (f64::INFINITY, 0);
    for l in 0..LANES {
        if least[l] < best.0 {
            best = (least[l], place[l] as usize * LANES + l);
        }
    }
    for j in blocks * LANES..distances.len() {
        if distances[j] < best.0 {
            best = (distances[j], j);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    fn fixed() -> ProptestConfig {
        ProptestConfig {
            rng_seed: RngSeed::Fixed(11),
            failure_persistence: None,
            cases: 512,
            ..ProptestConfig::default()
        }
    }

    /// Few values, so that ties are common; lengths around the number of lanes.
    fn row() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
        let value = prop_oneof![(-3..4i32).prop_map(f64::from), -3.0..3.0f64];
        (1..40usize).prop_flat_map(move |n| {
            let values = prop::collection::vec(value.clone(), n);
            (values.clone(), values)
        })
    }

    proptest! {
        #![proptest_config(fixed())]

        #[test]
        fn two_smallest_are_those_of_the_sorted_row((costs, potentials) in row()) {
            let mut reduced: Vec<f64> = costs.iter().zip(&potentials).map(|(c, v)| c - v).collect();
            let found = two_smallest(&costs, &potentials);
            prop_assert_eq!(reduced[found.column], found.smallest);
            reduced.sort_by(f64::total_cmp);
            prop_assert_eq!(found.smallest, reduced[0]);
            prop_assert_eq!(found.second, reduced.get(1).copied().unwrap_or(f64::INFINITY));
        }

        #[test]
        fn relaxing_keeps_the_shorter_path(
            (costs, potentials) in row(), shift in -2.0..2.0f64, closed in 0..40usize,
            known in prop::collection::vec(-4.0..4.0f64, 40),
        ) {
            let n = costs.len();
            let mut front = Front {
                distances: known[..n].to_vec(),
                from: vec![7; n],
                open: potentials.clone(),
            };
            if closed < n && n > 1 {
                (front.distances[closed], front.open[closed]) = (f64::INFINITY, f64::NEG_INFINITY);
            }
            let (nearest, column) = relax(&costs, shift, 3, &mut front);
            for j in 0..n {
                let length = (costs[j] - potentials[j]) + shift;
                let expected = match j {
                    _ if j == closed && n > 1 => (f64::INFINITY, 7),
                    _ if length < known[j] => (length, 3),
                    _ => (known[j], 7),
                };
                prop_assert_eq!((front.distances[j], front.from[j]), expected);
            }
            let least = front.distances.iter().copied().fold(f64::INFINITY, f64::min);
            prop_assert_eq!((nearest, front.distances[column]), (least, least));
            let (again, place) = super::nearest(&front.distances);
            prop_assert_eq!((again, front.distances[place]), (least, least));
        }
    }
}
