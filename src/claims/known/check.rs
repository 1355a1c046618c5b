//! E5: certificates of a known matrix, and their steps by themselves.

use super::matrices::{Known, KnownSpec};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF};
use crate::claims::exact::{integers, ratio, unit_of};
use crate::claims::undecided;
use crate::evidence::{Comparison, Finding};
use crate::kernel::MercerKernel;
use crate::spectrum::certificate::{
    Budget, Certificate, CertificateError, CertificateOptions, NARROWEST, certify_largest,
    certify_largest_of_matrix, certify_smallest, certify_smallest_of_matrix, trial,
};
use dashu_int::IBig;
use nalgebra::{DMatrix, DVector};

pub(super) const SMALLEST: [&str; 2] = ["lo ≤ λ_min", "λ_min ≤ hi"];
const LARGEST: [&str; 2] = ["lo ≤ λ_max", "λ_max ≤ hi"];
const PROPOSED: [&str; 2] = [
    "lo ≤ λ_min, whatever vector is proposed",
    "λ_min ≤ hi, whatever vector is proposed",
];
pub(super) const SHIFTED: &str = "s − b(s) ≤ λ_min, where a factor of A − sI completes";
pub(super) const QUOTIENT: &str = "the Rayleigh quotient is that of exact arithmetic";
const ORDERED: &str = "lo ≤ hi";

/// Orders up to which the steps are tried by themselves, many times over.
const SMALL: usize = 65;

/// Orders up to which f64 is asked for more than it can do.
const MIDDLE: usize = 260;

/// Orders up to which fixed point is tried where f64 suffices.
const FIXED: usize = 33;

/// Certificates of every budget, and of every step.
pub(in crate::claims) fn check(known: &Known) -> Finding {
    let compared = match known.points() {
        Some((kernel, points)) => of_points(kernel, &points),
        None => of_matrix(known),
    };
    match compared {
        Ok(comparisons) => Finding::Compared(comparisons),
        Err(error) => refused(error),
    }
}

/// Two proofs that contradict each other are a violation, and anything else is undecided.
pub(in crate::claims) fn refused(error: CertificateError) -> Finding {
    match error {
        CertificateError::Contradiction { lo, hi } => {
            use crate::spectrum::certificate::Direction::{Down, Up};
            let (lo, hi) = (lo.to_f64(Up), hi.to_f64(Down));
            // On the scale of the larger, so that both are positive.
            let size = Ball::from(2.0 * lo.abs().max(hi.abs()));
            let (lo, hi) = (Ball::from(lo) + size, Ball::from(hi) + size);
            Finding::Compared(vec![Comparison::at_most(ORDERED, lo, hi)])
        }
        error => undecided(error),
    }
}

/// The narrowest interval that a budget allows.
fn within(max_bits: usize) -> CertificateOptions {
    let options = CertificateOptions::default().with_relative_width(NARROWEST);
    CertificateOptions {
        budget: Budget {
            max_bits,
            ..options.budget
        },
        ..options
    }
}

/// What an interval says of a positive number: an end that is not positive says nothing.
fn encloses(statements: [&'static str; 2], interval: Ball, known: Ball) -> Vec<Comparison> {
    ends(statements, (interval.lower(), interval.upper()), known)
}

fn ends([below, above]: [&'static str; 2], (lo, hi): (f64, f64), known: Ball) -> Vec<Comparison> {
    let mut comparisons = vec![Comparison::at_most(above, known, Ball::from(hi))];
    if lo > 0.0 {
        comparisons.push(Comparison::at_least(below, known, Ball::from(lo)));
    }
    comparisons
}

fn compare(statements: [&'static str; 2], found: &Certificate, known: Ball) -> Vec<Comparison> {
    use crate::spectrum::certificate::Direction::{Down, Up};
    let interval = (found.lo.to_f64(Down), found.hi.to_f64(Up));
    ends(statements, interval, known)
}

fn of_matrix(known: &Known) -> Result<Vec<Comparison>, CertificateError> {
    let (a, smallest) = match (known.matrix(), known.smallest()) {
        (Some(a), Some(smallest)) => (a, smallest),
        _ => return Ok(Vec::new()),
    };
    let mut comparisons = Vec::new();
    let small = known.order() <= SMALL;
    let mut budgets = vec![CertificateOptions::default()];
    if known.order() <= MIDDLE {
        budgets.push(within(0));
    }
    // Fixed point: the first rung that resolves the eigenvalue at all.
    let needed = (-smallest.mid().log2()).max(0.0) as usize;
    let rungs = [128, 192, 256, 384, 512];
    if known.order() <= FIXED || matches!(known.spec, KnownSpec::Graded { .. }) {
        budgets.extend(rungs.into_iter().find(|bits| *bits > needed).map(within));
    }
    for options in &budgets {
        let found = certify_smallest_of_matrix(&a, options)?;
        comparisons.extend(compare(SMALLEST, &found, smallest));
    }
    if let Some(largest) = known.largest() {
        for options in budgets.iter().take(2) {
            let found = certify_largest_of_matrix(&a, options)?;
            comparisons.extend(compare(LARGEST, &found, largest));
        }
    }
    if matches!(known.spec, KnownSpec::Graded { .. }) {
        return Ok(comparisons);
    }
    for proposal in known.proposals() {
        for width in [1e-6, NARROWEST]
            .into_iter()
            .take(if small { 2 } else { 1 })
        {
            if let Some(found) = trial::smallest_proposed(&a, width, &proposal) {
                comparisons.extend(ends(PROPOSED, found, smallest));
            }
        }
        if small {
            comparisons.extend(quotient(&a, &proposal, trial::quotient));
        }
    }
    if small {
        comparisons.extend(shifted(&a, smallest, trial::proved_below));
    }
    Ok(comparisons)
}

/// The largest shift that completes, found by bisection, and what is proved from it.
pub(super) fn shifted(
    a: &DMatrix<f64>,
    smallest: Ball,
    proved: fn(&DMatrix<f64>, f64) -> Option<f64>,
) -> Option<Comparison> {
    let reach = 64.0 * a.nrows() as f64 * UNIT_ROUNDOFF * a.amax();
    let (mut below, mut above) = (smallest.mid() - reach, smallest.mid() + reach);
    let mut best = proved(a, below)?;
    for _ in 0..60 {
        let middle = below + 0.5 * (above - below);
        match proved(a, middle) {
            Some(bound) => (below, best) = (middle, best.max(bound)),
            None => above = middle,
        }
    }
    (best > 0.0).then(|| Comparison::at_least(SHIFTED, smallest, Ball::from(best)))
}

/// `xᵀAx/xᵀx` by integers beside what is computed of it.
pub(super) fn quotient(
    a: &DMatrix<f64>,
    x: &DVector<f64>,
    computed: fn(&DMatrix<f64>, &DVector<f64>) -> Ball,
) -> Option<Comparison> {
    let unit = unit_of(a.as_slice())?;
    let entries = integers(a.as_slice(), unit);
    let vector = integers(x.as_slice(), unit_of(x.as_slice())?);
    let order = x.len();
    let mut form = IBig::ZERO;
    for j in 0..order {
        let column = (0..order).map(|i| &entries[j * order + i] * &vector[i]);
        form += column.sum::<IBig>() * &vector[j];
    }
    let square: IBig = vector.iter().map(|x| x * x).sum();
    let exact = ratio(&form, &square, unit);
    let found = computed(a, x);
    Some(Comparison::equal(QUOTIENT, found, exact, exact.mid()))
}

fn of_points(
    kernel: &MercerKernel,
    points: &DMatrix<f64>,
) -> Result<Vec<Comparison>, CertificateError> {
    let narrow = within(CertificateOptions::default().budget.max_bits);
    let mut comparisons = Vec::new();
    let smallest = certify_smallest(kernel, points, &narrow)?.ball();
    let largest = certify_largest(kernel, points, &narrow)?.ball();
    for options in [CertificateOptions::default(), within(0)] {
        let found = certify_smallest(kernel, points, &options)?;
        comparisons.extend(compare(SMALLEST, &found, smallest));
        let found = certify_largest(kernel, points, &options)?;
        comparisons.extend(compare(LARGEST, &found, largest));
    }
    Ok(comparisons)
}

/// Fixed point alone, beside the f64 interval of the Gram matrix as assembled: what the entries' error is there for.
pub(super) fn assembled(known: &Known) -> Finding {
    let Some((kernel, points)) = known.points() else {
        return undecided("no points");
    };
    let found = || -> Result<Vec<Comparison>, CertificateError> {
        let narrow = within(CertificateOptions::default().budget.max_bits);
        let smallest = certify_smallest(kernel, &points, &narrow)?.ball();
        let gram = crate::gram::mercer_gram(kernel, &points)?;
        let found = certify_smallest_of_matrix(&gram, &narrow)?;
        Ok(encloses(SMALLEST, found.ball(), smallest))
    };
    found().map_or_else(refused, Finding::Compared)
}
