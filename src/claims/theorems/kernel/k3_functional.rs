//! K3.functional: the admissibility bounds of the exact kernel.

use crate::arithmetic::Ball;
use crate::claims::vectors::{dot, norm};
use crate::claims::{
    FunctionalInstance, ResidualInstance, broken, data, draws, kernel, sharp_functional,
};
use crate::data::Hostile;
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::kernel::KernelSpec;
use crate::resnet::{ExpansionNetwork, ResidualNetwork};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "kernel",
    statement: "for v = Σk(·,c_j)a_j in the RKHS of the exact kernel: ‖v(z)‖ ≤ κ0‖v‖, ‖Dv(z)h‖ ≤ κ1‖v‖‖h‖, ‖D²v(z)[h,h]‖ ≤ κ2‖v‖‖h‖²",
    source: "Paper A (admissible RKHS)",
    hypotheses: &[kernel::STRONGLY_ADMISSIBLE],
    tolerance: "ball arithmetic through the profile, its logarithmic derivatives and every sum; κ1, κ2 rounded five times",
    page: "k3-functional.md",
    slack: Some(1e-2),
    ..About::new("K3.functional", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<FunctionalInstance> {
    Theorem::new(
        ABOUT,
        bounds,
        sharp_functional::differences,
        draws::FUNCTIONAL,
    )
    .control(Control::spec(
        "kernel that is not admissible",
        Inapplicable(kernel::STRONGLY_ADMISSIBLE),
        broken::laplace,
    ))
    .control(Control::spec(
        "kernel that is not strongly admissible",
        Inapplicable(kernel::STRONGLY_ADMISSIBLE),
        broken::rough,
    ))
    .data(data::expansions_begun)
    .hostile(&[(
        &Hostile::ALL,
        Demand::Mostly(
            Verdict::Holds,
            &[Verdict::Undecided, Verdict::Vacuous, Verdict::Inapplicable],
        ),
    )])
}

const VALUES: &str = "‖v(z)‖ ≤ κ0‖v‖";
const SLOPES: &str = "‖Dv(z)h‖ ≤ κ1‖v‖‖h‖";
const CURVATURES: &str = "‖D²v(z)[h,h]‖ ≤ κ2‖v‖‖h‖²";
const NORM: &str = "‖v‖² = Σ a_i·a_j k(c_i,c_j)";

/// `k(·, c)` at a point: its value, and its derivatives along a direction of unit length.
struct Section {
    value: Ball,
    first: Ball,
    second: Ball,
}

impl Section {
    /// # Arguments
    /// * `difference`: `z − c`; `direction`: `h`, not zero.
    fn at(kernel: &KernelSpec, difference: &[Ball], direction: &[Ball]) -> Self {
        let (distance, length) = (norm(difference), norm(direction));
        let zero = Ball::from(0.0);
        let curvature = kernel.log_profile_curvature(distance);
        if difference.iter().all(|&x| x == zero) {
            // The same in every direction: ψ = 1, ψ' = 0.
            return Self {
                value: Ball::from(1.0),
                first: zero,
                second: curvature,
            };
        }
        let value = kernel.profile_ball(distance);
        let slope = kernel.log_profile_slope(distance);
        let cosine = dot(difference, direction) / (distance * length);
        let along = cosine.square();
        // ψ'' along the difference, ψ'/r across it.
        let radial = (curvature + slope.square()) * along;
        let across = slope / distance * (Ball::from(1.0) - along);
        Self {
            value,
            first: value * slope * cosine,
            second: value * (radial + across),
        }
    }
}

fn difference(a: &[f64], b: &[f64]) -> Vec<Ball> {
    let coordinates = a.iter().zip(b);
    coordinates
        .map(|(&x, &y)| Ball::from(x) - Ball::from(y))
        .collect()
}

/// The bounds at the lifted inputs, for the field of the first layer, along the differences from its first centre and
/// along the last coordinate; and its norm, beside that of the network.
fn bounds(instance: &ResidualInstance<ExpansionNetwork>) -> Finding {
    let (network, kernel) = (&instance.network, instance.network.kernel());
    let field = &instance.weights.layers()[0];
    let (centres, coefficients) = (field.centres(), field.coefficients());
    let pair = |i: usize, j: usize| {
        let apart = difference(centres.column(i).as_slice(), centres.column(j).as_slice());
        let (a, b) = (coefficients.column(i), coefficients.column(j));
        let terms = a.iter().zip(b.iter());
        let product: Ball = terms.map(|(&x, &y)| Ball::from(x) * Ball::from(y)).sum();
        kernel.profile_ball(norm(&apart)) * product
    };
    let count = centres.ncols();
    let square: Ball = (0..count)
        .flat_map(|j| (0..count).map(move |i| (i, j)))
        .map(|(i, j)| pair(i, j))
        .sum();
    let size = square.positive_part().sqrt();
    let masses = coefficients.column_iter().map(|a| a.norm());
    let mass = masses.sum::<f64>();
    let stored = network.layer_norms(&instance.weights)[0].square();
    let mut comparisons = vec![Comparison::equal(NORM, stored, square, mass * mass)];
    for point in instance.lifted_inputs().column_iter() {
        let dimension = point.len();
        let last: Vec<Ball> = (0..dimension)
            .map(|a| Ball::from(f64::from(u8::from(a + 1 == dimension))))
            .collect();
        let from_first = (count > 0).then(|| {
            let centre = centres.column(0);
            difference(point.as_slice(), centre.as_slice())
        });
        let directions = from_first.into_iter().filter(|h| norm(h).lower() > 0.0);
        for direction in directions.chain([last]) {
            let sections: Vec<Section> = centres
                .column_iter()
                .map(|c| {
                    let apart = difference(point.as_slice(), c.as_slice());
                    Section::at(kernel, &apart, &direction)
                })
                .collect();
            let combined = |part: &dyn Fn(&Section) -> Ball| {
                let rows = coefficients.row_iter().map(|row| {
                    let terms = row.iter().zip(&sections);
                    terms
                        .map(|(&a, section)| Ball::from(a) * part(section))
                        .sum()
                });
                norm(&rows.collect::<Vec<Ball>>())
            };
            comparisons.extend([
                Comparison::at_most(VALUES, combined(&|s| s.value), size),
                Comparison::at_most(SLOPES, combined(&|s| s.first), network.kappa1() * size),
                Comparison::at_most(CURVATURES, combined(&|s| s.second), network.kappa2() * size),
            ]);
        }
    }
    Finding::Compared(comparisons)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::sharp_functional;
    use crate::kernel::Kernel;

    fn balls(x: &[f64]) -> Vec<Ball> {
        x.iter().copied().map(Ball::from).collect()
    }

    /// Central differences of the value along the direction, of every kernel that is smooth enough.
    #[test]
    fn derivatives_are_those_of_the_value() {
        let (apart, direction) = ([0.4, -0.3, 0.2], [1.0, 2.0, -2.0]);
        for name in ["gaussian:0.7", "matern52:0.9", "matern72:0.8", "imq:0.6"] {
            let kernel: KernelSpec = name.parse().unwrap();
            let at = |t: f64| {
                let moved: Vec<f64> = (0..3).map(|a| apart[a] + t * direction[a] / 3.0).collect();
                Section::at(&kernel, &balls(&moved), &balls(&direction))
            };
            let (h, here) = (1e-4, at(0.0));
            let value = |t: f64| at(t).value.mid();
            let first = (value(h) - value(-h)) / (2.0 * h);
            let second = (value(h) - 2.0 * value(0.0) + value(-h)) / (h * h);
            assert!((here.first.mid() - first).abs() < 1e-6, "{name}");
            assert!((here.second.mid() - second).abs() < 1e-5, "{name}");
            assert!(here.value.rad() < 1e-14 && here.second.rad() < 1e-12);
        }
    }

    /// At the centre the second derivative is `−κ1²` in every direction, and nearby it is nearly that.
    #[test]
    fn sections_are_flat_at_their_centres() {
        for name in ["gaussian:0.7", "matern52:0.9", "matern72:0.8", "imq:0.6"] {
            let kernel: KernelSpec = name.parse().unwrap();
            let kappa1 = kernel.admissibility().kappa1;
            let at = |apart: f64| Section::at(&kernel, &balls(&[apart, 0.0]), &balls(&[3.0, 4.0]));
            let here = at(0.0);
            assert_eq!((here.value.mid(), here.first.mid()), (1.0, 0.0));
            assert!(
                (here.second.mid() + kappa1 * kappa1).abs() < 1e-13,
                "{name}"
            );
            assert!((at(1e-5).second.mid() - here.second.mid()).abs() < 1e-3);
        }
    }

    /// At its own centre a section is looked at along the last coordinate alone, elsewhere along the difference, too.
    #[test]
    fn every_point_has_its_directions() {
        let count = |instance: &ResidualInstance<ExpansionNetwork>| match bounds(instance) {
            Finding::Compared(comparisons) => comparisons.len(),
            other => panic!("{other:?}"),
        };
        let mut instance = sharp_functional::differences().remove(0);
        assert_eq!(count(&instance), 1 + 3 * (1 + 2));
        instance.weights = instance.network.zero();
        assert_eq!(count(&instance), 1 + 3 * 2);
    }
}
