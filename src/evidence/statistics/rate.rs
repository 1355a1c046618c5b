//! Slopes of straight lines.

use super::quantile::bisected;
use crate::arithmetic::Ball;
use crate::text::count;
use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};
use thiserror::Error;

/// The slope of a straight line through points, and half the width of its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// The least-squares slope.
    pub slope: f64,
    /// The true slope is at most this far from it, at the level asked for.
    pub half_width: f64,
    /// How its error is estimated.
    pub scatter: Scatter,
}

/// The standard error of a slope, as estimated from residuals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scatter {
    /// The standard error.
    pub error: f64,
    /// Degrees of freedom of the residuals.
    pub freedom: usize,
}

impl Scatter {
    /// Returns a bound of the probability that the same regression on other draws leaves a number within its interval.
    ///
    /// # Arguments
    /// * `gap`: of the slope drawn from that number, less what is certain of both;
    /// * `multiple`: half the width of the interval, in standard errors.
    ///
    /// # Source
    /// Of two independent regressions with normal errors of one variance the slopes differ by `√2` standard errors times a
    /// number with Student's law, the estimated variances by a factor with Fisher's. The probability is over both draws,
    /// and the bound holds for every split into the two events.
    ///
    /// # Example
    /// ```
    /// use polyak::evidence::statistics::Scatter;
    /// let scatter = Scatter { error: 0.01, freedom: 200 };
    /// assert!(scatter.missed_again(0.5, 8.0) < 1e-20);
    /// assert!(scatter.missed_again(0.08, 8.0) > 0.1);
    /// ```
    pub fn missed_again(self, gap: f64, multiple: f64) -> f64 {
        let freedom = self.freedom as f64;
        let laws = (
            StudentsT::new(0.0, 1.0, freedom),
            FisherSnedecor::new(freedom, freedom),
        );
        let (Ok(student), Ok(fisher)) = laws else {
            return 1.0;
        };
        let split = |factor: f64| {
            let left = gap - multiple * self.error * factor;
            let distance = left / (std::f64::consts::SQRT_2 * self.error);
            if !(distance > 0.0) {
                return 1.0;
            }
            fisher.sf(factor * factor) + 2.0 * student.sf(distance)
        };
        (0..=100)
            .map(|i| split(1.0 + 0.03 * f64::from(i)))
            .fold(1.0, f64::min)
    }
}

impl Scatter {
    /// Returns the probability that other draws estimate a standard error this many times larger: Fisher's law.
    #[cfg(test)]
    pub(crate) fn wider_again(self, factor: f64) -> f64 {
        let freedom = self.freedom as f64;
        let law = FisherSnedecor::new(freedom, freedom);
        law.map_or(1.0, |law| law.sf(factor * factor))
    }
}

/// Points that no line goes through.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RateError {
    /// Less than two distinct abscissae, or three for an interval from the scatter.
    #[error("{}, distinct abscissae: {distinct}; a slope needs {needed} of both", count(.points, "point"))]
    Few {
        /// How many points.
        points: usize,
        /// How many abscissae.
        distinct: usize,
        /// How many points and abscissae are needed.
        needed: usize,
    },
    /// A coordinate is NaN or infinite: the logarithm of zero, say.
    #[error("point {} is not finite: every number must be", .index + 1)]
    NonFinite {
        /// Which point, from 0.
        index: usize,
    },
    /// As many abscissae as ordinates are needed.
    #[error("there are {abscissae} abscissae and {ordinates} ordinates: give as many of both")]
    Lengths {
        /// How many abscissae.
        abscissae: usize,
        /// How many ordinates.
        ordinates: usize,
    },
}

/// The weights `w_i` of the least-squares slope `Σ w_i y_i`.
fn weights(x: &[f64], needed: usize) -> Result<Vec<f64>, RateError> {
    if let Some(index) = x.iter().position(|x| !x.is_finite()) {
        return Err(RateError::NonFinite { index });
    }
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    if x.len() < needed || sorted.len() < 2 {
        return Err(RateError::Few {
            points: x.len(),
            distinct: sorted.len(),
            needed,
        });
    }
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    let squares: f64 = x.iter().map(|x| (x - mean).powi(2)).sum();
    Ok(x.iter().map(|x| (x - mean) / squares).collect())
}

fn same_length(abscissae: usize, ordinates: usize) -> Result<(), RateError> {
    if abscissae == ordinates {
        Ok(())
    } else {
        Err(RateError::Lengths {
            abscissae,
            ordinates,
        })
    }
}

impl Rate {
    /// The slope of points whose ordinates have independent normal errors of one unknown variance:
    /// the interval misses it with probability `miss`, by Student's law of `n − 2` degrees of freedom.
    ///
    /// # Errors
    /// [`RateError`]: three points and two distinct abscissae are needed.
    ///
    /// # Example
    /// ```
    /// use polyak::evidence::statistics::Rate;
    /// let x = [0.0, 1.0, 2.0, 3.0];
    /// let rate = Rate::fit(&x, &[1.0, 0.52, 0.0, -0.52], 0.05)?;
    /// assert!((rate.slope + 0.508).abs() < 1e-12 && rate.half_width < 0.05);
    /// # Ok::<(), polyak::evidence::statistics::RateError>(())
    /// ```
    pub fn fit(x: &[f64], y: &[f64], miss: f64) -> Result<Self, RateError> {
        same_length(x.len(), y.len())?;
        if let Some(index) = y.iter().position(|y| !y.is_finite()) {
            return Err(RateError::NonFinite { index });
        }
        let weights = weights(x, 3)?;
        let n = x.len() as f64;
        let slope: f64 = weights.iter().zip(y).map(|(w, y)| w * y).sum();
        let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
        let residual = |(x, y): (&f64, &f64)| (y - mean_y - slope * (x - mean_x)).powi(2);
        let scatter: f64 = x.iter().zip(y).map(residual).sum();
        let squares: f64 = weights.iter().map(|w| w * w).sum();
        let error = (scatter / (n - 2.0) * squares).sqrt();
        let law =
            StudentsT::new(0.0, 1.0, n - 2.0).expect("a positive number of degrees of freedom");
        Ok(Self {
            slope,
            half_width: quantile(&law, 0.5 * miss) * error,
            scatter: Scatter {
                error,
                freedom: x.len() - 2,
            },
        })
    }

    /// The slope of points whose ordinates are known to lie in balls: it holds the slope of any points of
    /// them.
    ///
    /// # Errors
    /// [`RateError`]: two distinct abscissae are needed.
    pub fn through(x: &[f64], y: &[Ball]) -> Result<Ball, RateError> {
        same_length(x.len(), y.len())?;
        if let Some(index) = y.iter().position(|y| !y.is_bounded()) {
            return Err(RateError::NonFinite { index });
        }
        let weights = weights(x, 2)?;
        Ok(weights
            .iter()
            .zip(y)
            .map(|(&w, &y)| Ball::from(w) * y)
            .sum())
    }

    /// Returns the interval as a ball.
    #[must_use]
    pub fn ball(self) -> Ball {
        Ball::new(self.slope, self.half_width)
    }
}

/// Returns the multiple of a standard error that an error of Student's law exceeds, on either side together, with the
/// probability `miss`.
///
/// # Panics
/// Without a degree of freedom.
#[must_use]
pub fn two_sided(freedom: usize, miss: f64) -> f64 {
    let law =
        StudentsT::new(0.0, 1.0, freedom as f64).expect("a positive number of degrees of freedom");
    quantile(&law, 0.5 * miss)
}

/// The `t` with `P(T > t) = tail`, from the distribution function itself.
fn quantile(law: &StudentsT, tail: f64) -> f64 {
    bisected(1.0, |t| law.sf(t) > tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    #[test]
    fn quantiles_have_closed_forms() {
        for tail in [0.1, 1e-4, 1e-9] {
            // One degree: cot(πt); two: (1 − 2t)/√(2t(1 − t)).
            let law = |n| StudentsT::new(0.0, 1.0, n).unwrap();
            let one = 1.0 / (std::f64::consts::PI * tail).tan();
            assert!(
                (quantile(&law(1.0), tail) / one - 1.0).abs() < 1e-6,
                "{tail}"
            );
            let two = (1.0 - 2.0 * tail) / (2.0 * tail * (1.0 - tail)).sqrt();
            assert!(
                (quantile(&law(2.0), tail) / two - 1.0).abs() < 1e-6,
                "{tail}"
            );
        }
    }

    #[test]
    fn a_straight_line_has_its_slope() {
        let x = [0.0, 1.0, 4.0, 5.0];
        let y = x.map(|x| 3.0 - 0.5 * x);
        let rate = Rate::fit(&x, &y, 1e-9).unwrap();
        assert!((rate.slope + 0.5).abs() < 1e-15 && rate.half_width < 1e-7);
        let ball = Rate::through(&x, &y.map(Ball::from)).unwrap();
        assert!(ball.contains(-0.5) && ball.rad() < 1e-14);
        assert_eq!(rate.ball().mid(), rate.slope);
    }

    // Σ|w_i|·r = (2.5 + 1.5 + 1.5 + 2.5)/17·0.1.
    #[test]
    fn a_line_through_balls_is_as_uncertain_as_they_are() {
        let x = [0.0, 1.0, 4.0, 5.0];
        let ball = Rate::through(&x, &x.map(|x| Ball::new(x, 0.1))).unwrap();
        assert!((ball.rad() - 0.8 / 17.0).abs() < 1e-14 && ball.contains(1.0));
    }

    // Of pairs of regressions on the same law, the second interval holds a number that is 2.5 errors from the first slope
    // about as often as the bound says at least.
    #[test]
    fn another_draw_misses_no_more_often_than_stated() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let mut draw = || {
            let y: Vec<f64> = x
                .iter()
                .map(|x| 2.0 * x + rng.sample::<f64, _>(StandardNormal))
                .collect();
            Rate::fit(&x, &y, 0.05).unwrap()
        };
        let (mut stated, mut seen) = (0.0, 0.0);
        for _ in 0..4000 {
            let (one, other) = (draw(), draw());
            let number = one.slope + 5.0 * one.scatter.error;
            let multiple = one.half_width / one.scatter.error;
            stated += one.scatter.missed_again(number - one.slope, multiple);
            seen += f64::from(u8::from(other.ball().contains(number)));
        }
        // Both are some tens of 4000: the sampling error of a hundred events is ten.
        assert!(
            seen > 20.0 && seen < stated && stated < 6.0 * seen,
            "{seen} {stated}"
        );
    }

    // 4000 experiments at 5 %: between 100 and 300 misses but with probability below 1e-9.
    #[test]
    fn intervals_miss_as_often_as_stated() {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let x = [0.0, 1.0, 2.0, 3.0, 5.0];
        let misses: u32 = (0..4000)
            .map(|_| {
                let y = x.map(|x| 2.0 * x + 0.3 * rng.sample::<f64, _>(StandardNormal));
                let rate = Rate::fit(&x, &y, 0.05).unwrap();
                u32::from(!rate.ball().contains(2.0))
            })
            .sum();
        assert!((100..=300).contains(&misses), "{misses}");
    }

    #[test]
    fn points_without_a_line_are_errors() {
        let few = |points, distinct, needed| {
            Err(RateError::Few {
                points,
                distinct,
                needed,
            })
        };
        assert_eq!(Rate::fit(&[0.0, 1.0], &[0.0, 1.0], 0.1), few(2, 2, 3));
        assert_eq!(Rate::fit(&[1.0; 3], &[0.0; 3], 0.1), few(3, 1, 3));
        assert_eq!(
            Rate::through(&[1.0], &[Ball::from(0.0)]),
            few(1, 1, 2).map(|r: Rate| r.ball())
        );
        let x = [0.0, 1.0, 2.0];
        let y = [0.0, f64::NEG_INFINITY, 1.0];
        assert_eq!(
            Rate::fit(&x, &y, 0.1),
            Err(RateError::NonFinite { index: 1 })
        );
        let infinite = [0.0, 1.0, f64::INFINITY];
        assert_eq!(
            Rate::fit(&infinite, &x, 0.1),
            Err(RateError::NonFinite { index: 2 })
        );
        let balls = [Ball::EVERYTHING, Ball::from(0.0), Ball::from(0.0)];
        assert_eq!(
            Rate::through(&x, &balls),
            Err(RateError::NonFinite { index: 0 })
        );
        let lengths = RateError::Lengths {
            abscissae: 3,
            ordinates: 2,
        };
        assert_eq!(Rate::fit(&x, &[0.0, 1.0], 0.1), Err(lengths));
    }
}
