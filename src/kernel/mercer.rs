//! Everything that a Gram matrix can be assembled from.

use super::{Anisotropic, Bandwidth, Kernel, KernelError, KernelName, KernelSpec, Polynomial};
use nalgebra::DMatrix;
use std::fmt;
use std::str::FromStr;

/// A positive semi-definite kernel, radial or not; written, read and serialised as its name:
/// `gaussian:1.5`, `gaussian:0.5,2.0` (a bandwidth for every coordinate), `polynomial(3):1.0`,
/// `linear`.
///
/// # Example
/// ```
/// use polyak::kernel::MercerKernel;
/// let kernel: MercerKernel = "polynomial(2):1".parse()?;
/// assert_eq!(kernel.value(&[1.0, 2.0], &[3.0, -1.0]), 4.0);
/// assert!(!kernel.is_strictly_positive_definite());
/// assert_eq!(kernel.to_string(), "polynomial(2):1.0");
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub enum MercerKernel {
    /// `ψ(‖x − y‖)`.
    Radial(KernelSpec),
    /// A bandwidth for every coordinate.
    Anisotropic(Anisotropic),
    /// `(x·y + c)^p`.
    Polynomial(Polynomial),
}

impl MercerKernel {
    /// Reads a name whose bandwidth may be `auto` or `0.5*auto`, resolved on `points` (q × N), and
    /// checks that a list of bandwidths has one for every coordinate.
    ///
    /// # Errors
    /// A name that is not readable; those of [`KernelName::resolve`]; [`KernelError::Dimension`].
    pub fn resolve(name: &str, points: &DMatrix<f64>) -> Result<Self, KernelError> {
        match Written::read(name)? {
            Written::Name(name) => Ok(name.resolve(points)?.into()),
            Written::Kernel(kernel) => {
                kernel.require_dimension(points.nrows())?;
                Ok(kernel)
            }
        }
    }

    /// Accepts points of this dimension, which matters to a list of bandwidths and to a kernel that is
    /// positive definite in some dimensions only.
    ///
    /// # Errors
    /// [`KernelError::Dimension`], [`KernelError::NotProved`].
    pub fn require_dimension(&self, dimension: usize) -> Result<(), KernelError> {
        match self {
            Self::Radial(kernel) => kernel.require_dimension(dimension),
            Self::Anisotropic(kernel) => {
                kernel.require(dimension)?;
                kernel.unit().require_dimension(dimension)
            }
            Self::Polynomial(_) => Ok(()),
        }
    }

    /// The value `k(x, y)`.
    ///
    /// # Panics
    /// When the points differ in length, or have not as many coordinates as there are bandwidths.
    #[must_use]
    pub fn value(&self, x: &[f64], y: &[f64]) -> f64 {
        match self {
            Self::Radial(kernel) => kernel.value(x, y),
            Self::Anisotropic(kernel) => kernel.value(x, y),
            Self::Polynomial(kernel) => kernel.value(x, y),
        }
    }

    /// Whether the Gram matrix of any distinct points of this dimension is positive definite.
    #[must_use]
    pub fn is_strictly_positive_definite_in(&self, dimension: usize) -> bool {
        let radial = match self {
            Self::Radial(kernel) => kernel,
            Self::Anisotropic(kernel) => kernel.unit(),
            Self::Polynomial(_) => return false,
        };
        let facts = radial.facts();
        facts.strictly && facts.positive_definite.contain(dimension)
    }

    /// Whether the Gram matrix of any distinct points, of any dimension, is positive definite.
    #[must_use]
    pub fn is_strictly_positive_definite(&self) -> bool {
        match self {
            Self::Radial(kernel) => kernel.is_strictly_positive_definite(),
            Self::Anisotropic(kernel) => kernel.unit().is_strictly_positive_definite(),
            Self::Polynomial(_) => false,
        }
    }
}

/// A name as read: complete, or in need of points.
enum Written {
    Name(KernelName),
    Kernel(MercerKernel),
}

impl Written {
    fn read(name: &str) -> Result<Self, KernelError> {
        let lower = name.trim().to_lowercase();
        let (label, rest) = lower.split_once(':').unwrap_or((&lower, ""));
        let (label, rest) = (label.trim(), rest.trim());
        if label == "linear" && rest.is_empty() {
            return Ok(Self::Kernel(Polynomial::LINEAR.into()));
        }
        if let Some(degree) = label.strip_prefix("polynomial(") {
            return Ok(Self::Kernel(polynomial(degree, rest)?.into()));
        }
        if rest.contains(',') {
            return Ok(Self::Kernel(anisotropic(label, rest)?.into()));
        }
        Ok(Self::Name(name.parse()?))
    }
}

/// `3)` and `1`: degree and offset, which is 1 if nothing is written.
fn polynomial(degree: &str, offset: &str) -> Result<Polynomial, KernelError> {
    let digits = degree.strip_suffix(')').map(str::trim);
    let unreadable = || KernelError::Degree {
        degree: degree.trim_end_matches(')').into(),
    };
    let degree = digits.and_then(|digits| digits.parse().ok());
    let offset = match offset {
        "" => 1.0,
        // What is no number is no offset either.
        written => written.parse().unwrap_or(f64::NAN),
    };
    Polynomial::try_new(degree.ok_or_else(unreadable)?, offset)
}

fn anisotropic(label: &str, bandwidths: &str) -> Result<Anisotropic, KernelError> {
    let one = |written: &str| -> Result<(KernelSpec, f64), KernelError> {
        let kernel: KernelName = format!("{label}:{}", written.trim()).parse()?;
        match kernel.bandwidth() {
            Bandwidth::Fixed(bandwidth) => {
                Ok((kernel.family().with_bandwidth(bandwidth)?, bandwidth))
            }
            Bandwidth::Median { .. } => Err(KernelError::UnreadableBandwidth {
                name: format!("{label}:{bandwidths}"),
                family: label.into(),
                bandwidth: written.trim().into(),
            }),
        }
    };
    let read: Vec<(KernelSpec, f64)> = bandwidths.split(',').map(one).collect::<Result<_, _>>()?;
    let bandwidths = read.iter().map(|(_, bandwidth)| *bandwidth).collect();
    Anisotropic::try_new(read[0].0, bandwidths)
}

impl fmt::Display for MercerKernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Radial(kernel) => kernel.name(),
            Self::Anisotropic(kernel) => kernel.name(),
            Self::Polynomial(kernel) => kernel.name(),
        })
    }
}

impl FromStr for MercerKernel {
    type Err = KernelError;

    /// Reads a name whose bandwidths are numbers.
    fn from_str(name: &str) -> Result<Self, KernelError> {
        match Written::read(name)? {
            Written::Name(_) => Ok(name.parse::<KernelSpec>()?.into()),
            Written::Kernel(kernel) => Ok(kernel),
        }
    }
}

impl TryFrom<String> for MercerKernel {
    type Error = KernelError;

    fn try_from(name: String) -> Result<Self, KernelError> {
        name.parse()
    }
}

impl From<MercerKernel> for String {
    fn from(kernel: MercerKernel) -> Self {
        kernel.to_string()
    }
}

impl From<KernelSpec> for MercerKernel {
    fn from(kernel: KernelSpec) -> Self {
        Self::Radial(kernel)
    }
}

impl From<Anisotropic> for MercerKernel {
    fn from(kernel: Anisotropic) -> Self {
        Self::Anisotropic(kernel)
    }
}

impl From<Polynomial> for MercerKernel {
    fn from(kernel: Polynomial) -> Self {
        Self::Polynomial(kernel)
    }
}

impl From<&KernelSpec> for MercerKernel {
    fn from(kernel: &KernelSpec) -> Self {
        Self::Radial(*kernel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    fn read(name: &str) -> Result<MercerKernel, KernelError> {
        name.parse()
    }

    #[test]
    fn names_parse_back() {
        for name in [
            "gaussian:1.5",
            "matern72:0.25",
            "gaussian:0.1,2.0",
            "matern12:1.0,1.0,3.0",
            "linear",
            "polynomial(1):0.5",
            "polynomial(16):0.0",
        ] {
            let kernel = read(name).unwrap();
            assert_eq!(kernel.to_string(), name);
            assert_eq!(
                MercerKernel::try_from(String::from(kernel.clone())),
                Ok(kernel)
            );
        }
        assert_eq!(read("polynomial(1):0"), read("linear"));
        assert_eq!(read(" Polynomial( 3 ) "), read("polynomial(3):1"));
        assert_eq!(read("laplace: 1 , 2"), read("matern12:1,2"));
    }

    #[test]
    fn values_are_delegated() {
        let (x, y) = ([1.0, 2.0], [0.5, -1.0]);
        let radial: KernelSpec = "matern32:0.7".parse().unwrap();
        assert_eq!(
            MercerKernel::from(&radial).value(&x, &y),
            radial.value(&x, &y)
        );
        let stretched = read("gaussian:0.5,3").unwrap();
        // (1/2 over 1/2)² + (3 over 3)² = 2.
        assert_eq!(stretched.value(&x, &y), (-1.0_f64).exp());
        assert_eq!(read("linear").unwrap().value(&x, &y), -1.5);
        let strict = |name: &str| read(name).unwrap().is_strictly_positive_definite();
        assert!(strict("gaussian:1") && strict("gaussian:1,2") && !strict("linear"));
    }

    #[test]
    fn points_resolve_what_is_open() {
        let points = dmatrix![0.0, 4.0, 10.0];
        let resolve = |name: &str| MercerKernel::resolve(name, &points);
        assert_eq!(resolve("gaussian"), read("gaussian:6"));
        assert_eq!(resolve("matern52:0.5*auto"), read("matern52:3"));
        assert_eq!(resolve("linear"), read("linear"));
        let expected = KernelError::Dimension {
            bandwidths: 2,
            dimension: 1,
        };
        assert_eq!(resolve("gaussian:1,2"), Err(expected));
        let refused = read("gaussian:auto").unwrap_err();
        assert!(matches!(refused, KernelError::NeedsPoints { .. }));
    }

    #[test]
    fn unreadable_names_are_refused() {
        for name in [
            "polynomial(3",
            "polynomial(x):1",
            "polynomial():1",
            "polynomial(-2)",
        ] {
            let error = read(name).unwrap_err();
            assert!(
                matches!(error, KernelError::Degree { .. }),
                "{name}: {error}"
            );
        }
        for name in ["polynomial(2):x", "polynomial(2):-1", "polynomial(2):nan"] {
            let error = read(name).unwrap_err();
            assert!(
                matches!(error, KernelError::Offset { .. }),
                "{name}: {error}"
            );
        }
        for name in ["gaussian:1,", "gaussian:1,auto", "gaussian:1,x"] {
            let error = read(name).unwrap_err();
            let unreadable = matches!(error, KernelError::UnreadableBandwidth { .. });
            assert!(unreadable, "{name}: {error}");
        }
        assert!(matches!(
            read("gaussian:1,-2"),
            Err(KernelError::Bandwidth { .. })
        ));
        for name in ["linear:2", "cubic:1,2", "polynomial:2", ""] {
            let error = read(name).unwrap_err();
            assert!(
                matches!(error, KernelError::UnknownName { .. }),
                "{name}: {error}"
            );
        }
    }
}
