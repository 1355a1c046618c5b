//! P11: the links of the chain that the disc of scales stands on, on models that attain them.
//!
//! Two outputs, two parameters. The *quadratic model* is `F_i(v) = σ_iv_i + ½Q_iv_i²`, whose derivative has the
//! Lipschitz constant `max|Q_i|`: its descent at a complex scale is an instance of the theorem. The *perturbed recursion* is
//! what the proof knows of any model: errors and parameters follow matrices that are off by `τ` and `b` at most. There every
//! inequality is attained, which no single descent does of all.

use super::complex::{Complex, norm};
use crate::arithmetic::{Ball, Dual, Real};
use crate::bounds::{LazyDisc, LazyStart};
use crate::evidence::{Comparison, Finding};
use crate::theorem::{BuildError, Draws, Object, Subject};
use std::f64::consts::{FRAC_PI_2, PI};

/// What the contraction needs of the step.
pub(in crate::claims) const STEP: &str = "step: 0 < η ≤ 2N/(λ_max + λ)";

/// What the chain needs of the curvature.
pub(in crate::claims) const MARGIN: &str = "curvature: τ < λ";

/// A pair of outputs, or of parameters.
type Pair<T> = [T; 2];

/// Errors that are resolved shrink in fewer steps.
const MOST_STEPS: usize = 64;

/// What is left of an error is compared if it is known to this share of its bound.
const RESOLVED: f64 = 1.0 / 1024.0;

/// A least-squares model of two outputs.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims) struct ModelSpec {
    /// `λ`.
    smallest: f64,
    /// `λ_max/λ`.
    condition: f64,
    /// `y`, in eigenvectors of `λ` and of `λ_max`.
    targets: Pair<f64>,
    /// `ρ`.
    radius: f64,
    /// `τ/λ`.
    change: f64,
    /// `η/N`, a share of the longest allowed.
    rate: f64,
    /// Steps.
    steps: usize,
    /// Angles of the perturbations of the errors' matrix and of the slope, one after the other and again.
    turns: Vec<Pair<f64>>,
    /// `Q_i`, shares of `Q`.
    curvatures: Pair<f64>,
    /// The angle of a parameter of length `ρ` between the two axes, and its phase.
    place: Pair<f64>,
    /// `ε`: a share of the disc, and its phase.
    scale: Pair<f64>,
}

/// Numbers in their ranges.
#[derive(Clone, Debug)]
pub(in crate::claims) struct Model(ModelSpec);

impl Object for Model {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for Model {
    type Spec = ModelSpec;
    const HYPOTHESIS: &'static str = "object: a least-squares model of two outputs";

    fn build(spec: &ModelSpec) -> Result<Self, BuildError> {
        let positive = [spec.smallest, spec.radius, spec.change, spec.rate];
        let share = |x: f64| (0.0..=1.0).contains(&x.abs());
        if !positive.iter().all(|&x| x > 0.0 && x.is_finite()) || !(spec.condition >= 1.0) {
            return Err("eigenvalues, radius, change and step are positive".into());
        }
        if !(spec.curvatures.into_iter().all(share) && share(spec.scale[0])) {
            return Err("curvatures and the scale are shares".into());
        }
        if spec.turns.is_empty() || !(1..=MOST_STEPS).contains(&spec.steps) {
            return Err("there is a step, an angle for it, and not too many".into());
        }
        Ok(Self(spec.clone()))
    }

    fn failing(&self, hypotheses: &[&'static str]) -> Vec<&'static str> {
        let too_long = self.0.rate > 1.0;
        let too_curved = self.0.change >= 1.0;
        let fails = |name: &&str| (*name == STEP && too_long) || (*name == MARGIN && too_curved);
        hypotheses.iter().copied().filter(fails).collect()
    }
}

/// Perturbations that slow errors down and lengthen the path, an axis on which the tangent kernel changes most, and a scale at
/// which slopes fall: with one step to the linearised end, with half of it, and with two eigenvalues.
pub(in crate::claims) fn pinned_models() -> Vec<Model> {
    let of = |condition, change, rate, steps| ModelSpec {
        smallest: 0.7,
        condition,
        targets: [1.3, 0.0],
        radius: 0.4,
        change,
        rate,
        steps,
        turns: vec![[PI, 0.0]],
        curvatures: [-1.0, -1.0],
        place: [-FRAC_PI_2, 0.0],
        scale: [1.0, 0.0],
    };
    let specs = [
        of(1.0, 2e-2, 1.0, 8),
        of(1.0, 1e-5, 0.5, 24),
        of(4.0, 1e-3, 1.0, 64),
    ];
    specs
        .iter()
        .map(|spec| Model::build(spec).expect("pinned models are well-formed"))
        .collect()
}

/// A step that is too long.
pub(in crate::claims) fn long_step() -> ModelSpec {
    let spec = pinned_models().swap_remove(0).0;
    ModelSpec { rate: 1.01, ..spec }
}

/// A model that is too curved.
pub(in crate::claims) fn curved_model() -> ModelSpec {
    let spec = pinned_models().swap_remove(0).0;
    ModelSpec {
        change: 1.01,
        ..spec
    }
}

const WORDS: &str = "random: least-squares models of two outputs, and perturbations";

/// Any models.
#[cfg(feature = "strategies")]
pub(in crate::claims) fn draws_of_models() -> Draws<Model> {
    use proptest::collection::vec;
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        let angle = || 0.0..2.0 * PI;
        (
            (0.2..2.0, 1.0..6.0, [0.1..2.0, -2.0..2.0], 0.1..2.0),
            (1e-3..0.8, 0.2..=1.0, 4usize..=24),
            vec([angle(), angle()], 1..=6),
            ([-1.0..=1.0, -1.0..=1.0], [angle(), angle()]),
            (0.1..=1.0, angle()),
        )
            .prop_map(|(start, path, turns, quadratic, (share, phase))| {
                let (smallest, condition, targets, radius) = start;
                let (change, rate, steps) = path;
                let (curvatures, place) = quadratic;
                ModelSpec {
                    smallest,
                    condition,
                    targets,
                    radius,
                    change,
                    rate,
                    steps,
                    turns,
                    curvatures,
                    place,
                    scale: [share, phase],
                }
            })
            .boxed()
    })
}

/// Any models.
#[cfg(not(feature = "strategies"))]
pub(in crate::claims) fn draws_of_models() -> Draws<Model> {
    Draws::new(WORDS)
}

/// The model in balls.
struct Numbers {
    /// `λ, λ_max`.
    eigenvalues: Pair<Ball>,
    targets: Pair<Ball>,
    radius: Ball,
    /// `η/N`.
    rate: Ball,
    /// `b`: `b(2S + b) = τ`.
    bend: Ball,
    /// `τ`.
    change: Ball,
}

impl Numbers {
    fn of(spec: &ModelSpec) -> Self {
        let smallest = Ball::from(spec.smallest);
        let largest = smallest * Ball::from(spec.condition);
        let change = smallest * Ball::from(spec.change);
        let steepest = (largest + change).sqrt() + largest.sqrt();
        Self {
            eigenvalues: [smallest, largest],
            targets: spec.targets.map(Ball::from),
            radius: Ball::from(spec.radius),
            rate: Ball::from(2.0 * spec.rate) / (smallest + largest),
            bend: change / steepest,
            change,
        }
    }

    fn slopes(&self) -> Pair<Ball> {
        self.eigenvalues.map(Ball::sqrt)
    }

    fn disc(&self) -> Option<LazyDisc> {
        let start = LazyStart {
            smallest: self.eigenvalues[0],
            largest: self.eigenvalues[1],
            targets: length(self.targets),
        };
        LazyDisc::of_model(start, self.radius, self.bend / self.radius)
    }
}

fn length(x: Pair<Ball>) -> Ball {
    x.map(Ball::square).into_iter().sum::<Ball>().sqrt()
}

fn minus(x: Pair<Ball>, y: Pair<Ball>) -> Pair<Ball> {
    [0, 1].map(|i| x[i] - y[i])
}

/// Every link.
pub(in crate::claims) fn links(model: &Model) -> Finding {
    found(model, 1.0)
}

/// A control: perturbations larger than the bounds know.
pub(in crate::claims) fn larger_perturbations(model: &Model) -> Finding {
    found(model, 1.1)
}

/// # Arguments
/// * `share`: of the perturbations that the bounds know.
fn found(Model(spec): &Model, share: f64) -> Finding {
    let numbers = Numbers::of(spec);
    let Some(disc) = numbers.disc() else {
        return Finding::Inapplicable(vec![MARGIN.to_owned()]);
    };
    let mut comparisons = curvature(spec, &numbers, &disc);
    comparisons.extend(recursion(spec, &numbers, &disc, Ball::from(share)));
    comparisons.extend(descent(spec, &numbers, &disc));
    Finding::Compared(comparisons)
}

/// `F_i(v) = σ_iv_i + ½Q_iv_i²` for one `i`.
struct Quadratic {
    slope: Ball,
    curvature: Ball,
}

impl Quadratic {
    fn pair(spec: &ModelSpec, numbers: &Numbers) -> Pair<Self> {
        let slopes = numbers.slopes();
        [0, 1].map(|i| Self {
            slope: slopes[i],
            curvature: Ball::from(spec.curvatures[i]) * numbers.bend / numbers.radius,
        })
    }

    /// The value and the derivative of `F(εu)/ε` at `u`; `ε = 1` is the model itself.
    fn at(&self, u: Complex, scale: Complex) -> Dual<Complex> {
        let real = |x: Ball| {
            let im = Ball::from(0.0);
            Dual::new(Complex { re: x, im }, Complex::from(0.0))
        };
        let u = Dual::variable(u);
        let scale = Dual::new(scale, Complex::from(0.0));
        let half = Ball::from(0.5) * self.curvature;
        real(self.slope) * u + real(half) * scale * u * u
    }
}

/// Where `‖v‖ = ρ`: the derivative, and the tangent kernel of the model, which is diagonal.
fn curvature(spec: &ModelSpec, numbers: &Numbers, disc: &LazyDisc) -> Vec<Comparison> {
    let (sine, cosine) = Ball::from(spec.place[0]).sin_cos();
    let one = Complex::from(1.0);
    let parts = Quadratic::pair(spec, numbers);
    let seen = [cosine, sine].into_iter().zip(&parts).map(|(share, part)| {
        let v = Complex::polar(numbers.radius * share, spec.place[1]);
        let there = part.at(v, one).derivative;
        let start = part.at(Complex::from(0.0), one).derivative;
        [there - start, there * there - start * start].map(|z| norm(&[z]))
    });
    let largest = seen.reduce(|a, b| [0, 1].map(|i| a[i].max(b[i])));
    let [bend, change] = largest.expect("two outputs");
    vec![
        Comparison::at_most("‖J − J₀‖ ≤ b", bend, disc.bend()),
        Comparison::at_most("‖JJᵀ − K‖ ≤ τ", change, disc.tangent_change()),
    ]
}

/// `e ↦ (I − η(K + Δ))e`, `u ↦ u − η(J_0 + C)ᵀe` with rotations `Δ` of size `τ` and `C` of size `b`, beside the same without
/// them.
fn recursion(spec: &ModelSpec, numbers: &Numbers, disc: &LazyDisc, share: Ball) -> Vec<Comparison> {
    let most = disc.contraction(numbers.rate);
    let start = numbers.targets.map(|y| -y);
    let still = [Ball::from(0.0); 2];
    let mut perturbed = State {
        error: start,
        parameter: still,
    };
    let mut linear = perturbed;
    let nothing = Ball::from(0.0);
    let [mut kept, mut gap, mut drift, mut length_of_path] = [nothing; 4];
    let mut path = vec![perturbed];
    for step in 0..spec.steps {
        let angles = spec.turns[step % spec.turns.len()];
        let sizes = [numbers.change * share, numbers.bend * share];
        let next = perturbed.after(numbers, sizes, angles);
        let before = length(perturbed.error);
        kept = kept.max(share_kept(before, length(next.error), most));
        perturbed = next;
        linear = linear.after(numbers, [nothing; 2], [0.0; 2]);
        gap = gap.max(length(minus(perturbed.error, linear.error)));
        drift = drift.max(length(minus(perturbed.parameter, linear.parameter)));
        length_of_path = length_of_path.max(length(perturbed.parameter));
        path.push(perturbed);
    }
    let mut comparisons = vec![
        Comparison::at_most("‖e_{n+1}‖ ≤ θ‖e_n‖", kept, most),
        Comparison::at_most("‖e_n − ê_n‖ ≤ τ‖y‖/λ", gap, disc.error_gap()),
        Comparison::at_most("‖u_n − û_n‖ ≤ g", drift, disc.drift()),
        Comparison::at_most("‖u_n‖ ≤ ρα*", length_of_path / disc.scale(), numbers.radius),
    ];
    // Later errors are small beside the rounding of the parameters.
    for from in &path[..2.min(spec.steps)] {
        let way = length(minus(perturbed.parameter, from.parameter));
        let rest = disc.rest(length(from.error));
        let statement = "‖u_m − u_n‖ ≤ (√λ + b)‖e_n‖/(λ − τ)";
        comparisons.push(Comparison::at_most(statement, way, rest));
    }
    comparisons
}

/// What a step leaves of an error; nothing, if rounding is much of it.
fn share_kept(before: Ball, after: Ball, most: Ball) -> Ball {
    let share = after / before;
    if share.rad() <= RESOLVED * most.lower() {
        share
    } else {
        Ball::from(0.0)
    }
}

/// Errors and parameters.
#[derive(Clone, Copy)]
struct State {
    error: Pair<Ball>,
    parameter: Pair<Ball>,
}

impl State {
    /// One step, whose matrices are off by rotations of these sizes and angles.
    fn after(self, numbers: &Numbers, sizes: Pair<Ball>, angles: Pair<f64>) -> Self {
        let one = Ball::from(1.0);
        let [turned, bent] = [0, 1].map(|k| rotation(sizes[k], angles[k]));
        let slopes = numbers.slopes();
        let mut next = self;
        for i in 0..2 {
            let mut error = Ball::from(0.0);
            for j in 0..2 {
                let (kernel, identity) = if i == j {
                    (numbers.eigenvalues[i], one)
                } else {
                    (Ball::from(0.0), Ball::from(0.0))
                };
                // What is left of an error may be far below it: the difference comes first.
                let left = (identity - numbers.rate * kernel) - numbers.rate * turned[i][j];
                error = error + left * self.error[j];
                let slope = if i == j { slopes[i] } else { Ball::from(0.0) };
                let pulled = (slope + bent[j][i]) * self.error[j];
                next.parameter[i] = next.parameter[i] - numbers.rate * pulled;
            }
            next.error[i] = error;
        }
        next
    }
}

/// A multiple of a rotation.
fn rotation(size: Ball, angle: f64) -> Pair<Pair<Ball>> {
    let (sine, cosine) = Ball::from(angle).sin_cos();
    [
        [size * cosine, -(size * sine)],
        [size * sine, size * cosine],
    ]
}

/// Gradient descent of the quadratic model at a complex scale of the disc.
fn descent(spec: &ModelSpec, numbers: &Numbers, disc: &LazyDisc) -> Vec<Comparison> {
    let parts = Quadratic::pair(spec, numbers);
    let scale = Complex::polar(Ball::from(spec.scale[0]) / disc.scale(), spec.scale[1]);
    let mut u = [Complex::from(0.0); 2];
    let targets = numbers.targets.map(|y| Complex {
        re: y,
        im: Ball::from(0.0),
    });
    let most = disc.contraction(numbers.rate);
    let [mut before, mut kept, mut furthest] = [Ball::from(0.0); 3];
    for step in 0..=spec.steps {
        let seen = [0, 1].map(|i| parts[i].at(u[i], scale));
        let errors = [0, 1].map(|i| seen[i].value - targets[i]);
        let size = norm(&errors);
        if step > 0 {
            kept = kept.max(share_kept(before, size, most));
        }
        before = size;
        furthest = furthest.max(norm(&u.map(|u| scale * u)));
        u = [0, 1].map(|i| u[i] - (seen[i].derivative * errors[i]).times(numbers.rate));
    }
    vec![
        Comparison::at_most("descent: ‖εu_n‖ ≤ ρ", furthest, numbers.radius),
        Comparison::at_most("descent: ‖e_{n+1}‖ ≤ θ‖e_n‖", kept, most),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    /// Every statement is attained to a thousandth on some pinned model.
    #[test]
    fn pinned_models_attain_every_link() {
        let mut tightest = std::collections::BTreeMap::new();
        for model in pinned_models() {
            let found = links(&model);
            assert_eq!(found.judge().verdict, Verdict::Holds, "{found:?}");
            let Finding::Compared(comparisons) = found else {
                panic!("{found:?}");
            };
            for comparison in comparisons {
                let known: &mut f64 = tightest.entry(comparison.statement()).or_default();
                *known = known.max(comparison.tightness());
            }
        }
        assert_eq!(tightest.len(), 9);
        assert!(tightest.values().all(|&t| t > 0.999), "{tightest:?}");
    }

    /// One step by hand: `e ↦ e − ½(diag(1, 4) + ½·(0, −1; 1, 0))e`, and a slope that is off by a quarter.
    #[test]
    fn a_step_is_that_of_its_matrices() {
        let ball = Ball::from;
        let numbers = Numbers {
            eigenvalues: [1.0, 4.0].map(ball),
            targets: [0.0; 2].map(ball),
            radius: ball(1.0),
            rate: ball(0.5),
            bend: ball(0.25),
            change: ball(0.5),
        };
        let state = State {
            error: [2.0, 3.0].map(ball),
            parameter: [10.0, 20.0].map(ball),
        };
        let next = state.after(&numbers, [ball(0.5), ball(0.25)], [FRAC_PI_2, 0.0]);
        let is = |found: Pair<Ball>, expected: Pair<f64>| {
            let off = [0, 1].map(|i| (found[i].mid() - expected[i]).abs());
            assert!(off.into_iter().all(|x| x < 1e-14), "{found:?}");
        };
        is(next.error, [1.0 + 0.75, -3.0 - 0.5]);
        is(next.parameter, [10.0 - 1.25, 20.0 - 0.5 * 2.25 * 3.0]);
        // Of the slope, the transpose: (0, ¼; −¼, 0) of the error.
        let turned = state.after(&numbers, [ball(0.0), ball(0.25)], [0.0, FRAC_PI_2]);
        is(
            turned.parameter,
            [10.0 - 0.5 * (2.0 + 0.75), 20.0 - 0.5 * (6.0 - 0.5)],
        );
    }

    #[test]
    fn what_the_chain_needs_is_named() {
        let failing = |spec: &ModelSpec| Model::build(spec).unwrap().failing(&[STEP, MARGIN]);
        assert_eq!(failing(&long_step()), [STEP]);
        assert_eq!(failing(&curved_model()), [MARGIN]);
        let model = pinned_models().swap_remove(0);
        assert!(model.failing(&[STEP, MARGIN]).is_empty());
        let larger = larger_perturbations(&model);
        assert_eq!(larger.judge().verdict, Verdict::Violated);
    }
}
