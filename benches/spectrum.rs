//! The smallest eigenvalue of a Gaussian Gram matrix, estimated and certified, beside the dense
//! eigenvalues of `faer` and `nalgebra` and one plain Cholesky factorisation, in turns. Then
//! ill-conditioned matrices, where every estimate in f64 fails and the certificate does not. With `--singular`, zeros
//! that are proved, beside a Cholesky factorisation.

use faer::{MatRef, Side};
use nalgebra::DMatrix;
use polyak::gram::kernel_gram;
use polyak::kernel::KernelSpec;
use polyak::spectrum::certificate::{
    CertificateOptions, Direction, certify_smallest, certify_smallest_of_matrix,
};
use polyak::spectrum::{
    EstimateOptions, Method, SpectrumError, estimate_smallest, estimate_smallest_of_matrix,
    inverse_lanczos,
};
use rand::{RngExt, SeedableRng};
use std::hint::black_box;
use std::time::Instant;

/// Above this order the dense eigenvalues of `nalgebra` take minutes.
const NALGEBRA_ORDER: usize = 1000;

fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn view(a: &DMatrix<f64>) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(a.as_slice(), a.nrows(), a.ncols())
}

/// Points in a cube of eight dimensions, and the widest Gaussian on a grid with `λ_min ≥ 1e-2`.
fn instance(order: usize) -> (KernelSpec, DMatrix<f64>, f64) {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let points = DMatrix::from_fn(8, order, |_, _| rng.random::<f64>());
    let mut best = None;
    for step in 0..40 {
        let kernel: KernelSpec = format!("gaussian:{}", 0.15 * 1.05_f64.powi(step))
            .parse()
            .expect("a kernel");
        let smallest = inverse_lanczos(&kernel_gram(&kernel, &points), 1e-6, 300);
        match smallest {
            Ok(found) if found.value >= 1e-2 => best = Some((kernel, found.value)),
            _ => break,
        }
    }
    let (kernel, value) = best.expect("a narrow Gaussian is well conditioned");
    (kernel, points, value)
}

fn row(order: usize, rounds: usize) {
    let (kernel, points, smallest) = instance(order);
    let gram = kernel_gram(&kernel, &points);
    let kernel = kernel.into();
    let options = CertificateOptions::default();
    let mut times: [Vec<f64>; 5] = Default::default();
    for _ in 0..rounds {
        let measured = [
            seconds(|| view(&gram).llt(Side::Lower)),
            seconds(|| estimate_smallest_of_matrix(&gram, &EstimateOptions::default())),
            seconds(|| polyak::gram::mercer_gram(&kernel, &points)),
            seconds(|| certify_smallest(&kernel, &points, &options)),
            seconds(|| view(&gram).self_adjoint_eigenvalues(Side::Lower)),
        ];
        times
            .iter_mut()
            .zip(measured)
            .for_each(|(all, one)| all.push(one));
    }
    let [cholesky, estimate, assembly, certificate, dense] = times.map(|mut all| median(&mut all));
    let nalgebra = if order <= NALGEBRA_ORDER {
        let copy = gram.clone();
        let time = seconds(|| copy.try_symmetric_eigen(f64::EPSILON, 100 * order));
        format!("{time:9.3}")
    } else {
        format!("{:>9}", "-")
    };
    let enclosed = certificate - assembly;
    println!(
        "{order:5} {smallest:8.1e} {cholesky:9.4} {estimate:9.4} {:6.2} {enclosed:11.4} {:6.2} \
         {assembly:9.4} {certificate:9.4} {dense:9.3} {nalgebra}",
        estimate / cholesky,
        enclosed / cholesky,
    );
}

/// The certificate of an ill-conditioned matrix, and what every estimate makes of it.
fn ill_conditioned(name: &str, kernel: &str, points: &DMatrix<f64>) {
    let kernel: polyak::kernel::MercerKernel = kernel.parse().expect("a kernel");
    let start = Instant::now();
    let found = certify_smallest(&kernel, points, &CertificateOptions::default());
    let time = start.elapsed().as_secs_f64();
    let found = found.expect("a certifiable kernel");
    println!("{name}: {found}, {:?}, {time:.4} s", found.precision);
    let (lo, hi) = (found.lo, found.hi);
    let estimate = |name: &str, value: f64| {
        let (lo, hi) = (lo.to_f64(Direction::Down), hi.to_f64(Direction::Up));
        let miss = (lo - value).max(value - hi).max(0.0);
        // The width of the certificate is no miss.
        let verdict = if miss <= 2e-6 * hi {
            String::from("right")
        } else {
            format!("wrong by {:.0e} times the eigenvalue", miss / hi)
        };
        println!("    {name:44} {value:12.4e}  {verdict}");
    };
    let gram = polyak::gram::mercer_gram(&kernel, points).expect("finite entries");
    let faer = view(&gram).self_adjoint_eigenvalues(Side::Lower);
    estimate("faer, dense", faer.map_or(f64::NAN, |all| all[0]));
    let nalgebra = gram.clone().symmetric_eigenvalues().min();
    estimate("nalgebra, dense", nalgebra);
    let singular = gram.singular_values().min();
    estimate("nalgebra, smallest singular value", singular);
    for method in [
        Method::Dense,
        Method::Davidson,
        Method::InverseLanczos,
        Method::MatrixFree,
    ] {
        let options = EstimateOptions::default().with_method(method);
        let name = format!("polyak, {method}");
        match estimate_smallest(&kernel, points, &options) {
            Ok(found) => {
                estimate(&name, found.estimate.value);
                println!(
                    "    {:44} {:12.0e}",
                    "  its error bound", found.estimate.error_bound
                );
            }
            Err(
                SpectrumError::NoSingleInverse { .. } | SpectrumError::NotPositiveDefinite { .. },
            ) => {
                println!("    {name:44} {:>12}  not positive definite there", "-");
            }
            Err(error) => println!("    {name:44} {error}"),
        }
    }
}

/// The Laplacian of a path, whose null vector is seen, or with all signs positive, whose null vector is found by
/// elimination.
fn path(order: usize, sign: f64) -> DMatrix<f64> {
    DMatrix::from_fn(order, order, |i, j| match i.abs_diff(j) {
        0 if i == 0 || i == order - 1 => 1.0,
        0 => 2.0,
        1 => sign,
        _ => 0.0,
    })
}

/// Zeros that are proved, as multiples of a Cholesky factorisation of the order.
fn singular(test: bool) {
    println!("\nSingular: seconds (medians, in turns), and multiples of one Cholesky by faer.");
    println!(
        "{:>5} {:>9} {:>11} {:>6} {:>11} {:>6}",
        "N", "Cholesky", "Laplacian", "ratio", "elimination", "ratio"
    );
    let orders: &[usize] = if test {
        &[50]
    } else {
        &[50, 100, 300, 1000, 2000]
    };
    for &order in orders {
        let (seen, hidden) = (path(order, -1.0), path(order, 1.0));
        let definite = &seen + DMatrix::identity(order, order);
        let zero = |a: &DMatrix<f64>| {
            let found = certify_smallest_of_matrix(a, &CertificateOptions::default());
            let found = found.expect("a symmetric matrix");
            assert!(found.reached && found.hi == found.lo, "{found:?}");
        };
        let mut times: [Vec<f64>; 3] = Default::default();
        for _ in 0..9 {
            times[0].push(seconds(|| view(&definite).llt(Side::Lower)));
            times[1].push(seconds(|| zero(&seen)));
            times[2].push(seconds(|| zero(&hidden)));
        }
        let [cholesky, seen, hidden] = times.map(|mut all| median(&mut all));
        println!(
            "{order:5} {cholesky:9.6} {seen:11.6} {:6.1} {hidden:11.6} {:6.1}",
            seen / cholesky,
            hidden / cholesky
        );
    }
}

fn main() {
    // `cargo bench -- --test` only asks whether it runs, `-- --ill-conditioned` and `-- --singular` skip the times.
    let given = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    if given("--singular") || given("--test") {
        singular(given("--test"));
    }
    if given("--singular") {
        return;
    }
    if !given("--ill-conditioned") {
        well_conditioned(given("--test"));
    }
    println!("\nIll-conditioned: certificates of width 1e-6, and estimates.");
    let line = DMatrix::from_fn(1, 16, |_, j| -1.0 + j as f64 / 7.5);
    ill_conditioned(
        "16 equispaced points on [-1, 1], gaussian:1",
        "gaussian:1",
        &line,
    );
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
    let count = if given("--test") { 30 } else { 200 };
    let square = DMatrix::from_fn(2, count, |_, _| rng.random_range(-1.0..1.0));
    let name = format!("{count} random points in [-1, 1]^2, gaussian:0.5");
    ill_conditioned(&name, "gaussian:0.5", &square);
    let pair = nalgebra::dmatrix![0.0, 1e-9];
    ill_conditioned("two points 1e-9 apart, gaussian:1", "gaussian:1", &pair);
}

fn well_conditioned(test: bool) {
    let orders: &[(usize, usize)] = if test {
        &[(100, 1)]
    } else {
        &[(500, 15), (1000, 11), (2000, 7), (4000, 5)]
    };
    println!(
        "Seconds (medians, in turns). Estimate and certificate as multiples of one Cholesky \
         factorisation by faer;\nthe certificate without the assembly of the matrix, which its \
         total includes."
    );
    println!(
        "{:>5} {:>8} {:>9} {:>9} {:>6} {:>11} {:>6} {:>9} {:>9} {:>9} {:>9}",
        "N",
        "lambda",
        "Cholesky",
        "estimate",
        "ratio",
        "certificate",
        "ratio",
        "assembly",
        "total",
        "faer",
        "nalgebra"
    );
    for &(order, rounds) in orders {
        row(order, rounds);
    }
}
