//! What a claim is checked on, whatever it is.

use std::any::Any;
use std::fmt::Debug;

/// Something that a claim can be asked about.
pub trait Object: Any + Debug + Send + Sync + Clone {
    /// Replaces the seed of what checks draw; does nothing, where nothing is drawn.
    fn reseed(&mut self, seed: u64);
}

/// An [`Object`] of any type: what campaigns and data stages pass around.
///
/// # Example
/// ```
/// use polyak::claims::{MeanFieldInstance, ResidualInstance, find};
/// let instance = find("P3.local")?.sharp().remove(0);
/// assert!(instance.get::<ResidualInstance>().is_some());
/// assert!(instance.get::<MeanFieldInstance>().is_none());
/// # Ok::<(), polyak::theorem::UnknownClaim>(())
/// ```
#[derive(Debug)]
pub struct Instance(Box<dyn Erased>);

/// What [`Instance`] needs of an object without its type.
trait Erased: Debug + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn cloned(&self) -> Box<dyn Erased>;
    fn reseed(&mut self, seed: u64);
}

impl<T: Object> Erased for T {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn Erased> {
        Box::new(self.clone())
    }

    fn reseed(&mut self, seed: u64) {
        Object::reseed(self, seed);
    }
}

impl Instance {
    /// Returns the object, if it is of this type.
    #[must_use]
    pub fn get<T: Object>(&self) -> Option<&T> {
        (*self.0).as_any().downcast_ref()
    }

    /// Replaces the seed of what checks draw.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.0.reseed(seed);
        self
    }
}

impl Clone for Instance {
    fn clone(&self) -> Self {
        Self((*self.0).cloned())
    }
}

impl<T: Object> From<T> for Instance {
    fn from(object: T) -> Self {
        Self(Box::new(object))
    }
}
