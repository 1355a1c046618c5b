//! The remainder of a central difference of the loss along a line (P1).

use crate::arithmetic::Ball;

/// Sizes along the segment `v + th`, `|t| ≤ 1`, in parameter space.
#[derive(Clone, Debug)]
pub struct LineSegment<'a> {
    /// `‖V_k‖ + ‖H_k‖` a layer, so that every point of the segment is covered.
    pub weights: &'a [f64],
    /// `‖H_k‖` a layer.
    pub direction: &'a [f64],
    /// `max_j ‖ω_j‖ =: Ω`; a paired feature map has `‖Dⁿφ‖ ≤ Ωⁿ`.
    pub frequency: f64,
    /// `‖B‖`.
    pub readout_norm: f64,
    /// `max_i ‖e^i‖` at the centre of the segment.
    pub error: f64,
}

/// Returns a bound of `|d³L/dt³|` on the segment, so that
/// `|(L(1) − L(−1))/2 − L'(0)|` is at most a sixth of it.
///
/// Follows the first three derivatives of the states layer by layer,
/// `z' ← z' + (‖H‖ + ‖V‖Ω z')/D` and so on, then
/// `L''' = N⁻¹Σ(3e'·e'' + e·e''')`. Sound, not sharp (`proofs/p1-gradient.md`).
/// Evaluated in [`Ball`]s, so that rounding is inside the bound; infinite if a size is not finite.
///
/// # Panics
/// If `weights` and `direction` differ in length.
///
/// # Example
/// ```
/// use polyak::bounds::{LineSegment, third_derivative};
/// // One layer, Ω = 0: z' = ‖H‖, z'' = z''' = 0, so the third derivative is zero.
/// let line = LineSegment {
///     weights: &[1.0], direction: &[1.0], frequency: 0.0, readout_norm: 1.0, error: 1.0,
/// };
/// assert_eq!(third_derivative(&line), 0.0);
/// ```
pub fn third_derivative(line: &LineSegment) -> f64 {
    assert_eq!(
        line.weights.len(),
        line.direction.len(),
        "one weight and one direction a layer"
    );
    let [depth, omega, b, two, three] = [
        line.weights.len() as f64,
        line.frequency,
        line.readout_norm,
        2.0,
        3.0,
    ]
    .map(Ball::from);
    let [mut first, mut second, mut third] = [Ball::from(0.0); 3];
    for (&v, &h) in line.weights.iter().zip(line.direction) {
        let (v, h) = (Ball::from(v), Ball::from(h));
        // Derivatives of φ(z(t)).
        let (p1, p2, p3) = (omega * first, omega * second, omega * third);
        let phi2 = p1 * p1 + p2;
        let phi3 = p1 * p1 * p1 + three * p1 * p2 + p3;
        first = first + (h + v * p1) / depth;
        second = second + (two * h * p1 + v * phi2) / depth;
        third = third + (three * h * phi2 + v * phi3) / depth;
    }
    let error = Ball::from(line.error) + b * first;
    (three * (b * first) * (b * second) + error * b * third).upper()
}
