//! A network seen at one set of weights.

use crate::arithmetic::Ball;
use crate::resnet::{
    NetworkError, Pass, ResNet, ResidualNetwork, Rounding, TangentKernel, tangent_kernel,
};
use crate::spectrum::{SpectrumError, extreme_eigenvalues};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Runs passes of one network, parametric or not, on one data set, reusing its buffers.
#[derive(Clone, Debug)]
pub struct Observer<'a, N: ResidualNetwork = ResNet> {
    network: &'a N,
    inputs: &'a DMatrix<f64>,
    targets: &'a DMatrix<f64>,
    tape: N::Tape,
}

/// Loss and gradient at one set of weights, with the rounding analysis of the pass.
#[derive(Clone, Debug)]
pub struct Observation {
    /// `L(v)`.
    pub loss: Ball,
    /// `‖∇L(v)‖²`.
    pub gradient_norm_squared: Ball,
    /// `‖v_k‖`, one a layer.
    pub layer_norms: Vec<Ball>,
    /// `‖v‖`.
    pub norm: Ball,
    /// Error bounds of everything the tape holds.
    pub rounding: Rounding,
}

/// Extreme eigenvalues of the Gram matrix `𝕂_k` of the features of a layer's states.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GramSpectrum {
    /// `λ_min(𝕂_k)`.
    pub smallest: Ball,
    /// `λ_max(𝕂_k)`.
    pub largest: Ball,
}

impl<'a, N: ResidualNetwork> Observer<'a, N> {
    /// Prepares passes over `inputs` (d × N) with `targets` (d' × N).
    ///
    /// # Errors
    /// Data that are empty, not finite, or do not fit the network.
    pub fn try_new(
        network: &'a N,
        inputs: &'a DMatrix<f64>,
        targets: &'a DMatrix<f64>,
    ) -> Result<Self, NetworkError> {
        network.frame().require_data(inputs, targets)?;
        let tape = network.tape(inputs.ncols());
        Ok(Self {
            network,
            inputs,
            targets,
            tape,
        })
    }

    /// Returns the network.
    pub fn network(&self) -> &'a N {
        self.network
    }

    /// Returns the loss alone, as computed.
    pub fn loss(&mut self, v: &N::Parameter) -> f64 {
        self.network
            .forward(&mut self.tape, v, self.inputs, self.targets)
    }

    /// Runs one forward and backward pass, without its analysis, and returns the loss.
    pub fn differentiate(&mut self, v: &N::Parameter) -> f64 {
        let loss = self.loss(v);
        self.network.backward(&mut self.tape, v);
        loss
    }

    /// Runs one forward and backward pass and returns its rounding analysis.
    pub(super) fn analyse(&mut self, v: &N::Parameter) -> Rounding {
        self.differentiate(v);
        self.network.rounding(v, self.inputs, &self.tape)
    }

    /// Runs one forward and backward pass and its rounding analysis.
    pub fn observe(&mut self, v: &N::Parameter) -> Observation {
        let rounding = self.analyse(v);
        Observation {
            loss: rounding.loss,
            gradient_norm_squared: rounding.gradient_norm_squared,
            layer_norms: self.network.layer_norms(v),
            norm: self.network.norm(v),
            rounding,
        }
    }

    /// Returns the buffers behind the last observation.
    pub fn tape(&self) -> &N::Tape {
        &self.tape
    }

    /// Returns the pass behind the last observation.
    pub fn pass(&self) -> Pass<'_> {
        self.network.pass(&self.tape)
    }

    /// Returns the gradient of the last observation.
    pub fn gradient(&self) -> &N::Parameter {
        self.network.gradient(&self.tape)
    }

    /// Encloses the extreme eigenvalues of every layer's exact Gram matrix at the
    /// weights of the last observation: the enclosure for the computed matrix,
    /// widened by `N` times the error of an entry (K6).
    ///
    /// # Errors
    /// Overflow in the states, or an eigensolver that does not converge.
    ///
    /// # Cost
    /// `D` eigendecompositions of order `N`, on all cores.
    pub fn gram_spectra(
        &self,
        observation: &Observation,
    ) -> Result<Vec<GramSpectrum>, SpectrumError> {
        let samples = self.inputs.ncols() as f64;
        let layers = (0..self.network.frame().depth()).into_par_iter();
        layers
            .map(|k| {
                let extremes = extreme_eigenvalues(&self.network.gram(&self.tape, k))?;
                let entry = self.network.gram_entry_error(&observation.rounding, k);
                // A ball covers the rounding of what it is widened by.
                let weyl = samples * entry;
                Ok(GramSpectrum {
                    smallest: extremes.smallest.non_negative().ball().widened(weyl),
                    largest: extremes.largest.non_negative().ball().widened(weyl),
                })
            })
            .collect()
    }

    /// Forms the tangent kernel at the weights of the last observation. The
    /// adjoint states and the gradient of the tape belong to that kernel
    /// afterwards, no longer to the loss.
    pub fn tangent_kernel(&mut self, v: &N::Parameter, observation: &Observation) -> TangentKernel {
        tangent_kernel(self.network, v, &mut self.tape, &observation.rounding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::UNIT_ROUNDOFF;
    use crate::resnet::oracle::Case;

    fn observe<'a>(case: &'a Case) -> (Observer<'a>, Observation) {
        let mut observer = Observer::try_new(&case.network, &case.inputs, &case.targets).unwrap();
        let observation = observer.observe(&case.weights);
        (observer, observation)
    }

    #[test]
    fn observation_is_that_of_the_pass() {
        let case = Case::new([2, 3, 2, 4, 3, 5], 1);
        let (mut observer, seen) = observe(&case);
        let tape = case.tape();
        assert_eq!(observer.tape().gradient(), tape.gradient());
        assert_eq!(seen.loss.mid(), tape.loss());
        assert!(seen.loss.rad() > 0.0);
        assert_eq!(seen.loss, seen.rounding.loss);
        assert_eq!(
            seen.gradient_norm_squared,
            seen.rounding.gradient_norm_squared
        );
        let norm = tape.gradient().norm_squared().mid();
        assert!(seen.gradient_norm_squared.contains(norm));
        assert_eq!(seen.layer_norms, case.weights.layer_norms());
        assert_eq!(seen.norm, case.weights.norm());
        assert_eq!(observer.loss(&case.weights), tape.loss());
        let zero = case.network.zero_weights();
        assert_ne!(observer.loss(&zero), tape.loss());
        assert_eq!(observer.loss(&zero), observer.tape().loss());
    }

    #[test]
    fn data_that_do_not_fit_are_refused() {
        let case = Case::new([2, 3, 2, 4, 3, 5], 1);
        let fewer = case.inputs.columns(0, 4).into_owned();
        let refused = Observer::try_new(&case.network, &fewer, &case.targets);
        assert!(refused.is_err());
    }

    /// The eigenvalues of the kernel values, found by another library.
    #[test]
    fn gram_spectra_are_those_of_the_kernel_along_the_states() {
        let case = Case::new([2, 3, 1, 6, 3, 5], 2);
        let (observer, seen) = observe(&case);
        let spectra = observer.gram_spectra(&seen).unwrap();
        assert_eq!(spectra.len(), 3);
        for (k, spectrum) in spectra.iter().enumerate() {
            let states = &observer.tape().states()[k];
            let state = |i: usize| states.column(i).into_owned();
            let features = case.network.features();
            let gram = DMatrix::from_fn(5, 5, |i, j| features.value(&state(i), &state(j)));
            let values = gram.symmetric_eigenvalues();
            // Six cosines an entry, and a library good to 100u‖K‖ with ‖K‖ ≤ 5.
            let slack = 5.0 * 100.0 * UNIT_ROUNDOFF;
            let off = |ball: Ball, value: f64| (ball.mid() - value).abs() - ball.rad();
            assert!(off(spectrum.smallest, values.min()) <= slack);
            assert!(off(spectrum.largest, values.max()) <= slack);
            assert!(spectrum.smallest.rad() <= 1e-12 && spectrum.largest.rad() <= 1e-12);
            assert!(spectrum.smallest.lower() > 0.0);
        }
    }

    #[test]
    fn gram_spectra_are_widened_by_weyl() {
        let case = Case::new([2, 3, 1, 6, 3, 5], 2);
        let (observer, mut seen) = observe(&case);
        seen.rounding.features = vec![1e-3, 2e-3, 4e-3];
        let spectra = observer.gram_spectra(&seen).unwrap();
        for (k, spectrum) in spectra.iter().enumerate() {
            let weyl = 5.0 * seen.rounding.gram_entry(&case.network, k);
            for ball in [spectrum.smallest, spectrum.largest] {
                assert!(ball.rad() >= weyl && ball.rad() <= weyl + 1e-12);
            }
        }
    }

    #[test]
    fn equal_inputs_have_no_positive_bound() {
        let mut case = Case::new([2, 3, 1, 6, 2, 4], 3);
        let copy = case.inputs.column(0).into_owned();
        case.inputs.set_column(3, &copy);
        let (observer, seen) = observe(&case);
        for spectrum in observer.gram_spectra(&seen).unwrap() {
            assert!(spectrum.smallest.contains(0.0) && spectrum.smallest.lower() <= 0.0);
            assert!(spectrum.largest.lower() > 1.0);
        }
    }

    #[test]
    fn tangent_kernel_is_that_of_the_network() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 4);
        let (mut observer, seen) = observe(&case);
        let kernel = observer.tangent_kernel(&case.weights, &seen);
        let mut tape = case.tape();
        let again = tangent_kernel(&case.network, &case.weights, &mut tape, &seen.rounding);
        assert_eq!(kernel.matrix, again.matrix);
        assert_eq!(kernel.entry_error, again.entry_error);
    }

    #[test]
    fn what_overflows_is_known_not_at_all() {
        let mut heavy = Case::new([2, 3, 1, 4, 3, 2], 5);
        heavy.weights = heavy.weights.scaled(1e308);
        let (_, seen) = observe(&heavy);
        assert!(!seen.loss.is_bounded() && !seen.gradient_norm_squared.is_bounded());
        let mut far = Case::new([2, 3, 1, 4, 3, 2], 5);
        far.inputs.fill(1.7e308);
        let (observer, seen) = observe(&far);
        assert!(!seen.loss.is_bounded());
        assert!(observer.gram_spectra(&seen).is_err());
    }
}
