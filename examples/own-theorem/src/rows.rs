//! S1.rows: the largest eigenvalue is at most the largest row of the Gram matrix (Gershgorin).

use polyak::arithmetic::Ball;
use polyak::claims::{PointsInstance, draws};
use polyak::evidence::{Comparison, Finding, Kind};
use polyak::nalgebra::DMatrix;
use polyak::spectrum::certificate::{CertificateOptions, certify_largest};
use polyak::theorem::{About, Control, Expectation, Theorem};

/// The theorem.
pub fn theorem() -> Theorem<PointsInstance> {
    let about = About {
        family: "stranger",
        statement: "λ_max(K) ≤ max_i Σ_j k(x_i, x_j)",
        source: "Gershgorin, Über die Abgrenzung der Eigenwerte einer Matrix, 1931",
        tolerance: "certified λ_max(K); ball arithmetic of distances and profiles",
        page: "s1-rows.md",
        slack: Some(1e-6),
        ..About::new("S1.rows", Kind::Certified)
    };
    Theorem::new(
        about,
        |points| rows(points, 1.0),
        two_points,
        draws::POINT_SETS,
    )
    .control(Control::check(
        "the largest row without its diagonal",
        Expectation::Violated,
        || two_points().remove(0),
        |points| rows(points, 0.0),
    ))
}

/// Compares `λ_max(K)` with the largest row, whose diagonal entry is `diagonal`.
fn rows(instance: &PointsInstance, diagonal: f64) -> Finding {
    let points = &instance.points;
    let options = CertificateOptions::default();
    let largest = match certify_largest(&instance.kernel.into(), points, &options) {
        Ok(certificate) => certificate.ball(),
        Err(error) => return Finding::Undecided(error.to_string()),
    };
    let entry = |i: usize, j: usize| {
        let pairs = points
            .column(i)
            .into_iter()
            .zip(points.column(j).into_iter());
        let squares = pairs.map(|(x, y)| (Ball::from(*x) - Ball::from(*y)).square());
        instance
            .kernel
            .log_profile(squares.sum::<Ball>().sqrt())
            .exp()
    };
    let samples = points.ncols();
    let row = |i: usize| {
        let others = (0..samples).filter(|&j| j != i).map(|j| entry(i, j));
        others.sum::<Ball>() + Ball::from(diagonal)
    };
    let bound = (0..samples).map(row).reduce(Ball::max).expect("a point");
    Finding::Compared(vec![Comparison::at_most("λ_max ≤ row", largest, bound)])
}

/// Two points, where both are `1 + k(x, y)`.
fn two_points() -> Vec<PointsInstance> {
    let kernel = "gaussian:1".parse().expect("a kernel");
    vec![
        PointsInstance::try_new(kernel, DMatrix::from_row_slice(1, 2, &[0.0, 1.0]))
            .expect("two points"),
    ]
}
