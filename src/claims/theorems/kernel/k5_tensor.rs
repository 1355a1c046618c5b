//! K5.tensor: the vector-valued Gram matrix has the scalar spectrum.

use crate::claims::{ResidualInstance, data, draws, kernel, sharp};
use crate::data::Hostile;
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "kernel",
    statement: "the matrix (k(z_i,z_j) Id_q) has the eigenvalues of the Gram matrix, each q times",
    source: "Paper A (vector-valued kernels)",
    tolerance: "residual and orthogonality of the computed eigenvectors bound every eigenvalue of both matrices",
    page: "k5-tensor.md",
    slack: Some(1e-9),
    ..About::new("K5.tensor", Kind::Certified)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, kernel::tensor, sharp::generic, draws::GENERAL)
        .data(data::lifted(data::BEGINNING, 10))
        .hostile(&[(&Hostile::ALL, Demand::Mostly(Verdict::Holds, &[]))])
}
