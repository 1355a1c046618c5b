//! How far a kernel's vector fields can move and bend a point.

/// The constants of (strong) admissibility of an RKHS of vector fields `V`:
/// for every `v ∈ V` and every point `z`,
///
/// `‖v(z)‖ ≤ κ0‖v‖`, `‖Dv(z)‖ ≤ κ1‖v‖`, `‖D²v(z)[h,h']‖ ≤ κ2‖v‖‖h‖‖h'‖`.
///
/// For `k(z,z') = E cos(ω·(z−z'))` these are `κ0 = 1`, `κ1² = λ_max(E ωωᵀ)`
/// and `κ2² = sup_{‖h‖=1} E (ω·h)⁴`. An infinite constant says that no such
/// bound holds (or that it exceeds the largest `f64`).
///
/// # Source
/// Barboni, Peyré, Vialard, NeurIPS 2022 (arXiv 2112.05531), admissibility.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Admissibility {
    /// Bound of the field: 1 for a normalised kernel.
    pub kappa0: f64,
    /// Bound of the derivative, per unit length.
    pub kappa1: f64,
    /// Bound of the second derivative, per unit length squared.
    pub kappa2: f64,
}

impl Admissibility {
    /// Whether `κ0` and `κ1` are finite: flows exist and are unique.
    #[must_use]
    pub fn is_admissible(&self) -> bool {
        self.kappa0.is_finite() && self.kappa1.is_finite()
    }

    /// Whether `κ2` is finite as well: the loss has a bounded Hessian on balls.
    #[must_use]
    pub fn is_strongly_admissible(&self) -> bool {
        self.is_admissible() && self.kappa2.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admissibility_asks_for_each_constant() {
        let verdicts = |kappa0, kappa1, kappa2| {
            let a = Admissibility {
                kappa0,
                kappa1,
                kappa2,
            };
            (a.is_admissible(), a.is_strongly_admissible())
        };
        let inf = f64::INFINITY;
        assert_eq!(verdicts(1.0, 2.0, 3.0), (true, true));
        assert_eq!(verdicts(1.0, 2.0, inf), (true, false));
        assert_eq!(verdicts(1.0, inf, 3.0), (false, false));
        assert_eq!(verdicts(inf, 2.0, 3.0), (false, false));
        assert_eq!(verdicts(1.0, f64::NAN, 3.0), (false, false));
    }
}
