//! Which claims there are, and how one is found.

use super::Claim;
use std::sync::Arc;

/// No claim has this name.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "no claim is called '{name}': give an id, the start of one up to a dot, or a family ({known})"
)]
pub struct UnknownClaim {
    /// What was asked for.
    pub name: String,
    /// Every id and family.
    pub known: String,
}

/// Two claims have one id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is a claim called '{id}' already: give the new one another id")]
pub struct Repeated {
    /// The id.
    pub id: &'static str,
}

/// Claims in an order, none twice: a value that is extended, selected from, and handed to the command.
///
/// # Example
/// The claims of this crate, and no other:
/// ```
/// use polyak::theorem::Registry;
/// let registry = Registry::new().with_all(polyak::claims::registry())?;
/// assert_eq!(registry.len(), polyak::claims::registry().len());
/// assert_eq!(registry.find("p3.LOCAL")?.id(), "P3.local");
/// assert!(registry.find("P99.other").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Registry {
    claims: Vec<Arc<dyn Claim>>,
}

impl Registry {
    /// No claim.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a claim behind the others.
    ///
    /// # Errors
    /// An id, whatever the case of its letters, that there is already.
    pub fn with(self, claim: impl Claim + 'static) -> Result<Self, Repeated> {
        self.with_shared(Arc::new(claim))
    }

    /// Adds those of another registry behind the others.
    ///
    /// # Errors
    /// An id, whatever the case of its letters, that there is already.
    pub fn with_all(self, other: &Self) -> Result<Self, Repeated> {
        let mut claims = other.claims.iter();
        claims.try_fold(self, |all, claim| all.with_shared(Arc::clone(claim)))
    }

    pub(crate) fn with_shared(mut self, claim: Arc<dyn Claim>) -> Result<Self, Repeated> {
        let id = claim.id();
        if self.find(id).is_ok() {
            return Err(Repeated { id });
        }
        self.claims.push(claim);
        Ok(self)
    }

    /// Returns the number of claims.
    #[must_use]
    pub fn len(&self) -> usize {
        self.claims.len()
    }

    /// Tells whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// Returns the claims in their order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &dyn Claim> + Clone {
        self.claims.iter().map(|claim| &**claim)
    }

    /// Returns the claim with this id, whatever the case of its letters.
    ///
    /// # Errors
    /// No claim has this id.
    pub fn find(&self, id: &str) -> Result<&dyn Claim, UnknownClaim> {
        let mut claims = self.iter();
        let found = claims.find(|claim| claim.id().eq_ignore_ascii_case(id));
        found.ok_or_else(|| self.unknown(id))
    }

    /// Returns the claims of the named families, ids (`P3.local`) or numbers (`P3`), in order; all, if none is named.
    ///
    /// # Errors
    /// A name that selects nothing.
    pub fn select(&self, names: &[String]) -> Result<Vec<&dyn Claim>, UnknownClaim> {
        let matches = |claim: &dyn Claim, name: &str| {
            [claim.family(), claim.id(), claim.about().number()]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        };
        for name in names {
            if !self.iter().any(|claim| matches(claim, name)) {
                return Err(self.unknown(name));
            }
        }
        let wanted =
            |claim: &&dyn Claim| names.is_empty() || names.iter().any(|name| matches(*claim, name));
        Ok(self.iter().filter(wanted).collect())
    }

    fn unknown(&self, name: &str) -> UnknownClaim {
        let mut known: Vec<&str> = Vec::new();
        for claim in self.iter() {
            if !known.contains(&claim.family()) {
                known.push(claim.family());
            }
            known.push(claim.id());
        }
        UnknownClaim {
            name: name.to_owned(),
            known: known.join(", "),
        }
    }
}

impl<'r> IntoIterator for &'r Registry {
    type Item = &'r dyn Claim;
    type IntoIter = std::vec::IntoIter<&'r dyn Claim>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Vec<_>>().into_iter()
    }
}
