//! The certificate of an optimum by itself, for claims that hand it plans and potentials that are not optimal.

use super::assignment::{Masses, Shipped, Solution};
use super::certificate::tried;
use super::cost::CostMatrix;
use super::{Ground, TransportError, common_multiple};
use nalgebra::DMatrix;

/// What a plan and potentials prove of `W_2²` of two clouds of equal weights, in units of mass.
pub(crate) struct Tried {
    /// Units of mass in either cloud.
    pub unit: u64,
    /// A lower and an upper bound: in f64, in twice the precision, and after plan and potentials are improved.
    pub bounds: [(f64, f64); 3],
}

/// Bounds `W_2²` by any plan with the right masses and any potentials of the targets.
///
/// # Errors
/// Sizes without a common multiple, and too many pairs.
pub(crate) fn bounds_of(
    source: &DMatrix<f64>,
    target: &DMatrix<f64>,
    plan: &[Shipped],
    potentials: &[f64],
) -> Result<Tried, TransportError> {
    let (n, m) = (source.ncols() as u64, target.ncols() as u64);
    let unit = common_multiple(n, m).ok_or(TransportError::Units {
        source_mass: n,
        target_mass: m,
    })?;
    let supply = vec![unit / n; source.ncols()];
    let demand = vec![unit / m; target.ncols()];
    let masses = Masses {
        supply: &supply,
        demand: &demand,
    };
    let costs = CostMatrix::try_new(source, target, Ground::SquaredDistance)?;
    let candidate = Solution {
        plan: plan.to_vec(),
        potentials: potentials.to_vec(),
        scans: 0,
    };
    let bounds = tried(&costs, &masses, candidate);
    Ok(Tried {
        unit,
        bounds: bounds.map(|bounds| (bounds.lower, bounds.upper)),
    })
}
