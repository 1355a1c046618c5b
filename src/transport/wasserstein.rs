//! The optimal transport of one cloud to another.

use super::assignment::{Costs, Masses, Shipped, Solution, Start, Unsolved, most_paths, solve};
use super::atoms::validate;
use super::centred::Centred;
use super::certificate::{Bounds, certify};
use super::cost::CostMatrix;
use super::{Atoms, Ground, TransportError, common_multiple};
use crate::arithmetic::{Ball, count};
use crate::text::count as counted;
use crate::watch::{Stop, Stopped, Watch};
use nalgebra::DMatrixView;
use std::fmt;

/// An optimal plan, its potentials, and an enclosure of the optimum.
#[derive(Clone, Debug)]
pub struct Transport {
    ground: Ground,
    /// Of the total cost, in units.
    bounds: Bounds,
    unit: u64,
    plan: Vec<Shipped>,
    potentials: Vec<f64>,
    source_potentials: Vec<f64>,
    supply: Vec<u64>,
    demand: Vec<u64>,
    scans: usize,
}

impl fmt::Display for Transport {
    /// `W_2` or `W_1`, enclosed, and the atoms on either side.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, sizes) = (
            self.ground.name(),
            [&self.supply, &self.demand].map(Vec::len),
        );
        let [sources, targets] = sizes;
        write!(
            f,
            "{name} in {}, {} to {targets}",
            self.distance(),
            counted(sources, "atom")
        )
    }
}

impl Transport {
    /// The optimal cost, `W_2²` or `W_1`.
    ///
    /// # Guarantee
    /// Certified: the ball contains the optimum for the atoms as given.
    #[must_use]
    pub fn cost(&self) -> Ball {
        let Bounds { lower, upper } = self.bounds;
        let total = if lower == upper {
            Ball::from(lower)
        } else {
            Ball::from_bounds(lower, upper)
        };
        total / count(self.unit as usize)
    }

    /// The distance, `W_2` or `W_1`.
    ///
    /// # Guarantee
    /// Certified, as [`Transport::cost`].
    #[must_use]
    pub fn distance(&self) -> Ball {
        match self.ground {
            Ground::SquaredDistance => self.cost().sqrt(),
            Ground::Distance => self.cost(),
        }
    }

    /// `(upper − lower)/upper` of the enclosure of the cost; 0 if the cost is exactly 0.
    #[must_use]
    pub fn relative_gap(&self) -> f64 {
        self.bounds.relative_gap()
    }

    /// The optimal plan by source: `n` entries for clouds of equal weights and size, at most `n + m − 1` for others
    /// unless plans tie.
    #[must_use]
    pub fn plan(&self) -> &[Shipped] {
        &self.plan
    }

    /// Units of mass in either cloud: an entry of the plan moves `mass/unit`.
    #[must_use]
    pub fn unit(&self) -> u64 {
        self.unit
    }

    /// For every source its target, if the plan splits no atom.
    #[must_use]
    pub fn permutation(&self) -> Option<Vec<usize>> {
        let whole = self.plan.len() == self.supply.len() && self.supply.len() == self.demand.len();
        whole.then(|| self.plan.iter().map(|shipped| shipped.target).collect())
    }

    /// Potentials `v_j` of the targets: the dual variables of what arrives.
    ///
    /// # Example
    /// Potentials are feasible, and as much as the plan costs:
    /// ```
    /// use nalgebra::dmatrix;
    /// use polyak::transport::{Atoms, Ground, transport};
    /// let source = Atoms::from_weights(dmatrix![0.0, 1.0, 4.0], &[0.25, 0.25, 0.5])?;
    /// let target = Atoms::from_weights(dmatrix![2.0, 3.0], &[0.75, 0.25])?;
    /// let found = transport(&source, &target, Ground::SquaredDistance, None)?;
    /// let (u, v) = (found.source_potentials(), found.potentials());
    /// for (x, u) in source.points().iter().zip(u) {
    ///     assert!(target.points().iter().zip(v).all(|(y, v)| u + v <= (x - y).powi(2)));
    /// }
    /// let mean = |masses: &[u64], potentials: &[f64]| -> f64 {
    ///     masses.iter().zip(potentials).map(|(&mass, u)| mass as f64 * u).sum()
    /// };
    /// let dual = mean(source.masses(), u) / 4.0 + mean(target.masses(), v) / 4.0;
    /// assert!((dual - found.cost().mid()).abs() < 1e-12);
    /// # Ok::<(), polyak::transport::TransportError>(())
    /// ```
    #[must_use]
    pub fn potentials(&self) -> &[f64] {
        &self.potentials
    }

    /// Potentials `u_i` of the sources, lower bounds of `min_j (c_ij − v_j)`: the dual variables of what leaves.
    ///
    /// # Guarantee
    /// Feasible: `u_i + v_j ≤ c_ij` for the exact costs of the atoms as given, and the f64 numbers `u_i` and `v_j`.
    /// The sum `Σ a_iu_i + Σ b_jv_j` is at most the optimum for this reason, and below it by what [`relative_gap`]
    /// says where f64 is enough for that; the enclosure of the cost may come from potentials of twice the precision.
    ///
    /// [`relative_gap`]: Transport::relative_gap
    #[must_use]
    pub fn source_potentials(&self) -> &[f64] {
        &self.source_potentials
    }

    /// Whether the plan is one between clouds of these shapes.
    pub(super) fn is_between(
        &self,
        source: DMatrixView<'_, f64>,
        target: DMatrixView<'_, f64>,
    ) -> bool {
        (self.supply.len(), self.demand.len()) == (source.ncols(), target.ncols())
            && source.nrows() == target.nrows()
    }

    #[cfg(test)]
    pub(super) fn with_potentials(mut self, potential: impl Fn(usize) -> f64) -> Self {
        self.potentials = (0..self.demand.len()).map(potential).collect();
        self
    }

    /// Rows of costs that the solver went through: a measure of work.
    #[must_use]
    pub fn scans(&self) -> usize {
        self.scans
    }
}

/// Finds the transport of least squared distance between two clouds of equal weights.
///
/// # Arguments
/// * `source`, `target`: an atom a column; the numbers of atoms may differ, the dimension not.
///
/// # Guarantee
/// Certified: the value is enclosed, to a relative [`RELATIVE_GAP`](super::RELATIVE_GAP) unless costs underflow.
///
/// # Errors
/// [`TransportError`]: an empty cloud, a coordinate that is not finite or beyond 1e150,
/// different dimensions, too many pairs for the memory, sizes without a common multiple.
///
/// # Cost
/// `8nm` bytes. Clouds of equal size that differ by little about `n²p`, others about `n^2.3`.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::transport::wasserstein2;
/// let square = dmatrix![0.0, 1.0, 1.0, 0.0; 0.0, 0.0, 1.0, 1.0];
/// let moved = dmatrix![1.5, 1.5, 0.5, 0.5; 0.0, 1.0, 1.0, 0.0];
/// let found = wasserstein2(&square, &moved)?;
/// assert!(found.distance().contains(0.5));
/// assert_eq!(found.permutation(), Some(vec![3, 0, 1, 2]));
/// # Ok::<(), polyak::transport::TransportError>(())
/// ```
///
/// # Source
/// `proofs/transport.md`.
pub fn wasserstein2<'a>(
    source: impl Into<DMatrixView<'a, f64>>,
    target: impl Into<DMatrixView<'a, f64>>,
) -> Result<Transport, TransportError> {
    wasserstein_watched(source, target, Ground::SquaredDistance, &Stop::default())
}

/// Finds the transport of least distance between two clouds of equal weights.
///
/// # Errors
/// Those of [`wasserstein2`].
pub fn wasserstein1<'a>(
    source: impl Into<DMatrixView<'a, f64>>,
    target: impl Into<DMatrixView<'a, f64>>,
) -> Result<Transport, TransportError> {
    wasserstein_watched(source, target, Ground::Distance, &Stop::default())
}

/// Finds the transport of least cost between two clouds of equal weights, and ends where it is not wanted any more.
///
/// # Arguments
/// * `source`, `target`: as of [`wasserstein2`];
/// * `watch`: looked at all along.
///
/// # Errors
/// Those of [`wasserstein2`], and [`TransportError::Stopped`].
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::transport::{Ground, TransportError, wasserstein_watched};
/// use polyak::watch::Stop;
/// let (x, y, stop) = (dmatrix![0.0, 1.0], dmatrix![0.5, 3.5], Stop::default());
/// assert!(wasserstein_watched(&x, &y, Ground::Distance, &stop)?.distance().contains(1.5));
/// stop.request();
/// let found = wasserstein_watched(&x, &y, Ground::Distance, &stop);
/// assert!(matches!(found, Err(TransportError::Stopped(_))));
/// # Ok::<(), TransportError>(())
/// ```
pub fn wasserstein_watched<'a>(
    source: impl Into<DMatrixView<'a, f64>>,
    target: impl Into<DMatrixView<'a, f64>>,
    ground: Ground,
    watch: &dyn Watch,
) -> Result<Transport, TransportError> {
    uniform(source.into(), target.into(), ground, None, watch)
}

/// Finds an optimal transport between two measures.
///
/// # Arguments
/// * `start`: an optimal transport between measures of the same masses, whose atoms were near:
///   the step before in a flow. It changes the time, not the result's guarantee.
///
/// # Errors
/// Those of [`wasserstein2`], and [`TransportError::Start`].
pub fn transport(
    source: &Atoms,
    target: &Atoms,
    ground: Ground,
    start: Option<&Transport>,
) -> Result<Transport, TransportError> {
    transport_watched(source, target, ground, start, &Stop::default())
}

/// The same, ended where it is not wanted any more.
///
/// # Arguments
/// * `watch`: looked at all along.
///
/// # Errors
/// Those of [`transport`], and [`TransportError::Stopped`].
pub fn transport_watched(
    source: &Atoms,
    target: &Atoms,
    ground: Ground,
    start: Option<&Transport>,
    watch: &dyn Watch,
) -> Result<Transport, TransportError> {
    let (from, to) = (source.points().as_view(), target.points().as_view());
    require_one_space(from, to)?;
    let (a, b) = (source.total(), target.total());
    let unit = common_multiple(a, b).ok_or(TransportError::Units {
        source_mass: a,
        target_mass: b,
    })?;
    let scaled = |masses: &[u64], by: u64| masses.iter().map(|&mass| mass * by).collect();
    let masses = (
        scaled(source.masses(), unit / a),
        scaled(target.masses(), unit / b),
    );
    solved(from, to, ground, masses, start, watch)
}

/// The same for clouds of equal weights.
pub(super) fn uniform(
    source: DMatrixView<'_, f64>,
    target: DMatrixView<'_, f64>,
    ground: Ground,
    start: Option<&Transport>,
    watch: &dyn Watch,
) -> Result<Transport, TransportError> {
    validate(source)?;
    validate(target)?;
    require_one_space(source, target)?;
    let (n, m) = (source.ncols() as u64, target.ncols() as u64);
    let unit = common_multiple(n, m).ok_or(TransportError::Units {
        source_mass: n,
        target_mass: m,
    })?;
    let masses = (
        vec![unit / n; source.ncols()],
        vec![unit / m; target.ncols()],
    );
    solved(source, target, ground, masses, start, watch)
}

pub(super) fn require_one_space(
    source: DMatrixView<'_, f64>,
    target: DMatrixView<'_, f64>,
) -> Result<(), TransportError> {
    if source.nrows() == target.nrows() {
        Ok(())
    } else {
        Err(TransportError::Dimensions {
            source_dimension: source.nrows(),
            target_dimension: target.nrows(),
        })
    }
}

fn solved(
    source: DMatrixView<'_, f64>,
    target: DMatrixView<'_, f64>,
    ground: Ground,
    (supply, demand): (Vec<u64>, Vec<u64>),
    start: Option<&Transport>,
    watch: &dyn Watch,
) -> Result<Transport, TransportError> {
    if start.is_some_and(|start| start.supply != supply || start.demand != demand) {
        return Err(TransportError::Start);
    }
    if watch.is_stopped() {
        return Err(Stopped.into());
    }
    let masses = Masses {
        supply: &supply,
        demand: &demand,
    };
    let centred = match ground {
        Ground::SquaredDistance => Centred::of(source, target),
        Ground::Distance => None,
    };
    let (costs, mut solution) = match centred {
        None => {
            let costs = CostMatrix::try_new(source, target, ground)?;
            let solution = candidate(&costs, &masses, start, None, watch)?;
            (costs, solution)
        }
        Some(centred) => {
            let near = CostMatrix::try_new(&centred.source, &centred.target, ground)?;
            let solution = candidate(&near, &masses, start, Some(&centred.shift), watch)?;
            drop(near);
            (CostMatrix::try_new(source, target, ground)?, solution)
        }
    };
    let (bounds, source_potentials) = certify(&costs, &masses, &mut solution, watch)?;
    let Bounds { lower, upper } = bounds;
    if lower > upper {
        return Err(TransportError::Contradiction { lower, upper });
    }
    Ok(Transport {
        ground,
        bounds,
        unit: supply.iter().sum(),
        plan: solution.plan,
        potentials: solution.potentials,
        source_potentials,
        scans: solution.scans,
        supply,
        demand,
    })
}

/// Solves in f64; `shift` is what potentials lose on the way from these costs to those of `start`.
fn candidate(
    costs: &CostMatrix<'_>,
    masses: &Masses<'_>,
    start: Option<&Transport>,
    shift: Option<&[f64]>,
    watch: &dyn Watch,
) -> Result<Solution, TransportError> {
    let dense = Costs::new(costs.entries(), costs.rows(), costs.columns());
    let moved = |potentials: &[f64], sign: f64| -> Vec<f64> {
        match shift {
            None => potentials.to_vec(),
            Some(shift) => {
                let pairs = potentials.iter().zip(shift);
                pairs.map(|(v, shift)| v + sign * shift).collect()
            }
        }
    };
    let potentials = start.map(|start| moved(&start.potentials, 1.0));
    let start = start.zip(potentials.as_deref());
    let start = start.map(|(start, potentials)| Start {
        plan: &start.plan,
        potentials,
    });
    let solution = solve(dense, *masses, start, watch);
    let mut solution = solution.map_err(|unsolved| match unsolved {
        Unsolved::Stopped => Stopped.into(),
        Unsolved::Paths => TransportError::NotSolved {
            paths: most_paths(&dense),
        },
    })?;
    solution.potentials = moved(&solution.potentials, -1.0);
    Ok(solution)
}
