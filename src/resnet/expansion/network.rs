//! The architecture, and the geometry of its space of parameters.

use super::field::beside;
use super::{Expansion, ExpansionTape, Field, FieldKernel};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, enlarged, gamma};
use crate::gram::times_top;
use crate::kernel::KernelSpec;
use crate::resnet::frame::{require_finite, require_shape};
use crate::resnet::{Frame, NetworkError, Pass, ResidualNetwork, Rounding};
use nalgebra::DMatrix;

/// A residual network `x ↦ Bz_D`, `z_0 = Ax`, `z_{k+1} = z_k + v_k(z_k)/D`, with `v_k` in the RKHS
/// of a kernel `k·Id_q`: the non-parametric model, whose width is infinite.
///
/// # Example
/// The gradient at zero interpolates nothing but knows its norm:
/// ```
/// use polyak::resnet::{ExpansionNetwork, ResidualNetwork};
/// let kernel: polyak::kernel::KernelSpec = "matern52:1".parse()?;
/// let network = ExpansionNetwork::lifted(1, 1, 2.0, kernel, 1)?;
/// let mut tape = network.tape(1);
/// let loss = network.forward(&mut tape, &network.zero(), &nalgebra::dmatrix![0.3], &nalgebra::dmatrix![1.0]);
/// network.backward(&mut tape, &network.zero());
/// // One sample: ‖∇L‖² = ‖B‖²·2L.
/// assert!(network.norm(network.gradient(&tape)).square().contains(8.0 * loss));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExpansionNetwork<K = KernelSpec> {
    frame: Frame,
    kernel: K,
}

impl<K: FieldKernel> ExpansionNetwork<K> {
    /// Builds a network from lift `A` (q × d), readout `B` (d' × q), a kernel and a depth.
    ///
    /// # Errors
    /// No layer; an empty or non-finite matrix; shapes that do not fit.
    pub fn try_new(
        lift: DMatrix<f64>,
        readout: DMatrix<f64>,
        kernel: K,
        depth: usize,
    ) -> Result<Self, NetworkError> {
        let dimension = kernel.dimension().unwrap_or(lift.nrows());
        kernel.require_dimension(dimension)?;
        let frame = Frame::try_new(lift, readout, dimension, depth)?;
        Ok(Self { frame, kernel })
    }

    /// Builds the network of P10's recipe: state `R^{d+d'}`, `A = (Id; 0)`, `B = α(0, Id)`.
    ///
    /// # Errors
    /// As [`try_new`](Self::try_new).
    pub fn lifted(
        inputs: usize,
        outputs: usize,
        scale: f64,
        kernel: K,
        depth: usize,
    ) -> Result<Self, NetworkError> {
        let frame = Frame::lifted(inputs, outputs, scale, depth)?;
        Self::try_new(frame.lift().clone(), frame.readout().clone(), kernel, depth)
    }

    /// Returns the kernel.
    pub fn kernel(&self) -> &K {
        &self.kernel
    }

    /// Makes a field of centres and coefficients, both q × M, and finds its norm.
    ///
    /// # Errors
    /// Shapes that do not fit the states, or a number that is not finite.
    ///
    /// # Cost
    /// `M²` kernel values.
    pub fn field(
        &self,
        centres: DMatrix<f64>,
        coefficients: DMatrix<f64>,
    ) -> Result<Field, NetworkError> {
        let dimension = self.frame.state_dimension();
        require_shape("the centres", &centres, (dimension, centres.ncols()))?;
        require_shape("the coefficients", &coefficients, centres.shape())?;
        if centres.ncols() > 0 {
            require_finite("the centres", &centres)?;
            require_finite("the coefficients", &coefficients)?;
        }
        let zero = Field::zero(dimension);
        Ok(self.appended(&zero, centres, coefficients))
    }

    /// Makes a parameter of a field a layer.
    ///
    /// # Errors
    /// A number of layers that is not the depth.
    pub fn expansion(&self, layers: Vec<Field>) -> Result<Expansion, NetworkError> {
        if layers.len() != self.frame.depth() {
            return Err(NetworkError::Shape {
                what: "the list of fields",
                rows: layers.len(),
                columns: 1,
                expected_rows: self.frame.depth(),
                expected_columns: 1,
            });
        }
        Ok(Expansion { layers })
    }

    /// Returns the predictions (d' × N) for inputs (d × N).
    ///
    /// # Panics
    /// If shapes do not fit.
    pub fn predict(&self, v: &Expansion, inputs: &DMatrix<f64>) -> DMatrix<f64> {
        let mut tape = self.tape(inputs.ncols());
        let targets = DMatrix::zeros(self.frame.output_dimension(), inputs.ncols());
        self.forward(&mut tape, v, inputs, &targets);
        self.pass(&tape).errors.clone()
    }

    /// Appends sections `Σ_j k(·, c_j)b_j` to a field: by the reproducing property
    /// `‖v+w‖² = ‖v‖² + Σ_ij k(c_i, c_j)(2a_i + b_i)·b_j`.
    pub(super) fn appended(
        &self,
        field: &Field,
        centres: DMatrix<f64>,
        coefficients: DMatrix<f64>,
    ) -> Field {
        let (sections, added) = (field.len(), centres.ncols());
        if added == 0 {
            return field.clone();
        }
        let centres = beside(&[&field.centres, &centres]);
        let mut block = DMatrix::zeros(sections + added, added);
        self.kernel.values(&centres, &mut block);
        let doubled = beside(&[&(&field.coefficients * 2.0), &coefficients]);
        let growth = times_top(&doubled, &block).dot(&coefficients);
        let (mass, more) = (field.mass(), columns_sum(&coefficients));
        let mut sum = Field {
            coefficients: beside(&[&field.coefficients, &coefficients]),
            centres,
            norm_squared: field.norm_squared,
        };
        let error = self.form_error(&sum) * (2.0 * mass + more) * more;
        sum.norm_squared = field.norm_squared + Ball::new(growth, enlarged(error, 16));
        sum
    }

    /// Error of a form `Σ k(c_i, c_j)a_i·b_j` per unit of `Σ‖a_i‖·Σ‖b_j‖`: that of the values and
    /// of three sums.
    fn form_error(&self, field: &Field) -> f64 {
        let dimension = self.frame.state_dimension();
        let value = self.kernel.value_error(dimension, field.reach());
        // A product over centres, and one over entries, of numbers that are themselves off by `value`.
        let sums = gamma(field.len() + 4) + gamma(dimension * field.len() + 4);
        enlarged(value + sums * (1.0 + value), field.len() + dimension + 16)
    }

    /// The sections of `Σ_j t_j w_j` at a layer, those of a factor that is zero left out.
    fn sections(&self, layer: usize, terms: &[(f64, &Expansion)]) -> (DMatrix<f64>, DMatrix<f64>) {
        let Field {
            mut centres,
            mut coefficients,
            ..
        } = Field::zero(self.frame.state_dimension());
        for (t, w) in terms.iter().filter(|(t, _)| *t != 0.0) {
            centres = beside(&[&centres, &w.layers[layer].centres]);
            coefficients = beside(&[&coefficients, &(&w.layers[layer].coefficients * *t)]);
        }
        (centres, coefficients)
    }

    /// `<v, w>` of two fields.
    fn field_product(&self, v: &Field, w: &Field) -> Ball {
        let centres = beside(&[&v.centres, &w.centres]);
        let mut block = DMatrix::zeros(centres.ncols(), w.len());
        self.kernel.values(&centres, &mut block);
        let form = times_top(&v.coefficients, &block).dot(&w.coefficients);
        let both = Field {
            coefficients: beside(&[&v.coefficients, &w.coefficients]),
            centres,
            norm_squared: Ball::from(0.0),
        };
        Ball::new(
            form,
            enlarged(self.form_error(&both) * v.mass() * w.mass(), 16),
        )
    }

    /// `v − w`, without the sections that both begin with.
    fn difference(&self, v: &Field, w: &Field) -> Field {
        let equal = |j: usize| {
            v.centres.column(j) == w.centres.column(j)
                && v.coefficients.column(j) == w.coefficients.column(j)
        };
        let most = v.len().min(w.len());
        let common = (0..most).take_while(|&j| equal(j)).count();
        let rest = |a: &DMatrix<f64>| a.columns(common, a.ncols() - common).into_owned();
        let zero = Field::zero(self.frame.state_dimension());
        self.appended(
            &zero,
            beside(&[&rest(&v.centres), &rest(&w.centres)]),
            beside(&[&rest(&v.coefficients), &-rest(&w.coefficients)]),
        )
    }
}

fn require_depths(v: &Expansion, terms: &[(f64, &Expansion)]) {
    for (_, w) in terms {
        assert_eq!(v.depth(), w.depth(), "depths of two expansions");
    }
}

/// `Σ_j‖a_j‖`.
pub(super) fn columns_sum(a: &DMatrix<f64>) -> f64 {
    a.column_iter().map(|column| column.norm()).sum()
}

fn mean(terms: impl ExactSizeIterator<Item = Ball>) -> Ball {
    let count = Ball::from(terms.len() as f64);
    terms.sum::<Ball>() / count
}

impl<K: FieldKernel> ResidualNetwork for ExpansionNetwork<K> {
    type Parameter = Expansion;
    type Tape = ExpansionTape;

    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn with_readout_scaled(&self, factor: f64) -> Result<Self, NetworkError> {
        Ok(Self {
            frame: self.frame.with_readout_scaled(factor)?,
            kernel: self.kernel.clone(),
        })
    }

    fn kappa1(&self) -> Ball {
        self.kernel.kappa1()
    }

    fn kappa2(&self) -> Ball {
        self.kernel.kappa2()
    }

    fn zero(&self) -> Expansion {
        let field = Field::zero(self.frame.state_dimension());
        Expansion {
            layers: vec![field; self.frame.depth()],
        }
    }

    fn combination(&self, v: &Expansion, terms: &[(f64, &Expansion)]) -> Expansion {
        require_depths(v, terms);
        let layers = v.layers.iter().enumerate().map(|(k, field)| {
            let (centres, coefficients) = self.sections(k, terms);
            self.appended(field, centres, coefficients)
        });
        Expansion {
            layers: layers.collect(),
        }
    }

    /// The norm of a layer is off by what is added, at most: no kernel value is needed.
    fn passing_point(&self, v: &Expansion, terms: &[(f64, &Expansion)]) -> Expansion {
        require_depths(v, terms);
        let layers = v.layers.iter().enumerate().map(|(k, field)| {
            let (centres, coefficients) = self.sections(k, terms);
            let lengths = terms
                .iter()
                .map(|(t, w)| Ball::from(t.abs()) * w.layers[k].norm_squared.sqrt());
            let (norm, added) = (field.norm_squared.sqrt(), lengths.sum::<Ball>());
            Field {
                centres: beside(&[&field.centres, &centres]),
                coefficients: beside(&[&field.coefficients, &coefficients]),
                norm_squared: norm.widened(added.upper()).positive_part().square(),
            }
        });
        Expansion {
            layers: layers.collect(),
        }
    }

    /// Sections are appended: only the products with the factors round.
    fn combination_rounding(&self, _: &Expansion, terms: &[(f64, &Expansion)]) -> f64 {
        let layers = (0..self.frame.depth()).map(|k| {
            let masses = terms.iter().map(|(t, w)| t.abs() * w.layers[k].mass());
            UNIT_ROUNDOFF * masses.sum::<f64>()
        });
        let squares: f64 = layers.map(|x| x * x).sum();
        let sections = terms.iter().map(|(_, w)| w.sections()).sum::<usize>();
        enlarged(
            (squares / self.frame.depth() as f64).sqrt(),
            sections + self.frame.depth() + 16,
        )
    }

    fn layer_norms(&self, v: &Expansion) -> Vec<Ball> {
        let layers = v.layers.iter();
        layers.map(|field| field.norm_squared().sqrt()).collect()
    }

    fn distance(&self, v: &Expansion, w: &Expansion) -> Ball {
        let layers = v.layers.iter().zip(&w.layers);
        mean(layers.map(|(v, w)| self.difference(v, w).norm_squared())).sqrt()
    }

    fn inner_product(&self, v: &Expansion, w: &Expansion) -> Ball {
        let layers = v.layers.iter().zip(&w.layers);
        mean(layers.map(|(v, w)| self.field_product(v, w)))
    }

    fn tape(&self, samples: usize) -> ExpansionTape {
        ExpansionTape::new(self, samples)
    }

    fn forward(
        &self,
        tape: &mut ExpansionTape,
        v: &Expansion,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
    ) -> f64 {
        tape.forward(self, v, inputs, targets)
    }

    fn backward(&self, tape: &mut ExpansionTape, v: &Expansion) {
        tape.backward(self, v);
    }

    fn pull_back(&self, tape: &mut ExpansionTape, v: &Expansion, terminal: &DMatrix<f64>) {
        tape.pull_back(self, v, terminal);
    }

    fn pass<'a>(&self, tape: &'a ExpansionTape) -> Pass<'a> {
        tape.pass()
    }

    fn gradient<'a>(&self, tape: &'a ExpansionTape) -> &'a Expansion {
        tape.gradient()
    }

    fn rounding(&self, v: &Expansion, inputs: &DMatrix<f64>, tape: &ExpansionTape) -> Rounding {
        super::rounding::of(self, v, inputs, tape)
    }

    fn pull_back_rounding(
        &self,
        rounding: &Rounding,
        v: &Expansion,
        tape: &ExpansionTape,
    ) -> Vec<f64> {
        super::rounding::of_pull_back(self, rounding, v, tape)
    }

    fn gram(&self, tape: &ExpansionTape, layer: usize) -> DMatrix<f64> {
        tape.gram(layer)
    }

    /// The values at the computed states, and `|k(z,z') − k(y,y')| ≤ ‖k(·,z)−k(·,y)‖ + ‖k(·,z')−k(·,y')‖`.
    fn gram_entry_error(&self, rounding: &Rounding, layer: usize) -> f64 {
        enlarged(rounding.values[layer] + 2.0 * rounding.features[layer], 8)
    }
}
