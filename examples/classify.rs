//! The recipe's network as a classifier of digits, beside kernel ridge regression with the same kernel.
//!
//! ```text
//! cargo run --release --example classify
//! ```
//!
//! A realised recipe on 400 digits is trained to a thousandth of its loss; the other 1397 digits are the test. The ridge
//! parameter is the one, of powers of ten, that does best on the test: an advantage given to the competitor.

use nalgebra::DMatrix;
use polyak::data::{Dataset, digits};
use polyak::gram::kernel_gram;
use polyak::kernel::{Kernel, KernelName};
use polyak::recipe::{DataSource, Plan, Training, TrainingEnd};
use std::ops::ControlFlow;

const SAMPLES: usize = 400;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let all = digits();
    let train = all.subsample(SAMPLES, 0)?;
    let test = others(&all, &train);
    let kernel = "gaussian:0.35*auto"
        .parse::<KernelName>()?
        .resolve(&train.inputs)?;
    let source = DataSource::digits(SAMPLES);
    let certificate = Plan::default().realised(&train, source, kernel, 2 * SAMPLES)?;
    let mut training = Training::new(certificate, &train.inputs, &train.targets)?;
    let end = training.run(u64::MAX, |_| ControlFlow::Continue(()))?;
    assert_eq!(end, TrainingEnd::TargetReached, "the promise is kept");
    let steps = training.losses().len() - 1;
    let predict = |inputs: &DMatrix<f64>| training.network().predict(training.weights(), inputs);
    println!("{SAMPLES} digits, kernel {kernel}, {steps} steps");
    println!(
        "network, training set  {:.4}",
        accuracy(&predict(&train.inputs), &train.targets)
    );
    println!(
        "network, test set      {:.4}",
        accuracy(&predict(&test.inputs), &test.targets)
    );
    let gram = kernel_gram(&kernel, &train.inputs);
    let cross = DMatrix::from_fn(SAMPLES, test.samples(), |i, j| {
        let difference = train.inputs.column(i) - test.inputs.column(j);
        kernel.profile(difference.norm_squared())
    });
    let ridges = [1e-8, 1e-6, 1e-4, 1e-2, 1e-1, 1.0];
    let scores = ridges.map(|ridge| {
        let matrix = &gram + DMatrix::identity(SAMPLES, SAMPLES) * ridge;
        let factor = matrix.cholesky().expect("a positive definite matrix");
        let weights = factor.solve(&train.targets.transpose());
        (
            accuracy(&(weights.transpose() * &cross), &test.targets),
            ridge,
        )
    });
    let (best, ridge) = scores
        .into_iter()
        .fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
    println!("kernel ridge, test set {best:.4} (ridge {ridge:e})");
    Ok(())
}

/// The samples of a source that are not in a part of it.
fn others(all: &Dataset, part: &Dataset) -> Dataset {
    let left: Vec<usize> = (0..all.samples())
        .filter(|&i| !part.rows.contains(&all.rows[i]))
        .collect();
    Dataset {
        name: all.name.clone(),
        inputs: all.inputs.select_columns(&left),
        targets: all.targets.select_columns(&left),
        rows: left.iter().map(|&i| all.rows[i]).collect(),
        notes: Vec::new(),
    }
}

/// The share of the columns whose largest entries are in the same row.
fn accuracy(predictions: &DMatrix<f64>, targets: &DMatrix<f64>) -> f64 {
    let pairs = predictions.column_iter().zip(targets.column_iter());
    let right = pairs.filter(|(p, t)| p.imax() == t.imax()).count();
    right as f64 / targets.ncols() as f64
}
