//! Errors, shapes, layers and products.

use super::clouds::{generator, uniform};
use crate::transport::{
    Atoms, Ground, TransportError, common_multiple, conditional_distance, line_cost,
    product_distance, transport, wasserstein2,
};
use nalgebra::{DMatrix, dmatrix};

#[test]
fn bad_clouds_are_refused_with_the_place() {
    let good = dmatrix![0.0, 1.0; 2.0, 3.0];
    let with = |value: f64| {
        let mut points = good.clone();
        points[(1, 0)] = value;
        points
    };
    for empty in [DMatrix::zeros(2, 0), DMatrix::zeros(0, 2)] {
        assert_eq!(
            wasserstein2(&empty, &good).unwrap_err(),
            TransportError::Empty
        );
        assert_eq!(
            wasserstein2(&good, &empty).unwrap_err(),
            TransportError::Empty
        );
    }
    for value in [f64::INFINITY, f64::NEG_INFINITY] {
        let error = TransportError::NotFinite {
            atom: 0,
            coordinate: 1,
            value,
        };
        assert_eq!(wasserstein2(&with(value), &good).unwrap_err(), error);
        assert_eq!(wasserstein2(&good, &with(value)).unwrap_err(), error);
    }
    assert!(matches!(
        wasserstein2(&good, &with(f64::NAN)),
        Err(TransportError::NotFinite { atom: 0, coordinate: 1, value }) if value.is_nan()
    ));
    for value in [1.1e150, -1.1e150] {
        let error = TransportError::Overflow {
            atom: 0,
            coordinate: 1,
            value,
        };
        assert_eq!(wasserstein2(&with(value), &good).unwrap_err(), error);
    }
    assert!(
        wasserstein2(&with(1e150), &good)
            .unwrap()
            .cost()
            .is_bounded()
    );
    let line = dmatrix![0.0, 1.0];
    let error = TransportError::Dimensions {
        source_dimension: 1,
        target_dimension: 2,
    };
    assert_eq!(wasserstein2(&line, &good).unwrap_err(), error);
}

#[test]
fn bad_masses_are_refused() {
    let points = dmatrix![0.0, 1.0];
    for (masses, counted) in [
        (vec![1], 1),
        (vec![1, 0], 1),
        (vec![1, 1, 1], 3),
        (vec![1, 1, 0], 2),
    ] {
        let error = Atoms::new(points.clone(), masses).unwrap_err();
        let expected = TransportError::Masses {
            masses: counted,
            atoms: 2,
        };
        assert_eq!(error, expected);
    }
    assert!(matches!(
        Atoms::new(points.clone(), vec![u64::MAX, u64::MAX]),
        Err(TransportError::Units { .. })
    ));
    let (large, odd) = ((1 << 53) - 1, 1 << 30);
    let (x, y) = (
        Atoms::new(points.clone(), vec![large, 1]).unwrap(),
        Atoms::new(points, vec![odd - 1, 2]).unwrap(),
    );
    assert_eq!(x.total(), 1 << 53);
    let error = transport(&x, &y, Ground::Distance, None).unwrap_err();
    let expected = TransportError::Units {
        source_mass: 1 << 53,
        target_mass: odd + 1,
    };
    assert_eq!(error, expected);
}

#[test]
fn common_multiples_are_least_and_bounded() {
    assert_eq!(common_multiple(1, 1), Some(1));
    assert_eq!(common_multiple(4, 6), Some(12));
    assert_eq!(common_multiple(6, 4), Some(12));
    assert_eq!(common_multiple(7, 3), Some(21));
    assert_eq!(common_multiple(1 << 53, 1 << 20), Some(1 << 53));
    assert_eq!(common_multiple(1 << 53, 3), None);
    assert_eq!(common_multiple(u64::MAX, u64::MAX - 1), None);
}

#[test]
fn clouds_beyond_the_memory_are_refused() {
    let wide = DMatrix::zeros(1, 40_000);
    let error = wasserstein2(&wide, &wide).unwrap_err();
    let expected = TransportError::TooLarge {
        rows: 40_000,
        columns: 40_000,
        bytes: 12_800_000_000,
        limit: 4_294_967_296,
    };
    assert_eq!(error, expected);
}

#[test]
fn layers_are_averaged_and_their_errors_placed() {
    let mut rng = generator(31);
    let x: Vec<_> = [4, 6, 5].map(|width| uniform(3, width, &mut rng)).into();
    let y: Vec<_> = [4, 3, 10].map(|width| uniform(3, width, &mut rng)).into();
    let found = conditional_distance(&x, &y).unwrap();
    let layers: Vec<_> = x
        .iter()
        .zip(&y)
        .map(|(x, y)| wasserstein2(x, y).unwrap())
        .collect();
    let mean = layers.iter().map(|layer| layer.cost().mid()).sum::<f64>() / 3.0;
    assert!(found.squared().widened(1e-15).contains(mean));
    assert!(found.distance().widened(1e-15).contains(mean.sqrt()));
    assert_eq!(found.layers().len(), 3);
    let worst = layers
        .iter()
        .map(|layer| layer.relative_gap())
        .fold(0.0, f64::max);
    assert_eq!(found.relative_gap(), worst);

    let renewed = found.renewed(&x, &y).unwrap();
    assert_eq!(renewed.squared(), found.squared());
    assert!(renewed.layers()[0].scans() <= found.layers()[0].scans());
    assert_eq!(
        found.renewed(&x[..2], &y[..2]).unwrap_err(),
        TransportError::Start
    );
    assert!(matches!(
        found.renewed(&y, &x),
        Err(TransportError::Layer { layer: 1, cause }) if *cause == TransportError::Start
    ));

    let depths = TransportError::Depths {
        source_layers: 3,
        target_layers: 2,
    };
    assert_eq!(conditional_distance(&x, &y[..2]).unwrap_err(), depths);
    assert_eq!(product_distance(&x, &y[..2]).unwrap_err(), depths);
    assert_eq!(
        conditional_distance::<DMatrix<f64>>(&[], &[]).unwrap_err(),
        TransportError::Empty
    );
    let mut bad = y.clone();
    bad[1][(0, 0)] = f64::NAN;
    bad[2][(0, 0)] = f64::NAN;
    assert!(matches!(
        conditional_distance(&x, &bad),
        Err(TransportError::Layer { layer: 1, .. })
    ));
}

#[test]
fn products_may_change_layers() {
    // The same two particles, in layers exchanged: a quarter of a step each way, or 100 in place.
    let x = [dmatrix![0.0], dmatrix![10.0]];
    let y = [dmatrix![10.0], dmatrix![0.0]];
    assert!(
        conditional_distance(&x, &y)
            .unwrap()
            .squared()
            .contains(100.0)
    );
    let product = product_distance(&x, &y).unwrap();
    assert!(product.cost().contains(0.25));
    // Different widths: masses 1/(DM).
    let wide = [dmatrix![0.0, 0.0, 3.0], dmatrix![10.0, 10.0]];
    let narrow = [dmatrix![0.0], dmatrix![10.0]];
    assert!(
        product_distance(&wide, &narrow)
            .unwrap()
            .cost()
            .contains(1.5)
    );
    assert_eq!(
        product_distance(&[], &[]).unwrap_err(),
        TransportError::Empty
    );
    let ragged = [dmatrix![0.0], dmatrix![0.0; 1.0]];
    assert_eq!(
        product_distance(&ragged, &narrow).unwrap_err(),
        TransportError::Dimensions {
            source_dimension: 1,
            target_dimension: 2
        }
    );
    let hollow = [dmatrix![0.0], DMatrix::zeros(1, 0)];
    assert_eq!(
        product_distance(&hollow, &narrow).unwrap_err(),
        TransportError::Empty
    );
}

#[test]
fn interpolations_travel_at_constant_speed() {
    let mut rng = generator(32);
    let x = [uniform(2, 6, &mut rng), uniform(2, 4, &mut rng)];
    let y = [uniform(2, 6, &mut rng), uniform(2, 6, &mut rng)];
    let geodesic = conditional_distance(&x, &y).unwrap();
    let whole = geodesic.distance().mid();
    let at = |t: f64| geodesic.interpolate(&x, &y, t).unwrap();
    for (s, t) in [
        (0.0, 1.0),
        (0.0, 0.5),
        (0.25, 0.75),
        (0.3, 0.35),
        (0.9, 0.1),
    ] {
        let layers = at(s).into_iter().zip(at(t));
        let costs = layers.map(|(a, b)| {
            let found = transport(&a, &b, Ground::SquaredDistance, None).unwrap();
            found.cost().mid()
        });
        let distance = (costs.sum::<f64>() / 2.0).sqrt();
        assert!((distance - (t - s).abs() * whole).abs() < 1e-14, "{s} {t}");
    }
    let order = geodesic.layers()[0].permutation().unwrap();
    assert_eq!(at(0.0)[0].points(), &x[0]);
    assert_eq!(at(1.0)[0].points().column(2), y[0].column(order[2]));
    assert_eq!(at(0.5)[1].total(), 12);
    for t in [-0.1, 1.1, f64::NAN] {
        let refused = geodesic.interpolate(&x, &y, t);
        assert!(matches!(refused, Err(TransportError::Parameter { .. })));
    }
    let depths = geodesic.interpolate(&x[..1], &y, 0.5).unwrap_err();
    assert!(matches!(
        depths,
        TransportError::Depths {
            source_layers: 1,
            target_layers: 2
        }
    ));
    let depths = geodesic.interpolate(&x, &y[..1], 0.5).unwrap_err();
    assert!(matches!(
        depths,
        TransportError::Depths {
            source_layers: 2,
            target_layers: 1
        }
    ));
    let start = geodesic.layers()[1].interpolate(&x[1], &x[1], 0.5);
    assert_eq!(start.unwrap_err(), TransportError::Start);
}

#[test]
fn lines_need_points() {
    let error = line_cost(&[], &[1.0], Ground::Distance).unwrap_err();
    assert_eq!(error, TransportError::Empty);
    let error = line_cost(&[0.0], &[f64::NAN], Ground::Distance).unwrap_err();
    assert!(matches!(error, TransportError::NotFinite { atom: 0, .. }));
    // Quantiles of different numbers of atoms: 0 and 3 against 1, 2 and 4.
    let cost = line_cost(&[3.0, 0.0], &[4.0, 1.0, 2.0], Ground::Distance).unwrap();
    assert!(cost.contains((2.0 * 1.0 + 2.0 + 1.0 + 2.0 * 1.0) / 6.0));
    let cost = line_cost(&[3.0, 0.0], &[4.0, 1.0, 2.0], Ground::SquaredDistance).unwrap();
    assert!(cost.contains((2.0 * 1.0 + 4.0 + 1.0 + 2.0 * 1.0) / 6.0));
}
