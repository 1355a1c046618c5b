//! Random features, with probability.

use crate::theorem;

theorem!("R1.unbiased", r1_unbiased_holds, r1_unbiased_control);
theorem!("R2.hoeffding", r2_hoeffding_holds, r2_hoeffding_control);
theorem!("R3.union", r3_union_holds, r3_union_control);
theorem!("R4.chernoff", r4_chernoff_holds, r4_chernoff_control);
theorem!("R4b.variance", r4b_variance_holds, r4b_variance_control);
theorem!("R5.uniform", r5_uniform_holds, r5_uniform_control);
theorem!("R6.width", r6_width_holds, r6_width_control);
theorem!("R7.rate", r7_rate_holds, r7_rate_control);
theorem!("R8.covariance", r8_covariance_holds, r8_covariance_control);
theorem!("R8b.curvature", r8b_curvature_holds, r8b_curvature_control);
theorem!("R9.orthogonal", r9_orthogonal_holds, r9_orthogonal_control);
theorem!(
    "R10.end-to-end",
    r10_end_to_end_holds,
    r10_end_to_end_control
);
theorem!("P11.features", p11_features_holds, p11_features_control);
