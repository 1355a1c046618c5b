//! One concrete type for every kernel.

use std::fmt;
use std::str::FromStr;

use nalgebra::DMatrix;

use super::facts::Radial;
use super::{
    Admissibility, Bandwidth, ForeignKernel, Gaussian, InverseMultiquadric, Kernel, KernelError,
    KernelName, Matern,
};

/// A kernel of this room that is written as a family and a bandwidth.
pub(super) trait Named: Radial + Sized {
    /// The names of the family, as they are listed.
    const NAMES: &'static [&'static str];

    /// The kernel of bandwidth one whose family is written so, in small letters; nothing, if it is another's.
    fn read(label: &str) -> Option<Result<Self, KernelError>>;

    /// A kernel of every kind, for random instances and tests.
    fn samples() -> Vec<Self>;
}

/// Reads a family that is known to be one.
pub(super) fn known<K: Named>(label: &str) -> K {
    let read = K::read(label).and_then(Result::ok);
    read.unwrap_or_else(|| panic!("{label} is a kernel of its own file"))
}

/// Writes the list of the kernels, and what asks every one of them.
macro_rules! kernels {
    ($($(#[$said:meta])* $kernel:ident,)+) => {
        /// Any kernel of this room, by value: it is written, read and serialised as
        /// its name, `gaussian:1.5` or `matern52:0.7`.
        ///
        /// # Example
        /// ```
        /// use polyak::kernel::{Gaussian, KernelSpec};
        ///
        /// let kernel: KernelSpec = "gaussian:1.5".parse()?;
        /// assert_eq!(kernel, KernelSpec::Gaussian(Gaussian::try_new(1.5)?));
        /// # Ok::<(), polyak::kernel::KernelError>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
        pub enum KernelSpec {
            $($(#[$said])* $kernel($kernel),)+
            /// A kernel of another crate: it is no text, and cannot be read from its name.
            Foreign(ForeignKernel),
        }

        $(impl From<$kernel> for KernelSpec {
            fn from(kernel: $kernel) -> Self {
                Self::$kernel(kernel)
            }
        })+

        impl KernelSpec {
            /// The kernel with all that is known of it.
            pub(crate) fn as_radial(&self) -> &dyn Radial {
                match self {
                    $(Self::$kernel(kernel) => kernel,)+
                    Self::Foreign(kernel) => kernel,
                }
            }

            /// The kernel of bandwidth one whose family is written so, in small letters.
            pub(super) fn of_family(label: &str) -> Option<Result<Self, KernelError>> {
                None$(.or_else(|| Some($kernel::read(label)?.map(Self::from))))+
            }

            /// A kernel of bandwidth one of every kind.
            pub(super) fn samples() -> Vec<Self> {
                let mut all = Vec::new();
                $(all.extend($kernel::samples().into_iter().map(Self::from));)+
                all
            }
        }

        /// The names of every family.
        pub(super) const NAMES: &[&[&str]] = &[$($kernel::NAMES),+];
    };
}

kernels! {
    /// A Gaussian kernel.
    Gaussian,
    /// A Matérn kernel.
    Matern,
    /// An inverse multiquadric.
    InverseMultiquadric,
}

impl KernelSpec {
    /// The kernel as a trait object.
    #[must_use]
    pub fn as_kernel(&self) -> &dyn Kernel {
        self.as_radial()
    }

    /// The length that scales distances: `σ` or `ℓ`.
    #[must_use]
    pub fn bandwidth(&self) -> f64 {
        self.as_radial().bandwidth()
    }

    /// The kernel of the same family with another bandwidth.
    ///
    /// # Errors
    /// [`KernelError::Bandwidth`] unless `bandwidth` is finite and positive.
    pub fn with_bandwidth(&self, bandwidth: f64) -> Result<Self, KernelError> {
        self.as_radial().with_bandwidth(bandwidth)
    }
}

impl Kernel for KernelSpec {
    fn profile(&self, squared_distance: f64) -> f64 {
        self.as_kernel().profile(squared_distance)
    }

    fn profile_in_place(&self, squared_distances: &mut [f64]) {
        self.as_kernel().profile_in_place(squared_distances);
    }

    fn admissibility(&self) -> Admissibility {
        self.as_kernel().admissibility()
    }

    fn is_strictly_positive_definite(&self) -> bool {
        self.as_kernel().is_strictly_positive_definite()
    }

    fn try_sample_frequencies(
        &self,
        dimension: usize,
        count: usize,
        seed: u64,
    ) -> Result<DMatrix<f64>, KernelError> {
        self.as_kernel()
            .try_sample_frequencies(dimension, count, seed)
    }

    fn name(&self) -> String {
        self.as_kernel().name()
    }
}

impl fmt::Display for KernelSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl FromStr for KernelSpec {
    type Err = KernelError;

    /// Reads a [`KernelName`] whose bandwidth is a number.
    fn from_str(name: &str) -> Result<Self, KernelError> {
        let parsed: KernelName = name.parse()?;
        match parsed.bandwidth() {
            Bandwidth::Fixed(bandwidth) => parsed.family().with_bandwidth(bandwidth),
            Bandwidth::Median { .. } => Err(KernelError::NeedsPoints { name: name.into() }),
        }
    }
}

impl TryFrom<String> for KernelSpec {
    type Error = KernelError;

    fn try_from(name: String) -> Result<Self, KernelError> {
        name.parse()
    }
}

impl From<KernelSpec> for String {
    fn from(kernel: KernelSpec) -> Self {
        kernel.name()
    }
}

impl From<ForeignKernel> for KernelSpec {
    fn from(kernel: ForeignKernel) -> Self {
        Self::Foreign(kernel)
    }
}

/// One kernel of every kind, for tests.
#[cfg(test)]
pub(crate) fn kernels(bandwidth: f64) -> Vec<KernelSpec> {
    let samples = KernelSpec::samples().into_iter();
    let all = samples.map(|kernel| kernel.with_bandwidth(bandwidth).unwrap());
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_to_the_last_bit() {
        for bandwidth in [
            1.5,
            0.1,
            1.0 / 3.0,
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::from_bits(1),
        ] {
            for kernel in kernels(bandwidth) {
                assert_eq!(kernel.to_string().parse(), Ok(kernel));
                assert_eq!(KernelSpec::try_from(String::from(kernel)), Ok(kernel));
                assert_eq!(kernel.bandwidth().to_bits(), bandwidth.to_bits());
            }
        }
        let names: Vec<String> = kernels(0.7).iter().map(Kernel::name).collect();
        assert_eq!(
            names,
            [
                "gaussian:0.7",
                "matern12:0.7",
                "matern32:0.7",
                "matern52:0.7",
                "matern72:0.7",
                "imq(1/2):0.7",
                "imq(5/2):0.7",
                "imq(2/3):0.7",
                "imq(0.3):0.7"
            ]
        );
    }

    #[test]
    fn another_bandwidth_keeps_the_family() {
        for (kernel, other) in kernels(0.7).into_iter().zip(kernels(3.0)) {
            assert_eq!(kernel.with_bandwidth(3.0), Ok(other));
            let refused = kernel.with_bandwidth(-1.0);
            assert_eq!(refused, Err(KernelError::Bandwidth { bandwidth: -1.0 }));
        }
    }

    #[test]
    fn everything_is_delegated() {
        for kernel in kernels(0.7) {
            let inner: &dyn Kernel = kernel.as_radial();
            assert_eq!(kernel.profile(2.0), inner.profile(2.0));
            assert!(kernel.profile(2.0) > 0.0 && kernel.profile(2.0) < 1.0);
            let mut values = [2.0, 0.0, 700.0];
            kernel.profile_in_place(&mut values);
            assert_eq!(values, [2.0, 0.0, 700.0].map(|r2| inner.profile(r2)));
            assert_eq!(kernel.value(&[1.0], &[3.0]), inner.value(&[1.0], &[3.0]));
            assert_eq!(kernel.admissibility(), inner.admissibility());
            assert!(kernel.is_strictly_positive_definite());
            let drawn = kernel.try_sample_frequencies(2, 3, 5).unwrap();
            assert_eq!(drawn, inner.try_sample_frequencies(2, 3, 5).unwrap());
            assert_eq!(drawn.shape(), (2, 3));
        }
    }

    #[test]
    fn a_bandwidth_from_data_needs_points() {
        assert_eq!(
            "matern52:auto".parse::<KernelSpec>(),
            Err(KernelError::NeedsPoints {
                name: "matern52:auto".into()
            })
        );
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_kernel_is_serialised_as_its_name() {
        let kernel: KernelSpec = "matern52:0.7".parse().unwrap();
        assert_eq!(serde_json::to_string(&kernel).unwrap(), "\"matern52:0.7\"");
        assert_eq!(
            serde_json::from_str::<KernelSpec>("\"matern52:0.7\"").unwrap(),
            kernel
        );
        assert!(serde_json::from_str::<KernelSpec>("\"matern52:-1\"").is_err());
    }
}
