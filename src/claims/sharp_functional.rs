//! Kernel expansions on which pointwise bounds are attained, or nearly.

use super::ResidualInstance;
use super::sharp::generic_spec;
use crate::data::DEFAULT_DRAWS;
use crate::kernel::KernelSpec;
use crate::resnet::{ExpansionNetwork, ResidualNetwork};
use nalgebra::DMatrix;

type Functional = ResidualInstance<ExpansionNetwork>;

/// A network on the line whose layers are one field, sections at `centres`.
struct Line<'a> {
    kernel: &'a str,
    inputs: &'a [f64],
    /// `F − y` at zero fields.
    errors: &'a [f64],
    centres: &'a [f64],
    coefficients: &'a [f64],
    depth: usize,
}

impl Line<'_> {
    fn instance(&self) -> Functional {
        let row = |numbers: &[f64]| DMatrix::from_row_slice(1, numbers.len(), numbers);
        let kernel: KernelSpec = self.kernel.parse().expect("a kernel");
        let one = row(&[1.0]);
        let network = ExpansionNetwork::try_new(one.clone(), one, kernel, self.depth)
            .expect("finite matrices");
        let field = network
            .field(row(self.centres), row(self.coefficients))
            .expect("finite sections");
        let weights = network
            .expansion(vec![field; self.depth])
            .expect("a field a layer");
        let inputs = row(self.inputs);
        Functional {
            kernel,
            reference: network.zero(),
            weights,
            network,
            targets: &inputs - row(self.errors),
            inputs,
            step_margin: 0.5,
            steps: 1,
            seed: 0,
            draws: DEFAULT_DRAWS,
        }
    }
}

/// Expansion and contraction, attained between two sections of opposite signs near each other, and translation,
/// attained at the centre of a wide one.
pub(super) fn stretching() -> Vec<Functional> {
    // A derivative of the kernel, of the norm 0.04: its slope at 0 is κ1 times that, but for h².
    let h: f64 = 1e-2;
    let coefficient = 0.04 / (-2.0 * (-2.0 * h * h).exp_m1()).sqrt();
    let between = |sign: f64| {
        let coefficient = sign * coefficient;
        Line {
            kernel: "gaussian:1",
            inputs: &[1e-3, -1e-3],
            errors: &[1.0, 1.0],
            centres: &[h, -h],
            coefficients: &[coefficient, -coefficient],
            depth: 4,
        }
        .instance()
    };
    let wide = Line {
        kernel: "gaussian:1000",
        inputs: &[0.0, 0.5],
        errors: &[1.0, 1.0],
        centres: &[0.0],
        coefficients: &[0.04],
        depth: 4,
    };
    vec![between(1.0), between(-1.0), wide.instance()]
}

/// Sections, and differences of them: one is as large as it may be at its centre, a first difference as steep in the
/// middle, a second one as curved, but for the squares of the steps. Of every kind of kernel that has two derivatives.
pub(super) fn differences() -> Vec<Functional> {
    let kernels = ["gaussian:1", "matern72:1", "imq(1):1"];
    kernels.into_iter().flat_map(differences_of).collect()
}

fn differences_of(kernel: &str) -> [Functional; 3] {
    let line = |centres, coefficients| {
        Line {
            kernel,
            inputs: &[0.0, 1.5],
            errors: &[1.0, 1.0],
            centres,
            coefficients,
            depth: 1,
        }
        .instance()
    };
    [
        line(&[0.0], &[2.0]),
        line(&[0.02, -0.02], &[1.0, -1.0]),
        line(&[0.02, 0.0, -0.02], &[1.0, -2.0, 1.0]),
    ]
}

/// Two points whose distance is all that their Gram matrix knows, and an error along its lowest eigenvector.
pub(super) fn separated() -> Vec<Functional> {
    let pair = Line {
        kernel: "gaussian:1",
        inputs: &[0.0, 1.5],
        errors: &[1.0, -1.0],
        centres: &[],
        coefficients: &[],
        depth: 2,
    };
    vec![pair.instance()]
}

/// A small network with nothing special about it.
pub(super) fn generic() -> Vec<Functional> {
    vec![ResidualInstance::functional(&generic_spec()).expect("a sharp instance is well-formed")]
}
