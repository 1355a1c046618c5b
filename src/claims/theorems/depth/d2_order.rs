//! D2.order: orders one, two, four; loss and gradient at rate 1/D.

use crate::arithmetic::{Ball, Double};
use crate::bounds::{SteppedPath, order_remainder};
use crate::claims::depth::gaps;
use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, broken, depth, draws, sharp, undecided};
use crate::data::Hostile::HugeWeights;
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::features::{FeaturesError, FourierFeatures};
use crate::resnet::depth::{DoubledFlow, Scheme, longest_frequency};
use crate::resnet::{Weights, reference};
use crate::theorem::Expectation::Violated;
use crate::theorem::{About, Control, Demand, Theorem};
use nalgebra::DMatrix;

const ABOUT: About = About {
    family: "depth",
    statement: "Euler, midpoint and Runge–Kutta layers have local slopes 1, 2, 4 as D doubles, up to a remainder; loss and gradient at depth D are O(1/D) from those at depth nD; of every scheme the adjoint is that of its own network",
    source: "Paper A (infinite depth); Hairer–Nørsett–Wanner, Solving ODEs I",
    tolerance: "31 digits with an operation count for the slopes, a derived bound of their remainder; rounding of two passes for the gaps",
    page: "d2-order.md",
    slack: Some(5e-2),
    ..About::new("D2.order", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, orders, sharp::rising_lines, draws::GENERAL)
        .factors_seen_by(&["D2.majorant", "D2.comparison"])
        .control(Control::check(
            "steps that straddle the pieces",
            Violated,
            broken::three_pieces,
            misaligned,
        ))
        .controls(depth::stepped_controls())
        .hostile(&[
            (
                &all_but(&[HugeWeights]),
                Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
            ),
            (&[HugeWeights], Demand::Mostly(Verdict::Undecided, &[])),
        ])
}

/// The lower ends of the local slopes.
const LOWER: [&str; 3] = [
    "Euler: log2(E_D/E_2D) ≥ 1−r",
    "midpoint: log2(E_D/E_2D) ≥ 2−r",
    "Runge–Kutta: log2(E_D/E_2D) ≥ 4−r",
];

/// The upper ends.
const UPPER: [&str; 3] = [
    "Euler: log2(E_D/E_2D) ≤ 1+r",
    "midpoint: log2(E_D/E_2D) ≤ 2+r",
    "Runge–Kutta: log2(E_D/E_2D) ≤ 4+r",
];

/// Steps a piece of the coarser network.
const STEPS: usize = 8;

/// Shares of the error that the remainder may leave, the first a unit of the order: the weights are scaled down
/// until it leaves no more. The second is for errors that 31 digits do not resolve at the first; it leaves the slope
/// within 0.3 of the order on either side (`log2(1 − 3/16)`), and no other order.
const REMAINDERS: [f64; 2] = [1.0 / 32.0, 0.25];

/// The slope is resolved if it is known to this share of the order.
const RESOLVED: f64 = 0.005;

/// `Ω‖v‖` of the first trial.
const FIRST_STRETCH: f64 = 1.0 / 128.0;

/// Orders by local slopes, and the gaps of loss and gradient.
fn orders(instance: &ResidualInstance) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let mut comparisons = gaps(instance)?;
        comparisons.extend(depth::stepped(instance));
        let path = sections(instance)?;
        for scheme in Scheme::ALL {
            comparisons.extend(slopes(&path, scheme, true));
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// A control: three pieces run with steps that straddle their ends, where no scheme has an order above one.
fn misaligned(instance: &ResidualInstance) -> Finding {
    let slopes = |path| slopes(&path, Scheme::RungeKutta4, false);
    sections(instance).map_or_else(undecided, |path| Finding::Compared(slopes(path)))
}

/// One local slope beside the order, with what the remainder leaves.
struct LocalSlope {
    slope: Ball,
    /// `K/(2^pE_{2D})`.
    share: Ball,
}

fn slopes(path: &(FourierFeatures, Weights), scheme: Scheme, aligned: bool) -> Vec<Comparison> {
    let index = Scheme::ALL
        .iter()
        .position(|&s| s == scheme)
        .expect("one of all");
    let first = local_slope(path, scheme, FIRST_STRETCH, aligned);
    let order = scheme.order() as f64;
    let allowed = [REMAINDERS[0] * order, REMAINDERS[1]];
    let at = |allowed: f64| {
        let stretch = stretch_for(allowed, first.share.upper());
        local_slope(path, scheme, stretch, aligned)
    };
    let found = if first.share.upper() <= allowed[0] {
        first
    } else {
        let trial = allowed
            .into_iter()
            .map(at)
            .find(|found| is_resolved(found.slope, order));
        trial.unwrap_or_else(|| at(allowed[1]))
    };
    let (order, one) = (Ball::from(order), Ball::from(1.0));
    let log = |x: Ball| x.ln() / Ball::from(2.0).ln();
    let (less, more) = (log(one - found.share), log(one + found.share));
    vec![
        Comparison::at_least(LOWER[index], found.slope, order + less),
        Comparison::at_most(UPPER[index], found.slope, order + more),
    ]
}

/// The stretch at which the remainder's share, which is proportional to it and is `first` at the first trial, is three
/// quarters of what is allowed.
fn stretch_for(allowed: f64, first: f64) -> f64 {
    let stretch = FIRST_STRETCH * 0.75 * allowed / first.min(1e9);
    stretch.min(FIRST_STRETCH)
}

fn is_resolved(slope: Ball, order: f64) -> bool {
    slope.rad() <= RESOLVED * order
}

/// Where the kernel section is centred, in units of `1/κ1` from the start: it is large there, and steep.
const CENTRE: f64 = 0.7;

/// A path of kernel sections on the line through the origin along which the features vary most:
/// `v_k = ±‖W_k‖k̂(·, c)`, with the norms of the instance's layers. Motion stays on the line, where the features
/// are those of the frequencies `ω_j·u`.
fn sections(instance: &ResidualInstance) -> Result<(FourierFeatures, Weights), FeaturesError> {
    let features = instance.network.features();
    let (_, direction) = features.kappa1_direction();
    let along = features.frequencies().tr_mul(&direction);
    let line = FourierFeatures::try_new(DMatrix::from_row_slice(1, along.len(), along.as_slice()))?;
    let centre = if line.kappa1() > 0.0 {
        -CENTRE / line.kappa1()
    } else {
        0.0
    };
    let section = line
        .evaluate(&DMatrix::from_element(1, 1, centre))
        .transpose();
    let layers = instance.weights.layers().iter().map(|layer| {
        let sign = layer[0].signum();
        &section * (sign * layer.norm())
    });
    let weights = Weights::from_layers(layers.collect());
    Ok((line, weights))
}

/// The errors at two depths, with the weights scaled to `Ω‖v‖ = stretch`.
fn local_slope(
    (features, weights): &(FourierFeatures, Weights),
    scheme: Scheme,
    stretch: f64,
    aligned: bool,
) -> LocalSlope {
    let omega = longest_frequency(features);
    let size = (omega * weights.norm()).mid();
    let factor = if size > 0.0 { stretch / size } else { 1.0 };
    let weights = weights.scaled(factor);
    let layers = reference::lift(&weights, Double::from);
    let norms = weights.layer_norms();
    let start = [Double::from(0.0)];
    let flow = DoubledFlow::new(features, &layers, &norms, &start);
    let exact = flow.exact();
    let error = |times: usize| {
        let end = if aligned {
            flow.stepped(scheme, STEPS * times)
        } else {
            // A power of two, for a number of pieces that is none.
            flow.straddling(scheme, 2 * STEPS * times)
        };
        flow.distance(&end, &exact)
    };
    let (coarse, fine) = (error(1), error(2));
    let path = SteppedPath {
        omega,
        kappa1: features.kappa1_ball(),
        kappa2: features.kappa2_ball(),
        layer_norms: &norms,
        steps: STEPS,
    };
    let weight = Ball::from(2.0).powi(scheme.order());
    let share = order_remainder(&path, scheme).map(|k| k / (weight * fine));
    LocalSlope {
        slope: (coarse / fine).ln() / Ball::from(2.0).ln(),
        share: share.unwrap_or(Ball::EVERYTHING),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resnet::ResNet;

    #[test]
    fn weights_are_scaled_to_the_share_allowed() {
        // Of a share of ¼ at the first trial an eighth is allowed: half of it, and three quarters of that.
        assert_eq!(stretch_for(0.125, 0.25), FIRST_STRETCH * 0.375);
        assert_eq!(stretch_for(0.125, 1e-3), FIRST_STRETCH);
        assert_eq!(stretch_for(0.125, f64::INFINITY), stretch_for(0.125, 1e9));
        assert!(is_resolved(Ball::new(4.0, 0.019), 4.0));
        assert!(!is_resolved(Ball::new(4.0, 0.021), 4.0));
    }

    /// Of every scheme its own statements, and slopes of its order.
    #[test]
    fn statements_are_those_of_the_scheme() {
        let path = sections(&sharp::generic()[0]).unwrap();
        for (scheme, name, order) in [
            (Scheme::Euler, "Euler", 1.0),
            (Scheme::Midpoint, "midpoint", 2.0),
            (Scheme::RungeKutta4, "Runge–Kutta", 4.0),
        ] {
            let found = slopes(&path, scheme, true);
            assert_eq!(found.len(), 2);
            for comparison in found {
                assert!(comparison.statement().starts_with(name));
                assert!((comparison.quantity().mid() / order - 1.0).abs() < 0.05);
            }
        }
    }

    /// Sixteen steps in all and then thirty-two, whatever the number of pieces.
    #[test]
    fn straddling_steps_are_halved() {
        let (features, weights) = sections(&sharp::generic()[0]).unwrap();
        let size = (longest_frequency(&features) * weights.norm()).mid();
        let layers = reference::lift(&weights.scaled(FIRST_STRETCH / size), Double::from);
        let norms = weights.scaled(FIRST_STRETCH / size).layer_norms();
        let start = [Double::from(0.0)];
        let flow = DoubledFlow::new(&features, &layers, &norms, &start);
        let error = |depth: usize| {
            let end = flow.straddling(Scheme::RungeKutta4, depth);
            flow.distance(&end, &flow.exact()).mid()
        };
        let expected = (error(16) / error(32)).log2();
        let path = (features.clone(), weights);
        let found = local_slope(&path, Scheme::RungeKutta4, FIRST_STRETCH, false).slope;
        assert!((found.mid() - expected).abs() < 1e-12);
    }

    /// Features that do not vary have no slope to look for: the section is centred at the start.
    #[test]
    fn constant_features_have_sections() {
        let mut instance = sharp::generic().remove(0);
        let features = instance.network.features();
        let still = FourierFeatures::try_new(features.frequencies() * 0.0).unwrap();
        let (lift, readout) = (instance.network.lift(), instance.network.readout());
        let depth = instance.network.depth();
        instance.network = ResNet::try_new(lift.clone(), readout.clone(), still, depth).unwrap();
        let (_, weights) = sections(&instance).unwrap();
        let layers = weights.layers().iter().zip(instance.weights.layers());
        for (section, layer) in layers {
            assert!((section.norm() / layer.norm() - 1.0).abs() < 1e-12);
        }
    }
}
