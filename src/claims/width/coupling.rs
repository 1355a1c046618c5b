//! W2: narrow networks coupled to a wide one.

use super::{GROUPS, MeanFieldInstance, Points, Power, compared, generator, groups, groups_of};
use super::{descended, initial, ln_root_mean_square, too_long, training};
use crate::arithmetic::{Ball, gamma};
use crate::bounds::finite_width::Fluctuation;
use crate::evidence::{Comparison, Finding};
use crate::meanfield::Particles;
use crate::transport::conditional_distance;
use nalgebra::DMatrix;

/// Widths of the narrow networks: the weight of a particle in either network is most of the correction.
const WIDTHS: [usize; 4] = [48, 96, 192, 384];

/// How many times wider the reference is: `1/M − 1/M_ref` is proportional to `1/M`.
const WIDER: usize = 2;

/// The step of gradient descent, an eighth of W1's.
const STEP: f64 = 1.0 / 512.0;

/// What is compared with what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pairing {
    /// A network with the wide one that it is part of.
    Coupled,
    /// A control: with one that was drawn apart.
    Independent,
    /// A control: the COT distance is multiplied by this power of the width.
    Distorted(f64),
}

/// The width of the only reference of a control.
const FIXED: usize = 8;

/// W2: the distance of a network from the wide one whose first particles it started from.
pub(in crate::claims) fn coupling(instance: &MeanFieldInstance) -> Finding {
    coupling_of(instance, Pairing::Coupled)
}

/// The same of networks that are paired in this way.
pub(super) fn coupling_of(instance: &MeanFieldInstance, pairing: Pairing) -> Finding {
    compared(instance, |amplitude| {
        let corrections = Corrections::of(instance, amplitude)?;
        let apart = |width: usize, index: usize| apart(instance, pairing, width, index);
        corrections.comparisons(&groups(&WIDTHS, apart, Group::of))
    })
}

/// A control: outputs of networks of every width against those of networks of one width, [`FIXED`], that were drawn apart.
/// Nothing is transported, so that twice as many are drawn: one slope must be told from another by every seed.
pub(super) fn one_reference(instance: &MeanFieldInstance) -> Finding {
    compared(instance, |amplitude| {
        let corrections = Corrections::of(instance, amplitude)?;
        let state = instance.task.state_dimension();
        let depth = instance.network.depth();
        let off = |width: usize, index: usize| {
            let mut rng = generator(instance.seed, 4, width << 20 | index);
            let narrow = trained(instance, initial(&mut rng, state, depth, width)).0;
            narrow - trained(instance, initial(&mut rng, state, depth, FIXED)).0
        };
        let drawn = groups_of(2 * GROUPS, &WIDTHS, off, ln_root_mean_square);
        Ok(vec![
            corrections.of_outputs(&Points::new(Power::Root, drawn))?,
        ])
    })
}

/// How far a narrow network is from a wide one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Apart {
    /// The first output of the first sample.
    output: f64,
    /// The distance of equal labels, of the narrow network from the first particles of the wide one.
    labelled: Ball,
    /// The COT distance of the two.
    transported: Ball,
    /// The distance of every particle of the narrow one from the nearest.
    nearest: Ball,
}

impl Apart {
    /// The COT distance; NaN if it was refused, which is no point of a regression.
    fn known(&self) -> f64 {
        if self.transported.is_bounded() {
            self.transported.mid()
        } else {
            f64::NAN
        }
    }

    /// `transported/labelled`
    fn length(&self) -> f64 {
        self.transported.mid() / self.labelled.mid()
    }

    /// `transported/nearest`
    fn excess(&self) -> f64 {
        self.transported.mid() / self.nearest.mid()
    }
}

/// What is kept of a group of draws.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Group {
    /// `ln` of the root mean squares of outputs, labelled, transported and nearest distances.
    roots: [f64; 4],
    /// The pair of the largest [`Apart::length`].
    longest: Apart,
    /// The pair of the smallest [`Apart::excess`].
    shortest: Apart,
}

impl Group {
    fn of(drawn: &[Apart]) -> Self {
        let root = |of: fn(&Apart) -> f64| {
            let numbers: Vec<f64> = drawn.iter().map(of).collect();
            ln_root_mean_square(&numbers)
        };
        let one = Self {
            roots: [
                root(|a| a.output),
                root(|a| a.labelled.mid()),
                root(Apart::known),
                root(|a| a.nearest.mid()),
            ],
            longest: drawn[0],
            shortest: drawn[0],
        };
        drawn.iter().fold(one, |kept, &pair| kept.with(pair, pair))
    }

    /// The same with the extremes among its own and these.
    fn with(mut self, longest: Apart, shortest: Apart) -> Self {
        if longest.length() > self.longest.length() {
            self.longest = longest;
        }
        if shortest.excess() < self.shortest.excess() {
            self.shortest = shortest;
        }
        self
    }

    /// What holds the logarithm of the COT distance over the labelled one, whatever the COT distance is.
    fn gap(&self) -> Ball {
        let [_, labelled, _, nearest] = self.roots;
        Ball::from_bounds((nearest - labelled).min(0.0), 0.0)
    }
}

/// Corrections of a finite width.
struct Corrections {
    output: Fluctuation,
    particles: Fluctuation,
}

impl Corrections {
    fn of(instance: &MeanFieldInstance, amplitude: Ball) -> Result<Self, Finding> {
        let training = training(instance, amplitude, STEP, 1.0);
        let output = Fluctuation::coupled(&training, WIDER, |found| found.outputs[0]);
        let particles = (0..training.depth)
            .map(|label| Fluctuation::coupled_particle(&training, WIDER, label, WIDTHS[0]))
            .reduce(Fluctuation::joined)
            .expect("a network has at least one layer");
        let possible = output.is_possible(WIDTHS[0]) && particles.is_possible(WIDTHS[0]);
        possible
            .then_some(Self { output, particles })
            .ok_or_else(too_long)
    }

    fn of_outputs(&self, outputs: &Points) -> Result<Comparison, Finding> {
        let off = outputs.corrected(&self.output)?;
        outputs.slope("the output is off by M^−½", HALF, Some(&off))
    }

    fn comparisons(&self, drawn: &[(usize, Group)]) -> Result<Vec<Comparison>, Finding> {
        let points = |which: usize| {
            let of = drawn
                .iter()
                .map(|(width, group)| (*width, group.roots[which]));
            Points::new(Power::Root, of)
        };
        let [outputs, labelled, transported] = [0, 1, 2].map(points);
        let output = self.of_outputs(&outputs)?;
        let mut off = labelled.corrected(&self.particles)?;
        let equal = labelled.slope("equal labels are M^−½ apart", HALF, Some(&off))?;
        for (off, (_, group)) in off.iter_mut().zip(drawn) {
            *off = *off + group.gap();
        }
        let optimal = transported.slope("the COT distance is M^−½", HALF, Some(&off))?;
        let all = drawn.iter().map(|&(_, group)| group);
        let worst = all.reduce(|kept, group| kept.with(group.longest, group.shortest));
        let Group {
            longest, shortest, ..
        } = worst.expect("a group");
        Ok(vec![
            output,
            equal,
            optimal,
            Comparison::at_most(
                "COT ≤ the distance of equal labels",
                longest.transported,
                longest.labelled,
            ),
            Comparison::at_least(
                "COT ≥ the distance of the nearest particles",
                shortest.transported,
                shortest.nearest,
            ),
        ])
    }
}

/// The slope of what falls as `M^{−1/2}`, and that of what does not fall.
const HALF: [f64; 2] = [-0.5, 0.0];

/// Draws and trains two networks.
fn apart(instance: &MeanFieldInstance, pairing: Pairing, width: usize, index: usize) -> Apart {
    let state = instance.task.state_dimension();
    let depth = instance.network.depth();
    let mut rng = generator(instance.seed, 4, width << 20 | index);
    let wide = initial(&mut rng, state, depth, WIDER * width);
    let narrow = match pairing {
        Pairing::Independent => initial(&mut rng, state, depth, width),
        _ => first(&wide, width),
    };
    let (wide_output, wide) = trained(instance, wide);
    let (narrow_output, narrow) = trained(instance, narrow);
    let part = first(&wide, width);
    let found = conditional_distance(narrow.layers(), part.layers());
    let transported = found.map_or(Ball::EVERYTHING, |found| found.distance());
    let power = match pairing {
        Pairing::Distorted(power) => power,
        _ => 0.0,
    };
    Apart {
        output: narrow_output - wide_output,
        labelled: labelled(&narrow, &part),
        transported: transported * Ball::from((width as f64).powf(power)),
        nearest: nearest(&narrow, &part),
    }
}

/// The first particles of every layer.
fn first(network: &Particles, width: usize) -> Particles {
    network.rearranged(|_| (0..width).collect())
}

/// The distance of equal labels.
fn labelled(narrow: &Particles, part: &Particles) -> Ball {
    let norm = narrow.plus(-1.0, part).norm();
    // Every difference is rounded.
    norm.widened(f64::EPSILON * norm.mid())
}

/// `(D⁻¹Σ_kM⁻¹Σ_j min_i‖a_j − b_i‖²)^{1/2}`: no plan moves a particle less far than to the nearest.
///
/// # Guarantee
/// The square of a rounded difference, summed over `q` coordinates, is within `γ_{q+2}`; a minimum keeps that, the mean
/// of `n` adds `γ_n`, the root one operation.
fn nearest(narrow: &Particles, part: &Particles) -> Ball {
    let layers = narrow.layers().iter().zip(part.layers());
    let squares: f64 = layers.map(|(from, to)| least_squares(from, to)).sum();
    let particles = narrow.depth() * narrow.width();
    let norm = (squares / particles as f64).sqrt();
    let operations = particles + narrow.layers()[0].nrows() + 4;
    Ball::new(norm, gamma(operations) * norm)
}

/// `Σ_j min_i‖a_j − b_i‖²` of the columns of two matrices, whose labels are the first to be tried.
fn least_squares(from: &DMatrix<f64>, to: &DMatrix<f64>) -> f64 {
    let size = from.nrows();
    let [from, to] = [from, to].map(|layer| layer.as_slice().chunks_exact(size));
    let least = from.zip(to.clone()).map(|(a, label)| {
        to.clone().fold(squared(a, label), |least, b| {
            // Most are too far already in the last coordinate.
            if (a[size - 1] - b[size - 1]).powi(2) < least {
                least.min(squared(a, b))
            } else {
                least
            }
        })
    });
    least.sum()
}

fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum()
}

/// The first output of the first sample, and the network, after the fixed time.
fn trained(instance: &MeanFieldInstance, network: Particles) -> (f64, Particles) {
    let mut descent = descended(instance, network, STEP);
    (descent.outputs()[(0, 0)], descent.network().clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::width::instances;

    #[test]
    fn coupled_networks_share_their_first_particles() {
        let instance = instances().remove(0);
        let found = apart(&instance, Pairing::Coupled, 16, 3);
        assert_eq!(found, apart(&instance, Pairing::Coupled, 16, 3));
        assert!(found.length() <= 1.0 + 1e-12 && found.excess() >= 1.0 - 1e-12);
        let drawn_apart = apart(&instance, Pairing::Independent, 16, 3);
        assert!(drawn_apart.length() < 0.9 && drawn_apart.excess() > 1.1);
        // Coupled particles are apart by what training did, others by what chance did.
        assert!(found.labelled.mid() < 0.01 && drawn_apart.nearest.mid() > 0.1);
    }

    #[test]
    fn controls_change_one_thing() {
        let instance = instances().remove(0);
        let found = apart(&instance, Pairing::Coupled, 16, 3);
        let twice = apart(&instance, Pairing::Distorted(0.25), 16, 3);
        assert!((twice.transported.mid() / found.transported.mid() - 2.0).abs() < 1e-14);
        assert_eq!(
            (twice.labelled, twice.nearest),
            (found.labelled, found.nearest)
        );
    }

    /// Two particles a layer: 0 and 3, moved to 1 and 10.
    #[test]
    fn distances_are_their_formulas() {
        let layer = |first: f64, second: f64| nalgebra::dmatrix![first, second; 0.0, 0.0; 0.0, 0.0];
        let one = |first, second| Particles::try_new(vec![layer(first, second)]).unwrap();
        let (from, to) = (one(0.0, 3.0), one(1.0, 10.0));
        // (1 + 49)/2 and (1 + 4)/2.
        assert!(labelled(&from, &to).square().contains(25.0));
        let found = nearest(&from, &to);
        assert!(found.square().contains(2.5) && found.rad() < 1e-14);
    }

    #[test]
    fn the_worst_pairs_are_kept() {
        let pair = |transported: f64, labelled: f64, nearest: f64| Apart {
            output: 1.0,
            labelled: Ball::from(labelled),
            transported: Ball::from(transported),
            nearest: Ball::from(nearest),
        };
        let (a, b, c) = (
            pair(2.0, 4.0, 1.0),
            pair(3.0, 4.0, 0.5),
            pair(1.0, 4.0, 0.75),
        );
        let group = Group::of(&[a, b, c]);
        assert_eq!((group.longest, group.shortest), (b, c));
        let nearest = 0.5 * ((1.0_f64 + 0.25 + 0.5625) / 3.0).ln();
        assert!((group.gap().lower() - (nearest - 4.0_f64.ln())).abs() < 1e-12);
        assert!(group.gap().contains(0.0) && group.gap().upper() < 1e-12);
        let longer = Group::of(&[pair(5.0, 4.0, 1.0)]);
        let kept = group.with(longer.longest, longer.shortest);
        assert_eq!((kept.longest, kept.shortest), (longer.longest, c));
    }
}
