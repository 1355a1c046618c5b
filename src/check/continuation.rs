//! A training that goes on from a checkpoint, held to what is promised there.

use super::diagnosis::examine;
use super::grounds::Grounds;
use super::{CheckError, Diagnosis, DiagnosisOptions, LinearNetwork, Outlook, Way};
use crate::flow::{Guarantee, HeldDescent, HeldTask, Observer, TrainingEnd, TrainingProgress};
use nalgebra::DMatrix;
use std::ops::ControlFlow;

/// Why a training does not go on from a checkpoint.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ContinuationError {
    /// The network has no diagnosis on these data.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// Nothing is promised of gradient descent from there: the diagnosis says which hypothesis fails, and by what factor.
    #[error("no theorem promises that gradient descent from this checkpoint reaches zero loss")]
    Open(Box<Diagnosis>),
}

/// Gradient descent from a checkpoint, with the step of the best promise that is made there, held to it at every iterate.
///
/// Of what [`diagnose`](super::diagnose) promises of gradient descent it takes what reaches the target in the fewest steps:
/// P8 by either basis, or P8b.filtered and P8 after it, where every step may be off by what rounding does.
///
/// # Example
/// One layer on the line whose predictions are almost right:
/// ```
/// use polyak::check::{Continuation, DiagnosisOptions, LinearNetwork};
/// use polyak::{features::FourierFeatures, flow::TrainingEnd, resnet::ResNet};
/// use nalgebra::{DMatrix, dmatrix};
/// let features = FourierFeatures::try_new(dmatrix![1.0, 2.0, 3.0])?;
/// let network = ResNet::try_new(dmatrix![1.0], dmatrix![1.0], features, 1)?;
/// let scaling: polyak::check::Scaling = "1/(D*sqrt(m))".parse()?;
/// let network = LinearNetwork::try_new(network, vec![DMatrix::zeros(1, 6)], &scaling)?;
/// let (inputs, targets) = (dmatrix![0.0, 2.0], dmatrix![1e-4, 2.0]);
/// let options = DiagnosisOptions::default();
/// let mut training = Continuation::try_new(network, &inputs, &targets, &options, 1e-3, |_| ())?;
/// let end = training.run(u64::MAX, |now| {
///     assert!(now.loss.lower() <= now.bound);
///     std::ops::ControlFlow::Continue(())
/// })?;
/// assert_eq!(end, TrainingEnd::TargetReached);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Continuation {
    network: LinearNetwork,
    inputs: DMatrix<f64>,
    targets: DMatrix<f64>,
    diagnosis: Diagnosis,
    outlook: Outlook,
    promised: Option<u64>,
    target: f64,
    guarantee: Guarantee,
    state: HeldDescent,
}

/// The promises of gradient descent at a checkpoint: each with its guarantee.
fn promises(grounds: &Grounds, diagnosis: &Diagnosis) -> Vec<(Outlook, Guarantee)> {
    let rounding = grounds.allowed_rounding();
    // The start is the reference itself.
    let (points, followed) = grounds.followed(0.0, rounding);
    let direct = diagnosis.outlooks.iter().copied();
    let direct = direct.filter(|outlook| outlook.way == Way::Descent);
    let all = direct.chain(followed);
    let with = |outlook: Outlook| {
        let found = grounds.guarantee(&outlook, &points, rounding, diagnosis.loss)?;
        Some((outlook, found))
    };
    all.filter_map(with).collect()
}

impl Continuation {
    /// Finds what is promised, and stands at the checkpoint.
    ///
    /// # Arguments
    /// * `inputs`: d × N; `targets`: d' × N; `target`: the share of the loss that is to be reached; `say`: hears what is done
    ///   next.
    ///
    /// # Errors
    /// [`ContinuationError::Open`] where nothing is promised of gradient descent; those of [`diagnose`](super::diagnose).
    ///
    /// # Cost
    /// That of [`diagnose`](super::diagnose).
    ///
    /// # Panics
    /// Unless `target` is between 0 and 1.
    pub fn try_new(
        network: LinearNetwork,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
        options: &DiagnosisOptions,
        target: f64,
        say: impl Fn(&'static str),
    ) -> Result<Self, ContinuationError> {
        assert!(
            target > 0.0 && target < 1.0,
            "a share of the loss: {target}"
        );
        let (diagnosis, grounds) = examine(&network, inputs, targets, options, say)?;
        // Below a share of what the loss is at least.
        let allowed = target * grounds.loss.lower();
        let steps = |outlook: &Outlook| outlook.prospect.steps_to(allowed);
        let best = promises(&grounds, &diagnosis)
            .into_iter()
            .min_by_key(|(outlook, _)| steps(outlook).unwrap_or(u64::MAX));
        let Some((outlook, guarantee)) = best else {
            return Err(ContinuationError::Open(Box::new(diagnosis)));
        };
        Ok(Self {
            promised: steps(&outlook),
            state: HeldDescent::new(network.weights.clone()),
            inputs: inputs.clone(),
            targets: targets.clone(),
            network,
            diagnosis,
            outlook,
            target,
            guarantee,
        })
    }

    /// Trains until the target is reached, the promise is broken or used up, `iterations` steps are taken in all, or
    /// `progress` breaks. Called again it goes on from there, unless the promise is broken or used up.
    ///
    /// # Errors
    /// Data that a network refuses.
    ///
    /// # Cost
    /// One forward and backward pass a step.
    pub fn run(
        &mut self,
        iterations: u64,
        progress: impl FnMut(&TrainingProgress) -> ControlFlow<()>,
    ) -> Result<TrainingEnd, CheckError> {
        let direct = self.guarantee.points.is_empty();
        let threshold = self.guarantee.convergence.loss_threshold().upper();
        let task = HeldTask {
            guarantee: &self.guarantee,
            reference: Some(&self.network.weights),
            initial: None,
            threshold: direct.then_some(threshold),
            target: self.target,
        };
        let network = &*self.network.network;
        let mut observer = Observer::try_new(network, &self.inputs, &self.targets)?;
        Ok(self.state.run(&mut observer, &task, iterations, progress))
    }

    /// The checkpoint that the training started from.
    #[must_use]
    pub fn start(&self) -> &LinearNetwork {
        &self.network
    }

    /// What is said of that checkpoint.
    #[must_use]
    pub fn diagnosis(&self) -> &Diagnosis {
        &self.diagnosis
    }

    /// What the training is held to: as the diagnosis says it, but with the rounding of every step counted where P8b is
    /// followed.
    #[must_use]
    pub fn outlook(&self) -> &Outlook {
        &self.outlook
    }

    /// The same, in numbers.
    #[must_use]
    pub fn guarantee(&self) -> &Guarantee {
        &self.guarantee
    }

    /// The share of the loss that is to be reached.
    #[must_use]
    pub fn target(&self) -> f64 {
        self.target
    }

    /// After so many steps it is, at the latest; none, where the count is beyond 2⁵³.
    #[must_use]
    pub fn promised(&self) -> Option<u64> {
        self.promised
    }

    /// The rate that is guaranteed on average until the target is reached: `ln(1/ε)/n`; none, where `n` is not known.
    #[must_use]
    pub fn guaranteed_rate(&self) -> Option<f64> {
        self.promised
            .map(|steps| -self.target.ln() / steps.max(1) as f64)
    }

    /// The descent so far, and where it stands with the promise.
    #[must_use]
    pub fn descent(&self) -> &HeldDescent {
        &self.state
    }

    /// The layers reached, in the scaling of the file that the checkpoint came from.
    #[must_use]
    pub fn own_layers(&self) -> Vec<DMatrix<f64>> {
        self.network.own_layers(self.state.weights())
    }
}

#[cfg(test)]
mod tests;
