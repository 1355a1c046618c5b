//! What f64 leaves open about a zero, settled.

use super::super::entries::Source;
use super::super::{
    Certificate, CertificateOptions, Endpoint, LEAST_BITS, Precision, Search, double,
};
use super::{Integers, block, independent_columns, pivot_order};
use nalgebra::DMatrix;

impl Search<'_> {
    /// Tells whether the smallest eigenvalue of a matrix is zero, where f64 leaves that open.
    ///
    /// # Arguments
    /// `rest` is what is left of the matrix without rows that depend on others, and `dependent` says whether there were
    /// any: the matrix is positive semi-definite if and only if the rest is.
    pub(in super::super) fn settle(
        &self,
        rest: &DMatrix<f64>,
        dependent: bool,
        known: &mut Certificate,
    ) {
        let below_zero = (None, Some(Endpoint::ZERO));
        let width = self.options.relative_width;
        if dependent {
            known.intersect(below_zero, 0, width);
        }
        let budget = self.options.budget;
        if budget.max_bits < LEAST_BITS {
            return;
        }
        let seen = Certificate {
            precision: Precision::Exact,
            ..*known
        };
        self.show(&seen, 0);
        let Some(integers) = Integers::of(rest, |bytes| budget.allows(bytes)) else {
            return;
        };
        let kept = independent_columns(&integers, &pivot_order(rest), &self.limit);
        drop(integers);
        let Some(kept) = kept.filter(|kept| dependent || kept.len() < rest.nrows()) else {
            // Regular, or not known: more bits tell the sign.
            return;
        };
        known.intersect(below_zero, 0, width);
        let kept = block(rest, &kept);
        known.factorisations += 1;
        let is_positive = double::is_positive(&kept) || {
            let options = CertificateOptions {
                relative_width: 0.5,
                ..*self.options
            };
            let search = Search {
                options: &options,
                limit: self.limit,
                negated: false,
                observer: &|_| (),
                order: kept.nrows(),
            };
            let found = search.of_regular_matrix(&kept);
            known.factorisations += found.factorisations;
            found.is_positive()
        };
        if is_positive {
            *known = Certificate::zero(known.factorisations);
        }
    }

    /// Tells whether a Gram matrix of integers is singular, where f64 leaves that open: it is positive semi-definite.
    pub(in super::super) fn settle_gram(&self, source: &Source<'_>, known: &mut Certificate) {
        let Source::Integers(a) = source else {
            return;
        };
        let budget = self.options.budget;
        if budget.max_bits < LEAST_BITS {
            return;
        }
        let Some(integers) = Integers::of_integers(a, |bytes| budget.allows(bytes)) else {
            return;
        };
        let order: Vec<usize> = (0..a.order).collect();
        let kept = independent_columns(&integers, &order, &self.limit);
        if kept.is_some_and(|kept| kept.len() < a.order) {
            *known = Certificate::zero(known.factorisations);
        }
    }
}
