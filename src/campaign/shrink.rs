//! Shrinking a specification: fewer dimensions first, then simpler numbers.
//!
//! The value trees of `proptest` shrink the numbers drawn last before the sizes
//! drawn first, hence run out of steps long before an instance has become
//! small. A specification is its own shrinker: remove a sample, a layer, a
//! frequency, a coordinate; then set numbers to zero or round them.

use crate::data::InstanceSpec;
use crate::kernel::{Gaussian, KernelSpec};

/// The most instances that a shrink checks.
pub const SHRINK_STEPS: usize = 1024;

/// Returns a simpler specification that still fails, checking at most
/// [`SHRINK_STEPS`] others; the given one if none simpler fails.
///
/// # Guarantee
/// Unless the steps run out, removing any one sample, layer, frequency or
/// coordinate of what is returned, or setting one number to zero, gives
/// a specification that does not fail (or is no instance).
///
/// # Panics
/// When the rows of a matrix, or the layers, differ in length.
///
/// # Example
/// ```
/// use polyak::campaign::shrink;
/// use polyak::data::strategies::general;
/// use proptest::strategy::{Strategy, ValueTree};
/// use proptest::test_runner::TestRunner;
/// let drawn = general().new_tree(&mut TestRunner::deterministic())?.current();
/// let deep = |depth: usize| shrink(&drawn, move |spec| spec.reference.len() >= depth);
/// assert_eq!(deep(1).reference, [[0.0, 0.0]]);
/// # Ok::<(), proptest::test_runner::Reason>(())
/// ```
pub fn shrink(spec: &InstanceSpec, fails: impl Fn(&InstanceSpec) -> bool) -> InstanceSpec {
    let mut search = Search {
        best: spec.clone(),
        steps: 0,
        fails,
    };
    while search.smaller() | search.simpler() {}
    search.best
}

struct Search<F> {
    best: InstanceSpec,
    steps: usize,
    fails: F,
}

/// Removes element `i` of a dimension.
type Removal = fn(&mut InstanceSpec, usize);

/// Every dimension: its size and how to make it smaller.
const DIMENSIONS: [(fn(&InstanceSpec) -> usize, Removal); 6] = [
    (|spec| spec.inputs.len(), remove_sample),
    (|spec| spec.reference.len(), remove_layer),
    (|spec| spec.frequencies.len(), remove_frequency),
    (|spec| spec.targets[0].len(), remove_output),
    (|spec| spec.inputs[0].len(), remove_input),
    (|spec| spec.lift.len(), remove_state),
];

impl<F: Fn(&InstanceSpec) -> bool> Search<F> {
    /// Takes the candidate if it differs and fails; tells whether it did.
    fn offer(&mut self, change: impl FnOnce(&mut InstanceSpec)) -> bool {
        let mut candidate = self.best.clone();
        change(&mut candidate);
        if self.steps >= SHRINK_STEPS || candidate == self.best {
            return false;
        }
        self.steps += 1;
        let taken = (self.fails)(&candidate);
        if taken {
            self.best = candidate;
        }
        taken
    }

    fn smaller(&mut self) -> bool {
        let mut any = false;
        for (size, remove) in DIMENSIONS {
            for i in (0..size(&self.best)).rev() {
                if size(&self.best) > 1 {
                    any |= self.offer(|spec| remove(spec, i));
                }
            }
        }
        any
    }

    fn simpler(&mut self) -> bool {
        let unit = Gaussian::try_new(1.0).expect("a positive bandwidth");
        let mut any = self.offer(|spec| spec.kernel = KernelSpec::from(unit));
        any |= self.offer(|spec| spec.loss_share = None);
        any |= self.offer(|spec| spec.steps = 1) || self.offer(|spec| spec.steps /= 2);
        any |= self.offer(|spec| spec.step_margin = 0.5);
        any |= self.offer(|spec| spec.reference_stretch = 0.0);
        any |= self.offer(|spec| spec.displacement_stretch = 0.0);
        // Whole matrices first.
        for matrix in 0..matrices(&mut self.best).len() {
            any |= self.offer(|spec| matrices(spec)[matrix].iter_mut().flatten().for_each(zero));
        }
        let values: Vec<f64> = numbers(&mut self.best).into_iter().map(|x| *x).collect();
        for (number, &value) in values.iter().enumerate() {
            any |= [0.0, rounded(value, 1), rounded(value, 2)]
                .into_iter()
                .any(|simple| self.offer(|spec| *numbers(spec)[number] = simple));
        }
        any
    }
}

fn zero(number: &mut f64) {
    *number = 0.0;
}

/// The number with so many significant digits; itself if it has no more.
fn rounded(number: f64, digits: usize) -> f64 {
    let text = format!("{number:.*e}", digits - 1);
    text.parse().expect("a number as written")
}

fn matrices(spec: &mut InstanceSpec) -> [&mut Vec<Vec<f64>>; 7] {
    [
        &mut spec.displacement,
        &mut spec.reference,
        &mut spec.targets,
        &mut spec.inputs,
        &mut spec.frequencies,
        &mut spec.lift,
        &mut spec.readout,
    ]
}

/// Every number of the matrices.
fn numbers(spec: &mut InstanceSpec) -> Vec<&mut f64> {
    matrices(spec).into_iter().flatten().flatten().collect()
}

fn remove_column(rows: &mut [Vec<f64>], column: usize) {
    for row in rows {
        row.remove(column);
    }
}

fn remove_sample(spec: &mut InstanceSpec, i: usize) {
    spec.inputs.remove(i);
    spec.targets.remove(i);
}

fn remove_layer(spec: &mut InstanceSpec, k: usize) {
    spec.reference.remove(k);
    spec.displacement.remove(k);
}

fn remove_output(spec: &mut InstanceSpec, a: usize) {
    remove_column(&mut spec.targets, a);
    spec.readout.remove(a);
}

fn remove_input(spec: &mut InstanceSpec, a: usize) {
    remove_column(&mut spec.inputs, a);
    remove_column(&mut spec.lift, a);
}

/// Keeps the numbers `(row, column)` of every layer that are wanted, each row `columns` long.
fn keep(spec: &mut InstanceSpec, columns: usize, wanted: impl Fn(usize, usize) -> bool) {
    for layer in spec.reference.iter_mut().chain(&mut spec.displacement) {
        let mut index = 0;
        layer.retain(|_| {
            let kept = wanted(index / columns, index % columns);
            index += 1;
            kept
        });
    }
}

/// Frequency `j` of `m` has the features `j`, a cosine, and `m + j`, a sine.
fn remove_frequency(spec: &mut InstanceSpec, j: usize) {
    let count = spec.frequencies.len();
    keep(spec, 2 * count, |_, column| column % count != j);
    spec.frequencies.remove(j);
}

fn remove_state(spec: &mut InstanceSpec, a: usize) {
    keep(spec, 2 * spec.frequencies.len(), |row, _| row != a);
    remove_column(&mut spec.frequencies, a);
    remove_column(&mut spec.readout, a);
    spec.lift.remove(a);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::Instance;
    use std::cell::Cell;

    /// Two samples, layers, frequencies, outputs, inputs and three coordinates of
    /// the state, every number telling where it is.
    fn spec() -> InstanceSpec {
        let rows = |start: usize, rows: usize, columns: usize| -> Vec<Vec<f64>> {
            let entry = |i, j| (100 * start + 10 * i + j) as f64 + 0.123;
            (0..rows)
                .map(|i| (0..columns).map(|j| entry(i, j)).collect())
                .collect()
        };
        InstanceSpec {
            kernel: "matern52:0.3".parse().unwrap(),
            inputs: rows(1, 2, 2),
            targets: rows(2, 2, 2),
            frequencies: rows(3, 2, 3),
            lift: rows(4, 3, 2),
            readout: rows(5, 2, 3),
            reference: rows(6, 2, 12),
            displacement: rows(7, 2, 12),
            reference_stretch: 0.2,
            displacement_stretch: 0.3,
            step_margin: 0.7,
            steps: 9,
            loss_share: Some(0.25),
        }
    }

    #[test]
    fn what_always_fails_shrinks_to_nothing() {
        let small = shrink(&spec(), |_| true);
        for (size, _) in DIMENSIONS {
            assert_eq!(size(&small), 1);
        }
        let zero = vec![vec![0.0]];
        assert_eq!(
            small,
            InstanceSpec {
                kernel: "gaussian:1.0".parse().unwrap(),
                inputs: zero.clone(),
                targets: zero.clone(),
                frequencies: zero.clone(),
                lift: zero.clone(),
                readout: zero,
                reference: vec![vec![0.0; 2]],
                displacement: vec![vec![0.0; 2]],
                reference_stretch: 0.0,
                displacement_stretch: 0.0,
                step_margin: 0.5,
                steps: 1,
                loss_share: None,
            }
        );
    }

    #[test]
    fn what_never_fails_again_stays() {
        assert_eq!(shrink(&spec(), |_| false), spec());
    }

    #[test]
    fn every_dimension_alone_can_be_removed_and_leaves_an_instance() {
        for (which, (size, remove)) in DIMENSIONS.into_iter().enumerate() {
            for i in 0..2 {
                let mut smaller = spec();
                remove(&mut smaller, i);
                let sizes = DIMENSIONS.map(|(size, _)| size(&smaller));
                let mut expected = DIMENSIONS.map(|(size, _)| size(&spec()));
                expected[which] -= 1;
                assert_eq!(sizes, expected);
                // The readout of a network has no more rows than columns.
                Instance::from_spec(&smaller).unwrap();
                assert_eq!(size(&smaller), expected[which]);
            }
        }
    }

    #[test]
    fn removals_take_the_numbers_that_belong_to_the_index() {
        let mut smaller = spec();
        remove_frequency(&mut smaller, 1);
        let first = [600.123, 602.123, 604.123, 606.123, 608.123, 610.123];
        assert_eq!(smaller.reference[0], first);
        assert_eq!(smaller.frequencies, [spec().frequencies[0].clone()]);

        let mut smaller = spec();
        remove_state(&mut smaller, 1);
        let row = spec().displacement[1].clone();
        assert_eq!(smaller.displacement[1], [&row[..4], &row[8..]].concat());
        assert_eq!(smaller.frequencies[1], [310.123, 312.123]);
        assert_eq!(smaller.readout[0], [500.123, 502.123]);
        assert_eq!(smaller.lift[1], [420.123, 421.123]);

        let mut smaller = spec();
        remove_sample(&mut smaller, 0);
        assert_eq!(
            (smaller.inputs[0][0], smaller.targets[0][0]),
            (110.123, 210.123)
        );
        remove_output(&mut smaller, 0);
        assert_eq!(
            (smaller.targets[0][0], smaller.readout[0][0]),
            (211.123, 510.123)
        );
        remove_input(&mut smaller, 0);
        assert_eq!(
            (smaller.inputs[0][0], smaller.lift[2][0]),
            (111.123, 421.123)
        );
        remove_layer(&mut smaller, 0);
        assert_eq!(
            (smaller.reference[0][0], smaller.displacement[0][0]),
            (610.123, 710.123)
        );
    }

    #[test]
    fn what_is_needed_is_kept_and_rounded() {
        let small = shrink(&spec(), |spec| {
            let steps = spec.steps >= 3 && spec.loss_share.is_some();
            steps && spec.targets.iter().any(|row| row[0] > 209.0) && spec.step_margin > 0.6
        });
        assert_eq!((small.steps, small.loss_share), (4, Some(0.25)));
        assert_eq!(small.step_margin, 0.7);
        assert_eq!(small.targets, [[210.0]]);
        assert_eq!(small.inputs, [[0.0]]);
    }

    #[test]
    fn a_shrink_ends() {
        let calls = Cell::new(0);
        // A number that can always be rounded further would go on for ever.
        let mut large = spec();
        large.displacement = vec![vec![1.234; 12]; 400];
        large.reference = large.displacement.clone();
        let small = shrink(&large, |spec| {
            calls.set(calls.get() + 1);
            spec.reference.len() == 400 && spec.displacement.iter().flatten().all(|x| *x > 1.0)
        });
        assert_eq!(calls.get(), SHRINK_STEPS);
        assert_eq!(small.reference.len(), 400);
    }

    #[test]
    fn numbers_are_rounded_in_decimals() {
        assert_eq!([rounded(0.0372, 1), rounded(0.0372, 2)], [0.04, 0.037]);
        assert_eq!(rounded(-1234.5, 1), -1000.0);
        assert_eq!(rounded(0.0, 1), 0.0);
    }
}
