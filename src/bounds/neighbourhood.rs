//! A ball of parameters around a reference.

use super::parameter_sensitivity;
use crate::arithmetic::{Ball, count};
use crate::factor::named;

/// The parameters `v` with `‖v − v⁰‖ ≤ ρ`, and the constants of the space they live in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbourhood {
    /// `κ0`: `‖v(z)‖ ≤ κ0‖v‖`.
    pub kappa0: Ball,
    /// `κ1`: `‖Dv(z)‖ ≤ κ1‖v‖`.
    pub kappa1: Ball,
    /// `κ2`: `‖D²v(z)‖ ≤ κ2‖v‖`.
    pub kappa2: Ball,
    /// Number of layers `D`.
    pub depth: usize,
    /// `‖v⁰‖`.
    pub centre_norm: Ball,
    /// `ρ`.
    pub radius: Ball,
}

impl Neighbourhood {
    /// Returns `R = ‖v⁰‖ + ρ`, a bound of the norm of every member.
    #[must_use]
    pub fn outer_norm(&self) -> Ball {
        self.centre_norm + named("R = ‖v⁰‖ + ρ: ρ", self.radius)
    }

    /// Returns `e^{κ1R}`, a bound of `P₊` for every member.
    #[must_use]
    pub fn expansion(&self) -> Ball {
        super::expansion_cap(self.kappa1, self.outer_norm())
    }

    /// Returns the bound `κ1·‖z_k(v) − z_k(v⁰)‖ ≤ κ1κ0e^{κ1‖v⁰‖}·sqrt(k/D)·ρ`
    /// of the change of a feature vector at layer `k` (K4 and P2).
    #[must_use]
    pub fn feature_drift(&self, layer: usize) -> Ball {
        let displacement = parameter_sensitivity(
            layer,
            self.depth,
            self.kappa0,
            self.kappa1,
            self.centre_norm,
            self.radius,
        );
        named("feature drift: κ1", self.kappa1) * displacement
    }

    /// Returns `√N` times that: a bound of `‖Φ_k(v) − Φ_k(v⁰)‖_F`, and so of what the root of an eigenvalue of `𝕂_k`
    /// moves by (K6).
    ///
    /// # Arguments
    /// * `samples`: `N`.
    #[must_use]
    pub fn gram_drift(&self, samples: usize, layer: usize) -> Ball {
        named("feature drift: √N", count(samples).sqrt()) * self.feature_drift(layer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{around, assert_agrees};

    #[test]
    fn outer_norm_and_expansion() {
        let around = around([1.0, 0.5, 0.3, 1.25, 0.75], 8);
        assert_eq!(around.outer_norm(), Ball::from(2.0));
        assert_agrees(around.expansion(), 1f64.exp(), 4);
    }

    // κ1·sqrt(k/D)·e^{κ1‖v⁰‖}·κ0·ρ, squared: at k = 2, D = 8, ‖v⁰‖ = 2 ln 2, κ1 = ½
    // it is ¼·¼·4·κ0²ρ².
    #[test]
    fn drift_grows_with_the_root_of_the_layer() {
        let around = around([3.0, 0.5, 0.3, 2.0 * 2f64.ln(), 0.75], 8);
        assert_agrees(around.feature_drift(2), 0.5 * 3.0 * 0.75, 16);
        assert_agrees(around.feature_drift(8), 3.0 * 0.75, 16);
        assert_eq!(around.feature_drift(0), Ball::from(0.0));
        assert_agrees(around.gram_drift(9, 8), 9.0 * 0.75, 20);
    }
}
