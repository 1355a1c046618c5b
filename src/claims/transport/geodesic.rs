//! C4: displacement interpolation is a geodesic.

use super::{Layers, networks, refused, size};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, count};
use crate::claims::MeanFieldInstance;
use crate::evidence::{Comparison, Finding};
use crate::transport::{Atoms, Ground, TransportError, conditional_distance, transport};

pub(super) const SPEED: &str = "d(μ_s,μ_t) = |s−t|d(μ_0,μ_1)";

/// Pairs of times at which the distance is looked at: dyadic, so that `t − s` is exact.
const TIMES: [(f64, f64); 5] = [
    (0.0, 1.0),
    (0.0, 0.25),
    (0.25, 0.75),
    (0.5, 1.0),
    (0.375, 0.5),
];

/// Between any two times the interpolation has travelled its share of the distance.
pub(in crate::claims) fn geodesic(instance: &MeanFieldInstance) -> Finding {
    let (mu, nu) = networks(instance);
    let check = || {
        let plan = conditional_distance(mu, nu)?;
        constant_speed(mu, nu, plan.distance(), |t| plan.interpolate(mu, nu, t))
    };
    check().unwrap_or_else(refused)
}

/// Whether a path from one network to the other travels at constant speed: `at` gives its layers.
pub(super) fn constant_speed(
    mu: &Layers,
    nu: &Layers,
    whole: Ball,
    at: impl Fn(f64) -> Result<Vec<Atoms>, TransportError>,
) -> Result<Finding, TransportError> {
    // Every coordinate is off by at most 3u·max(|x|,|y|) and a unit of underflow, at both times.
    let reach = (size(mu) + size(nu)).upper();
    let rounding = 2.0 * (3.0 * UNIT_ROUNDOFF * reach + f64::MIN_POSITIVE);
    let mut comparisons = vec![];
    for (s, t) in TIMES {
        let travelled = between(&at(s)?, &at(t)?)?.widened(rounding);
        let share = Ball::from(t - s) * whole;
        comparisons.push(Comparison::equal(SPEED, travelled, share, whole.mid()));
    }
    Ok(Finding::Compared(comparisons))
}

/// The conditional distance of layers of any masses.
fn between(mu: &[Atoms], nu: &[Atoms]) -> Result<Ball, TransportError> {
    let mut total = Ball::from(0.0);
    for (x, y) in mu.iter().zip(nu) {
        total = total + transport(x, y, Ground::SquaredDistance, None)?.cost();
    }
    Ok((total / count(mu.len())).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::transport::sharp;

    #[test]
    fn interpolated_particles_are_known_to_a_few_units_of_their_size() {
        let instance = sharp::crossing().remove(0);
        let (mu, nu) = networks(&instance);
        let Finding::Compared(comparisons) = geodesic(&instance) else {
            panic!("no comparison");
        };
        assert_eq!(comparisons.len(), TIMES.len());
        let reach = size(mu).mid() + size(nu).mid();
        for comparison in comparisons {
            let units = comparison.quantity().rad() / (UNIT_ROUNDOFF * reach);
            assert!((6.0..7.0).contains(&units), "{units}");
        }
    }
}
