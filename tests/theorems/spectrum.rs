//! E1 to E4.

use crate::theorem;

theorem!(
    "E1.certificate",
    e1_certificate_holds,
    e1_certificate_control
);
theorem!("E2.agreement", e2_agreement_holds, e2_agreement_control);
theorem!("E3.reference", e3_reference_holds, e3_reference_control);
theorem!("E4.invariance", e4_invariance_holds, e4_invariance_control);
