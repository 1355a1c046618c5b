//! P8b, P11.

use crate::theorem;

theorem!("P8b.spectral", p8b_spectral_holds, p8b_spectral_control);
theorem!("P8b.jacobian", p8b_jacobian_holds, p8b_jacobian_control);
theorem!(
    "P8b.integrated",
    p8b_integrated_holds,
    p8b_integrated_control
);
theorem!("P8b.resumed", p8b_resumed_holds, p8b_resumed_control);
theorem!("P11.lazy", p11_lazy_holds, p11_lazy_control);
