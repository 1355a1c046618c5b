//! The samples in panels, each taken through all layers on one thread.
//!
//! A panel's features are still in a cache when they are multiplied, and threads meet once a pass, not
//! once a product. How samples are split depends on their number alone: the result is the same for any
//! number of threads.

use super::{ResNet, Weights};
use crate::linalg::{gemm, gemm_panel, panel, view};
use faer::Accum;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// The most columns of a panel: at 256 frequencies its features take 256 KiB.
const MOST_COLUMNS: usize = 64;

/// Below this many multiplications a pass stays on one thread: some 50 µs of work.
const PARALLEL_MULTIPLICATIONS: usize = 1 << 19;

/// Fewer layers than this are not worth a thread each: their products are split instead.
const FEWEST_LAYERS: usize = 4;

/// Returns the columns of a panel: panels come in pairs of nearly equal size.
fn columns(samples: usize) -> usize {
    let pairs = samples.div_ceil(2 * MOST_COLUMNS);
    samples.div_ceil(2 * pairs.max(1)).max(1)
}

/// Splits the columns of every matrix: the first index is the panel.
fn split(matrices: &[DMatrix<f64>], columns: usize) -> Vec<Vec<&[f64]>> {
    let count = matrices[0].ncols().div_ceil(columns);
    let mut panels = vec![Vec::with_capacity(matrices.len()); count];
    for matrix in matrices {
        let parts = matrix.as_slice().chunks(matrix.nrows() * columns);
        panels
            .iter_mut()
            .zip(parts)
            .for_each(|(panel, part)| panel.push(part));
    }
    panels
}

fn split_mut(matrices: &mut [DMatrix<f64>], columns: usize) -> Vec<Vec<&mut [f64]>> {
    let count = matrices[0].ncols().div_ceil(columns);
    let mut panels: Vec<Vec<&mut [f64]>> = (0..count).map(|_| Vec::new()).collect();
    for matrix in matrices {
        let rows = matrix.nrows();
        let parts = matrix.as_mut_slice().chunks_mut(rows * columns);
        panels
            .iter_mut()
            .zip(parts)
            .for_each(|(panel, part)| panel.push(part));
    }
    panels
}

/// Does every job, on all cores if there is enough to do.
fn each<J: Send>(jobs: Vec<J>, multiplications: usize, work: impl Fn(J) + Sync + Send) {
    if multiplications < PARALLEL_MULTIPLICATIONS {
        jobs.into_iter().for_each(work);
    } else {
        jobs.into_par_iter().with_max_len(1).for_each(work);
    }
}

/// Multiplications of one product `· × q`, `q × 2m` a layer, over all samples and layers.
fn multiplications(network: &ResNet, samples: usize) -> usize {
    let layer = network.state_dimension() * network.features().width() * samples;
    layer * network.depth()
}

/// `z_0 = Ax`, `z_{k+1} = z_k + D⁻¹W_kφ(z_k)`, and `φ(z_k)`.
///
/// # Panics
/// If shapes do not fit.
pub(super) fn forward(
    network: &ResNet,
    weights: &Weights,
    inputs: &DMatrix<f64>,
    states: &mut [DMatrix<f64>],
    features: &mut [DMatrix<f64>],
) {
    let (input, samples) = inputs.shape();
    assert_eq!(samples, states[0].ncols(), "samples of the inputs");
    let columns = columns(samples);
    let (state, width) = (network.state_dimension(), network.features().width());
    let step = 1.0 / network.depth() as f64;
    let parts = inputs.as_slice().chunks(input * columns);
    let panels = split_mut(states, columns)
        .into_iter()
        .zip(split_mut(features, columns));
    let jobs = panels.zip(parts).collect();
    each(
        jobs,
        multiplications(network, samples),
        |((mut states, mut features), inputs)| {
            gemm_panel(
                states[0],
                Accum::Replace,
                1.0,
                view(network.lift(), false),
                panel(inputs, input),
            );
            for (k, layer) in weights.layers().iter().enumerate() {
                let (past, future) = states.split_at_mut(k + 1);
                let (now, next) = (&*past[k], &mut *future[0]);
                network.features().evaluate_panel(now, features[k]);
                next.copy_from_slice(now);
                let phi = panel(features[k], width);
                gemm_panel(next, Accum::Add, step, view(layer, false), phi);
            }
            debug_assert_eq!(states[0].len() % state, 0);
        },
    );
}

/// `p_k = p_{k+1} + D⁻¹ Dv_k(z_k)ᵀ p_{k+1}`, from the terminal state in place.
///
/// # Arguments
/// * `scratch`: 2m × N and m × N.
///
/// # Panics
/// If shapes do not fit.
pub(super) fn backward(
    network: &ResNet,
    weights: &Weights,
    features: &[DMatrix<f64>],
    adjoints: &mut [DMatrix<f64>],
    scratch: [&mut DMatrix<f64>; 2],
) {
    let samples = features[0].ncols();
    let columns = columns(samples);
    let (state, width) = (network.state_dimension(), network.features().width());
    let step = 1.0 / network.depth() as f64;
    let frequencies = network.features().frequencies();
    let [pullback, slopes] = scratch;
    let pullback = pullback.as_mut_slice().chunks_mut(width * columns);
    let slopes = slopes.as_mut_slice().chunks_mut(width / 2 * columns);
    let panels = split_mut(adjoints, columns)
        .into_iter()
        .zip(split(features, columns));
    let jobs = panels.zip(pullback.zip(slopes)).collect();
    each(
        jobs,
        multiplications(network, samples),
        |((mut adjoints, features), (pullback, slopes))| {
            for (k, layer) in weights.layers().iter().enumerate().rev() {
                let (past, future) = adjoints.split_at_mut(k + 1);
                let (adjoint, next) = (&mut *past[k], &*future[0]);
                gemm_panel(
                    pullback,
                    Accum::Replace,
                    1.0,
                    view(layer, true),
                    panel(next, state),
                );
                phase_slopes(width, features[k], pullback, slopes);
                adjoint.copy_from_slice(next);
                let along = panel(slopes, width / 2);
                gemm_panel(adjoint, Accum::Add, step, view(frequencies, false), along);
            }
        },
    );
}

/// `∇_k = P_{k+1}Φ_kᵀ`, a layer a thread.
///
/// # Panics
/// If shapes do not fit.
pub(super) fn gradient(
    adjoints: &[DMatrix<f64>],
    features: &[DMatrix<f64>],
    gradient: &mut [DMatrix<f64>],
) {
    if gradient.len() < FEWEST_LAYERS {
        for ((layer, adjoint), features) in gradient.iter_mut().zip(adjoints).zip(features) {
            gemm(layer, Accum::Replace, 1.0, adjoint, false, features, true);
        }
        return;
    }
    let multiplications = gradient.len() * gradient[0].len() * adjoints[0].ncols();
    let jobs = gradient.iter_mut().zip(adjoints).zip(features).collect();
    each(
        jobs,
        multiplications,
        |((layer, adjoint), features): ((&mut DMatrix<f64>, _), _)| {
            let (adjoint, features) = (view(adjoint, false), view(features, true));
            gemm_panel(layer.as_mut_slice(), Accum::Replace, 1.0, adjoint, features);
        },
    );
}

/// Derivative with respect to the phases: `e_j = cos_j·q_{m+j} − sin_j·q_j`, a column a sample.
fn phase_slopes(width: usize, features: &[f64], pullback: &[f64], slopes: &mut [f64]) {
    let count = width / 2;
    // Vectorised without fused operations: the same bits on every instruction set.
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            let columns = features
                .chunks_exact(width)
                .zip(pullback.chunks_exact(width));
            for (out, (phi, q)) in slopes.chunks_exact_mut(count).zip(columns) {
                let ((cosines, sines), (q_cosines, q_sines)) =
                    (phi.split_at(count), q.split_at(count));
                // Without an index there is no bound to check, and the loop is vectorised.
                let along = cosines.iter().zip(q_sines).zip(sines.iter().zip(q_cosines));
                for (slope, ((c, q_s), (s, q_c))) in out.iter_mut().zip(along) {
                    *slope = c * q_s - s * q_c;
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{Case, chirp};
    use super::super::{Rounding, Tape};
    use super::*;

    #[test]
    fn panels_are_pairs_of_nearly_equal_size() {
        let sizes = [
            (1, 1),
            (2, 1),
            (3, 2),
            (100, 50),
            (128, 64),
            (129, 33),
            (256, 64),
            (400, 50),
        ];
        for (samples, expected) in sizes {
            assert_eq!(columns(samples), expected, "{samples}");
        }
        for samples in 1..2000 {
            let columns = columns(samples);
            assert!(
                columns <= MOST_COLUMNS && samples.div_ceil(columns) <= 2 * samples.div_ceil(128)
            );
        }
    }

    #[test]
    fn splits_cover_every_column_once() {
        let mut matrices = vec![chirp(1, 3, 7), chirp(2, 2, 7)];
        let copies = matrices.clone();
        let panels = split(&copies, 3);
        assert_eq!(panels.len(), 3);
        assert_eq!(panels[1][0], &copies[0].as_slice()[9..18]);
        assert_eq!(panels[2][1], &copies[1].as_slice()[12..]);
        let panels_mut = split_mut(&mut matrices, 3);
        let lengths = |panels: &[Vec<&mut [f64]>]| -> Vec<usize> {
            panels.iter().map(|p| p[0].len()).collect()
        };
        assert_eq!(lengths(&panels_mut), [9, 9, 3]);
    }

    #[test]
    fn slopes_are_derivatives_along_the_phases() {
        let (phi, q) = (chirp(1, 6, 2), chirp(2, 6, 2));
        let mut slopes = vec![0.0; 6];
        phase_slopes(6, phi.as_slice(), q.as_slice(), &mut slopes);
        for i in 0..2 {
            for j in 0..3 {
                let expected = phi[(j, i)] * q[(3 + j, i)] - phi[(3 + j, i)] * q[(j, i)];
                assert_eq!(slopes[3 * i + j], expected);
            }
        }
    }

    /// A pass large enough for all cores, with a last panel of another size: the same bits on one thread,
    /// and, sample by sample, that of a tape of one sample.
    #[test]
    fn panels_do_not_change_the_pass() {
        let case = Case::new([3, 5, 2, 40, 6, 333], 4);
        assert!(multiplications(&case.network, 333) >= PARALLEL_MULTIPLICATIONS);
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| case.tape())
        };
        let (one, three) = (run(1), run(3));
        assert_eq!(one.states(), three.states());
        assert_eq!(one.adjoints(), three.adjoints());
        assert_eq!(one.gradient(), three.gradient());
        let rounding = Rounding::of(&case.network, &case.weights, &case.inputs, &one);
        let last = case.network.depth();
        let mut sum: Vec<DMatrix<f64>> = one
            .gradient()
            .layers()
            .iter()
            .map(|layer| layer * 0.0)
            .collect();
        for i in 0..333 {
            let single = |matrix: &DMatrix<f64>| matrix.columns(i, 1).into_owned();
            let mut tape = Tape::new(&case.network, 1);
            tape.forward(
                &case.network,
                &case.weights,
                &single(&case.inputs),
                &single(&case.targets),
            );
            tape.backward(&case.network, &case.weights);
            let off = (one.states()[last].column(i) - tape.states()[last].column(0)).norm();
            assert!(off <= 2.0 * rounding.states[last], "{i} {off:e}");
            // The mean over samples divides by 333.
            let adjoint = tape.adjoints()[0].column(0) / 333.0;
            let off = (one.adjoints()[0].column(i) - adjoint).norm();
            assert!(off <= 2.0 * rounding.adjoints[0], "{i} {off:e}");
            for (total, layer) in sum.iter_mut().zip(tape.gradient().layers()) {
                *total += layer / 333.0;
            }
        }
        for (k, (total, layer)) in sum.iter().zip(one.gradient().layers()).enumerate() {
            let off = (total - layer).norm();
            assert!(off <= 3.0 * rounding.gradient[k], "{k} {off:e}");
        }
    }
}
