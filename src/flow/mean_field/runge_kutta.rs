//! The gradient flow for conditional optimal transport, with step control.

use crate::meanfield::{Particles, Regression, Tape};

/// The flow `ω̇ = −G` of an empirical measure, by the explicit Runge–Kutta pair of orders 3 and 2 of Bogacki and
/// Shampine; `∫‖∇L‖²` is integrated along, so that the energy identity can be monitored.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::flow::mean_field::GradientFlow;
/// use polyak::meanfield::{Activation, Particles, Regression};
/// let task = Regression::try_new(Activation::Tanh, 1.0, dmatrix![0.5], dmatrix![1.5])?;
/// let start = Particles::try_new(vec![dmatrix![0.0, 0.0; 1.0, -1.0; 0.5, 1.0]])?;
/// let trace = GradientFlow { tolerance: 1e-8, ..GradientFlow::default() }.run(&task, &start, 2.0);
/// assert!(trace.risks[trace.risks.len() - 1] < trace.risks[0]);
/// assert!(trace.energy_defect() < 1e-6);
/// # Ok::<(), polyak::meanfield::MeanFieldError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientFlow {
    /// The error that a step may make, in `L²(μ)`, relative to one plus the norm of the network.
    pub tolerance: f64,
    /// The first step tried.
    pub first_step: f64,
    /// The most steps, accepted or not.
    pub most_steps: usize,
}

impl Default for GradientFlow {
    fn default() -> Self {
        Self {
            tolerance: 1e-6,
            first_step: 1e-2,
            most_steps: 100_000,
        }
    }
}

/// Why a flow ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowEnd {
    /// The time asked for was reached.
    Time,
    /// The number of steps was.
    Steps,
}

/// What a flow leaves.
#[derive(Clone, Debug)]
pub struct FlowTrace {
    /// Times of the accepted steps, from 0.
    pub times: Vec<f64>,
    /// The risk at these times.
    pub risks: Vec<f64>,
    /// `∫_0^t‖∇L‖²` at these times.
    pub dissipated: Vec<f64>,
    /// The network at the end.
    pub network: Particles,
    /// How many steps were rejected.
    pub rejected: usize,
    /// Why it ended.
    pub end: FlowEnd,
}

impl FlowTrace {
    /// Returns the largest `|L(0) − L(t) − ∫_0^t‖∇L‖²|`, relative to `L(0)`: zero for the exact flow.
    pub fn energy_defect(&self) -> f64 {
        let defects = self.risks.iter().zip(&self.dissipated);
        let largest = defects.map(|(risk, dissipated)| (self.risks[0] - risk - dissipated).abs());
        largest.fold(0.0, f64::max) / self.risks[0]
    }
}

impl GradientFlow {
    /// Runs the flow for a time.
    ///
    /// # Panics
    /// If shapes do not fit.
    ///
    /// # Cost
    /// Three passes a step.
    #[must_use]
    pub fn run(&self, task: &Regression, start: &Particles, time: f64) -> FlowTrace {
        let mut tape = Tape::new(task, start.depth(), start.width());
        let mut slope = |network: &Particles| {
            let risk = tape.run(task, network);
            let gradient = tape.gradient().clone();
            let square = gradient.norm().mid().powi(2);
            (risk, gradient, square)
        };
        let mut network = start.clone();
        let (risk, mut first, mut square) = slope(&network);
        let mut trace = FlowTrace {
            times: vec![0.0],
            risks: vec![risk],
            dissipated: vec![0.0],
            network: start.clone(),
            rejected: 0,
            end: FlowEnd::Time,
        };
        let (mut now, mut dissipated, mut h) = (0.0, 0.0, self.first_step.min(time));
        while now < time {
            if trace.times.len() + trace.rejected > self.most_steps {
                trace.end = FlowEnd::Steps;
                break;
            }
            let last = now + h >= time;
            let h_now = if last { time - now } else { h };
            let (_, second, square2) = slope(&network.plus(-0.5 * h_now, &first));
            let (_, third, square3) = slope(&network.plus(-0.75 * h_now, &second));
            let next = network
                .plus(-2.0 / 9.0 * h_now, &first)
                .plus(-1.0 / 3.0 * h_now, &second)
                .plus(-4.0 / 9.0 * h_now, &third);
            let (risk, fourth, square4) = slope(&next);
            // The difference of both orders: −5/72, 1/12, 1/9, −1/8.
            let difference = first
                .plus(-6.0 / 5.0, &second)
                .plus(-8.0 / 5.0, &third)
                .plus(9.0 / 5.0, &fourth);
            let error = 5.0 / 72.0 * h_now * difference.norm().mid();
            let allowed = self.tolerance * (1.0 + network.norm().mid());
            let ratio = (allowed / error.max(f64::MIN_POSITIVE)).cbrt();
            h = h_now * (0.9 * ratio).clamp(0.2, 5.0);
            if error > allowed {
                trace.rejected += 1;
                continue;
            }
            dissipated += h_now * (2.0 / 9.0 * square + square2 / 3.0 + 4.0 / 9.0 * square3);
            (network, first, square) = (next, fourth, square4);
            now = if last { time } else { now + h_now };
            trace.times.push(now);
            trace.risks.push(risk);
            trace.dissipated.push(dissipated);
        }
        trace.network = network;
        trace
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meanfield::Activation;
    use crate::meanfield::oracle::Case;
    use nalgebra::dmatrix;

    /// `tanh`, `w = 0`, a bias far out where `σ' = 0` to rounding: `u̇ = −α(α(x + u) − y)`, an exponential.
    #[test]
    fn a_linear_problem_has_its_exponential() {
        let task =
            Regression::try_new(Activation::Tanh, 1.5, dmatrix![0.5], dmatrix![2.0]).unwrap();
        let start = Particles::try_new(vec![dmatrix![0.0; 0.0; 30.0]]).unwrap();
        let mut previous = f64::INFINITY;
        for tolerance in [1e-4, 1e-6, 1e-8] {
            let flow = GradientFlow {
                tolerance,
                ..GradientFlow::default()
            };
            let trace = flow.run(&task, &start, 1.25);
            assert_eq!(
                (trace.end, trace.times[trace.times.len() - 1]),
                (FlowEnd::Time, 1.25)
            );
            let error = (1.5 * 0.5 - 2.0) * (-2.25f64 * 1.25).exp();
            let u = (error + 2.0) / 1.5 - 0.5;
            let found = trace.network.layers()[0][(0, 0)];
            let off = (found - u).abs();
            // Some 100 steps at most, each within the tolerance times 2, contracting.
            assert!(
                off <= 200.0 * tolerance && off < previous,
                "{tolerance} {off}"
            );
            previous = off;
            let exact = 0.5 * (1.5f64 * 0.5 - 2.0).powi(2) - 0.5 * error * error;
            let dissipated = trace.dissipated[trace.dissipated.len() - 1];
            assert!((dissipated - exact).abs() <= 1e3 * tolerance);
        }
    }

    #[test]
    fn tightened_tolerances_agree_and_the_energy_identity_holds() {
        let case = Case::new(Activation::Cosine, [3, 2, 1, 3, 5], 4);
        let at = |tolerance| {
            let flow = GradientFlow {
                tolerance,
                ..GradientFlow::default()
            };
            flow.run(&case.task, &case.network, 1.0)
        };
        let (coarse, fine) = (at(1e-5), at(1e-8));
        assert!(coarse.energy_defect() < 1e-3 && fine.energy_defect() < 1e-6);
        assert!(fine.times.len() > coarse.times.len());
        let apart = coarse.network.plus(-1.0, &fine.network).norm().mid();
        assert!(apart < 1e-3, "{apart}");
        assert!(
            fine.risks
                .windows(2)
                .all(|pair| pair[1] <= pair[0] * (1.0 + 1e-12))
        );
    }

    #[test]
    fn the_number_of_steps_is_bounded() {
        let case = Case::new(Activation::Cosine, [3, 2, 1, 3, 5], 4);
        let flow = GradientFlow {
            tolerance: 1e-12,
            most_steps: 7,
            ..GradientFlow::default()
        };
        let trace = flow.run(&case.task, &case.network, 1e3);
        assert_eq!(trace.end, FlowEnd::Steps);
        assert!(
            trace.times.len() + trace.rejected <= 8 && trace.times[trace.times.len() - 1] < 1e3
        );
    }
}
