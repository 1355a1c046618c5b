//! What the distance must obey: permutation, translation, scaling; a start changes nothing.

use super::clouds::{KINDS, Kind, cloud, generator, uniform};
use crate::transport::{
    Atoms, Ground, RELATIVE_GAP, Transport, TransportError, transport, wasserstein1, wasserstein2,
};
use nalgebra::DMatrix;

fn overlap(a: &Transport, b: &Transport) {
    let (a, b) = (a.cost(), b.cost());
    assert!(
        a.lower() <= b.upper() && b.lower() <= a.upper(),
        "{a:?} {b:?}"
    );
}

#[test]
fn permuted_clouds_have_the_same_distance_and_permuted_plans() {
    let mut rng = generator(21);
    for n in [3, 30, 100] {
        let (x, y) = (uniform(3, n, &mut rng), uniform(3, n, &mut rng));
        let rotated = DMatrix::from_fn(3, n, |i, j| y[(i, (j + 1) % n)]);
        let (found, moved) = (
            wasserstein2(&x, &y).unwrap(),
            wasserstein2(&x, &rotated).unwrap(),
        );
        overlap(&found, &moved);
        let back: Vec<usize> = moved
            .permutation()
            .unwrap()
            .iter()
            .map(|j| (j + 1) % n)
            .collect();
        assert_eq!(found.permutation().unwrap(), back);
        let reversed = wasserstein2(&y, &x).unwrap();
        overlap(&found, &reversed);
    }
}

#[test]
fn powers_of_two_scale_the_enclosure_exactly() {
    let mut rng = generator(22);
    for kind in KINDS {
        let (x, y) = (cloud(kind, 2, 20, &mut rng), cloud(kind, 2, 15, &mut rng));
        let (found, doubled) = (
            wasserstein2(&x, &y).unwrap(),
            wasserstein2(&(&x * 2.0), &(&y * 2.0)).unwrap(),
        );
        assert_eq!(found.cost().mid() * 4.0, doubled.cost().mid());
        assert_eq!(found.plan(), doubled.plan());
    }
}

#[test]
fn a_translation_of_both_clouds_changes_nothing() {
    let mut rng = generator(23);
    // Integers: the translation is exact.
    let (x, y) = (
        cloud(Kind::Lattice, 3, 60, &mut rng),
        cloud(Kind::Lattice, 3, 60, &mut rng),
    );
    let moved = |points: &DMatrix<f64>| points.add_scalar(1e6);
    let (found, far) = (
        wasserstein2(&x, &y).unwrap(),
        wasserstein2(&moved(&x), &moved(&y)).unwrap(),
    );
    assert_eq!(found.cost(), far.cost());
    assert_eq!(found.plan(), far.plan());
}

#[test]
fn a_translation_of_one_cloud_moves_every_atom_alike() {
    let mut rng = generator(24);
    let x = uniform(3, 80, &mut rng);
    for shift in [0.5, 3.0, 1e6] {
        let mut y = x.clone();
        y.row_mut(1).add_scalar_mut(shift);
        let found = wasserstein2(&x, &y).unwrap();
        assert_eq!(found.permutation().unwrap(), (0..80).collect::<Vec<_>>());
        assert!((found.distance().mid() / shift - 1.0).abs() < 1e-9);
    }
}

#[test]
fn a_start_leads_to_the_same_optimum() {
    let mut rng = generator(25);
    for (n, m) in [(60, 60), (24, 36), (200, 200)] {
        for offset in [0.0, 50.0] {
            let x = uniform(3, n, &mut rng);
            let y = uniform(3, m, &mut rng).add_scalar(offset);
            let atoms = |points: &DMatrix<f64>| Atoms::uniform(points.clone()).unwrap();
            let mut known = wasserstein2(&x, &y).unwrap();
            for step in [1e-6, 1e-3, 0.1, 3.0] {
                let moved = &x + uniform(3, n, &mut rng) * step;
                let cold = wasserstein2(&moved, &y).unwrap();
                let ground = Ground::SquaredDistance;
                let warm = transport(&atoms(&moved), &atoms(&y), ground, Some(&known)).unwrap();
                overlap(&cold, &warm);
                assert_eq!(cold.plan(), warm.plan());
                assert!(warm.relative_gap() <= RELATIVE_GAP);
                if step < 0.01 {
                    assert!(
                        warm.scans() <= cold.scans(),
                        "{} {}",
                        warm.scans(),
                        cold.scans()
                    );
                }
                known = warm;
            }
        }
    }
}

#[test]
fn a_start_of_other_sizes_is_refused() {
    let mut rng = generator(26);
    let atoms = |n: usize, rng: &mut _| Atoms::uniform(uniform(2, n, rng)).unwrap();
    let (x, y, z) = (atoms(4, &mut rng), atoms(4, &mut rng), atoms(5, &mut rng));
    let known = transport(&x, &y, Ground::SquaredDistance, None).unwrap();
    for (a, b) in [(&x, &z), (&z, &y), (&z, &z)] {
        let refused = transport(a, b, Ground::SquaredDistance, Some(&known));
        assert_eq!(refused.unwrap_err(), TransportError::Start);
    }
}

#[test]
fn absurd_potentials_are_mended_by_refinement() {
    let mut rng = generator(27);
    for (n, m) in [(12, 12), (9, 6)] {
        let (x, y) = (uniform(2, n, &mut rng), uniform(2, m, &mut rng));
        for ground in [Ground::SquaredDistance, Ground::Distance] {
            let atoms = |points: &DMatrix<f64>| Atoms::uniform(points.clone()).unwrap();
            let known = transport(&atoms(&x), &atoms(&y), ground, None).unwrap();
            // Potentials of 1e9 leave f64 a millionth of the costs.
            let absurd = known
                .clone()
                .with_potentials(|j| 1e9 * (j as f64 + 0.1).sin());
            let found = transport(&atoms(&x), &atoms(&y), ground, Some(&absurd)).unwrap();
            overlap(&known, &found);
            assert!(
                found.relative_gap() <= RELATIVE_GAP,
                "{}",
                found.relative_gap()
            );
        }
    }
}

#[test]
fn distances_of_equal_clouds_are_exactly_zero() {
    let mut rng = generator(28);
    for kind in KINDS {
        let x = cloud(kind, 3, 50, &mut rng);
        let shuffled = DMatrix::from_fn(3, 50, |i, j| x[(i, (j * 7 + 3) % 50)]);
        for found in [wasserstein2(&x, &shuffled), wasserstein1(&x, &shuffled)] {
            let found = found.unwrap();
            assert_eq!((found.cost().mid(), found.cost().rad()), (0.0, 0.0));
            assert_eq!(found.relative_gap(), 0.0);
        }
    }
}
