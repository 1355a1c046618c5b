//! Clouds of every kind.

use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How a cloud lies.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Uniform,
    /// Integers from 0 to 3: many ties and duplicates.
    Lattice,
    /// All atoms in one place.
    OnePlace,
    /// On a line through space.
    Collinear,
    /// A millionth wide, at a million.
    FarAway,
    /// A million wide.
    Huge,
    /// 1e-9 wide.
    Tiny,
    /// Two heaps far from each other.
    Heaps,
}

pub const KINDS: [Kind; 8] = [
    Kind::Uniform,
    Kind::Lattice,
    Kind::OnePlace,
    Kind::Collinear,
    Kind::FarAway,
    Kind::Huge,
    Kind::Tiny,
    Kind::Heaps,
];

pub fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Uniform in the unit cube.
pub fn uniform(p: usize, n: usize, rng: &mut ChaCha8Rng) -> DMatrix<f64> {
    DMatrix::from_fn(p, n, |_, _| rng.random())
}

pub fn cloud(kind: Kind, p: usize, n: usize, rng: &mut ChaCha8Rng) -> DMatrix<f64> {
    let mut points = uniform(p, n, rng);
    match kind {
        Kind::Uniform => points,
        Kind::Lattice => points.map(|x| (4.0 * x).floor()),
        Kind::OnePlace => DMatrix::from_fn(p, n, |i, _| points[(i, 0)]),
        Kind::Collinear => DMatrix::from_fn(p, n, |i, j| points[(0, j)] * (i + 1) as f64),
        Kind::FarAway => points.map(|x| 1e6 + 1e-6 * x),
        Kind::Huge => points * 1e6,
        Kind::Tiny => points * 1e-9,
        Kind::Heaps => {
            for (j, mut x) in points.column_iter_mut().enumerate() {
                x *= 1e-3;
                x[0] += (j % 2) as f64;
            }
            points
        }
    }
}
