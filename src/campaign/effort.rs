//! How hard to try.

use std::fmt;
use std::str::FromStr;

/// How many random instances each claim is checked on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Effort {
    /// 64.
    Quick,
    /// 256.
    #[default]
    Standard,
    /// 4096.
    Thorough,
}

/// No effort has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no effort is called '{name}': use quick, standard or thorough")]
pub struct UnknownEffort {
    /// What was asked for.
    pub name: String,
}

impl Effort {
    /// Every effort, least first.
    pub const ALL: [Self; 3] = [Self::Quick, Self::Standard, Self::Thorough];

    /// Returns the number of random instances a claim.
    #[must_use]
    pub fn cases(self) -> u32 {
        match self {
            Self::Quick => 64,
            Self::Standard => 256,
            Self::Thorough => 4096,
        }
    }
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Thorough => "thorough",
        })
    }
}

impl FromStr for Effort {
    type Err = UnknownEffort;

    fn from_str(name: &str) -> Result<Self, UnknownEffort> {
        let known = Self::ALL.into_iter().find(|e| e.to_string() == name);
        known.ok_or_else(|| UnknownEffort { name: name.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for effort in Effort::ALL {
            assert_eq!(effort.to_string().parse(), Ok(effort));
        }
        assert_eq!(Effort::default(), Effort::Standard);
        let error = "hard".parse::<Effort>().unwrap_err();
        assert_eq!(error.name, "hard");
    }

    #[test]
    fn more_effort_is_more_cases() {
        assert_eq!(Effort::ALL.map(Effort::cases), [64, 256, 4096]);
    }
}
