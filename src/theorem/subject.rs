//! Objects that can be written down: what is drawn, shrunk, and pasted into a test.

use super::{Instance, Object};
use std::any::Any;
use std::fmt::Debug;

/// Why a specification is no object, in words.
pub type BuildError = Box<dyn std::error::Error + Send + Sync>;

/// What can be written as JSON and read back, to the last bit. Without the feature `serde` everything can.
#[cfg(feature = "serde")]
pub trait Written: serde::Serialize + serde::de::DeserializeOwned {}

#[cfg(feature = "serde")]
impl<T: serde::Serialize + serde::de::DeserializeOwned> Written for T {}

/// What can be written as JSON and read back, to the last bit. Without the feature `serde` everything can.
#[cfg(not(feature = "serde"))]
pub trait Written {}

#[cfg(not(feature = "serde"))]
impl<T> Written for T {}

/// What a theorem is about: an object that is built from plain numbers.
pub trait Subject: Object {
    /// The plain numbers: what a strategy draws and shrinks, and a counterexample prints.
    type Spec: Clone + Debug + PartialEq + Send + Sync + Written + 'static;

    /// What a claim about it says of anything else: the hypothesis that fails, `network: layers are particles`.
    const HYPOTHESIS: &'static str;

    /// Builds the object.
    ///
    /// # Errors
    /// Numbers that describe none, in words that say which.
    fn build(spec: &Self::Spec) -> Result<Self, BuildError>;

    /// Returns those of some hypotheses of a claim that fail for this object, whatever the check; none, where only
    /// checks can tell.
    fn failing(&self, hypotheses: &[&'static str]) -> Vec<&'static str> {
        let _ = hypotheses;
        Vec::new()
    }
}

/// A specification of any [`Subject`].
#[derive(Debug)]
pub struct Spec(Box<dyn Erased>);

/// What [`Spec`] needs of a specification without its type.
trait Erased: Debug + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn cloned(&self) -> Box<dyn Erased>;
    fn equals(&self, other: &dyn Any) -> bool;
    fn build(&self) -> Result<Instance, BuildError>;
    #[cfg(feature = "serde")]
    fn to_json(&self) -> Result<String, serde_json::Error>;
}

struct Of<S: Subject>(S::Spec);

impl<S: Subject> Debug for Of<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<S: Subject> Erased for Of<S> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn Erased> {
        Box::new(Self(self.0.clone()))
    }

    fn equals(&self, other: &dyn Any) -> bool {
        other
            .downcast_ref()
            .is_some_and(|other: &Self| self.0 == other.0)
    }

    fn build(&self) -> Result<Instance, BuildError> {
        S::build(&self.0).map(Instance::from)
    }

    #[cfg(feature = "serde")]
    fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&self.0)
    }
}

impl Spec {
    /// The specification of such a subject.
    pub fn of<S: Subject>(spec: S::Spec) -> Self {
        Self(Box::new(Of::<S>(spec)))
    }

    /// Returns the numbers, if they are those of such a subject.
    #[must_use]
    pub fn get<S: Subject>(&self) -> Option<&S::Spec> {
        let of: Option<&Of<S>> = (*self.0).as_any().downcast_ref();
        of.map(|Of(spec)| spec)
    }

    /// Builds what it describes.
    ///
    /// # Errors
    /// Those of [`Subject::build`].
    pub fn build(&self) -> Result<Instance, BuildError> {
        self.0.build()
    }

    /// Writes the numbers as JSON.
    ///
    /// # Errors
    /// Numbers that JSON does not have.
    #[cfg(feature = "serde")]
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        self.0.to_json()
    }
}

impl Clone for Spec {
    fn clone(&self) -> Self {
        Self((*self.0).cloned())
    }
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        self.0.equals((*other.0).as_any())
    }
}
