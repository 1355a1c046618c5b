//! Errors of the crate as exceptions of `polyak.errors`.

use polyak::features::FeaturesError;
use polyak::kernel::KernelError;
use polyak::spectrum::SpectrumError;
use polyak::spectrum::certificate::CertificateError;
use polyak::transport::TransportError;
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
    Option,
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
            Self::Option => "OptionError",
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
