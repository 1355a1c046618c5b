//! Moments of a network's measure, on which every bound depends.

use super::Cloud;
use crate::arithmetic::Ball;

/// Norms of the particles of one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerMoments {
    /// `U_k = (M⁻¹Σ‖u_j‖²)^{1/2}`.
    pub u: Ball,
    /// `W_k = (M⁻¹Σ‖w_j‖²)^{1/2}`.
    pub w: Ball,
    /// `M⁻¹Σ‖u_j‖‖w_j‖ ≤ U_kW_k`.
    pub product: Ball,
    /// `max‖u_j‖`.
    pub largest_u: Ball,
    /// `M⁻¹Σ‖ω_j‖²`.
    pub second: Ball,
}

/// Moments of every layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// One entry a layer.
    pub layers: Vec<LayerMoments>,
}

fn square_norm(entries: &[Ball]) -> Ball {
    entries.iter().map(|x| x.square()).sum()
}

impl Moments {
    /// Computes the moments of a network.
    #[must_use]
    pub fn of(cloud: &Cloud<Ball>) -> Self {
        let layer = |particles: &Vec<Vec<Ball>>| {
            let q = (particles[0].len() - 1) / 2;
            let count = Ball::from(particles.len() as f64);
            let u: Vec<Ball> = particles.iter().map(|p| square_norm(&p[..q])).collect();
            let w: Vec<Ball> = particles
                .iter()
                .map(|p| square_norm(&p[q..2 * q]))
                .collect();
            let mean = |terms: Ball| terms / count;
            let root_mean = |squares: &[Ball]| mean(squares.iter().copied().sum()).sqrt();
            let products = u.iter().zip(&w).map(|(u, w)| u.sqrt() * w.sqrt());
            LayerMoments {
                u: root_mean(&u),
                w: root_mean(&w),
                product: mean(products.sum()),
                largest_u: u.iter().map(|u| u.sqrt()).fold(Ball::from(0.0), Ball::max),
                second: mean(particles.iter().map(|p| square_norm(p)).sum()),
            }
        };
        Self {
            layers: cloud.iter().map(layer).collect(),
        }
    }

    fn root_mean(&self, of: impl Fn(&LayerMoments) -> Ball) -> Ball {
        let squares: Ball = self.layers.iter().map(|layer| of(layer).square()).sum();
        (squares / Ball::from(self.layers.len() as f64)).sqrt()
    }

    /// Returns `U`, the root mean square of `‖u‖` over all particles.
    #[must_use]
    pub fn u(&self) -> Ball {
        self.root_mean(|layer| layer.u)
    }

    /// Returns `W`, that of `‖w‖`.
    #[must_use]
    pub fn w(&self) -> Ball {
        self.root_mean(|layer| layer.w)
    }

    /// Returns `U_∞`, the largest `‖u‖`.
    pub fn largest_u(&self) -> Ball {
        let all = self.layers.iter().map(|layer| layer.largest_u);
        all.fold(Ball::from(0.0), Ball::max)
    }

    /// Returns `M_2^{1/2}`, the root mean square of `‖ω‖`.
    #[must_use]
    pub fn root_second(&self) -> Ball {
        let total: Ball = self.layers.iter().map(|layer| layer.second).sum();
        (total / Ball::from(self.layers.len() as f64)).sqrt()
    }

    /// Returns what is at least every moment of every point of the segment between two networks: moments are
    /// convex, so the end points suffice.
    ///
    /// # Panics
    /// If the depths differ.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        assert_eq!(
            self.layers.len(),
            other.layers.len(),
            "depths of two networks"
        );
        let layers = self.layers.iter().zip(&other.layers);
        Self {
            layers: layers
                .map(|(a, b)| LayerMoments {
                    u: a.u.max(b.u),
                    w: a.w.max(b.w),
                    // A product of norms is not convex.
                    product: a.u.max(b.u) * a.w.max(b.w),
                    largest_u: a.largest_u.max(b.largest_u),
                    second: a.second.max(b.second),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(layers: &[&[[f64; 5]]]) -> Cloud<Ball> {
        let particle = |p: &[f64; 5]| p.iter().map(|&x| Ball::from(x)).collect();
        layers
            .iter()
            .map(|l| l.iter().map(particle).collect())
            .collect()
    }

    // u = (3, 4), w = (0, 2), b = 1; and u = (1, 0), w = (5, 12), b = 0.
    #[test]
    fn moments_of_two_particles() {
        let first: &[[f64; 5]] = &[[3.0, 4.0, 0.0, 2.0, 1.0], [1.0, 0.0, 5.0, 12.0, 0.0]];
        let second: &[[f64; 5]] = &[[0.0, 2.0, 0.0, 0.0, 0.0]; 2];
        let moments = Moments::of(&cloud(&[first, second]));
        let layer = moments.layers[0];
        assert!(layer.u.contains(13f64.sqrt()) && layer.w.contains(86.5f64.sqrt()));
        assert!(layer.product.contains(11.5) && layer.largest_u.contains(5.0));
        assert!(layer.second.contains(100.0));
        assert!(moments.u().contains(8.5f64.sqrt()));
        assert!(moments.w().contains(43.25f64.sqrt()));
        assert!(moments.largest_u().contains(5.0));
        assert!(moments.root_second().contains(52f64.sqrt()));
        let narrow = [layer.u, layer.w, layer.product, moments.root_second()];
        assert!(narrow.iter().all(|x| x.rad() < 1e-13));
    }

    #[test]
    fn joined_moments_bound_every_point_between() {
        let a = cloud(&[&[[3.0, 4.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.5, 0.0, 0.0]]]);
        let b = cloud(&[&[[0.0, 0.5, 0.0, 9.0, 1.0], [1.0, 2.0, 5.0, 2.0, 3.0]]]);
        let join = Moments::of(&a).join(&Moments::of(&b)).layers[0];
        for t in [0.0, 0.3, 0.5, 0.9, 1.0] {
            let mix = |(x, y): (&Ball, &Ball)| Ball::from((1.0 - t) * x.mid() + t * y.mid());
            let between: Vec<Vec<Ball>> = (0..2)
                .map(|j| a[0][j].iter().zip(&b[0][j]).map(mix).collect())
                .collect();
            let at = Moments::of(&vec![between]).layers[0];
            for (at, join) in [
                (at.u, join.u),
                (at.w, join.w),
                (at.product, join.product),
                (at.largest_u, join.largest_u),
                (at.second, join.second),
            ] {
                assert!(at.lower() <= join.upper(), "{t}");
            }
        }
    }
}
