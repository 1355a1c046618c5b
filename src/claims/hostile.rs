//! The hostile regimes of the objects of this crate.

use super::{FunctionalInstance, MeanFieldInstance, PointsInstance, ResidualInstance};
#[cfg(feature = "strategies")]
use crate::data::strategies::{hostile, hostile_measure};
use crate::data::{Hostile, HostileMeasure, ResidualSpec};
use crate::theorem::Hardened;
#[cfg(feature = "strategies")]
use crate::{data::MeanFieldSpec, theorem::Subject};
#[cfg(feature = "strategies")]
use proptest::strategy::{BoxedStrategy, Strategy};

impl Hardened for PointsInstance {
    type Regime = Hostile;

    /// The lifted inputs of a network of the regime.
    #[cfg(feature = "strategies")]
    fn hostile(regime: Hostile) -> BoxedStrategy<<Self as Subject>::Spec> {
        let lifted = |spec: ResidualSpec| super::instance::lifted(&spec);
        hostile(regime).prop_map(lifted).boxed()
    }
}

impl Hardened for ResidualInstance {
    type Regime = Hostile;

    #[cfg(feature = "strategies")]
    fn hostile(regime: Hostile) -> BoxedStrategy<<Self as Subject>::Spec> {
        hostile(regime)
    }
}

impl Hardened for FunctionalInstance {
    type Regime = Hostile;

    #[cfg(feature = "strategies")]
    fn hostile(regime: Hostile) -> BoxedStrategy<<Self as Subject>::Spec> {
        hostile(regime)
    }
}

impl Hardened for MeanFieldInstance {
    type Regime = HostileMeasure;

    #[cfg(feature = "strategies")]
    fn hostile(regime: HostileMeasure) -> BoxedStrategy<MeanFieldSpec> {
        hostile_measure(regime)
    }
}

/// Data near the predictions of the reference, so that P8's condition can hold; where the regime does not place them itself.
pub(super) fn below_the_threshold(spec: &mut ResidualSpec) {
    spec.loss_share.get_or_insert(0.5);
}

/// All regimes but some.
pub(super) fn all_but(left_out: &[Hostile]) -> Vec<Hostile> {
    let wanted = |regime: &Hostile| !left_out.contains(regime);
    Hostile::ALL.into_iter().filter(wanted).collect()
}

/// All regimes of measures but some.
pub(super) fn all_measures_but(left_out: &[HostileMeasure]) -> Vec<HostileMeasure> {
    let wanted = |regime: &HostileMeasure| !left_out.contains(regime);
    HostileMeasure::ALL.into_iter().filter(wanted).collect()
}
