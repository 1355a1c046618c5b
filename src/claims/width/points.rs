//! Points of a regression on the logarithm of a width.

use super::too_long;
use crate::arithmetic::Ball;
use crate::bounds::finite_width::{Drift, Fluctuation};
use crate::claims::undecided;
use crate::evidence::statistics::{FALSE_ALARM, MISS, Rate, Trend};
use crate::evidence::{Comparison, Finding};
use rayon::prelude::*;

/// Independent repetitions of one ordinate of a regression.
pub(super) const GROUPS: usize = 48;

/// Networks of which one ordinate is made.
pub(super) const EACH: usize = 12;

/// Draws [`GROUPS`] groups of [`EACH`] for every size: see [`groups_of`].
pub(super) fn groups<T, U: Send>(
    sizes: &[usize],
    draw: impl Fn(usize, usize) -> T + Sync,
    make: impl Fn(&[T]) -> U + Sync,
) -> Vec<(usize, U)> {
    groups_of(GROUPS, sizes, draw, make)
}

/// Draws so many groups of `EACH` for every size and makes one thing of each, in parallel; the result does not
/// depend on the number of threads.
pub(super) fn groups_of<T, U: Send>(
    count: usize,
    sizes: &[usize],
    draw: impl Fn(usize, usize) -> T + Sync,
    make: impl Fn(&[T]) -> U + Sync,
) -> Vec<(usize, U)> {
    let groups: Vec<(usize, usize)> = sizes
        .iter()
        .flat_map(|&size| (0..count).map(move |group| (size, group)))
        .collect();
    let made = groups.par_iter().map(|&(size, group)| {
        let drawn: Vec<T> = (0..EACH).map(|i| draw(size, group * EACH + i)).collect();
        (size, make(&drawn))
    });
    made.collect()
}

/// `ln` of the sample variance.
pub(super) fn ln_variance(numbers: &[f64]) -> f64 {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let squares: f64 = numbers.iter().map(|x| (x - mean).powi(2)).sum();
    (squares / (n - 1.0)).ln()
}

/// `ln` of the root mean square.
pub(super) fn ln_root_mean_square(numbers: &[f64]) -> f64 {
    let squares: f64 = numbers.iter().map(|x| x * x).sum();
    0.5 * (squares / numbers.len() as f64).ln()
}

/// What ordinates are the logarithms of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Power {
    /// Of a variance.
    Square,
    /// Of a root mean square.
    Root,
}

impl Power {
    /// The square whose logarithm, or half of it, is this.
    fn square(self, ordinate: f64) -> f64 {
        match self {
            Self::Square => ordinate.exp(),
            Self::Root => (2.0 * ordinate).exp(),
        }
    }

    /// What an ordinate is off by, if the logarithm of the square is off by so much.
    fn ordinate(self, logarithm: Ball) -> Ball {
        match self {
            Self::Square => logarithm,
            Self::Root => Ball::from(0.5) * logarithm,
        }
    }

    /// Independent normal numbers that the square of one ordinate is at least as narrow as the mean square of.
    fn freedom(self) -> usize {
        match self {
            Self::Square => EACH - 1,
            Self::Root => EACH,
        }
    }
}

/// Sizes and ordinates.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Points {
    sizes: Vec<usize>,
    ordinates: Vec<f64>,
    power: Power,
}

impl Points {
    pub fn new(power: Power, points: impl IntoIterator<Item = (usize, f64)>) -> Self {
        let (sizes, ordinates) = points.into_iter().unzip();
        Self {
            sizes,
            ordinates,
            power,
        }
    }

    /// The largest size and the mean of its squares.
    fn widest(&self) -> (usize, f64) {
        let width = *self.sizes.iter().max().expect("a point");
        let at = self.sizes.iter().zip(&self.ordinates);
        let at = at.filter(|(size, _)| **size == width);
        let squares: Vec<f64> = at.map(|(_, &y)| self.power.square(y)).collect();
        (width, squares.iter().sum::<f64>() / squares.len() as f64)
    }

    /// A lower bound of the size times the expected square at the largest size, for normal numbers.
    ///
    /// `P(χ²_k ≥ k + 2√(kt) + 2t) ≤ e^{−t}` and the same of every weighted mean of `k` such squares that is no
    /// wider (Laurent and Massart 2000, Lemma 1).
    pub fn leading(&self) -> (usize, Ball) {
        let (width, mean) = self.widest();
        let groups = self.sizes.iter().filter(|&&size| size == width).count();
        let share = -FALSE_ALARM.ln() / (groups * self.power.freedom()) as f64;
        let above = 1.0 + 2.0 * share.sqrt() + 2.0 * share;
        (width, Ball::from(width as f64 * mean / above))
    }

    /// What every ordinate is off a straight line by, for fluctuations.
    pub fn corrected(&self, correction: &Fluctuation) -> Result<Vec<Ball>, Finding> {
        let (width, leading) = self.leading();
        let root = correction.root(width, leading);
        self.each(|width| correction.logarithm(width, root))
    }

    /// The same for means of squares that do not vanish.
    ///
    /// # Arguments
    /// * `times`: what the square is multiplied by at a width to have a limit.
    pub fn drifting(
        &self,
        drift: &Drift,
        times: impl Fn(usize) -> f64,
    ) -> Result<Vec<Ball>, Finding> {
        let (width, mean) = self.widest();
        let networks = GROUPS * EACH;
        let limit = drift.limit(width, times(width) * mean, networks, FALSE_ALARM);
        self.each(|width| drift.logarithm(width, limit, EACH))
    }

    /// The same, of a logarithm of squares at every size.
    pub fn each(&self, logarithm: impl Fn(usize) -> Option<Ball>) -> Result<Vec<Ball>, Finding> {
        let off = |&size: &usize| logarithm(size).map(|ball| self.power.ordinate(ball));
        let all: Option<Vec<Ball>> = self.sizes.iter().map(off).collect();
        all.ok_or_else(too_long)
    }

    /// The points that the slope is that of: ordinates without what they are off by.
    fn trend(&self, off: Option<&[Ball]>) -> Option<Trend> {
        let known = |index: usize| off.map_or(0.0, |off| off[index].mid());
        let points = self.sizes.iter().zip(&self.ordinates).enumerate();
        let points = points.map(|(index, (&size, y))| (size as f64, y - known(index)));
        Trend::try_new(points)
    }

    /// Compares the slope in the logarithm of the size with the one expected.
    ///
    /// # Arguments
    /// * `expected`, `other`: the slope, and the one that it must be told from: a test that would not detect the
    ///   distance between the two decides nothing.
    /// * `off`: what holds the distances of the ordinates' expectations from the line; nothing, if they are on it.
    pub fn slope(
        &self,
        statement: &'static str,
        [expected, other]: [f64; 2],
        off: Option<&[Ball]>,
    ) -> Result<Comparison, Finding> {
        let abscissae: Vec<f64> = self.sizes.iter().map(|&m| (m as f64).ln()).collect();
        let fit = |miss| Rate::fit(&abscissae, &self.ordinates, miss).map_err(undecided);
        let (alarm, miss) = (fit(FALSE_ALARM)?, fit(MISS)?);
        let shift = match off {
            Some(off) => Rate::through(&abscissae, off).map_err(undecided)?,
            None => Ball::from(0.0),
        };
        let ball = alarm.ball() - shift;
        let detectable = ball.rad() + miss.half_width + shift.rad();
        Ok(Comparison::expectation(
            statement,
            (ball, detectable),
            Ball::from(expected),
            expected - other,
        )
        .with_scatter(alarm.scatter)
        .with_trend(self.trend(off)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    #[test]
    fn statistics_of_four_numbers() {
        let numbers = [1.0, 2.0, 4.0, 5.0];
        assert!((ln_variance(&numbers) - (10.0_f64 / 3.0).ln()).abs() < 1e-14);
        assert!((ln_root_mean_square(&numbers) - 0.5 * 11.5_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn draws_are_grouped_by_size() {
        let made = groups(
            &[2, 5],
            |size, index| (size * 1000 + index) as f64,
            |x| (x.len(), x[1]),
        );
        assert_eq!(made.len(), 2 * GROUPS);
        assert_eq!(made[0], (2, (EACH, 2001.0)));
        assert_eq!(made[1], (2, (EACH, 2001.0 + EACH as f64)));
        assert_eq!(made[GROUPS], (5, (EACH, 5001.0)));
    }

    /// Forty points near the line `3 − x`, `x` the logarithm of a size.
    fn points(power: Power) -> Points {
        let point = |i: u32| {
            let size = 1usize << i;
            let x = (size as f64).ln();
            (size, 3.0 - x + 0.01 * (x * 7.0).sin())
        };
        Points::new(power, (0..40).map(point))
    }

    #[test]
    fn slopes_are_judged_with_their_corrections() {
        let points = points(Power::Square);
        let verdict = |expected, off: Option<&[Ball]>| {
            let found = points.slope("slope", [expected, 0.0], off);
            found.unwrap().verdict()
        };
        assert_eq!(verdict(-1.0, None), Verdict::Holds);
        assert_eq!(verdict(-0.9, None), Verdict::Violated);
        // Σ|w_i|·r = 400/(5330 ln 2)·r, of forty points ln 2 apart.
        let weight = 400.0 / (5330.0 * std::f64::consts::LN_2);
        let wide = |r: f64| vec![Ball::new(0.0, r); 40];
        assert_eq!(verdict(-0.9, Some(&wide(0.09 / weight))), Verdict::Violated);
        assert_eq!(verdict(-0.9, Some(&wide(0.11 / weight))), Verdict::Holds);
        let found = points
            .slope("slope", [-1.0, 0.0], Some(&wide(1.0)))
            .unwrap();
        let plain = points.slope("slope", [-1.0, 0.0], None).unwrap();
        let (rad, before) = (found.quantity().rad(), plain.quantity().rad());
        assert!((rad - before - weight).abs() < 1e-9);
        // Both the interval and what it is compared with may be off.
        let detectable = |c: &Comparison| c.sampling().unwrap().detectable;
        let wider = detectable(&found) - detectable(&plain);
        assert!((wider - 2.0 * weight).abs() < 1e-9);
        assert!(detectable(&plain) > before);
        // A correction that is known is taken off: one of x/10 changes the slope by 1/10.
        let tilted: Vec<Ball> = points
            .sizes
            .iter()
            .map(|&m| Ball::from(0.1 * (m as f64).ln()))
            .collect();
        let found = points.slope("slope", [-1.0, 0.0], Some(&tilted)).unwrap();
        assert!((found.quantity().mid() - plain.quantity().mid() + 0.1).abs() < 1e-12);
    }

    /// What is drawn has the slope that is compared.
    #[test]
    fn points_that_are_drawn_have_the_slope() {
        let ordinates = [
            (4, 1.0),
            (4, 1.2),
            (8, 0.3),
            (8, 0.7),
            (16, -0.4),
            (16, 0.1),
        ];
        let points = Points::new(Power::Root, ordinates);
        let off: Vec<Ball> = (0..6).map(|k| Ball::new(0.1 * f64::from(k), 0.5)).collect();
        let found = points.slope("slope", [-1.0, 0.0], Some(&off)).unwrap();
        let trend = found.trend().unwrap();
        assert_eq!(trend.points().len(), 3);
        assert!((trend.points()[1].1 - 0.25).abs() < 1e-15);
        let (x, y): (Vec<f64>, Vec<f64>) =
            (trend.points().iter()).map(|(m, y)| (m.ln(), *y)).unzip();
        let slope = Rate::fit(&x, &y, 0.5).unwrap().slope;
        assert!((slope - found.quantity().mid()).abs() < 1e-14);
    }

    #[test]
    fn slopes_that_are_not_told_from_another_are_undecided() {
        let points = points(Power::Root);
        // Both intervals are wider by 400/(5330 ln 2)·r: together by 0.6, and detect less than 0.65.
        let wide = vec![Ball::new(0.0, 0.3 * 5330.0 * std::f64::consts::LN_2 / 400.0); 40];
        let verdict = |other| {
            let found = points.slope("slope", [-1.0, other], Some(&wide));
            found.unwrap().verdict()
        };
        assert_eq!(verdict(-0.35), Verdict::Holds);
        assert_eq!(verdict(-0.45), Verdict::Undecided);
        assert_eq!(verdict(-1.55), Verdict::Undecided);
    }

    #[test]
    fn leading_terms_are_bounded_at_the_largest_size() {
        let at = |power| {
            let points = [(4, 9.0), (8, 1.0_f64.ln()), (8, 4.0_f64.ln())];
            Points::new(power, points)
        };
        // t = 15 ln 10; 1 + 2√(t/k) + 2t/k of k = 2·11, 2·12.
        let share = |k: f64| -FALSE_ALARM.ln() / k;
        let above = |k: f64| 1.0 + 2.0 * share(k).sqrt() + 2.0 * share(k);
        let (width, found) = at(Power::Square).leading();
        assert!(width == 8 && (found.mid() / (8.0 * 2.5 / above(22.0)) - 1.0).abs() < 1e-13);
        let (width, found) = at(Power::Root).leading();
        assert!(width == 8 && (found.mid() / (8.0 * 8.5 / above(24.0)) - 1.0).abs() < 1e-13);
    }

    #[test]
    fn corrections_are_those_of_every_size() {
        let [influence, rest, own, largest] = [0.5, 0.25, 0.0, 1.0].map(Ball::from);
        let correction = Fluctuation {
            influence,
            rest,
            own,
            largest,
        };
        let points = |power| Points::new(power, [(4, 0.0), (8, 0.0), (1 << 20, 0.0)]);
        let off = points(Power::Square).corrected(&correction).unwrap();
        let (width, leading) = points(Power::Square).leading();
        let root = correction.root(width, leading);
        assert_eq!(off[1], correction.logarithm(8, root).unwrap());
        let half = points(Power::Root).corrected(&correction).unwrap();
        assert!(half[0].rad() < off[0].rad() && half[0].rad() > 0.4 * off[0].rad());
        let none = Points::new(Power::Square, [(4, 0.0), (8, -9.0)]);
        assert_eq!(none.corrected(&correction), Err(too_long()));
        let drift = Drift {
            bias: Ball::from(0.25),
            differences: Ball::from(0.125),
        };
        let off = points(Power::Root).drifting(&drift, |m| m as f64).unwrap();
        let limit = drift.limit(1 << 20, (1 << 20) as f64, GROUPS * EACH, FALSE_ALARM);
        let expected = drift.logarithm(4, limit, EACH).unwrap();
        assert_eq!(off[0], Ball::from(0.5) * expected);
    }
}
