//! The training of the linearised network, in closed form.

use super::Observation;
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, count, gamma};
use crate::bounds::{LinearPoint, SpectralFilter};
use crate::linalg::gemm;
use crate::resnet::TangentKernel;
use crate::spectrum::{SpectrumError, SymmetricEigen, symmetric_eigen};
use faer::Accum;
use nalgebra::{DMatrix, DVector};

/// The network linearised at `v⁰`: `F(v⁰) + J_0(v − v⁰)`, whose errors under gradient descent are
/// `ê_n = (I − ηT_0/N)ⁿe_0`.
///
/// Errors are stacked as the tangent kernel is: sample by sample, outputs first. Where all outputs share one kernel of
/// the samples, they are columns instead.
#[derive(Clone, Debug)]
pub struct Linearised {
    kernel: TangentKernel,
    /// One column for each copy of the kernel.
    errors: DMatrix<f64>,
    error_bound: f64,
    samples: usize,
}

/// Errors by columns, and the kernel times them.
struct Columns {
    errors: DMatrix<f64>,
    applied: DMatrix<f64>,
    /// Bound of the distance of the exact errors.
    off: Ball,
}

fn stacked(columns: &DMatrix<f64>) -> DVector<f64> {
    DVector::from_column_slice(columns.as_slice())
}

/// The errors of the linearised network after some steps.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearError {
    /// `ê_n` as computed, stacked; of outputs that share a kernel, output by output.
    pub vector: DVector<f64>,
    /// Bound of the distance of the exact one.
    pub off: Ball,
}

impl Linearised {
    /// Linearises at the weights of an observation.
    ///
    /// # Arguments
    /// * `errors`: `F(v⁰) − y`, d' × N, as the tape holds them.
    #[must_use]
    pub fn new(kernel: TangentKernel, errors: &DMatrix<f64>, observation: &Observation) -> Self {
        let samples = errors.ncols();
        Self {
            kernel,
            errors: DMatrix::from_column_slice(errors.len(), 1, errors.as_slice()),
            // Each column is off by at most this.
            error_bound: (count(samples).sqrt() * Ball::from(observation.rounding.errors)).upper(),
            samples,
        }
    }

    /// Linearises where outputs do not mix: the tangent kernel is this one for each of them.
    ///
    /// # Arguments
    /// * `kernel`: `N × N`, between samples.
    /// * `errors`: `N × d'`, exact.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[must_use]
    pub fn by_outputs(kernel: TangentKernel, errors: DMatrix<f64>) -> Self {
        let samples = errors.nrows();
        let shape = kernel.matrix.shape();
        assert_eq!(shape, (samples, samples), "a kernel between the samples");
        Self {
            kernel,
            errors,
            error_bound: 0.0,
            samples,
        }
    }

    /// Returns the tangent kernel.
    #[must_use]
    pub fn kernel(&self) -> &TangentKernel {
        &self.kernel
    }

    /// Returns `N`.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Returns `ê_n` for any number of steps of size `step`, by the spectrum of `T_0`: an estimate.
    ///
    /// # Errors
    /// An eigensolver that does not converge, a kernel that is not finite.
    ///
    /// # Cost
    /// One eigendecomposition; the number of steps costs nothing.
    pub fn errors_after(&self, step: f64, steps: i32) -> Result<DVector<f64>, SpectrumError> {
        let SymmetricEigen { values, vectors } = symmetric_eigen(&self.kernel.matrix)?;
        let mut modes = vectors.tr_mul(&self.errors);
        for (mut mode, value) in modes.row_iter_mut().zip(values.iter()) {
            mode *= (1.0 - step * value / self.samples as f64).powi(steps);
        }
        Ok(stacked(&(vectors * modes)))
    }

    /// Returns `‖I − ηT_0/N‖` for the exact kernel.
    ///
    /// # Arguments
    /// * `extremes`: of the tangent kernel, [`TangentKernel::extremes`].
    #[must_use]
    pub fn contraction(&self, step: f64, extremes: (Ball, Ball)) -> Ball {
        let rate = Ball::from(step) / count(self.samples);
        let one = Ball::from(1.0);
        let (slow, fast) = (one - rate * extremes.0, rate * extremes.1 - one);
        slow.max(fast)
    }

    /// Returns what steps of this size do to what is added to the errors: the powers of `I − ηT_0/N`, of the exact
    /// kernel.
    ///
    /// # Errors
    /// A tangent kernel without a spectrum.
    pub fn filter(&self, step: f64) -> Result<SpectralFilter, SpectrumError> {
        let (smallest, largest) = self.kernel.extremes()?;
        Ok(SpectralFilter {
            smallest: Ball::from(smallest.lower().max(0.0)),
            largest,
            rate: Ball::from(step) / count(self.samples),
        })
    }

    /// Follows the errors `ê_n` of the linearised network, the start included.
    ///
    /// # Guarantee
    /// Rounded: the errors of the exact tangent kernel, as long as `‖I − ηT_0/N‖ ≤ 1`: an error of
    /// one step does not grow.
    ///
    /// # Cost
    /// A product with the tangent kernel a step.
    #[must_use]
    pub fn iterates(&self, step: f64, iterations: usize) -> Vec<LinearError> {
        let columns = self.columns(step).take(iterations + 1);
        let stack = |columns: Columns| LinearError {
            vector: stacked(&columns.errors),
            off: columns.off,
        };
        columns.map(stack).collect()
    }

    /// The same, with the products that are known on the way, for as many steps as are asked for.
    fn columns(&self, step: f64) -> impl Iterator<Item = Columns> {
        let rate = Ball::from(step) / count(self.samples);
        let scale = step / self.samples as f64;
        let unit = Ball::from(2.0 * UNIT_ROUNDOFF);
        let start = Columns {
            errors: self.errors.clone(),
            applied: self.times(&self.errors),
            off: Ball::from(self.error_bound),
        };
        std::iter::successors(Some(start), move |last| {
            let norm = Ball::norm_of(last.errors.as_slice());
            let off = last.off + rate * self.product_error() * norm;
            let errors = &last.errors - &last.applied * scale;
            let off = off + unit * (Ball::norm_of(errors.as_slice()) + norm);
            let applied = self.times(&errors);
            Some(Columns {
                errors,
                applied,
                off,
            })
        })
    }

    /// A product with the kernel.
    fn times(&self, x: &DMatrix<f64>) -> DMatrix<f64> {
        let mut product = DMatrix::zeros(x.nrows(), x.ncols());
        let matrix = &self.kernel.matrix;
        gemm(&mut product, Accum::Replace, 1.0, matrix, false, x, false);
        product
    }

    /// Bounds the error of a product of the tangent kernel with a unit vector: `‖T̂ − T‖`, and rounding.
    pub(super) fn product_error(&self) -> Ball {
        let matrix = &self.kernel.matrix;
        let of_kernel = count(matrix.nrows()) * Ball::from(self.kernel.entry_error);
        let of_product = Ball::from(gamma(matrix.nrows() + 4));
        of_kernel + of_product * Ball::norm_of(matrix.as_slice())
    }

    /// Follows gradient descent on the linearised network, the start included.
    ///
    /// # Guarantee
    /// Rounded: `‖ê_n‖`, `‖v̂ⁿ − v⁰‖` and `‖J_0*ê_n‖` of the exact tangent kernel; see [`iterates`](Self::iterates).
    ///
    /// # Arguments
    /// * `slope`: `‖J_0‖`, the root of the largest eigenvalue of the kernel.
    ///
    /// # Cost
    /// Two products with the tangent kernel a step.
    #[must_use]
    pub fn train(&self, step: f64, iterations: usize, slope: Ball) -> Vec<LinearPoint> {
        let rate = Ball::from(step) / count(self.samples);
        let size = Ball::norm_of(self.kernel.matrix.as_slice());
        // An inner product adds up all entries of two matrices.
        let of_form = self.product_error() + Ball::from(gamma(self.errors.len())) * size;
        let unit = Ball::from(2.0 * UNIT_ROUNDOFF);
        // ‖J_0*x‖² = x·Tx, then what x itself is off by.
        let pulled = |x: &DMatrix<f64>, applied: &DMatrix<f64>, off: Ball| {
            let length = Ball::norm_of(x.as_slice());
            let square = Ball::from(x.dot(applied).max(0.0));
            let rounded = of_form * length.square();
            let root = square.widened(rounded.upper()).sqrt();
            root.widened((slope * off).upper())
        };
        let mut sum = DMatrix::zeros(self.errors.nrows(), self.errors.ncols());
        let mut sum_off = Ball::from(0.0);
        let mut points = Vec::with_capacity(iterations + 1);
        for (n, at) in self.columns(step).take(iterations + 1).enumerate() {
            let displacement = match n {
                0 => Ball::from(0.0),
                _ => rate * pulled(&sum, &self.times(&sum), sum_off),
            };
            points.push(LinearPoint {
                error: Ball::norm_of(at.errors.as_slice()).widened(at.off.upper()),
                displacement,
                pull: pulled(&at.errors, &at.applied, at.off),
            });
            sum_off = sum_off + at.off;
            sum += &at.errors;
            sum_off = sum_off + unit * Ball::norm_of(sum.as_slice());
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::super::Observer;
    use super::*;
    use crate::resnet::oracle::{Case, Double};

    fn linearised(case: &Case) -> Linearised {
        let mut observer = Observer::try_new(&case.network, &case.inputs, &case.targets).unwrap();
        let observation = observer.observe(&case.weights);
        let errors = observer.tape().errors().clone();
        let kernel = observer.tangent_kernel(&case.weights, &observation);
        Linearised::new(kernel, &errors, &observation)
    }

    fn step_of(linear: &Linearised) -> (f64, Ball, (Ball, Ball)) {
        let extremes = linear.kernel().extremes().unwrap();
        let step = 0.7 * linear.samples() as f64 / extremes.1.mid();
        (step, extremes.1.sqrt(), extremes)
    }

    /// The loop in 31 digits.
    #[test]
    fn training_encloses_the_iteration_in_double_precision() {
        for seed in 0..4 {
            let case = Case::new([2, 3, 2, 4, 3, 3], seed);
            let linear = linearised(&case);
            let (step, slope, _) = step_of(&linear);
            let points = linear.train(step, 12, slope);
            assert_eq!(points.len(), 13);
            let matrix = &linear.kernel().matrix;
            let order = matrix.nrows();
            let times = |x: &[Double]| -> Vec<Double> {
                let row = |i: usize| {
                    let terms = (0..order).map(|j| Double::from(matrix[(i, j)]) * x[j]);
                    terms.fold(Double::from(0.0), |sum, x| sum + x)
                };
                (0..order).map(row).collect()
            };
            let dot = |x: &[Double], y: &[Double]| {
                let terms = x.iter().zip(y).map(|(&x, &y)| x * y);
                terms.fold(Double::from(0.0), |sum, x| sum + x)
            };
            let rate = Double::from(step).over(3.0);
            let mut error: Vec<Double> = linear.errors.iter().map(|&e| Double::from(e)).collect();
            let mut sum = vec![Double::from(0.0); order];
            for (n, point) in points.iter().enumerate() {
                let norm = dot(&error, &error).sqrt().value();
                let place = (rate * dot(&sum, &times(&sum)).sqrt()).value();
                let pull = dot(&error, &times(&error)).sqrt().value();
                assert!(point.error.contains(norm), "{n}");
                assert!((point.pull.mid() - pull).abs() <= point.pull.rad() + 1e-16);
                assert!(point.pull.rad() < 1e-6);
                assert!(point.error.rad() < 1e-10 && point.displacement.rad() < 1e-6);
                let off = (point.displacement.mid() - place).abs();
                assert!(off <= point.displacement.rad() + 1e-16);
                for (s, e) in sum.iter_mut().zip(&error) {
                    *s = *s + *e;
                }
                let product = times(&error);
                for (e, t) in error.iter_mut().zip(product) {
                    *e = *e - rate * t;
                }
            }
        }
    }

    /// Outputs by columns are the stack of all of them, under a kernel that does not mix them.
    #[test]
    fn outputs_that_share_a_kernel_are_trained_apart() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 3);
        let kernel = linearised(&case)
            .kernel
            .matrix
            .view((0, 0), (4, 4))
            .clone_owned();
        let errors = DMatrix::from_fn(4, 3, |i, j| ((5 * i + 3 * j + 1) as f64).sin());
        let shared = TangentKernel {
            matrix: kernel.clone(),
            entry_error: 1e-14,
        };
        let columns = Linearised::by_outputs(shared, errors.clone());
        let whole = Linearised {
            kernel: TangentKernel {
                matrix: DMatrix::identity(3, 3).kronecker(&kernel),
                entry_error: 1e-14,
            },
            errors: DMatrix::from_column_slice(12, 1, errors.as_slice()),
            error_bound: 0.0,
            samples: 4,
        };
        let (step, slope, _) = step_of(&columns);
        let (some, all) = (columns.train(step, 9, slope), whole.train(step, 9, slope));
        for (one, other) in some.iter().zip(&all) {
            for (a, b) in [
                (one.error, other.error),
                (one.displacement, other.displacement),
                (one.pull, other.pull),
            ] {
                assert!((a.mid() - b.mid()).abs() <= a.rad() + b.rad() + 1e-15);
                assert!(a.rad() < 1e-10);
            }
        }
        assert_eq!(columns.iterates(step, 2)[2].vector.len(), 12);
        let after = columns.errors_after(step, 9).unwrap().norm();
        assert!((after - some[9].error.mid()).abs() < 1e-13);
    }

    #[test]
    fn closed_form_is_the_iteration() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 5);
        let linear = linearised(&case);
        let (step, slope, _) = step_of(&linear);
        let points = linear.train(step, 40, slope);
        for (n, point) in points.iter().enumerate() {
            let closed = linear.errors_after(step, n as i32).unwrap().norm();
            assert!((closed - point.error.mid()).abs() <= 1e-12 * points[0].error.mid());
        }
        assert!(points[40].error.mid() < points[0].error.mid());
    }

    /// The linearised network itself, by its weights: `v̂ − v⁰ = −(η/N)J*Σê`, and its predictions.
    #[test]
    fn first_step_is_that_of_the_network() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 2);
        let linear = linearised(&case);
        let (step, slope, _) = step_of(&linear);
        let points = linear.train(step, 1, slope);
        let gradient = case.tape().gradient().norm().mid();
        let place = points[1].displacement.mid();
        assert!((place - step * gradient).abs() <= 1e-10 * place);
        // And its error, to second order in a small step.
        let small = 1e-5 * step;
        let moved = case.weights.plus(-small, case.tape().gradient());
        let predictions = case.network.predict(&moved, &case.inputs) - &case.targets;
        let found = linear.errors_after(small, 1).unwrap();
        let stacked = DVector::from_column_slice(predictions.as_slice());
        let change = (&stacked - &linear.errors).norm();
        assert!((found - stacked).norm() <= 1e-3 * change);
    }

    #[test]
    fn contraction_is_the_larger_end() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 3);
        let linear = linearised(&case);
        let extremes = (Ball::from(0.3), Ball::from(6.0));
        // N = 3: 1 − 0.1η, 2η − 1.
        assert!(linear.contraction(0.5, extremes).contains(0.95));
        assert!(linear.contraction(1.0, extremes).contains(1.0));
    }

    /// What one step adds, from the counts of its operations.
    #[test]
    fn rounding_of_a_step_is_that_of_its_operations() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 3);
        let mut linear = linearised(&case);
        linear.kernel.entry_error = 1e-18;
        linear.error_bound = 1e-17;
        let (step, ..) = step_of(&linear);
        let errors = linear.iterates(step, 1);
        let matrix = &linear.kernel.matrix;
        let order = matrix.nrows();
        let [before, after] = [0, 1].map(|n: usize| errors[n].vector.norm());
        let product = order as f64 * 1e-18 + gamma(order + 4) * matrix.norm();
        let expected =
            1e-17 + step / 3.0 * product * before + 2.0 * UNIT_ROUNDOFF * (before + after);
        assert_eq!(errors[0].off.mid(), 1e-17);
        assert!((errors[1].off.mid() / expected - 1.0).abs() < 1e-9);
        // The place after two steps: the form of the sum of two errors, and what the sum is off by.
        let slope = 1.5;
        let found = linear.train(step, 2, Ball::from(slope))[2].displacement;
        let sum = &errors[0].vector + &errors[1].vector;
        let root = sum.dot(&(matrix * &sum)).sqrt();
        let form = (product + gamma(order) * matrix.norm()) * sum.norm_squared();
        let off = 1e-17 + expected + 2.0 * UNIT_ROUNDOFF * (before + sum.norm());
        let expected = step / 3.0 * (form / (2.0 * root) + slope * off);
        // Beside the roundings of a root and a product of balls.
        let own = found.rad() - 8.0 * UNIT_ROUNDOFF * found.mid();
        assert!(
            own <= expected * (1.0 + 1e-6) && found.rad() >= expected,
            "{found:?} {expected:e}"
        );
    }

    #[test]
    fn perturbed_kernels_widen_what_is_known() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 3);
        let mut linear = linearised(&case);
        let (step, slope, _) = step_of(&linear);
        let sharp = linear.train(step, 5, slope);
        linear.kernel.entry_error = 1e-3;
        let wide = linear.train(step, 5, slope);
        // At least η/N·‖T̂ − T‖‖e_0‖ after the first step.
        let one = step / 3.0 * 6e-3 * sharp[0].error.mid();
        assert!(wide[1].error.rad() >= one);
        assert!(wide[5].error.rad() > wide[1].error.rad());
        // Of the start the errors are known, and what the kernel makes of them is not.
        assert_eq!(wide[0].error, sharp[0].error);
        assert!(wide[0].pull.rad() > 1e6 * sharp[0].pull.rad());
    }
}
