//! P8b, P11.

use crate::theorem;

theorem!("P8b.spectral", p8b_spectral_holds, p8b_spectral_control);
theorem!("P11.lazy", p11_lazy_holds, p11_lazy_control);
