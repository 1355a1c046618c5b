//! P8b.filters: the norms of the powers of `I − ηT₀/N`, alone and beside the Jacobian.

use crate::arithmetic::Ball;
use crate::bounds::SpectralFilter;
use crate::evidence::{Comparison, Finding, Kind};
use crate::theorem::Expectation::Violated;
use crate::theorem::{About, BuildError, Control, Draws, Object, Subject, Theorem};

const ABOUT: About = About {
    family: "lazy",
    statement: "of eigenvalues λ of T₀ = J₀J₀* with ηλ ≤ 2N, |1−ηλ/N|^i is at most the bound of ‖(I−ηT₀/N)^i‖, times √λ and λ those beside J₀, and (1−(1−ηλ/N)^i)/√λ that of their sum",
    source: "Paper A (lazy regime); gradient descent as a spectral filter; constants of this project",
    tolerance: "ball arithmetic of a power of each eigenvalue",
    page: "p8b-filters.md",
    slack: Some(1e-3),
    ..About::new("P8b.filters", Kind::Rounded)
};

const KEPT: &str = "|1−ηλ/N|^i ≤ ‖A^i‖";
const PUSHED: &str = "√λ|1−ηλ/N|^i ≤ ‖A^iJ₀‖";
const PULLED: &str = "λ|1−ηλ/N|^i ≤ ‖J₀*A^iJ₀‖";
const GATHERED: &str = "(1−(1−ηλ/N)^i)/√λ ≤ (η/N)‖J₀*Σ_{j<i}A^j‖";

/// Eigenvalues that are tried in a row; the best of them is improved.
const GRID: u32 = 200;

/// Halvings of the cell around the best of the grid.
const REFINEMENTS: u32 = 40;

pub(super) fn theorem() -> Theorem<Spectrum> {
    let wrong = |name, change: fn(&Spectrum) -> Spectrum, at: usize| {
        let of = move || pinned().swap_remove(at);
        Control::check(name, Violated, of, move |spectrum: &Spectrum| {
            compared(spectrum, &change(spectrum))
        })
    };
    Theorem::new(
        ABOUT,
        |spectrum| compared(spectrum, spectrum),
        pinned,
        draws(),
    )
    .controls([
        wrong(
            "one step too many",
            |spectrum| Spectrum {
                steps: spectrum.steps + 1,
                ..*spectrum
            },
            1,
        ),
        wrong(
            "a spectrum that ends earlier",
            |spectrum| Spectrum {
                step: 0.9 * spectrum.step,
                largest: 0.9 * spectrum.largest,
                ..*spectrum
            },
            0,
        ),
    ])
}

/// The eigenvalues between two, a step, and a number of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims::theorems) struct Spectrum {
    /// `λ_max`.
    largest: f64,
    /// `λ_min/λ_max`, from 0 to 1.
    share: f64,
    /// `ηλ_max/N`, at most 2.
    step: f64,
    /// `i`.
    steps: u16,
}

impl Object for Spectrum {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for Spectrum {
    type Spec = Self;
    const HYPOTHESIS: &'static str = "object: a spectrum and a step";

    fn build(spec: &Self) -> Result<Self, BuildError> {
        let positive = spec.largest > 0.0 && spec.largest.is_finite();
        let stable = spec.step > 0.0 && spec.step <= 2.0;
        if positive && stable && (0.0..=1.0).contains(&spec.share) {
            Ok(*spec)
        } else {
            Err(
                "the largest eigenvalue is positive, the step in (0, 2], the share in [0, 1]"
                    .into(),
            )
        }
    }
}

impl Spectrum {
    fn rate(&self) -> Ball {
        Ball::from(self.step) / Ball::from(self.largest)
    }

    fn smallest(&self) -> f64 {
        self.share * self.largest
    }

    fn filter(&self) -> SpectralFilter {
        SpectralFilter {
            smallest: Ball::from(self.smallest()),
            largest: Ball::from(self.largest),
            rate: self.rate(),
        }
    }

    /// The largest value of a function of an eigenvalue that a grid finds, and a search beside its best.
    fn largest_of(&self, mode: impl Fn(Ball) -> Ball) -> Ball {
        let (low, high) = (self.smallest(), self.largest);
        let at = |share: f64| (low + (high - low) * share).min(high);
        let value = |share: f64| mode(Ball::from(at(share)));
        let better = |a: f64, b: f64| {
            if value(b).mid() > value(a).mid() {
                b
            } else {
                a
            }
        };
        let grid = (0..=GRID).map(|k| f64::from(k) / f64::from(GRID));
        let mut best = grid.reduce(better).expect("a grid has points");
        let mut width = 0.5 / f64::from(GRID);
        for _ in 0..REFINEMENTS {
            let beside = [best - width, best + width].map(|share| share.clamp(0.0, 1.0));
            best = beside.into_iter().fold(best, better);
            width *= 0.5;
        }
        value(best)
    }
}

/// Spectra with what attains the bounds: an end, the inside, a step that goes too far, the end of a training.
fn pinned() -> Vec<Spectrum> {
    let of = |share: f64, step: f64, steps: u16| Spectrum {
        largest: 3.0,
        share,
        step,
        steps,
    };
    vec![
        of(0.2, 1.7, 1),
        of(0.05, 0.9, 5),
        of(0.3, 0.8, 2),
        of(0.4, 1.2, 60),
        of(0.9, 1.9, 8),
        of(0.9, 1.9, 9),
        of(0.0, 1e-3, 1),
        of(1.0, 0.4, 12),
    ]
}

const WORDS: &str = "random: spectra and steps, from a single eigenvalue to one that is zero";

#[cfg(feature = "strategies")]
fn draws() -> Draws<Spectrum> {
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        (-3.0..3.0, -6.0..0.0, 0.0..2.0, 0..400_u16)
            .prop_map(
                |(largest, share, step, steps): (f64, f64, f64, u16)| Spectrum {
                    largest: 10.0_f64.powf(largest),
                    share: 10.0_f64.powf(share),
                    step: 2.0 - step,
                    steps,
                },
            )
            .boxed()
    })
}

#[cfg(not(feature = "strategies"))]
fn draws() -> Draws<Spectrum> {
    Draws::new(WORDS)
}

/// What the eigenvalues of one spectrum do, beside what is guaranteed of another.
fn compared(of: &Spectrum, said_of: &Spectrum) -> Finding {
    let (one, rate, filter) = (Ball::from(1.0), of.rate(), said_of.filter());
    let steps = usize::from(of.steps);
    let left = |value: Ball| (one - rate * value).powi(steps);
    let [kept, pushed, pulled] = [0, 1, 2]
        .map(|slopes| of.largest_of(|value| value.sqrt().powi(slopes) * left(value).abs()));
    let gathered = of.largest_of(|value| match value.mid() > 0.0 {
        // Of an eigenvalue 0 nothing moves.
        true => (one - left(value)) / value.sqrt(),
        false => Ball::from(0.0),
    });
    let said = usize::from(said_of.steps);
    Finding::Compared(vec![
        Comparison::at_most(KEPT, kept, filter.kept(said)),
        Comparison::at_most(PUSHED, pushed, filter.pushed(said)),
        Comparison::at_most(PULLED, pulled, filter.pulled(said)),
        Comparison::at_most(GATHERED, gathered, filter.gathered(said)),
    ])
}
