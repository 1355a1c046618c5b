//! What the tests share: small networks, numbers of twice the precision, and
//! the Jacobian of a network by dual numbers.

use super::reference::{Layers, feature_vector, lift};
use super::{ResNet, Tape, Weights};
use crate::arithmetic::{Dual, Real};
use crate::features::FourierFeatures;
use nalgebra::DMatrix;
use std::ops::{Add, Mul, Neg, Sub};

/// Numbers in [−1, 1] of both signs, without a pattern.
pub(crate) fn chirp(start: usize, rows: usize, columns: usize) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |i, j| {
        ((start + 3 * i + 7 * j + 1) as f64).powi(2).sin()
    })
}

/// A network, weights and data.
#[derive(Clone)]
pub(crate) struct Case {
    pub network: ResNet,
    pub weights: Weights,
    pub inputs: DMatrix<f64>,
    pub targets: DMatrix<f64>,
}

impl Case {
    /// Dense chirps of all shapes: `d, q, d', m, D, N`.
    pub fn new([d, q, outputs, m, depth, samples]: [usize; 6], seed: usize) -> Self {
        let features = FourierFeatures::try_new(chirp(seed, q, m) * 1.5).unwrap();
        let network = ResNet::try_new(
            chirp(seed + 1, q, d),
            chirp(seed + 2, outputs, q),
            features,
            depth,
        );
        let layers = (0..depth).map(|k| chirp(seed + 3 + 11 * k, q, 2 * m) * 0.5);
        Self {
            network: network.unwrap(),
            weights: Weights::from_layers(layers.collect()),
            inputs: chirp(seed + 4, d, samples),
            targets: chirp(seed + 5, outputs, samples),
        }
    }

    /// One number of everything: `q = m = D = N = d = d' = 1`.
    pub fn line(
        frequency: f64,
        lift: f64,
        readout: f64,
        weights: [f64; 2],
        x: f64,
        y: f64,
    ) -> Self {
        let number = |x: f64| DMatrix::from_element(1, 1, x);
        let features = FourierFeatures::try_new(number(frequency)).unwrap();
        Self {
            network: ResNet::try_new(number(lift), number(readout), features, 1).unwrap(),
            weights: Weights::from_layers(vec![DMatrix::from_row_slice(1, 2, &weights)]),
            inputs: number(x),
            targets: number(y),
        }
    }

    /// Returns the tape after a forward and a backward pass.
    pub fn tape(&self) -> Tape {
        let mut tape = Tape::new(&self.network, self.inputs.ncols());
        tape.forward(&self.network, &self.weights, &self.inputs, &self.targets);
        tape.backward(&self.network, &self.weights);
        tape
    }
}

/// `z + D⁻¹Wφ(z)`, written out.
fn layer<T: Real>(network: &ResNet, rows: &[Vec<T>], state: &[T]) -> Vec<T> {
    let depth = network.depth() as f64;
    let step = T::reciprocal_root(depth * depth);
    let features = feature_vector(network.features(), state);
    let moved = state.iter().zip(rows).map(|(&z, row)| {
        let terms = row.iter().zip(&features);
        z + step * terms.fold(T::from(0.0), |sum, (&w, &phi)| sum + w * phi)
    });
    moved.collect()
}

/// Returns `∂z_D/∂z_from` (row `a`, column `b`) at a given state `z_from`.
pub(crate) fn jacobian<T: Real>(
    network: &ResNet,
    layers: &Layers<T>,
    from: usize,
    state: &[T],
) -> Vec<Vec<T>> {
    let q = state.len();
    let constant = |x: T| Dual::new(x, T::from(0.0));
    let mut matrix = vec![vec![T::from(0.0); q]; q];
    for b in 0..q {
        let direction = |a: usize| T::from(if a == b { 1.0 } else { 0.0 });
        let mut z: Vec<Dual<T>> = (0..q).map(|a| Dual::new(state[a], direction(a))).collect();
        for rows in &layers[from..] {
            let rows: Vec<Vec<Dual<T>>> = rows
                .iter()
                .map(|row| row.iter().map(|&w| constant(w)).collect())
                .collect();
            z = layer(network, &rows, &z);
        }
        for a in 0..q {
            matrix[a][b] = z[a].derivative;
        }
    }
    matrix
}

/// Weights in doubled precision.
pub(crate) fn doubled(weights: &Weights) -> Layers<Double> {
    lift(weights, Double::from)
}

/// An unevaluated sum of two f64: about 31 digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Double {
    hi: f64,
    lo: f64,
}

/// π/2 in three pieces.
const QUARTER: [f64; 3] = [
    std::f64::consts::FRAC_PI_2,
    6.123_233_995_736_766e-17,
    -1.497_384_904_859_183_3e-33,
];

impl Double {
    /// Knuth's sum without error.
    fn sum(a: f64, b: f64) -> Self {
        let hi = a + b;
        let virtual_b = hi - a;
        Self {
            hi,
            lo: (a - (hi - virtual_b)) + (b - virtual_b),
        }
    }

    fn product(a: f64, b: f64) -> Self {
        let hi = a * b;
        Self {
            hi,
            lo: a.mul_add(b, -hi),
        }
    }

    fn over(self, n: f64) -> Self {
        let first = self.hi / n;
        let rest = self - Self::product(first, n);
        Self::sum(first, rest.hi / n)
    }

    /// Rounds to f64.
    pub fn value(self) -> f64 {
        self.hi + self.lo
    }

    pub fn sqrt(self) -> Self {
        if self.hi <= 0.0 {
            return Self::from(0.0);
        }
        let root = self.hi.sqrt();
        let rest = self - Self::product(root, root);
        Self::sum(root, rest.hi / (2.0 * root))
    }
}

impl From<f64> for Double {
    fn from(hi: f64) -> Self {
        Self { hi, lo: 0.0 }
    }
}

impl Add for Double {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (high, low) = (Self::sum(self.hi, other.hi), Self::sum(self.lo, other.lo));
        let first = Self::sum(high.hi, high.lo + low.hi);
        Self::sum(first.hi, first.lo + low.lo)
    }
}

impl Neg for Double {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            hi: -self.hi,
            lo: -self.lo,
        }
    }
}

impl Sub for Double {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Double {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = Self::product(self.hi, other.hi);
        Self::sum(
            product.hi,
            product.lo + (self.hi * other.lo + self.lo * other.hi),
        )
    }
}

impl Real for Double {
    fn sin_cos(self) -> (Self, Self) {
        let turns = (self.hi / QUARTER[0]).round();
        let rest = QUARTER
            .iter()
            .fold(self, |rest, &piece| rest - Self::product(turns, piece));
        let (mut sine, mut cosine) = (Self::from(0.0), Self::from(0.0));
        let mut term = Self::from(1.0);
        for n in 0..30 {
            let signed = if n % 4 < 2 { term } else { -term };
            if n % 2 == 0 {
                cosine = cosine + signed;
            } else {
                sine = sine + signed;
            }
            term = (term * rest).over(f64::from(n + 1));
        }
        match turns.rem_euclid(4.0) as u8 {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        }
    }

    fn reciprocal_root(n: f64) -> Self {
        let root = Self::from(n).sqrt();
        let first = 1.0 / root.hi;
        let rest = Self::from(1.0) - root * Self::from(first);
        Self::sum(first, rest.hi / root.hi)
    }
}

/// A few units of 2⁻¹⁰⁴, with three digits to spare.
const TINY: f64 = 1e-28;

#[test]
fn doubled_numbers_obey_the_identities() {
    let (one, two) = (Double::from(1.0), Double::from(2.0));
    for x in [0.3, 1.1, -2.7, 40.1, 1e6 + 0.1] {
        // A thirtieth of x: not a machine number.
        let x = Double::from(x).over(30.0);
        let (sine, cosine) = x.sin_cos();
        let (of_twice, _) = (two * x).sin_cos();
        assert!((sine * sine + cosine * cosine - one).value().abs() < TINY);
        assert!((of_twice - two * sine * cosine).value().abs() < TINY * x.hi.abs().max(1.0));
        // The library pins the unit of angles; x.lo moves it by less than an ulp of x.
        let error = (sine.value() - x.hi.sin()).abs();
        assert!(error <= f64::EPSILON * x.hi.abs().max(1.0));
    }
    for n in [2.0, 3.0, 49.0] {
        let root = Double::reciprocal_root(n);
        assert!((root * root * Double::from(n) - one).value().abs() < TINY);
        assert!((Double::from(n).sqrt() * root - one).value().abs() < TINY);
    }
    assert_eq!(Double::reciprocal_root(4.0).value(), 0.5);
}
