//! Kernels of your own: what a stranger writes, and what that gives.
//!
//! ```text
//! cargo run --manifest-path examples/own-kernel/Cargo.toml
//! ```
//!
//! Wendland's function took 55 lines of code, the rational quadratic kernel 64 with its sampler: nine short
//! methods each, of which the facts are the work. What comes with it: Gram matrices, estimates and
//! certificates of their eigenvalues, and the claims about kernels and random features; where a fact is
//! missing, an error that names it.

mod rational_quadratic;
mod wendland;

use nalgebra::DMatrix;
use polyak::bounds::separation::{Version, separation};
use polyak::claims::{PointsInstance, ResidualInstance, find};
use polyak::data::ResidualSpec;
use polyak::evidence::{Evidence, Verdict};
use polyak::features::FourierFeatures;
use polyak::kernel::{ForeignKernel, KernelSpec, RadialProfile, check_facts};
use polyak::spectrum::certificate::{CertificateOptions, certify_smallest};
use polyak::spectrum::{EstimateOptions, estimate_smallest};
use polyak::theorem::Instance;
use rational_quadratic::RationalQuadratic;
use std::error::Error;
use wendland::Wendland;

static WENDLAND: Wendland = Wendland;
static RATIONAL_QUADRATIC: RationalQuadratic = RationalQuadratic;

/// Claims that need no sampler, and claims that do.
const EXACT: [&str; 5] = [
    "K1.psd",
    "K2.strict",
    "K4.lipschitz",
    "E1.certificate",
    "E2.agreement",
];
const RANDOM: [&str; 4] = ["R1.unbiased", "R2.hoeffding", "R3.union", "R7.rate"];

/// Points of a spiral, q × N.
fn points(dimension: usize, count: usize) -> DMatrix<f64> {
    DMatrix::from_fn(dimension, count, |i, j| {
        let t = 0.5 * j as f64 + 1.0;
        0.3 * t.sqrt() * (t + 1.7 * i as f64).cos()
    })
}

/// Judges a claim on a kernel and a few points of the plane.
fn judge(claim: &str, kernel: KernelSpec) -> Result<Evidence, Box<dyn Error>> {
    // Far enough apart that the variance of a feature is seen.
    let points = points(2, 5) * 4.0;
    let rows = points.column_iter().map(|z| z.iter().copied().collect());
    let mut spec = ResidualSpec::at_rest(kernel, rows.collect());
    spec.draws = 4096;
    let network: ResidualInstance = ResidualInstance::from_spec(&spec)?;
    let claim = find(claim)?;
    let instance: Instance = match claim.is_about::<PointsInstance>() {
        true => network.at_points().into(),
        false => network.into(),
    };
    Ok(claim.evaluate(&instance))
}

fn violations(kernel: &dyn RadialProfile, dimension: usize) -> Vec<&'static str> {
    let found = check_facts(kernel, dimension, 1).into_iter();
    let violated = found.filter(|comparison| comparison.verdict() == Verdict::Violated);
    violated.map(|comparison| comparison.statement()).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let kernels = [
        KernelSpec::from(ForeignKernel::try_new(&WENDLAND, 4.0)?),
        KernelSpec::from(ForeignKernel::try_new(&RATIONAL_QUADRATIC, 1.0)?),
    ];
    for (kernel, profile) in kernels
        .iter()
        .zip::<[&dyn RadialProfile; 2]>([&WENDLAND, &RATIONAL_QUADRATIC])
    {
        println!(
            "{kernel}: {} statements are wrong",
            violations(profile, 3).len()
        );
        for count in [10, 40] {
            let points = points(3, count);
            let options = CertificateOptions::default();
            let certificate = certify_smallest(&kernel.into(), &points, &options)?;
            let estimate = estimate_smallest(&kernel.into(), &points, &EstimateOptions::default())?;
            println!("  {count} points: λ_min in {certificate}");
            println!("    estimated as {:e}", estimate.estimate.value);
        }
        for claim in EXACT.into_iter().chain(RANDOM) {
            let evidence = judge(claim, *kernel)?;
            println!(
                "  {claim}: {} {}",
                evidence.verdict,
                evidence.reasons.join("; ")
            );
        }
        println!(
            "  λ(δ = 2) ≥ {}",
            separation(kernel, 2, 5, 2.0).log_bound.value()
        );
        for version in [Version::Packing, Version::Sharp { radius: 1.0 }] {
            match version.missing(kernel, 2) {
                Some(refusal) => println!("  {version:?}: {refusal}"),
                None => println!("  {version:?}: every fact is given"),
            }
        }
        for (what, refusal) in refusals(kernel) {
            println!("  {what}: {refusal}");
        }
    }
    Ok(())
}

/// What cannot be had of a kernel, and why.
fn refusals(kernel: &KernelSpec) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut seen = |what, outcome: Result<(), Box<dyn Error>>| {
        if let Err(error) = outcome {
            found.push((what, error.to_string()));
        }
    };
    let features = FourierFeatures::draw(kernel, 2, 8, 0);
    seen("random features", features.map(|_| ()).map_err(Into::into));
    let four = certify_smallest(
        &kernel.into(),
        &points(4, 5),
        &CertificateOptions::default(),
    );
    seen(
        "a certificate in dimension 4",
        four.map(|_| ()).map_err(Into::into),
    );
    let read = kernel.to_string().parse::<KernelSpec>();
    seen("its name as text", read.map(|_| ()).map_err(Into::into));
    found
}

#[cfg(test)]
mod tests;
