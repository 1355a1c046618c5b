//! Bounds against spectra that are known, and parts against wholes.

use super::*;
use crate::linalg::in_pools_of_any_size;
use crate::watch::{Stop, Stopped};
use nalgebra::DMatrix;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The path graph, `2 − 2cos(kπ/(n+1))`, all entries exact.
fn path(n: usize) -> DMatrix<f64> {
    DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
        0 => 2.0,
        1 => -1.0,
        _ => 0.0,
    })
}

fn smallest_of_path(n: usize) -> f64 {
    2.0 - 2.0 * (std::f64::consts::PI / (n as f64 + 1.0)).cos()
}

fn shifted_factor(a: &DMatrix<f64>, shift: f64) -> DMatrix<f64> {
    let order = a.nrows();
    let shifted = a - DMatrix::identity(order, order) * shift;
    shifted.cholesky().expect("the shift is below").l()
}

fn proved(a: &DMatrix<f64>, l: DMatrix<f64>, side: usize, shift: f64) -> FactorBound {
    let matrix = TiledMatrix::of_entries(a).unwrap();
    let factor = LowerFactor::new(l, side);
    prove_smallest(&matrix, &factor, shift, None, &Stop::default()).unwrap()
}

/// The closed form is rounded: a cosine, a product, a difference of numbers at most four.
const SLACK: f64 = 32.0 * f64::EPSILON;

#[test]
fn a_good_factor_proves_nearly_its_shift() {
    for (n, side) in [(1, 1), (5, 2), (40, 40), (60, 7), (90, 32), (33, 200)] {
        let (a, exact) = (path(n), smallest_of_path(n));
        for part in [0.5, 0.999_999] {
            let shift = exact * part;
            let bound = proved(&a, shifted_factor(&a, shift), side, shift);
            assert!(
                bound.lo <= exact + SLACK && exact - SLACK <= bound.hi,
                "{n} {bound:?}"
            );
            assert!(shift - bound.lo < 1e-11, "{n} {bound:?}");
            // Twelve inverse iterations from a shift so near.
            if part > 0.9 {
                assert!(bound.hi - exact < 1e-6 * exact + SLACK, "{n} {bound:?}");
            }
            assert!(bound.is_positive());
        }
    }
}

#[test]
fn any_factor_is_true_and_a_bad_one_loose() {
    let n = 24;
    let (a, exact) = (path(n), smallest_of_path(n));
    let salted = |salt: f64| DMatrix::from_fn(n, n, |i, j| ((i * 31 + j * 17) as f64 * salt).sin());
    let good = shifted_factor(&a, exact / 2.0);
    let mut corrupted = good.clone();
    corrupted[(17, 4)] += 0.01;
    for (name, factor) in [
        ("nothing", DMatrix::zeros(n, n)),
        ("noise", salted(0.7)),
        ("large noise", salted(1.3) * 1e3),
        ("its negative", -good.clone()),
        ("one entry off", corrupted),
    ] {
        for shift in [-1.0, 0.0, exact / 2.0, exact, 5.0] {
            let bound = proved(&a, factor.clone(), 5, shift);
            assert!(
                bound.lo <= exact + SLACK && exact - SLACK <= bound.hi,
                "{name} {shift} {bound:?}"
            );
        }
    }
    // The negative of a factor is one; an entry costs what it is off by, times its row.
    let shift = exact / 2.0;
    assert!(shift - proved(&a, -good.clone(), 5, shift).lo < 1e-12);
    let mut off = good;
    off[(17, 4)] += 1e-6;
    let lost = shift - proved(&a, off, 5, shift).lo;
    assert!((1e-7..1e-5).contains(&lost), "{lost:e}");
}

/// What is above the diagonal of a tile on it is left over by some engines, and is not looked at.
#[test]
fn leftovers_above_the_diagonal_do_not_matter() {
    let n = 12;
    let a = path(n);
    let clean = shifted_factor(&a, 0.01);
    let mut left = clean.clone();
    for i in 0..n {
        for j in i + 1..n {
            left[(i, j)] = f64::NAN;
        }
    }
    let bounds = [clean, left].map(|l| proved(&a, l, 5, 0.01));
    assert_eq!(bounds[0], bounds[1]);
}

/// `L = (a, b)ᵀ` has a singular `LLᵀ`, and the matrix of its products as rounded is indefinite, although the residual as
/// computed is zero: only the rounding of the products keeps the bound true.
#[test]
fn the_rounding_of_products_matters() {
    let mut seen = 0;
    for k in 0..200_i64 {
        let (x, y) = ((1_i64 << 29) + 3 + 2 * k, (1_i64 << 29) - 5 - 6 * k);
        let (a, b) = (x as f64, y as f64);
        let (aa, ab, bb) = (a * a, a * b, b * b);
        // Integers below 2^63, exactly.
        let determinant = aa as i128 * bb as i128 - ab as i128 * ab as i128;
        let matrix = nalgebra::dmatrix![aa, ab; ab, bb];
        let bound = proved(&matrix, nalgebra::dmatrix![a, 0.0; b, 0.0], 2, 0.0);
        if determinant < 0 {
            seen += 1;
            assert_eq!(bound.residual, 0.0);
            // λ_min ≤ det/tr < 0, in f64 within a few roundings.
            let smallest = determinant as f64 / (aa + bb);
            assert!(bound.lo <= 0.999 * smallest, "{bound:?} {smallest:e}");
        }
    }
    assert!(seen > 20, "{seen}");
}

/// What is within a distance of the matrix is bounded too: both ends move by it.
#[test]
fn matrices_nearby_are_bounded_too() {
    let a = path(12);
    let factor = LowerFactor::new(shifted_factor(&a, 0.05), 5);
    let at = |distance| {
        let matrix = TiledMatrix::of_entries(&a).unwrap().widened(distance);
        prove_smallest(&matrix, &factor, 0.05, None, &Stop::default()).unwrap()
    };
    let (exact, near) = (at(0.0), at(0.125));
    assert!(
        (exact.lo - near.lo - 0.125).abs() < 1e-12 && (near.hi - exact.hi - 0.125).abs() < 1e-12
    );
    assert!(near.lo <= smallest_of_path(12) - 0.125 && near.hi >= smallest_of_path(12) + 0.125);
}

#[test]
fn entries_of_a_kernel_are_paid_for() {
    let points = DMatrix::from_fn(2, 70, |i, j| ((j * (i + 2)) as f64).sin() * 3.0);
    for name in ["matern12:0.5", "gaussian:0.2", "matern32:0.3,0.6"] {
        let kernel = name.parse().unwrap();
        let gram = crate::gram::mercer_gram(&kernel, &points).unwrap();
        let wanted = crate::spectrum::certificate::CertificateOptions::default();
        let known = crate::spectrum::certificate::certify_smallest(&kernel, &points, &wanted)
            .unwrap()
            .ball();
        let shift = known.lower() * 0.999_9;
        let factor = LowerFactor::new(shifted_factor(&gram, shift), 16);
        let matrix = TiledMatrix::of_kernel(&kernel, points.as_view()).unwrap();
        let bound = prove_smallest(&matrix, &factor, shift, None, &Stop::default()).unwrap();
        assert!(bound.entries > 0.0 && bound.lo <= known.upper() && known.lower() <= bound.hi);
        assert!(shift - bound.lo < 1e-10, "{name} {bound:?}");
    }
    // Nothing is proved of a matrix whose entries have no proved rounding, or that there is not.
    let foreign = "imq(0.3):1".parse().unwrap();
    let refused = TiledMatrix::of_kernel(&foreign, points.as_view());
    assert!(
        matches!(refused, Err(FactorError::Unproved { .. })),
        "{refused:?}"
    );
    let none = DMatrix::zeros(2, 0);
    let refused = TiledMatrix::of_kernel(&foreign, none.as_view());
    assert!(
        matches!(refused, Err(FactorError::Matrix(_))),
        "{refused:?}"
    );
}

/// Rounded to f32: true, as far off as f32 is, and by one rounding sharper if that is said.
#[test]
fn factors_in_f32_serve() {
    struct Single(LowerFactor);

    impl FactorTiles for Single {
        fn tiling(&self) -> Tiling {
            self.0.tiling()
        }

        fn tile(&self, row: usize, column: usize) -> Result<DMatrix<f64>, TileFailure> {
            self.0.tile(row, column)
        }

        fn is_single(&self) -> bool {
            true
        }
    }

    let (n, shift) = (80, 0.5);
    let a = path(n) + DMatrix::identity(n, n);
    let exact = smallest_of_path(n) + 1.0;
    let double = shifted_factor(&a, shift);
    let rounded = LowerFactor::new(double.map(|x| f64::from(x as f32)), 32);
    let matrix = TiledMatrix::of_entries(&a).unwrap();
    let prove =
        |factor: &dyn FactorTiles| prove_smallest(&matrix, factor, shift, None, &Stop::default());
    let plain = prove(&rounded).unwrap();
    let single = prove(&Single(rounded)).unwrap();
    assert!(single.lo <= exact && shift - single.lo < 1e-5 && shift - single.lo > 1e-9);
    assert!(single.rounding < plain.rounding && single.residual == plain.residual);
    let refused = prove(&Single(LowerFactor::new(double, 32)));
    assert!(
        matches!(refused, Err(FactorError::NotSingle { .. })),
        "{refused:?}"
    );
}

fn parts_of(
    matrix: &TiledMatrix<'_>,
    factor: &dyn FactorTiles,
    shift: f64,
    count: u32,
    vector: &[f64],
) -> Vec<FactorPart> {
    let part = |index| {
        let rows = factor.tiling().deal(index, count);
        let vector = (index == 1).then_some(vector);
        prove_rows(matrix, factor, shift, &rows, vector, &Stop::default()).unwrap()
    };
    (1..=count).map(part).collect()
}

#[test]
fn parts_add_up_to_the_whole_and_strangers_do_not() {
    let n = 50;
    let (a, shift) = (path(n), smallest_of_path(n) * 0.9);
    let matrix = TiledMatrix::of_entries(&a).unwrap();
    let factor = LowerFactor::new(shifted_factor(&a, shift), 8);
    let vector = nearest_vector(&factor, &Stop::default()).unwrap();
    let parts = |count| parts_of(&matrix, &factor, shift, count, &vector);
    let whole = conclude(&parts(1)).unwrap();
    for count in [2, 3, 7, 9] {
        let mut several = parts(count);
        several.reverse();
        assert_eq!(conclude(&several).unwrap(), whole, "{count}");
        assert_eq!(join(&several).unwrap(), parts(1)[0], "{count}");
    }
    let is_missing =
        |parts: &[FactorPart]| matches!(conclude(parts), Err(FactorError::Missing { .. }));
    assert!(is_missing(&[]) && is_missing(&parts(3)[..2]));
    let three = parts(3);
    let twice = [three.clone(), vec![three[1].clone()]].concat();
    assert!(matches!(conclude(&twice), Err(FactorError::Twice { .. })));
    let mut partial = three.clone();
    partial[1].tiles.pop();
    assert!(matches!(
        conclude(&partial),
        Err(FactorError::Partial { .. })
    ));
    let mut strange = three.clone();
    strange[2].tiles[0].residual = -1.0;
    assert!(matches!(
        conclude(&strange),
        Err(FactorError::Partial { .. })
    ));
    // An upper end below the lower one.
    for edit in [
        (|part: &mut FactorPart| part.upper = Some(-1.0)) as fn(&mut FactorPart),
        |part| part.tiles.last_mut().unwrap().least_diagonal = Some(-1.0),
    ] {
        let mut edited = three.clone();
        edit(&mut edited[0]);
        let found = conclude(&edited);
        assert!(
            matches!(found, Err(FactorError::Contradiction { hi, .. }) if hi < -0.9),
            "{found:?}"
        );
    }
    let mut impossible = three.clone();
    impossible[0].side = 0;
    assert!(matches!(conclude(&impossible), Err(FactorError::Damaged)));
    // Another shift, factor, matrix or tiling in one of the parts.
    let mixed = |other: Vec<FactorPart>| {
        let parts = [three[0].clone(), other[1].clone(), three[2].clone()];
        match conclude(&parts) {
            Err(FactorError::Mixed { what }) => what,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        mixed(parts_of(&matrix, &factor, shift / 2.0, 3, &vector)),
        "the shift"
    );
    let mut other = shifted_factor(&a, shift);
    other[(20, 3)] += 1e-9;
    let other = LowerFactor::new(other, 8);
    assert_eq!(
        mixed(parts_of(&matrix, &other, shift, 3, &vector)),
        "the factor"
    );
    let mut moved = a.clone();
    moved[(9, 9)] = 2.5;
    let moved = TiledMatrix::of_entries(&moved).unwrap();
    assert_eq!(
        mixed(parts_of(&moved, &factor, shift, 3, &vector)),
        "the matrix"
    );
    let coarser = LowerFactor::new(shifted_factor(&a, shift), 10);
    assert_eq!(
        mixed(parts_of(&matrix, &coarser, shift, 3, &vector)),
        "the side of the tiles"
    );
}

/// What a source may do wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Missing,
    Shape,
    NaN,
    Changing,
}

struct Faulty(LowerFactor, Fault, AtomicUsize);

impl FactorTiles for Faulty {
    fn tiling(&self) -> Tiling {
        self.0.tiling()
    }

    fn tile(&self, row: usize, column: usize) -> Result<DMatrix<f64>, TileFailure> {
        let mut tile = self.0.tile(row, column)?;
        if (row, column) != (2, 1) {
            return Ok(tile);
        }
        match self.1 {
            Fault::Missing => return Err("no such file".into()),
            Fault::Shape => tile = tile.remove_row(0),
            Fault::NaN => tile[(1, 2)] = f64::NAN,
            Fault::Changing => tile[(0, 0)] += self.2.fetch_add(1, Ordering::Relaxed) as f64,
        }
        Ok(tile)
    }
}

#[test]
fn faults_of_a_source_are_named_where_they_are() {
    let a = path(20);
    let matrix = TiledMatrix::of_entries(&a).unwrap();
    let said = |fault| {
        let factor = LowerFactor::new(shifted_factor(&a, 0.01), 4);
        let factor = Faulty(factor, fault, AtomicUsize::new(0));
        let refused = prove_smallest(&matrix, &factor, 0.01, None, &Stop::default());
        refused.unwrap_err().to_string()
    };
    assert_eq!(said(Fault::Missing), "tile 2-1 of the factor: no such file");
    assert!(said(Fault::Shape).contains("tile 2-1 of the factor is 3 × 4, and should be 4 × 4"));
    assert!(said(Fault::NaN).starts_with("entry (2, 3) of tile 2-1 of the factor is NaN"));
    assert!(said(Fault::Changing).contains("tile 2-1 of the factor changed"));
}

#[test]
fn what_does_not_fit_is_refused() {
    let a = path(6);
    let matrix = TiledMatrix::of_entries(&a).unwrap();
    let stop = Stop::default();
    let factor = LowerFactor::new(shifted_factor(&a, 0.0), 4);
    let refused = prove_rows(&matrix, &factor, f64::NAN, &[0], None, &stop);
    assert!(matches!(refused, Err(FactorError::Shift { .. })));
    for vector in [vec![1.0; 5], vec![0.0; 6], vec![f64::INFINITY; 6]] {
        let refused = prove_rows(&matrix, &factor, 0.0, &[0], Some(&vector), &stop);
        assert!(matches!(refused, Err(FactorError::Vector { order: 6 })));
    }
    let small = LowerFactor::new(DMatrix::identity(5, 5), 4);
    let refused = prove_rows(&matrix, &small, 0.0, &[0], None, &stop);
    assert!(matches!(
        refused,
        Err(FactorError::Order {
            factor: 5,
            matrix: 6
        })
    ));
    let huge = LowerFactor::new(DMatrix::from_element(6, 6, 1e200), 4);
    let refused = prove_rows(&matrix, &huge, 0.0, &[0], None, &stop);
    assert!(
        matches!(refused, Err(FactorError::Overflow { row: 0, column: 0 })),
        "{refused:?}"
    );
    let skew = nalgebra::dmatrix![1.0, 2.0; 3.0, 4.0];
    assert!(matches!(
        TiledMatrix::of_entries(&skew),
        Err(FactorError::Matrix(_))
    ));
    stop.request();
    let refused = prove_smallest(&matrix, &factor, 0.0, None, &stop);
    assert!(matches!(refused, Err(FactorError::Stopped(Stopped))));
}

/// Of a factor with a zero on its diagonal no vector comes; the diagonal bounds the eigenvalue from above.
#[test]
fn a_singular_factor_still_has_a_vector() {
    let a = path(9);
    let bound = proved(&a, DMatrix::zeros(9, 9), 4, 0.0);
    assert!(bound.hi <= 2.0 + SLACK && bound.lo <= -3.0);
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let a = path(40);
    let factor = LowerFactor::new(shifted_factor(&a, 0.001), 6);
    in_pools_of_any_size(|| {
        let matrix = TiledMatrix::of_entries(&a).unwrap();
        let vector = nearest_vector(&factor, &Stop::default()).unwrap();
        let rows: Vec<usize> = (0..7).collect();
        prove_rows(
            &matrix,
            &factor,
            0.001,
            &rows,
            Some(&vector),
            &Stop::default(),
        )
        .unwrap()
    });
}
