//! Zeros that are proved, and what is almost one.

use nalgebra::{DMatrix, dmatrix};
use polyak::spectrum::certificate::{
    Budget, Certificate, CertificateOptions, Endpoint, Precision, certify_largest_of_matrix,
    certify_smallest, certify_smallest_of_matrix,
};

fn smallest(a: &DMatrix<f64>) -> Certificate {
    certify_smallest_of_matrix(a, &CertificateOptions::default()).unwrap()
}

#[track_caller]
fn assert_zero(found: &Certificate) {
    assert_eq!(
        (found.lo, found.hi),
        (Endpoint::ZERO, Endpoint::ZERO),
        "{found:?}"
    );
    assert!(found.reached && found.precision == Precision::Exact && !found.is_positive());
}

/// `D − W` of a graph on `0..order` with these edges.
fn laplacian(order: usize, edges: impl IntoIterator<Item = (usize, usize)>) -> DMatrix<f64> {
    let mut a = DMatrix::zeros(order, order);
    for (i, j) in edges {
        a[(i, i)] += 1.0;
        a[(j, j)] += 1.0;
        a[(i, j)] -= 1.0;
        a[(j, i)] -= 1.0;
    }
    a
}

fn path(order: usize) -> DMatrix<f64> {
    laplacian(order, (1..order).map(|i| (i - 1, i)))
}

#[test]
fn what_looks_singular_is_proved_singular() {
    assert_zero(&smallest(&dmatrix![1.0, 1.0; 1.0, 1.0]));
    assert_zero(&smallest(&dmatrix![1.0, -1.0; -1.0, 1.0]));
    assert_zero(&smallest(
        &dmatrix![2.0, 0.0, 1.0; 0.0, 0.0, 0.0; 1.0, 0.0, 2.0],
    ));
    for order in [2, 50, 100, 300] {
        assert_zero(&smallest(&path(order)));
    }
    // Several components, one of them an isolated vertex.
    assert_zero(&smallest(&laplacian(
        9,
        [(0, 1), (1, 2), (0, 2), (3, 4), (5, 6), (6, 7)],
    )));
    // A Gram matrix with repeated points, whatever its entries are.
    let x = [0.1, 0.7, 0.1, -0.3, 0.7, 0.1_f64];
    let gram = DMatrix::from_fn(6, 6, |i, j| (-(x[i] - x[j]).powi(2)).exp());
    assert_zero(&smallest(&gram));
    // The other end of the opposite matrix.
    let options = CertificateOptions::default();
    assert_zero(&certify_largest_of_matrix(&-path(50), &options).unwrap());
}

#[test]
fn what_depends_on_more_than_two_rows_is_proved_by_elimination() {
    // The signless Laplacian of a path: the null vector alternates.
    for order in [3, 40, 150] {
        assert_zero(&smallest(&path(order).map(f64::abs)));
    }
    // Gram matrices of integer vectors, fewer than their number.
    for (order, rank) in [(3, 2), (20, 7), (30, 29), (60, 1)] {
        let x = DMatrix::from_fn(order, rank, |i, k| {
            ((i * i * 31 + i * k * 17 + k * k * 5 + 3) % 97) as f64 - 48.0
        });
        assert_zero(&smallest(&(&x * x.transpose())));
    }
    // Fractions with all their places: x = (1, 2, 3)/10 in f64, whose products are exact to 30 bits.
    let x = [0.1_f32, 0.2, 0.7].map(f64::from);
    let gram = DMatrix::from_fn(3, 3, |i, j| x[i] * x[j]);
    assert_zero(&smallest(&gram));
    // Rows and columns scaled by powers of two: 2^-1000 to 2^500.
    let scale = [0, -500, 250, -499, 13].map(|k| 2.0_f64.powi(k));
    let x = DMatrix::from_fn(5, 3, |i, k| ((i * 7 + k * k * 3 + i * k) % 11) as f64);
    let gram = &x * x.transpose();
    let graded = DMatrix::from_fn(5, 5, |i, j| gram[(i, j)] * scale[i] * scale[j]);
    assert_zero(&smallest(&graded));
}

#[test]
fn polynomials_of_dependent_points_are_singular() {
    let options = CertificateOptions::default();
    for (kernel, points) in [
        ("polynomial(3):0", dmatrix![1.0, 2.0; 1.0, 2.0]),
        (
            "linear",
            dmatrix![0.1, 0.3; 0.2, 0.6].map(|x: f64| f64::from(x as f32)),
        ),
    ] {
        let rank_one = points[(0, 0)] * points[(1, 1)] == points[(0, 1)] * points[(1, 0)];
        let found = certify_smallest(&kernel.parse().unwrap(), &points, &options).unwrap();
        assert_eq!(found.hi == Endpoint::ZERO, rank_one, "{kernel} {found}");
    }
}

#[test]
fn what_is_almost_singular_is_not_called_zero() {
    for (row, change) in [
        (0, 1e-300),
        (0, f64::EPSILON),
        (29, f64::EPSILON),
        (7, 4.0 * f64::EPSILON),
    ] {
        let mut a = path(30);
        a[(row, row)] += change;
        if a == path(30) {
            // Below the last place: an entry of its own size is none that was changed.
            continue;
        }
        let found = smallest(&a);
        // 1ᵀA1/30 is the change over 30, and the eigenvalue is at most that.
        assert!(found.is_positive() && found.reached, "{change:e} {found}");
        assert!(
            found.hi <= (change / 30.0 * 1.0001).into(),
            "{change:e} {found}"
        );
        // Less the same: negative, not zero.
        let mut a = path(30);
        a[(row, row)] -= change;
        let found = smallest(&a);
        assert!(
            a == path(30) || found.hi < Endpoint::ZERO,
            "{change:e} {found}"
        );
    }
    // An entry beside the diagonal, one unit in the last place smaller: no sum is zero.
    let mut a = path(30);
    a[(3, 4)] = (-1.0_f64).next_up();
    a[(4, 3)] = a[(3, 4)];
    let found = smallest(&a);
    assert!(found.is_positive() && found.reached, "{found}");
    let one = 1.0_f64.next_up();
    let found = smallest(&dmatrix![1.0, 1.0; 1.0, one]);
    assert!(found.is_positive(), "{found}");
    let found = smallest(&dmatrix![1.0, one; one, 1.0]);
    assert!(found.hi < Endpoint::ZERO && found.contains((-f64::EPSILON).into()));
}

#[test]
fn indefinite_singular_matrices_have_their_negative_eigenvalue() {
    // Equal rows, and −1 besides.
    let a = dmatrix![1.0, 1.0, 0.0; 1.0, 1.0, 0.0; 0.0, 0.0, -1.0];
    let found = smallest(&a);
    assert!(
        found.contains((-1.0).into()) && found.hi < Endpoint::ZERO,
        "{found}"
    );
    // By less than any rounding: the elimination finds the rank, and its block is not positive.
    let mut a = path(20).insert_row(20, 0.0).insert_column(20, 0.0);
    for tiny in [1e-30, 1e-300] {
        a[(20, 20)] = -tiny;
        let found = smallest(&a);
        assert!(
            found.contains((-tiny).into()) && found.hi < Endpoint::ZERO,
            "{found}"
        );
    }
}

#[test]
fn the_rest_is_proved_positive_in_as_many_bits_as_it_takes() {
    // diag(1, 1e-40, ...) beside equal rows: f64 cannot prove it positive.
    let a = dmatrix![
        1.0, 1.0, 0.0;
        1.0, 1.0, 0.0;
        0.0, 0.0, 1e-40
    ];
    assert_zero(&smallest(&a));
    // Without fixed point that stays open, below zero by rounding alone.
    let f64_alone = CertificateOptions::default().with_budget(Budget::default().with_max_bits(0));
    let found = certify_smallest_of_matrix(&a, &f64_alone).unwrap();
    assert!(!found.reached && found.contains(Endpoint::ZERO));
    assert_zero(&certify_smallest_of_matrix(&path(30), &f64_alone).unwrap());
}

#[test]
fn zeros_are_not_proved_beyond_the_budget() {
    let a = path(60);
    // A matrix and a factor, and not a block besides.
    let budget = Budget::default().with_max_bytes(60 * 60 * 24 - 1);
    let options = CertificateOptions::default().with_budget(budget);
    let found = certify_smallest_of_matrix(&a, &options).unwrap();
    assert!(!found.reached && found.contains(Endpoint::ZERO), "{found}");
    let options = options.with_budget(budget.with_max_bytes(60 * 60 * 24));
    assert_zero(&certify_smallest_of_matrix(&a, &options).unwrap());
}
