//! How far states and adjoint states can be stretched or squeezed (P2).

use crate::arithmetic::Ball;
use crate::factor::named;

/// Returns `a_k = κ1‖v_k‖/D` for every layer.
///
/// # Arguments
/// * `layer_norms`: `‖v_0‖, …, ‖v_{D−1}‖`.
#[must_use]
pub fn layer_gains(kappa1: Ball, layer_norms: &[Ball]) -> Vec<Ball> {
    let depth = Ball::from(layer_norms.len() as f64);
    layer_norms
        .iter()
        .map(|&norm| named("gain: κ1‖v_k‖/D", kappa1 * norm / depth))
        .collect()
}

/// Returns `P₊ = Π(1 + a_k)`: no difference of states and no adjoint state grows by more.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds};
/// let gains = bounds::layer_gains(Ball::from(2.0), &[Ball::from(1.0), Ball::from(0.5)]);
/// assert!(bounds::expansion(&gains).contains(2.0 * 1.5));
/// assert!(bounds::contraction(&gains).contains(0.0));
/// ```
#[must_use]
pub fn expansion(gains: &[Ball]) -> Ball {
    let one = Ball::from(1.0);
    let factors = gains.iter().map(|&a| one + named("expansion: a_k", a));
    factors.fold(one, |product, factor| product * factor)
}

/// Returns `P₋ = Π(1 − a_k)₊`: none shrinks by more. Zero as soon as one gain reaches 1.
#[must_use]
pub fn contraction(gains: &[Ball]) -> Ball {
    let one = Ball::from(1.0);
    let factors = gains
        .iter()
        .map(|&a| (one - named("contraction: a_k", a)).positive_part());
    factors.fold(one, |product, factor| product * factor)
}

/// Returns `e^{κ1R} ≥ P₊`, for `R = ‖v‖`.
#[must_use]
pub fn expansion_cap(kappa1: Ball, radius: Ball) -> Ball {
    named("expansion cap: κ1R", kappa1 * radius).exp()
}

/// Returns `exp(−κ1R − κ1²R²/D) ≤ P₋`, or `None` unless `D ≥ 4κ1²R²` is certain.
#[must_use]
pub fn contraction_floor(kappa1: Ball, radius: Ball, depth: usize) -> Option<Ball> {
    let stretch = kappa1 * radius;
    let depth = Ball::from(depth as f64);
    let least = named("contraction floor: 4 of D ≥ 4κ1²R²", Ball::from(4.0)) * stretch.square();
    let first = named("contraction floor: κ1R", stretch);
    let second = named("contraction floor: κ1²R²/D", stretch.square() / depth);
    (least.upper() <= depth.mid()).then(|| (-(first + second)).exp())
}

/// Returns the bound `sqrt(k/D)·e^{κ1 min(‖v‖,‖w‖)}·κ0·‖v − w‖` of `‖z_k(v) − z_k(w)‖`.
///
/// # Arguments
/// * `layer`: `k`, from 0 to `depth`.
/// * `smaller_norm`: `min(‖v‖, ‖w‖)`; `distance`: `‖v − w‖`.
#[must_use]
pub fn parameter_sensitivity(
    layer: usize,
    depth: usize,
    kappa0: Ball,
    kappa1: Ball,
    smaller_norm: Ball,
    distance: Ball,
) -> Ball {
    let share = (Ball::from(layer as f64) / Ball::from(depth as f64)).sqrt();
    let share = named("sensitivity: √(k/D)", share);
    share * expansion_cap(kappa1, smaller_norm) * named("sensitivity: κ0", kappa0) * distance
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{assert_agrees, balls, numbers, rng};
    use rand::RngExt;

    fn ball(x: f64) -> Ball {
        Ball::from(x)
    }

    #[test]
    fn gains_and_products_are_their_definitions() {
        let mut rng = rng();
        for depth in 1..12 {
            let norms = numbers(&mut rng, depth, 3.0);
            let kappa1 = rng.random_range(0.1..3.0);
            let gains = layer_gains(ball(kappa1), &balls(&norms));
            assert_eq!(gains.len(), depth);
            let (mut grown, mut shrunk) = (1.0, 1.0);
            for (gain, norm) in gains.iter().zip(&norms) {
                let share = norm / depth as f64 * kappa1;
                assert_agrees(*gain, share, 3);
                grown += grown * share;
                shrunk -= shrunk * share.min(1.0);
            }
            assert_agrees(expansion(&gains), grown, 8 * depth);
            assert!((contraction(&gains).mid() - shrunk).abs() < 1e-13 * grown);
            assert!(contraction(&gains).rad() < 1e-13 * grown);
        }
        assert_eq!(expansion(&[]), ball(1.0));
        assert_eq!(contraction(&[]), ball(1.0));
        assert!(layer_gains(ball(1.0), &[]).is_empty());
    }

    // One layer of gain a stretches a difference by 1 + a or by 1 − a when its
    // residual is linear: z ↦ z ± a z.
    #[test]
    fn products_are_attained_by_linear_layers() {
        let gains = [0.5, 0.25, 0.125];
        let stretched = gains.iter().fold(1.0, |z, a| z + a * z);
        let squeezed = gains.iter().fold(1.0, |z, a| z - a * z);
        // Dyadic: exact, so that the midpoints are.
        assert_eq!(expansion(&balls(&gains)).mid(), stretched);
        assert_eq!(contraction(&balls(&gains)).mid(), squeezed);
    }

    #[test]
    fn two_gains_beyond_one_contract_to_nothing() {
        let product = contraction(&balls(&[1.5, 2.0, 0.25]));
        assert!(product.contains(0.0) && product.upper() < 1e-300);
        assert!(contraction(&balls(&[1.0, 0.5])).contains(0.0));
    }

    // P₊ ≤ e^{κ1R} and, at depth ≥ 4κ1²R², P₋ ≥ the floor, with R² = D⁻¹Σ‖v_k‖².
    #[test]
    fn caps_and_floors_hold_for_every_split_of_the_norm() {
        let mut rng = rng();
        let (mut checked, mut refused) = (0, 0);
        for _ in 0..500 {
            let depth = rng.random_range(1..30usize);
            let largest = rng.random_range(0.1..4.0);
            let norms = numbers(&mut rng, depth, largest);
            let radius = (norms.iter().map(|x| x * x).sum::<f64>() / depth as f64).sqrt();
            let kappa1 = rng.random_range(0.1..2.0);
            let gains = layer_gains(ball(kappa1), &balls(&norms));
            let cap = expansion_cap(ball(kappa1), ball(radius));
            assert!(expansion(&gains).mid() <= cap.mid());
            let deep = depth as f64 >= 4.0 * kappa1 * kappa1 * radius * radius;
            let floor = contraction_floor(ball(kappa1), ball(radius), depth);
            assert_eq!(floor.is_some(), deep);
            match floor {
                Some(floor) => {
                    assert!(floor.mid() <= contraction(&gains).mid());
                    let stretch = kappa1 * radius;
                    let plain = 1.0 / (stretch * (1.0 + stretch / depth as f64)).exp();
                    assert_agrees(floor, plain, 12);
                    checked += 1;
                }
                None => refused += 1,
            }
        }
        assert!(checked > 100 && refused > 100);
    }

    // ln(1 − a) = −a − a²/2 − …: the floor's exponent −a − a² per layer is off by
    // a²/2 + O(a³) ≤ a² for a ≤ 1/2, and P₊'s logarithm by at most a²/2.
    #[test]
    fn caps_and_floors_are_tight_for_small_gains() {
        for gain in [1e-2, 1e-3, 1e-4] {
            let depth = 10;
            let gains = vec![ball(gain); depth];
            let radius = ball(gain * depth as f64);
            let floor = contraction_floor(ball(1.0), radius, depth).expect("deep enough");
            let slack = (contraction(&gains).mid() / floor.mid()).ln();
            assert!(slack > 0.0 && slack <= depth as f64 * gain * gain);
            let cap = expansion_cap(ball(1.0), radius);
            let slack = (cap.mid() / expansion(&gains).mid()).ln();
            assert!(slack > 0.0 && slack <= 0.51 * depth as f64 * gain * gain);
        }
    }

    #[test]
    fn floor_needs_a_certain_depth() {
        let floor = |kappa1: Ball, radius: Ball| contraction_floor(kappa1, radius, 4);
        // A zero is exact: equality with depth zero's bound is admitted at any depth.
        assert_eq!(floor(ball(0.0), ball(5.0)).map(Ball::mid), Some(1.0));
        // 4κ1²R² = D up to a few roundings: four balls' worth below is certain.
        let below = 1.0 - 8.0 * f64::EPSILON;
        assert!(floor(ball(1.0), ball(below)).is_some());
        assert!(floor(ball(below), ball(1.0)).is_some());
        assert!(floor(ball(1.0), ball(1.0 + 8.0 * f64::EPSILON)).is_none());
        // The same midpoints, not certain.
        assert!(floor(ball(1.0), Ball::new(0.999, 0.002)).is_none());
        assert!(floor(ball(1.0), Ball::new(0.999, 0.0005)).is_some());
        assert!(floor(Ball::EVERYTHING, ball(0.1)).is_none());
        assert!(contraction_floor(ball(1.0), ball(1.0), 3).is_none());
        assert!(contraction_floor(ball(1.0), ball(1.0), 5).is_some());
    }

    // κ → cκ and R → R/c; powers of two are exact.
    #[test]
    fn only_the_product_of_scale_and_size_matters() {
        let (kappa1, radius) = (0.7, 1.3);
        for c in [0.25, 8.0] {
            let (scaled, norm) = (ball(c * kappa1), ball(radius / c));
            let cap = expansion_cap(scaled, norm).mid();
            assert_eq!(cap, expansion_cap(ball(kappa1), ball(radius)).mid());
            let floor = contraction_floor(scaled, norm, 9).map(Ball::mid);
            assert_eq!(
                floor,
                contraction_floor(ball(kappa1), ball(radius), 9).map(Ball::mid)
            );
            let gains = layer_gains(scaled, &[norm]);
            assert_eq!(
                gains[0].mid(),
                layer_gains(ball(kappa1), &[ball(radius)])[0].mid()
            );
        }
    }

    #[test]
    fn infinite_depth_leaves_the_exponential() {
        let floor = contraction_floor(ball(1.0), ball(1.5), 1 << 50).expect("deep enough");
        assert_agrees(floor, (-1.5f64).exp(), 12);
    }

    #[test]
    fn sensitivity_is_its_formula() {
        let mut rng = rng();
        for _ in 0..50 {
            let [kappa0, kappa1, norm, distance] =
                std::array::from_fn(|_| rng.random_range(0.1..1.9));
            let depth = rng.random_range(1..20usize);
            let layer = rng.random_range(1..=depth);
            let squared =
                layer as f64 * kappa0 * kappa0 * (2.0 * kappa1 * norm).exp() / depth as f64;
            let [a, b, c, d] = [kappa0, kappa1, norm, distance].map(ball);
            let bound = parameter_sensitivity(layer, depth, a, b, c, d);
            assert_agrees(bound, squared.sqrt() * distance, 16);
            // The first states do not move.
            assert_eq!(parameter_sensitivity(0, depth, a, b, c, d), ball(0.0));
        }
    }
}
