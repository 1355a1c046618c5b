//! What training does to the tangent kernel, to first order in the displacement, in closed form (P11).

use super::{LinearError, Linearised};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, count, enlarged, gamma};
use crate::resnet::FieldKernel;
use crate::spectrum::{SpectrumError, extreme_eigenvalues};
use nalgebra::{DMatrix, DVector};

/// The first derivative of the tangent kernel of a lifted network at zero, with the readout `(0, Id)`.
///
/// Along the field `w = Σ_j k(·, x_j)(0, a_j)`, the same in every layer, it is, with `h = (D − 1)/(2D)`,
///
/// ```text
/// A(w)_ij = h·((∂_s k(x_i, x_j)·w(x_i))·Id + k(x_i, x_j)·∂_s w(x_i)),
/// ```
///
/// where `∂_s` are the derivatives along the label coordinates of the first argument. The tangent kernel changes by
/// `A(w) + A(w)ᵀ`. That vanishes where `∂_s k` vanishes on the lifted inputs, as it does for a kernel that is even
/// in the label coordinates.
///
/// # Source
/// `proofs/p11-lazy.md`.
#[derive(Clone, Debug)]
pub struct FirstOrder {
    gram: DMatrix<f64>,
    /// `∂_{s_c}k(x_i, x_j)`, a matrix a label coordinate.
    slopes: Vec<DMatrix<f64>>,
    /// `(D − 1)/(2D)`.
    share: f64,
    kappa1: f64,
    value_error: f64,
    slope_error: f64,
}

/// `A(w)` as computed, and a bound of the distance of the exact one in the operator norm.
struct Change {
    matrix: DMatrix<f64>,
    off: f64,
}

impl FirstOrder {
    /// Evaluates the kernel and its derivatives.
    ///
    /// # Arguments
    /// * `points`: the lifted inputs, q × N, their last `outputs` coordinates zero.
    ///
    /// # Cost
    /// `N²` kernel values and as many derivatives.
    ///
    /// # Example
    /// ```
    /// use nalgebra::{dmatrix, dvector};
    /// use polyak::{features::FourierFeatures, flow::FirstOrder, kernel::KernelSpec};
    /// // Two inputs, lifted by a label coordinate.
    /// let (points, a) = (dmatrix![0.0, 1.0; 0.0, 0.0], dvector![1.0, -0.5]);
    /// let radial: KernelSpec = "gaussian:1".parse()?;
    /// assert_eq!(FirstOrder::new(&radial, &points, 1, 4).tangent(&a).amax(), 0.0);
    /// let features = FourierFeatures::try_new(dmatrix![0.7, -1.1; 0.9, 0.4])?;
    /// assert!(FirstOrder::new(&features, &points, 1, 4).tangent(&a).amax() > 1e-3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new<K: FieldKernel>(
        kernel: &K,
        points: &DMatrix<f64>,
        outputs: usize,
        depth: usize,
    ) -> Self {
        let (dimension, samples) = points.shape();
        let mut gram = DMatrix::zeros(samples, samples);
        kernel.values(points, &mut gram);
        let mut slopes = vec![DMatrix::zeros(samples, samples); outputs];
        let ones = DMatrix::from_element(1, samples, 1.0);
        for j in 0..samples {
            // One centre, then all points.
            let shifted = DMatrix::from_fn(dimension, samples + 1, |a, i| match i {
                0 => points[(a, j)],
                _ => points[(a, i - 1)],
            });
            let gradients = kernel.gradients(&shifted, &ones);
            for (c, slopes) in slopes.iter_mut().enumerate() {
                let row = gradients.row(dimension - outputs + c).transpose();
                slopes.set_column(j, &row);
            }
        }
        let size = points.column_iter().map(|x| x.norm()).fold(0.0, f64::max);
        Self {
            gram,
            slopes,
            share: (depth - 1) as f64 / (2 * depth) as f64,
            kappa1: kernel.kappa1().upper(),
            value_error: kernel.value_error(dimension, size),
            slope_error: kernel.gradient_error(dimension, 1, size),
        }
    }

    fn samples(&self) -> usize {
        self.gram.nrows()
    }

    /// `A(w)` for coefficients `a`, stacked sample by sample, that are off by `off`.
    fn change(&self, coefficients: &DVector<f64>, off: Ball) -> Change {
        let (samples, outputs) = (self.samples(), self.slopes.len());
        let a = DMatrix::from_column_slice(outputs, samples, coefficients.as_slice());
        let values = &a * &self.gram;
        let derivatives: Vec<DMatrix<f64>> = self
            .slopes
            .iter()
            .map(|slope| &a * slope.transpose())
            .collect();
        let matrix = DMatrix::from_fn(samples * outputs, samples * outputs, |row, column| {
            let (i, r) = (row / outputs, row % outputs);
            let (j, c) = (column / outputs, column % outputs);
            let mut entry = self.gram[(i, j)] * derivatives[c][(r, i)];
            if r == c {
                let moved = (0..outputs).map(|c| self.slopes[c][(i, j)] * values[(c, i)]);
                entry += moved.sum::<f64>();
            }
            self.share * entry
        });
        // An entry is hκ1Σ‖a_j‖ twice at most; what it is off by: slopes, then values and sums times slopes as computed.
        let mass: f64 = a.column_iter().map(|column| column.norm()).sum();
        let root = (outputs as f64).sqrt();
        let sums = gamma(samples + outputs + 8);
        let slope = self.kappa1 + self.slope_error;
        let values = self.value_error * (1.0 + root * sums) + root * sums;
        let entry = 2.0 * (self.slope_error + slope * values);
        let of_entries = (samples * outputs) as f64 * self.share * mass * entry;
        // ‖A(w)‖ ≤ √N κ1‖w‖S and ‖w‖ ≤ S‖a‖, S² ≤ N.
        let order = samples as f64;
        let of_coefficients = order.sqrt() * self.kappa1 * order * off.upper();
        Change {
            matrix,
            off: enlarged(of_entries + of_coefficients, 32),
        }
    }

    /// Returns `A(w) + A(w)ᵀ`, the derivative of the tangent kernel along `w = Σ_jk(·, x_j)(0, a_j)`.
    ///
    /// # Arguments
    /// * `coefficients`: `a`, stacked sample by sample.
    #[must_use]
    pub fn tangent(&self, coefficients: &DVector<f64>) -> DMatrix<f64> {
        let Change { matrix, .. } = self.change(coefficients, Ball::from(0.0));
        &matrix + matrix.transpose()
    }

    /// Returns `‖T_1‖ = ‖A(û) + A(û)ᵀ‖`, the first-order change of the tangent kernel a unit of `1/α` after the
    /// steps that left `errors`.
    ///
    /// # Errors
    /// Numbers that are not finite.
    pub fn tangent_change(&self, errors: &[LinearError], step: f64) -> Result<Ball, SpectrumError> {
        let (sum, off) = self
            .coefficients(errors, step)
            .pop()
            .expect("the start at least");
        let Change { matrix, off } = self.change(&sum, off);
        operator_norm(&(&matrix + matrix.transpose()), 2.0 * off)
    }

    /// The coefficients `a_n = −(η/N)Σ_{m<n}ê_m` of the linearised iterates.
    fn coefficients(&self, errors: &[LinearError], step: f64) -> Vec<(DVector<f64>, Ball)> {
        let scale = step / self.samples() as f64;
        let rate = Ball::from(step) / count(self.samples());
        let mut sum: DVector<f64> = DVector::zeros(self.samples() * self.slopes.len());
        let mut off = Ball::from(0.0);
        let mut all = Vec::with_capacity(errors.len());
        for error in errors {
            all.push((sum.clone(), off));
            sum -= &error.vector * scale;
            let size = rate * Ball::norm_of(error.vector.as_slice());
            let rounded = Ball::norm_of(sum.as_slice()) + size;
            off = off + rate * error.off + Ball::from(4.0 * UNIT_ROUNDOFF) * rounded;
        }
        all
    }

    /// Returns `‖E_(1,n)‖` for every `n`, the first-order distance of trained and linearised predictions a unit
    /// of `1/α`:
    ///
    /// ```text
    /// E_(1,n+1) = (I − ηK/N)·E_(1,n) − (η/N)·(A(½(û_n + û_(n+1))) + A(û_n)ᵀ)·ê_n .
    /// ```
    ///
    /// # Arguments
    /// * `linear`: the linearised network, whose [`iterates`](Linearised::iterates) the errors are.
    pub fn error_gaps(&self, linear: &Linearised, errors: &[LinearError], step: f64) -> Vec<Ball> {
        let scale = step / self.samples() as f64;
        let rate = Ball::from(step) / count(self.samples());
        let unit = Ball::from(2.0 * UNIT_ROUNDOFF);
        let size = self.samples() * self.slopes.len();
        let sums = Ball::from(gamma(size + 8));
        let coefficients = self.coefficients(errors, step);
        let mut gap: DVector<f64> = DVector::zeros(size);
        let mut off = Ball::from(0.0);
        let mut gaps = Vec::with_capacity(errors.len());
        for (n, error) in errors.iter().enumerate() {
            gaps.push(Ball::norm_of(gap.as_slice()).widened(off.upper()));
            let Some((next, next_off)) = coefficients.get(n + 1) else {
                break;
            };
            let (here, here_off) = &coefficients[n];
            let middle = (here + next) * 0.5;
            let forward = self.change(&middle, *here_off + *next_off);
            let backward = self.change(here, *here_off);
            let change = &forward.matrix + backward.matrix.transpose();
            let known = Ball::from(forward.off + backward.off);
            let [gap_norm, error_norm, change_norm] =
                [gap.as_slice(), error.vector.as_slice(), change.as_slice()].map(Ball::norm_of);
            off = off
                + rate * linear.product_error() * gap_norm
                + rate * (known * (error_norm + error.off) + change_norm * error.off)
                + rate * sums * change_norm * error_norm;
            gap -= (&linear.kernel().matrix * &gap + change * &error.vector) * scale;
            off = off + unit * (Ball::norm_of(gap.as_slice()) + gap_norm);
        }
        gaps
    }
}

/// The operator norm of a symmetric matrix that is off by `off`.
pub(crate) fn operator_norm(matrix: &DMatrix<f64>, off: f64) -> Result<Ball, SpectrumError> {
    let extremes = extreme_eigenvalues(matrix)?;
    let norm = extremes.largest.ball().max(-extremes.smallest.ball());
    Ok(norm.widened(off))
}

#[cfg(test)]
mod tests {
    use super::super::Observer;
    use super::*;
    use crate::features::FourierFeatures;
    use crate::kernel::{Gaussian, KernelSpec};
    use crate::resnet::oracle::chirp;
    use crate::resnet::{ResNet, TangentKernel, Weights};

    const SHAPE: (usize, usize, usize, usize) = (4, 2, 2, 3);

    struct Case {
        network: ResNet,
        inputs: DMatrix<f64>,
        targets: DMatrix<f64>,
    }

    /// Four samples, two inputs and outputs, three layers.
    fn case() -> Case {
        let (samples, inputs, outputs, depth) = SHAPE;
        let features = FourierFeatures::try_new(chirp(3, 4, 6)).unwrap();
        Case {
            network: ResNet::lifted(inputs, outputs, 1.0, features, depth).unwrap(),
            inputs: chirp(1, inputs, samples) * 1.5,
            targets: chirp(2, outputs, samples),
        }
    }

    impl Case {
        fn first_order(&self) -> FirstOrder {
            let points = self.network.lift() * &self.inputs;
            FirstOrder::new(self.network.features(), &points, SHAPE.2, SHAPE.3)
        }

        fn kernel(&self, weights: &Weights) -> TangentKernel {
            let mut observer =
                Observer::try_new(&self.network, &self.inputs, &self.targets).unwrap();
            let observation = observer.observe(weights);
            observer.tangent_kernel(weights, &observation)
        }

        fn linear(&self) -> Linearised {
            let zero = self.network.zero_weights();
            let mut observer =
                Observer::try_new(&self.network, &self.inputs, &self.targets).unwrap();
            let observation = observer.observe(&zero);
            let errors = observer.tape().errors().clone();
            let kernel = observer.tangent_kernel(&zero, &observation);
            Linearised::new(kernel, &errors, &observation)
        }

        /// `Σ_j(0, a_j)φ(x_j)ᵀ` in every layer.
        fn weights(&self, a: &DVector<f64>) -> Weights {
            let (samples, _, outputs, depth) = SHAPE;
            let points = self.network.lift() * &self.inputs;
            let phi = self.network.features().evaluate(&points);
            let state = self.network.state_dimension();
            let padded = DMatrix::from_fn(state, samples, |r, j| {
                if r + outputs < state {
                    0.0
                } else {
                    a[j * outputs + r + outputs - state]
                }
            });
            Weights::from_layers(vec![padded * phi.transpose(); depth])
        }
    }

    /// Central differences of the tangent kernel of the network itself, whose error is `t²`.
    #[test]
    fn change_is_the_derivative_of_the_tangent_kernel() {
        let case = case();
        let a = DVector::from_column_slice(chirp(7, 8, 1).as_slice());
        let change = case.first_order().change(&a, Ball::from(0.0));
        let direction = case.weights(&a);
        let t = 1e-4;
        let at = |t: f64| case.kernel(&direction.scaled(t)).matrix;
        let difference = (at(t) - at(-t)) / (2.0 * t);
        let expected = &change.matrix + change.matrix.transpose();
        assert!(expected.amax() > 0.1 && change.off < 1e-10);
        assert!((difference - expected).amax() < 1e-5);
    }

    /// `n` steps of descent, where the first coefficient of the distance is a quotient.
    #[test]
    fn gaps_are_quotients_of_a_small_readout() {
        let case = case();
        let linear = case.linear();
        let step = 0.8 * SHAPE.0 as f64 / linear.kernel().extremes().unwrap().1.mid();
        let errors = linear.iterates(step, 3);
        let gaps = case.first_order().error_gaps(&linear, &errors, step);
        assert_eq!(gaps.len(), 4);
        assert_eq!(gaps[0].mid(), 0.0);
        let quotients = |scale: f64| -> Vec<DVector<f64>> {
            let network = case.network.with_readout_scaled(scale).unwrap();
            let mut observer = Observer::try_new(&network, &case.inputs, &case.targets).unwrap();
            let mut v = network.zero_weights();
            errors
                .iter()
                .map(|line| {
                    observer.differentiate(&v);
                    let seen = DVector::from_column_slice(observer.tape().errors().as_slice());
                    v = v.plus(-step / scale / scale, observer.tape().gradient());
                    (seen - &line.vector) * scale
                })
                .collect()
        };
        // Odd and even powers apart: α and −α.
        let (plus, minus) = (quotients(1e4), quotients(-1e4));
        for (n, gap) in gaps.iter().enumerate().skip(1) {
            let first = ((&plus[n] + &minus[n]) * 0.5).norm();
            assert!(
                (first / gap.mid() - 1.0).abs() < 1e-5,
                "{n} {first} {gap:?}"
            );
            assert!(gap.rad() < 1e-9 * gap.mid());
        }
    }

    /// The norm, from the largest eigenvalue of the square by another library.
    #[test]
    fn tangent_change_is_that_of_the_last_coefficients() {
        let case = case();
        let linear = case.linear();
        let errors = linear.iterates(0.5, 2);
        let first = case.first_order();
        let found = first.tangent_change(&errors, 0.5).unwrap();
        let sum = (&errors[0].vector + &errors[1].vector) * (-0.5 / 4.0);
        let change = first.change(&sum, Ball::from(0.0)).matrix;
        let symmetric = &change + change.transpose();
        let norm = (&symmetric * &symmetric)
            .symmetric_eigenvalues()
            .max()
            .sqrt();
        assert!((found.mid() / norm - 1.0).abs() < 1e-10 && found.rad() < 1e-9);
        // Nothing has moved before the first step.
        let still = first.tangent_change(&errors[..1], 0.5).unwrap();
        assert!(still.contains(0.0) && still.upper() < 1e-12);
    }

    #[test]
    fn radial_kernels_and_single_layers_change_nothing_of_first_order() {
        let case = case();
        let errors = case.linear().iterates(0.5, 2);
        let points = case.network.lift() * &case.inputs;
        let kernel = KernelSpec::from(Gaussian::try_new(1.0).unwrap());
        let radial = FirstOrder::new(&kernel, &points, SHAPE.2, SHAPE.3);
        assert!(radial.tangent_change(&errors, 0.5).unwrap().contains(0.0));
        let shallow = FirstOrder::new(case.network.features(), &points, SHAPE.2, 1);
        assert!(shallow.tangent_change(&errors, 0.5).unwrap().contains(0.0));
    }

    /// What coefficients and values are off by is seen.
    #[test]
    fn errors_of_what_is_given_widen_what_is_returned() {
        let case = case();
        let mut first = case.first_order();
        let a = DVector::from_element(8, 0.25);
        let sharp = first.change(&a, Ball::from(0.0)).off;
        let off = first.change(&a, Ball::from(1e-3)).off - sharp;
        // √4·κ1·4·10⁻³.
        assert!((off / (8e-3 * first.kappa1) - 1.0).abs() < 2e-3);
        // Nd'·h·Σ‖a_j‖·2·slope, Σ‖a_j‖ = 4·0.25√2, h = 1/3.
        first.slope_error += 1e-3;
        let more = first.change(&a, Ball::from(0.0)).off - sharp;
        assert!((more / (8.0 / 3.0 * 2f64.sqrt() * 2e-3) - 1.0).abs() < 2e-3);
        // 2κ1 times what values are off by.
        first.slope_error = 0.0;
        first.value_error += 1e-3;
        let more = first.change(&a, Ball::from(0.0)).off - sharp;
        assert!((more / (8.0 / 3.0 * 2f64.sqrt() * 2e-3 * first.kappa1) - 1.0).abs() < 2e-3);
    }

    /// Entries: `Nd'·h·Σ‖a_j‖·2κ1·√d'·γ`, of sums of `N + d' + 8` roundings; coefficients: two products and two sums.
    #[test]
    fn rounding_is_that_of_its_operations() {
        let case = case();
        let mut first = case.first_order();
        first.value_error = 0.0;
        first.slope_error = 0.0;
        let a = DVector::from_element(8, 0.25);
        let known = first.change(&a, Ball::from(0.0)).off;
        let expected = 8.0 / 3.0 * 2f64.sqrt() * 2.0 * first.kappa1 * 2f64.sqrt() * gamma(14);
        assert!((known / expected - 1.0).abs() < 1e-9);
        let exact = LinearError {
            vector: a.clone(),
            off: Ball::from(0.0),
        };
        let coefficients = first.coefficients(&[exact.clone(), exact], 0.5);
        assert_eq!(coefficients[1].0, &a * (-0.5 / 4.0));
        let size = 0.5 / 4.0 * a.norm();
        let off = coefficients[1].1.mid();
        assert!((off / (8.0 * UNIT_ROUNDOFF * size) - 1.0).abs() < 1e-9);
    }

    /// The recursion of what gaps are off by, in plain numbers: with rounding alone, and with errors of every kind that
    /// are far above it.
    #[test]
    fn gaps_are_off_by_their_recursion() {
        let case = case();
        let linear = case.linear();
        let step = 0.5;
        let rate = step / 4.0;
        for (values, slopes, lines) in [(0.0, 0.0, 0.0), (1e-2, 2e-2, 5e-2)] {
            let mut first = case.first_order();
            first.value_error = values;
            first.slope_error = slopes;
            let mut errors = linear.iterates(step, 3);
            for line in &mut errors {
                line.off = Ball::from(lines);
            }
            let gaps = first.error_gaps(&linear, &errors, step);
            let coefficients = first.coefficients(&errors, step);
            let (mut gap, mut off) = (DVector::zeros(8), 0.0);
            for n in 0..3 {
                let ((here, here_off), (next, next_off)) = (&coefficients[n], &coefficients[n + 1]);
                let forward = first.change(&((here + next) * 0.5), *here_off + *next_off);
                let backward = first.change(here, *here_off);
                let change = &forward.matrix + backward.matrix.transpose();
                let (error, before) = (&errors[n].vector, gap.norm());
                let known = forward.off + backward.off;
                off += rate * linear.product_error().mid() * before
                    + rate * (known * (error.norm() + lines) + change.norm() * lines)
                    + rate * gamma(16) * change.norm() * error.norm();
                gap -= (&linear.kernel().matrix * &gap + change * error) * rate;
                off += 2.0 * UNIT_ROUNDOFF * (gap.norm() + before);
                assert!((gaps[n + 1].mid() / gap.norm() - 1.0).abs() < 1e-12);
                // The norm of the computed one is rounded, too.
                let found = gaps[n + 1].rad() - Ball::norm_of(gap.as_slice()).rad();
                assert!((found / off - 1.0).abs() < 1e-6, "{n}: {found:e} {off:e}");
            }
        }
    }

    /// An error of the tangent kernel moves the second gap by `η/N` times it, and the first one not at all.
    #[test]
    fn perturbed_kernels_widen_the_gaps() {
        let case = case();
        let first = case.first_order();
        let (step, sharp) = (0.5, case.linear());
        let errors = sharp.iterates(step, 2);
        let mut kernel = sharp.kernel().clone();
        kernel.entry_error = 1e-3;
        let zero = case.network.zero_weights();
        let mut observer = Observer::try_new(&case.network, &case.inputs, &case.targets).unwrap();
        let observation = observer.observe(&zero);
        let wide = Linearised::new(kernel, observer.tape().errors(), &observation);
        let [known, found] = [&sharp, &wide].map(|linear| first.error_gaps(linear, &errors, step));
        assert_eq!(known[1], found[1]);
        let expected = step / 4.0 * 8e-3 * known[1].mid();
        assert!((found[2].rad() / expected - 1.0).abs() < 1e-6);
    }
}
