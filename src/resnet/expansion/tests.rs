//! The batched pass against scalar loops that know only the kernel's values.

use super::*;
use crate::arithmetic::{Ball, Dual, Real, UNIT_ROUNDOFF, gamma};
use crate::features::FourierFeatures;
use crate::kernel::KernelSpec;
use crate::resnet::oracle::chirp;
use crate::resnet::{NetworkError, ResidualNetwork, Rounding, tangent_kernel};
use nalgebra::{DMatrix, dmatrix};

const U: f64 = UNIT_ROUNDOFF;

/// Numbers with an exponential.
trait Analytic: Real {
    fn exp(self) -> Self;
}

impl Analytic for Ball {
    fn exp(self) -> Self {
        Ball::exp(self)
    }
}

impl<T: Analytic> Analytic for Dual<T> {
    fn exp(self) -> Self {
        let value = self.value.exp();
        Dual::new(value, value * self.derivative)
    }
}

fn zero<T: Real>() -> T {
    T::from(0.0)
}

/// A kernel that the scalar loops can evaluate: values alone.
trait Scalar: FieldKernel {
    fn scalar<T: Analytic>(&self, x: &[T], y: &[T]) -> T;
}

impl Scalar for KernelSpec {
    /// Gaussians of a bandwidth that is a power of two.
    fn scalar<T: Analytic>(&self, x: &[T], y: &[T]) -> T {
        let squares = x.iter().zip(y).map(|(&a, &b)| (a - b) * (a - b));
        let half = -0.5 / (self.bandwidth() * self.bandwidth());
        (T::from(half) * squares.fold(zero(), |sum, x| sum + x)).exp()
    }
}

impl Scalar for FourierFeatures {
    fn scalar<T: Analytic>(&self, x: &[T], y: &[T]) -> T {
        let count = self.count() as f64;
        let waves = self.frequencies().column_iter().map(|omega| {
            let terms = omega.iter().zip(x.iter().zip(y));
            let phase = terms.fold(zero(), |sum: T, (&w, (&a, &b))| sum + T::from(w) * (a - b));
            phase.sin_cos().1
        });
        T::reciprocal_root(count * count) * waves.fold(zero(), |sum: T, x| sum + x)
    }
}

/// Sections of a layer: centre and coefficient.
type Sections<T> = Vec<(Vec<T>, Vec<T>)>;

fn lifted<T: Real>(v: &Expansion) -> Vec<Sections<T>> {
    let column = |a: &DMatrix<f64>, j: usize| a.column(j).iter().map(|&x| T::from(x)).collect();
    let layers = v.layers().iter().map(|field| {
        let sections =
            (0..field.len()).map(|j| (column(field.centres(), j), column(field.coefficients(), j)));
        sections.collect()
    });
    layers.collect()
}

fn states<T: Analytic, K: Scalar>(
    network: &ExpansionNetwork<K>,
    layers: &[Sections<T>],
    input: &[f64],
) -> Vec<Vec<T>> {
    let depth = network.frame().depth() as f64;
    let step = T::reciprocal_root(depth * depth);
    let rows = network.frame().lift().row_iter();
    let product = |row: Vec<f64>| {
        let terms = row.iter().zip(input);
        terms.fold(zero(), |sum: T, (&a, &x)| sum + T::from(a) * T::from(x))
    };
    let first: Vec<T> = rows
        .map(|row| product(row.iter().copied().collect()))
        .collect();
    let mut trajectory = vec![first];
    for sections in layers {
        let here = trajectory.last().unwrap().clone();
        let mut moved = vec![zero(); here.len()];
        for (centre, coefficient) in sections {
            let value = network.kernel().scalar(&here, centre);
            for (m, &a) in moved.iter_mut().zip(coefficient) {
                *m = *m + value * a;
            }
        }
        trajectory.push(
            here.iter()
                .zip(&moved)
                .map(|(&z, &m)| z + step * m)
                .collect(),
        );
    }
    trajectory
}

fn loss<T: Analytic, K: Scalar>(case: &Case<K>, layers: &[Sections<T>]) -> T {
    let mut total: T = zero();
    for (x, y) in case.inputs.column_iter().zip(case.targets.column_iter()) {
        let last = states(&case.network, layers, x.as_slice()).pop().unwrap();
        for (row, &y) in case.network.frame().readout().row_iter().zip(y.iter()) {
            let terms = row.iter().zip(&last);
            let error = terms.fold(-T::from(y), |sum: T, (&b, &z)| sum + T::from(b) * z);
            total = total + error * error;
        }
    }
    let twice = 2.0 * case.inputs.ncols() as f64;
    total * T::reciprocal_root(twice * twice)
}

struct Case<K> {
    network: ExpansionNetwork<K>,
    v: Expansion,
    inputs: DMatrix<f64>,
    targets: DMatrix<f64>,
}

impl<K: FieldKernel> Case<K> {
    /// `d, q, d', M, D, N`; a layer has a section more than the one before it.
    fn new(kernel: K, [d, q, outputs, sections, depth, samples]: [usize; 6], seed: usize) -> Self {
        let network = ExpansionNetwork::try_new(
            chirp(seed + 1, q, d),
            chirp(seed + 2, outputs, q),
            kernel,
            depth,
        )
        .unwrap();
        let layers = (0..depth).map(|k| {
            let size = sections + k;
            let centres = chirp(seed + 3 + k, q, size) * 1.5;
            network
                .field(centres, chirp(seed + 40 + k, q, size))
                .unwrap()
        });
        let v = network.expansion(layers.collect()).unwrap();
        Self {
            v,
            inputs: chirp(seed + 4, d, samples),
            targets: chirp(seed + 5, outputs, samples),
            network,
        }
    }

    fn tape(&self) -> ExpansionTape {
        let mut tape = self.network.tape(self.inputs.ncols());
        self.network
            .forward(&mut tape, &self.v, &self.inputs, &self.targets);
        self.network.backward(&mut tape, &self.v);
        tape
    }

    fn rounding(&self, tape: &ExpansionTape) -> Rounding {
        self.network.rounding(&self.v, &self.inputs, tape)
    }
}

const SHAPES: [[usize; 6]; 4] = [
    [1, 1, 1, 1, 1, 1],
    [2, 3, 2, 4, 4, 5],
    [3, 2, 1, 0, 3, 2],
    [1, 4, 3, 7, 2, 3],
];

fn gaussian() -> KernelSpec {
    "gaussian:1".parse().unwrap()
}

fn features(q: usize) -> FourierFeatures {
    FourierFeatures::try_new(chirp(77, q, 5) * 1.5).unwrap()
}

fn within(computed: f64, exact: Ball, bound: f64) {
    let error = (computed - exact.mid()).abs();
    assert!(
        error <= exact.rad() + bound,
        "{computed} {exact:?} {bound:e}"
    );
    assert!(exact.rad() + bound <= 1e-8, "{exact:?} {bound:e}");
}

fn agrees<K: Scalar>(case: &Case<K>) {
    let (tape, network) = (case.tape(), &case.network);
    let rounding = case.rounding(&tape);
    let layers = lifted::<Ball>(&case.v);
    let pass = tape.pass();
    for (i, x) in case.inputs.column_iter().enumerate() {
        for (k, exact) in states(network, &layers, x.as_slice()).iter().enumerate() {
            for (b, &exact) in exact.iter().enumerate() {
                within(pass.states[k][(b, i)], exact, rounding.states[k]);
            }
        }
    }
    let exact = loss(case, &layers);
    within(pass.loss, exact, rounding.loss.rad());
    // The derivative along one more section (c, e) is D⁻¹∇_k(c)·e.
    let depth = case.v.depth();
    let q = network.frame().state_dimension();
    for k in 0..depth {
        let probe: Vec<f64> = chirp(60 + k, q, 1).as_slice().to_vec();
        for b in 0..q {
            let mut along = lifted::<Dual<Ball>>(&case.v);
            let centre = probe.iter().map(|&x| Dual::from(x)).collect();
            let mut coefficient = vec![Dual::from(0.0); q];
            coefficient[b].derivative = Ball::from(1.0);
            along[k].push((centre, coefficient));
            let exact = loss(case, &along).derivative * Ball::from(depth as f64);
            let gradient = &tape.gradient().layers()[k];
            assert_eq!(gradient.len(), case.inputs.ncols());
            let field: Ball = (0..gradient.len())
                .map(|i| {
                    let section: Vec<Ball> = gradient
                        .centres()
                        .column(i)
                        .iter()
                        .map(|&x| x.into())
                        .collect();
                    let probe: Vec<Ball> = probe.iter().map(|&x| x.into()).collect();
                    network.kernel().scalar(&probe, &section)
                        * Ball::from(gradient.coefficients()[(b, i)])
                })
                .sum();
            within(field.mid(), exact, rounding.gradient[k] + field.rad());
        }
    }
    // ‖∇L‖² by a sum over all pairs.
    let squares: Vec<Ball> = tape
        .gradient()
        .layers()
        .iter()
        .map(|field| form(network, field, field))
        .collect();
    let exact = squares.into_iter().sum::<Ball>() / Ball::from(depth as f64);
    within(
        rounding.gradient_norm_squared.mid(),
        exact,
        rounding.gradient_norm_squared.rad(),
    );
}

/// `Σ k(c_i, c_j)a_i·b_j`, written out.
fn form<K: Scalar>(network: &ExpansionNetwork<K>, v: &Field, w: &Field) -> Ball {
    let column = |a: &DMatrix<f64>, j: usize| -> Vec<Ball> {
        a.column(j).iter().map(|&x| x.into()).collect()
    };
    let mut total = Ball::from(0.0);
    for i in 0..v.len() {
        for j in 0..w.len() {
            let value = network
                .kernel()
                .scalar(&column(v.centres(), i), &column(w.centres(), j));
            let terms = v
                .coefficients()
                .column(i)
                .iter()
                .zip(w.coefficients().column(j).iter())
                .map(|(&a, &b)| Ball::from(a) * Ball::from(b))
                .sum::<Ball>();
            total = total + value * terms;
        }
    }
    total
}

#[test]
fn passes_agree_with_scalar_loops() {
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        agrees(&Case::new(gaussian(), shape, seed));
        agrees(&Case::new(
            "gaussian:0.5".parse::<KernelSpec>().unwrap(),
            shape,
            seed + 9,
        ));
        agrees(&Case::new(features(shape[1]), shape, seed));
    }
}

#[test]
fn geometry_is_that_of_the_forms() {
    let case = Case::new(gaussian(), [2, 3, 1, 4, 3, 2], 3);
    let other = Case::new(gaussian(), [2, 3, 1, 2, 3, 2], 8);
    let (network, v, w) = (&case.network, &case.v, &other.v);
    let near = |found: Ball, exact: Ball| {
        let error = (found.mid() - exact.mid()).abs();
        assert!(error <= found.rad() + exact.rad(), "{found:?} {exact:?}");
        // Forty values and products of numbers of mass below 100, each with a hundred roundings.
        assert!(found.rad() <= 1e-9, "{found:?}");
    };
    let mean = |forms: Vec<Ball>| forms.into_iter().sum::<Ball>() / Ball::from(3.0);
    let forms = |v: &Expansion, w: &Expansion| {
        let layers = v.layers().iter().zip(w.layers());
        mean(layers.map(|(v, w)| form(network, v, w)).collect())
    };
    near(network.norm(v).square(), forms(v, v));
    near(network.inner_product(v, w), forms(v, w));
    near(network.inner_product(w, v), forms(v, w));
    for (k, norm) in network.layer_norms(v).into_iter().enumerate() {
        near(norm.square(), form(network, &v.layers()[k], &v.layers()[k]));
    }
    let (a, b) = (0.75, -1.5);
    let sum = network.combination(v, &[(a, w), (b, v)]);
    let squares = [
        forms(v, v) * Ball::from((1.0 + b) * (1.0 + b)),
        forms(v, w) * Ball::from(2.0 * a * (1.0 + b)),
        forms(w, w) * Ball::from(a * a),
    ];
    near(network.norm(&sum).square(), squares.into_iter().sum());
    assert_eq!(sum.sections(), 2 * v.sections() + w.sections());
    let apart = forms(v, v) + forms(w, w) - forms(v, w) * Ball::from(2.0);
    near(network.distance(v, w).square(), apart);
    // What both begin with cancels exactly.
    assert_eq!(network.distance(v, v), Ball::from(0.0));
    let moved = network.combination(v, &[(1e-9, w)]);
    let small = network.distance(&moved, v);
    near(small / Ball::from(1e-9), network.norm(w));
    // Terms without weight leave no sections.
    assert_eq!(network.combination(v, &[(0.0, w)]), *v);
    assert_eq!(network.combination(&network.zero(), &[]), network.zero());
}

#[test]
fn rounding_of_a_combination_is_that_of_its_products() {
    let case = Case::new(gaussian(), [2, 2, 1, 1, 2, 2], 3);
    let network = &case.network;
    let field = |a: f64| {
        network
            .field(dmatrix![0.0; 1.0], dmatrix![3.0 * a; 4.0 * a])
            .unwrap()
    };
    let v = network.expansion(vec![field(1.0), field(2.0)]).unwrap();
    let w = network.expansion(vec![field(0.0), field(1.0)]).unwrap();
    let rounding = network.combination_rounding(&v, &[(-2.0, &v), (3.0, &w)]);
    // Layers 10u and 20u + 15u.
    let expected = U * ((100.0 + 1225.0) / 2.0_f64).sqrt();
    assert!((rounding / expected - 1.0).abs() <= 1e-13);
}

#[test]
fn errors_of_values_and_gradients() {
    let kernel = gaussian();
    let close = |found: f64, expected: f64| {
        assert!(
            (found / expected - 1.0).abs() <= 1e-12,
            "{found:e} {expected:e}"
        )
    };
    // q = 3, |z| ≤ 2: distances to 8u + 4(129·7 + 8)u.
    let distance = (8.0 + 4.0 * (129.0 * 7.0 + 8.0)) * U;
    close(kernel.value_error(3, 2.0), distance + 12.0 * U);
    let expected = 2.0 * 3.0_f64.sqrt() * distance + 24.0 * U + 18.0 * U * 16.0;
    close(kernel.gradient_error(3, 10, 2.0), expected);
    let wide: KernelSpec = "gaussian:4".parse().unwrap();
    close(wide.value_error(3, 2.0), distance / 4.0 + 12.0 * U);
    let expected = 2.0 * 3.0_f64.sqrt() / 16.0 * distance + 6.0 * U + 18.0 * U;
    close(wide.gradient_error(3, 10, 2.0), expected);
    // ω = 3 and 4: root mean square √12.5.
    let features = FourierFeatures::try_new(dmatrix![3.0, 0.0; 0.0, 4.0]).unwrap();
    let phase = 4.0 * U * 4.0;
    close(
        features.value_error(2, 2.0),
        phase * 12.5_f64.sqrt() + 8.0 * U,
    );
    let expected = 12.5 * phase + 12.5_f64.sqrt() * (4.0 + 11.0) * U;
    close(features.gradient_error(2, 5, 2.0), expected);
    // No bound without a second derivative, or a proved profile.
    let rough: KernelSpec = "matern32:1".parse().unwrap();
    assert!(rough.value_error(3, 2.0).is_finite());
    assert_eq!(rough.gradient_error(3, 1, 2.0), f64::INFINITY);
    let odd: KernelSpec = "imq(1/3):1".parse().unwrap();
    assert_eq!(odd.value_error(3, 2.0), f64::INFINITY);
    assert_eq!(odd.gradient_error(3, 1, 2.0), f64::INFINITY);
    assert_eq!(FieldKernel::kappa1(&kernel).mid(), 1.0);
    assert!(FieldKernel::kappa2(&kernel).contains(3.0_f64.sqrt()));
    assert!(!FieldKernel::kappa2(&rough).is_bounded());
    assert_eq!(FieldKernel::kappa1(&features), features.kappa1_ball());
    assert_eq!(FieldKernel::kappa2(&features), features.kappa2_ball());
    assert_eq!(
        (
            FieldKernel::dimension(&features),
            FieldKernel::dimension(&kernel)
        ),
        (Some(2), None)
    );
}

/// One sample at 2, one layer with the section (0, 1) of a Gaussian of variance 1:
/// every bound is a number of roundings.
#[test]
fn roundings_of_a_line() {
    let network = ExpansionNetwork::try_new(dmatrix![1.0], dmatrix![3.0], gaussian(), 1).unwrap();
    let field = network.field(dmatrix![0.0], dmatrix![1.0]).unwrap();
    let case = Case {
        v: network.expansion(vec![field]).unwrap(),
        inputs: dmatrix![2.0],
        targets: dmatrix![0.0],
        network,
    };
    let tape = case.tape();
    let rounding = case.rounding(&tape);
    let close = |found: f64, expected: f64| {
        assert!(
            (found / expected - 1.0).abs() <= 1e-12,
            "{found:e} {expected:e}"
        )
    };
    let kernel = case.network.kernel();
    close(rounding.states[0], 2.0 * U);
    let value = kernel.value_error(1, 2.0);
    close(rounding.values[0], value);
    close(rounding.features[0], 2.0 * U);
    // Gain 2; the section, one term more than four roundings of it, and of the state.
    close(
        rounding.states[1],
        2.0 * 2.0 * U + value + 5.0 * U + 10.0 * U,
    );
    let pass = tape.pass();
    let (last, error, p) = (pass.states[1][0], pass.errors[0], pass.adjoints[1][0]);
    close(
        rounding.errors,
        3.0 * rounding.states[1] + (3.0 * last + error) * U,
    );
    let terminal = 3.0 * rounding.errors + 4.0 * U * 3.0 * error;
    close(rounding.adjoints[1], terminal);
    let gradient = kernel.gradient_error(1, 1, 2.0) + 3.0 * U + 3.0_f64.sqrt() * 2.0 * U;
    close(
        rounding.adjoints[0],
        2.0 * terminal + p * (gradient + 4.0 * U),
    );
    close(rounding.gradient[0], terminal + p * 2.0 * U);
    let exact = case.network.pull_back_rounding(&rounding, &case.v, &tape);
    assert_eq!(exact[1], 0.0);
    close(exact[0], p * (gradient + 4.0 * U));
    close(case.network.gram_entry_error(&rounding, 0), value + 4.0 * U);
}

#[test]
fn gram_matrices_are_those_of_the_states() {
    let case = Case::new(gaussian(), [2, 3, 2, 4, 3, 4], 5);
    let tape = case.tape();
    for k in 0..3 {
        let gram = case.network.gram(&tape, k);
        assert_eq!(gram, gram.transpose());
        let expected = crate::gram::kernel_gram(&gaussian(), &tape.pass().states[k]);
        assert!((gram - expected).amax() <= 1e-12);
    }
}

/// `T_ab = <∂F_a, ∂F_b>`: with one layer `k(z^i, z^j)BBᵀ`.
#[test]
fn tangent_kernel_of_one_layer() {
    let case = Case::new(gaussian(), [2, 3, 2, 4, 1, 3], 6);
    let mut tape = case.tape();
    let rounding = case.rounding(&tape);
    let kernel = tangent_kernel(&case.network, &case.v, &mut tape, &rounding);
    let readout = case.network.frame().readout();
    let outer = readout * readout.transpose();
    let gram = case.network.gram(&tape, 0);
    for a in 0..6 {
        for b in 0..6 {
            let expected = gram[(a / 2, b / 2)] * outer[(a % 2, b % 2)];
            let error = (kernel.matrix[(a, b)] - expected).abs();
            assert!(error <= kernel.entry_error + gamma(10), "{error:e}");
        }
    }
    assert!(kernel.entry_error <= 1e-11);
}

#[test]
fn refusals_name_the_matrix() {
    let network = ExpansionNetwork::lifted(1, 1, 2.0, gaussian(), 2).unwrap();
    let message = |error: NetworkError| error.to_string();
    let refused =
        |centres, coefficients| message(network.field(centres, coefficients).unwrap_err());
    assert_eq!(
        refused(dmatrix![1.0], dmatrix![1.0]),
        "the shape of the centres is 1 × 1, and 2 × 1 is expected"
    );
    assert_eq!(
        refused(dmatrix![1.0; 0.0], dmatrix![1.0]),
        "the shape of the coefficients is 1 × 1, and 2 × 1 is expected"
    );
    assert!(
        refused(dmatrix![f64::NAN; 0.0], dmatrix![1.0; 1.0]).starts_with("the centres contains")
    );
    assert!(
        refused(dmatrix![0.0; 0.0], dmatrix![f64::INFINITY; 1.0])
            .starts_with("the coefficients contains")
    );
    let none = network
        .field(DMatrix::zeros(2, 0), DMatrix::zeros(2, 0))
        .unwrap();
    assert!(none.is_empty() && none == Field::zero(2));
    let layers = network.expansion(vec![Field::zero(2)]).unwrap_err();
    assert_eq!(
        message(layers),
        "the shape of the list of fields is 1 × 1, and 2 × 1 is expected"
    );
    let flat = ExpansionNetwork::try_new(dmatrix![1.0], dmatrix![1.0], features(2), 1);
    assert_eq!(
        message(flat.unwrap_err()),
        "the shape of the lift A is 1 × 1, and 2 × 1 is expected"
    );
    let scaled = network.with_readout_scaled(-2.0).unwrap();
    assert_eq!(*scaled.frame().readout(), dmatrix![0.0, -4.0]);
    assert!(network.with_readout_scaled(f64::NAN).is_err());
}

#[test]
fn predictions_are_errors_against_zero() {
    let case = Case::new(gaussian(), [2, 3, 2, 4, 3, 5], 8);
    let predictions = case.network.predict(&case.v, &case.inputs);
    assert_eq!(&predictions - &case.targets, *case.tape().pass().errors);
}

/// The same sections, and a norm that is known up to what was added.
#[test]
fn passing_point_is_the_combination() {
    let kernel: KernelSpec = "gaussian:1".parse().unwrap();
    let one = dmatrix![1.0];
    let network = ExpansionNetwork::try_new(one.clone(), one, kernel, 2).unwrap();
    let field = |centre: f64, size: f64| network.field(dmatrix![centre], dmatrix![size]).unwrap();
    let v = network
        .expansion(vec![field(0.0, 2.0), field(0.5, -3.0)])
        .unwrap();
    let w = network
        .expansion(vec![field(1.0, 1.0), field(0.25, 4.0)])
        .unwrap();
    let terms = [(-0.5, &w), (0.0, &v), (0.25, &w)];
    let (exact, passing) = (
        network.combination(&v, &terms),
        network.passing_point(&v, &terms),
    );
    for (k, (exact, passing)) in exact.layers().iter().zip(passing.layers()).enumerate() {
        assert_eq!(exact.centres(), passing.centres());
        assert_eq!(exact.coefficients(), passing.coefficients());
        let (norm, added) = ([2.0, 3.0][k], 0.75 * [1.0, 4.0][k]);
        let squared = passing.norm_squared();
        assert!(squared.contains(exact.norm_squared().mid()));
        assert!((squared.upper() - (norm + added) * (norm + added)).abs() <= 1e-9);
    }
}
