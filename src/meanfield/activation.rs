//! Activation functions, and the bounds of their values and derivatives.

use super::MeanFieldError;
use crate::arithmetic::{Ball, Smooth, pi};
use std::fmt;
use std::str::FromStr;

/// The activation `σ` of a residual `u σ(w·x + b)`.
///
/// # Example
/// ```
/// use polyak::meanfield::Activation;
/// let tanh: Activation = "tanh".parse()?;
/// assert_eq!(tanh.value_and_slope(0.0), (0.0, 1.0));
/// assert!(tanh.bounds().unwrap().slope.contains(1.0));
/// assert!(Activation::Relu.bounds().is_none());
/// # Ok::<(), polyak::meanfield::MeanFieldError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Activation {
    /// `cos t`
    Cosine,
    /// `√2 cos t`: with `b` uniform on a period, the kernel of random features.
    ScaledCosine,
    /// `tanh t`
    Tanh,
    /// `erf t`
    Erf,
    /// `1/(1 + e^{−t})`
    Sigmoid,
    /// `max(t, 0)`: neither bounded nor differentiable, outside the theorems.
    Relu,
}

/// `|σ| ≤ S0`, `|σ'| ≤ S1`, `|σ''| ≤ S2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ActivationBounds {
    /// `S0`.
    pub value: Ball,
    /// `S1`.
    pub slope: Ball,
    /// `S2`.
    pub curvature: Ball,
}

impl Activation {
    /// All activations.
    pub const ALL: [Self; 6] = [
        Self::Cosine,
        Self::ScaledCosine,
        Self::Tanh,
        Self::Erf,
        Self::Sigmoid,
        Self::Relu,
    ];

    /// Returns its name, as it is parsed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cosine => "cosine",
            Self::ScaledCosine => "scaled-cosine",
            Self::Tanh => "tanh",
            Self::Erf => "erf",
            Self::Sigmoid => "sigmoid",
            Self::Relu => "relu",
        }
    }

    /// Returns the suprema of `|σ|`, `|σ'|` and `|σ''|`, all attained or approached; `None` where one of them is
    /// infinite.
    #[must_use]
    pub fn bounds(self) -> Option<ActivationBounds> {
        let ball = |x: f64| Ball::from(x);
        let bounds = |value: Ball, slope: Ball, curvature: Ball| ActivationBounds {
            value,
            slope,
            curvature,
        };
        let (one, root3) = (ball(1.0), ball(3.0).sqrt());
        Some(match self {
            Self::Cosine => bounds(one, one, one),
            Self::ScaledCosine => {
                let root = ball(2.0).sqrt();
                bounds(root, root, root)
            }
            // 2t(1 − t²) is largest at t = 1/√3.
            Self::Tanh => bounds(one, one, ball(4.0) / (ball(3.0) * root3)),
            // (4x/√π)e^{−x²} is largest at x = 1/√2.
            Self::Erf => {
                let slope = ball(2.0) / pi().sqrt();
                bounds(one, slope, slope * (ball(2.0) * ball(-1.0).exp()).sqrt())
            }
            // s(1 − s)(1 − 2s) is largest at s = ½ − 1/√12.
            Self::Sigmoid => bounds(one, ball(0.25), one / (ball(6.0) * root3)),
            Self::Relu => return None,
        })
    }

    /// Returns the bound that `σ` and all its derivatives share, if there is one: the amplitude of a cosine.
    ///
    /// # Example
    /// ```
    /// use polyak::meanfield::Activation;
    /// assert!(Activation::ScaledCosine.amplitude().unwrap().contains(2f64.sqrt()));
    /// assert!(Activation::Tanh.amplitude().is_none());
    /// ```
    #[must_use]
    pub fn amplitude(self) -> Option<Ball> {
        match self {
            Self::Cosine | Self::ScaledCosine => self.bounds().map(|bounds| bounds.value),
            Self::Tanh | Self::Erf | Self::Sigmoid | Self::Relu => None,
        }
    }

    /// Returns `(σ(t), σ'(t))`.
    pub fn value_and_slope<T: Smooth>(self, t: T) -> (T, T) {
        let one = T::from(1.0);
        match self {
            Self::Cosine => {
                let (sine, cosine) = t.phase();
                (cosine, -sine)
            }
            Self::ScaledCosine => {
                let (sine, cosine) = t.phase();
                let root = T::reciprocal_root(0.5);
                (root * cosine, -(root * sine))
            }
            Self::Tanh => {
                let value = t.tanh();
                (value, (one - value * value).loosened())
            }
            Self::Erf => (t.erf(), t.erf_slope()),
            Self::Sigmoid => {
                let half = T::from(0.5);
                let value = (half * t).tanh();
                let slope = (one - value * value).loosened();
                ((half + half * value).loosened(), T::from(0.25) * slope)
            }
            Self::Relu => (t.rectified(), t.step()),
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Activation {
    type Err = MeanFieldError;

    fn from_str(name: &str) -> Result<Self, MeanFieldError> {
        let known = |activation: &Self| activation.name().eq_ignore_ascii_case(name.trim());
        let found = Self::ALL.into_iter().find(known);
        found.ok_or_else(|| MeanFieldError::Activation {
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Dual;

    /// On a fine grid the suprema are approached and never exceeded.
    #[test]
    fn bounds_are_suprema() {
        for activation in Activation::ALL {
            let Some(bounds) = activation.bounds() else {
                assert_eq!(activation, Activation::Relu);
                continue;
            };
            let mut largest = [0.0_f64; 3];
            for i in -40_000..=40_000 {
                let x = f64::from(i) * 1e-3;
                let dual = activation.value_and_slope(Dual::variable(x));
                let found = [dual.0.value, dual.0.derivative, dual.1.derivative];
                for (largest, found) in largest.iter_mut().zip(found) {
                    *largest = largest.max(found.abs());
                }
                // The slope is the derivative of the value.
                assert!((dual.0.derivative - dual.1.value).abs() < 1e-15);
            }
            let all = [bounds.value, bounds.slope, bounds.curvature];
            for (bound, largest) in all.into_iter().zip(largest) {
                assert!(bound.rad() < 1e-14, "{activation}");
                assert!(largest <= bound.upper() + 1e-15, "{activation}");
                assert!(largest >= bound.lower() * (1.0 - 1e-6), "{activation}");
            }
        }
    }

    #[test]
    fn values_are_those_of_other_formulas() {
        for x in [-1.7, -0.2, 0.0, 0.4, 2.5_f64] {
            let value = |activation: Activation| activation.value_and_slope(x).0;
            assert_eq!(value(Activation::Cosine), x.cos());
            let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-15, "{a} {b}");
            close(value(Activation::ScaledCosine), 2f64.sqrt() * x.cos());
            close(value(Activation::Tanh), x.sinh() / x.cosh());
            close(value(Activation::Sigmoid), 1.0 / (1.0 + (-x).exp()));
            // A rational approximation that is good to 1e-12, unlike the one that is used.
            assert!((value(Activation::Erf) - statrs::function::erf::erf(x)).abs() < 1e-11);
            assert_eq!(
                Activation::Relu.value_and_slope(x),
                (x.max(0.0), if x > 0.0 { 1.0 } else { 0.0 })
            );
        }
    }

    #[test]
    fn names_are_parsed() {
        for activation in Activation::ALL {
            assert_eq!(activation.to_string().parse(), Ok(activation));
            assert_eq!(
                format!(" {activation}").to_uppercase().parse(),
                Ok(activation)
            );
        }
        let name = "softplus".to_owned();
        assert_eq!(
            "softplus".parse::<Activation>(),
            Err(MeanFieldError::Activation { name })
        );
    }
}
