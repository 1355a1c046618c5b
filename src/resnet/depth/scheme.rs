//! Explicit Runge–Kutta schemes.

/// How a residual layer steps along its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `z + hv(z)`: the residual network itself.
    Euler,
    /// `z + hv(z + hv(z)/2)`.
    Midpoint,
    /// The classical scheme of order four.
    RungeKutta4,
}

impl Scheme {
    /// All schemes.
    pub const ALL: [Self; 3] = [Self::Euler, Self::Midpoint, Self::RungeKutta4];

    /// Returns the order `p`: one step is off by `O(h^{p+1})`.
    #[must_use]
    pub fn order(self) -> usize {
        match self {
            Self::Euler => 1,
            Self::Midpoint => 2,
            Self::RungeKutta4 => 4,
        }
    }

    /// Returns the nodes `c`: stage `i` is taken at `Y_i = z + c_ih·v(Y_{i−1})`, and `Y_0 = z`.
    ///
    /// In all three schemes a stage looks at the one before it alone.
    #[must_use]
    pub fn nodes(self) -> &'static [f64] {
        match self {
            Self::Euler => &[0.0],
            Self::Midpoint => &[0.0, 0.5],
            Self::RungeKutta4 => &[0.0, 0.5, 0.5, 1.0],
        }
    }

    /// Returns the weights `b` of `z + hΣb_iv(Y_i)`, as multiples of a sixth: `6b_i`.
    ///
    /// Sixths are not binary fractions; the caller divides once.
    #[must_use]
    pub fn sixths(self) -> &'static [f64] {
        match self {
            Self::Euler => &[6.0],
            Self::Midpoint => &[0.0, 6.0],
            Self::RungeKutta4 => &[1.0, 2.0, 2.0, 1.0],
        }
    }

    /// Returns the number of evaluations of the field in one step.
    #[must_use]
    pub fn stages(self) -> usize {
        self.nodes().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order conditions of a scheme whose stages form a chain, up to order four.
    #[test]
    fn order_conditions_hold_up_to_the_order_and_not_beyond() {
        for scheme in Scheme::ALL {
            let (c, s) = (scheme.nodes(), scheme.stages());
            assert_eq!(scheme.sixths().len(), s);
            let b: Vec<f64> = scheme.sixths().iter().map(|b| b / 6.0).collect();
            let before = |i: usize| if i == 0 { 0.0 } else { c[i - 1] };
            let twice = |i: usize| if i < 2 { 0.0 } else { c[i - 2] };
            let sum = |term: &dyn Fn(usize) -> f64| -> f64 { (0..s).map(|i| b[i] * term(i)).sum() };
            // Σb = 1, Σbc = 1/2, Σbc² = 1/3, Σbac = 1/6, and the four of order four.
            let conditions: [(usize, f64, f64); 8] = [
                (1, sum(&|_| 1.0), 1.0),
                (2, sum(&|i| c[i]), 1.0 / 2.0),
                (3, sum(&|i| c[i] * c[i]), 1.0 / 3.0),
                (3, sum(&|i| c[i] * before(i)), 1.0 / 6.0),
                (4, sum(&|i| c[i].powi(3)), 1.0 / 4.0),
                (4, sum(&|i| c[i] * c[i] * before(i)), 1.0 / 8.0),
                (4, sum(&|i| c[i] * before(i).powi(2)), 1.0 / 12.0),
                (4, sum(&|i| c[i] * before(i) * twice(i)), 1.0 / 24.0),
            ];
            for (order, found, expected) in conditions {
                if order <= scheme.order() {
                    assert!((found - expected).abs() < 1e-15, "{scheme:?} {order}");
                }
            }
            let fails = |n: usize| {
                conditions
                    .iter()
                    .any(|&(order, found, expected)| order == n && (found - expected).abs() > 1e-3)
            };
            assert!(scheme.order() == 4 || fails(scheme.order() + 1));
        }
    }
}
