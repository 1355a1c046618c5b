//! Errors of the crate as exceptions of `polyak.errors`.

use polyak::features::FeaturesError;
use polyak::kernel::KernelError;
use polyak::recipe::RecipeError;
use polyak::spectrum::SpectrumError;
use polyak::spectrum::certificate::CertificateError;
use polyak::spectrum::factor::FactorError;
use polyak::transport::TransportError;
use polyak::watch::Stopped;
use pyo3::prelude::*;
use pyo3::types::PyType;
use std::fmt::Display;

/// Which class of `polyak.errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Array,
    Bug,
    Claim,
    Kernel,
    Memory,
    Network,
    Option,
    Recipe,
    Report,
    Thread,
    Transport,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Array => "ArrayError",
            Self::Bug => "PolyakBug",
            Self::Claim => "UnknownClaimError",
            Self::Kernel => "KernelError",
            Self::Memory => "MemoryLimitError",
            Self::Network => "NetworkError",
            Self::Option => "OptionError",
            Self::Recipe => "RecipeError",
            Self::Report => "ReportError",
            Self::Thread => "ThreadError",
            Self::Transport => "TransportError",
        }
    }
}

/// What is said to whoever called: made on any thread, raised on the one that holds the interpreter.
#[derive(Clone, Debug)]
pub struct Refusal {
    class: Class,
    message: String,
}

impl Refusal {
    pub fn new(class: Class, message: impl Display) -> Self {
        let message = message.to_string();
        Self { class, message }
    }

    pub fn raised(self, py: Python<'_>) -> PyErr {
        let class = || {
            let errors = py.import("polyak.errors")?;
            errors
                .getattr(self.class.name())?
                .cast_into::<PyType>()
                .map_err(PyErr::from)
        };
        match class() {
            Ok(class) => PyErr::from_type(class, (self.message,)),
            Err(cause) => cause,
        }
    }
}

impl From<KernelError> for Refusal {
    fn from(cause: KernelError) -> Self {
        let class = match cause {
            KernelError::Memory { .. } => Class::Memory,
            KernelError::TooFewPoints { .. }
            | KernelError::NonFinitePoint { .. }
            | KernelError::CoincidentPoints { .. } => Class::Array,
            _ => Class::Kernel,
        };
        Self::new(class, cause)
    }
}

impl From<SpectrumError> for Refusal {
    fn from(cause: SpectrumError) -> Self {
        match cause {
            SpectrumError::Kernel(cause) => cause.into(),
            SpectrumError::Memory { .. } | SpectrumError::TooLarge { .. } => {
                Self::new(Class::Memory, cause)
            }
            _ => Self::new(Class::Array, cause),
        }
    }
}

impl From<CertificateError> for Refusal {
    fn from(cause: CertificateError) -> Self {
        match cause {
            CertificateError::Kernel(cause) => cause.into(),
            CertificateError::Matrix(cause) => cause.into(),
            CertificateError::Memory { .. } | CertificateError::TooLarge { .. } => {
                Self::new(Class::Memory, cause)
            }
            CertificateError::Contradiction { .. } => Self::new(Class::Bug, cause),
            CertificateError::NotCertifiable { .. } => Self::new(Class::Kernel, cause),
            CertificateError::Width { .. } => Self::new(Class::Option, cause),
            _ => Self::new(Class::Array, cause),
        }
    }
}

impl From<TransportError> for Refusal {
    fn from(cause: TransportError) -> Self {
        let class = class_of(&cause);
        Self::new(class, cause)
    }
}

fn class_of(cause: &TransportError) -> Class {
    match cause {
        TransportError::TooLarge { .. } => Class::Memory,
        TransportError::Contradiction { .. } => Class::Bug,
        TransportError::Layer { cause, .. } => class_of(cause),
        _ => Class::Transport,
    }
}

impl From<FeaturesError> for Refusal {
    fn from(cause: FeaturesError) -> Self {
        match cause {
            FeaturesError::Kernel(cause) => cause.into(),
            FeaturesError::Empty { .. } | FeaturesError::Blocks { .. } => {
                Self::new(Class::Option, cause)
            }
            _ => Self::new(Class::Kernel, cause),
        }
    }
}

/// Nobody hears of it: what stopped the work is raised.
impl From<Stopped> for Refusal {
    fn from(cause: Stopped) -> Self {
        Self::new(Class::Thread, cause)
    }
}

impl From<RecipeError> for Refusal {
    fn from(cause: RecipeError) -> Self {
        let class = match cause {
            RecipeError::Stopped(cause) => return cause.into(),
            RecipeError::Features(cause) => return cause.into(),
            RecipeError::Spectrum(cause) => return cause.into(),
            RecipeError::Conflict { one, other, .. }
            | RecipeError::Duplicate { one, other, .. } => {
                let message = format!(
                    "rows {one} and {other} of `x` are equal: the Gram matrix is singular, and no training is guaranteed; \
                     remove one of them"
                );
                return Self::new(Class::Array, message);
            }
            RecipeError::NothingToLearn => {
                let message = "all entries of `y` are zero: the network that predicts zero fits them, there is nothing to train";
                return Self::new(Class::Array, message);
            }
            RecipeError::Network(_) => Class::Array,
            RecipeError::NotGaussian { .. } => Class::Kernel,
            RecipeError::StepMargin { .. }
            | RecipeError::Headroom { .. }
            | RecipeError::Target { .. }
            | RecipeError::Failure { .. } => Class::Option,
            RecipeError::TooLarge { .. } => Class::Memory,
            _ => Class::Recipe,
        };
        Self::new(class, cause)
    }
}

impl From<FactorError> for Refusal {
    fn from(cause: FactorError) -> Self {
        match cause {
            FactorError::Kernel(cause) => cause.into(),
            FactorError::Matrix(cause) => cause.into(),
            FactorError::Stopped(cause) => cause.into(),
            FactorError::Shift { .. } => Self::new(Class::Option, cause),
            FactorError::Unproved { kernel } => {
                let message = format!(
                    "no rounding of the entries of kernel `{kernel}` is proved at these points: scale them, or take \
                     smallest_eigenvalue"
                );
                Self::new(Class::Kernel, message)
            }
            FactorError::Mixed { .. }
            | FactorError::Damaged
            | FactorError::Contradiction { .. }
            | FactorError::Missing { .. }
            | FactorError::Twice { .. }
            | FactorError::Partial { .. } => Self::new(Class::Report, cause),
            _ => Self::new(Class::Array, cause),
        }
    }
}
