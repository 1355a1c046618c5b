//! P8b.

use crate::theorem;

theorem!(
    "P8b.spectral-envelope",
    p8b_spectral_envelope_holds,
    p8b_spectral_envelope_control
);
