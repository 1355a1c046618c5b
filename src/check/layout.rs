//! From named arrays to networks: which array is what.
//!
//! | array | shape | what it is |
//! |---|---|---|
//! | `layers` | D × q × 2m | `W_k` of `z + s·W_k·(cos Ωz, sin Ωz)`; with a first dimension of time, several checkpoints |
//! | `layers.0`, `layers.1`, … | q × 2m each | the same, a layer an array |
//! | `frequencies` | m × q | `Ω`, a frequency a row |
//! | `input` | q × d | `A` of `z_0 = Ax` |
//! | `output` | d' × q | `B` of `F = Bz_D` |
//! | `scale` | a number | `s`, if `--scale` does not say it |
//! | `loss` | a number, or one a checkpoint | `(2N)⁻¹Σ‖F − y‖²` as the code that trained it has it: a control |
//!
//! Of two-layer blocks `x + s·V_kσ(W_kx + b_k)`, everything in them trained, there are instead of `layers` and `frequencies`
//!
//! | array | shape | what it is |
//! |---|---|---|
//! | `outer` | D × q × M | `V_k`; with a first dimension of time, several checkpoints |
//! | `inner` | D × M × q | `W_k`, likewise |
//! | `bias` | D × M | `b_k`, likewise; zero if it is not there |
//! | `input` | q × d | every row picks a coordinate of the input, or none |
//! | `output` | d' × q | a number times the last rows of the identity |
//!
//! Every name may end in `.weight`.

use super::error::shown;
use super::particles::Block;
use super::{CheckError, CheckedNetwork, LinearNetwork, ParticleNetwork, Scaling};
use crate::arithmetic::Ball;
use crate::data::NamedArray;
use crate::features::FourierFeatures;
use crate::meanfield::Activation;
use crate::resnet::ResNet;
use crate::text::count as counted;
use nalgebra::DMatrix;
use std::sync::Arc;

/// A network of a file, and what the file says of it.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The network.
    pub network: CheckedNetwork,
    /// How a block is scaled.
    pub scaling: Scaling,
    /// The loss that the file states.
    pub stated_loss: Option<f64>,
}

impl Checkpoint {
    /// Tells whether the loss that the file states is the one that was found; nothing, if it states none.
    ///
    /// It is, if it is off by no more than a thousandth: a pass in single precision has a tenth of that.
    #[must_use]
    pub fn agrees(&self, found: Ball) -> Option<bool> {
        const AGREEMENT: f64 = 1e-3;
        let allowed = AGREEMENT * found.mid().abs() + found.rad();
        self.stated_loss
            .map(|stated| (stated - found.mid()).abs() <= allowed)
    }
}

/// How the arrays of a file are understood.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CheckpointOptions {
    /// What multiplies a block, if the file does not say it.
    pub scaling: Option<Scaling>,
    /// The activation of two-layer blocks.
    pub activation: Option<Activation>,
}

impl CheckpointOptions {
    setters! {
        with_scaling, scaling: impl Into<Option<Scaling>>;
        with_activation, activation: impl Into<Option<Activation>>;
    }
}

/// The arrays of a network that is linear in its parameters, but the layers one by one.
const LINEAR: [&str; 6] = ["layers", "frequencies", "input", "output", "scale", "loss"];

/// The arrays of two-layer blocks.
const BLOCKS: [&str; 7] = ["outer", "inner", "bias", "input", "output", "scale", "loss"];

/// What the name of an array says of networks that the theory does not cover.
const FOREIGN: [(&[&str], &str); 4] = [
    (
        &["norm", "bn", "running_mean", "running_var", "gamma", "beta"],
        "normalisation makes a prediction depend on the other samples or on the size of a state, and the theory has no bound \
         for that",
    ),
    (
        &["attn", "attention", "q_proj", "k_proj", "v_proj", "in_proj"],
        "attention is no sum of features of one state, and the theory does not cover it",
    ),
    (
        &["conv", "kernel"],
        "the theory has dense layers: write a convolution as the matrix that it is",
    ),
    (
        &["bias"],
        "the theory has no biases there: append a coordinate that is 1 to the inputs, and their column to `input`",
    ),
];

/// The arrays of a file, by name.
struct Arrays {
    arrays: Vec<NamedArray>,
}

/// The name without what frameworks put behind it.
fn stem(name: &str) -> &str {
    name.strip_suffix(".weight").unwrap_or(name)
}

impl Arrays {
    fn names(&self) -> Vec<String> {
        self.arrays.iter().map(|array| array.name.clone()).collect()
    }

    fn find(&self, name: &str) -> Option<&NamedArray> {
        self.arrays.iter().find(|array| stem(&array.name) == name)
    }

    fn need(&self, array: &'static str, meaning: &'static str) -> Result<&NamedArray, CheckError> {
        self.find(array).ok_or_else(|| CheckError::Missing {
            array,
            meaning,
            available: self.names(),
        })
    }

    /// A matrix of so many columns, if they are known.
    fn matrix(
        &self,
        array: &'static str,
        meaning: &'static str,
        columns: Option<usize>,
    ) -> Result<DMatrix<f64>, CheckError> {
        let found = self.need(array, meaning)?;
        match found.shape[..] {
            [rows, across] if columns.is_none_or(|columns| columns == across) => {
                Ok(DMatrix::from_row_slice(rows, across, &found.entries))
            }
            _ => Err(shape_error(
                found,
                match columns {
                    Some(columns) => {
                        format!("a matrix of {}, {meaning},", counted(columns, "column"))
                    }
                    None => format!("a matrix, {meaning},"),
                },
            )),
        }
    }

    /// Numbers, one or as many as there are checkpoints.
    fn numbers(&self, array: &'static str, times: usize) -> Result<Option<Vec<f64>>, CheckError> {
        let Some(found) = self.find(array) else {
            return Ok(None);
        };
        if found.shape.len() <= 1 && [1, times].contains(&found.entries.len()) {
            return Ok(Some(found.entries.clone()));
        }
        let expected = match times {
            1 => "a single number".to_owned(),
            _ => format!("a single number or a row of {times}"),
        };
        Err(shape_error(found, expected))
    }

    /// The place of an array `layers.k`, from 0.
    fn place(name: &str) -> Option<usize> {
        stem(name).strip_prefix("layers.")?.parse().ok()
    }

    /// The layers of every checkpoint, each q × 2m.
    fn layers(&self) -> Result<Vec<Vec<DMatrix<f64>>>, CheckError> {
        let parts: Vec<_> = self
            .arrays
            .iter()
            .filter_map(|a| Some((Self::place(&a.name)?, a)))
            .collect();
        if let Some(whole) = self.find("layers") {
            if let Some((_, part)) = parts.first() {
                let arrays = vec![part.name.clone()];
                let reason = Some("`layers` holds all of them");
                return Err(CheckError::Unknown { arrays, reason });
            }
            let (times, [depth, rows, columns]) = match whole.shape[..] {
                [depth, rows, columns] => (1, [depth, rows, columns]),
                [times, depth, rows, columns] => (times, [depth, rows, columns]),
                _ => {
                    let expected = "D × q × 2m, or times × D × q × 2m,".to_owned();
                    return Err(shape_error(whole, expected));
                }
            };
            let mut matrices = whole
                .entries
                .chunks_exact(rows * columns)
                .map(|entries| DMatrix::from_row_slice(rows, columns, entries));
            let one = |_| matrices.by_ref().take(depth).collect();
            return Ok((0..times).map(one).collect());
        }
        let mut layers = Vec::with_capacity(parts.len());
        for k in 0..parts.len() {
            // A gap in the numbers, or a number twice.
            let Some((_, part)) = parts.iter().find(|(place, _)| *place == k) else {
                return Err(self.no_layers());
            };
            let first: &NamedArray = parts[0].1;
            match part.shape[..] {
                [rows, columns] if part.shape == first.shape => {
                    layers.push(DMatrix::from_row_slice(rows, columns, &part.entries));
                }
                _ => {
                    let expected = format!("a matrix q × 2m, as `{}`,", first.name);
                    return Err(shape_error(part, expected));
                }
            }
        }
        if layers.is_empty() {
            return Err(self.no_layers());
        }
        Ok(vec![layers])
    }

    fn no_layers(&self) -> CheckError {
        CheckError::Missing {
            array: "layers",
            meaning: "the weights of the layers, D × q × 2m, or `layers.0`, `layers.1` and so on without a gap",
            available: self.names(),
        }
    }

    /// Refuses what the layout does not know, since a bias that is left out is another network, and what it has twice.
    fn require_known(&self, layout: &[&str]) -> Result<(), CheckError> {
        let mut stems: Vec<&str> = self.arrays.iter().map(|array| stem(&array.name)).collect();
        stems.sort_unstable();
        if let Some(twice) = stems.windows(2).find(|pair| pair[0] == pair[1]) {
            let array = twice[0].to_owned();
            return Err(CheckError::Twice { array });
        }
        let places = layout.contains(&"layers");
        let known =
            |name: &str| layout.contains(&stem(name)) || places && Self::place(name).is_some();
        let arrays: Vec<String> = self
            .names()
            .into_iter()
            .filter(|name| !known(name))
            .collect();
        if arrays.is_empty() {
            return Ok(());
        }
        let smells = |marks: &[&str]| {
            let has = |name: &String| {
                let name = name.to_lowercase();
                let mut words = name.split(['.', '/', '_']);
                marks.iter().any(|mark| {
                    name.contains(mark)
                        && (mark.len() > 2 || words.any(|word| word.starts_with(mark)))
                })
            };
            arrays.iter().any(has)
        };
        let reason = FOREIGN.iter().find(|(marks, _)| smells(marks));
        Err(CheckError::Unknown {
            reason: reason.map(|(_, reason)| *reason),
            arrays,
        })
    }

    fn scaling(&self, options: &CheckpointOptions) -> Result<Scaling, CheckError> {
        let stated = self.numbers("scale", 1)?;
        match (stated, &options.scaling) {
            (Some(_), Some(_)) => Err(CheckError::TwoScales),
            (Some(number), None) if number[0] > 0.0 => Ok(Scaling::of_number(number[0])?),
            (Some(number), None) => Err(CheckError::NotPositive {
                array: "scale",
                value: number[0],
            }),
            (None, Some(scaling)) => Ok(scaling.clone()),
            (None, None) => Err(CheckError::NoScale),
        }
    }
}

fn shape_error(array: &NamedArray, expected: String) -> CheckError {
    CheckError::Shape {
        array: array.name.clone(),
        shape: array.shape.clone(),
        expected: expected.trim_end_matches(',').to_owned(),
    }
}

/// Makes networks of the arrays of a file, in the order of time.
///
/// # Errors
/// Arrays that are missing, that no layout has, or of shapes that do not fit; no scaling; weights beyond f64.
///
/// # Example
/// One layer on the line, `z + (cos z, sin z)·W/2`:
/// ```
/// use polyak::check::{CheckpointOptions, checkpoints};
/// use polyak::data::NamedArray;
/// let array = |name: &str, shape: &[usize], entries: &[f64]| NamedArray {
///     name: name.into(), shape: shape.into(), entries: entries.into(),
/// };
/// let arrays = vec![
///     array("layers", &[1, 1, 2], &[0.5, 0.25]), array("frequencies", &[1, 1], &[1.0]),
///     array("input", &[1, 1], &[1.0]), array("output", &[1, 1], &[3.0]),
/// ];
/// let options = CheckpointOptions::default().with_scaling("0.5".parse::<polyak::check::Scaling>()?);
/// let found = checkpoints(arrays, &options)?;
/// assert_eq!((found.len(), found[0].network.shape()), (1, [1, 1, 1, 1, 1]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn checkpoints(
    arrays: Vec<NamedArray>,
    options: &CheckpointOptions,
) -> Result<Vec<Checkpoint>, CheckError> {
    let arrays = Arrays { arrays };
    if arrays.find("outer").is_some() || arrays.find("inner").is_some() {
        return blocks(&arrays, options);
    }
    if !LINEAR[..4].iter().any(|name| arrays.find(name).is_some()) {
        let available = arrays.names();
        return Err(CheckError::NoLayout { available });
    }
    arrays.require_known(&LINEAR)?;
    let frequencies = arrays.matrix("frequencies", "m × q, a frequency a row", None)?;
    let (count, state) = frequencies.shape();
    let lift = arrays.lift(state)?;
    let readout = arrays.matrix("output", "B of F = Bz_D, d' × q", Some(state))?;
    let scaling = arrays.scaling(options)?;
    let all = arrays.layers()?;
    let losses = arrays.numbers("loss", all.len())?;
    let features = FourierFeatures::try_new(frequencies.transpose())?;
    // One network for all checkpoints: what is fixed is there once.
    let network = Arc::new(ResNet::try_new(lift, readout, features, all[0].len())?);
    let mut found = Vec::with_capacity(all.len());
    for (time, layers) in all.into_iter().enumerate() {
        let wrong = layers
            .iter()
            .position(|layer| layer.shape() != (state, 2 * count));
        if let Some(k) = wrong {
            let (rows, columns) = layers[k].shape();
            return Err(CheckError::Shape {
                array: "layers".to_owned(),
                shape: vec![layers.len(), rows, columns],
                expected: format!(
                    "a layer {}, as `frequencies`, {}, calls for,",
                    shown(&[state, 2 * count]),
                    shown(&[count, state])
                ),
            });
        }
        let linear = LinearNetwork::try_new(Arc::clone(&network), layers, &scaling)?;
        found.push(Checkpoint {
            network: CheckedNetwork::Linear(linear),
            scaling: scaling.clone(),
            stated_loss: losses.as_ref().map(|losses| losses[time % losses.len()]),
        });
    }
    Ok(found)
}

impl Arrays {
    /// `A`, of so many rows.
    fn lift(&self, state: usize) -> Result<DMatrix<f64>, CheckError> {
        let lift = self.matrix("input", "A of z_0 = Ax, q × d", None)?;
        if lift.nrows() == state {
            return Ok(lift);
        }
        let expected = format!(
            "a matrix of {}, the dimension of a state",
            counted(state, "row")
        );
        Err(shape_error(self.need("input", "A")?, expected))
    }
}

/// Puts other layers into the arrays of a file, in its layout: one checkpoint, with its loss.
///
/// # Arguments
/// * `arrays`: a network that is linear in its parameters, of one checkpoint or of several.
/// * `layers`: in the scaling of the file ([`Continuation::own_layers`](super::Continuation::own_layers)).
///
/// # Errors
/// [`CheckError::Shape`] where the arrays have other layers.
pub fn with_layers(
    arrays: Vec<NamedArray>,
    layers: &[DMatrix<f64>],
    loss: f64,
) -> Result<Vec<NamedArray>, CheckError> {
    let rows = |layer: &DMatrix<f64>| layer.transpose().as_slice().to_vec();
    let (mut found, mut placed) = (Vec::with_capacity(arrays.len() + 1), 0);
    for array in arrays {
        let whole = stem(&array.name) == "layers";
        let (shape, entries): (Vec<usize>, Vec<f64>) = if whole {
            let (q, features) = layers[0].shape();
            placed += layers.len();
            let entries = layers.iter().flat_map(rows).collect();
            (vec![layers.len(), q, features], entries)
        } else if let Some(place) = Arrays::place(&array.name) {
            let Some(layer) = layers.get(place) else {
                return Err(shape_error(&array, counted(layers.len(), "layer")));
            };
            placed += 1;
            (vec![layer.nrows(), layer.ncols()], rows(layer))
        } else if stem(&array.name) == "loss" {
            continue;
        } else {
            found.push(array);
            continue;
        };
        if !array.shape.ends_with(&shape) {
            return Err(shape_error(&array, shown(&shape)));
        }
        found.push(NamedArray {
            shape,
            entries,
            ..array
        });
    }
    if placed != layers.len() {
        return Err(Arrays { arrays: found }.no_layers());
    }
    found.push(NamedArray {
        name: "loss".to_owned(),
        shape: Vec::new(),
        entries: vec![loss],
    });
    Ok(found)
}

/// Networks of two-layer blocks.
fn blocks(arrays: &Arrays, options: &CheckpointOptions) -> Result<Vec<Checkpoint>, CheckError> {
    arrays.require_known(&BLOCKS)?;
    let outer = arrays.need("outer", "V_k of x + s·V_kσ(W_kx + b_k), D × q × M")?;
    let inner = arrays.need("inner", "W_k of x + s·V_kσ(W_kx + b_k), D × M × q")?;
    let bias = arrays.find("bias");
    let (times, [depth, state, width]) = match outer.shape[..] {
        [depth, state, width] => (1, [depth, state, width]),
        [times, depth, state, width] => (times, [depth, state, width]),
        _ => {
            let expected = "D × q × M, or times × D × q × M, all blocks of one width".to_owned();
            return Err(shape_error(outer, expected));
        }
    };
    let timed = |shape: &[usize]| -> Vec<usize> {
        let time = (outer.shape.len() == 4).then_some(times);
        time.into_iter().chain(shape.iter().copied()).collect()
    };
    let shapes = [
        (Some(inner), timed(&[depth, width, state])),
        (bias, timed(&[depth, width])),
    ];
    for (array, needed) in shapes {
        if let Some(array) = array.filter(|array| array.shape != needed) {
            let expected = format!(
                "one {}, as `outer` is {},",
                shown(&needed),
                shown(&outer.shape)
            );
            return Err(shape_error(array, expected));
        }
    }
    let output = arrays.matrix("output", "B of F = Bx_D, d' × q", Some(state))?;
    let input = arrays.lift(state)?;
    let scaling = arrays.scaling(options)?;
    let losses = arrays.numbers("loss", times)?;
    let activation = options.activation.ok_or(CheckError::NoActivation)?;
    let size = state * width;
    let block = |place: usize| Block {
        outer: DMatrix::from_row_slice(state, width, &outer.entries[place * size..][..size]),
        inner: DMatrix::from_row_slice(width, state, &inner.entries[place * size..][..size]),
        bias: match bias {
            Some(bias) => bias.entries[place * width..][..width].to_vec(),
            None => vec![0.0; width],
        },
    };
    let checkpoint = |time: usize| {
        let blocks: Vec<Block> = (0..depth).map(|k| block(time * depth + k)).collect();
        let particles = ParticleNetwork::try_new(activation, &input, &output, &blocks, &scaling)?;
        Ok(Checkpoint {
            network: CheckedNetwork::Particles(particles),
            scaling: scaling.clone(),
            stated_loss: losses.as_ref().map(|losses| losses[time % losses.len()]),
        })
    };
    (0..times).map(checkpoint).collect()
}

#[cfg(test)]
mod tests;
