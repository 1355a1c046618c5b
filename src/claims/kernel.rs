//! Claims about kernels and features: K3, K4, K5.

use super::vectors::{dot, norm};
use super::{ResidualInstance, undecided};
use crate::arithmetic::{Ball, Dual, Real, UNIT_ROUNDOFF, gamma};
use crate::evidence::{Comparison, Finding};
use crate::gram::{kernel_gram, tensor_gram};
use crate::kernel::Kernel;
use crate::resnet::reference::feature_vector;
use crate::spectrum::symmetric_eigen;
use nalgebra::DMatrix;

/// The hypothesis of K4 for the exact kernel.
pub(super) const ADMISSIBLE: &str = "κ1 is finite: the kernel is admissible";

/// What claims need that use second derivatives of fields.
pub(super) const STRONGLY_ADMISSIBLE: &str =
    "κ1 and κ2 are finite: the kernel is strongly admissible";

fn balls(values: impl IntoIterator<Item = f64>) -> Vec<Ball> {
    values.into_iter().map(Ball::from).collect()
}

/// `Wφ` for any vector `φ` of balls.
fn apply(layer: &DMatrix<f64>, features: &[Ball]) -> Vec<Ball> {
    let rows = layer.row_iter();
    rows.map(|row| {
        row.iter()
            .zip(features)
            .map(|(&w, &f)| Ball::from(w) * f)
            .sum()
    })
    .collect()
}

/// K3: the reproducing property and the admissibility bounds of the features.
///
/// The residual is the first layer of the weights; the points are the lifted inputs.
pub(super) fn reproducing(instance: &ResidualInstance) -> Finding {
    let features = instance.network.features();
    let (kappa1, kappa2) = (features.kappa1_ball(), features.kappa2_ball());
    let (_, steepest) = features.kappa1_direction();
    let (_, most_curved) = features.kappa2_lower(2);
    let layer = &instance.weights.layers()[0];
    let size = Ball::norm_of(layer.as_slice());
    let points = instance.lifted_inputs();
    let mut comparisons = Vec::new();
    for point in points.column_iter() {
        let value = feature_vector(features, &balls(point.iter().copied()));
        comparisons.push(Comparison::at_most(
            "‖v(z)‖ ≤ κ0‖v‖",
            norm(&apply(layer, &value)),
            size,
        ));

        let length = norm(&balls(steepest.iter().copied()));
        let along: Vec<Dual<Ball>> = point
            .iter()
            .zip(steepest.iter())
            .map(|(&z, &h)| Dual::new(Ball::from(z), Ball::from(h)))
            .collect();
        let first: Vec<Ball> = feature_vector(features, &along)
            .iter()
            .map(|f| f.derivative)
            .collect();
        let slope = norm(&apply(layer, &first)) / length;
        comparisons.push(Comparison::at_most("‖Dv(z)‖ ≤ κ1‖v‖", slope, kappa1 * size));

        let length = norm(&balls(most_curved.iter().copied()));
        let along: Vec<Dual<Dual<Ball>>> = point
            .iter()
            .zip(most_curved.iter())
            .map(|(&z, &h)| Dual::new(Dual::new(Ball::from(z), Ball::from(h)), Dual::from(h)))
            .collect();
        let second: Vec<Ball> = feature_vector(features, &along)
            .iter()
            .map(|f| f.derivative.derivative)
            .collect();
        let curvature = norm(&apply(layer, &second)) / length.square();
        comparisons.push(Comparison::at_most(
            "‖D²v(z)‖ ≤ κ2‖v‖",
            curvature,
            kappa2 * size,
        ));
    }
    comparisons.extend(expansion(instance, &points));
    Finding::Compared(comparisons)
}

/// `k̂(z, z') = m⁻¹Σ cos(ω_j·(z − z'))` in balls.
fn realised_kernel(instance: &ResidualInstance, a: &[Ball], b: &[Ball]) -> Ball {
    let frequencies = instance.network.features().frequencies();
    let difference: Vec<Ball> = a.iter().zip(b).map(|(&x, &y)| x - y).collect();
    let cosines = frequencies.column_iter().map(|frequency| {
        let phase: Ball = frequency
            .iter()
            .zip(&difference)
            .map(|(&w, &x)| Ball::from(w) * x)
            .sum();
        phase.sin_cos().1
    });
    cosines.sum::<Ball>() / Ball::from(frequencies.ncols() as f64)
}

/// `v = Σ_j k̂(·, c_j)a_j`: its norm, and the reproducing property, with the weight
/// matrix `Σ a_jφ(c_j)ᵀ` on one side and kernel values alone on the other. The
/// coefficients are the first columns of the weights.
fn expansion(instance: &ResidualInstance, points: &DMatrix<f64>) -> Vec<Comparison> {
    let features = instance.network.features();
    let layer = &instance.weights.layers()[0];
    let centres: Vec<Vec<Ball>> = points
        .column_iter()
        .map(|c| balls(c.iter().copied()))
        .collect();
    let coefficients: Vec<Vec<Ball>> = (0..centres.len())
        .map(|j| balls(layer.column(j % layer.ncols()).iter().copied()))
        .collect();
    let maps: Vec<Vec<Ball>> = centres
        .iter()
        .map(|c| feature_vector(features, c))
        .collect();
    let rows = layer.nrows();
    let expansion: Vec<Vec<Ball>> = (0..rows)
        .map(|row| {
            (0..features.width())
                .map(|column| {
                    let terms = coefficients.iter().zip(&maps);
                    terms.map(|(a, phi)| a[row] * phi[column]).sum()
                })
                .collect()
        })
        .collect();
    let squared_norm: Ball = expansion.iter().map(|row| dot(row, row)).sum();
    let absolute: f64 = coefficients.iter().map(|a| norm(a).mid()).sum();
    let mut kernel_form = Ball::from(0.0);
    for (a, c) in coefficients.iter().zip(&centres) {
        for (b, e) in coefficients.iter().zip(&centres) {
            kernel_form = kernel_form + dot(a, b) * realised_kernel(instance, c, e);
        }
    }
    let scale = absolute * absolute;
    let mut comparisons = vec![Comparison::equal(
        "‖v‖² = Σ a·a' k(c,c')",
        squared_norm,
        kernel_form,
        scale,
    )];
    for (probe, phi) in centres.iter().zip(&maps) {
        for row in 0..rows {
            let inner = dot(&expansion[row], phi);
            let terms = coefficients.iter().zip(&centres);
            let value: Ball = terms
                .map(|(a, c)| a[row] * realised_kernel(instance, c, probe))
                .sum();
            comparisons.push(Comparison::equal(
                "<v,k(·,z)a> = v(z)·a",
                inner,
                value,
                absolute,
            ));
        }
    }
    comparisons
}

/// K4: feature maps are Lipschitz, the exact kernel's and the realised one.
pub(super) fn lipschitz(instance: &ResidualInstance) -> Finding {
    let exact = instance.kernel.admissibility().kappa1;
    if !exact.is_finite() {
        return Finding::Inapplicable(vec![ADMISSIBLE.to_owned()]);
    }
    let facts = instance.kernel.facts();
    let (Some(roundings), Some(slope)) = (facts.profile_roundings, facts.logarithmic_slope) else {
        return undecided("the rounding of the profile of this kernel is not proved");
    };
    let features = instance.network.features();
    let points = instance.lifted_inputs();
    let (dimension, samples) = points.shape();
    let maps = features.evaluate(&points);
    // κ1 of a kernel is a handful of correctly rounded operations on its parameter.
    let exact_squared = Ball::new(exact, gamma(8) * exact).square();
    let realised_squared = features.kappa1_ball().square();
    let mut comparisons = Vec::new();
    for i in 0..samples {
        for j in i + 1..samples {
            let (x, y) = (points.column(i), points.column(j));
            let differences = x
                .iter()
                .zip(y.iter())
                .map(|(&a, &b)| Ball::from(a) - Ball::from(b));
            let distance_squared: Ball = differences.map(Ball::square).sum();
            // ψ and its argument: (32 + 4q)u with 12 roundings of the profile, see the page.
            let profile = instance.kernel.profile(distance_squared.mid());
            let argument = (20.0 + 4.0 * dimension as f64) * slope.max(1.0);
            let rounding = (roundings + argument) * UNIT_ROUNDOFF;
            let exact_distance = Ball::from(2.0) - Ball::from(2.0) * Ball::new(profile, rounding);
            let bound = exact_squared * distance_squared;
            comparisons.push(Comparison::at_most("2 − 2ψ ≤ κ1²r²", exact_distance, bound));

            let size = x.norm().max(y.norm());
            let evaluation =
                gamma(dimension + 2) * features.frequency_rms() * size + 8.0 * UNIT_ROUNDOFF;
            let difference = Ball::norm_of((maps.column(i) - maps.column(j)).as_slice());
            let distance = difference.widened(2.0 * evaluation + 2.0 * UNIT_ROUNDOFF);
            let bound = realised_squared * distance_squared;
            comparisons.push(Comparison::at_most(
                "‖φ−φ'‖² ≤ κ̂1²r²",
                distance.square(),
                bound,
            ));
        }
    }
    Finding::Compared(comparisons)
}

/// K5: the spectrum of `K ⊗ Id_q`.
pub(super) fn tensor(instance: &ResidualInstance) -> Finding {
    let points = instance.lifted_inputs();
    let gram = kernel_gram(&instance.kernel, &points);
    let dimension = points.nrows();
    let tensor = tensor_gram(&gram, dimension);
    let (scalar, vector) = match (symmetric_eigen(&gram), symmetric_eigen(&tensor)) {
        (Ok(scalar), Ok(vector)) => (scalar, vector),
        (Err(error), _) | (_, Err(error)) => return undecided(error),
    };
    let (error, tensor_error) = (scalar.error_bound(&gram), vector.error_bound(&tensor));
    let scale = scalar.values.amax();
    let comparisons = vector.values.iter().enumerate().map(|(i, &value)| {
        let expected = Ball::new(scalar.values[i / dimension], error);
        Comparison::equal(
            "λ_{qi+a}(𝕂) = λ_i(K)",
            Ball::new(value, tensor_error),
            expected,
            scale,
        )
    });
    Finding::Compared(comparisons.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    #[test]
    fn a_kernel_without_a_proved_profile_is_undecided() {
        let mut instance = crate::claims::sharp::near_pair().remove(0);
        for (name, verdict) in [
            ("imq(3/2):1", Verdict::Holds),
            ("imq(16):1", Verdict::Holds),
            ("imq(2/3):1", Verdict::Undecided),
            ("laplace:1", Verdict::Inapplicable),
        ] {
            instance.kernel = name.parse().unwrap();
            assert_eq!(lipschitz(&instance).judge().verdict, verdict, "{name}");
        }
    }
}
