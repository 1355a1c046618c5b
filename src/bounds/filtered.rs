//! The training of a network beside that of its linearisation, every push of the curvature filtered by the steps
//! after it (P8b.filtered).

use super::{EnvelopePoint, LinearPoint, SpectralFilter};
use crate::arithmetic::Ball;
use crate::factor::named;

/// What the steps do to a push at a step before them, by the number of steps between.
#[derive(Clone, Copy)]
struct Filtered {
    kept: Ball,
    pushed: Ball,
    pulled: Ball,
    gathered: Ball,
}

/// What the curvature adds at one step.
#[derive(Clone, Copy)]
struct Added {
    /// `(η/N)ω_jE_j + δ`, of the parameters.
    push: Ball,
    /// `½(ω_j + ω_{j+1})((η/N)P_j + δ)`, of the errors.
    turn: Ball,
}

/// Returns the guarantees for as many iterates as have one, the start included.
///
/// With `p_n`, `E_n`, `Δ_n`, `g_n` as in [`Envelope::points`](super::Envelope::points), `ω_n` the change of the Jacobian
/// up to `p_n`, `A = I − ηT_0/N`, `P_n` a bound of `‖J_n*e_n‖` and `G_n` one of `‖J_0*(e_n − ê_n)‖`:
///
/// ```text
/// P_n = ‖J_0*ê_n‖ + G_n + ω_nE_n,   x_j = (η/N)ω_jE_j,   y_j = ½(ω_j + ω_(j+1))·(η/N)P_j,
/// Δ_n = Σ_(j<n) ‖A^iJ_0‖x_j + ‖A^i‖y_j,   G_n = Σ_(j<n) ‖J_0*A^iJ_0‖x_j + ‖J_0*A^i‖y_j,   i = n−1−j,
/// g_n = Σ_(j<n) x_j + (η/N)‖J_0*Σ_(l<i)A^l‖y_j,
/// p_(n+1) = min(p̂_(n+1) + g_(n+1), p_n + (η/N)·P_n).
/// ```
///
/// Nothing else is assumed than `ηλ_max(T_0) ≤ 2N`. No bound is larger than that of
/// [`IntegratedEnvelope`](super::IntegratedEnvelope).
///
/// # Arguments
/// * `change`: a bound of `ω`, a convex and increasing bound of the change of the Jacobian up to a distance.
/// * `linear`: the iterates of the linearised model, from 0.
/// * `perturbations`: `δ_n`, how far the `n`-th iterate is from an exact step; what is not given is 0. It adds to
///   `x`, and to `(η/N)P` in `y` and `p`.
///
/// # Cost
/// The square of the number of iterates.
///
/// # Source
/// `proofs/p8b-filtered.md`.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::{LinearPoint, SpectralFilter, filtered_envelope}};
/// let ball = Ball::from;
/// let filter = SpectralFilter { smallest: ball(1.0), largest: ball(1.0), rate: ball(0.5) };
/// let linear = [(4.0, 0.0), (2.0, 2.0)].map(|(error, displacement)| LinearPoint {
///     error: ball(error), displacement: ball(displacement), pull: ball(error),
/// });
/// // Without curvature the network is its linearisation.
/// let straight = filtered_envelope(&filter, |_| ball(0.0), &linear, &[]);
/// assert!(straight[1].error.contains(2.0) && straight[1].displacement.contains(2.0));
/// let bent = filtered_envelope(&filter, |p| ball(0.1) * p, &linear, &[]);
/// assert!(bent[1].error.lower() > 2.0);
/// ```
#[must_use]
pub fn filtered_envelope(
    filter: &SpectralFilter,
    change: impl Fn(Ball) -> Ball,
    linear: &[LinearPoint],
    perturbations: &[f64],
) -> Vec<EnvelopePoint> {
    let Some(start) = linear.first() else {
        return Vec::new();
    };
    let zero = Ball::from(0.0);
    let mut point = EnvelopePoint::known(start.error, zero, start.pull);
    let mut bent = zero;
    let (mut filters, mut added) = (Vec::new(), Vec::<Added>::new());
    let mut points = vec![point];
    for (n, pair) in linear.windows(2).enumerate() {
        let off = Ball::from(perturbations.get(n + 1).copied().unwrap_or(0.0));
        filters.push(Filtered {
            kept: filter.kept(n),
            pushed: filter.pushed(n),
            pulled: filter.pulled(n),
            gathered: filter.gathered(n),
        });
        let bend = named("filtered envelope: bend of a step", bent * point.error);
        let step = named("filtered envelope: way", filter.rate * point.pull) + off;
        let push = filter.rate * bend + off;
        let earlier = added.iter().rev().zip(&filters[1..]);
        let gathered = earlier
            .map(|(added, filtered)| added.push + filtered.gathered * added.turn)
            .sum::<Ball>();
        let displacement_gap = gathered + push;
        let straight = pair[1].displacement + displacement_gap;
        let displacement = straight.min(point.displacement + step);
        if !displacement.is_bounded() {
            break;
        }
        let moved = change(displacement);
        let between = (bent + moved) / named("filtered envelope: mean of two", Ball::from(2.0));
        added.push(Added {
            push,
            turn: between * step,
        });
        let both = added.iter().rev().zip(&filters);
        let [error_gap, pull_gap] = both.fold([zero; 2], |[error, pull], (added, filtered)| {
            let Added { push, turn } = *added;
            [
                error + filtered.pushed * push + filtered.kept * turn,
                pull + filtered.pulled * push + filtered.pushed * turn,
            ]
        });
        let error = pair[1].error + error_gap;
        let pull_gap = named("filtered envelope: J₀*(e − ê)", pull_gap);
        point = EnvelopePoint {
            error,
            error_gap,
            displacement,
            displacement_gap,
            pull: pair[1].pull + pull_gap + moved * error,
        };
        bent = moved;
        points.push(point);
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::Envelope;
    use crate::bounds::agreement::{assert_agrees, numbers, rng};
    use nalgebra::{DMatrix, DVector};

    fn ball(x: f64) -> Ball {
        Ball::from(x)
    }

    fn point(error: f64, displacement: f64, pull: f64) -> LinearPoint {
        LinearPoint {
            error: ball(error),
            displacement: ball(displacement),
            pull: ball(pull),
        }
    }

    // λ from 1 to 4, η/N = ¼: ‖AJ_0‖ = √(4/3)·⅔, ‖A‖ = ¾, ‖J_0*AJ_0‖ = 1 at λ = 2, and of one step ½.
    // ω(p) = p/10, so p_1 = min(0.4, 0.25·1.5), y_0 = ½ω_1·0.375, Δ_1 = y_0, G_1 = 2y_0.
    #[test]
    fn two_steps_by_hand() {
        let filter = SpectralFilter {
            smallest: ball(1.0),
            largest: ball(4.0),
            rate: ball(0.25),
        };
        let line = [
            point(1.0, 0.0, 1.5),
            point(0.6, 0.4, 0.9),
            point(0.3, 0.9, 0.5),
        ];
        let points = filtered_envelope(&filter, |p| ball(0.1) * p, &line, &[]);
        assert_eq!(points.len(), 3);
        assert_agrees(points[1].displacement, 0.375, 40);
        assert_eq!(points[1].displacement_gap.mid(), 0.0);
        let turn = 0.5 * 0.0375 * 0.375;
        assert_agrees(points[1].error_gap, turn, 80);
        let error = 0.6 + turn;
        assert_agrees(points[1].error, error, 80);
        let bend = 0.0375 * error;
        let pull = 0.9 + 2.0 * turn + bend;
        let push = 0.25 * bend;
        let gap = 0.5 * turn + push;
        assert_agrees(points[2].displacement_gap, gap, 120);
        let place = (0.9 + gap).min(0.375 + 0.25 * pull);
        assert_agrees(points[2].displacement, place, 120);
        let next = 0.5 * (0.0375 + 0.1 * place) * 0.25 * pull;
        let error_gap = 0.75 * turn + 2.0 * push + next;
        assert_agrees(points[2].error_gap, error_gap, 160);
        assert_agrees(points[2].error, 0.3 + error_gap, 160);
    }

    // δ = 1/8 before the first iterate: it moves the errors by (2 + ½ω(0.5))δ.
    #[test]
    fn perturbations_are_carried() {
        let filter = SpectralFilter {
            smallest: ball(1.0),
            largest: ball(4.0),
            rate: ball(0.25),
        };
        let line = [point(1.0, 0.0, 1.5), point(0.6, 0.4, 0.9)];
        let points = filtered_envelope(&filter, |p| ball(0.1) * p, &line, &[0.0, 0.125]);
        assert_agrees(points[1].displacement_gap, 0.125, 20);
        assert_agrees(points[1].displacement, 0.5, 40);
        let turn = 0.025 * 0.5;
        assert_agrees(points[1].error_gap, 2.0 * 0.125 + turn, 80);
        // An unbounded step has no place, and nothing follows from it.
        let lost = filtered_envelope(&filter, |p| p, &line, &[0.0, f64::INFINITY]);
        assert_eq!(lost.len(), 1);
        assert!(filtered_envelope(&filter, |p| p, &[], &[]).is_empty());
    }

    /// `f(v) = Jv + ½Q|v|²u` of several samples and parameters, its training, and that of its linearisation.
    struct Bent {
        jacobian: DMatrix<f64>,
        bend: DVector<f64>,
        errors: DVector<f64>,
        rate: f64,
    }

    impl Bent {
        fn jacobian_at(&self, v: &DVector<f64>) -> DMatrix<f64> {
            &self.jacobian + &self.bend * v.transpose()
        }

        fn errors_at(&self, v: &DVector<f64>) -> DVector<f64> {
            &self.errors + &self.jacobian * v + &self.bend * (0.5 * v.norm_squared())
        }

        fn envelopes(&self, steps: usize) -> [Vec<EnvelopePoint>; 2] {
            let kernel = &self.jacobian * self.jacobian.transpose();
            let values = kernel.clone().symmetric_eigenvalues();
            // Enlarged by what an eigensolver of small matrices is off by.
            let (low, high) = (
                (values.min() - 1e-12).max(0.0),
                values.max() * (1.0 + 1e-12),
            );
            let (mut error, mut sum) = (self.errors.clone(), DVector::zeros(self.errors.len()));
            let mut line = Vec::new();
            for _ in 0..=steps {
                let place = self.rate * self.jacobian.tr_mul(&sum).norm();
                line.push(point(
                    error.norm(),
                    place,
                    self.jacobian.tr_mul(&error).norm(),
                ));
                sum += &error;
                error -= &kernel * &error * self.rate;
            }
            let filter = SpectralFilter {
                smallest: ball(low),
                largest: ball(high),
                rate: ball(self.rate),
            };
            let curvature = ball(self.bend.norm());
            let plain = Envelope {
                slope: ball(high).sqrt(),
                curvature,
                contraction: filter.kept(1),
                rate: ball(self.rate),
                radius: f64::INFINITY,
            };
            [
                filtered_envelope(&filter, |p| curvature * p, &line, &[]),
                plain.points(&line, &[]),
            ]
        }
    }

    /// Models whose Jacobian is known: the training stays within, and the filtered bound is the smaller one.
    #[test]
    fn bent_models_stay_within_and_below_the_unfiltered_envelope() {
        let mut rng = rng();
        let mut sharper = 0;
        for trial in 0..60 {
            let (samples, parameters) = (2 + trial % 4, 3 + trial % 5);
            let mut entries = |rows: usize, columns: usize| {
                let numbers = numbers(&mut rng, rows * columns, 2.0);
                DMatrix::from_iterator(rows, columns, numbers.into_iter().map(|x| x - 1.0))
            };
            let jacobian = entries(samples, parameters);
            let vector = |m: DMatrix<f64>| m.column(0).into_owned();
            let errors = vector(entries(samples, 1));
            let bend = vector(entries(samples, 1)) * 0.02;
            let largest = jacobian.singular_values().max().powi(2);
            let rate = [0.3, 1.0, 1.7][trial % 3] / largest;
            let model = Bent {
                jacobian,
                bend,
                errors,
                rate,
            };
            let [filtered, plain] = model.envelopes(30);
            let mut v = DVector::zeros(parameters);
            for (n, point) in filtered.iter().enumerate() {
                let error = model.errors_at(&v);
                // Thirty steps of f64.
                assert!(error.norm() <= point.error.upper() + 1e-12, "{trial} {n}");
                assert!(v.norm() <= point.displacement.upper() + 1e-12);
                assert!(plain.len() <= n || point.error.lower() <= plain[n].error.upper());
                v -= model.jacobian_at(&v).tr_mul(&error) * model.rate;
            }
            assert!(filtered.len() > 5);
            let last = plain.len() - 1;
            sharper +=
                usize::from(filtered[last].error_gap.upper() < 0.7 * plain[last].error_gap.mid());
        }
        assert!(sharper >= 40, "{sharper}");
    }
}
