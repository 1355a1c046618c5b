//! What is said of several checkpoints together.

use super::{CheckError, CheckedNetwork, Diagnosis};
use crate::arithmetic::Ball;

/// The way to a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leg {
    /// The distance from the checkpoint before; 0 of the first.
    pub step: Ball,
    /// The sum of these: training has come at least as far.
    pub path: Ball,
    /// The distance from the first checkpoint.
    pub displacement: Ball,
}

/// Checkpoints of one training, in the order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// One a checkpoint.
    pub legs: Vec<Leg>,
    /// The first checkpoint, from 0, from which on all are guaranteed to reach zero loss.
    pub guaranteed_from: Option<usize>,
    /// The largest distance of a later checkpoint from that one.
    pub later: Option<Ball>,
}

impl Course {
    /// Puts checkpoints and their diagnoses together.
    ///
    /// # Errors
    /// [`CheckError::Moved`], with the place of the checkpoint from 0, where a fixed array is another than before.
    ///
    /// # Panics
    /// Unless there is a diagnosis for every network.
    pub fn of(
        networks: &[&CheckedNetwork],
        diagnoses: &[Diagnosis],
    ) -> Result<Self, (usize, CheckError)> {
        assert_eq!(
            networks.len(),
            diagnoses.len(),
            "a diagnosis for every network"
        );
        let (mut legs, mut path) = (Vec::with_capacity(networks.len()), Ball::from(0.0));
        for (k, network) in networks.iter().enumerate() {
            if let Some(array) = network.moved(networks[0]) {
                return Err((k, CheckError::Moved { array }));
            }
            let zero = Ball::from(0.0);
            let step = if k == 0 {
                zero
            } else {
                network.distance(networks[k - 1])
            };
            path = path + step;
            legs.push(Leg {
                step,
                path,
                displacement: if k == 0 {
                    zero
                } else {
                    network.distance(networks[0])
                },
            });
        }
        let open = diagnoses
            .iter()
            .rposition(|diagnosis| !diagnosis.is_guaranteed());
        let from = open.map_or(0, |open| open + 1);
        let guaranteed_from = (from < networks.len()).then_some(from);
        let later = guaranteed_from.and_then(|from| {
            let later = networks[from + 1..].iter();
            later
                .map(|network| network.distance(networks[from]))
                .reduce(Ball::max)
        });
        Ok(Self {
            legs,
            guaranteed_from,
            later,
        })
    }
}
