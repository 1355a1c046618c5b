//! The remainder of a central difference of the loss along a line (P1).

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
    let depth = line.weights.len() as f64;
    let omega = line.frequency;
    let (mut first, mut second, mut third) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (&v, &h) in line.weights.iter().zip(line.direction) {
        let (p1, p2, p3) = (omega * first, omega * second, omega * third);
        // Derivatives of φ(z(t)): φ', φ'', φ'''.
        let phi1 = p1;
        let phi2 = p1 * p1 + p2;
        let phi3 = p1 * p1 * p1 + 3.0 * p1 * p2 + p3;
        first += (h + v * phi1) / depth;
        second += (2.0 * h * phi1 + v * phi2) / depth;
        third += (3.0 * h * phi2 + v * phi3) / depth;
    }
    let b = line.readout_norm;
    let error = line.error + b * first;
    let bound = 3.0 * (b * first) * (b * second) + error * b * third;
    // All terms are positive: 12 roundings a layer and 10 at the end, relative.
    bound * (1.0 + crate::arithmetic::gamma(16 * line.weights.len() + 16))
}
