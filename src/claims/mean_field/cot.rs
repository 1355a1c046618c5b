//! The COT distance of enclosed networks.

use crate::arithmetic::Ball;
use crate::meanfield::{Cloud, Particles};
use crate::transport::{TransportError, conditional_distance};
use nalgebra::DMatrix;

/// Returns a ball that holds `d(μ,ν)` of the exact networks: that of the midpoints, enclosed, widened by how far either
/// network may be from them.
///
/// # Errors
/// Clouds that transport refuses.
pub(super) fn distance(a: &Cloud<Ball>, b: &Cloud<Ball>) -> Result<Ball, TransportError> {
    let found = conditional_distance(&midpoints(a), &midpoints(b))?.distance();
    Ok(found.widened(uncertainty(a)).widened(uncertainty(b)))
}

fn midpoints(cloud: &Cloud<Ball>) -> Vec<DMatrix<f64>> {
    let layer = |particles: &Vec<Vec<Ball>>| {
        DMatrix::from_fn(particles[0].len(), particles.len(), |a, j| {
            particles[j][a].mid()
        })
    };
    cloud.iter().map(layer).collect()
}

/// The largest distance in `L²(μ)` of a member from the midpoint.
fn uncertainty(cloud: &Cloud<Ball>) -> f64 {
    let radii = cloud.iter().flatten().flatten();
    let squares: Ball = radii.map(|x| Ball::from(x.rad()).square()).sum();
    let particles: usize = cloud.iter().map(Vec::len).sum();
    (squares / Ball::from(particles as f64)).sqrt().upper()
}

/// Labels the particles of `b` by an optimal plan from `a`, of the same width.
///
/// # Errors
/// Clouds that transport refuses.
pub(super) fn labelled(a: &Particles, b: &Particles) -> Result<Particles, TransportError> {
    let found = conditional_distance(a.layers(), b.layers())?;
    let places: Vec<Vec<usize>> = (found.layers().iter())
        .map(|layer| {
            layer
                .permutation()
                .unwrap_or_else(|| (0..a.width()).collect())
        })
        .collect();
    Ok(b.rearranged(|k| places[k].clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn labels_are_those_of_the_nearest() -> Result<(), crate::meanfield::MeanFieldError> {
        let a = Particles::try_new(vec![dmatrix![0.0, 1.0, 5.0; 0.0, 0.0, 0.0; 0.0, 0.0, 0.0]])?;
        let b = Particles::try_new(vec![dmatrix![5.5, 0.0, 1.0; 0.0, 0.0, 0.0; 0.0, 0.0, 0.0]])?;
        let labelled = labelled(&a, &b).unwrap();
        assert_eq!(
            labelled.layers()[0]
                .row(0)
                .iter()
                .copied()
                .collect::<Vec<_>>(),
            [0.0, 1.0, 5.5]
        );
        let found = distance(&a.cloud(Ball::from), &b.cloud(Ball::from)).unwrap();
        assert!(found.contains(0.5 / 3f64.sqrt()) && found.rad() < 1e-12);
        let wide = |x: f64| Ball::new(x, 0.3);
        let found = distance(&a.cloud(wide), &b.cloud(Ball::from)).unwrap();
        // √3 coordinates a particle.
        assert!(found.rad() >= 0.3 * 3f64.sqrt() && found.rad() < 0.3 * 3f64.sqrt() + 1e-9);
        Ok(())
    }
}
