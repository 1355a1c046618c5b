//! The members that are tried: at the edges of sizes, precisions and rounding errors.

use super::matrices::{Known, KnownSpec};
use crate::theorem::Subject;

/// Both sides of a panel and of a tile of the factorisations, and of the order from which f32 serves.
const ORDERS: [usize; 18] = [
    1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 257, 799, 800,
];

/// Bits of the arithmetics: of f32, of f64, of fixed point.
const RUNGS: [usize; 7] = [24, 53, 128, 192, 256, 384, 512];

/// How many bits below its last place an arithmetic's edge is looked for.
const BELOW: [usize; 4] = [8, 24, 40, 56];

/// `m` of graded matrices.
const DOUBLINGS: u32 = 4;

/// All of them.
pub(in crate::claims) fn pinned() -> Vec<Known> {
    let mut specs = Vec::new();
    for order in ORDERS {
        specs.push(KnownSpec::Path { order, exponent: 0 });
        // Those of a large order are there for the stage in f32.
        if order < 200 {
            specs.push(KnownSpec::Minima { order, exponent: 0 });
        }
    }
    // Scales.
    for exponent in [-300, -1, 300] {
        specs.push(KnownSpec::Minima { order: 9, exponent });
        specs.push(KnownSpec::Path { order: 9, exponent });
    }
    for bits in RUNGS {
        for below in BELOW {
            // λ_min ≈ 2^{−8(n−1)}.
            if let Some(exponent) = bits.checked_sub(below) {
                let order = 1 + exponent / (2 * DOUBLINGS as usize);
                specs.push(KnownSpec::Graded {
                    order,
                    doublings: DOUBLINGS,
                });
            }
        }
    }
    specs.extend(far_apart());
    specs.extend(centred());
    specs.extend(cancelling());
    specs.extend(scaled());
    specs.extend(powers());
    let build = |spec: KnownSpec| Known::build(&spec).expect("pinned matrices are well-formed");
    specs.into_iter().map(build).collect()
}

fn points(kernel: &str, points: Vec<Vec<f64>>) -> KnownSpec {
    let kernel = kernel.parse().expect("a kernel");
    KnownSpec::Points { kernel, points }
}

/// More points than a panel of a Gram matrix, the first and the last of which nearly agree.
fn far_apart() -> Vec<KnownSpec> {
    let place = |count: usize| {
        let mut all: Vec<Vec<f64>> = (0..count).map(|i| vec![0.75 * i as f64]).collect();
        all.push(vec![2.0_f64.powi(-30)]);
        all
    };
    vec![
        points("matern12:1", place(150)),
        points("gaussian:0.4", place(70)),
    ]
}

/// Two points next to each other and a million bandwidths from the centre, the second point: what is lost when it is
/// subtracted is all the error that there is.
pub(super) fn centred() -> Vec<KnownSpec> {
    let place = |k: usize| {
        vec![
            vec![0.1 + 0.07 * k as f64],
            vec![1e6],
            vec![0.9 + 0.11 * k as f64],
        ]
    };
    (0..6).map(|k| points("matern12:1", place(k))).collect()
}

/// Two points in many coordinates, whose squared distance is a fiftieth of their squared norms about the centre, the second
/// point: products are as wrong as they may be before they are taken as differences.
pub(super) fn cancelling() -> Vec<KnownSpec> {
    const DIMENSION: usize = 1500;
    let wave = |i: usize, k: usize| ((i * i + 7 * k + 1) as f64).sin();
    let place = |k: usize| {
        let first: Vec<f64> = (0..DIMENSION).map(|i| wave(i, k)).collect();
        let moved = first.iter().enumerate();
        let second = moved.map(|(i, x)| x + 0.2 * wave(3 * i + 1, k)).collect();
        vec![first, vec![0.0; DIMENSION], second]
    };
    (0..8).map(|k| points("matern12:5", place(k))).collect()
}

/// The same with a bandwidth for every coordinate that is no power of two: a difference and a quotient are rounded.
pub(super) fn scaled() -> Vec<KnownSpec> {
    let place = |k: usize| {
        let at = 0.1 + 0.07 * k as f64;
        vec![vec![at, 0.0], vec![7e5, 0.0], vec![at + 0.5, 0.25]]
    };
    (0..6)
        .map(|k| points("matern12:0.7,1.3", place(k)))
        .collect()
}

/// Two points without a common coordinate that vanishes in neither, and a high power of their products.
pub(super) fn powers() -> Vec<KnownSpec> {
    let place = |k: usize| {
        let at = 0.1 + 0.017 * k as f64;
        let half = |first: bool| {
            let coordinate = |i: usize| if (i < 48) == first { at } else { 0.0 };
            (0..96).map(coordinate).collect()
        };
        vec![half(true), half(false)]
    };
    (0..6)
        .map(|k| points("polynomial(16):0.0", place(k)))
        .collect()
}
