//! Certificates without one of their error bounds, which the check must reject.

use super::check::{assembled, quotient, shifted};
use super::matrices::{Known, KnownSpec};
use super::pinned::{cancelling, centred, powers, scaled};
use crate::arithmetic::Ball;
use crate::evidence::Finding;
use crate::spectrum::certificate::trial;
use crate::theorem::Expectation::Violated;
use crate::theorem::{Control, Subject};
use nalgebra::{DMatrix, DVector};

/// The controls of E5.known.
pub(in crate::claims) fn controls() -> Vec<Control<Known>> {
    let entries = |name, specs: fn() -> Vec<KnownSpec>| {
        Control::found(name, Violated, move || {
            Finding::Compared(of_all(&specs(), |known| match assembled(known) {
                Finding::Compared(comparisons) => comparisons,
                _ => Vec::new(),
            }))
        })
    };
    vec![
        entries("entries without the error of the centring", centred),
        entries(
            "entries without the error of products that cancel",
            cancelling,
        ),
        entries("entries without the error of two bandwidths", scaled),
        entries("entries without the error of a power", powers),
        Control::found(
            "a factorisation without its backward error",
            Violated,
            || {
                let shift: fn(&DMatrix<f64>, f64) -> Option<f64> =
                    |a, shift| trial::proved_below(a, shift).map(|_| shift);
                let specs: Vec<KnownSpec> = (1..40).map(minima).collect();
                Finding::Compared(of_all(&specs, |known| {
                    let (a, smallest) = (known.matrix(), known.smallest());
                    let pair = a.zip(smallest);
                    let found = pair.and_then(|(a, smallest)| shifted(&a, smallest, shift));
                    found.into_iter().collect()
                }))
            },
        ),
        Control::found("a Rayleigh quotient without its rounding", Violated, || {
            let bare: fn(&DMatrix<f64>, &DVector<f64>) -> Ball =
                |a, x| Ball::from(trial::quotient(a, x).mid());
            let specs: Vec<KnownSpec> = (20..40).map(minima).collect();
            Finding::Compared(of_all(&specs, |known| {
                let ones = DVector::from_element(known.order(), 0.7);
                let a = known.matrix();
                a.and_then(|a| quotient(&a, &ones, bare))
                    .into_iter()
                    .collect()
            }))
        }),
    ]
}

fn minima(order: usize) -> KnownSpec {
    KnownSpec::Minima { order, exponent: 0 }
}

fn of_all<T>(specs: &[KnownSpec], found: impl Fn(&Known) -> Vec<T>) -> Vec<T> {
    let build = |spec| Known::build(spec).expect("pinned matrices are well-formed");
    specs.iter().flat_map(|spec| found(&build(spec))).collect()
}
