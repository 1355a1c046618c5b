//! C10: convergence from a zero residual.

use super::{BOUNDED, MeanFieldInstance, compared, undecided};
use crate::arithmetic::Ball;
use crate::bounds::Convergence;
use crate::bounds::mean_field::ZeroResidual;
use crate::claims::convergence::STEP;
use crate::evidence::{Comparison, Finding};
use crate::flow::mean_field::{Iterate, descend, labelled_distance};

/// The hypothesis of C10 on the network.
pub(in crate::claims) const REST: &str = "zero residual: u = 0 at initialisation";

/// The hypothesis of C10 on the features.
pub(in crate::claims) const EXPRESSIVE: &str = "expressivity: the Gram matrices have λ̄0 > 0";

/// The hypothesis of C10 on the initial risk.
pub(in crate::claims) const SMALL_RISK: &str = "initial risk: L(μ⁰) ≤ m(R)R²(1−βη/2)²/4 for some R";

/// What a step leaves of the risk.
pub(in crate::claims) const ONE_STEP: &str = "L(μⁿ⁺¹) ≤ ϱL(μⁿ)";

/// The rate.
pub(in crate::claims) const RATE: &str = "−ln(L(μⁿ)/L(μ⁰))/n ≥ −ln ϱ";

/// The radius.
pub(in crate::claims) const PATH: &str = "d(μⁿ,μ⁰) ≤ Σ‖ω^{j+1}−ω^j‖ ≤ R";

/// The length that the initial risk buys.
pub(in crate::claims) const PROMISED_PATH: &str = "Σ‖ω^{j+1}−ω^j‖ ≤ 2√L(μ⁰)/(c√m)";

/// How far single particles go.
pub(in crate::claims) const SPEED: &str = "U_∞(μⁿ) ≤ S0P₊α√2·R/√m";

/// The constants of C10, or the hypotheses that fail.
pub(super) fn constants(
    instance: &MeanFieldInstance,
    start: &ZeroResidual,
    risk: Ball,
) -> Result<Convergence, Vec<String>> {
    let margin = instance.step_margin;
    if !(0.0 < margin && margin < 1.0) {
        return Err(vec![STEP.to_owned()]);
    }
    let q = instance.network.state_dimension();
    let mut layers = instance.network.layers().iter();
    if layers.any(|layer| layer.rows(0, q).iter().any(|&u| u != 0.0)) {
        return Err(vec![REST.to_owned()]);
    }
    let constant = start.pl_constant(Ball::from(0.0));
    if !constant.is_some_and(|m| m.lower() > 0.0) {
        return Err(vec![EXPRESSIVE.to_owned()]);
    }
    let found = start.admissible(risk, margin);
    found.ok_or_else(|| vec![SMALL_RISK.to_owned()])
}

/// C10 by gradient descent from the network.
pub(in crate::claims) fn converges(instance: &MeanFieldInstance) -> Finding {
    let start = match instance.zero_residual() {
        Ok(Some(start)) => start,
        Ok(None) => return Finding::Inapplicable(vec![BOUNDED.to_owned()]),
        Err(error) => return undecided(error),
    };
    let first = Iterate::start(&instance.task, &instance.network);
    match constants(instance, &start, first.risk()) {
        Ok(constants) => {
            let run = descend(&instance.task, first, constants.step, instance.steps);
            compared(conclusions(&start, &constants, &run))
        }
        Err(failing) => Finding::Inapplicable(failing),
    }
}

/// What the theorem promises of every iterate.
pub(super) fn conclusions(
    start: &ZeroResidual,
    constants: &Convergence,
    run: &[Iterate],
) -> Vec<Comparison> {
    let factor = constants.factor();
    let initial = run[0].risk();
    let mut length = Ball::from(0.0);
    let mut comparisons = Vec::new();
    for (n, pair) in run.windows(2).enumerate() {
        let (before, after) = (&pair[0], &pair[1]);
        comparisons.push(Comparison::at_most(
            ONE_STEP,
            after.risk(),
            factor * before.risk(),
        ));
        let observed = (initial.ln() - after.risk().ln()) / Ball::from((n + 1) as f64);
        comparisons.push(Comparison::at_least(RATE, observed, -factor.ln()));
        length = length + labelled_distance(&before.cloud, &after.cloud);
        let radius = Ball::from(constants.radius);
        comparisons.push(Comparison::at_most(PATH, length, radius));
        let promised = constants.path_length(initial);
        comparisons.push(Comparison::at_most(PROMISED_PATH, length, promised));
        let speed = start.driven_u(radius, constants.pl_constant);
        comparisons.push(Comparison::at_most(
            SPEED,
            after.moments().largest_u(),
            speed,
        ));
    }
    comparisons
}
