//! P7: the Hessian is bounded.

use super::{InstanceError, ResidualInstance, undecided};
use crate::arithmetic::{Ball, Dual};
use crate::bounds::{Coupling, GaussNewton, Neighbourhood, smoothness};
use crate::evidence::{Comparison, Finding};
use crate::resnet::{Weights, reference};
use nalgebra::{DMatrix, Matrix2, SymmetricEigen};

/// Steps of the power iteration that looks for the top of the spectrum. Any
/// direction gives a valid lower bound of `‖∇²L‖`; more steps make it sharper.
const POWER_STEPS: usize = 6;

/// Every Rayleigh quotient of the Hessian at the weights is at most `β`, by all
/// three versions of its Gauss–Newton part, on the ball around the reference
/// through the weights.
pub(super) fn hessian(instance: &ResidualInstance) -> Finding {
    at_top(instance, |top| {
        let gram = instance.reference_spectra()?;
        let largest: Vec<Ball> = gram.iter().map(|layer| layer.largest).collect();
        let versions = [
            ("‖∇²L‖ ≤ β (global)", GaussNewton::Global),
            ("‖∇²L‖ ≤ β (largest)", GaussNewton::Largest(&largest)),
            ("‖∇²L‖ ≤ β (layers)", GaussNewton::Layers(&largest)),
        ];
        let norm_squared = instance.network.readout_norm_squared();
        let bounds = versions.map(|(statement, version)| {
            let part = version.bound(instance.samples(), norm_squared, &top.around);
            let bound = smoothness(
                part,
                norm_squared,
                top.loss,
                Coupling::Stationary,
                &top.around,
            );
            Comparison::at_most(statement, top.quotient.abs(), bound)
        });
        Ok(bounds.to_vec())
    })
}

/// What the Hessian has beyond its Gauss–Newton part is at most `β − G`.
pub(super) fn curvature(instance: &ResidualInstance) -> Finding {
    at_top(instance, |top| {
        let norm_squared = instance.network.readout_norm_squared();
        let none = Ball::from(0.0);
        let bound = smoothness(
            none,
            norm_squared,
            top.loss,
            Coupling::Stationary,
            &top.around,
        );
        let beyond = (top.quotient - gauss_newton(instance, &top.direction)).abs();
        Ok(vec![Comparison::at_most(
            "‖∇²L − GN‖ ≤ β − G",
            beyond,
            bound,
        )])
    })
}

/// The weights seen along a direction near the top of the spectrum of the Hessian.
struct Top {
    loss: Ball,
    around: Neighbourhood,
    direction: Weights,
    quotient: Ball,
}

fn at_top(
    instance: &ResidualInstance,
    compare: impl Fn(&Top) -> Result<Vec<Comparison>, InstanceError>,
) -> Finding {
    let check = || -> Result<Finding, InstanceError> {
        let mut observer = instance.observer()?;
        let loss = observer.observe(&instance.weights).loss;
        let direction = top_direction(instance, observer.tape().gradient().clone());
        let quotient = rayleigh(instance, &direction);
        let around = instance.neighbourhood(instance.weights.distance(&instance.reference));
        Ok(Finding::Compared(compare(&Top {
            loss,
            around,
            direction,
            quotient,
        })?))
    };
    check().unwrap_or_else(undecided)
}

/// Power iteration on the Hessian from a fixed dense start with the gradient mixed
/// in, ended by a Rayleigh–Ritz step in the plane of the last two iterates: the
/// cross term alone has a spectrum symmetric about zero, where power iteration
/// never settles.
fn top_direction(instance: &ResidualInstance, gradient: Weights) -> Weights {
    let scale = gradient.norm().mid().max(f64::MIN_POSITIVE);
    let layers = gradient.layers().iter().enumerate().map(|(k, layer)| {
        layer.map_with_location(|i, j, g| {
            g / scale + ((2 + 5 * i + j + 3 * k) as f64).powi(2).cos() * 0.1
        })
    });
    let mut direction = unit(Weights::from_layers(layers.collect()));
    let mut product = hessian_product(instance, &direction);
    for _ in 0..POWER_STEPS {
        direction = unit(product);
        product = hessian_product(instance, &direction);
    }
    let residual = product.plus(-product.dot(&direction), &direction);
    // An eigenvector already: what is left is rounding.
    if !(residual.norm().mid() > 1e-6 * product.norm().mid()) {
        return direction;
    }
    let across = unit(residual);
    let across_product = hessian_product(instance, &across);
    let plane = SymmetricEigen::new(Matrix2::new(
        direction.dot(&product),
        across.dot(&product),
        across.dot(&product),
        across.dot(&across_product),
    ));
    let top = plane.eigenvalues.iamax();
    let (a, b) = (plane.eigenvectors[(0, top)], plane.eigenvectors[(1, top)]);
    direction.scaled(a).plus(b, &across)
}

fn unit(direction: Weights) -> Weights {
    let norm = direction.norm().mid();
    if norm > 0.0 && norm.is_finite() {
        direction.scaled(1.0 / norm)
    } else {
        direction
    }
}

/// `∇²L·h`, by the reference gradient over dual numbers.
fn hessian_product(instance: &ResidualInstance, direction: &Weights) -> Weights {
    let along = reference::lift_pair(&instance.weights, direction, Dual::new);
    let (inputs, targets) = (&instance.inputs, &instance.targets);
    let gradient = reference::gradient(&instance.network, &along, inputs, targets);
    let layers = gradient
        .iter()
        .map(|rows| DMatrix::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j].derivative));
    Weights::from_layers(layers.collect())
}

/// `<h, ∇²L h>/‖h‖²` in balls.
fn rayleigh(instance: &ResidualInstance, direction: &Weights) -> Ball {
    let along = reference::lift_pair(&instance.weights, direction, |w, h| {
        Dual::new(Dual::new(Ball::from(w), Ball::from(h)), Dual::from(h))
    });
    let loss = reference::loss(
        &instance.network,
        &along,
        &instance.inputs,
        &instance.targets,
    );
    loss.derivative.derivative / direction.norm_squared()
}

/// The Gauss–Newton part of the same quotient, `N⁻¹Σ‖B·Dz_D(x^i)h‖²/‖h‖²`.
fn gauss_newton(instance: &ResidualInstance, direction: &Weights) -> Ball {
    let moved = push_forward(instance, &instance.weights, direction);
    let total: Ball = moved.iter().map(|entry| entry.square()).sum();
    total / Ball::from(instance.samples() as f64) / direction.norm_squared()
}

/// `J(v)h`: how the stacked predictions move, sample by sample, in balls.
pub(super) fn push_forward(
    instance: &ResidualInstance,
    weights: &Weights,
    direction: &Weights,
) -> Vec<Ball> {
    let along = reference::lift_pair(weights, direction, |w, h| {
        Dual::new(Ball::from(w), Ball::from(h))
    });
    let network = &instance.network;
    let mut moved = Vec::new();
    for input in instance.inputs.column_iter() {
        let states = reference::states(network, &along, input.as_slice());
        let last = states.last().expect("at least one state");
        for row in network.readout().row_iter() {
            let terms = row.iter().zip(last);
            moved.push(terms.map(|(&b, z)| Ball::from(b) * z.derivative).sum());
        }
    }
    moved
}
