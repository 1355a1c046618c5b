//! Arrays that are networks, and arrays that are none.

use super::*;

fn array(name: &str, shape: &[usize]) -> NamedArray {
    let count = shape.iter().product();
    let entries = (0..count).map(|k| 1.0 + k as f64).collect();
    NamedArray {
        name: name.to_owned(),
        shape: shape.to_vec(),
        entries,
    }
}

/// `d = 2`, `q = 3`, `d' = 1`, `m = 4`, `D = 2`.
fn whole() -> Vec<NamedArray> {
    vec![
        array("layers", &[2, 3, 8]),
        array("frequencies", &[4, 3]),
        array("input", &[3, 2]),
        array("output", &[1, 3]),
    ]
}

fn own() -> CheckpointOptions {
    let scaling: Scaling = "1/(D*sqrt(m))".parse().unwrap();
    CheckpointOptions::default().with_scaling(scaling)
}

fn read(arrays: Vec<NamedArray>) -> Result<Vec<Checkpoint>, CheckError> {
    checkpoints(arrays, &own())
}

/// The network of a checkpoint, which is linear.
fn linear(checkpoint: &Checkpoint) -> &LinearNetwork {
    match &checkpoint.network {
        CheckedNetwork::Linear(linear) => linear,
        CheckedNetwork::Particles(_) => panic!("particles"),
    }
}

#[test]
fn numbers_arrive_where_they_belong() {
    let found = read(whole()).unwrap();
    let network = linear(&found[0]);
    assert_eq!((found.len(), found[0].stated_loss), (1, None));
    assert_eq!((network.factor.mid(), network.away), (1.0, 0.0));
    let layer = &network.weights.layers()[1];
    assert_eq!(
        (layer.shape(), layer[(0, 0)], layer[(2, 7)]),
        ((3, 8), 25.0, 48.0)
    );
    assert_eq!(layer[(1, 0)] - layer[(0, 0)], 8.0);
    let frequencies = network.network.features().frequencies();
    assert_eq!((frequencies.shape(), frequencies[(1, 3)]), ((3, 4), 11.0));
    assert_eq!(network.network.lift()[(2, 1)], 6.0);
    assert_eq!(network.network.readout()[(0, 2)], 3.0);
}

/// `c = sD√m`: of `1/D` and four frequencies 2, a power of two, of which nothing rounds but what is not known.
#[test]
fn scalings_are_mapped() {
    let mut arrays = whole();
    let options =
        |text: &str| CheckpointOptions::default().with_scaling(text.parse::<Scaling>().unwrap());
    let read = |arrays: &[NamedArray], options: &CheckpointOptions| {
        let found = checkpoints(arrays.to_vec(), options).unwrap().remove(0);
        linear(&found).clone()
    };
    let found = read(&arrays, &options("1/D"));
    assert_eq!(
        (found.factor.mid(), found.weights.layers()[0][0]),
        (2.0, 2.0)
    );
    assert_eq!(found.away, 0.0);
    let third = read(&arrays, &options("1/3"));
    assert!(third.away > 0.0 && third.away < 1e-14 * third.weights.norm().mid());
    assert!(found.own_gradient().contains(2.0) && found.own_step(0.5).contains(0.25));
    arrays.push(array("scale", &[]));
    let found = read(&arrays, &CheckpointOptions::default());
    assert_eq!(found.factor.mid(), 4.0);
    assert_eq!(
        checkpoints(arrays.clone(), &own()).unwrap_err(),
        CheckError::TwoScales
    );
    arrays[4].entries[0] = -1.0;
    let refused = checkpoints(arrays, &CheckpointOptions::default()).unwrap_err();
    assert_eq!(
        refused,
        CheckError::NotPositive {
            array: "scale",
            value: -1.0
        }
    );
    let refused = checkpoints(whole(), &CheckpointOptions::default()).unwrap_err();
    assert_eq!(refused, CheckError::NoScale);
    let refused = checkpoints(whole(), &options("1e308")).unwrap_err();
    assert!(matches!(refused, CheckError::Overflow { .. }));
}

#[test]
fn time_comes_first_and_layers_may_stand_alone() {
    let mut arrays = whole();
    arrays[0] = array("layers", &[3, 2, 3, 8]);
    arrays.push(array("loss", &[3]));
    let found = read(arrays).unwrap();
    assert_eq!(found.len(), 3);
    for (time, checkpoint) in found.iter().enumerate() {
        let first = 1.0 + 48.0 * time as f64;
        assert_eq!(linear(checkpoint).weights.layers()[0][(0, 0)], first);
        assert_eq!(checkpoint.stated_loss, Some(1.0 + time as f64));
        assert_eq!(checkpoint.network.moved(&found[0].network), None);
    }
    let mut arrays = whole()[1..].to_vec();
    arrays.iter_mut().for_each(|array| array.name += ".weight");
    // In the order of numbers, not of letters.
    arrays.extend((0..11).rev().map(|k| {
        let mut layer = array(&format!("layers.{k}.weight"), &[3, 8]);
        layer.entries.fill(k as f64);
        layer
    }));
    let layers = linear(&read(arrays.clone()).unwrap()[0]).weights.clone();
    assert_eq!(layers.depth(), 11);
    assert!((0..11).all(|k| layers.layers()[k][0] == k as f64));
    arrays.remove(5);
    let refused = read(arrays).unwrap_err();
    assert!(matches!(
        refused,
        CheckError::Missing {
            array: "layers",
            ..
        }
    ));
}

#[test]
fn fixed_arrays_that_move_are_named() {
    let first = &read(whole()).unwrap()[0].network;
    for (place, name) in [(1, "frequencies"), (2, "input"), (3, "output")] {
        let mut arrays = whole();
        arrays[place].entries[0] += 1.0;
        let moved = &read(arrays).unwrap()[0].network;
        assert_eq!(moved.moved(first), Some(name));
    }
}

#[test]
fn what_is_no_network_is_refused_in_words() {
    let refused = |change: &dyn Fn(&mut Vec<NamedArray>)| {
        let mut arrays = whole();
        change(&mut arrays);
        read(arrays).unwrap_err().to_string()
    };
    let with =
        |name: &'static str| move |arrays: &mut Vec<NamedArray>| arrays.push(array(name, &[3]));
    for (change, parts) in [
        (
            &(|arrays: &mut Vec<NamedArray>| arrays.clear()) as &dyn Fn(&mut Vec<NamedArray>),
            &["those of no network"][..],
        ),
        (
            &|arrays| drop(arrays.remove(0)),
            &["no array `layers`", "there is frequencies"],
        ),
        (
            &|arrays| drop(arrays.remove(1)),
            &["no array `frequencies`"],
        ),
        (&|arrays| drop(arrays.remove(2)), &["no array `input`"]),
        (&|arrays| drop(arrays.remove(3)), &["no array `output`"]),
        (
            &|arrays| arrays[0] = array("layers", &[2, 3, 7]),
            &["layers", "2 × 3 × 7", "3 × 8"],
        ),
        (
            &|arrays| arrays[0] = array("layers", &[2, 4, 8]),
            &["2 × 4 × 8", "3 × 8"],
        ),
        (
            &|arrays| arrays[0] = array("layers", &[6, 8]),
            &["6 × 8", "D × q × 2m"],
        ),
        (
            &|arrays| arrays[2] = array("input", &[2, 2]),
            &["`input` is of shape 2 × 2", "3 rows"],
        ),
        (
            &|arrays| arrays[3] = array("output", &[3, 1]),
            &["`output` is of shape 3 × 1", "3 columns"],
        ),
        (
            &|arrays| arrays[3] = array("output", &[]),
            &["a single number"],
        ),
        (&with("layers.0"), &["`layers` holds all"]),
        (&with("layers.weight"), &["`layers` is there twice"]),
        (&with("output.weight"), &["`output` is there twice"]),
        (&with("loss"), &["`loss` is of shape 3", "a single number"]),
        (
            &with("bn1.running_mean"),
            &["no array bn1.running_mean", "normalisation"],
        ),
        (&with("blocks.0.attn.q_proj"), &["attention"]),
        (&with("conv1.weight"), &["convolution"]),
        (&with("output.bias"), &["append a coordinate that is 1"]),
        (&with("momentum"), &["no array momentum; leave"]),
    ] {
        let message = refused(change);
        for part in parts {
            assert!(message.contains(part), "`{part}` in: {message}");
        }
    }
}

/// `d = 1`, `q = 2`, `d' = 1`, `M = 3`, `D = 2`.
fn particles() -> Vec<NamedArray> {
    let pick = |name: &str, entries: [f64; 2], shape: [usize; 2]| NamedArray {
        name: name.to_owned(),
        shape: shape.to_vec(),
        entries: entries.to_vec(),
    };
    vec![
        array("outer", &[2, 2, 3]),
        array("inner", &[2, 3, 2]),
        array("bias", &[2, 3]),
        pick("input", [1.0, 0.0], [2, 1]),
        pick("output", [0.0, 5.0], [1, 2]),
    ]
}

#[test]
fn blocks_are_particles() {
    let options = own()
        .with_scaling("1".parse::<Scaling>().unwrap())
        .with_activation(Activation::Tanh);
    let found = checkpoints(particles(), &options).unwrap();
    assert_eq!(found[0].network.shape(), [2, 3, 2, 1, 1]);
    let refused = |change: &dyn Fn(&mut Vec<NamedArray>)| {
        let mut arrays = particles();
        change(&mut arrays);
        checkpoints(arrays, &options).unwrap_err().to_string()
    };
    for (change, parts) in [
        (
            &(|arrays: &mut Vec<NamedArray>| drop(arrays.remove(1)))
                as &dyn Fn(&mut Vec<NamedArray>),
            &["no array `inner`"][..],
        ),
        (
            &|arrays| arrays[1] = array("inner", &[2, 2, 3]),
            &["`inner` is of shape 2 × 2 × 3", "2 × 3 × 2"],
        ),
        (
            &|arrays| arrays[2] = array("bias", &[3]),
            &["`bias` is of shape 3", "2 × 3"],
        ),
        (
            &|arrays| arrays[0] = array("outer", &[2, 3]),
            &["all blocks of one width"],
        ),
        (
            &|arrays| arrays[3].entries[0] = 0.5,
            &["`input`", "a single 1"],
        ),
        (
            &|arrays| arrays[4].entries[0] = 0.5,
            &["`output`", "last rows of the identity"],
        ),
        (
            &|arrays| arrays.push(array("layers.0", &[2, 2])),
            &["no array layers.0"],
        ),
    ] {
        let message = refused(change);
        for part in parts {
            assert!(message.contains(part), "`{part}` in: {message}");
        }
    }
    let refused = checkpoints(particles(), &own()).unwrap_err();
    assert_eq!(refused, CheckError::NoActivation);
    // A first dimension of time.
    let mut arrays = particles();
    arrays[0] = array("outer", &[3, 2, 2, 3]);
    arrays[1] = array("inner", &[3, 2, 3, 2]);
    arrays[2] = array("bias", &[3, 2, 3]);
    let found = checkpoints(arrays, &options).unwrap();
    assert_eq!(found.len(), 3);
    assert!(found[2].network.distance(&found[0].network).lower() > 1.0);
    assert_eq!(found[2].network.moved(&found[0].network), None);
}
