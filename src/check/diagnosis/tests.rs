//! Diagnoses against networks written out: by dual numbers, and by a backward pass in plain loops.

use super::*;
use crate::arithmetic::{Dual, Real};
use crate::check::{CheckedNetwork, Course, Missing, Prospect, Scaling};
use crate::features::FourierFeatures;
use crate::flow::{DescentOptions, gradient_descent};
use crate::resnet::ResNet;
use crate::resnet::oracle::chirp;
use nalgebra::dmatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A network as somebody else has it: `z + s·W(cos Ωz, sin Ωz)`.
#[derive(Clone)]
struct Foreign {
    layers: Vec<DMatrix<f64>>,
    frequencies: DMatrix<f64>,
    lift: DMatrix<f64>,
    readout: DMatrix<f64>,
    inputs: DMatrix<f64>,
    targets: DMatrix<f64>,
    scale: f64,
    written: &'static str,
}

/// A scaling, and what it is.
type Written = (&'static str, fn(f64, f64) -> f64);

/// Scalings of all kinds.
const SCALINGS: [Written; 5] = [
    ("1/(D*sqrt(m))", |d, m| 1.0 / (d * m.sqrt())),
    ("1/D", |d, _| 1.0 / d),
    ("1/sqrt(m)", |_, m| 1.0 / m.sqrt()),
    ("0.5/m", |_, m| 0.5 / m),
    ("sqrt(2/m)/sqrt(D)", |d, m| (2.0 / m).sqrt() / d.sqrt()),
];

impl Foreign {
    fn random(
        [d, q, outputs, m, depth, samples]: [usize; 6],
        size: f64,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut matrix = |rows: usize, columns: usize, size: f64| {
            DMatrix::from_fn(rows, columns, |_, _| rng.random_range(-size..size))
        };
        let layers: Vec<_> = (0..depth).map(|_| matrix(q, 2 * m, size)).collect();
        let (frequencies, lift) = (matrix(m, q, 1.5), matrix(q, d, 1.0));
        let (readout, inputs) = (matrix(outputs, q, 1.0), matrix(d, samples, 1.0));
        let targets = matrix(outputs, samples, 1.0);
        let (written, value) = SCALINGS[rng.random_range(0..SCALINGS.len())];
        Self {
            layers,
            frequencies,
            lift,
            readout,
            inputs,
            targets,
            scale: value(depth as f64, m as f64),
            written,
        }
    }

    fn network(&self) -> LinearNetwork {
        self.scaled(self.written)
    }

    fn scaled(&self, scaling: &str) -> LinearNetwork {
        let features = FourierFeatures::try_new(self.frequencies.transpose()).unwrap();
        let depth = self.layers.len();
        let network = ResNet::try_new(self.lift.clone(), self.readout.clone(), features, depth);
        let scaling: Scaling = scaling.parse().unwrap();
        LinearNetwork::try_new(network.unwrap(), self.layers.clone(), &scaling).unwrap()
    }

    fn diagnosis(&self, options: &DiagnosisOptions) -> Diagnosis {
        let network = self.network();
        diagnose(&network, &self.inputs, &self.targets, options, |_| ()).unwrap()
    }

    /// The loss over any number; `number` gives entry `(i, j)` of layer `k`.
    fn loss<T: Real>(&self, number: impl Fn(usize, usize, usize) -> T) -> T {
        let (zero, scale) = (T::from(0.0), T::from(self.scale));
        let times = |matrix: &DMatrix<f64>, v: &[T]| -> Vec<T> {
            let row = |i: usize| (0..v.len()).fold(zero, |s, j| s + T::from(matrix[(i, j)]) * v[j]);
            (0..matrix.nrows()).map(row).collect()
        };
        let mut total = zero;
        for (x, y) in self.inputs.column_iter().zip(self.targets.column_iter()) {
            let input: Vec<T> = x.iter().map(|&x| T::from(x)).collect();
            let mut z = times(&self.lift, &input);
            for k in 0..self.layers.len() {
                let phases = times(&self.frequencies, &z);
                let waves: Vec<(T, T)> = phases.into_iter().map(T::sin_cos).collect();
                let m = waves.len();
                let moved = |i: usize| {
                    let sum = (0..m).fold(zero, |s, j| {
                        s + number(k, i, j) * waves[j].1 + number(k, i, m + j) * waves[j].0
                    });
                    z[i] + scale * sum
                };
                z = (0..z.len()).map(moved).collect();
            }
            for (output, &y) in times(&self.readout, &z).into_iter().zip(y.iter()) {
                let error = output - T::from(y);
                total = total + error * error;
            }
        }
        let twice = 2.0 * self.inputs.ncols() as f64;
        total * T::reciprocal_root(twice * twice)
    }

    /// `Σ(∂L/∂W)²`, a dual number an entry.
    fn gradient_by_duals(&self) -> f64 {
        let mut total = 0.0;
        for (k, layer) in self.layers.iter().enumerate() {
            for at in 0..layer.len() {
                let along = self.loss(|l, i, j| {
                    let own = (l, i + j * layer.nrows()) == (k, at);
                    Dual::new(self.layers[l][(i, j)], f64::from(u8::from(own)))
                });
                total += along.derivative * along.derivative;
            }
        }
        total
    }

    /// The same, and the loss, by a backward pass in plain loops.
    fn backward(&self) -> (f64, f64) {
        let samples = self.inputs.ncols() as f64;
        let (depth, m) = (self.layers.len(), self.frequencies.nrows());
        let mut gradients = vec![DMatrix::<f64>::zeros(self.lift.nrows(), 2 * m); depth];
        let mut loss = 0.0;
        for (x, y) in self.inputs.column_iter().zip(self.targets.column_iter()) {
            let mut z = &self.lift * x;
            let mut kept = Vec::new();
            for layer in &self.layers {
                let phases = &self.frequencies * &z;
                let mut features = nalgebra::DVector::zeros(2 * m);
                for (j, phase) in phases.iter().enumerate() {
                    features[j] = phase.cos();
                    features[m + j] = phase.sin();
                }
                z += layer * &features * self.scale;
                kept.push(features);
            }
            let error = &self.readout * z - y;
            loss += error.norm_squared() / (2.0 * samples);
            let mut p = self.readout.transpose() * error / samples;
            for k in (0..depth).rev() {
                gradients[k] += &p * kept[k].transpose() * self.scale;
                let pulled = self.layers[k].transpose() * &p * self.scale;
                let slopes = nalgebra::DVector::from_fn(m, |j, _| {
                    pulled[m + j] * kept[k][j] - pulled[j] * kept[k][m + j]
                });
                p += self.frequencies.transpose() * slopes;
            }
        }
        (loss, gradients.iter().map(|g| g.norm_squared()).sum())
    }
}

fn quick() -> DiagnosisOptions {
    DiagnosisOptions::default()
        .with_largest_order(0_usize)
        .with_steps(64_usize)
}

/// Every PL constant is below what it bounds, and the upper one above.
fn is_consistent(diagnosis: &Diagnosis) {
    let (gradient, loss) = (diagnosis.gradient_norm_squared, diagnosis.loss);
    let constants = &diagnosis.constants;
    let below = [
        constants.tangent,
        Some(constants.trajectory),
        Some(constants.uniform),
        constants.local,
    ];
    for m in below.into_iter().flatten() {
        assert!((m * loss).lower() <= gradient.upper(), "{diagnosis:?}");
    }
    assert!(gradient.lower() <= (constants.upper.unwrap() * loss).upper());
    assert!((diagnosis.ratio() * loss - gradient).contains(0.0));
}

/// Five hundred networks of small shapes: loss and gradient by dual numbers, an entry at a time.
#[test]
fn small_networks_agree_with_dual_numbers() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for case in 0..500 {
        let shape = [3, 4, 3, 4, 5, 5].map(|most: usize| rng.random_range(1..=most));
        let size = [0.01, 0.3, 1.0, 3.0][case % 4];
        let foreign = Foreign::random(shape, size, &mut rng);
        let diagnosis = foreign.diagnosis(&quick());
        let (loss, gradient) = (
            foreign.loss(|k, i, j| foreign.layers[k][(i, j)]),
            foreign.gradient_by_duals(),
        );
        // The duals round, too: a few thousand operations.
        let off =
            |ball: Ball, exact: f64| (ball.mid() - exact).abs() - ball.rad() - 1e-11 * exact.abs();
        assert!(
            off(diagnosis.loss, loss) <= 0.0,
            "{case} {shape:?} {:?} {loss:e}",
            diagnosis.loss
        );
        let own = diagnosis.own_gradient_norm_squared;
        assert!(
            off(own, gradient) <= 1e-24,
            "{case} {shape:?} {own:?} {gradient:e}"
        );
        assert!(
            size > 0.5 || diagnosis.loss.rad() <= 1e-9 * (1.0 + loss),
            "{case} {shape:?}"
        );
        is_consistent(&diagnosis);
    }
}

/// Larger ones against a second backward pass: depth to 64, width to 512, samples to 300.
#[test]
fn large_networks_agree_with_a_second_implementation() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for shape in [
        [5, 7, 3, 256, 3, 40],
        [2, 3, 1, 40, 64, 20],
        [10, 12, 2, 64, 8, 300],
        [1, 2, 1, 1, 64, 2],
        [8, 8, 8, 20, 10, 1],
        [20, 30, 10, 30, 6, 60],
    ] {
        let foreign = Foreign::random(shape, 0.2, &mut rng);
        let diagnosis = foreign.diagnosis(&quick());
        let (loss, gradient) = foreign.backward();
        let off = |ball: Ball, exact: f64| (ball.mid() - exact).abs() - ball.rad() - 1e-11 * exact;
        assert!(off(diagnosis.loss, loss) <= 0.0, "{shape:?}");
        assert!(
            off(diagnosis.own_gradient_norm_squared, gradient) <= 0.0,
            "{shape:?}"
        );
        assert_eq!(diagnosis.layers.len(), shape[4]);
        is_consistent(&diagnosis);
    }
}

/// With the tangent kernel, too: every constant, at sixty networks.
#[test]
fn constants_are_below_what_they_bound() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for case in 0..60 {
        let shape = [3, 4, 2, 6, 5, 5].map(|most: usize| rng.random_range(1..=most));
        let foreign = Foreign::random(shape, [0.1, 1.0][case % 2], &mut rng);
        let diagnosis = foreign.diagnosis(&quick().with_largest_order(100_usize));
        is_consistent(&diagnosis);
        let tangent = diagnosis.constants.tangent.unwrap();
        let analytic = [
            diagnosis.constants.trajectory,
            diagnosis.constants.local.unwrap_or(Ball::from(0.0)),
        ];
        assert!(
            analytic
                .iter()
                .all(|m| m.lower() <= tangent.upper() + 1e-12),
            "{case}"
        );
        assert_eq!(diagnosis.outlooks.len(), 6);
        // λ_max(T)/N is below β.
        let [_, largest] = diagnosis.tangent.unwrap();
        assert!((largest / count(shape[5])).lower() <= diagnosis.smoothness.unwrap().upper());
    }
}

/// On the whole ball, not at its centre alone: the constant of the tangent kernel at points of it that were drawn.
#[test]
fn the_ball_of_the_tangent_kernel_keeps_its_constant() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    for case in 0..40 {
        let shape = [2, 3, 1, 6, 4, 3].map(|most: usize| rng.random_range(1..=most));
        let foreign = Foreign::random(shape, 0.5, &mut rng);
        let network = foreign.network();
        let mut observer =
            Observer::try_new(&*network.network, &foreign.inputs, &foreign.targets).unwrap();
        let seen = observer.observe(&network.weights);
        let gram = observer.gram_spectra(&seen).unwrap();
        let around = Surroundings::new(&*network.network, shape[5], seen.norm, &gram);
        let kernel = observer.tangent_kernel(&network.weights, &seen);
        let (smallest, largest) = kernel.extremes().unwrap();
        let tangent = TangentBall {
            local: around.local(),
            smallest,
            largest,
            change: around.jacobian_change(),
        };
        for share in [0.1, 0.5, 0.9] {
            let radius = share * tangent.largest_radius().min(10.0);
            let direction: Vec<_> = network
                .weights
                .layers()
                .iter()
                .map(|layer| layer.map(|_| rng.random_range(-1.0..1.0)))
                .collect();
            let direction = crate::resnet::Weights::from_layers(direction);
            let there = network
                .weights
                .plus(radius / direction.norm().upper() * 0.999, &direction);
            let seen = observer.observe(&there);
            let m = tangent.pl_constant(Ball::from(radius));
            assert!(
                (m * seen.loss).lower() <= seen.gradient_norm_squared.upper(),
                "{case} {share}"
            );
        }
    }
}

/// P10's lift of three points, from zero, at a readout of this scale.
fn lifted(scale: f64) -> (LinearNetwork, DMatrix<f64>, DMatrix<f64>) {
    let features = FourierFeatures::try_new(chirp(2, 2, 40) * 1.5).unwrap();
    let network = ResNet::lifted(1, 1, scale, features, 6).unwrap();
    let layers = network.zero_weights().layers().to_vec();
    let scaling: Scaling = "1/(D*sqrt(m))".parse().unwrap();
    let network = LinearNetwork::try_new(network, layers, &scaling).unwrap();
    (network, dmatrix![-1.0, 0.2, 1.4], dmatrix![0.3, -0.2, 0.4])
}

/// What is promised is what happens: the loss is below the promise after every step, and at the target when it is said to be.
#[test]
fn promises_are_kept() {
    let (network, inputs, targets) = lifted(400.0);
    let diagnosis = diagnose(
        &network,
        &inputs,
        &targets,
        &DiagnosisOptions::default(),
        |_| (),
    )
    .unwrap();
    assert!(diagnosis.is_guaranteed());
    let target = 0.2 * diagnosis.loss.mid();
    let mut kept = 0;
    for outlook in &diagnosis.outlooks {
        let Prospect::Guaranteed {
            constants,
            after,
            loss,
        } = outlook.prospect
        else {
            panic!("{outlook:?}");
        };
        assert!(constants.loss_threshold().lower() >= loss.upper());
        if outlook.way == Way::Flow {
            assert_eq!(
                (constants.step, outlook.prospect.steps_to(target)),
                (0.0, None)
            );
            continue;
        }
        let steps = outlook.prospect.steps_to(target).unwrap();
        let task = DescentOptions {
            step: constants.step,
            iterations: steps.min(400) as usize,
            target: 0.0,
            gram_spectra: false,
            tangent_every: 0,
        };
        let mut observer = Observer::try_new(&*network.network, &inputs, &targets).unwrap();
        let trace =
            gradient_descent(&mut observer, network.weights.clone(), &task, |_| ()).unwrap();
        let last = trace.records.last().unwrap();
        let reached = (steps.min(400) - after) as i32;
        let promised = loss.upper() * constants.factor().upper().powi(reached);
        assert!(last.loss.lower() <= promised, "{outlook:?}");
        if steps <= 400 {
            assert!(last.loss.lower() <= target);
            kept += 1;
        }
    }
    assert!(kept >= 2, "{kept}");
    let (quickest, _) = diagnosis.quickest(target).unwrap();
    assert_ne!(quickest.way, Way::Flow);
}

/// A loss that is too large misses by its factor: so many times less is just enough.
#[test]
fn the_factor_is_what_is_missing() {
    let (network, inputs, targets) = lifted(1.0);
    let of = |size: f64| {
        diagnose(
            &network,
            &inputs,
            &(&targets * size),
            &DiagnosisOptions::default(),
            |_| (),
        )
        .unwrap()
    };
    let missed = |diagnosis: &Diagnosis, basis: Basis| {
        let mut own = diagnosis
            .outlooks
            .iter()
            .filter(|o| o.way == Way::Flow && o.basis == basis);
        own.next().unwrap().prospect
    };
    for basis in [Basis::Layers, Basis::Tangent] {
        let Prospect::Missed {
            why,
            factor,
            allowed,
        } = missed(&of(1.0), basis)
        else {
            panic!("{basis:?}");
        };
        assert_eq!(why, Missing::LossTooLarge);
        let (factor, allowed) = (factor.unwrap(), allowed.unwrap());
        assert!(factor > 1.0 && allowed > 0.0);
        // At zero the loss is the square of the targets.
        let size = |share: f64| (share / factor).sqrt();
        assert!(missed(&of(size(0.98)), basis).is_guaranteed());
        assert!(!missed(&of(size(1.1)), basis).is_guaranteed());
    }
}

#[test]
fn networks_that_are_too_shallow_are_told_by_how_much() {
    let mut rng = ChaCha8Rng::seed_from_u64(13);
    let foreign = Foreign::random([2, 3, 1, 20, 4, 3], 20.0, &mut rng);
    let diagnosis = foreign.diagnosis(&quick());
    assert_eq!(diagnosis.constants.local, None);
    let Prospect::Missed { why, factor, .. } = diagnosis.outlooks[0].prospect else {
        panic!("too shallow");
    };
    assert_eq!(why, Missing::TooShallow);
    let needed = factor.unwrap() * 4.0;
    assert!((needed / diagnosis.needed_depth.unwrap().mid() - 1.0).abs() < 1e-9 && needed > 4.0);
    assert_eq!(diagnosis.radii, [(Basis::Layers, 0.0)]);
}

/// What is not the network or the data is noticed: by value, or by the hypothesis that fails.
#[test]
fn controls_are_noticed() {
    let mut rng = ChaCha8Rng::seed_from_u64(17);
    let foreign = Foreign::random([2, 4, 2, 30, 5, 6], 0.2, &mut rng);
    let options = DiagnosisOptions::default().with_steps(64_usize);
    let right = foreign.diagnosis(&options);
    let apart = |other: &Diagnosis| {
        let (a, b) = (right.loss, other.loss);
        assert!(
            (a.mid() - b.mid()).abs() > 1e6 * (a.rad() + b.rad()),
            "{a:?} {b:?}"
        );
    };
    let mut negated = foreign.clone();
    negated.layers[2] *= -1.0;
    apart(&negated.diagnosis(&options));
    let mut shifted = foreign.clone();
    shifted.targets = DMatrix::from_fn(2, 6, |i, j| foreign.targets[(i, (j + 1) % 6)]);
    apart(&shifted.diagnosis(&options));
    let other = SCALINGS
        .iter()
        .find(|(written, _)| *written != foreign.written)
        .unwrap()
        .0;
    let wrong = foreign.scaled(other);
    apart(&diagnose(&wrong, &foreign.inputs, &foreign.targets, &options, |_| ()).unwrap());
    // Two equal inputs: singular in every layer, and nothing is promised.
    let mut twice = foreign.clone();
    let copy = twice.inputs.column(0).into_owned();
    twice.inputs.set_column(3, &copy);
    let singular = twice.diagnosis(&options);
    assert!(
        singular
            .layers
            .iter()
            .all(|layer| layer.smallest.lower() <= 0.0)
    );
    assert!(!singular.is_guaranteed());
    for outlook in &singular.outlooks {
        let Prospect::Missed { why, factor, .. } = outlook.prospect else {
            panic!("{outlook:?}");
        };
        assert!(outlook.basis == Basis::Layers || (why, factor) == (Missing::NotExpressive, None));
    }
}

#[test]
fn data_of_other_dimensions_are_refused() {
    let (network, inputs, targets) = lifted(1.0);
    let refused = |inputs: &DMatrix<f64>, targets: &DMatrix<f64>| {
        diagnose(&network, inputs, targets, &quick(), |_| ()).unwrap_err()
    };
    let wide = inputs.clone().insert_rows(1, 1, 0.0);
    let error = refused(&wide, &targets);
    assert_eq!(
        error,
        CheckError::Data {
            network: [1, 1],
            data: [2, 1]
        }
    );
    assert!(
        error
            .to_string()
            .contains("1 input and gives 1 output, and the data have 2 inputs")
    );
    assert!(matches!(
        refused(&inputs, &dmatrix![1.0]),
        CheckError::Network(_)
    ));
}

/// Three checkpoints of one descent: the way between them, and from which on zero loss was certain.
#[test]
fn checkpoints_make_a_course() {
    let (start, inputs, targets) = lifted(60.0);
    let options = DiagnosisOptions::default();
    let mut networks = vec![start.clone()];
    let mut observer = Observer::try_new(&*start.network, &inputs, &targets).unwrap();
    let step = diagnose(&start, &inputs, &targets, &options, |_| ())
        .unwrap()
        .smoothness
        .unwrap()
        .upper()
        .recip();
    let mut path = 0.0;
    for _ in 0..12 {
        let last = networks.last().unwrap();
        let mut weights = last.weights.clone();
        for _ in 0..10 {
            observer.differentiate(&weights);
            let next = weights.plus(-step, observer.gradient());
            path += next.distance(&weights).mid();
            weights = next;
        }
        networks.push(LinearNetwork {
            weights,
            ..start.clone()
        });
    }
    let diagnoses: Vec<Diagnosis> = networks
        .iter()
        .map(|n| diagnose(n, &inputs, &targets, &options, |_| ()).unwrap())
        .collect();
    let all: Vec<CheckedNetwork> = networks.into_iter().map(CheckedNetwork::Linear).collect();
    let all: Vec<&CheckedNetwork> = all.iter().collect();
    let course = Course::of(&all, &diagnoses).unwrap();
    assert_eq!((course.legs.len(), course.legs[0].path.mid()), (13, 0.0));
    let last = course.legs[12];
    assert!(last.path.lower() <= path && last.displacement.lower() <= last.path.upper());
    let from = course.guaranteed_from.expect("the loss becomes small");
    assert!(from == 0 || !diagnoses[from - 1].is_guaranteed());
    assert!(diagnoses[from..].iter().all(Diagnosis::is_guaranteed));
    assert!(course.later.is_some() || from == 12);
    let mut moved = start.clone();
    moved.network = moved.network.with_readout_scaled(2.0).unwrap().into();
    let refused = Course::of(
        &[
            &CheckedNetwork::Linear(start),
            &CheckedNetwork::Linear(moved),
        ],
        &diagnoses[..2],
    )
    .unwrap_err();
    assert_eq!(refused, (1, CheckError::Moved { array: "output" }));
}
