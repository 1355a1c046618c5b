//! Networks as measures: layers of particles.

use super::MeanFieldError;
use crate::arithmetic::Ball;
use nalgebra::DMatrix;

/// The parameters of a network of depth `D` and width `M`: in every layer `M` particles
/// `ω = (u, w, b) ∈ R^q × R^q × R`, the columns of a `(2q+1) × M` matrix.
///
/// It stands for the measure `μ = D⁻¹Σ_k δ_k ⊗ μ_k`, `μ_k = M⁻¹Σ_j δ_{ω_k^j}`; as a vector it carries the
/// inner product of `L²(μ)`, `(DM)⁻¹ΣΣ ω·ω'`, and gradients are of this type too.
///
/// # Example
/// ```
/// use polyak::meanfield::Particles;
/// // One layer, two particles, q = 1.
/// let network = Particles::try_new(vec![nalgebra::dmatrix![1.0, 2.0; 0.5, 0.5; 0.0, 1.0]])?;
/// assert_eq!((network.depth(), network.width(), network.state_dimension()), (1, 2, 1));
/// assert_eq!(network.replicated(3).width(), 6);
/// # Ok::<(), polyak::meanfield::MeanFieldError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Particles {
    layers: Vec<DMatrix<f64>>,
}

/// The same numbers over any type: `[layer][particle][coordinate]`.
pub type Cloud<T> = Vec<Vec<Vec<T>>>;

impl Particles {
    /// Creates a network from its layers, `(2q+1) × M` each.
    ///
    /// # Errors
    /// No layer or particle; layers of different shapes; a dimension that is not `2q + 1`, `q ≥ 1`; numbers
    /// that are not finite.
    pub fn try_new(layers: Vec<DMatrix<f64>>) -> Result<Self, MeanFieldError> {
        let Some(first) = layers.first() else {
            return Err(MeanFieldError::Empty { what: "layers" });
        };
        let (rows, width) = first.shape();
        if width == 0 || rows < 3 {
            let what = if width == 0 {
                "particles"
            } else {
                "coordinates"
            };
            return Err(MeanFieldError::Empty { what });
        }
        let length = |what, index, length, expected| MeanFieldError::Length {
            what,
            index,
            length,
            expected,
        };
        if rows.is_multiple_of(2) {
            return Err(length("particle", 0, rows, rows + 1));
        }
        for (k, layer) in layers.iter().enumerate() {
            if layer.ncols() != width {
                return Err(length("layer", k, layer.ncols(), width));
            }
            if layer.nrows() != rows {
                return Err(length("particle of layer", k, layer.nrows(), rows));
            }
            if let Some(&value) = layer.iter().find(|x| !x.is_finite()) {
                let what = "a particle";
                return Err(MeanFieldError::NonFinite { what, value });
            }
        }
        Ok(Self { layers })
    }

    /// Creates a network from layers of particles of `2q + 1` numbers.
    ///
    /// # Errors
    /// As [`try_new`](Self::try_new), and particles of different lengths.
    pub fn from_rows(layers: &[Vec<Vec<f64>>]) -> Result<Self, MeanFieldError> {
        let mut matrices = Vec::with_capacity(layers.len());
        for layer in layers {
            let expected = layer.first().map_or(0, Vec::len);
            for (index, particle) in layer.iter().enumerate() {
                if particle.len() != expected {
                    return Err(MeanFieldError::Length {
                        what: "particle",
                        index,
                        length: particle.len(),
                        expected,
                    });
                }
            }
            let entries = layer.iter().flatten().copied();
            matrices.push(DMatrix::from_iterator(expected, layer.len(), entries));
        }
        Self::try_new(matrices)
    }

    /// Returns the layers, `(2q+1) × M` each.
    #[must_use]
    pub fn layers(&self) -> &[DMatrix<f64>] {
        &self.layers
    }

    pub(super) fn layers_mut(&mut self) -> &mut [DMatrix<f64>] {
        &mut self.layers
    }

    /// Returns `D`.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Returns `M`.
    #[must_use]
    pub fn width(&self) -> usize {
        self.layers[0].ncols()
    }

    /// Returns `q`.
    #[must_use]
    pub fn state_dimension(&self) -> usize {
        (self.layers[0].nrows() - 1) / 2
    }

    /// Returns the same numbers over another type.
    pub fn cloud<T>(&self, convert: impl Fn(f64) -> T) -> Cloud<T> {
        let particles = |layer: &DMatrix<f64>| {
            let columns = layer.column_iter();
            columns
                .map(|column| column.iter().map(|&x| convert(x)).collect())
                .collect()
        };
        self.layers.iter().map(particles).collect()
    }

    /// Returns the network with `c` copies of every particle in place of it: the same measure.
    ///
    /// # Panics
    /// If `copies` is zero.
    #[must_use]
    pub fn replicated(&self, copies: usize) -> Self {
        assert!(copies > 0, "at least one copy");
        let copied = |layer: &DMatrix<f64>| {
            DMatrix::from_fn(layer.nrows(), layer.ncols() * copies, |i, j| {
                layer[(i, j / copies)]
            })
        };
        Self {
            layers: self.layers.iter().map(copied).collect(),
        }
    }

    /// Returns the network with particle `order(k)[j]` at place `j` of layer `k`.
    ///
    /// # Panics
    /// If an index is not below the width.
    pub fn rearranged(&self, order: impl Fn(usize) -> Vec<usize>) -> Self {
        let layers = self.layers.iter().enumerate();
        Self {
            layers: layers
                .map(|(k, layer)| layer.select_columns(order(k).iter()))
                .collect(),
        }
    }

    /// Returns `ω + t·g`.
    ///
    /// # Panics
    /// If the shapes differ.
    #[must_use]
    pub fn plus(&self, t: f64, other: &Self) -> Self {
        assert_eq!(self.depth(), other.depth(), "depths of two networks");
        let layers = self.layers.iter().zip(&other.layers);
        Self {
            layers: layers.map(|(a, b)| a + b * t).collect(),
        }
    }

    /// Subtracts `rate(a)·g` from coordinate `a` of every particle.
    ///
    /// # Panics
    /// If the shapes differ.
    pub(crate) fn descend(&mut self, gradient: &Self, rate: impl Fn(usize) -> f64) {
        assert_eq!(self.depth(), gradient.depth(), "depths of two networks");
        for (layer, gradient) in self.layers.iter_mut().zip(&gradient.layers) {
            assert_eq!(layer.shape(), gradient.shape(), "shapes of two layers");
            for (mut particle, g) in layer.column_iter_mut().zip(gradient.column_iter()) {
                for (a, x) in particle.iter_mut().enumerate() {
                    *x -= rate(a) * g[a];
                }
            }
        }
    }

    /// Returns the norm of `L²(μ)`: that of the gradient, or the square root of the second moment.
    #[must_use]
    pub fn norm(&self) -> Ball {
        let squares = self
            .layers
            .iter()
            .map(|a| Ball::norm_of(a.as_slice()).square());
        let total: Ball = squares.sum();
        (total / Ball::from((self.depth() * self.width()) as f64)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    fn network() -> Particles {
        Particles::try_new(vec![
            dmatrix![1.0, 2.0; 3.0, 4.0; 5.0, 6.0],
            dmatrix![-1.0, 0.0; 0.0, 0.0; 2.0, 0.0],
        ])
        .unwrap()
    }

    #[test]
    fn rows_and_matrices_are_the_same() {
        let rows = network().cloud(|x| x);
        assert_eq!(rows[0], [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]);
        assert_eq!(Particles::from_rows(&rows).unwrap(), network());
        assert_eq!(
            (
                network().depth(),
                network().width(),
                network().state_dimension()
            ),
            (2, 2, 1)
        );
    }

    #[test]
    fn norm_is_the_root_of_the_mean_square() {
        // (1 + 4 + 9 + 16 + 25 + 36 + 1 + 4)/4 = 24.
        assert!(network().norm().contains(24f64.sqrt()));
        let double = network().plus(1.0, &network());
        assert!((double.norm().mid() - 2.0 * 24f64.sqrt()).abs() < 1e-14);
        assert!(network().replicated(3).norm().contains(24f64.sqrt()));
    }

    #[test]
    fn copies_stand_together_and_permutations_move_columns() {
        let twice = network().replicated(2);
        assert_eq!(
            twice.layers()[0].row(0).iter().copied().collect::<Vec<_>>(),
            [1.0, 1.0, 2.0, 2.0]
        );
        let swapped = network().rearranged(|k| if k == 0 { vec![1, 0] } else { vec![0, 1] });
        assert_eq!(swapped.layers()[0], dmatrix![2.0, 1.0; 4.0, 3.0; 6.0, 5.0]);
        assert_eq!(swapped.layers()[1], network().layers()[1]);
    }

    #[test]
    fn what_is_no_network_is_an_error() {
        let error = |layers: Vec<DMatrix<f64>>| Particles::try_new(layers).unwrap_err();
        assert_eq!(error(vec![]), MeanFieldError::Empty { what: "layers" });
        assert_eq!(
            error(vec![DMatrix::zeros(3, 0)]),
            MeanFieldError::Empty { what: "particles" }
        );
        assert_eq!(
            error(vec![DMatrix::zeros(1, 2)]),
            MeanFieldError::Empty {
                what: "coordinates"
            }
        );
        let length = |what, index, length, expected| MeanFieldError::Length {
            what,
            index,
            length,
            expected,
        };
        assert_eq!(
            error(vec![DMatrix::zeros(4, 1)]),
            length("particle", 0, 4, 5)
        );
        let other = |rows, columns| vec![DMatrix::zeros(3, 2), DMatrix::zeros(rows, columns)];
        assert_eq!(error(other(3, 1)), length("layer", 1, 1, 2));
        assert_eq!(error(other(5, 2)), length("particle of layer", 1, 5, 3));
        let value = f64::INFINITY;
        assert_eq!(
            error(vec![DMatrix::from_element(3, 1, value)]),
            MeanFieldError::NonFinite {
                what: "a particle",
                value
            }
        );
        let ragged = vec![vec![vec![0.0; 3], vec![0.0; 2]]];
        assert_eq!(
            Particles::from_rows(&ragged),
            Err(length("particle", 1, 2, 3))
        );
        assert_eq!(
            Particles::from_rows(&[vec![]]),
            Err(MeanFieldError::Empty { what: "particles" })
        );
    }
}
