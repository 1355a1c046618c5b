//! P6.critical: no critical point but the minimisers.

use crate::arithmetic::Ball;
use crate::bounds::{layer_gains, tangent_pl, trajectory_pl};
use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, broken, data, draws, hostile, sharp, undecided};
use crate::data::Hostile::{NearDuplicates, ZeroLoss};
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::flow::Observer;
use crate::resnet::ResidualNetwork;
use crate::theorem::Expectation::Vacuous;
use crate::theorem::{About, Control, Demand, Theorem};
use nalgebra::{DMatrix, DVector};

const ABOUT: About = About {
    family: "pl",
    statement: "L ≤ ‖∇L‖²/m along any optimiser; two equal inputs with different labels leave ‖y¹−y²‖²/4N",
    source: "Paper A (no bad critical points)",
    tolerance: "that of P3 at each iterate; the rounding of the loss and of a difference of labels",
    page: "p6-critical.md",
    slack: Some(1e-4),
    ..About::new("P6.critical", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        no_bad_critical_points,
        sharp::critical,
        draws::NEAR_MINIMUM,
    )
    .control(Control::spec(
        "duplicated inputs",
        Vacuous,
        broken::duplicated,
    ))
    .data(data::lifted(data::FLOW, 20))
    .hostile_as(
        &[
            (
                &[NearDuplicates, ZeroLoss],
                Demand::Mostly(
                    Verdict::Vacuous,
                    &[Verdict::Undecided, Verdict::Inapplicable],
                ),
            ),
            (
                &all_but(&[NearDuplicates, ZeroLoss]),
                Demand::Mostly(
                    Verdict::Holds,
                    &[Verdict::Undecided, Verdict::Vacuous, Verdict::Inapplicable],
                ),
            ),
        ],
        hostile::below_the_threshold,
    )
}

/// The loss follows the gradient, with the constant of the trajectory.
const FOLLOWS: &str = "L ≤ ‖∇L‖²/m (trajectory)";

/// The same with the constant of the tangent kernel.
const FOLLOWS_TANGENT: &str = "L ≤ ‖∇L‖²/m (tangent)";

/// What two equal inputs with different labels leave, whatever the weights.
const FLOOR: &str = "L ≥ ‖y¹−y²‖²/4N of two equal inputs";

/// Momentum of the optimiser, which is not gradient descent: the claim is about points.
const MOMENTUM: f64 = 0.5;

/// Drives the gradient down by the heavy ball method and looks at every iterate.
fn no_bad_critical_points<N: ResidualNetwork>(instance: &ResidualInstance<N>) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let mut comparisons = Vec::new();
        let step = step(instance)?;
        let mut observer = instance.observer()?;
        heavy_ball(instance, &mut observer, step, |observer, v| {
            let seen = observer.observe(v);
            // An iterate without digits decides nothing.
            if !(seen.loss.rad() <= 0.01 * seen.loss.mid()) {
                return Ok(());
            }
            let gains = layer_gains(instance.network.kappa1(), &seen.layer_norms);
            let gram = observer.gram_spectra(&seen)?;
            let smallest: Vec<Ball> = gram.iter().map(|layer| layer.smallest).collect();
            let sigma = instance.network.frame().readout_sigma_squared();
            let constant = trajectory_pl(instance.samples(), sigma, &smallest, &gains);
            let slope = seen.gradient_norm_squared;
            // Written as m·L ≤ ‖∇L‖², which needs no quotient by a constant that may be zero.
            comparisons.push(Comparison::at_least(FOLLOWS, slope, constant * seen.loss));
            let kernel = observer.tangent_kernel(v, &seen);
            let constant = tangent_pl(instance.samples(), kernel.extremes()?.0);
            comparisons.push(Comparison::at_least(
                FOLLOWS_TANGENT,
                slope,
                constant * seen.loss,
            ));
            Ok(())
        })?;
        comparisons.extend(floor(instance, step)?);
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// `1/β` with the smoothness at the reference.
fn step<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
) -> Result<f64, Box<dyn std::error::Error>> {
    let gram = instance.reference_spectra()?;
    let loss = instance.reference_loss()?;
    let around = instance.neighbourhood(Ball::from(0.0));
    Ok(1.0 / instance.smoothness(&gram, &around, loss).upper())
}

/// `u ← μu − η(1−μ)∇L`, `v ← v + u`, from the reference.
fn heavy_ball<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    observer: &mut Observer<N>,
    step: f64,
    mut look: impl FnMut(&mut Observer<N>, &N::Parameter) -> Result<(), Box<dyn std::error::Error>>,
) -> Result<(), Box<dyn std::error::Error>> {
    let network = &instance.network;
    let (mut v, mut velocity) = (instance.reference.clone(), network.zero());
    for _ in 0..=instance.steps.min(MOST) {
        observer.differentiate(&v);
        let gradient = observer.gradient().clone();
        look(observer, &v)?;
        velocity = network.combination(
            &network.zero(),
            &[(MOMENTUM, &velocity), (-step * (1.0 - MOMENTUM), &gradient)],
        );
        v = network.combination(&v, &[(1.0, &velocity)]);
    }
    Ok(())
}

/// Iterates that are looked at.
const MOST: usize = 12;

/// The control of the theorem: the first input again, with the label on the other side of what the
/// network predicts at the reference. No weights tell the two apart.
fn floor<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    step: f64,
) -> Result<Vec<Comparison>, Box<dyn std::error::Error>> {
    let mut observer = instance.observer()?;
    observer.loss(&instance.reference);
    let error = observer.pass().errors.column(0).into_owned();
    let beside = |a: &DMatrix<f64>, extra: DVector<f64>| {
        let mut all = a.clone().resize_horizontally(a.ncols() + 1, 0.0);
        all.set_column(a.ncols(), &extra);
        all
    };
    let copy = instance.inputs.column(0).into_owned();
    let label = instance.targets.column(0) + error * 2.0;
    let doubled = ResidualInstance {
        inputs: beside(&instance.inputs, copy),
        targets: beside(&instance.targets, label),
        ..instance.clone()
    };
    let gap = doubled.targets.column(0) - doubled.targets.column(instance.samples());
    let gap = Ball::norm_of(gap.as_slice()).square();
    // Differences of labels round by u.
    let gap = gap.widened(4.0 * crate::arithmetic::UNIT_ROUNDOFF * gap.upper());
    let bound = gap / Ball::from(4.0 * doubled.samples() as f64);
    let mut comparisons = Vec::new();
    let mut observer = doubled.observer()?;
    heavy_ball(&doubled, &mut observer, step, |observer, v| {
        let loss = observer.observe(v).loss;
        comparisons.push(Comparison::at_least(FLOOR, loss, bound));
        Ok(())
    })?;
    Ok(comparisons)
}
