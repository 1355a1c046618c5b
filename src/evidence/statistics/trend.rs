//! The points that a slope was fitted to.

/// As many sizes are kept at most.
const MOST: usize = 8;

/// What a slope in the logarithm of a size was fitted to, so that it can be drawn: at every size the mean of the logarithms
/// that were measured there.
///
/// # Example
/// ```
/// use polyak::evidence::statistics::Trend;
/// let trend = Trend::try_new([(4.0, 1.0), (8.0, 0.3), (4.0, 2.0)]).expect("two sizes");
/// assert_eq!(trend.points(), [(4.0, 1.5), (8.0, 0.3)]);
/// assert!(Trend::try_new((0..9).map(|k| (f64::from(k), 0.0))).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    points: [(f64, f64); MOST],
    sizes: usize,
}

impl Trend {
    /// Sizes with the logarithms that were measured there, any number of them a size; nothing, where there are more than eight
    /// sizes, or one of the numbers is not finite.
    #[must_use]
    pub fn try_new(measured: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let mut points = [(0.0, 0.0); MOST];
        let mut counts = [0.0; MOST];
        let mut sizes = 0;
        for (size, logarithm) in measured {
            if !(size.is_finite() && logarithm.is_finite()) {
                return None;
            }
            let known = points[..sizes].iter().position(|(of, _)| *of == size);
            let at = known.unwrap_or(sizes);
            if at == MOST {
                return None;
            }
            sizes = sizes.max(at + 1);
            points[at] = (size, points[at].1 + logarithm);
            counts[at] += 1.0;
        }
        for (point, count) in points.iter_mut().zip(counts).take(sizes) {
            point.1 /= count;
        }
        Some(Self { points, sizes })
    }

    /// Returns the sizes with the means, in the order in which they were given.
    #[must_use]
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points[..self.sizes]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_the_mean_of_its_logarithms() {
        let trend = Trend::try_new([(2.0, 1.0), (2.0, 2.0), (3.0, -1.0), (2.0, 6.0)]).unwrap();
        assert_eq!(trend.points(), [(2.0, 3.0), (3.0, -1.0)]);
        assert_eq!(Trend::try_new([]).unwrap().points(), []);
    }

    #[test]
    fn neither_too_many_sizes_nor_what_is_no_number_is_kept() {
        let some = |count: u32| Trend::try_new((0..count).map(|k| (f64::from(k), 0.0)));
        assert_eq!(some(8).unwrap().points().len(), MOST);
        assert_eq!(some(9), None);
        for wrong in [(f64::NAN, 0.0), (1.0, f64::NEG_INFINITY)] {
            assert_eq!(Trend::try_new([(2.0, 0.0), wrong]), None);
        }
    }
}
