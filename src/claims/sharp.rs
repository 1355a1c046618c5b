//! Instances on which the bounds are attained, or nearly: what controls run on.

use super::{PointsInstance, ResidualInstance};
use crate::data::{DEFAULT_DRAWS, ResidualSpec};
use crate::gram::feature_gram;
use crate::kernel::{Gaussian, KernelSpec};
use crate::resnet::{ExpansionNetwork, Weights};
use crate::spectrum::symmetric_eigen;
use nalgebra::DMatrix;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

fn gaussian() -> KernelSpec {
    KernelSpec::from(Gaussian::try_new(1.0).expect("a positive bandwidth"))
}

fn build(spec: &ResidualSpec) -> ResidualInstance {
    ResidualInstance::from_spec(spec).expect("a sharp instance is well-formed")
}

/// A network on the line with one frequency: `v(z) = w₁cos ωz + w₂sin ωz`.
struct Line {
    frequency: f64,
    readout: f64,
    inputs: Vec<f64>,
    /// `F − y` at zero weights.
    errors: Vec<f64>,
    depth: usize,
    /// `(w₁, w₂)` of every layer, at `v`; the reference is zero.
    wave: (f64, f64),
    step_margin: f64,
    steps: usize,
}

impl Default for Line {
    /// One layer without a wave, an error of one at the origin, the step `1/β` once.
    fn default() -> Self {
        Self {
            frequency: 1.0,
            readout: 1.0,
            inputs: vec![0.0],
            errors: vec![1.0],
            depth: 1,
            wave: (0.0, 0.0),
            step_margin: 0.5,
            steps: 1,
        }
    }
}

impl Line {
    fn instance(&self) -> ResidualInstance {
        build(&self.spec())
    }

    fn spec(&self) -> ResidualSpec {
        let samples = self.inputs.iter().zip(&self.errors);
        let layer = vec![self.wave.0, self.wave.1];
        let (cosine, sine) = self.wave;
        ResidualSpec {
            kernel: gaussian(),
            inputs: self.inputs.iter().map(|&x| vec![x]).collect(),
            targets: samples
                .map(|(x, error)| vec![self.readout * x - error])
                .collect(),
            frequencies: vec![vec![self.frequency]],
            lift: vec![vec![1.0]],
            readout: vec![vec![self.readout]],
            reference: vec![vec![0.0, 0.0]; self.depth],
            displacement: vec![layer; self.depth],
            reference_stretch: 0.0,
            displacement_stretch: self.frequency * cosine.hypot(sine),
            step_margin: self.step_margin,
            steps: self.steps,
            loss_share: None,
            seed: 0,
            draws: DEFAULT_DRAWS,
        }
    }
}

/// `v(z) = cos 2z` at 0, where it is largest and most curved, and at π/4, where it is steepest.
pub(super) fn one_frequency() -> Vec<ResidualInstance> {
    vec![
        Line {
            frequency: 2.0,
            inputs: vec![0.0, FRAC_PI_4],
            errors: vec![1.0, 1.0],
            wave: (1.0, 0.0),
            ..Line::default()
        }
        .instance(),
    ]
}

/// Two points a quarter of a wave apart, where `K = Id`, and one field, in the first layer, that moves them towards each
/// other: of the drift that version 3 of P3 allows `√λ_min` they lose half, and no instance is known that loses more.
pub(super) fn approaching_pair() -> Vec<ResidualInstance> {
    let line = Line {
        inputs: vec![0.0, FRAC_PI_2],
        errors: vec![0.3, -0.2],
        depth: 8,
        ..Line::default()
    };
    let mut instance = line.instance();
    // v(z) = c(cos z − sin z): ahead at one of them, back at the other.
    let mut layers = instance.weights.layers().to_vec();
    (layers[0][(0, 0)], layers[0][(0, 1)]) = (0.05, -0.05);
    instance.weights = Weights::from_layers(layers);
    vec![instance]
}

/// Two points near the crest of a long wave, which the first of two layers moves as far as it may.
pub(super) fn drifting_together() -> Vec<ResidualInstance> {
    let mut instance = Line {
        frequency: 1e-3,
        inputs: vec![0.0, 1.0],
        errors: vec![1.0, 1.0],
        depth: 2,
        ..Line::default()
    }
    .instance();
    let first = DMatrix::from_row_slice(1, 2, &[0.5, 0.0]);
    instance.weights = Weights::from_layers(vec![first, DMatrix::zeros(1, 2)]);
    vec![instance]
}

/// Two points at distance 1/100: `2 − 2ψ = r²(1 − r²/4 + …)` for the Gaussian kernel,
/// `r²(1 − r²/12 + …)` for one frequency.
pub(super) fn near_pair() -> Vec<ResidualInstance> {
    vec![
        Line {
            inputs: vec![0.0, 0.01],
            errors: vec![1.0, 1.0],
            wave: (1.0, 0.0),
            ..Line::default()
        }
        .instance(),
    ]
}

/// Points on the line, and zero weights.
fn at_rest(inputs: Vec<f64>) -> ResidualInstance {
    let errors = vec![1.0; inputs.len()];
    Line {
        inputs,
        errors,
        ..Line::default()
    }
    .instance()
}

/// Two points at distance 1/100 and one that no kernel sees: merging the two moves the smallest
/// eigenvalue by all that the matrix moves, and without the third it does not move.
pub(super) fn merging() -> Vec<ResidualInstance> {
    vec![at_rest(vec![0.0, 0.01]), at_rest(vec![0.0, 0.01, 50.0])]
}

/// Sixteen points on a line, where `λ_min ≈ 5e-23`; two points 1e-9 apart; and three that a
/// Gaussian kernel tells apart without effort.
pub(super) fn ill_conditioned() -> Vec<PointsInstance> {
    let equispaced = (0..16).map(|i| -1.0 + 2.0 * f64::from(i) / 15.0);
    let on_a_line = |points: Vec<f64>| {
        let points = DMatrix::from_row_slice(1, points.len(), &points);
        PointsInstance::try_new(gaussian(), points).expect("points on a line")
    };
    [equispaced.collect(), vec![0.0, 1e-9], vec![0.0, 1.0, 2.5]]
        .map(on_a_line)
        .into()
}

/// Two points, where the rows of the Gram matrix are all there is: `λ_min = 1 − ψ(δ)`. And thirty points of
/// a lattice, where version 4 is nearly attained.
pub(super) fn separated() -> Vec<ResidualInstance> {
    let line = |inputs: Vec<f64>| {
        let errors = vec![1.0; inputs.len()];
        Line {
            inputs,
            errors,
            wave: (1.0, 0.0),
            ..Line::default()
        }
        .instance()
    };
    vec![line(vec![0.0, 1.5]), line((0..30).map(f64::from).collect())]
}

/// Expansion and contraction, attained near the zero of a sine, and translation,
/// attained on the crest of a long wave.
pub(super) fn stretching() -> Vec<ResidualInstance> {
    let line = |frequency: f64, inputs: Vec<f64>, wave: (f64, f64)| {
        let errors = vec![1.0; inputs.len()];
        Line {
            frequency,
            inputs,
            errors,
            depth: 4,
            wave,
            ..Line::default()
        }
        .instance()
    };
    vec![
        line(1.0, vec![1e-3, -1e-3], (0.0, 0.04)),
        line(1.0, vec![1e-3, -1e-3], (0.0, -0.04)),
        line(1e-3, vec![0.0, 0.5], (0.04, 0.0)),
        pushed_apart(),
    ]
}

/// Sixteen layers that stretch by as much as a norm of three allows, and a push in the first of them: it grows
/// thirteenfold, which is more than the root of their number.
fn pushed_apart() -> ResidualInstance {
    let mut instance = Line {
        depth: 16,
        wave: (0.0, 3.0),
        ..Line::default()
    }
    .instance();
    instance.reference = instance.weights.clone();
    let mut layers = instance.weights.layers().to_vec();
    layers[0][(0, 0)] = 1e-6;
    instance.weights = Weights::from_layers(layers);
    instance
}

/// Fixed numbers of both signs without a pattern.
fn chirp(start: usize, rows: usize, columns: usize) -> Vec<Vec<f64>> {
    let entry = |i: usize, j: usize| ((start + 3 * i + 7 * j + 1) as f64).powi(2).sin();
    (0..rows)
        .map(|i| (0..columns).map(|j| entry(i, j)).collect())
        .collect()
}

/// A small network with nothing special about it.
pub(super) fn generic() -> Vec<ResidualInstance> {
    vec![build(&generic_spec())]
}

/// See [`generic`]; read as kernel expansions too.
pub(super) fn generic_spec() -> ResidualSpec {
    ResidualSpec {
        kernel: gaussian(),
        inputs: chirp(1, 4, 2),
        targets: chirp(2, 4, 2),
        frequencies: chirp(3, 5, 3),
        lift: chirp(4, 3, 2),
        readout: chirp(5, 2, 3),
        reference: chirp(6, 3, 30),
        displacement: chirp(7, 3, 30),
        reference_stretch: 0.4,
        displacement_stretch: 0.3,
        step_margin: 0.5,
        steps: 3,
        loss_share: None,
        seed: 0,
        draws: DEFAULT_DRAWS,
    }
}

/// The zero network of P10's lift on four points, with errors along an
/// eigenvector of the common Gram matrix of its layers.
fn eigenvector_error(lowest: bool) -> ResidualInstance {
    let points = vec![
        vec![0.0, 0.0],
        vec![1.0, 0.2],
        vec![-0.4, 0.9],
        vec![0.3, -1.1],
    ];
    let spec = ResidualSpec {
        frequencies: chirp(3, 6, 3)
            .into_iter()
            .map(|w| w.iter().map(|x| 2.0 * x).collect())
            .collect(),
        lift: vec![vec![1.0, 0.0], vec![0.0, 1.0], vec![0.0, 0.0]],
        readout: vec![vec![0.0, 0.0, 3.0]],
        steps: 2,
        ..ResidualSpec::at_rest(gaussian(), points)
    };
    let mut spec = spec.with_zero_layers(3);
    let plain = build(&spec);
    let states = plain.lifted_inputs();
    let gram = feature_gram(&plain.network.features().evaluate(&states));
    let eigen = symmetric_eigen(&gram).expect("a finite Gram matrix");
    let column = if lowest { 0 } else { 3 };
    spec.targets = eigen
        .vectors
        .column(column)
        .iter()
        .map(|&y| vec![y])
        .collect();
    build(&spec)
}

/// One point near the zero of a sine, contracting at every layer.
fn contracting() -> ResidualInstance {
    Line {
        readout: 2.0,
        inputs: vec![1e-5],
        depth: 5,
        wave: (0.0, -1.2),
        ..Line::default()
    }
    .instance()
}

/// Error in the lowest eigenvector of the tangent kernel at zero weights; and a
/// contraction that meets every factor of version 1.
pub(super) fn lowest_error() -> Vec<ResidualInstance> {
    vec![eigenvector_error(true), contracting(), contracting_last()]
}

/// Error in the lowest eigenvector of the Gram matrices at zero weights.
pub(super) fn lowest_error_at_rest() -> Vec<ResidualInstance> {
    vec![eigenvector_error(true), contracting_pair()]
}

/// Two near points between which every layer contracts, states and adjoint states alike: at every layer `λ_min` times
/// what is left of the adjoint states is the same. With a norm of two exponentials are all there is.
fn contracting_pair() -> ResidualInstance {
    let mut instance = Line {
        inputs: vec![1e-3, -1e-3],
        errors: vec![1.0, -1.0],
        depth: 64,
        wave: (0.0, -2.0),
        ..Line::default()
    }
    .instance();
    instance.reference = instance.weights.clone();
    instance
}

/// One point, and a last layer of eight that contracts by half: `P₋` is that of all layers, and seven of them have it.
fn contracting_last() -> ResidualInstance {
    let depth = 8;
    let mut instance = Line {
        depth,
        ..Line::default()
    }
    .instance();
    let layer = |k: usize| {
        let wave = if k + 1 == depth { -4.0 } else { 0.0 };
        DMatrix::from_row_slice(1, 2, &[0.0, wave])
    };
    instance.weights = Weights::from_layers((0..depth).map(layer).collect());
    instance
}

/// One sample at zero weights: the Gram matrix is 1.
fn single() -> ResidualInstance {
    Line {
        inputs: vec![0.3],
        ..Line::default()
    }
    .instance()
}

/// Error in the highest eigenvector; and a single sample, where `λ_max = N`.
pub(super) fn highest_error() -> Vec<ResidualInstance> {
    vec![eigenvector_error(false), single()]
}

/// Error in the lowest eigenvector; and a single sample, whose copy with the label on the other
/// side is at a critical point from the start.
pub(super) fn critical() -> Vec<ResidualInstance> {
    vec![eigenvector_error(true), single()]
}

/// Both of the above, for the claims along gradient descent.
pub(super) fn both_errors() -> Vec<ResidualInstance> {
    vec![eigenvector_error(true), eigenvector_error(false), single()]
}

/// A linear least-squares problem in disguise: one layer and no error, where the
/// Hessian is `‖B‖²φφᵀ`.
pub(super) fn least_squares() -> Vec<ResidualInstance> {
    vec![
        Line {
            readout: 3.0,
            inputs: vec![0.4],
            errors: vec![0.0],
            ..Line::default()
        }
        .instance(),
        stretching_without_error(),
    ]
}

/// No error, and 32 layers that stretch: the mean over layers of the square of what is stretched behind them is half as
/// large again as `e^{κ1R}`, and a fifth of `e^{2κ1R}`.
fn stretching_without_error() -> ResidualInstance {
    let mut instance = Line {
        errors: vec![0.0],
        depth: 32,
        wave: (0.0, 2.0),
        ..Line::default()
    }
    .instance();
    instance.reference = instance.weights.clone();
    instance
}

/// The crest of a wave bends as much as it may; and fifteen layers that stretch before one that bends, where exponentials
/// are all there is.
pub(super) fn bending() -> Vec<ResidualInstance> {
    let crest = |depth: usize, wave: f64| Line {
        depth,
        wave: (wave, 0.0),
        ..Line::default()
    };
    let mut stretched = crest(16, 6.0).instance();
    let mut layers = stretched.weights.layers().to_vec();
    for layer in &mut layers[..15] {
        layer.swap_columns(0, 1);
    }
    stretched.weights = Weights::from_layers(layers);
    vec![crest(1, 1e-4).instance(), stretched]
}

/// Two layers, of which the second has its crest where the first leaves the sample.
pub(super) fn bent_by_the_next() -> Vec<ResidualInstance> {
    let mut instance = Line {
        depth: 2,
        ..Line::default()
    }
    .instance();
    instance.weights = Weights::from_layers(vec![
        DMatrix::zeros(1, 2),
        DMatrix::from_row_slice(1, 2, &[1e-4, 0.0]),
    ]);
    vec![instance]
}

/// A deep network with a large error, where the coupling of value and slope is all
/// there is beyond the Gauss–Newton part: the top of 64 layers is attained.
pub(super) fn deep_line() -> Vec<ResidualInstance> {
    vec![
        Line {
            inputs: vec![0.3],
            errors: vec![1e4],
            depth: 64,
            ..Line::default()
        }
        .instance(),
        bent_by_a_short_wave(),
    ]
}

/// Two layers, of which the second is one short wave among many that are none: fields are not steep, and the one that
/// there is bends. With a large error the curvature of the fields is two thirds of all there is.
fn bent_by_a_short_wave() -> ResidualInstance {
    let waves = 400;
    let flat = || vec![0.0; 2 * waves];
    let mut spec = Line {
        errors: vec![1e6],
        depth: 2,
        ..Line::default()
    }
    .spec();
    spec.frequencies = vec![vec![0.0]; waves];
    spec.frequencies[0][0] = 1.0;
    let mut second = flat();
    second[0] = 2.0;
    spec.reference = vec![flat(), flat()];
    spec.displacement = vec![flat(), second];
    // κ1 = 1/20, and the norm of the layers is 2/√2.
    spec.displacement_stretch = 0.05 * std::f64::consts::SQRT_2;
    build(&spec)
}

/// A deep network whose weights turn from value to slope: the top of the coupling over layers (the lemma of P7),
/// in whose own direction the Jacobian changes by `θ_D` of `κ1‖v‖`, up to the size of the weights.
pub(super) fn turning_line() -> Vec<ResidualInstance> {
    let depth = 64;
    let mut instance = Line {
        depth,
        ..Line::default()
    }
    .instance();
    let angle = PI / (2 * depth - 1) as f64;
    // The features at 0 are (1, 0), and their derivative (0, 1).
    let layer = |k: usize| {
        let part = |steps: usize| 1e-4 * (steps as f64 * angle).sin();
        DMatrix::from_row_slice(1, 2, &[part(depth - 1 - k), part(k)])
    };
    instance.weights = Weights::from_layers((0..depth).map(layer).collect());
    vec![instance, turning_at_one_sample()]
}

/// Two layers and two samples a quarter of a wave apart, where `K = Id`: what turns is at the first of them, and the
/// bound by the spectrum is the smaller.
fn turning_at_one_sample() -> ResidualInstance {
    let mut instance = Line {
        inputs: vec![0.0, FRAC_PI_2],
        errors: vec![1.0, 1.0],
        depth: 2,
        ..Line::default()
    }
    .instance();
    let layer = |wave: [f64; 2]| DMatrix::from_row_slice(1, 2, &wave);
    instance.weights = Weights::from_layers(vec![layer([1e-4, 0.0]), layer([0.0, 1e-4])]);
    instance
}

/// A long wave behind a large readout: the loss is quadratic up to a millionth.
fn long_wave(step_margin: f64) -> ResidualInstance {
    Line {
        frequency: 1e-3,
        readout: 1e3,
        inputs: vec![0.5],
        depth: 4,
        step_margin,
        steps: 400,
        ..Line::default()
    }
    .instance()
}

/// The nearly quadratic loss with the step `1/β`.
pub(super) fn quadratic() -> Vec<ResidualInstance> {
    vec![long_wave(0.5)]
}

/// The nearly quadratic loss followed until it has fallen by `e^{−8}`.
pub(super) fn flowing() -> Vec<ResidualInstance> {
    vec![ResidualInstance {
        steps: 4,
        ..long_wave(0.5)
    }]
}

/// The same of kernel expansions: a Gaussian of bandwidth 1000, one sample, a readout of 1000.
fn long_gaussian(step_margin: f64, steps: usize) -> ResidualInstance<ExpansionNetwork> {
    let kernel = KernelSpec::from(Gaussian::try_new(1e3).expect("a positive bandwidth"));
    let spec = ResidualSpec {
        targets: vec![vec![499.0]],
        frequencies: vec![vec![1e-3]],
        readout: vec![vec![1e3]],
        step_margin,
        steps,
        ..ResidualSpec::at_rest(kernel, vec![vec![0.5]])
    };
    ResidualInstance::functional(&spec.with_zero_layers(4))
        .expect("a sharp instance is well-formed")
}

/// One step of a nearly quadratic loss.
pub(super) fn functional_quadratic() -> Vec<ResidualInstance<ExpansionNetwork>> {
    vec![long_gaussian(0.5, 1)]
}

/// A small step, where nothing is lost to `1 − βη/2`.
pub(super) fn functional_stiff() -> Vec<ResidualInstance<ExpansionNetwork>> {
    vec![long_gaussian(0.99, 400)]
}

/// The flow of a nearly quadratic loss.
pub(super) fn functional_flowing() -> Vec<ResidualInstance<ExpansionNetwork>> {
    vec![long_gaussian(0.5, 4)]
}

/// The nearly quadratic loss with a small step, where nothing is lost to `1 − βη/2`.
pub(super) fn stiff() -> Vec<ResidualInstance> {
    vec![long_wave(0.99)]
}

/// Three points on a line, two of them with the label of one sign, for a network of four layers.
pub(super) fn three_points() -> Vec<ResidualInstance> {
    let points = vec![vec![0.0], vec![1.3], vec![2.9]];
    let spec = ResidualSpec {
        targets: vec![vec![1.0], vec![-0.5], vec![0.7]],
        frequencies: vec![vec![1.0]; 12],
        ..ResidualSpec::at_rest(gaussian(), points)
    };
    vec![build(&spec.with_zero_layers(4))]
}

/// A field that is as large as it is steep, `w(cos z + sin z)` at 0, and short: the error of one
/// step is `‖v(z)‖‖Dv(z)‖/2`, and the product is half of what it could be if the two were free.
pub(super) fn rising_line() -> Vec<ResidualInstance> {
    vec![rising(1e-4, vec![1.0])]
}

fn rising(wave: f64, errors: Vec<f64>) -> ResidualInstance {
    Line {
        errors,
        wave: (wave, wave),
        ..Line::default()
    }
    .instance()
}

/// The same with an error of one, where the loss moves by the first order of its gap; and with next to none,
/// where the gradient moves by the state alone. A negative error has the other sign of the gap.
pub(super) fn rising_lines() -> Vec<ResidualInstance> {
    let mut lines = vec![rising(1e-3, vec![1.0]), rising(1e-3, vec![-1.0])];
    lines.extend(nearly_fitted_line());
    lines
}

/// A network of one layer that fits its target up to a thousandth of what depth changes, as the start of one step.
pub(super) fn nearly_fitted_line() -> Vec<ResidualInstance> {
    let wave: f64 = 1e-3;
    // κ1R²/4 = w²/2 is what depth changes.
    let mut instance = rising(wave, vec![5e-4 * wave * wave - wave]);
    instance.reference = instance.weights.clone();
    vec![instance]
}
