//! Regimes in which a careless check would go wrong.

/// Regimes of Paper A's network in which a careless check would go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hostile {
    /// Two inputs 1e-8 apart.
    NearDuplicates,
    /// Weights whose stretch `κ̂1‖v‖` is 1e3.
    HugeWeights,
    /// One sample.
    OneSample,
    /// One layer.
    OneLayer,
    /// State, input and output of dimension one.
    OneDimension,
    /// Targets equal to the predictions at the weights: the loss is zero.
    ZeroLoss,
    /// Inputs offset by 1e6.
    FarFromOrigin,
}

impl Hostile {
    /// All regimes.
    pub const ALL: [Self; 7] = [
        Self::NearDuplicates,
        Self::HugeWeights,
        Self::OneSample,
        Self::OneLayer,
        Self::OneDimension,
        Self::ZeroLoss,
        Self::FarFromOrigin,
    ];
}

/// Regimes of Paper B's network in which a careless check would go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostileMeasure {
    /// All particles of a layer at one point.
    Coincident,
    /// One particle a layer.
    OneParticle,
    /// Particles of a layer on a line through the origin.
    Collinear,
    /// `u` and `w` of size 1e3.
    HugeWeights,
    /// Two equal inputs.
    DuplicatedInputs,
    /// ReLU, outside the theorems.
    Relu,
}

impl HostileMeasure {
    /// All regimes.
    pub const ALL: [Self; 6] = [
        Self::Coincident,
        Self::OneParticle,
        Self::Collinear,
        Self::HugeWeights,
        Self::DuplicatedInputs,
        Self::Relu,
    ];
}
