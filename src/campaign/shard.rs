//! Parts of a campaign.

use std::fmt;
use std::str::FromStr;

/// One of several parts of a campaign, which can run on different machines: the random cases that are
/// congruent to it. The first part runs the pinned and the data stage as well, every part the controls.
///
/// # Example
/// ```
/// use polyak::campaign::Shard;
/// let shard: Shard = "3/16".parse()?;
/// assert!(shard.holds(2) && shard.holds(18) && !shard.holds(3));
/// assert_eq!(shard.to_string(), "3/16");
/// # Ok::<(), polyak::campaign::UnknownShard>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Shard {
    index: u32,
    count: u32,
}

/// Not a part of a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no part of a run: write 3/16 for the third of sixteen")]
pub struct UnknownShard {
    /// What was asked for.
    pub text: String,
}

impl Shard {
    /// The only part.
    pub const WHOLE: Self = Self { index: 1, count: 1 };

    /// Returns the number of the part, from one.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// Returns the number of parts.
    #[must_use]
    pub fn count(self) -> u32 {
        self.count
    }

    /// Tells whether this part runs the stages that are not split.
    #[must_use]
    pub fn is_first(self) -> bool {
        self.index == 1
    }

    /// Tells whether a random case, counted from 0, belongs to this part.
    #[must_use]
    pub fn holds(self, case: usize) -> bool {
        case % self.count as usize == self.index as usize - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = UnknownShard;

    fn from_str(text: &str) -> Result<Self, UnknownShard> {
        let parts = text.split_once('/').and_then(|(index, count)| {
            let (index, count) = (index.parse::<u32>().ok()?, count.parse::<u32>().ok()?);
            (1 <= index && index <= count).then_some(Self { index, count })
        });
        parts.ok_or_else(|| UnknownShard { text: text.into() })
    }
}

impl TryFrom<String> for Shard {
    type Error = UnknownShard;

    fn try_from(text: String) -> Result<Self, UnknownShard> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_belongs_to_one_part() {
        let shard = |index| Shard { index, count: 5 };
        for case in 0..23 {
            let holding: Vec<u32> = (1..=5).filter(|&i| shard(i).holds(case)).collect();
            assert_eq!(holding, [case as u32 % 5 + 1]);
        }
        assert!((0..9).all(|case| Shard::WHOLE.holds(case)));
        assert!(Shard::WHOLE.is_first() && shard(1).is_first() && !shard(2).is_first());
        assert_eq!((shard(4).index(), shard(4).count()), (4, 5));
    }

    #[test]
    fn parts_are_read_back_and_nothing_else_is() {
        for text in ["1/1", "3/16", "16/16"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
            assert_eq!(
                Shard::try_from(text.to_owned()).map(String::from).unwrap(),
                text
            );
        }
        for text in ["", "3", "0/4", "5/4", "1/0", "a/4", "1/b", "-1/4", "1/2/3"] {
            let error = text.parse::<Shard>().unwrap_err();
            assert_eq!(error.text, text);
            assert!(error.to_string().contains("3/16"));
        }
    }
}
