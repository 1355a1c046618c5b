//! The lifted network at unit scale, and its training at any scale.

use super::rounding::{Lifted, pass_error};
use super::{Checked, EXPRESSIVE, FIRST_ORDER, TRAINED};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, count, enlarged};
use crate::bounds::{ComplexField, LazyDisc, LazyStart, LazyTask, Leading};
use crate::claims::{ResidualInstance, undecided};
use crate::evidence::Finding;
use crate::flow::{FirstOrder, LinearError, Linearised, Observer, operator_norm};
use crate::resnet::FieldKernel;
use nalgebra::{DMatrix, DVector};

/// What is left of the path once training ends, as a share of it.
const REST: f64 = 1e-3;

/// Data, and how long to train on them.
#[derive(Clone, Copy)]
pub(super) struct Data<'a> {
    pub inputs: &'a DMatrix<f64>,
    pub targets: &'a DMatrix<f64>,
    pub most_steps: usize,
}

impl<'a> Data<'a> {
    pub fn of(instance: &'a ResidualInstance, most_steps: usize) -> Self {
        Self {
            inputs: &instance.inputs,
            targets: &instance.targets,
            most_steps,
        }
    }
}

/// A lifted network with the readout `(0, Id)` at zero, and all that is known before it is trained.
pub(super) struct Unit<'a, N: Lifted> {
    network: N,
    data: Data<'a>,
    /// The step at unit scale; `α⁻²` of it at scale `α`.
    step: f64,
    linear: Linearised,
    errors: Vec<LinearError>,
    pub disc: LazyDisc,
    pub leading: Leading,
    /// `‖û_∞‖`, how far the linearised network travels.
    pub length: Ball,
    /// `‖T_1‖`.
    pub tangent: Ball,
    /// `max_n ‖E_{1,n}‖`.
    pub gap: Ball,
}

/// The trained network at one scale.
pub(super) struct Seen {
    /// `α‖v^∞‖`.
    pub length: Ball,
    /// `T(vⁿ)/α² − K` after the last step, one matrix, and what it is off by in the operator norm.
    pub tangent: Function,
    /// `e_n − ê_n` for every `n`, as columns; its norm is the largest of theirs.
    pub gap: Function,
}

/// A value of an analytic function of `1/α`.
#[derive(Clone)]
pub(super) struct Function {
    value: DMatrix<f64>,
    norm: Norm,
    off: f64,
}

/// How it is measured.
#[derive(Clone, Copy)]
enum Norm {
    /// The operator norm of a symmetric matrix.
    Operator,
    /// The largest norm of a column.
    Columns,
}

impl Function {
    /// Returns the norm.
    ///
    /// # Errors
    /// Numbers that are not finite.
    pub fn norm(&self) -> Checked<Ball> {
        Ok(match self.norm {
            Norm::Operator => operator_norm(&self.value, self.off)?,
            Norm::Columns => {
                let columns = self.value.column_iter();
                let norms = columns.map(|c| Ball::norm_of(c.clone_owned().as_slice()));
                norms.fold(Ball::from(0.0), Ball::max).widened(self.off)
            }
        })
    }

    /// Returns `self − factor·other`, `factor` a power of two.
    pub fn minus(&self, factor: f64, other: &Self) -> Self {
        let value = &self.value - &other.value * factor;
        // Each entry is within u of its own size.
        let rounded = 2.0 * UNIT_ROUNDOFF * value.norm();
        Self {
            off: enlarged(self.off + factor * other.off + rounded, 16),
            norm: self.norm,
            value,
        }
    }
}

impl<'a, N: Lifted> Unit<'a, N> {
    /// Finds everything that a hypothesis asks for.
    pub fn new<K: FieldKernel>(
        network: N,
        kernel: &K,
        field: ComplexField,
        data: Data<'a>,
        leading: Leading,
    ) -> Checked<Result<Self, Finding>> {
        let (samples, depth) = (data.inputs.ncols(), network.frame().depth());
        let mut observer = Observer::try_new(&network, data.inputs, data.targets)?;
        let zero = network.zero();
        let observation = observer.observe(&zero);
        let errors = observer.pass().errors.clone();
        let tangent = observer.tangent_kernel(&zero, &observation);
        let (smallest, largest) = tangent.extremes()?;
        let failing =
            |hypothesis: &str| Ok(Err(Finding::Inapplicable(vec![hypothesis.to_owned()])));
        if !(smallest.lower() > 0.0) {
            return failing(EXPRESSIVE);
        }
        let step = 2.0 * samples as f64 / (smallest.upper() + largest.upper());
        let Some(steps) = enough([smallest, largest], data.most_steps) else {
            return failing(TRAINED);
        };
        let start = LazyStart {
            smallest,
            largest,
            targets: Ball::norm_of(data.targets.as_slice()),
        };
        let task = LazyTask {
            samples,
            depth,
            start,
            field,
        };
        let Some(disc) = LazyDisc::best(task, 1.0 / network.kappa1().mid(), leading) else {
            return Ok(Err(undecided("no disc of scales: are the targets zero?")));
        };
        let linear = Linearised::new(tangent, &errors, &observation);
        let errors = linear.iterates(step, steps);
        let line = linear.train(step, steps, disc.slope());
        let last = line.last().expect("the start at least");
        let rest = last.error / smallest.sqrt();
        let points = network.frame().lift() * data.inputs;
        let first = FirstOrder::new(kernel, &points, data.targets.nrows(), depth);
        let gaps = first.error_gaps(&linear, &errors, step);
        let unit = Self {
            tangent: first.tangent_change(&errors, step)?,
            gap: gaps.into_iter().fold(Ball::from(0.0), Ball::max),
            length: last.displacement.widened(rest.upper()),
            network,
            data,
            step,
            linear,
            errors,
            disc,
            leading,
        };
        let starts = unit.tangent.lower() > 0.0 && unit.gap.lower() > 0.0;
        if leading == Leading::First && !starts {
            return failing(FIRST_ORDER);
        }
        Ok(Ok(unit))
    }

    /// Trains at the scale `α = 2^exponent`.
    pub fn train(&self, exponent: i32) -> Checked<Seen> {
        let scale = 2.0_f64.powi(exponent);
        let network = self.network.with_readout_scaled(scale)?;
        let step = self.step / scale / scale;
        let mut observer = Observer::try_new(&network, self.data.inputs, self.data.targets)?;
        let rate = Ball::from(self.step) / count(self.data.inputs.ncols());
        let slope = self.disc.slope().upper();
        let rates = Rates {
            rate,
            steepest: self.disc.slope() + self.disc.bend(),
            contraction: self.disc.contraction(rate),
            lipschitz: self.disc.lipschitz() / Ball::from(scale),
        };
        let mut v = network.zero();
        let nothing = Ball::from(0.0);
        let mut lost = Lost {
            distance: nothing,
            errors: nothing,
        };
        let mut apart = Vec::with_capacity(self.errors.len());
        let mut worst = 0.0_f64;
        loop {
            let line = &self.errors[apart.len()];
            let observation = observer.observe(&v);
            let rounding = pass_error(&observer, &v, &observation, (scale, slope));
            let error = DVector::from_column_slice(observer.pass().errors.as_slice());
            let off = lost.seen(rounding.errors);
            let size = Ball::norm_of(error.as_slice()) + off;
            let difference = error - &line.vector;
            // Each entry of a difference is within u of its own size.
            let subtraction = 2.0 * UNIT_ROUNDOFF * difference.norm();
            worst = worst.max((off + line.off + Ball::from(subtraction)).upper());
            apart.push(difference);
            if apart.len() == self.errors.len() {
                let rest = lost.distance + self.disc.rest(size);
                let length = network.norm(&v) * Ball::from(scale);
                let kernel = observer.tangent_kernel(&v, &observation);
                let own = self.linear.kernel();
                let value = kernel.matrix / scale / scale - &own.matrix;
                let entries = kernel.entry_error / scale / scale
                    + own.entry_error
                    + 2.0 * UNIT_ROUNDOFF * value.amax();
                let off = value.nrows() as f64 * entries + rates.tangent(lost.distance).upper();
                return Ok(Seen {
                    length: length.widened(rest.upper()),
                    tangent: Function {
                        value,
                        norm: Norm::Operator,
                        off: enlarged(off, 16),
                    },
                    gap: Function {
                        value: DMatrix::from_columns(&apart),
                        norm: Norm::Columns,
                        off: worst,
                    },
                });
            }
            let gradient = observer.gradient().clone();
            let terms = [(-step, &gradient)];
            v = network.combination(&v, &terms);
            let combined = network.combination_rounding(&v, &terms);
            let rounded = rounding_of_step(scale, [step * rounding.gradient, combined]);
            lost = rates.after(lost, size, rounded);
        }
    }
}

/// What the computed iterates and their errors are off by, in units of `u = αv`.
#[derive(Clone, Copy, Debug)]
struct Lost {
    distance: Ball,
    errors: Ball,
}

impl Lost {
    /// What errors are off by that were computed with an error of `rounding`.
    fn seen(self, rounding: f64) -> Ball {
        self.errors + Ball::from(rounding)
    }
}

/// What a step is off by in units of `u = αv`, by the error of its gradient and of the combination.
fn rounding_of_step(scale: f64, [gradient, combined]: [f64; 2]) -> Ball {
    Ball::from(scale * enlarged(gradient + combined, 16))
}

/// How that grows at one scale.
#[derive(Clone, Copy, Debug)]
struct Rates {
    /// `η/N`.
    rate: Ball,
    /// `S + b`.
    steepest: Ball,
    /// `θ`.
    contraction: Ball,
    /// `Q/α`.
    lipschitz: Ball,
}

impl Rates {
    /// After a step that was off by `rounded` where the errors are of size `size`.
    ///
    /// The distance `d` grows by `‖I − ηH‖ ≤ 1 + (η/N)Q‖e‖/α`, as `(S + b)² ≤ λ_max + λ_min`, and by the rounding `δ` of
    /// the step. That of the errors, `f`, is contracted: `f ↦ θf + 2(η/N)(S + b)Qd‖e‖/α + (S + b)δ`.
    fn after(&self, lost: Lost, size: Ball, rounded: Ball) -> Lost {
        let growth = Ball::from(1.0) + self.rate * self.lipschitz * size;
        let distance = growth * lost.distance + rounded;
        let bent = self.rate * self.tangent(distance) * size;
        Lost {
            distance,
            errors: self.contraction * lost.errors + bent + self.steepest * rounded,
        }
    }

    /// Bounds by how much the tangent kernel differs over a distance `d`: `2(S + b)Qd/α`.
    fn tangent(&self, distance: Ball) -> Ball {
        Ball::from(2.0) * self.steepest * self.lipschitz * distance
    }
}

/// The number of steps after which `κ·θ^n ≤ REST`, `κ = λ_max/λ_min` and `θ = (κ−1)/(κ+1)`, if allowed.
fn enough([smallest, largest]: [Ball; 2], most: usize) -> Option<usize> {
    let condition = largest.upper() / smallest.lower();
    let factor = (condition - 1.0) / (condition + 1.0);
    // A multiple of the identity is done in one step.
    let steps = (REST / condition).ln() / factor.max(f64::MIN_POSITIVE).ln();
    let steps = steps.ceil().max(2.0);
    (steps <= most as f64).then_some(steps as usize)
}

#[cfg(test)]
mod tests {
    use super::super::{features, kernel};
    use super::*;
    use crate::bounds::agreement::assert_agrees;
    use crate::claims::sharp;
    use crate::kernel::Gaussian;
    use crate::resnet::TangentKernel;
    use nalgebra::dmatrix;

    // κ = 3: halves, down to 10⁻³/3.
    #[test]
    fn steps_are_enough_for_the_rest() {
        let steps =
            |smallest: f64, largest: f64, most| enough([smallest, largest].map(Ball::from), most);
        assert_eq!(steps(1.0, 3.0, 100), Some(12));
        assert_eq!(steps(2.0, 6.0, 12), Some(12));
        assert_eq!(steps(1.0, 3.0, 11), None);
        assert_eq!(steps(1.0, 1.0, 2), Some(2));
        assert_eq!(steps(0.0, 1.0, usize::MAX), None);
    }

    /// Rounding that is worse by a thousand is seen in every radius.
    #[test]
    fn radii_grow_with_what_is_not_known() {
        let instance = sharp::three_points().remove(0);
        let Ok(mut unit) = features(&instance, |own| own, Leading::First).unwrap() else {
            panic!("every hypothesis holds");
        };
        let sharp = unit.train(12).unwrap();
        unit.errors
            .iter_mut()
            .for_each(|line| line.off = Ball::from(1e-3));
        let wide = unit.train(12).unwrap();
        assert!((wide.gap.off - sharp.gap.off - 1e-3).abs() < 1e-9);
        assert_eq!(wide.tangent.off, sharp.tangent.off);
        // At a scale 2¹⁰ times as large rounding is the same, and what it does to the kernel is less.
        let far = unit.train(22).unwrap();
        assert!(far.gap.off < 2.0 * wide.gap.off && far.tangent.off < 2.0 * wide.tangent.off);
        assert!((far.length.rad() / wide.length.rad() - 1.0).abs() < 1e-2);
    }

    #[test]
    fn rounding_is_carried_by_its_recursion() {
        let ball = Ball::from;
        let rates = Rates {
            rate: ball(0.25),
            steepest: ball(3.0),
            contraction: ball(0.5),
            lipschitz: ball(0.75),
        };
        let lost = Lost {
            distance: ball(0.125),
            errors: ball(2.0),
        };
        let found = rates.after(lost, ball(5.0), ball(0.375));
        let distance = (1.0 + 0.25 * 0.75 * 5.0) * 0.125 + 0.375;
        assert_agrees(found.distance, distance, 12);
        let bent = 2.0 * 0.25 * 3.0 * 0.75 * distance * 5.0;
        assert_agrees(found.errors, 0.5 * 2.0 + bent + 3.0 * 0.375, 24);
        assert_agrees(rates.tangent(ball(0.5)), 2.25, 8);
        assert_agrees(lost.seen(0.5), 2.5, 4);
        assert_agrees(rounding_of_step(4.0, [0.25, 0.5]), 3.0, 64);
    }

    /// The subtraction of a line that is far off, and entries of its kernel that are.
    #[test]
    fn differences_are_off_by_what_they_are_of() {
        let instance = sharp::three_points().remove(0);
        let Ok(mut unit) = features(&instance, |own| own, Leading::First).unwrap() else {
            panic!("every hypothesis holds");
        };
        let sharp = unit.train(12).unwrap();
        let vector = unit.errors[1].vector.map(|_| 1e6);
        unit.errors[1].vector = vector.clone();
        unit.errors[1].off = Ball::from(0.0);
        let far = unit.train(12).unwrap();
        let subtraction = 2.0 * UNIT_ROUNDOFF * vector.norm();
        assert!(far.gap.off > 0.9 * subtraction && far.gap.off < 1.1 * subtraction);
        let own = unit.linear.kernel().clone();
        let order = own.matrix.nrows() as f64;
        let off = TangentKernel {
            entry_error: own.entry_error + 1e-3,
            ..own
        };
        let observation =
            crate::flow::Observer::try_new(&unit.network, &instance.inputs, &instance.targets)
                .unwrap()
                .observe(&unit.network.zero_weights());
        unit.linear = Linearised::new(off, &instance.targets, &observation);
        let wide = unit.train(12).unwrap();
        assert!((wide.tangent.off - sharp.tangent.off - order * 1e-3).abs() < 1e-9);
    }

    #[test]
    fn functions_are_measured_in_their_norms() {
        let function = |value, norm| Function {
            value,
            norm,
            off: 0.25,
        };
        let symmetric = function(dmatrix![0.0, 2.0; 2.0, -3.0], Norm::Operator);
        let norm = symmetric.norm().unwrap();
        // The enclosure of an eigenvalue is wider than a rounding.
        assert!((norm.mid() - 4.0).abs() < 1e-12 && (norm.rad() - 0.25).abs() < 1e-12);
        let columns = function(dmatrix![3.0, 0.0; 4.0, 2.0], Norm::Columns);
        let norm = columns.norm().unwrap();
        assert!((norm.mid() - 5.0).abs() < 1e-14 && (norm.rad() - 0.25).abs() < 1e-14);
        let other = function(dmatrix![1.0, 1.0; 1.0, 1.0], Norm::Columns);
        let difference = columns.minus(2.0, &other);
        assert_eq!(difference.value, dmatrix![1.0, -2.0; 2.0, 0.0]);
        assert!((difference.off - 0.75).abs() < 1e-14);
    }

    fn gaussian() -> Gaussian {
        Gaussian::try_new(1.0).unwrap()
    }

    /// The linearised network in closed form: `‖û^∞‖² = yᵀK⁻¹y`.
    #[test]
    fn the_linearised_path_is_that_of_the_interpolant() {
        let instance = sharp::three_points().remove(0);
        let Ok(unit) = kernel(&instance, gaussian()).unwrap() else {
            panic!("every hypothesis holds");
        };
        let x = &instance.inputs;
        let gram = DMatrix::from_fn(3, 3, |i, j| (-0.5 * (x[i] - x[j]).powi(2)).exp());
        let y = instance.targets.transpose();
        let square = y.dot(&gram.clone().lu().solve(&y).unwrap());
        assert!(unit.length.contains(square.sqrt()) && unit.length.rad() < 2e-3);
        let values = gram.symmetric_eigenvalues();
        let step = 6.0 / (values.min() + values.max());
        assert!((unit.step / step - 1.0).abs() < 1e-12);
        assert!((unit.disc.slope().mid() - values.max().sqrt()).abs() < 1e-12);
        // Another hundred steps change nothing beyond what is said to be left.
        let far = unit.linear.train(unit.step, 200, unit.disc.slope());
        assert!(unit.length.contains(far[200].displacement.mid()));
    }

    /// A step of descent by the network's own gradient, and the tangent kernel there.
    #[test]
    fn training_is_gradient_descent_at_the_scale() {
        let instance = sharp::three_points().remove(0);
        let Ok(unit) = features(&instance, |own| own, Leading::First).unwrap() else {
            panic!("every hypothesis holds");
        };
        let exponent = 9;
        let seen = unit.train(exponent).unwrap();
        let scale = 512.0;
        let network = unit.network.with_readout_scaled(scale).unwrap();
        let mut observer =
            Observer::try_new(&network, &instance.inputs, &instance.targets).unwrap();
        let mut v = network.zero_weights();
        let mut largest = 0.0_f64;
        for line in &unit.errors {
            observer.differentiate(&v);
            let error = DVector::from_column_slice(observer.pass().errors.as_slice());
            largest = largest.max((error - &line.vector).norm());
            v = v.plus(-unit.step / scale / scale, observer.gradient());
        }
        // One step more than `train` takes, of an error below 10⁻³.
        assert!((v.norm().mid() * scale - seen.length.mid()).abs() <= seen.length.rad());
        assert!((seen.gap.norm().unwrap().mid() / largest - 1.0).abs() < 1e-9);
        let observation = observer.observe(&v);
        let tangent = observer.tangent_kernel(&v, &observation).matrix / scale / scale;
        let change = (tangent - &unit.linear.kernel().matrix).symmetric_eigenvalues();
        let norm = change.amax();
        assert!((seen.tangent.norm().unwrap().mid() / norm - 1.0).abs() < 1e-2);
        assert!(seen.gap.off < 1e-11 && seen.tangent.off < 1e-11);
    }
}
