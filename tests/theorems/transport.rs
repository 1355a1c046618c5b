//! C1, C2 and C4.

use crate::theorem;

theorem!("C1.metric", c1_metric_holds, c1_metric_control);
theorem!(
    "C2.comparisons",
    c2_comparisons_holds,
    c2_comparisons_control
);
theorem!("C4.geodesic", c4_geodesic_holds, c4_geodesic_control);
