//! The PL inequality of the mean-field network, and what moving does to its constant (C8, C9).

use crate::arithmetic::Ball;
use crate::bounds::contraction;
use crate::factor::named;
use crate::meanfield::{ActivationBounds, Moments};

/// Returns `a_k = D⁻¹S1·M⁻¹Σ_j‖u_k^j‖‖w_k^j‖` for every layer: a bound of the slope of layer `k`.
#[must_use]
pub fn layer_gains(bounds: &ActivationBounds, moments: &Moments) -> Vec<Ball> {
    let depth = Ball::from(moments.layers.len() as f64);
    let gain = |product: Ball| {
        named(
            "mean-field gain: S1·product/D",
            bounds.slope * product / depth,
        )
    };
    moments
        .layers
        .iter()
        .map(|layer| gain(layer.product))
        .collect()
}

fn mean(terms: impl Iterator<Item = Ball>, count: usize) -> Ball {
    terms.sum::<Ball>() / Ball::from(count as f64)
}

/// Returns the PL constant `(2α²/N)·D⁻¹Σ_kλ_min(K_k)Π_{l>k}(1 − a_l)₊²`.
///
/// # Arguments
/// * `gram`: `λ_min(K_k)`; `gains`: `a_k`, one a layer.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::mean_field::pl_constant};
/// let (gram, gains) = ([0.5, 0.25].map(Ball::from), [0.9, 0.5].map(Ball::from));
/// // (2·9/3)·½(0.5·0.25 + 0.25)
/// assert!(pl_constant(3, Ball::from(3.0), &gram, &gains).contains(1.125));
/// ```
#[must_use]
pub fn pl_constant(samples: usize, scale: Ball, gram: &[Ball], gains: &[Ball]) -> Ball {
    assert_eq!(
        gram.len(),
        gains.len(),
        "one eigenvalue and one gain a layer"
    );
    let layers = gram.iter().enumerate();
    let terms = layers.map(|(k, &smallest)| {
        smallest
            * named(
                "mean-field PL: Π(1 − a_l)²",
                contraction(&gains[k + 1..]).square(),
            )
    });
    factor(samples, scale) * mean(terms, gram.len())
}

/// Returns the PL constant `(2α²/N)P₋²·D⁻¹Σ_kλ_min(K_k)`, which is smaller.
///
/// # Arguments
/// As [`pl_constant`].
#[must_use]
pub fn uniform_pl_constant(samples: usize, scale: Ball, gram: &[Ball], gains: &[Ball]) -> Ball {
    let terms = gram.iter().copied();
    let kept = named("uniform mean-field PL: P₋²", contraction(gains).square());
    factor(samples, scale) * kept * mean(terms, gram.len())
}

/// `2α²/N`.
pub(super) fn factor(samples: usize, scale: Ball) -> Ball {
    named(
        "mean-field PL: 2α²/N",
        Ball::from(2.0) * scale.square() / Ball::from(samples as f64),
    )
}

/// Returns `((D⁻¹Σλ_min(K_k))^{1/2} − (D⁻¹Σe_k²)^{1/2})₊²`, which is at most `D⁻¹Σλ_min` of features
/// that have moved by `e_k`.
///
/// # Arguments
/// * `gram`: `λ_min(K_k)` before; `moved`: `e_k = M^{−1/2}‖Φ_k' − Φ_k‖_F`.
#[must_use]
pub fn gram_floor(gram: &[Ball], moved: &[Ball]) -> Ball {
    assert_eq!(
        gram.len(),
        moved.len(),
        "one eigenvalue and one distance a layer"
    );
    let before = mean(gram.iter().copied(), gram.len()).sqrt();
    let distance = mean(moved.iter().map(|e| e.square()), moved.len()).sqrt();
    (before - named("Gram floor: distance", distance))
        .positive_part()
        .square()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{assert_agrees, balls};
    use crate::meanfield::LayerMoments;

    #[test]
    fn constants_are_their_formulas() {
        let (gram, gains) = (balls(&[0.5, 0.75, 0.25]), balls(&[0.25, 0.5, 0.125]));
        let layered = (0.5 * (0.5f64 * 0.875).powi(2) + 0.75 * 0.875f64.powi(2) + 0.25) / 3.0;
        let scale = Ball::from(-3.0);
        assert_agrees(pl_constant(4, scale, &gram, &gains), 4.5 * layered, 20);
        let uniform = (0.75 * 0.5 * 0.875f64).powi(2) * 0.5;
        assert_agrees(
            uniform_pl_constant(4, scale, &gram, &gains),
            4.5 * uniform,
            20,
        );
        // A layer that may collapse hides those before it, not those after.
        let gains = balls(&[2.0, 1.5, 0.0]);
        assert_agrees(
            pl_constant(2, Ball::from(1.0), &gram, &gains),
            1.0 / 3.0,
            10,
        );
        assert_eq!(
            uniform_pl_constant(2, Ball::from(1.0), &gram, &gains).mid(),
            0.0
        );
    }

    #[test]
    fn gains_are_means_of_products() {
        let layer = |product: f64| LayerMoments {
            u: Ball::from(9.0),
            w: Ball::from(9.0),
            product: Ball::from(product),
            largest_u: Ball::from(9.0),
            second: Ball::from(9.0),
        };
        let moments = Moments {
            layers: vec![layer(1.0), layer(3.0)],
        };
        let one = Ball::from(1.0);
        let bounds = ActivationBounds {
            value: one,
            slope: Ball::from(0.5),
            curvature: one,
        };
        let gains = layer_gains(&bounds, &moments);
        assert_agrees(gains[0], 0.25, 4);
        assert_agrees(gains[1], 0.75, 4);
    }

    #[test]
    fn floors_fall_to_zero() {
        let (gram, moved) = (balls(&[0.25, 0.75]), balls(&[0.1, 0.3]));
        let expected = (0.5f64.sqrt() - 0.05f64.sqrt()).powi(2);
        assert_agrees(gram_floor(&gram, &moved), expected, 20);
        assert_eq!(gram_floor(&gram, &balls(&[1.0, 1.0])).mid(), 0.0);
    }
}
