//! W1 to W4.

use crate::theorem;

theorem!(
    "W1.fluctuation",
    w1_fluctuation_holds,
    w1_fluctuation_control
);
theorem!("W2.coupling", w2_coupling_holds, w2_coupling_control);
theorem!(
    "W3.rff-to-rkhs",
    w3_rff_to_rkhs_holds,
    w3_rff_to_rkhs_control
);
theorem!("W4.scaling", w4_scaling_holds, w4_scaling_control);
