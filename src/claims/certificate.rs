//! What claims about certified eigenvalues share, and K2.

use super::known::refused;
use super::scale::Scale;
use super::{PointsInstance, undecided};
use crate::arithmetic::Ball;
use crate::evidence::{Comparison, Finding};
use crate::kernel::MercerKernel;
use crate::spectrum::certificate::{
    Certificate, CertificateOptions, Direction, Endpoint, certify_smallest, equal_points,
};
use nalgebra::DMatrix;

/// A hypothesis of K2 and E3.
pub(super) const DISTINCT: &str = "the lifted inputs are distinct";

/// The other hypothesis of K2.
pub(super) const STRICT: &str = "the kernel is strictly positive definite";

/// `lo ≤ λ` and `λ ≤ hi` for a number known to lie between two others.
pub(super) fn encloses(
    [below, above]: [&'static str; 2],
    certificate: &Certificate,
    (lo, hi): (Endpoint, Endpoint),
) -> [Comparison; 2] {
    let scale = Scale::of(hi);
    let known = scale.ball(lo, hi);
    let least = Ball::from(scale.point(certificate.lo, Direction::Down));
    let largest = Ball::from(scale.point(certificate.hi, Direction::Up));
    [
        Comparison::at_least(below, known, least),
        Comparison::at_most(above, known, largest),
    ]
}

pub(super) fn not_distinct((i, j): (usize, usize)) -> Finding {
    Finding::Inapplicable(vec![format!("{DISTINCT}: {i} and {j} are equal")])
}

/// K2: a certificate decides that `λ_min` is positive.
pub(super) fn strictly_positive(instance: &PointsInstance) -> Finding {
    strictly_positive_at(&instance.kernel.into(), &instance.points)
}

/// K2 for any kernel.
pub(super) fn strictly_positive_at(kernel: &MercerKernel, points: &DMatrix<f64>) -> Finding {
    if !kernel.is_strictly_positive_definite_in(points.nrows()) {
        return Finding::Inapplicable(vec![format!("{STRICT}: {kernel} is not")]);
    }
    if let Some(pair) = equal_points(points) {
        return not_distinct(pair);
    }
    let options = CertificateOptions::default();
    match certify_smallest(kernel, points, &options) {
        Ok(certificate) if certificate.reached => {
            let scale = Scale::of(certificate.hi);
            let least = Ball::from(scale.point(certificate.lo, Direction::Down));
            let largest = Ball::from(scale.point(certificate.hi, Direction::Up));
            let bound = largest * Ball::from(1.0 - options.relative_width);
            Finding::Compared(vec![Comparison::at_least("lo ≥ (1 − w)hi", least, bound)])
        }
        Ok(certificate) => undecided(format!("{certificate} is all that the budget allows")),
        Err(error) => refused(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn an_interval_is_compared_by_both_ends() {
        let certificate = Certificate {
            lo: 2.0.into(),
            hi: 3.0.into(),
            ..certify_smallest(
                &"gaussian:1".parse().unwrap(),
                &dmatrix![0.0],
                &CertificateOptions::default(),
            )
            .unwrap()
        };
        let [below, above] = encloses(["a", "b"], &certificate, (2.5.into(), 2.5.into()));
        assert_eq!((below.statement(), above.statement()), ("a", "b"));
        assert_eq!((below.quantity().mid(), below.bound().mid()), (2.5, 2.0));
        assert_eq!((above.quantity().mid(), above.bound().mid()), (2.5, 3.0));
        assert_eq!(below.strengthened(0.25).margin(), 0.0);
    }

    #[test]
    fn equal_points_are_found() {
        assert_eq!(equal_points(&dmatrix![0.0, 1.0, -0.0]), Some((0, 2)));
        assert_eq!(equal_points(&dmatrix![0.0, 1.0, 2.0; 1.0, 1.0, 0.0]), None);
    }
}
