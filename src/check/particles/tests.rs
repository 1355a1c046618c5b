//! Networks of blocks against passes in plain loops, in the scaling of whoever trained them.

use super::*;
use nalgebra::DVector;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// `x + s·Vσ(Wx + b)`, states that begin as `(x, 0)`, outputs `α` times the last coordinates.
struct Foreign {
    blocks: Vec<Block>,
    activation: Activation,
    inputs: DMatrix<f64>,
    targets: DMatrix<f64>,
    alpha: f64,
    scale: f64,
    written: String,
}

/// A state, and `σ` and `σ'` there.
type Kept = (DVector<f64>, DVector<f64>, DVector<f64>);

/// `σ` and `σ'`, written out.
fn sigma(activation: Activation, t: f64) -> (f64, f64) {
    match activation {
        Activation::Tanh => (t.tanh(), 1.0 / t.cosh().powi(2)),
        Activation::Cosine => (t.cos(), -t.sin()),
        Activation::Sigmoid => {
            let s = 1.0 / (1.0 + (-t).exp());
            (s, s * (1.0 - s))
        }
        Activation::Relu => (t.max(0.0), f64::from(u8::from(t > 0.0))),
        other => panic!("{other}"),
    }
}

const ACTIVATIONS: [Activation; 4] = [
    Activation::Tanh,
    Activation::Cosine,
    Activation::Sigmoid,
    Activation::Relu,
];

impl Foreign {
    /// Inputs, outputs, particles, layers, samples.
    fn random([d, outputs, width, depth, samples]: [usize; 5], size: f64, case: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(case as u64);
        let mut matrix = |rows: usize, columns: usize, size: f64| {
            DMatrix::from_fn(rows, columns, |_, _| size * rng.random_range(-1.0..1.0))
        };
        let q = d + outputs;
        let block = |_| Block {
            outer: matrix(q, width, size),
            inner: matrix(width, q, 1.5),
            bias: matrix(width, 1, 1.0).iter().copied().collect(),
        };
        let blocks = (0..depth).map(block).collect();
        let (deep, wide) = (depth as f64, width as f64);
        let (written, scale) = [
            ("1/(D*m)", 1.0 / (deep * wide)),
            ("1/D", 1.0 / deep),
            ("0.3/sqrt(m)", 0.3 / wide.sqrt()),
        ][case % 3];
        Self {
            blocks,
            activation: ACTIVATIONS[case % 4],
            inputs: matrix(d, samples, 1.0),
            targets: matrix(outputs, samples, 1.0),
            alpha: 1.5,
            scale,
            written: written.to_owned(),
        }
    }

    fn network(&self) -> ParticleNetwork {
        let (d, outputs) = (self.inputs.nrows(), self.targets.nrows());
        let input = DMatrix::identity(d + outputs, d);
        let output = DMatrix::from_fn(outputs, d + outputs, |i, j| {
            if j == d + i { self.alpha } else { 0.0 }
        });
        let scaling = self.written.parse().unwrap();
        ParticleNetwork::try_new(self.activation, &input, &output, &self.blocks, &scaling).unwrap()
    }

    fn diagnosis(&self) -> Diagnosis {
        let options = DiagnosisOptions::default();
        self.network()
            .diagnose(&self.inputs, &self.targets, &options, |_| ())
            .unwrap()
    }

    /// The states of one sample, and `(σ, σ')` of every layer.
    fn run(&self, i: usize) -> (DVector<f64>, Vec<Kept>) {
        let (d, outputs) = (self.inputs.nrows(), self.targets.nrows());
        let mut x = DVector::from_fn(
            d + outputs,
            |a, _| if a < d { self.inputs[(a, i)] } else { 0.0 },
        );
        let mut kept = Vec::new();
        for block in &self.blocks {
            let phases = &block.inner * &x + DVector::from_column_slice(&block.bias);
            let values = phases.map(|t| sigma(self.activation, t).0);
            let slopes = phases.map(|t| sigma(self.activation, t).1);
            let next = &x + &block.outer * &values * self.scale;
            kept.push((x, values, slopes));
            x = next;
        }
        (x, kept)
    }

    fn errors(&self, i: usize) -> DVector<f64> {
        let (last, outputs) = (self.run(i).0, self.targets.nrows());
        let first = last.len() - outputs;
        DVector::from_fn(outputs, |r, _| {
            self.alpha * last[first + r] - self.targets[(r, i)]
        })
    }

    fn loss(&self) -> f64 {
        let samples = self.inputs.ncols();
        (0..samples)
            .map(|i| self.errors(i).norm_squared())
            .sum::<f64>()
            / (2 * samples) as f64
    }

    /// Derivatives of `e·F(x^i)` in all `V`, `W` and `b`, stacked: of the theory's metric, `√(DM)` times those in `u = cV`, `w`
    /// and `b`, if asked for.
    fn gradient(&self, i: usize, e: &DVector<f64>, theory: bool) -> Vec<f64> {
        let (last, kept) = self.run(i);
        let particles = (self.blocks.len() * self.blocks[0].bias.len()) as f64;
        let (c, root) = (self.scale * particles, particles.sqrt());
        let [outer, inner] = if theory { [root / c, root] } else { [1.0, 1.0] };
        let first = last.len() - e.len();
        let mut p = DVector::from_fn(last.len(), |a, _| {
            if a < first {
                0.0
            } else {
                self.alpha * e[a - first]
            }
        });
        let mut all = Vec::new();
        for (block, (x, values, slopes)) in self.blocks.iter().zip(kept).rev() {
            let pull = (block.outer.transpose() * &p).component_mul(&slopes) * self.scale;
            all.extend((&p * values.transpose() * self.scale * outer).iter());
            all.extend((&pull * x.transpose() * inner).iter());
            all.extend((&pull * inner).iter());
            p += block.inner.transpose() * pull;
        }
        all
    }

    fn gradient_norm_squared(&self) -> f64 {
        let samples = self.inputs.ncols();
        let sum = (0..samples).map(|i| self.gradient(i, &(self.errors(i) / samples as f64), false));
        let total = sum.reduce(|a, b| a.iter().zip(&b).map(|(x, y)| x + y).collect());
        total.unwrap().iter().map(|x| x * x).sum()
    }

    /// The extreme eigenvalues of the tangent kernel of the theory.
    fn tangent(&self) -> [f64; 2] {
        let outputs = self.targets.nrows();
        let unit = |r: usize| DVector::from_fn(outputs, |a, _| f64::from(u8::from(a == r)));
        let rows: Vec<Vec<f64>> = (0..self.inputs.ncols())
            .flat_map(|i| (0..outputs).map(move |r| (i, r)))
            .map(|(i, r)| self.gradient(i, &unit(r), true))
            .collect();
        let dot = |a: usize, b: usize| {
            rows[a]
                .iter()
                .zip(&rows[b])
                .map(|(x, y)| x * y)
                .sum::<f64>()
        };
        let values = DMatrix::from_fn(rows.len(), rows.len(), dot).symmetric_eigenvalues();
        [values.min(), values.max()]
    }
}

/// What a comparison with plain f64 is off by, beyond the ball.
fn off(ball: Ball, exact: f64) -> f64 {
    (ball.mid() - exact).abs() - ball.rad() - 1e-11 * exact.abs()
}

#[test]
fn networks_agree_with_plain_loops() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for case in 0..200 {
        let shape = [3, 2, 8, 5, 5].map(|most: usize| rng.random_range(1..=most));
        let foreign = Foreign::random(shape, [0.1, 1.0][case % 2], case);
        let diagnosis = foreign.diagnosis();
        assert!(
            off(diagnosis.loss, foreign.loss()) <= 0.0,
            "{case} {shape:?}"
        );
        let own = diagnosis.own_gradient_norm_squared;
        assert!(
            off(own, foreign.gradient_norm_squared()) <= 1e-22,
            "{case} {shape:?} {own:?}"
        );
        let [smallest, largest] = diagnosis.tangent.unwrap();
        let exact = foreign.tangent();
        assert!(
            off(largest, exact[1]) <= 0.0,
            "{case} {largest:?} {exact:?}"
        );
        assert!(
            off(smallest, exact[0]) <= 1e-12 * exact[1],
            "{case} {smallest:?} {exact:?}"
        );
        // Every constant is below what it bounds, and the upper one above.
        let (gradient, loss) = (diagnosis.gradient_norm_squared, diagnosis.loss);
        let constants = &diagnosis.constants;
        for m in [
            constants.tangent.unwrap(),
            constants.trajectory,
            constants.uniform,
        ] {
            assert!((m * loss).lower() <= gradient.upper(), "{case}");
        }
        match constants.upper {
            Some(upper) => assert!(gradient.lower() <= (upper * loss).upper(), "{case}"),
            None => assert_eq!(foreign.activation, Activation::Relu),
        }
    }
}

/// C10 starts from a zero residual: guaranteed where the targets are small, missed by a factor where not.
#[test]
fn zero_residuals_converge_where_the_loss_is_small() {
    let mut foreign = Foreign::random([1, 1, 80, 4, 2], 0.0, 0);
    foreign.activation = Activation::Tanh;
    foreign.alpha = 10.0;
    foreign.targets *= 10.0;
    let why = |foreign: &Foreign| {
        let diagnosis = foreign.diagnosis();
        assert_eq!(diagnosis.outlooks.len(), 2);
        diagnosis.outlooks[1].prospect
    };
    let Prospect::Missed {
        why: Missing::LossTooLarge,
        factor: Some(factor),
        ..
    } = why(&foreign)
    else {
        panic!("a large loss: {:?}", why(&foreign));
    };
    assert!(factor > 1.0);
    foreign.targets *= (0.9 / factor).sqrt();
    assert!(
        why(&foreign).is_guaranteed()
            && foreign.diagnosis().is_guaranteed()
                == foreign.diagnosis().outlooks[0].prospect.is_guaranteed()
    );
    foreign.blocks[2].outer[(0, 3)] = 1e-9;
    assert!(matches!(
        why(&foreign),
        Prospect::Missed {
            why: Missing::Moved,
            ..
        }
    ));
    foreign.activation = Activation::Relu;
    assert!(matches!(
        why(&foreign),
        Prospect::Missed {
            why: Missing::Unbounded,
            ..
        }
    ));
    // Two equal inputs.
    let mut twice = Foreign::random([1, 1, 80, 4, 2], 0.0, 0);
    twice.activation = Activation::Tanh;
    twice.inputs.fill(0.5);
    assert!(matches!(
        why(&twice),
        Prospect::Missed {
            why: Missing::NotExpressive,
            ..
        }
    ));
}

/// A block negated, another scaling, targets off by one.
#[test]
fn controls_are_noticed() {
    let make = || Foreign::random([2, 1, 12, 4, 6], 1.0, 1);
    let right = make().diagnosis().loss;
    let apart = |other: Foreign| {
        let loss = other.diagnosis().loss;
        assert!((right.mid() - loss.mid()).abs() > 1e6 * (right.rad() + loss.rad()));
    };
    let mut negated = make();
    negated.blocks[1].outer *= -1.0;
    apart(negated);
    let mut shifted = make();
    shifted.targets = DMatrix::from_fn(1, 6, |_, j| make().targets[(j + 1) % 6]);
    apart(shifted);
    apart(Foreign {
        written: "1".to_owned(),
        ..make()
    });
    let wide = make().inputs.insert_rows(2, 1, 0.0);
    let refused =
        make()
            .network()
            .diagnose(&wide, &make().targets, &DiagnosisOptions::default(), |_| ());
    assert_eq!(
        refused.unwrap_err(),
        CheckError::Data {
            network: [2, 1],
            data: [3, 1]
        }
    );
}
