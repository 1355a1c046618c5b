//! A network of two-layer residual blocks, everything in them trained, as particles in the scaling of the theory.

use super::diagnosis::{Diagnosis, DiagnosisOptions, LayerSpectrum, PlConstants};
use super::{Basis, CheckError, Missing, Outlook, Prospect, Scaling, Way};
use crate::arithmetic::{Ball, count};
use crate::bounds::mean_field::{
    Curvature, Region, ZeroResidual, gauss_newton, layer_gains, pl_constant, uniform_pl_constant,
};
use crate::bounds::tangent_pl;
use crate::flow::mean_field::{Iterate, labelled_distance};
use crate::meanfield::{
    Activation, ActivationBounds, Cloud, Regression, smallest_eigenvalues, twin,
};
use crate::resnet::TangentKernel;
use nalgebra::DMatrix;

/// Products of balls that a tangent kernel may take.
const MOST_PRODUCTS: f64 = 2e9;

/// Step margins `c` that are tried, the quickest first.
const MARGINS: [f64; 3] = [0.5, 0.9, 0.99];

/// A network `x + s·V_kσ(W_kx + b_k)`, as `x + (DM)⁻¹Σ_j u_jσ(w_j·x + b_j)` with `u = cV`, `c = sDM`.
///
/// Its parameters are balls that hold those of the file exactly, so that everything computed of them holds of the file.
#[derive(Clone, Debug)]
pub struct ParticleNetwork {
    activation: Activation,
    /// The coordinate of an input that each coordinate of the state begins as; none begins as zero.
    selection: Vec<Option<usize>>,
    inputs: usize,
    outputs: usize,
    /// `α` of `F = αPx_D`.
    scale: f64,
    cloud: Cloud<Ball>,
    /// `c`.
    factor: Ball,
    zero_residual: bool,
}

/// One layer as it is in a file: `V` (q × M), `W` (M × q), and `b`.
pub(super) struct Block {
    pub outer: DMatrix<f64>,
    pub inner: DMatrix<f64>,
    pub bias: Vec<f64>,
}

/// The coordinates that the rows of `input` pick: the states of the theory begin as inputs, exactly.
fn selection(input: &DMatrix<f64>) -> Result<Vec<Option<usize>>, CheckError> {
    let pick = |row: nalgebra::RowDVector<f64>| {
        let mut there = row.iter().enumerate().filter(|(_, entry)| **entry != 0.0);
        match (there.next(), there.next()) {
            (None, _) => Ok(None),
            (Some((place, &1.0)), None) => Ok(Some(place)),
            _ => Err(CheckError::NoSelection),
        }
    };
    input.row_iter().map(|row| pick(row.into_owned())).collect()
}

/// `α` of an `output` that is `α(0, Id)`.
fn readout_scale(output: &DMatrix<f64>) -> Result<f64, CheckError> {
    let (outputs, state) = output.shape();
    if outputs > state {
        return Err(CheckError::NoReadout);
    }
    let scale = output[(0, state - outputs)];
    let expected = DMatrix::from_fn(outputs, state, |i, j| {
        if j == state - outputs + i { scale } else { 0.0 }
    });
    if *output == expected && scale != 0.0 {
        Ok(scale)
    } else {
        Err(CheckError::NoReadout)
    }
}

impl ParticleNetwork {
    /// Takes the blocks as they are in the file, of one width.
    pub(super) fn try_new(
        activation: Activation,
        input: &DMatrix<f64>,
        output: &DMatrix<f64>,
        blocks: &[Block],
        scaling: &Scaling,
    ) -> Result<Self, CheckError> {
        let width = blocks[0].bias.len();
        let factor = scaling.times_powers([2, 2], blocks.len(), width);
        if !(factor.mid() > 0.0 && factor.is_bounded()) {
            let factor = factor.mid();
            return Err(CheckError::Overflow { factor });
        }
        let one = factor == Ball::from(1.0);
        let scaled = |v: f64| match v {
            _ if one || v == 0.0 => Ball::from(v),
            v => factor * Ball::from(v),
        };
        let particle = |block: &Block, j: usize| -> Vec<Ball> {
            let u = block
                .outer
                .column(j)
                .iter()
                .map(|&v| scaled(v))
                .collect::<Vec<_>>();
            let w = block
                .inner
                .row(j)
                .iter()
                .map(|&w| Ball::from(w))
                .collect::<Vec<_>>();
            [u, w, vec![Ball::from(block.bias[j])]].concat()
        };
        let layer = |block: &Block| (0..width).map(|j| particle(block, j)).collect();
        Ok(Self {
            activation,
            selection: selection(input)?,
            inputs: input.ncols(),
            outputs: output.nrows(),
            scale: readout_scale(output)?,
            cloud: blocks.iter().map(layer).collect(),
            factor,
            zero_residual: blocks
                .iter()
                .all(|block| block.outer.iter().all(|&v| v == 0.0)),
        })
    }

    /// Returns `σ`.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// Returns `c`, by which `V` is multiplied.
    #[must_use]
    pub fn factor(&self) -> Ball {
        self.factor
    }

    /// Tells whether no number of the file is rounded.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.cloud
            .iter()
            .flatten()
            .flatten()
            .all(|x| x.rad() == 0.0)
    }

    /// Returns `D`, `M`, `q`, `d` and `d'`.
    #[must_use]
    pub fn shape(&self) -> [usize; 5] {
        let (depth, width) = (self.cloud.len(), self.cloud[0].len());
        [
            depth,
            width,
            self.selection.len(),
            self.inputs,
            self.outputs,
        ]
    }

    /// Returns the distance of two networks in `L²(μ)`, particle by particle.
    ///
    /// # Panics
    /// If the shapes differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> Ball {
        labelled_distance(&self.cloud, &other.cloud)
    }

    /// Names the first fixed array in which two networks differ.
    #[must_use]
    pub fn moved(&self, first: &Self) -> Option<&'static str> {
        let arrays = [
            (
                "input",
                self.selection == first.selection && self.inputs == first.inputs,
            ),
            (
                "output",
                (self.scale, self.outputs) == (first.scale, first.outputs),
            ),
            ("outer", self.shape() == first.shape()),
        ];
        arrays
            .iter()
            .find(|(_, same)| !same)
            .map(|(array, _)| *array)
    }

    /// The data in the form of the theory: states begin as the coordinates that are picked.
    fn task(
        &self,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
    ) -> Result<Regression, CheckError> {
        let network = [self.inputs, self.outputs];
        let data = [inputs.nrows(), targets.nrows()];
        if network != data {
            return Err(CheckError::Data { network, data });
        }
        let start = |a: usize, i: usize| self.selection[a].map_or(0.0, |place| inputs[(place, i)]);
        let states = DMatrix::from_fn(self.selection.len(), inputs.ncols(), start);
        Ok(Regression::try_new(
            self.activation,
            self.scale,
            states,
            targets.clone(),
        )?)
    }

    /// The squared norm of the gradient in the parameters of the file: `c∂/∂u` of `V`, `∂/∂w` and `∂/∂b` as they are.
    fn own_gradient(&self, gradient: &Cloud<Ball>) -> Ball {
        let q = self.selection.len();
        let particles = gradient.iter().flatten();
        let total: Ball = particles
            .map(|g| {
                let outer: Ball = g[..q].iter().map(|x| (self.factor * *x).square()).sum();
                outer + g[q..].iter().map(|x| x.square()).sum::<Ball>()
            })
            .sum();
        let [depth, width, ..] = self.shape();
        total / count(depth * width).square()
    }

    /// Computes everything that is said of the network on data.
    ///
    /// # Arguments, errors and cost
    /// Those of [`diagnose`](super::diagnose), in balls and on one thread.
    pub(super) fn diagnose(
        &self,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
        options: &DiagnosisOptions,
        say: impl Fn(&'static str),
    ) -> Result<Diagnosis, CheckError> {
        let task = self.task(inputs, targets)?;
        say("running the network");
        let seen = Iterate::of(&task, self.cloud.clone());
        say("enclosing the spectra of the layers");
        let gram = smallest_eigenvalues(&seen.pass.values)?;
        let moments = seen.moments();
        let loss = seen.risk().positive_part();
        let bounds = self.activation.bounds();
        let scale = Ball::from(self.scale.abs());
        let gains = match &bounds {
            Some(bounds) => layer_gains(bounds, &moments),
            None => vec![Ball::EVERYTHING; gram.len()],
        };
        say("forming the tangent kernel");
        let tangent = self.tangent(&task, &seen, options)?;
        let zero = Ball::from(0.0);
        let samples = task.samples();
        let region = bounds.map(|bounds| {
            let start = zero_residual(
                &task,
                bounds,
                &gram,
                &seen,
                self.cloud.len() * self.cloud[0].len(),
            );
            (bounds, start, Region::of(&bounds, &moments, start.point))
        });
        let bounded = |constant: &dyn Fn() -> Ball| bounds.map_or(zero, |_| constant());
        let constants = PlConstants {
            tangent: tangent.map(|[smallest, _]| tangent_pl(samples, smallest)),
            trajectory: bounded(&|| pl_constant(samples, scale, &gram, &gains)),
            uniform: bounded(&|| uniform_pl_constant(samples, scale, &gram, &gains)),
            local: None,
            upper: region
                .map(|(bounds, _, region)| Ball::from(2.0) * gauss_newton(&region, &bounds, scale)),
        };
        let smoothness = region.map(|(bounds, _, region)| {
            let root_risk = (Ball::from(2.0) * loss).sqrt();
            Curvature::on(&region, &bounds, scale, root_risk).positive
        });
        let layers = gram
            .iter()
            .zip(&gains)
            .map(|(&smallest, &gain)| LayerSpectrum {
                smallest,
                largest: None,
                gain,
            });
        say("looking for a ball");
        let outlooks = [Way::Descent, Way::Flow].map(|way| Outlook {
            way,
            basis: Basis::ZeroResidual,
            prospect: self.prospect(way, loss, region.map(|(_, start, _)| start)),
        });
        let mut numbers = vec![("α", Ball::from(self.scale))];
        if let Some(ActivationBounds {
            value,
            slope,
            curvature,
        }) = bounds
        {
            numbers.extend([("S0", value), ("S1", slope), ("S2", curvature)]);
        }
        Ok(Diagnosis {
            loss,
            gradient_norm_squared: seen.gradient_norm_squared.positive_part(),
            own_gradient_norm_squared: self.own_gradient(&seen.gradient),
            norm: moments.root_second(),
            numbers,
            layers: layers.collect(),
            tangent,
            constants,
            smoothness,
            needed_depth: None,
            radii: Vec::new(),
            outlooks: outlooks.to_vec(),
        })
    }

    /// What C10 says, of a network with `u = 0` alone.
    fn prospect(&self, way: Way, loss: Ball, start: Option<ZeroResidual>) -> Prospect {
        let missed = |why, factor, allowed| Prospect::Missed {
            why,
            factor,
            allowed,
        };
        let Some(start) = start else {
            return missed(Missing::Unbounded, None, None);
        };
        if !self.zero_residual {
            return missed(Missing::Moved, None, None);
        }
        if !(start.gram.lower() > 0.0) {
            return missed(Missing::NotExpressive, None, None);
        }
        let margins: &[f64] = if way == Way::Flow { &[1.0] } else { &MARGINS };
        let found = margins
            .iter()
            .find_map(|&margin| start.admissible(loss, margin));
        if let Some(constants) = found {
            return Prospect::Guaranteed {
                constants,
                after: 0,
                loss,
            };
        }
        let allowed = start.allowed_risk(margins[margins.len() - 1]);
        let allowed = (allowed > 0.0).then_some(allowed);
        missed(
            Missing::LossTooLarge,
            allowed.map(|allowed| loss.upper() / allowed),
            allowed,
        )
    }

    /// The extreme eigenvalues of the tangent kernel in `L²(μ)`, entries
    /// `D⁻¹Σ_k[K_k(i,i')p·p' + (x·x' + 1)M⁻¹Σ_j σ'(u_j·p)σ''(u_j·p')]`, `p` the adjoint states of single outputs.
    fn tangent(
        &self,
        task: &Regression,
        seen: &Iterate,
        options: &DiagnosisOptions,
    ) -> Result<Option<[Ball; 2]>, CheckError> {
        let [depth, width, state, _, outputs] = self.shape();
        let samples = task.samples();
        let order = samples * outputs;
        let products = (order * order * depth) as f64 * (2 * width + state) as f64 / 2.0;
        if order > options.largest_order || products > MOST_PRODUCTS {
            return Ok(None);
        }
        // Adjoint states of one output of every sample at once: no sample sees another's.
        let pulled: Vec<_> = (0..outputs)
            .map(|r| {
                let mut pass = seen.pass.clone();
                for errors in &mut pass.errors {
                    for (a, error) in errors.iter_mut().enumerate() {
                        *error = if a == r {
                            count(samples)
                        } else {
                            Ball::from(0.0)
                        };
                    }
                }
                twin::backward(task, &self.cloud, &pass).adjoints
            })
            .collect();
        let dot = |a: &[Ball], b: &[Ball]| a.iter().zip(b).map(|(&x, &y)| x * y).sum::<Ball>();
        let mut entries = vec![Ball::from(0.0); order * order];
        for k in 0..depth {
            let along = |i: usize, r: usize| -> Vec<Ball> {
                let p = &pulled[r][k + 1][i];
                let particles = self.cloud[k].iter().zip(&seen.pass.slopes[k][i]);
                particles
                    .map(|(particle, &slope)| slope * dot(&particle[..state], p))
                    .collect()
            };
            let slopes: Vec<Vec<Ball>> = (0..order)
                .map(|a| along(a / outputs, a % outputs))
                .collect();
            for a in 0..order {
                for b in 0..=a {
                    let (i, j) = (a / outputs, b / outputs);
                    let values = dot(&seen.pass.values[k][i], &seen.pass.values[k][j]);
                    let adjoints = dot(
                        &pulled[a % outputs][k + 1][i],
                        &pulled[b % outputs][k + 1][j],
                    );
                    let points =
                        dot(&seen.pass.states[k][i], &seen.pass.states[k][j]) + Ball::from(1.0);
                    let entry = &mut entries[a * order + b];
                    *entry = *entry + values * adjoints + points * dot(&slopes[a], &slopes[b]);
                }
            }
        }
        let particles = count(depth * width);
        let entry = |a: usize, b: usize| entries[a.max(b) * order + a.min(b)] / particles;
        let entry_error = (0..order * order)
            .map(|at| entry(at / order, at % order).rad())
            .fold(0.0, f64::max);
        let matrix = DMatrix::from_fn(order, order, |a, b| entry(a, b).mid());
        let (smallest, largest) = TangentKernel {
            matrix,
            entry_error,
        }
        .extremes()?;
        Ok(Some([smallest.positive_part(), largest]))
    }
}

/// What C10 knows of a network, whether its `u` is zero or not.
fn zero_residual(
    task: &Regression,
    bounds: ActivationBounds,
    gram: &[Ball],
    seen: &Iterate,
    particles: usize,
) -> ZeroResidual {
    ZeroResidual::of(task, bounds, gram, &seen.moments(), particles)
}

#[cfg(test)]
mod tests;
