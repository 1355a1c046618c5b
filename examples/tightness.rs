//! How tight the guarantee before training is, improvement by improvement, at the same scale of the readout.
//!
//! ```text
//! cargo run --release --example tightness
//! ```
//!
//! Tightness is guaranteed over observed rate, both to a thousandth of the initial loss: `ln(L0/L_n)/n` at the first
//! `n` with `L_n ≤ 1e-3·L0`, and the same of what is guaranteed at `v⁰`, before any step. Every version is compared
//! with a run of gradient descent with the step that it asks for.

use polyak::arithmetic::{Ball, count};
use polyak::bounds::{
    Convergence, CurvatureVersion, Envelope, EnvelopePoint, filtered_envelope, uniform_envelope,
};
use polyak::claims::{ResidualInstance, TrainingSizes};
use polyak::data::{Dataset, digits};
use polyak::flow::{GramSpectrum, Linearised};
use polyak::kernel::KernelName;
use polyak::recipe::Ingredients;
use std::error::Error;

/// The sizes of `polyak recipe --realised` if nothing is said.
const KERNEL: &str = "gaussian:0.35*auto";

/// The run and the guarantee end at this share of the initial loss.
const TARGET: f64 = 1e-3;

/// Steps that a run or a guarantee may take.
const STEPS: usize = 3000;

/// `α/α*`, `α*` the smallest scale at which P8's condition holds with `c = ½`.
const HEADROOMS: [f64; 8] = [0.5, 1.0, 1.5, 2.0, 4.0, 8.0, 64.0, 1000.0];

/// Radii at which P8 is resumed, as shares of the largest.
const RADII: i32 = 60;

/// Everything that is known of a network before it is trained.
struct Known {
    instance: ResidualInstance,
    gram: Vec<GramSpectrum>,
    loss: Ball,
    linear: Linearised,
    ingredients: Ingredients,
}

impl Known {
    fn new(data: &Dataset, headroom: f64) -> Result<Self, Box<dyn Error>> {
        let kernel = KERNEL.parse::<KernelName>()?.resolve(&data.inputs)?;
        let training = TrainingSizes::default().with_headroom(headroom);
        let instance = training.instance(data, kernel, 0)?;
        let gram = instance.reference_spectra()?;
        let mut observer = instance.observer()?;
        let observation = observer.observe(&instance.reference);
        let errors = observer.tape().errors().clone();
        let kernel = observer.tangent_kernel(&instance.reference, &observation);
        let linear = Linearised::new(kernel, &errors, &observation);
        let ingredients = instance.ingredients(&gram, observation.loss);
        Ok(Self {
            gram,
            loss: observation.loss,
            linear,
            ingredients,
            instance,
        })
    }

    fn scale(&self) -> f64 {
        self.instance.network.readout_norm_squared().sqrt().mid()
    }

    /// P8 at the best radius and step of the recipe, by these versions of `β`; `None` where its condition fails.
    fn p8(&self, versions: &'static [CurvatureVersion]) -> Option<Convergence> {
        let mut ingredients = self.ingredients.clone();
        ingredients.curvature.versions = versions;
        let choice = ingredients.best(self.scale()).ok()?;
        Some(choice.convergence)
    }

    /// The step of the envelope without a ball: `1/β` at the reference.
    fn free_step(&self) -> f64 {
        let around = self.instance.neighbourhood(Ball::from(0.0));
        let smoothness = self.instance.smoothness(&self.gram, &around, self.loss);
        1.0 / smoothness.upper()
    }

    /// The first step at which the loss is observed to be small enough, and the rate up to there.
    fn observed(&self, step: f64) -> Result<f64, Box<dyn Error>> {
        let trace = self.instance.descend(step, STEPS, TARGET)?;
        let last = trace.records.last().ok_or("a run has a start")?;
        let fallen = (trace.records[0].loss.mid() / last.loss.mid()).ln();
        Ok(fallen / last.iteration as f64)
    }

    /// The rate up to the first of these bounds of `‖e_n‖` that is small enough.
    fn rate(&self, errors: impl Iterator<Item = Ball>) -> Option<f64> {
        let samples = count(2 * self.instance.samples());
        let mut losses = errors.map(|error| error.square() / samples).enumerate();
        let small = |loss: Ball| loss.upper() <= TARGET * self.loss.lower();
        let (n, loss) = losses.find(|&(_, loss)| small(loss))?;
        Some((self.loss / loss).ln().lower() / n as f64)
    }

    /// P8b with P8's step and ball: one change of the tangent kernel, and the change up to each iterate.
    fn in_the_ball(&self, p8: &Convergence) -> Result<[Option<f64>; 2], Box<dyn Error>> {
        let instance = &self.instance;
        let extremes = self.linear.kernel().extremes()?;
        let slope = extremes.1.sqrt();
        let line = self.linear.train(p8.step, STEPS, slope);
        let envelope = Envelope {
            slope,
            curvature: Envelope::curvature(
                instance.samples(),
                instance.network.readout_norm_squared(),
                &instance.neighbourhood(Ball::from(p8.radius)),
            ),
            contraction: self
                .linear
                .contraction(p8.step, extremes)
                .min(Ball::from(1.0)),
            rate: Ball::from(p8.step) / count(instance.samples()),
            radius: p8.radius,
        };
        let bent = envelope.curvature * Ball::from(p8.radius);
        let change = bent * (Ball::from(2.0) * slope + bent);
        let uniform = uniform_envelope(&line, envelope.rate, change, p8.factor());
        let points = envelope.points(&line, &[]);
        Ok([
            self.rate(uniform.into_iter()),
            self.rate(points.iter().map(|point| point.error)),
        ])
    }

    /// P8b without a ball, alone and with P8 resumed where that is best, and filtered.
    fn without_a_ball(&self, step: f64) -> Result<[Option<f64>; 3], Box<dyn Error>> {
        let envelope = self
            .instance
            .integrated_envelope(&self.gram, &self.linear, step)?;
        let line = self.linear.train(step, STEPS, envelope.slope);
        let points = envelope.points(&line, &[]);
        let alone = self.rate(points.iter().map(|point| point.error));
        // Once the bounds of the errors grow they do not come back.
        let falling = points
            .windows(2)
            .take_while(|pair| pair[1].error.upper() < pair[0].error.upper());
        let resumed = falling
            .enumerate()
            .filter_map(|(n, pair)| Some(n as f64 + self.steps_after(&pair[0], step)?))
            .fold(f64::INFINITY, f64::min);
        let resumed = resumed.is_finite().then(|| -TARGET.ln() / resumed);
        let filter = self.linear.filter(step)?;
        let filtered = filtered_envelope(&filter, |p| envelope.change.at(p), &line, &[]);
        Ok([
            alone,
            resumed.into_iter().chain(alone).reduce(f64::max),
            self.rate(filtered.iter().map(|point| point.error)),
        ])
    }

    /// Steps that P8 needs from an iterate, at the best of many radii.
    fn steps_after(&self, from: &EnvelopePoint, step: f64) -> Option<f64> {
        let local = self.instance.local(&self.gram);
        let largest = local.largest_radius() - from.displacement.upper();
        let loss = from.loss(self.instance.samples());
        let left = (loss / self.loss).ln().upper() - TARGET.ln();
        let steps = |radius: f64| {
            let p8 = local.resumed(from, radius, step)?;
            let holds = p8.loss_threshold().lower() >= loss.upper();
            (holds && p8.step_margin().lower() > 0.0)
                .then(|| (left / -p8.factor().ln().upper()).ceil().max(0.0))
        };
        let radii = (1..=RADII).map(|i| largest * (f64::from(i) / f64::from(RADII)).powi(2));
        radii.filter_map(steps).reduce(f64::min)
    }
}

fn row(data: &Dataset, headroom: f64) -> Result<(), Box<dyn Error>> {
    let known = Known::new(data, headroom)?;
    let mut cells = vec![
        format!("{}", data.samples()),
        format!("{headroom}"),
        format!("{:.0}", known.scale()),
    ];
    let mut push = |guaranteed: Option<f64>, observed: f64| {
        cells.push(guaranteed.map_or("void".to_owned(), |rate| format!("{:.3}", rate / observed)));
    };
    let p8_rate = |p8: &Convergence| -p8.factor().ln().upper();
    match known.p8(&[CurvatureVersion::Global]) {
        Some(p8) => push(Some(p8_rate(&p8)), known.observed(p8.step)?),
        None => push(None, 1.0),
    }
    match known.p8(CurvatureVersion::ALL) {
        Some(p8) => {
            let observed = known.observed(p8.step)?;
            push(Some(p8_rate(&p8)), observed);
            for rate in known.in_the_ball(&p8)? {
                push(rate, observed);
            }
        }
        None => (0..3).for_each(|_| push(None, 1.0)),
    }
    let step = known.free_step();
    let observed = known.observed(step)?;
    for rate in known.without_a_ball(step)? {
        push(rate, observed);
    }
    cells.push(format!("{observed:.3e}"));
    println!("| {} |", cells.join(" | "));
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    println!(
        "| samples | α/α* | α | P8, global β | P8, β by layers | P8b uniform | stepwise | integrated | resumed | filtered | observed |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let data = digits();
    for samples in [60, 100] {
        let part = data.subsample(samples, 0)?;
        for headroom in HEADROOMS {
            row(&part, headroom)?;
        }
    }
    Ok(())
}
