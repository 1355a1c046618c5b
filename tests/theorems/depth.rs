//! D1, D2, D3.

use crate::theorem;

theorem!(
    "D1.euler-error",
    d1_euler_error_holds,
    d1_euler_error_control
);

theorem!("D2.order", d2_order_holds, d2_order_control);

theorem!("D3.training", d3_training_holds, d3_training_control);
