//! What the theory says of a network at one set of weights.

use super::grounds::{Grounds, Line};
use super::{Basis, CheckError, LinearNetwork, Outlook, Way};
use crate::arithmetic::{Ball, count};
use crate::bounds::{
    LocalConstants, SpectralFilter, TangentBall, layer_gains, tangent_pl, trajectory_pl,
    uniform_trajectory_pl, upper_pl,
};
use crate::flow::{Linearised, Observer, Surroundings};
use crate::resnet::ResidualNetwork;
use nalgebra::DMatrix;

/// How much is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct DiagnosisOptions {
    /// The largest order `N·d'` of a tangent kernel that is formed.
    pub largest_order: usize,
    /// The most steps that the envelope of P8b follows.
    pub steps: usize,
}

impl Default for DiagnosisOptions {
    /// Tangent kernels of order 2000 at most, and 4096 steps.
    fn default() -> Self {
        Self {
            largest_order: 2000,
            steps: 4096,
        }
    }
}

impl DiagnosisOptions {
    setters! {
        with_largest_order, largest_order: usize;
        with_steps, steps: usize;
    }

    /// Steps of the envelope, two products with the tangent kernel each: fewer of a large one.
    fn steps_of(&self, order: usize) -> usize {
        const MULTIPLICATIONS: usize = 1 << 32;
        let affordable = MULTIPLICATIONS / (2 * order * order).max(1);
        self.steps.min(affordable.max(64))
    }

    /// Estimates the multiplications of a diagnosis, from shapes.
    ///
    /// # Arguments
    /// * `network`: samples, outputs, state dimension, features, layers.
    #[must_use]
    pub fn multiplications(&self, [samples, outputs, state, features, depth]: [usize; 5]) -> f64 {
        let of = |x: usize| x as f64;
        let pass = 6.0 * of(samples) * of(state) * of(features) * of(depth);
        let spectra = of(depth) * of(samples).powi(2) * (of(features) + 12.0 * of(samples));
        let order = samples * outputs;
        if order > self.largest_order {
            return pass + spectra;
        }
        let kernel = of(outputs) * pass + of(depth) * of(order).powi(2) * of(state);
        let following = 2.0 * of(self.steps_of(order)) * of(order).powi(2);
        pass + spectra + kernel + 12.0 * of(order).powi(3) + following
    }

    /// Estimates the bytes of the matrices of a diagnosis: passes, Gram matrices, and what a tangent kernel takes.
    ///
    /// # Arguments
    /// * `network`: samples, outputs, state dimension, features, layers.
    #[must_use]
    pub fn bytes(&self, [samples, outputs, state, features, depth]: [usize; 5]) -> f64 {
        let of = |x: usize| x as f64;
        let pass = of(samples) * of(depth) * (2.0 * of(state) + of(features))
            + of(depth) * of(state) * of(features);
        let gram = 6.0 * of(samples).powi(2);
        let order = samples * outputs;
        let kernel = if order <= self.largest_order {
            6.0 * of(order).powi(2) + of(depth) * of(state) * of(order)
        } else {
            0.0
        };
        8.0 * (pass + gram + kernel)
    }
}

/// Extreme eigenvalues at one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerSpectrum {
    /// `λ_min(𝕂_k)`.
    pub smallest: Ball,
    /// `λ_max(𝕂_k)`; none of particles.
    pub largest: Option<Ball>,
    /// `a_k = κ1‖v_k‖/D`.
    pub gain: Ball,
}

/// The PL constants at the checkpoint, by the versions of P3 for random features or by C8, and the upper one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlConstants {
    /// P3.tangent, `(2/N)λ_min(T)`; none where the tangent kernel is not formed.
    pub tangent: Option<Ball>,
    /// P3.trajectory, or C8 layer by layer.
    pub trajectory: Ball,
    /// The weaker form of it.
    pub uniform: Ball,
    /// P3.local on the ball of radius zero; none where there are too few layers, and of particles.
    pub local: Option<Ball>,
    /// `M` of P4, or by C7: `‖∇L‖² ≤ M·L`; none where the activation is not bounded.
    pub upper: Option<Ball>,
}

/// What the theory says of a network on data, enclosed.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// `L`.
    pub loss: Ball,
    /// `‖∇L‖²`, of the inner product of the theory.
    pub gradient_norm_squared: Ball,
    /// The squared norm of the gradient in the parameters of the file.
    pub own_gradient_norm_squared: Ball,
    /// `‖v‖`.
    pub norm: Ball,
    /// Constants of the network, by name.
    pub numbers: Vec<(&'static str, Ball)>,
    /// The Gram matrices, one a layer.
    pub layers: Vec<LayerSpectrum>,
    /// `λ_min(T)` and `λ_max(T)` of the tangent kernel; none where it is not formed.
    pub tangent: Option<[Ball; 2]>,
    /// The PL constants here.
    pub constants: PlConstants,
    /// `β` here; none where the activation is not bounded.
    pub smoothness: Option<Ball>,
    /// `4κ1²‖v‖²`, the layers that P3.local needs here; none of particles.
    pub needed_depth: Option<Ball>,
    /// The largest radius at which a PL constant is positive, by each basis.
    pub radii: Vec<(Basis, f64)>,
    /// What is promised, by every theorem and basis.
    pub outlooks: Vec<Outlook>,
}

impl Diagnosis {
    /// Returns `‖∇L‖²/L`, which every PL constant is below; everything where the loss may be 0.
    #[must_use]
    pub fn ratio(&self) -> Ball {
        self.gradient_norm_squared / self.loss
    }

    /// Tells whether gradient descent from here certainly reaches zero loss, for some step.
    #[must_use]
    pub fn is_guaranteed(&self) -> bool {
        let descents = self
            .outlooks
            .iter()
            .filter(|outlook| outlook.way != Way::Flow);
        descents
            .into_iter()
            .any(|outlook| outlook.prospect.is_guaranteed())
    }

    /// Returns the promise that reaches `target` in the fewest steps.
    #[must_use]
    pub fn quickest(&self, target: f64) -> Option<(&Outlook, u64)> {
        let counted = self.outlooks.iter().filter_map(|outlook| {
            let steps = outlook.prospect.steps_to(target)?;
            Some((outlook, steps))
        });
        counted.min_by_key(|(_, steps)| *steps)
    }
}

/// Widens the root of a positive number by what may have moved it.
fn moved(square: Ball, by: Ball) -> Ball {
    if by == Ball::from(0.0) {
        return square;
    }
    square.sqrt().widened(by.upper()).positive_part().square()
}

/// Computes everything that is said of a network on data.
///
/// The enclosures are of the network of the file, exactly as it is there and in exact arithmetic: what mapping its weights to
/// the scaling of the theory rounds is counted.
///
/// # Arguments
/// * `inputs`: d × N; `targets`: d' × N; `say`: hears what is done next.
///
/// # Errors
/// Data of other dimensions, or not finite; states that overflow.
///
/// # Cost
/// `D` spectra of order `N`; of a tangent kernel that is formed `d'` passes and a spectrum of order `N·d'`, and two products
/// with it for every step of the envelope.
pub fn diagnose(
    network: &LinearNetwork,
    inputs: &DMatrix<f64>,
    targets: &DMatrix<f64>,
    options: &DiagnosisOptions,
    say: impl Fn(&'static str),
) -> Result<Diagnosis, CheckError> {
    Ok(examine(network, inputs, targets, options, say)?.0)
}

/// The diagnosis of a network, and what it was made of.
pub(super) fn examine(
    network: &LinearNetwork,
    inputs: &DMatrix<f64>,
    targets: &DMatrix<f64>,
    options: &DiagnosisOptions,
    say: impl Fn(&'static str),
) -> Result<(Diagnosis, Grounds), CheckError> {
    let (own, weights) = (&*network.network, &network.weights);
    require_data(network, inputs, targets)?;
    let (samples, depth) = (inputs.ncols(), own.depth());
    let away = Ball::from(network.away);
    say("running the network");
    let mut observer = Observer::try_new(own, inputs, targets)?;
    let seen = observer.observe(weights);
    say("enclosing the spectra of the layers");
    let gram = observer.gram_spectra(&seen)?;
    let around = Surroundings::new(own, samples, seen.norm, &gram);
    let local = around.local();
    let errors = observer.pass().errors.clone();

    let order = samples * own.output_dimension();
    let linear = (order <= options.largest_order).then(|| {
        say("forming the tangent kernel");
        Linearised::new(observer.tangent_kernel(weights, &seen), &errors, &seen)
    });
    let tangent = match &linear {
        Some(linear) => {
            say("enclosing the spectrum of the tangent kernel");
            let (smallest, largest) = linear.kernel().extremes()?;
            Some(TangentBall {
                local: local.clone(),
                smallest: smallest.positive_part(),
                largest,
                change: around.jacobian_change(),
            })
        }
        None => None,
    };

    let carried = around
        .loss_slope()
        .carried(seen.norm, seen.loss, network.away);
    let loss = seen.loss.widened(carried).positive_part();
    let smoothness = match &tangent {
        Some(tangent) => tangent.smoothness(away, loss),
        None => local.smoothness(&local.around(away), loss),
    };
    let gradient_norm_squared = moved(seen.gradient_norm_squared, smoothness * away);
    let constants = constants(network, &local, tangent.as_ref(), &seen.layer_norms);

    let line = linear.as_ref().zip(tangent.as_ref());
    let line = line.map(|(linear, tangent)| {
        say("following the linearised network");
        let step = tangent.convergence(away, 0.0, loss, 0.5).step;
        let envelope =
            around.integrated_envelope_of(linear, (tangent.smallest, tangent.largest), step);
        Line {
            step,
            iterates: linear.train(step, options.steps_of(order), envelope.slope),
            filter: SpectralFilter {
                smallest: Ball::from(tangent.smallest.lower().max(0.0)),
                largest: tangent.largest,
                rate: envelope.rate,
            },
            change: envelope.change,
        }
    });
    let radius = tangent.as_ref().map_or(0.0, TangentBall::largest_radius);
    let slope = around.loss_slope();
    let grounds = Grounds {
        local,
        tangent,
        radius,
        slope,
        loss: seen.loss,
        gradient_error: seen.rounding.gradient_error(),
        line,
    };
    say("looking for a ball");
    let mut radii = vec![(Basis::Layers, positive_radius(&grounds.local))];
    if grounds.tangent.is_some() {
        radii.push((Basis::Tangent, radius));
    }
    let mut outlooks = grounds.direct(away, loss);
    outlooks.extend(grounds.followed(network.away, 0.0).1);
    let (local, tangent) = (&grounds.local, &grounds.tangent);
    let drift = |k: usize| local.around(away).gram_drift(samples, k);
    let gains = gains(network, &seen.layer_norms);
    let layers = gram.iter().zip(gains).enumerate();
    let layers = layers.map(|(k, (spectrum, gain))| LayerSpectrum {
        smallest: moved(spectrum.smallest.positive_part(), drift(k)),
        largest: Some(moved(spectrum.largest, drift(k))),
        gain,
    });
    let layers: Vec<LayerSpectrum> = layers.collect();
    debug_assert_eq!(layers.len(), depth);
    let diagnosis = Diagnosis {
        loss,
        gradient_norm_squared,
        own_gradient_norm_squared: network.own_gradient() * gradient_norm_squared,
        norm: seen.norm.widened(network.away),
        numbers: vec![
            ("κ1", own.kappa1()),
            ("κ2", own.kappa2()),
            ("σ_B²", own.readout_sigma_squared()),
            ("‖B‖²", own.readout_norm_squared()),
        ],
        layers,
        tangent: tangent.as_ref().map(|tangent| {
            let change = tangent.change.at(away);
            [tangent.smallest, tangent.largest].map(|value| moved(value, change))
        }),
        constants,
        smoothness: Some(smoothness),
        needed_depth: Some(local.needed_depth()),
        radii,
        outlooks,
    };
    Ok((diagnosis, grounds))
}

fn require_data(
    network: &LinearNetwork,
    inputs: &DMatrix<f64>,
    targets: &DMatrix<f64>,
) -> Result<(), CheckError> {
    let own = [
        network.network.lift().ncols(),
        network.network.output_dimension(),
    ];
    let data = [inputs.nrows(), targets.nrows()];
    if own != data {
        return Err(CheckError::Data { network: own, data });
    }
    Ok(network.network.require_data(inputs, targets)?)
}

/// `a_k` of the network of the file: a layer is off by `√D` times what the weights are.
fn gains(network: &LinearNetwork, norms: &[Ball]) -> Vec<Ball> {
    let off = (count(norms.len()).sqrt() * Ball::from(network.away)).upper();
    let norms: Vec<Ball> = norms.iter().map(|norm| norm.widened(off)).collect();
    layer_gains(network.network.kappa1(), &norms)
}

fn constants(
    network: &LinearNetwork,
    local: &LocalConstants,
    tangent: Option<&TangentBall>,
    norms: &[Ball],
) -> PlConstants {
    let (samples, away) = (local.samples, Ball::from(network.away));
    let gains = gains(network, norms);
    let drift = |k: usize| local.around(away).gram_drift(samples, k);
    let moved_by = |(k, &value): (usize, &Ball)| moved(value.positive_part(), drift(k));
    let smallest: Vec<Ball> = local.smallest.iter().enumerate().map(moved_by).collect();
    let largest: Vec<Ball> = local.largest.iter().enumerate().map(moved_by).collect();
    let sigma = local.sigma_squared;
    PlConstants {
        tangent: tangent.map(|tangent| {
            let change = tangent.change.at(away);
            tangent_pl(samples, moved(tangent.smallest, change))
        }),
        trajectory: trajectory_pl(samples, sigma, &smallest, &gains),
        uniform: uniform_trajectory_pl(samples, sigma, &smallest, &gains),
        local: local.pl_constant(&local.around(away)),
        upper: Some(upper_pl(samples, local.norm_squared, &largest, &gains)),
    }
}

/// A radius up to which P3.local is certainly positive, close to the largest; 0 if there is none.
fn positive_radius(local: &LocalConstants) -> f64 {
    const HALVINGS: u32 = 50;
    let positive = |radius: f64| {
        let constant = local.pl_constant(&local.around(Ball::from(radius)));
        constant.is_some_and(|m| m.lower() > 0.0)
    };
    let largest = local.largest_radius();
    if !positive(0.0) {
        return 0.0;
    }
    if positive(largest) {
        return largest;
    }
    let (mut below, mut above) = (0.0, largest.min(f64::MAX));
    for _ in 0..HALVINGS {
        let middle = 0.5 * (below + above);
        if positive(middle) {
            below = middle;
        } else {
            above = middle;
        }
    }
    below
}

#[cfg(test)]
mod tests;
