//! Lower bounds of the PL constant: `‖∇L‖² ≥ m·L` (P3).

use super::separation::separation;
use super::{Neighbourhood, contraction, contraction_floor};
use crate::arithmetic::Ball;
use crate::factor::named;
use crate::kernel::KernelSpec;

fn mean(terms: impl ExactSizeIterator<Item = Ball>) -> Ball {
    let count = Ball::from(terms.len() as f64);
    terms.sum::<Ball>() / count
}

/// `2x/N`.
fn twice_over(samples: usize, x: Ball) -> Ball {
    named("PL constant: 2/N", Ball::from(2.0)) * x / Ball::from(samples as f64)
}

/// Returns version 0, `m = (2/N)·λ_min(T)`, from the tangent kernel. Sharp: equality
/// when the error is a lowest eigenvector of `T`.
#[must_use]
pub fn tangent_pl(samples: usize, smallest: Ball) -> Ball {
    twice_over(samples, smallest)
}

/// Returns version 1, `m = (2σ_B²/N)·D⁻¹Σ_k λ_min(𝕂_k)·Π_{l>k}(1 − a_l)₊²`.
///
/// # Arguments
/// * `sigma_squared`: `σ_B²`.
/// * `smallest`: `λ_min(𝕂_k)` along the actual trajectory; `gains`: the `a_k`. One a layer.
///
/// # Panics
/// If the two slices differ in length.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::trajectory_pl};
/// // Gains of zero: the mean of the eigenvalues.
/// let zero = [Ball::from(0.0); 2];
/// let m = trajectory_pl(4, Ball::from(1.0), &[Ball::from(0.5), Ball::from(1.5)], &zero);
/// assert!(m.contains(0.5));
/// ```
#[must_use]
pub fn trajectory_pl(
    samples: usize,
    sigma_squared: Ball,
    smallest: &[Ball],
    gains: &[Ball],
) -> Ball {
    assert_eq!(
        smallest.len(),
        gains.len(),
        "one eigenvalue and one gain a layer"
    );
    let layers = smallest.iter().enumerate();
    let terms = layers.map(|(k, &lambda)| {
        lambda
            * named(
                "trajectory PL: Π(1 − a_l)²",
                contraction(&gains[k + 1..]).square(),
            )
    });
    let sigma_squared = named("trajectory PL: σ_B²", sigma_squared);
    twice_over(samples, sigma_squared * mean(terms))
}

/// Returns the weaker form of version 1, `m = (2σ_B²/N)·P₋²·min_k λ_min(𝕂_k)`.
pub fn uniform_trajectory_pl(
    samples: usize,
    sigma_squared: Ball,
    smallest: &[Ball],
    gains: &[Ball],
) -> Ball {
    let least = smallest.iter().copied().reduce(Ball::min);
    let least = least.unwrap_or(Ball::from(0.0));
    twice_over(
        samples,
        sigma_squared * named("uniform trajectory PL: P₋²", contraction(gains).square()) * least,
    )
}

/// The inputs and the kernel of version 2.
#[derive(Clone, Copy, Debug)]
pub struct SeparatedInputs<'a> {
    /// The exact kernel.
    pub kernel: &'a KernelSpec,
    /// `q`.
    pub dimension: usize,
    /// `N`.
    pub samples: usize,
    /// `δ_A`, or any lower bound of the distances of the lifted inputs; infinite for a single one.
    pub delta: f64,
}

/// Returns version 2, valid for the exact kernel wherever `‖v‖ ≤ R`:
///
/// ```text
/// m = (2σ_B²/N)·e^(−2s)·λ(e^(−s)·δ_A),   s = κ1R + κ1²R²/D
/// ```
///
/// or `None` unless `D ≥ 4κ1²R²` is certain. No state need be known: `λ` is [`separation`].
///
/// With random features instead, `λ` less `(N−1)ε` will do where `|k̂ − k| ≤ ε` on a set that holds every state.
///
/// # Arguments
/// * `radius`: `R`; `kappa1` of the kernel.
///
/// # Source
/// `proofs/p3-separation.md`.
///
/// # Example
/// A single input: `λ = 1`, and nothing moves at zero.
/// ```
/// use polyak::{arithmetic::Ball, bounds::{SeparatedInputs, separation_pl}};
/// let inputs = SeparatedInputs {
///     kernel: &"gaussian:1".parse()?,
///     dimension: 2,
///     samples: 1,
///     delta: f64::INFINITY,
/// };
/// let m = separation_pl(&inputs, Ball::from(4.0), Ball::from(1.0), Ball::from(0.0), 3);
/// assert!(m.unwrap().contains(8.0));
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[must_use]
pub fn separation_pl(
    inputs: &SeparatedInputs,
    sigma_squared: Ball,
    kappa1: Ball,
    radius: Ball,
    depth: usize,
) -> Option<Ball> {
    let floor = contraction_floor(kappa1, radius, depth)?;
    let &SeparatedInputs {
        kernel,
        dimension,
        samples,
        delta,
    } = inputs;
    // Not a number for a single input, which needs none.
    let apart = (floor * named("separation PL: δ", Ball::from(delta))).lower();
    let least = separation(kernel, dimension, samples, apart)
        .log_bound
        .value();
    Some(twice_over(
        samples,
        named("separation PL: σ_B²", sigma_squared)
            * named("separation PL: e^(−2s)", floor.square())
            * named("separation PL: λ", Ball::from(least)),
    ))
}

/// Returns `√λ_min(𝕂_k⁰) − √N·κ1κ0e^(κ1‖v⁰‖)·√(k/D)·ρ`, below `√λ_min(𝕂_k)` on the whole neighbourhood of the reference;
/// it may be negative.
///
/// # Arguments
/// * `smallest`: `λ_min(𝕂_k⁰)` at the reference; `layer`: `k`, from 0.
///
/// # Source
/// `proofs/p3-local.md`, Gram matrices.
#[must_use]
pub fn root_eigenvalue_floor(
    samples: usize,
    smallest: Ball,
    around: &Neighbourhood,
    layer: usize,
) -> Ball {
    smallest.sqrt() - around.gram_drift(samples, layer)
}

/// Returns version 3, valid on the whole neighbourhood of the reference:
///
/// ```text
/// m = (2σ_B²/N)·e^(−2s)·D⁻¹Σ_k( √λ_min(𝕂_k⁰) − √N·κ1κ0·e^(κ1‖v⁰‖)·√(k/D)·ρ )₊²,
/// s = κ1R + κ1²R²/D,   R = ‖v⁰‖ + ρ
/// ```
///
/// or `None` unless `D ≥ 4κ1²R²` is certain.
///
/// # Arguments
/// * `smallest`: `λ_min(𝕂_k⁰)` at the reference, one a layer.
///
/// # Panics
/// If `smallest` does not have one entry a layer.
#[must_use]
pub fn local_pl(
    samples: usize,
    sigma_squared: Ball,
    smallest: &[Ball],
    around: &Neighbourhood,
) -> Option<Ball> {
    assert_eq!(smallest.len(), around.depth, "one eigenvalue a layer");
    let floor = contraction_floor(around.kappa1, around.outer_norm(), around.depth)?;
    let terms = smallest.iter().enumerate().map(|(k, &lambda)| {
        root_eigenvalue_floor(samples, lambda, around, k)
            .positive_part()
            .square()
    });
    Some(twice_over(
        samples,
        named("local PL: σ_B²", sigma_squared)
            * named("local PL: e^(−2s)", floor.square())
            * mean(terms),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{around, assert_agrees, balls, numbers, rng};
    use crate::bounds::layer_gains;
    use rand::RngExt;

    fn ball(x: f64) -> Ball {
        Ball::from(x)
    }

    #[test]
    fn tangent_version_is_two_over_the_samples() {
        assert_agrees(tangent_pl(8, ball(3.0)), 0.75, 2);
        assert_agrees(tangent_pl(1, ball(3.0)), 6.0, 2);
    }

    // By a recursion backwards through the layers, on squares.
    #[test]
    fn trajectory_version_is_the_discounted_mean() {
        let mut rng = rng();
        for depth in 1..10 {
            let smallest = numbers(&mut rng, depth, 2.0);
            let gains = numbers(&mut rng, depth, 0.6);
            let (mut total, mut later, mut least) = (0.0, 1.0, f64::INFINITY);
            for (lambda, gain) in smallest.iter().zip(&gains).rev() {
                total += lambda * later * later;
                later -= later * gain;
                least = lambda.min(least);
            }
            let share = 2.0 * 1.75 / 6.0;
            let (lambdas, gains) = (balls(&smallest), balls(&gains));
            let bound = trajectory_pl(6, ball(1.75), &lambdas, &gains);
            assert_agrees(bound, share * total / depth as f64, 12 * depth + 8);
            let uniform = uniform_trajectory_pl(6, ball(1.75), &lambdas, &gains);
            assert_agrees(uniform, share * later * later * least, 12 * depth + 8);
            assert!(uniform.mid() <= bound.mid());
        }
    }

    // Layer k counts with Π_{l>k}: the last with 1, the first without its own gain.
    #[test]
    fn each_layer_is_discounted_by_the_later_ones() {
        let gains = balls(&[0.75, 0.5]);
        assert_agrees(
            trajectory_pl(2, ball(1.0), &balls(&[0.0, 1.0]), &gains),
            0.5,
            8,
        );
        assert_agrees(
            trajectory_pl(2, ball(1.0), &balls(&[1.0, 0.0]), &gains),
            0.125,
            8,
        );
        assert_agrees(
            uniform_trajectory_pl(2, ball(1.0), &balls(&[1.0, 1.0]), &gains),
            1.0 / 64.0,
            8,
        );
    }

    #[test]
    fn no_layer_proves_nothing() {
        assert_eq!(uniform_trajectory_pl(3, ball(1.0), &[], &[]), ball(0.0));
        assert!(!trajectory_pl(3, ball(1.0), &[], &[]).is_bounded());
    }

    // 1 − 2ψ(e^{−s}δ) of three points by hand, s = 0.2 + 0.04/4.
    #[test]
    fn separation_version_moves_the_points_together() {
        let kernel = "gaussian:0.5".parse().unwrap();
        let inputs = SeparatedInputs {
            kernel: &kernel,
            dimension: 50,
            samples: 3,
            delta: 2.0,
        };
        let at =
            |radius: f64, depth| separation_pl(&inputs, ball(1.5), ball(2.0), ball(radius), depth);
        let shrunk = (-0.21_f64).exp();
        let lambda = 1.0 - 2.0 * (-0.5 * (shrunk * 2.0 / 0.5).powi(2)).exp();
        let exact = 2.0 * 1.5 / 3.0 * shrunk * shrunk * lambda;
        let bound = at(0.1, 4).unwrap();
        assert!(
            (bound.mid() - exact).abs() < 1e-13 && bound.rad() < 1e-13,
            "{bound:?} {exact}"
        );
        // D ≥ 4κ1²R².
        assert!(at(0.49, 4).is_some() && at(0.51, 4).is_none());
        let nothing = SeparatedInputs {
            delta: 0.0,
            ..inputs
        };
        let bound = separation_pl(&nothing, ball(1.5), ball(2.0), ball(0.1), 4).unwrap();
        assert_eq!(bound.mid(), 0.0);
    }

    // Finitely many features do not know what the kernel knows: one frequency leaves three points with λ_min(K̂) = 0,
    // and a loss whose gradient vanishes.
    #[test]
    fn separation_version_is_false_for_a_single_frequency() {
        use crate::features::FourierFeatures;
        use crate::resnet::ResNet;
        use nalgebra::{DMatrix, dmatrix};
        let inputs = dmatrix![-1.0, 0.0, 1.0];
        let features = FourierFeatures::try_new(dmatrix![1.0]).unwrap();
        let network = ResNet::try_new(dmatrix![1.0], dmatrix![1.0], features, 1).unwrap();
        let zero = network.zero_weights();
        // 1·(f(−1) + f(1)) − 2cos(1)·f(0) = 0 for every combination f of cos z and sin z.
        let errors = dmatrix![1.0, -2.0 * 1.0_f64.cos(), 1.0];
        let targets: DMatrix<f64> = &inputs - errors;
        let mut observer = crate::flow::Observer::try_new(&network, &inputs, &targets).unwrap();
        let seen = observer.observe(&zero);
        let separated = SeparatedInputs {
            kernel: &"gaussian:0.25".parse().unwrap(),
            dimension: 1,
            samples: 3,
            delta: 1.0,
        };
        let claimed = separation_pl(&separated, ball(1.0), ball(1.0), ball(0.0), 1).unwrap();
        assert!(claimed.lower() > 0.6);
        assert!(seen.gradient_norm_squared.upper() < 1e-20 * (claimed * seen.loss).lower());
    }

    #[test]
    #[should_panic(expected = "one eigenvalue and one gain a layer")]
    fn trajectory_version_needs_a_gain_a_layer() {
        let _ = trajectory_pl(3, ball(1.0), &balls(&[1.0, 2.0]), &balls(&[0.5]));
    }

    #[test]
    #[should_panic(expected = "one eigenvalue a layer")]
    fn local_version_needs_an_eigenvalue_a_layer() {
        let _ = local_pl(
            3,
            ball(1.0),
            &balls(&[1.0]),
            &around([1.0, 0.1, 0.1, 0.1, 0.1], 2),
        );
    }

    /// Version 3 with plain numbers: all in the logarithm where it is a product.
    fn plain_local(
        samples: usize,
        sigma_squared: f64,
        smallest: &[f64],
        constants: [f64; 5],
    ) -> f64 {
        let [kappa0, kappa1, _, norm, radius] = constants;
        let depth = smallest.len() as f64;
        let stretch = kappa1 * (norm + radius);
        let speed = kappa1 * kappa0 * radius * (kappa1 * norm).exp();
        let mut total = 0.0;
        for (k, lambda) in smallest.iter().enumerate() {
            let root = lambda.sqrt() - (samples as f64 * k as f64 / depth).sqrt() * speed;
            if root > 0.0 {
                total += root * root;
            }
        }
        let factor = (-2.0 * stretch * (1.0 + stretch / depth)).exp();
        2.0 * sigma_squared * factor * total / (depth * samples as f64)
    }

    #[test]
    fn local_version_is_its_formula() {
        let mut rng = rng();
        let (mut open, mut closed) = (0, 0);
        for _ in 0..200 {
            let depth = rng.random_range(1..12usize);
            let smallest: Vec<f64> = numbers(&mut rng, depth, 2.0)
                .iter()
                .map(|x| x + 0.25)
                .collect();
            let mut constants: [f64; 5] = std::array::from_fn(|_| rng.random_range(0.1..1.0));
            constants[4] *= 0.2;
            let deep = depth as f64 >= 4.0 * (constants[1] * (constants[3] + constants[4])).powi(2);
            let bound = local_pl(5, ball(1.5), &balls(&smallest), &around(constants, depth));
            assert_eq!(bound.is_some(), deep);
            let Some(bound) = bound else {
                closed += 1;
                continue;
            };
            let plain = plain_local(5, 1.5, &smallest, constants);
            // A term √λ − x is a difference: its rounding is that of √λ ≤ 1.5, ten
            // operations of at most 8u, and its square at most 2·1.5 times as wrong.
            let cancelled = 2.0 * 1.5 / 5.0 * 3.0 * 1.5 * 2.0 * crate::arithmetic::gamma(80);
            let slack = cancelled + crate::arithmetic::gamma(800) * plain;
            assert!((bound.mid() - plain).abs() <= slack);
            assert!(bound.rad() <= 2.0 * slack);
            open += 1;
        }
        assert!(open > 50 && closed > 5);
    }

    #[test]
    fn local_version_at_radius_zero_is_the_mean_of_the_eigenvalues() {
        let smallest = balls(&[0.5, 1.5, 4.0, 2.0]);
        // v⁰ = 0 too: the floor is 1.
        let bound = local_pl(
            4,
            ball(3.0),
            &smallest,
            &around([1.0, 0.5, 1.0, 0.0, 0.0], 4),
        );
        assert_agrees(bound.expect("deep enough"), 3.0, 20);
        // κ1 = 0: features that do not move, whatever the radius.
        let bound = local_pl(
            4,
            ball(3.0),
            &smallest,
            &around([1.0, 0.0, 0.0, 3.0, 9.0], 4),
        );
        assert_agrees(bound.expect("deep enough"), 3.0, 20);
    }

    // The states of layer 0 do not move: of a large radius only its term is left.
    #[test]
    fn far_away_the_first_layer_alone_contributes() {
        let smallest = [1.0; 16];
        let constants = [1.0, 1.0, 1.0, 0.0, 1.5];
        let bound = local_pl(16, ball(2.0), &balls(&smallest), &around(constants, 16));
        let factor = (-2.0 * (1.5 + 2.25 / 16.0f64)).exp();
        assert_agrees(
            bound.expect("deep enough"),
            2.0 * 2.0 / 16.0 * factor / 16.0,
            60,
        );
    }

    #[test]
    fn local_version_decreases_with_the_radius() {
        let smallest = balls(&[0.5, 1.5, 4.0, 2.0]);
        let at = |radius: f64| {
            let around = around([1.0, 0.5, 1.0, 0.25, radius], 4);
            local_pl(4, ball(3.0), &smallest, &around).map(Ball::mid)
        };
        let radii: Vec<f64> = (0..20).map(|i| f64::from(i) * 0.08).collect();
        for pair in radii.windows(2) {
            assert!(at(pair[1]).unwrap() < at(pair[0]).unwrap(), "{pair:?}");
        }
        // 4κ1²R² = R² ≤ 4 up to R = 2.
        assert!(at(1.74).is_some() && at(1.76).is_none());
    }

    // κ1 → cκ1 with v⁰, ρ → 1/c of theirs and κ0 fixed: all products are kept.
    #[test]
    fn local_version_is_covariant() {
        let smallest = balls(&[0.5, 1.5, 4.0, 2.0]);
        let at = |c: f64| {
            let around = around([1.0, 0.5 * c, 1.0, 0.5 / c, 0.25 / c], 4);
            local_pl(4, ball(3.0), &smallest, &around).unwrap().mid()
        };
        assert_eq!(at(4.0), at(1.0));
        assert_eq!(at(0.5), at(1.0));
    }

    // At the reference itself version 1, with the actual gains, is at least version 3.
    #[test]
    fn trajectory_version_is_above_the_local_one() {
        let mut rng = rng();
        for _ in 0..100 {
            let depth = rng.random_range(4..16usize);
            let norms = numbers(&mut rng, depth, 1.5);
            let norm = (norms.iter().map(|x| x * x).sum::<f64>() / depth as f64).sqrt();
            let smallest = balls(&numbers(&mut rng, depth, 2.0));
            let gains = layer_gains(ball(0.9), &balls(&norms));
            let trajectory = trajectory_pl(3, ball(1.0), &smallest, &gains);
            let around = around([1.0, 0.9, 1.0, norm, rng.random_range(0.0..0.1)], depth);
            if let Some(local) = local_pl(3, ball(1.0), &smallest, &around) {
                assert!(local.mid() <= trajectory.mid());
            }
        }
    }
}
