//! What a plan and potentials of another solver prove.

use super::certificate::{sum_of_products, weighted_sum};
use super::cost::CostMatrix;
use super::wasserstein::require_one_space;
use super::{Atoms, Ground, TransportError};
use crate::arithmetic::{Ball, Double};

/// Encloses the least cost of transport between two measures by what another solver found: nothing is assumed of it.
///
/// # Arguments
/// * `plan`: source, target (both from 0) and the share of all mass that goes there. Sums may be off, as those of f64
///   numbers are: what is too much is taken away, and what is then missing is charged at the largest cost.
/// * `potentials`: of the targets, one an atom; without them zero is all that is known from below.
///
/// # Guarantee
/// Certified: the ball contains the optimum. It is as narrow as plan and potentials are good.
///
/// # Errors
/// [`TransportError::Dimensions`], [`TransportError::TooLarge`]; [`TransportError::Entry`] of a plan,
/// [`TransportError::Potentials`] and [`TransportError::Potential`]; [`TransportError::Contradiction`].
///
/// # Cost
/// That of all pairs of atoms, and `8nm` bytes.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::transport::{Atoms, Ground, proved_cost};
/// let source = Atoms::uniform(dmatrix![0.0, 1.0, 4.0])?;
/// let target = Atoms::uniform(dmatrix![0.0, 2.0, 3.0])?;
/// let third = 1.0 / 3.0;
/// let plan = [(0, 0, third), (1, 1, third), (2, 2, third)];
/// let found = proved_cost(&source, &target, Ground::Distance, &plan, Some(&[0.0, 1.0, 1.0]))?;
/// assert!(found.contains(2.0 / 3.0) && found.rad() < 1e-14);
/// // A worse plan proves less from above.
/// let found = proved_cost(&source, &target, Ground::Distance, &plan[..2], Some(&[0.0, 1.0, 1.0]))?;
/// assert!(found.upper() > 1.6 && found.contains(2.0 / 3.0));
/// # Ok::<(), polyak::transport::TransportError>(())
/// ```
///
/// # Source
/// The repair of a plan is that of Altschuler, Weed and Rigollet, NIPS 2017, algorithm 2; `proofs/transport.md`.
pub fn proved_cost(
    source: &Atoms,
    target: &Atoms,
    ground: Ground,
    plan: &[(usize, usize, f64)],
    potentials: Option<&[f64]>,
) -> Result<Ball, TransportError> {
    let (from, to) = (source.points().as_view(), target.points().as_view());
    require_one_space(from, to)?;
    let (rows, columns) = (from.ncols(), to.ncols());
    for (entry, &(source, target, share)) in plan.iter().enumerate() {
        if source >= rows || target >= columns || !(share >= 0.0 && share.is_finite()) {
            return Err(TransportError::Entry {
                entry,
                source_atom: source,
                target_atom: target,
                share,
            });
        }
    }
    if let Some(potentials) = potentials {
        if potentials.len() != columns {
            return Err(TransportError::Potentials {
                potentials: potentials.len(),
                atoms: columns,
            });
        }
        if let Some(atom) = potentials.iter().position(|value| !value.is_finite()) {
            let value = potentials[atom];
            return Err(TransportError::Potential { atom, value });
        }
    }
    let costs = CostMatrix::try_new(from, to, ground)?;
    let upper = from_above(&costs, source, target, plan);
    let lower = potentials.map_or(0.0, |potentials| {
        from_below(&costs, source, target, potentials)
    });
    if lower > upper {
        return Err(TransportError::Contradiction { lower, upper });
    }
    Ok(Ball::from_bounds(lower, upper))
}

/// With `r_i` and `c_j` the sums of the plan, taking away what is too much takes at most
/// `E = Σ(r_i − a_i)₊ + Σ(c_j − b_j)₊`; the rest is completed to a plan by `1 − Σp + E` at most. A share above one is
/// taken for one: no sum overflows.
fn from_above(
    costs: &CostMatrix<'_>,
    source: &Atoms,
    target: &Atoms,
    plan: &[(usize, usize, f64)],
) -> f64 {
    let one = Double::from(1.0);
    let share = |entry: &(usize, usize, f64)| Double::from(entry.2.min(1.0));
    let largest = costs.largest();
    let paid = plan.iter().map(|entry| {
        let cost = costs.at_most(entry.0, entry.1);
        (share(entry), Double::from(cost))
    });
    let moved = plan.iter().map(|entry| (share(entry), one));
    let excess = |atoms: &Atoms, place: fn(&(usize, usize, f64)) -> usize| {
        let mut shares = vec![Vec::new(); atoms.masses().len()];
        for entry in plan {
            shares[place(entry)].push((share(entry), one));
        }
        let total = Ball::from(atoms.total() as f64);
        let masses = atoms.masses().iter().zip(shares);
        let excess = masses.map(|(&mass, shares)| {
            let mass = Ball::from(mass as f64) / total;
            (sum_of_products(shares.into_iter()) - mass).positive_part()
        });
        excess.fold(Ball::from(0.0), |sum, excess| sum + excess)
    };
    let excess = excess(source, |entry| entry.0) + excess(target, |entry| entry.1);
    let missing = (Ball::from(1.0) - sum_of_products(moved) + excess).positive_part();
    // What underflows.
    let lost = plan.len() as f64 * f64::MIN_POSITIVE;
    let cost = sum_of_products(paid) + missing * Ball::from(largest) + Ball::from(lost);
    // No mass moves farther.
    cost.upper().min(largest)
}

fn from_below(costs: &CostMatrix<'_>, source: &Atoms, target: &Atoms, potentials: &[f64]) -> f64 {
    let dual = |atoms: &Atoms, values: &mut dyn Iterator<Item = f64>| {
        let terms = atoms.masses().iter().zip(values);
        let terms = terms.map(|(&mass, value)| (mass, Double::from(value)));
        weighted_sum(terms) / Ball::from(atoms.total() as f64)
    };
    let least = &mut (0..costs.rows()).map(|row| costs.least_reduced(row, potentials));
    let dual = dual(source, least) + dual(target, &mut potentials.iter().copied());
    dual.lower().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Transport, transport};
    use nalgebra::{DMatrix, dmatrix};

    fn cloud(count: usize, salt: usize) -> DMatrix<f64> {
        DMatrix::from_fn(2, count, |i, j| ((3 * i + 7 * j + salt) as f64).sin())
    }

    fn shares(found: &Transport) -> Vec<(usize, usize, f64)> {
        let unit = found.unit() as f64;
        let plan = found.plan().iter();
        plan.map(|s| (s.source, s.target, s.mass as f64 / unit))
            .collect()
    }

    #[test]
    fn an_optimal_pair_proves_the_optimum_narrowly() {
        for (n, m) in [(1, 1), (7, 7), (12, 9), (300, 250)] {
            let masses = |count: u64| (0..count).map(|k| 1 + k % 5).collect::<Vec<_>>();
            let source = Atoms::new(cloud(n, 1), masses(n as u64)).unwrap();
            let target = Atoms::new(cloud(m, 5), masses(m as u64)).unwrap();
            for ground in [Ground::SquaredDistance, Ground::Distance] {
                let found = transport(&source, &target, ground, None).unwrap();
                let potentials = Some(found.potentials());
                let proved =
                    proved_cost(&source, &target, ground, &shares(&found), potentials).unwrap();
                let (cost, largest) = (found.cost(), 4.0);
                assert!(proved.lower() <= cost.upper() && cost.lower() <= proved.upper());
                assert!(proved.rad() <= 1e-13 * largest, "{n} {m} {proved:?}");
            }
        }
    }

    /// Of plans that no measure has, and of any potentials: the optimum is two, by hand.
    #[test]
    fn nonsense_proves_nothing_wrong() {
        let source = Atoms::uniform(dmatrix![0.0, 1.0]).unwrap();
        let target = Atoms::uniform(dmatrix![3.0, 2.0]).unwrap();
        let plans: [&[(usize, usize, f64)]; 7] = [
            &[],
            &[(0, 1, 0.5), (1, 0, 0.5)],
            &[(0, 0, 1.0)],
            &[(1, 1, 1e300), (1, 1, 1e300)],
            &[(1, 1, 1.0), (0, 0, 1e-320)],
            &[(1, 1, 0.5), (0, 0, 0.5), (1, 1, 0.5), (0, 1, 0.5)],
            &[(0, 1, 0.5), (0, 1, 0.5)],
        ];
        for plan in plans {
            for potentials in [
                None,
                Some([0.0, 0.0]),
                Some([1e300, -1e300]),
                Some([3.0, 2.0]),
                Some([-5.0, 7.0]),
            ] {
                let potentials = potentials.as_ref().map(|v| &v[..]);
                let proved =
                    proved_cost(&source, &target, Ground::Distance, plan, potentials).unwrap();
                assert!(proved.contains(2.0), "{plan:?} {potentials:?} {proved:?}");
                assert!(proved.upper() <= 3.0 + 1e-14 && proved.lower() >= -1e-14);
            }
        }
        // Sums that would overflow, between equal atoms.
        let same = Atoms::uniform(dmatrix![0.0, 1.0]).unwrap();
        let huge = [(0, 0, f64::MAX), (0, 0, f64::MAX), (0, 0, f64::MAX)];
        let proved = proved_cost(&same, &target, Ground::Distance, &huge, None).unwrap();
        assert!(proved.contains(2.0));
        let proved = proved_cost(&same, &same, Ground::Distance, &huge, None).unwrap();
        assert!(proved.contains(0.0) && proved.upper() >= 1.0);
        // What is missing is charged at the largest cost, three: 0.5·2 + 0.5·3.
        let half = [(0, 1, 0.5)];
        let proved = proved_cost(&source, &target, Ground::Distance, &half, None).unwrap();
        assert!((proved.upper() - 2.5).abs() < 1e-14);
        // What is too much, too: the column takes one half of it.
        let both = [(0, 1, 0.5), (1, 1, 0.5)];
        let proved = proved_cost(&source, &target, Ground::Distance, &both, None).unwrap();
        assert!((proved.upper() - 3.0).abs() < 1e-14);
    }

    #[test]
    fn refusals_name_the_entry() {
        let atoms = Atoms::uniform(dmatrix![0.0, 1.0]).unwrap();
        let proved = |plan: &[(usize, usize, f64)], potentials: Option<&[f64]>| {
            proved_cost(&atoms, &atoms, Ground::Distance, plan, potentials)
        };
        for wrong in [(2, 0, 0.1), (0, 2, 0.1), (0, 0, -0.1), (0, 0, f64::NAN)] {
            let found = proved(&[(0, 0, 0.5), wrong], None);
            assert!(matches!(found, Err(TransportError::Entry { entry: 1, .. })));
        }
        let found = proved(&[], Some(&[0.0]));
        let refused = TransportError::Potentials {
            potentials: 1,
            atoms: 2,
        };
        assert_eq!(found, Err(refused));
        let found = proved(&[], Some(&[0.0, f64::INFINITY]));
        assert!(matches!(
            found,
            Err(TransportError::Potential { atom: 1, .. })
        ));
    }
}
