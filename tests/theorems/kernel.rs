//! K3, K4, K5, K7.

use crate::theorem;

theorem!(
    "K3.reproducing",
    k3_reproducing_holds,
    k3_reproducing_control
);
theorem!("K4.lipschitz", k4_lipschitz_holds, k4_lipschitz_control);
theorem!("K5.tensor", k5_tensor_holds, k5_tensor_control);
theorem!("K7.separation", k7_separation_holds, k7_separation_control);
