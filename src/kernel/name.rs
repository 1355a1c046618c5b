//! Kernels as text, with bandwidths that may come from the data.

use std::fmt;
use std::str::FromStr;

use nalgebra::DMatrix;

use super::{Facts, Kernel, KernelError, KernelSpec, median_distance, median_in_words, positive};

/// A family of kernels, the bandwidth left open: `gaussian`, `matern12` (also read as `laplace`), `matern32`,
/// `matern52`, `matern72`, `imq` of power 1/2, `imq(3/2)`, `imq(0.3)`.
///
/// # Example
/// ```
/// use polyak::kernel::Family;
/// let family: Family = "imq(6/4)".parse()?;
/// assert_eq!(family.to_string(), "imq(3/2)");
/// assert_eq!(family.with_bandwidth(2.0)?.to_string(), "imq(3/2):2.0");
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Family {
    /// Its kernel of bandwidth one, which has a name.
    unit: KernelSpec,
}

impl Family {
    /// The kernel of this family with a bandwidth.
    ///
    /// # Errors
    /// [`KernelError::Bandwidth`] unless it is finite and positive.
    pub fn with_bandwidth(self, bandwidth: f64) -> Result<KernelSpec, KernelError> {
        self.unit.with_bandwidth(bandwidth)
    }

    /// A family of every kind, for random instances: every smoothness, and four powers.
    ///
    /// # Example
    /// ```
    /// use polyak::kernel::Family;
    /// assert!(Family::samples().contains(&"matern72".parse()?));
    /// # Ok::<(), polyak::kernel::KernelError>(())
    /// ```
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let units = KernelSpec::samples().into_iter();
        units.map(|unit| Self { unit }).collect()
    }

    /// What is proved of its kernels, the same at every bandwidth.
    #[must_use]
    pub fn facts(self) -> Facts {
        self.unit.facts()
    }

    /// Reads the label, in small letters, of a kernel of this name.
    fn labelled(label: &str, name: &str) -> Result<Self, KernelError> {
        let name_of = || name.to_owned();
        match KernelSpec::of_family(label) {
            Some(unit) => Ok(Self { unit: unit? }),
            None if label.starts_with("foreign(") => Err(KernelError::Foreign { name: name_of() }),
            None if name.trim().eq_ignore_ascii_case("linear")
                || label.starts_with("polynomial(") =>
            {
                Err(KernelError::NotRadial { name: name_of() })
            }
            None => Err(KernelError::UnknownName { name: name_of() }),
        }
    }
}

impl FromStr for Family {
    type Err = KernelError;

    fn from_str(name: &str) -> Result<Self, KernelError> {
        Self::labelled(name.to_lowercase().trim(), name)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.unit.name();
        f.pad(name.split_once(':').map_or(&name, |(label, _)| label))
    }
}

/// A bandwidth as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bandwidth {
    /// A number.
    Fixed(f64),
    /// `auto` or `multiplier*auto`: a multiple of [`median_distance`].
    Median {
        /// The multiple, 1 for plain `auto`.
        multiplier: f64,
    },
}

/// A kernel as written: `family:bandwidth` with a bandwidth `1.5`, `auto`, or
/// `0.5*auto`. A family alone, `gaussian`, means `gaussian:auto`. Case and
/// surrounding blanks do not matter.
///
/// # Example
/// ```
/// use nalgebra::DMatrix;
/// use polyak::kernel::KernelName;
///
/// let name: KernelName = "gaussian:0.5*auto".parse()?;
/// // Distances 1, 2 and 3.
/// let points = DMatrix::from_row_slice(1, 3, &[0.0, 1.0, 3.0]);
/// assert_eq!(name.resolve(&points)?.to_string(), "gaussian:1.0");
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct KernelName {
    family: Family,
    bandwidth: Bandwidth,
}

impl KernelName {
    /// The family.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// The bandwidth as written, its numbers finite and positive.
    #[must_use]
    pub fn bandwidth(&self) -> Bandwidth {
        self.bandwidth
    }

    /// The kernel, with an `auto` bandwidth taken from `points` (`q × N`, one
    /// point a column). A fixed bandwidth does not look at them.
    ///
    /// # Errors
    /// Those of [`median_distance`], and [`KernelError::Bandwidth`] when the
    /// multiple of the median overflows or underflows.
    pub fn resolve(&self, points: &DMatrix<f64>) -> Result<KernelSpec, KernelError> {
        let bandwidth = match self.bandwidth {
            Bandwidth::Fixed(bandwidth) => bandwidth,
            Bandwidth::Median { multiplier } => multiplier * median_distance(points)?,
        };
        self.family.with_bandwidth(bandwidth)
    }
}

impl KernelName {
    /// Says how the bandwidth comes from so many points, if it does.
    ///
    /// # Example
    /// ```
    /// let name: polyak::kernel::KernelName = "gaussian:0.5*auto".parse()?;
    /// assert_eq!(
    ///     name.origin(3).as_deref(),
    ///     Some("the bandwidth is 0.5 times the median of the distances of all 3 pairs of points")
    /// );
    /// # Ok::<(), polyak::kernel::KernelError>(())
    /// ```
    #[must_use]
    pub fn origin(&self, points: usize) -> Option<String> {
        let median = median_in_words(points);
        match self.bandwidth {
            Bandwidth::Fixed(_) => None,
            Bandwidth::Median { multiplier: 1.0 } => Some(format!("the bandwidth is {median}")),
            Bandwidth::Median { multiplier } => {
                Some(format!("the bandwidth is {multiplier} times {median}"))
            }
        }
    }
}

impl FromStr for KernelName {
    type Err = KernelError;

    fn from_str(name: &str) -> Result<Self, KernelError> {
        let lower = name.trim().to_lowercase();
        let (label, written) = lower.split_once(':').unwrap_or((&lower, "auto"));
        let (label, written) = (label.trim(), written.trim());
        let family = Family::labelled(label, name)?;
        let number = |text: &str| {
            let parsed = text
                .trim()
                .parse()
                .map_err(|_| KernelError::UnreadableBandwidth {
                    name: name.into(),
                    family: label.into(),
                    bandwidth: written.into(),
                })?;
            positive(parsed)
        };
        let bandwidth = match written.rsplit_once('*') {
            Some((multiplier, auto)) if auto.trim() == "auto" => Bandwidth::Median {
                multiplier: number(multiplier)?,
            },
            None if written == "auto" => Bandwidth::Median { multiplier: 1.0 },
            _ => Bandwidth::Fixed(number(written)?),
        };
        Ok(Self { family, bandwidth })
    }
}

impl fmt::Display for KernelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = self.family;
        match self.bandwidth {
            Bandwidth::Fixed(bandwidth) => write!(f, "{family}:{bandwidth:?}"),
            Bandwidth::Median { multiplier: 1.0 } => write!(f, "{family}:auto"),
            Bandwidth::Median { multiplier } => write!(f, "{family}:{multiplier:?}*auto"),
        }
    }
}

impl TryFrom<String> for KernelName {
    type Error = KernelError;

    fn try_from(name: String) -> Result<Self, KernelError> {
        name.parse()
    }
}

impl From<KernelName> for String {
    fn from(name: KernelName) -> Self {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::spec::NAMES;
    use crate::kernel::{Gaussian, InverseMultiquadric, Matern, Power, Smoothness};
    use std::mem::discriminant;

    /// Labels as written, and the kernels of bandwidth one.
    fn families() -> Vec<(&'static str, Family)> {
        let matern = |smoothness| Matern::with_smoothness(smoothness, 1.0).unwrap().into();
        let imq = |power| InverseMultiquadric::try_new(power, 1.0).unwrap().into();
        let quarter = Power::Ratio {
            numerator: 1,
            denominator: 4,
        };
        let families: [(_, KernelSpec); 11] = [
            ("gaussian", Gaussian::try_new(1.0).unwrap().into()),
            ("laplace", matern(Smoothness::Half)),
            ("matern12", matern(Smoothness::Half)),
            ("matern32", matern(Smoothness::ThreeHalves)),
            ("matern52", matern(Smoothness::FiveHalves)),
            ("matern72", matern(Smoothness::SevenHalves)),
            ("imq", imq(Power::HALF)),
            ("imq( 1/2 )", imq(Power::HALF)),
            ("imq(0.3)", imq(Power::Real(0.3))),
            ("imq(0.25)", imq(quarter)),
            // 17 is too large for a certificate.
            ("imq(1.0625)", imq(Power::Real(1.0625))),
        ];
        families
            .map(|(label, unit)| (label, Family { unit }))
            .into()
    }

    /// A sample of a family whose file does not read its own name would not be one.
    #[test]
    fn every_family_reads_its_own_name_and_is_on_the_page() {
        let page = include_str!("../../docs/command.md");
        let samples = Family::samples();
        for sample in &samples {
            assert_eq!(sample.to_string().parse(), Ok(*sample));
        }
        for name in NAMES.concat() {
            let family: Family = name.replace("p/q", "3/2").parse().unwrap();
            let kind = |other: &Family| discriminant(&other.unit) == discriminant(&family.unit);
            assert!(samples.iter().any(kind), "{name} without a sample");
            assert!(
                page.contains(&format!("`{name}`").replace("p/q", "3/2")),
                "{name}"
            );
        }
    }

    #[test]
    fn every_form_is_read_and_written_back() {
        for (label, family) in families() {
            for (written, bandwidth) in [
                (":1.5", Bandwidth::Fixed(1.5)),
                (": 2e-3 ", Bandwidth::Fixed(2e-3)),
                (":auto", Bandwidth::Median { multiplier: 1.0 }),
                ("", Bandwidth::Median { multiplier: 1.0 }),
                (":0.5*auto", Bandwidth::Median { multiplier: 0.5 }),
                (":0.5 * AUTO", Bandwidth::Median { multiplier: 0.5 }),
            ] {
                let name: KernelName = format!(" {label}{written}").parse().unwrap();
                assert_eq!((name.family(), name.bandwidth()), (family, bandwidth));
                assert_eq!(name.to_string().parse(), Ok(name));
                assert_eq!(KernelName::try_from(String::from(name)), Ok(name));
            }
        }
        let written = |s: &str| s.parse::<KernelName>().unwrap().to_string();
        assert_eq!(written("laplace"), "matern12:auto");
        assert_eq!(written("imq"), "imq(1/2):auto");
        assert_eq!(written("imq(6/4):2"), "imq(3/2):2.0");
        assert_eq!(written("gaussian:2*auto"), "gaussian:2.0*auto");
    }

    #[test]
    fn unreadable_names_are_errors_that_list_the_known_ones() {
        for name in ["", "gauss:1", "matern42:1", ":1.5", "gaussian1.5"] {
            let error = name.parse::<KernelName>().unwrap_err();
            assert_eq!(error, KernelError::UnknownName { name: name.into() });
            assert!(error.to_string().contains("matern72"));
        }
        for name in ["linear", " Polynomial(3):1"] {
            let error = name.parse::<KernelName>().unwrap_err();
            assert_eq!(error, KernelError::NotRadial { name: name.into() });
        }
        for power in ["", "x", "1/0", "-1", "17/1", "nan", "1/2/3"] {
            let error = format!("imq({power}):1").parse::<KernelName>().unwrap_err();
            assert!(
                matches!(error, KernelError::Power { .. }),
                "{power}: {error}"
            );
        }
        for bandwidth in [
            "", "wide", "auto*2", "1.5*", "*auto", "2*3", "2*autos", "1:2",
        ] {
            let name = format!("gaussian:{bandwidth}");
            assert_eq!(
                name.parse::<KernelName>(),
                Err(KernelError::UnreadableBandwidth {
                    name: name.clone(),
                    family: "gaussian".into(),
                    bandwidth: bandwidth.into()
                })
            );
        }
        for bandwidth in [
            "0", "-1", "inf", "nan", "1e999", "0*auto", "-2*auto", "nan*auto",
        ] {
            let error = format!("matern52:{bandwidth}")
                .parse::<KernelName>()
                .unwrap_err();
            assert!(
                matches!(error, KernelError::Bandwidth { .. }),
                "{bandwidth}: {error}"
            );
        }
    }

    #[test]
    fn resolving_takes_the_median_of_the_points() {
        // Distances 4, 10, 6.
        let points = DMatrix::from_row_slice(1, 3, &[0.0, 4.0, 10.0]);
        for (label, family) in families() {
            let resolve = |written: &str, points: &DMatrix<f64>| {
                format!("{label}:{written}")
                    .parse::<KernelName>()
                    .unwrap()
                    .resolve(points)
            };
            assert_eq!(resolve("1.5", &points), family.with_bandwidth(1.5));
            assert_eq!(resolve("auto", &points), family.with_bandwidth(6.0));
            assert_eq!(resolve("0.5*auto", &points), family.with_bandwidth(3.0));
            let none = DMatrix::zeros(1, 0);
            assert_eq!(resolve("1.5", &none), family.with_bandwidth(1.5));
            assert_eq!(
                resolve("auto", &none),
                Err(KernelError::TooFewPoints { points: 0 })
            );
            assert_eq!(
                resolve("1e308*auto", &points),
                Err(KernelError::Bandwidth {
                    bandwidth: f64::INFINITY
                })
            );
        }
    }
}
