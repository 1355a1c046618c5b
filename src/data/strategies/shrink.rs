//! Shrinking an instance by what it is made of.
//!
//! Entries drawn one by one would shrink one by one, and sizes not at all: what a
//! reader wants of a counterexample is first fewer samples, layers, frequencies
//! and dimensions *of the same numbers*, then zeros, then short decimals.

use super::super::{PointsSpec, ResidualSpec};
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// A strategy whose values shrink by dropping parts.
#[derive(Debug)]
pub(super) struct Shrinking<S>(pub S);

impl<T: Simplify, S: Strategy<Value = T>> Strategy for Shrinking<S> {
    type Tree = SpecTree<T>;
    type Value = T;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let spec = self.0.new_tree(runner)?.current();
        Ok(SpecTree {
            spec,
            before: None,
            next: 0,
            progress: false,
        })
    }
}

/// What an instance that shrinks must know.
pub(super) trait Simplify: Clone + std::fmt::Debug + PartialEq {
    /// Returns the instance after the move of this number: sizes first, then scalars, whole blocks to zero,
    /// single entries to zero, single entries to one decimal.
    fn simpler(&self, index: usize) -> Move<Self>;
}

/// An instance, and how far its simplification has come.
#[derive(Clone, Debug)]
pub(super) struct SpecTree<T> {
    spec: T,
    before: Option<T>,
    next: usize,
    progress: bool,
}

impl<T: Simplify> ValueTree for SpecTree<T> {
    type Value = T;

    fn current(&self) -> T {
        self.spec.clone()
    }

    /// Tries the next move. A move that is still in place when this is called again
    /// was accepted; after a whole pass without one, nothing is left to try.
    fn simplify(&mut self) -> bool {
        self.progress |= self.before.take().is_some();
        loop {
            match self.spec.simpler(self.next) {
                Move::To(spec) => {
                    self.next += 1;
                    if *spec != self.spec {
                        self.before = Some(std::mem::replace(&mut self.spec, *spec));
                        return true;
                    }
                }
                Move::Impossible => self.next += 1,
                Move::Exhausted if self.progress => (self.next, self.progress) = (0, false),
                Move::Exhausted => return false,
            }
        }
    }

    fn complicate(&mut self) -> bool {
        match self.before.take() {
            Some(spec) => {
                self.spec = spec;
                true
            }
            None => false,
        }
    }
}

/// A simplification.
pub(super) enum Move<T> {
    /// To this instance.
    To(Box<T>),
    /// There is nothing left to drop here.
    Impossible,
    /// There is no move of this number, nor of a larger one.
    Exhausted,
}

impl Simplify for PointsSpec {
    fn simpler(&self, index: usize) -> Move<Self> {
        let (samples, dimension) = (self.points.len(), self.points[0].len());
        let mut spec = self.clone();
        if index < samples + dimension {
            let (size, part) = match index.checked_sub(samples) {
                None => (samples, samples - 1 - index),
                Some(above) => (dimension, dimension - 1 - above),
            };
            if size == 1 {
                return Move::Impossible;
            }
            if index < samples {
                spec.points.remove(part);
            } else {
                spec.points.iter_mut().for_each(|point| {
                    point.remove(part);
                });
            }
            return Move::To(Box::new(spec));
        }
        match shortened(&mut [&mut spec.points], index - samples - dimension) {
            true => Move::To(Box::new(spec)),
            false => Move::Exhausted,
        }
    }
}

impl Simplify for ResidualSpec {
    fn simpler(&self, index: usize) -> Move<Self> {
        simpler(self, index)
    }
}

fn simpler(spec: &ResidualSpec, index: usize) -> Move<ResidualSpec> {
    let sizes = [
        spec.inputs.len(),
        spec.reference.len(),
        spec.frequencies.len(),
        spec.readout.len(),
        spec.lift.len(),
        spec.inputs[0].len(),
    ];
    let mut index = index;
    for (part, &size) in sizes.iter().enumerate() {
        if index < size {
            return if size > 1 {
                Move::To(Box::new(without(spec, part, size - 1 - index)))
            } else {
                Move::Impossible
            };
        }
        index -= size;
    }
    const SCALARS: usize = 4;
    if index < SCALARS {
        let mut spec = spec.clone();
        match index {
            0 => spec.displacement_stretch = 0.0,
            1 => spec.reference_stretch = 0.0,
            2 => spec.steps = 1,
            _ => spec.step_margin = 0.5,
        }
        return Move::To(Box::new(spec));
    }
    index -= SCALARS;
    if index < BLOCKS {
        let mut spec = spec.clone();
        block(&mut spec, index)
            .iter_mut()
            .flatten()
            .for_each(|x| *x = 0.0);
        return Move::To(Box::new(spec));
    }
    index -= BLOCKS;
    let mut spec = spec.clone();
    let blocks = &mut [
        &mut spec.displacement,
        &mut spec.reference,
        &mut spec.targets,
        &mut spec.inputs,
        &mut spec.frequencies,
        &mut spec.lift,
        &mut spec.readout,
    ];
    match shortened(blocks, index) {
        true => Move::To(Box::new(spec)),
        false => Move::Exhausted,
    }
}

/// Sets one of all entries to zero; after all of them, one to one decimal. Tells whether there is one of this number.
fn shortened(blocks: &mut [&mut Vec<Vec<f64>>], index: usize) -> bool {
    let mut entries: Vec<&mut f64> = blocks
        .iter_mut()
        .flat_map(|block| block.iter_mut().flatten())
        .collect();
    let count = entries.len();
    let Some(entry) = entries.get_mut(index % count.max(1)) else {
        return false;
    };
    match index / count {
        0 => **entry = 0.0,
        1 => **entry = (**entry * 10.0).round() / 10.0,
        _ => return false,
    }
    true
}

const BLOCKS: usize = 7;

fn block(spec: &mut ResidualSpec, index: usize) -> &mut Vec<Vec<f64>> {
    match index {
        0 => &mut spec.displacement,
        1 => &mut spec.reference,
        2 => &mut spec.targets,
        3 => &mut spec.inputs,
        4 => &mut spec.frequencies,
        5 => &mut spec.lift,
        _ => &mut spec.readout,
    }
}

/// Drops sample, layer, frequency, output, state coordinate or input coordinate `i`.
fn without(spec: &ResidualSpec, part: usize, i: usize) -> ResidualSpec {
    let mut spec = spec.clone();
    let (m, q) = (spec.frequencies.len(), spec.lift.len());
    let drop_column = |rows: &mut Vec<Vec<f64>>| {
        for row in rows {
            row.remove(i);
        }
    };
    // A layer is q rows of 2m numbers; keeps those whose (row, column) satisfy a condition.
    let mut keep = |condition: &dyn Fn(usize, usize) -> bool| {
        for layer in spec.reference.iter_mut().chain(&mut spec.displacement) {
            let mut position = 0..q * 2 * m;
            layer.retain(|_| {
                let at = position.next().expect("one position a number");
                condition(at / (2 * m), at % (2 * m))
            });
        }
    };
    match part {
        0 => {
            spec.inputs.remove(i);
            spec.targets.remove(i);
        }
        1 => {
            spec.reference.remove(i);
            spec.displacement.remove(i);
        }
        2 => {
            keep(&|_, column| column % m != i);
            spec.frequencies.remove(i);
        }
        3 => {
            spec.readout.remove(i);
            drop_column(&mut spec.targets);
        }
        4 => {
            keep(&|row, _| row != i);
            spec.lift.remove(i);
            drop_column(&mut spec.readout);
            drop_column(&mut spec.frequencies);
        }
        _ => {
            drop_column(&mut spec.inputs);
            drop_column(&mut spec.lift);
        }
    }
    spec
}
