//! K1 to K7.

use crate::theorem;

theorem!("K1.psd", k1_psd_holds, k1_psd_control);
theorem!("K2.strict", k2_strict_holds, k2_strict_control);
theorem!(
    "K3.reproducing",
    k3_reproducing_holds,
    k3_reproducing_control
);
theorem!("K3.functional", k3_functional_holds, k3_functional_control);
theorem!("K4.lipschitz", k4_lipschitz_holds, k4_lipschitz_control);
theorem!("K5.tensor", k5_tensor_holds, k5_tensor_control);
theorem!(
    "K6.perturbation",
    k6_perturbation_holds,
    k6_perturbation_control
);
theorem!("K7.separation", k7_separation_holds, k7_separation_control);
