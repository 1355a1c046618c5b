//! Which random instances the claims of this crate are checked on.

use super::{FunctionalInstance, MeanFieldInstance, PointsInstance, ResidualInstance};
#[cfg(feature = "strategies")]
use crate::data::strategies;
use crate::theorem::Draws;
#[cfg(feature = "strategies")]
use proptest::strategy::Strategy;

/// What is drawn, in words, and by which strategy.
macro_rules! drawn {
    ($words:literal, $strategy:ident) => {{
        #[cfg(feature = "strategies")]
        {
            Draws::new($words, || strategies::$strategy().boxed())
        }
        #[cfg(not(feature = "strategies"))]
        {
            Draws::new($words)
        }
    }};
}

/// Where every case draws thousands of times.
const THOUSANDS: u32 = 8;

/// Where every case draws thousands of networks.
const NETWORKS: u32 = 32;

/// Any network of Paper A, data and weights.
pub const GENERAL: Draws<ResidualInstance> =
    drawn!("random: any network, data and weights", general);

/// The same with data near the predictions of the reference, so that P8's condition can hold.
pub const NEAR_MINIMUM: Draws<ResidualInstance> = drawn!(
    "random: data near the predictions of the reference, so that the condition on the initial loss can hold",
    near_minimum
);

/// Any network of kernel expansions.
pub const FUNCTIONAL: Draws<FunctionalInstance> = drawn!(
    "random: any network of kernel expansions, data and fields",
    functional
);

/// The same near a minimum.
pub const FUNCTIONAL_NEAR_MINIMUM: Draws<FunctionalInstance> = drawn!(
    "random: networks of kernel expansions, data near the predictions of the reference",
    functional_near_minimum
);

/// Points and a kernel, in any dimension and at any scale.
pub const POINT_SETS: Draws<PointsInstance> = drawn!(
    "random: points in up to twenty dimensions, bandwidths over twelve decades",
    point_sets
);

/// A few points and a kernel no wider than their separation, for Monte Carlo.
pub const RANDOM_FEATURES: Draws<PointsInstance> = drawn!(
    "random: two to five points in up to three dimensions, and a kernel no wider than their separation",
    random_features
)
.one_of(THOUSANDS);

/// The same, of a Gaussian kernel.
pub const GAUSSIAN_POINTS: Draws<PointsInstance> = drawn!(
    "random: two to five points in up to three dimensions, and a Gaussian kernel no wider than their separation",
    gaussian_points
)
.one_of(THOUSANDS);

/// Networks that do nothing at [`POINT_SETS`].
pub const STILL: Draws<ResidualInstance> = drawn!(
    "random: points in up to twenty dimensions, bandwidths over twelve decades",
    still
);

/// Networks that do nothing at [`GAUSSIAN_POINTS`], and targets.
pub const GAUSSIAN_FEATURES: Draws<ResidualInstance> = drawn!(
    "random: two to five points in up to three dimensions, and a Gaussian kernel no wider than their separation",
    gaussian_features
)
.one_of(THOUSANDS);

/// The same, with the sizes of a network to lift.
pub const LAZY: Draws<ResidualInstance> = drawn!(
    "random: two to five points in up to three dimensions, a Gaussian kernel no wider than their separation, four to twenty-four frequencies and two to five layers",
    lazy
);

/// Any two mean-field networks of one depth.
pub const MEAN_FIELD: Draws<MeanFieldInstance> = drawn!(
    "random: two mean-field networks of one depth, and data",
    mean_field
);

/// A mean-field network that does nothing, and data near its outputs, so that C10's condition can hold.
pub const ZERO_RESIDUAL: Draws<MeanFieldInstance> = drawn!(
    "random: mean-field networks that do nothing, and data near their outputs, so that the condition on the initial risk can hold",
    zero_residual
);

/// One-dimensional data, for Monte Carlo over initialisations of mean-field networks.
pub const WIDTHS: Draws<MeanFieldInstance> = drawn!(
    "random: data on the line, and initialisations of mean-field networks drawn by the thousand",
    widths
)
.one_of(NETWORKS);

/// A few lifted points, a Gaussian kernel and small errors, for Monte Carlo over trained networks of random features.
pub const SPECTRAL_WIDTHS: Draws<ResidualInstance> = drawn!(
    "random: two or three lifted points, a Gaussian kernel no wider than their separation and small errors, and trained networks of random features drawn by the thousand",
    spectral_widths
)
.one_of(NETWORKS);
