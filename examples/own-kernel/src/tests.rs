//! Both kernels against another arithmetic, and wrong ones against the checks.

use super::*;
use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use polyak::arithmetic::Ball;
use polyak::claims::registry;
use polyak::evidence::Finding;
use polyak::kernel::{Admissibility, Enclosed, Facts};
use polyak::spectrum::certificate::Direction;

type Real = FBig<HalfEven, 2>;

/// Bits of the other arithmetic.
const BITS: usize = 500;

fn real(x: f64) -> Real {
    Real::try_from(x).unwrap().with_precision(BITS).value()
}

fn wendland(bandwidth: f64) -> KernelSpec {
    ForeignKernel::try_new(&WENDLAND, bandwidth).unwrap().into()
}

fn rational_quadratic(bandwidth: f64) -> KernelSpec {
    ForeignKernel::try_new(&RATIONAL_QUADRATIC, bandwidth)
        .unwrap()
        .into()
}

/// The profiles in floating point, nothing enclosed.
fn naive(kernel: &KernelSpec, squared: &Real) -> Real {
    let rho = squared.sqrt();
    if kernel.to_string().contains("wendland") {
        let short = real(1.0) - &rho;
        let support = if short > real(0.0) { short } else { real(0.0) };
        let square = &support * &support;
        &square * &square * (real(4.0) * rho + real(1.0))
    } else {
        let base = real(1.0) + squared / real(3.0);
        real(1.0) / (&base * base.sqrt())
    }
}

/// The number of eigenvalues below `shift`: negative pivots of elimination (Sylvester).
fn below(kernel: &KernelSpec, points: &DMatrix<f64>, shift: f64) -> usize {
    let order = points.ncols();
    let entry = |i: usize, j: usize| {
        let pairs = points
            .column(i)
            .into_owned()
            .zip_map(&points.column(j), |x, y| (x, y));
        let squares = pairs.iter().map(|(x, y)| {
            let scaled = (real(*x) - real(*y)) / real(kernel.bandwidth());
            &scaled * &scaled
        });
        let value = naive(kernel, &squares.fold(real(0.0), |sum, x| sum + x));
        if i == j { value - real(shift) } else { value }
    };
    let mut rows: Vec<Vec<Real>> = (0..order)
        .map(|i| (0..order).map(|j| entry(i, j)).collect())
        .collect();
    let mut negative = 0;
    for k in 0..order {
        let pivot = rows[k].clone();
        negative += usize::from(pivot[k] < real(0.0));
        for row in &mut rows[k + 1..] {
            let factor = &row[k] / &pivot[k];
            for (x, p) in row.iter_mut().zip(&pivot).skip(k) {
                *x = &*x - &factor * p;
            }
        }
    }
    negative
}

#[test]
fn certificates_enclose_the_eigenvalue_of_another_arithmetic() {
    for kernel in [wendland(4.0), rational_quadratic(1.0), wendland(0.7)] {
        for (dimension, count) in [(1, 6), (2, 12), (3, 20)] {
            // The narrower, the closer to singular: 1e-4 of a bandwidth asks for many bits.
            for scale in [1.0, 1e-4] {
                let points = points(dimension, count) * scale;
                let options = CertificateOptions::default();
                let found = certify_smallest(&kernel.into(), &points, &options).unwrap();
                assert!(found.reached && found.lo.is_positive(), "{kernel} {found}");
                let [lo, hi] = [
                    found.lo.to_f64(Direction::Down).next_down(),
                    found.hi.to_f64(Direction::Up).next_up(),
                ];
                assert_eq!(below(&kernel, &points, lo), 0, "{kernel} {count} {scale}");
                assert!(below(&kernel, &points, hi) > 0, "{kernel} {count} {scale}");
            }
        }
    }
}

#[test]
fn what_is_stated_is_true() {
    let none: [&str; 0] = [];
    for dimension in 1..=3 {
        assert_eq!(violations(&WENDLAND, dimension), none);
        assert_eq!(violations(&RATIONAL_QUADRATIC, dimension), none);
    }
}

#[test]
fn claims_hold_where_facts_are_given() {
    for claim in EXACT.into_iter().chain(RANDOM) {
        let found = judge(claim, rational_quadratic(1.0)).unwrap();
        assert_eq!(found.verdict, Verdict::Holds, "{claim} {found:?}");
    }
    for claim in EXACT {
        let found = judge(claim, wendland(4.0)).unwrap();
        assert_eq!(found.verdict, Verdict::Holds, "{claim} {found:?}");
    }
}

#[test]
fn what_is_not_given_is_refused_by_name() {
    let found = refusals(&wendland(4.0));
    let says = |what: &str, part: &str| {
        let (_, refusal) = found.iter().find(|(name, _)| *name == what).expect(what);
        assert!(
            refusal.contains("wendland31") && refusal.contains(part),
            "{refusal}"
        );
    };
    says(
        "random features",
        "a sampler of its frequencies in dimension 2",
    );
    says(
        "a certificate in dimension 4",
        "positive definite in dimension 4",
    );
    says("its name as text", "cannot be read from its name");
    assert_eq!(refusals(&rational_quadratic(1.0)).len(), 1);
    for claim in RANDOM {
        let found = judge(claim, wendland(4.0)).unwrap();
        assert_eq!(found.verdict, Verdict::Undecided, "{claim}");
        let reason = format!("{found:?}");
        assert!(
            reason.contains("a sampler of its frequencies"),
            "{claim} {reason}"
        );
    }
}

/// No claim panics, and none is said to hold or to fail for want of a fact.
#[test]
fn every_claim_can_be_asked() {
    for claim in registry() {
        for kernel in [wendland(4.0), rational_quadratic(1.0)] {
            let found = judge(claim.id(), kernel).unwrap();
            assert_ne!(
                found.verdict,
                Verdict::Violated,
                "{} {kernel} {found:?}",
                claim.id()
            );
        }
    }
}

/// Wendland's function with a wrong constant.
#[derive(Debug)]
struct Wrong {
    kappa1: f64,
    steepness: f64,
    slope: f64,
}

const RIGHT: Wrong = Wrong {
    kappa1: 1.0,
    steepness: 1.0,
    slope: 1.0,
};

impl RadialProfile for Wrong {
    fn label(&self) -> String {
        format!("{self:?}")
    }
    fn facts(&self) -> Facts {
        let steepness = WENDLAND.facts().steepness.map(|x| x * self.steepness);
        Facts {
            steepness,
            ..WENDLAND.facts()
        }
    }
    fn profile(&self, squared: f64) -> f64 {
        WENDLAND.profile(squared)
    }
    fn slope(&self, squared: f64) -> f64 {
        self.slope * WENDLAND.slope(squared)
    }
    fn admissibility(&self) -> Admissibility {
        let right = WENDLAND.admissibility();
        Admissibility {
            kappa1: self.kappa1 * right.kappa1,
            ..right
        }
    }
    fn enclose(&self, squared: &Enclosed) -> Option<Enclosed> {
        WENDLAND.enclose(squared)
    }
    fn log_derivatives(&self, _: Ball) -> Option<[Ball; 2]> {
        None
    }
    fn log_density(&self, _: usize, _: Ball) -> Option<[Ball; 2]> {
        None
    }
    fn sample_frequencies(&self, _: usize, _: usize, _: u64) -> Option<DMatrix<f64>> {
        None
    }
}

#[test]
fn a_wrong_constant_is_caught_by_a_claim_and_by_the_checks() {
    assert!(violations(&RIGHT, 2).is_empty());
    // √10 for √20: the claim sees what the check sees.
    let wrong = Wrong {
        kappa1: 0.5_f64.sqrt(),
        ..RIGHT
    };
    assert!(violations(&wrong, 2).contains(&"2 − 2ψ ≤ κ1²ρ²"));
    let kernel = ForeignKernel::kept(wrong, 4.0).unwrap().into();
    assert_eq!(
        judge("K4.lipschitz", kernel).unwrap().verdict,
        Verdict::Violated
    );

    let wrong = Wrong {
        steepness: 0.9,
        ..RIGHT
    };
    assert_eq!(violations(&wrong, 2)[0], "|dψ/dρ| ≤ steepness");
    let wrong = Wrong {
        slope: 1.01,
        ..RIGHT
    };
    assert_eq!(violations(&wrong, 2)[0], "−2ψ' is the slope");
}

/// Two points close by: the norm of the difference of their sections is nearly `κ1r`.
#[test]
fn the_claim_about_sections_needs_the_constant() {
    let spec = ResidualSpec::at_rest(wendland(1.0), vec![vec![0.0, 0.0], vec![0.01, 0.0]]);
    let instance = Instance::from(ResidualInstance::from_spec(&spec).unwrap());
    let finding = find("K4.lipschitz").unwrap().check(&instance);
    let Finding::Compared(comparisons) = finding else {
        panic!("{finding:?}")
    };
    assert!(
        comparisons[0].tightness() > 0.97,
        "{}",
        comparisons[0].tightness()
    );
}
