//! P8b.

use crate::theorem;

theorem!("P8b.spectral", p8b_spectral_holds, p8b_spectral_control);
