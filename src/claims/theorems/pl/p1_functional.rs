//! P1.functional: the gradient in the RKHS.

use crate::arithmetic::{Ball, UNIT_ROUNDOFF, enlarged};
use crate::claims::gradient::kernel_form;
use crate::claims::hostile::all_but;
use crate::claims::{
    FunctionalInstance, ResidualInstance, broken, data, draws, kernel, sharp_functional, undecided,
};
use crate::data::Hostile::{HugeWeights, ZeroLoss};
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::flow::Observation;
use crate::kernel::Kernel;
use crate::resnet::{Expansion, ExpansionNetwork, FieldKernel, ResidualNetwork};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};
use nalgebra::{DMatrix, DVector};

const ABOUT: About = About {
    family: "pl",
    statement: "∇L(v)_k = Σ_i k(·,z_k^i)p_{k+1}^i in the RKHS: ‖∇L‖² is its kernel form, <∇L,h> a difference of losses",
    source: "Paper A (gradient by the adjoint state), non-parametric residuals",
    hypotheses: &[kernel::STRONGLY_ADMISSIBLE],
    tolerance: "rounding analysis of the pass through kernel expansions; the difference is off by βt‖h‖²/2 (P7)",
    page: "p1-functional.md",
    slack: Some(1e-4),
    ..About::new("P1.functional", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<FunctionalInstance> {
    Theorem::new(
        ABOUT,
        identity,
        sharp_functional::generic,
        draws::FUNCTIONAL,
    )
    .control(Control::spec(
        "kernel that is not admissible",
        Inapplicable(kernel::STRONGLY_ADMISSIBLE),
        broken::laplace,
    ))
    .control(Control::spec(
        "kernel that is not strongly admissible",
        Inapplicable(kernel::STRONGLY_ADMISSIBLE),
        broken::rough,
    ))
    .data(data::expansions_begun)
    .hostile(&[
        (
            &all_but(&[HugeWeights, ZeroLoss]),
            Demand::Mostly(Verdict::Holds, &[Verdict::Undecided, Verdict::Inapplicable]),
        ),
        (
            &[HugeWeights, ZeroLoss],
            Demand::Mostly(Verdict::Undecided, &[Verdict::Inapplicable]),
        ),
    ])
}

type Functional = ResidualInstance<ExpansionNetwork>;

/// `‖∇L‖²` by the reproducing property equals its kernel form, and the gradient's products with itself and with
/// one section a layer equal differences of the loss.
fn identity(instance: &Functional) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let mut observer = instance.observer()?;
        let seen = observer.observe(&instance.weights);
        let gradient = observer.gradient().clone();
        let (kernel, pass) = (instance.network.kernel(), observer.pass());
        let dimension = instance.network.frame().state_dimension();
        // |k(x, y) − k(x', y')| ≤ κ1(‖x − x'‖ + ‖y − y'‖), and the value itself.
        let value_error = |k: usize| {
            let norms = pass.states[k].column_iter().map(|z| z.norm());
            let moved = 2.0 * kernel.kappa1().upper() * seen.rounding.states[k];
            moved + kernel.value_error(dimension, norms.fold(0.0, f64::max))
        };
        let value = |x: &DVector<f64>, y: &DVector<f64>| kernel.value(x.as_slice(), y.as_slice());
        let mut comparisons = vec![kernel_form(instance, &pass, &seen, value, value_error)];
        for direction in [&gradient, &sections(instance)?] {
            comparisons.push(difference(instance, &seen, &gradient, direction)?);
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// One section at a lifted input for every layer, a different one each, with a coefficient that has no pattern in
/// common with the weights.
fn sections(instance: &Functional) -> Result<Expansion, Box<dyn std::error::Error>> {
    let network = &instance.network;
    let points = instance.lifted_inputs();
    let fields = (0..network.frame().depth()).map(|k| {
        let centre = points.columns(k % points.ncols(), 1).into_owned();
        let chirp = |a: usize, _| ((1 + a + 7 * k) as f64).powi(2).sin();
        network.field(centre, DMatrix::from_fn(points.nrows(), 1, chirp))
    });
    Ok(network.expansion(fields.collect::<Result<_, _>>()?)?)
}

/// `<∇L, h>` beside `(L(v + th) − L(v − th))/2t`, which is off by `βt‖h‖²/2` at most: each side is off its tangent
/// by `βt²‖h‖²/2` (P7).
fn difference(
    instance: &Functional,
    seen: &Observation,
    gradient: &Expansion,
    direction: &Expansion,
) -> Result<Comparison, Box<dyn std::error::Error>> {
    let network = &instance.network;
    let reference = instance.reference_spectra()?;
    let size = network.norm(direction);
    let product = network.inner_product(gradient, direction);
    let measured = product.widened((size * Ball::from(seen.rounding.gradient_error())).upper());
    let displacement = network.distance(&instance.weights, &instance.reference);
    let curvature = |reach: Ball| {
        // √L has the slope √M̄/2.
        let slope = instance.loss_slope().root(seen.norm + reach);
        let root = seen.loss.sqrt() + slope * reach / Ball::from(2.0);
        let around = instance.neighbourhood(displacement + reach);
        instance.smoothness(&reference, &around, root.square())
    };
    // Where the remainder is what two losses are off.
    let off = 2.0 * (seen.loss.rad() + UNIT_ROUNDOFF * seen.loss.mid());
    let bend = curvature(Ball::from(0.0)) * size.square();
    let t = (2.0 * off / bend.upper()).sqrt();
    let mut observer = instance.observer()?;
    let mut loss_at = |t: f64| {
        let terms = [(t, direction)];
        let there = network.combination(&instance.weights, &terms);
        let loss = observer.observe(&there).loss;
        let moved = enlarged(network.combination_rounding(&there, &terms), 16);
        loss.widened(
            instance
                .loss_slope()
                .carried(network.norm(&there), loss, moved),
        )
    };
    let (step, quotient) = (Ball::from(t), loss_at(t) - loss_at(-t));
    let remainder = curvature(step * size) * size.square() * step / Ball::from(2.0);
    let quotient = (quotient / (Ball::from(2.0) * step)).widened(remainder.upper());
    let scale = network.norm(gradient).mid() * size.mid();
    let statement = "<∇L,h> = difference";
    Ok(Comparison::equal(statement, measured, quotient, scale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::sharp_functional;
    use crate::evidence::Verdict;

    fn instance() -> Functional {
        sharp_functional::generic().remove(0)
    }

    #[test]
    fn every_statement_has_digits() {
        let Finding::Compared(comparisons) = identity(&instance()) else {
            panic!("three comparisons");
        };
        assert_eq!(comparisons.len(), 3);
        for comparison in comparisons {
            assert_eq!(comparison.verdict(), Verdict::Holds, "{comparison:?}");
            assert!(comparison.quantity().mid().abs() > 1e-3);
        }
    }

    /// The gradient of other weights is seen by each difference.
    #[test]
    fn another_gradient_is_rejected() {
        let instance = instance();
        let mut observer = instance.observer().unwrap();
        observer.observe(&instance.reference);
        let wrong = observer.gradient().clone();
        let seen = observer.observe(&instance.weights);
        for direction in [wrong.clone(), sections(&instance).unwrap()] {
            let comparison = difference(&instance, &seen, &wrong, &direction).unwrap();
            assert_eq!(comparison.verdict(), Verdict::Violated, "{comparison:?}");
        }
    }

    #[test]
    fn sections_differ_by_layer() {
        let instance = instance();
        let direction = sections(&instance).unwrap();
        let centres: Vec<f64> = direction
            .layers()
            .iter()
            .map(|field| field.centres()[(0, 0)])
            .collect();
        let points = instance.lifted_inputs();
        for (k, centre) in centres.iter().enumerate() {
            assert_eq!(*centre, points[(0, k % points.ncols())]);
        }
        assert!(centres.len() > 1 && centres[0] != centres[1]);
    }
}
