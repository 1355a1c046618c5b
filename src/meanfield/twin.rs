//! The network in scalar loops, over any number type: slow and obvious.
//!
//! The oracle of the batched [`ParticleTape`](super::ParticleTape), with which it shares the activation only. Over
//! [`Ball`](crate::arithmetic::Ball)s every result carries a bound of its own rounding error, and of that of
//! the batched pass (see [`Smooth`]); over [`Dual`](crate::arithmetic::Dual)s, [`risk`] gives derivatives that
//! know nothing of adjoint states.

use super::{Cloud, Regression};
use crate::arithmetic::Smooth;

/// What one pass leaves, `[layer][sample][…]`.
#[derive(Clone, Debug)]
pub struct TwinPass<T> {
    /// `x_0, …, x_D`: q numbers a sample.
    pub states: Vec<Vec<Vec<T>>>,
    /// `σ(w_k^j·x_k^i + b_k^j)`: M numbers a sample.
    pub values: Vec<Vec<Vec<T>>>,
    /// `σ'`, likewise.
    pub slopes: Vec<Vec<Vec<T>>>,
    /// `αPx_D^i − y^i`: d' numbers a sample.
    pub errors: Vec<Vec<T>>,
    /// The risk.
    pub risk: T,
}

/// `n⁻¹` for a count.
fn reciprocal<T: Smooth>(n: usize) -> T {
    let n = n as f64;
    T::reciprocal_root(n * n)
}

/// `(x, 1)`.
fn augmented<T: Smooth>(state: &[T]) -> Vec<T> {
    let mut point = state.to_vec();
    point.push(T::from(1.0));
    point
}

/// Runs the states forward.
///
/// # Panics
/// If shapes do not fit.
///
/// # Cost
/// `O(NDMq)` operations of `T`, one thread.
#[must_use]
pub fn forward<T: Smooth>(task: &Regression, cloud: &Cloud<T>) -> TwinPass<T> {
    let (q, width) = (task.state_dimension(), cloud[0].len());
    let step = reciprocal::<T>(cloud.len() * width);
    let columns = task.inputs().column_iter();
    let mut current: Vec<Vec<T>> = columns
        .map(|column| column.iter().map(|&x| T::from(x)).collect())
        .collect();
    let mut states = vec![current.clone()];
    let (mut values, mut slopes) = (Vec::new(), Vec::new());
    for layer in cloud {
        let (mut layer_values, mut layer_slopes) = (Vec::new(), Vec::new());
        for state in &mut current {
            let point = augmented(state);
            let (value, slope): (Vec<T>, Vec<T>) = layer
                .iter()
                .map(|particle| {
                    let phase = T::from(0.0).accumulated(T::from(1.0), &particle[q..], &point);
                    task.activation().value_and_slope(phase)
                })
                .unzip();
            for (a, x) in state.iter_mut().enumerate() {
                let column: Vec<T> = layer.iter().map(|particle| particle[a]).collect();
                *x = x.accumulated(step, &column, &value);
            }
            layer_values.push(value);
            layer_slopes.push(slope);
        }
        states.push(current.clone());
        values.push(layer_values);
        slopes.push(layer_slopes);
    }
    let read = q - task.outputs();
    let scale = T::from(task.scale());
    let samples = current.iter().zip(task.targets().column_iter());
    let errors: Vec<Vec<T>> = samples
        .map(|(state, target)| {
            let outputs = state[read..].iter().zip(target.iter());
            outputs
                .map(|(&x, &y)| (scale * x - T::from(y)).loosened())
                .collect()
        })
        .collect();
    let flat: Vec<T> = errors.iter().flatten().copied().collect();
    let risk = T::from(0.0).accumulated(reciprocal(2 * errors.len()), &flat, &flat);
    TwinPass {
        states,
        values,
        slopes,
        errors,
        risk,
    }
}

/// Returns the risk `(2N)⁻¹Σ‖αPx_D − y‖²`.
///
/// # Panics and cost
/// Those of [`forward`].
#[must_use]
pub fn risk<T: Smooth>(task: &Regression, cloud: &Cloud<T>) -> T {
    forward(task, cloud).risk
}

/// The gradient, and the adjoint states.
#[derive(Clone, Debug)]
pub struct Adjoint<T> {
    /// `p_0, …, p_D`, `[layer][sample][q]`.
    pub adjoints: Vec<Vec<Vec<T>>>,
    /// `G_k^j = (Σ_iσp^i, Σ_iσ'(u·p^i)x^i, Σ_iσ'(u·p^i))`, `p = p_{k+1}`, `x = x_k`.
    pub gradient: Cloud<T>,
}

/// Runs the adjoint states backward from a pass and returns the mean-field gradient.
///
/// # Panics and cost
/// Those of [`forward`].
pub fn backward<T: Smooth>(task: &Regression, cloud: &Cloud<T>, pass: &TwinPass<T>) -> Adjoint<T> {
    let (q, depth, width) = (task.state_dimension(), cloud.len(), cloud[0].len());
    let samples = pass.errors.len();
    let step = reciprocal::<T>(depth * width);
    let factor = T::from(task.scale()) * reciprocal(samples);
    let terminal = |error: &Vec<T>| {
        let mut adjoint = vec![T::from(0.0); q - error.len()];
        adjoint.extend(error.iter().map(|&e| factor * e));
        adjoint
    };
    let mut current: Vec<Vec<T>> = pass.errors.iter().map(terminal).collect();
    let mut adjoints = vec![current.clone()];
    let mut gradient: Cloud<T> = Vec::new();
    for k in (0..depth).rev() {
        // σ'(w·x + b)(u·p), `[sample][particle]`.
        let pulls: Vec<Vec<T>> = (0..samples)
            .map(|i| {
                let particles = cloud[k].iter().enumerate();
                particles
                    .map(|(j, particle)| {
                        let zero = T::from(0.0);
                        let along = zero.accumulated(T::from(1.0), &particle[..q], &current[i]);
                        pass.slopes[k][i][j] * along
                    })
                    .collect()
            })
            .collect();
        let points: Vec<Vec<T>> = pass.states[k].iter().map(|x| augmented(x)).collect();
        let sum = |a: &[T], b: &[T]| T::from(0.0).accumulated(T::from(1.0), a, b);
        let layer = (0..width).map(|j| {
            let values: Vec<T> = (0..samples).map(|i| pass.values[k][i][j]).collect();
            let pulls: Vec<T> = (0..samples).map(|i| pulls[i][j]).collect();
            let of = |rows: &[Vec<T>], a: usize| -> Vec<T> { rows.iter().map(|r| r[a]).collect() };
            let u = (0..q).map(|a| sum(&values, &of(&current, a)));
            let rest = (0..=q).map(|a| sum(&pulls, &of(&points, a)));
            u.chain(rest).collect()
        });
        gradient.push(layer.collect());
        for (adjoint, pulls) in current.iter_mut().zip(&pulls) {
            for (a, p) in adjoint.iter_mut().enumerate() {
                let column: Vec<T> = cloud[k].iter().map(|particle| particle[q + a]).collect();
                *p = p.accumulated(step, &column, pulls);
            }
        }
        adjoints.push(current.clone());
    }
    adjoints.reverse();
    gradient.reverse();
    Adjoint { adjoints, gradient }
}

/// Returns `(DM)⁻¹ΣΣ ω·ω'`.
///
/// # Panics
/// If the shapes differ.
pub fn inner<T: Smooth>(a: &Cloud<T>, b: &Cloud<T>) -> T {
    let flat = |cloud: &Cloud<T>| -> Vec<T> { cloud.iter().flatten().flatten().copied().collect() };
    let particles: usize = a.iter().map(Vec::len).sum();
    T::from(0.0).accumulated(reciprocal(particles), &flat(a), &flat(b))
}

/// Returns `ω + t·g`.
///
/// # Panics
/// If the shapes differ.
pub fn plus<T: Smooth>(a: &Cloud<T>, t: T, b: &Cloud<T>) -> Cloud<T> {
    let particle = |(a, b): (&Vec<T>, &Vec<T>)| -> Vec<T> {
        assert_eq!(a.len(), b.len(), "coordinates of two particles");
        a.iter().zip(b).map(|(&x, &y)| x + t * y).collect()
    };
    let layer = |(a, b): (&Vec<Vec<T>>, &Vec<Vec<T>>)| {
        assert_eq!(a.len(), b.len(), "widths of two networks");
        a.iter().zip(b).map(particle).collect()
    };
    assert_eq!(a.len(), b.len(), "depths of two networks");
    a.iter().zip(b).map(layer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::{Ball, Dual};
    use crate::meanfield::oracle::Case;
    use crate::meanfield::{Activation, Particles};
    use nalgebra::dmatrix;

    fn close(found: f64, expected: f64) {
        // Fewer than a hundred operations on numbers below ten.
        assert!((found - expected).abs() < 1e-13, "{found} {expected}");
    }

    /// One sample, two layers of two particles on the line: everything by hand.
    #[test]
    fn line_in_closed_form() {
        let (x0, y, alpha): (f64, f64, f64) = (0.6, 0.3, 2.0);
        let task = Regression::try_new(Activation::Tanh, alpha, dmatrix![x0], dmatrix![y]).unwrap();
        // (u, w, b), two particles a layer.
        let first = [[0.5, 1.0, 0.1], [-0.25, 2.0, 0.0]];
        let second = [[1.0, -0.5, 0.2], [0.75, 0.3, -0.4]];
        let rows = |layer: [[f64; 3]; 2]| layer.map(|p| p.to_vec()).to_vec();
        let cloud: Cloud<f64> = vec![rows(first), rows(second)];
        let field = |layer: [[f64; 3]; 2], x: f64| -> f64 {
            layer
                .iter()
                .map(|[u, w, b]| u * (w * x + b).tanh())
                .sum::<f64>()
                / 4.0
        };
        let slope = |x: f64| 1.0 - x.tanh().powi(2);
        let x1 = x0 + field(first, x0);
        let x2 = x1 + field(second, x1);
        let pass = forward(&task, &cloud);
        close(pass.states[1][0][0], x1);
        close(pass.states[2][0][0], x2);
        close(pass.errors[0][0], alpha * x2 - y);
        close(pass.risk, 0.5 * (alpha * x2 - y).powi(2));
        close(pass.values[1][0][1], (0.3 * x1 - 0.4).tanh());
        close(pass.slopes[0][0][1], slope(2.0 * x0));
        let adjoint = backward(&task, &cloud, &pass);
        let p2 = alpha * (alpha * x2 - y);
        let p1 = p2
            * (1.0
                + second
                    .iter()
                    .map(|[u, w, b]| u * w * slope(w * x1 + b))
                    .sum::<f64>()
                    / 4.0);
        close(adjoint.adjoints[2][0][0], p2);
        close(adjoint.adjoints[1][0][0], p1);
        let g = &adjoint.gradient[0][0];
        let t = slope(1.0 * x0 + 0.1) * 0.5 * p1;
        for (found, expected) in g.iter().zip([(x0 + 0.1).tanh() * p1, t * x0, t]) {
            close(*found, expected);
        }
    }

    /// `G = DM ∂L/∂ω`, entry by entry, for every activation.
    #[test]
    fn gradient_is_the_scaled_derivative_of_the_risk() {
        for activation in Activation::ALL {
            let case = Case::new(activation, [3, 2, 1, 2, 3], 5);
            let cloud = case.network.cloud(Ball::from);
            let pass = forward(&case.task, &cloud);
            let found = backward(&case.task, &cloud, &pass).gradient;
            for (k, j, a) in case.indices() {
                let mut along = case.network.cloud(Dual::from);
                along[k][j][a] = Dual::new(
                    Ball::from(case.network.layers()[k][(a, j)]),
                    Ball::from(6.0),
                );
                let expected: Ball = risk(&case.task, &along).derivative;
                let ball = found[k][j][a];
                assert!(
                    (ball.mid() - expected.mid()).abs() <= ball.rad() + expected.rad(),
                    "{activation}"
                );
                assert!(ball.rad() + expected.rad() < 1e-12);
            }
        }
    }

    #[test]
    fn inner_products_are_means_over_particles() {
        let a: Cloud<f64> = vec![vec![vec![1.0, 2.0, 0.0], vec![0.0, 1.0, 3.0]]];
        let b = plus(&a, 2.0, &a);
        assert_eq!(b[0][1], [0.0, 3.0, 9.0]);
        assert_eq!(inner(&a, &a), 7.5);
        assert_eq!(inner(&a, &b), 22.5);
        let network = Particles::from_rows(&a).unwrap();
        close(network.norm().mid(), 7.5f64.sqrt());
    }
}
