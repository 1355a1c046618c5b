//! The smallest eigenvalue by a factor that somebody else computed.

use crate::array::{Points, Square, numbers};
use crate::refusal::{Class, Refusal};
use crate::threads;
use crate::work::{Asker, Desk, attended, serving};
use numpy::{PyArray1, PyArray2};
use polyak::kernel::MercerKernel;
use polyak::nalgebra::DMatrix;
use polyak::spectrum::factor::{
    FactorPart, FactorTiles, LowerFactor, TileFailure, TiledMatrix, Tiling, conclude,
    nearest_vector, prove_rows,
};
use polyak::watch::Watch;
use pyo3::prelude::*;
use std::sync::mpsc::{Sender, channel};

/// What is proved: lower and upper end, what the residual, rounding and the entries cost.
type Bound5 = (f64, f64, f64, f64, f64);

/// A question for a tile, and where the answer goes.
pub struct Question {
    row: usize,
    column: usize,
    answer: Sender<DMatrix<f64>>,
}

/// Tiles that a function of Python gives, on the thread that called.
struct Asked {
    tiling: Tiling,
    single: bool,
    asker: Asker<Question>,
}

impl FactorTiles for Asked {
    fn tiling(&self) -> Tiling {
        self.tiling
    }

    fn tile(&self, row: usize, column: usize) -> Result<DMatrix<f64>, TileFailure> {
        let gone = || TileFailure::from("nobody gives it any more");
        let (answer, tile) = channel();
        let question = Question {
            row,
            column,
            answer,
        };
        if !self.asker.ask(question) {
            return Err(gone());
        }
        tile.recv().map_err(|_| gone())
    }

    fn is_single(&self) -> bool {
        self.single
    }
}

/// A factor in memory, which may be of f32 numbers.
struct Whole {
    factor: LowerFactor,
    single: bool,
}

impl FactorTiles for Whole {
    fn tiling(&self) -> Tiling {
        self.factor.tiling()
    }

    fn tile(&self, row: usize, column: usize) -> Result<DMatrix<f64>, TileFailure> {
        self.factor.tile(row, column)
    }

    fn is_single(&self) -> bool {
        self.single
    }
}

/// Stops what the other stops, and counts nothing.
struct Unheard<'a>(&'a Desk);

impl Watch for Unheard<'_> {
    fn is_stopped(&self) -> bool {
        self.0.is_stopped()
    }
}

/// What is asked for: shift, side of a tile, whether the factor is of f32 numbers, part, parts.
#[derive(Clone, Copy, FromPyObject)]
pub struct Wanted(f64, usize, bool, u32, u32);

/// Proves a part of the bound by a factor: `tiles` is the whole of it as an array, or a function of a row and a column of tiles
/// (from 0). Returns the part in JSON.
#[pyfunction]
#[pyo3(signature = (a, kernel, wanted, tiles, vector=None, progress=None))]
pub fn prove_part<'py>(
    py: Python<'py>,
    a: &Bound<'py, PyArray2<f64>>,
    kernel: Option<String>,
    wanted: Wanted,
    tiles: &Bound<'py, PyAny>,
    vector: Option<Bound<'py, PyArray1<f64>>>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<String> {
    let subject = match kernel {
        Some(kernel) => Subject::Points(Points::of(a)?, kernel),
        None => Subject::Matrix(Square::of(a)?),
    };
    let vector = vector.map(|vector| numbers(&vector)).transpose()?;
    let Wanted(_, side, single, ..) = wanted;
    let order = subject.order();
    if order == 0 {
        let message = "there are no points, or the matrix is empty: give at least one row";
        return Err(Refusal::new(Class::Array, message).raised(py));
    }
    let tiling = Tiling::new(order, side);
    let part = match tiles.cast::<PyArray2<f64>>() {
        Ok(whole) => {
            let factor = Square::of(whole)?;
            if factor.shape() != (order, order) {
                let (rows, columns) = factor.shape();
                let message = format!(
                    "`tiles` is {rows} × {columns}, and the matrix of order {order}: give the whole factor, or a function of \
                     a row and a column of tiles"
                );
                return Err(Refusal::new(Class::Array, message).raised(py));
            }
            attended(py, progress, move |desk| {
                let factor = LowerFactor::new(factor.as_given(), side);
                prove(desk, subject, &Whole { factor, single }, wanted, vector)
            })?
        }
        Err(_) => {
            // A function may call back into this package, while every thread of these waits for it.
            let own = threads::another(py).map_err(|refusal| refusal.raised(py))?;
            let answer = |question: Question| -> PyResult<()> {
                let tile = tiles.call1((question.row, question.column))?;
                let tile = Square::of(tile.cast::<PyArray2<f64>>()?)?.as_given();
                // Whoever asked may be gone.
                let _ = question.answer.send(tile);
                Ok(())
            };
            serving(py, &own, progress, answer, move |desk, asker| {
                let factor = Asked {
                    tiling,
                    single,
                    asker,
                };
                prove(desk, subject, &factor, wanted, vector)
            })?
        }
    };
    serde_json::to_string(&part).map_err(|cause| Refusal::new(Class::Bug, cause).raised(py))
}

/// A matrix.
enum Subject {
    Points(Points, String),
    Matrix(Square),
}

impl Subject {
    fn order(&self) -> usize {
        match self {
            Self::Points(points, _) => points.view().ncols(),
            Self::Matrix(matrix) => matrix.shape().0,
        }
    }
}

fn prove(
    desk: &Desk,
    subject: Subject,
    tiles: &dyn FactorTiles,
    wanted: Wanted,
    vector: Option<Vec<f64>>,
) -> Result<FactorPart, Refusal> {
    let Wanted(shift, _, _, part, parts) = wanted;
    let entries;
    let matrix = match &subject {
        Subject::Points(points, kernel) => {
            let kernel: MercerKernel = kernel.parse()?;
            points.require_finite("points")?;
            TiledMatrix::of_kernel(&kernel, points.view())?
        }
        Subject::Matrix(matrix) => {
            entries = matrix.as_given();
            TiledMatrix::of_entries(&entries)?
        }
    };
    let rows = tiles.tiling().deal(part, parts);
    let units = rows.iter().map(|&row| row as u64 + 1).sum();
    desk.begin("tiles of the residual", units);
    // One part finds the upper end for all.
    let vector = match (part, vector) {
        (1, Some(vector)) => Some(vector),
        (1, None) => Some(nearest_vector(tiles, &Unheard(desk))?),
        _ => None,
    };
    Ok(prove_rows(
        &matrix,
        tiles,
        shift,
        &rows,
        vector.as_deref(),
        desk,
    )?)
}

/// What parts prove together.
#[pyfunction]
pub fn conclude_parts(py: Python<'_>, parts: Vec<String>) -> PyResult<Bound5> {
    attended(py, None, move |_| {
        let parts = parts.iter().map(|text| {
            serde_json::from_str(text).map_err(|cause| {
                let message = format!("a part is none of this version of polyak ({cause})");
                Refusal::new(Class::Report, message)
            })
        });
        let parts = parts.collect::<Result<Vec<FactorPart>, Refusal>>()?;
        let bound = conclude(&parts)?;
        if !(bound.lo.is_finite() && bound.hi.is_finite()) {
            let message =
                "the bound is beyond the range of f64: the factor or the shift is far too large";
            return Err(Refusal::new(Class::Array, message));
        }
        Ok((
            bound.lo,
            bound.hi,
            bound.residual,
            bound.rounding,
            bound.entries,
        ))
    })
}
