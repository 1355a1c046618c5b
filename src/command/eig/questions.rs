//! What is asked besides the eigenvalue: the condition number, the matrices nearby, the jitter of a factorisation.

use super::{Certified, Problem};
use crate::command::arguments::Eig;
use crate::command::failure::Failure;
use crate::command::sheet::{Row, row};
use crate::data::read_table;
use crate::spectrum::certificate::{
    Arithmetic, Certificate, CertificateError, CertificateSubject, ConditionNumber, Definiteness,
    Direction, Jitter, Radius, Within, cholesky_jitter, decimal_above, decimal_below,
};
use serde::Serialize;

/// The answers, of which every one may be missing.
#[derive(Default, Serialize)]
pub(super) struct Answers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Nearby>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter: Option<Jitters>,
}

/// The condition number.
#[derive(Serialize)]
pub(super) struct Condition {
    verdict: &'static str,
    /// In f64, rounded outwards; nothing where there is no such number.
    enclosure: [Option<f64>; 2],
    enclosure_exact: [Option<String>; 2],
    /// For people.
    text: String,
    /// The certificate of the largest eigenvalue.
    largest: Certified,
    #[serde(skip)]
    decided: bool,
}

/// The smallest eigenvalue of every matrix nearby.
#[derive(Serialize)]
pub(super) struct Nearby {
    radius: f64,
    enclosure: [f64; 2],
    enclosure_exact: [String; 2],
    lo: String,
    hi: String,
    definite: Definiteness,
}

/// From which jitter on a factorisation completes.
#[derive(Serialize)]
pub(super) struct Jitters {
    entries_within: f64,
    double: Enough,
    single: Option<Enough>,
}

#[derive(Serialize)]
struct Enough {
    completes_from: Option<f64>,
    breaks_below: f64,
}

impl From<Jitter> for Enough {
    fn from(found: Jitter) -> Self {
        Self {
            completes_from: found.completes_from,
            breaks_below: found.breaks_below,
        }
    }
}

/// Reads the distance that is given, if any.
pub(super) fn radius(options: &Eig, order: usize) -> Result<Option<Radius>, Failure> {
    let Some(given) = &options.within else {
        return Ok(None);
    };
    if let Some(Ok(distance)) = given.to_str().map(str::parse::<f64>) {
        return if distance >= 0.0 && distance.is_finite() {
            Ok(Some(Radius::spectral(distance)))
        } else {
            Err(Failure::Distance {
                given: given.display().to_string(),
            })
        };
    }
    let file = given.display().to_string();
    let radii = read_table(given)?.to_matrix()?;
    let (rows, columns) = radii.shape();
    if (rows, columns) != (order, order) {
        return Err(Failure::RadiusShape {
            file,
            rows,
            columns,
            order,
        });
    }
    match Radius::entrywise(&radii) {
        Ok(radius) => Ok(Some(radius)),
        Err(cause) => Err(Failure::Spectrum { file, cause }),
    }
}

impl Answers {
    /// Tells whether all that was asked is decided.
    pub fn decided(&self) -> bool {
        let condition = self.condition.as_ref().is_none_or(|found| found.decided);
        let within =
            (self.within.as_ref()).is_none_or(|found| found.definite != Definiteness::Undecided);
        let jitter =
            (self.jitter.as_ref()).is_none_or(|found| found.double.completes_from.is_some());
        condition && within && jitter
    }

    /// What was found, as rows of a page.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        if let Some(found) = &self.condition {
            rows.push(row("condition number", &*found.text, "λ_max/λ_min"));
        }
        if let Some(found) = &self.within {
            let how = format!("of every matrix within {}", decimal_above(found.radius, 6));
            rows.push(row(
                "smallest nearby",
                format!("[{}, {}]", found.lo, found.hi),
                how,
            ));
        }
        if let Some(found) = &self.jitter {
            let single = found.single.as_ref();
            let single = single.map_or("entries are too large for f32".to_owned(), enough);
            rows.push(row("Cholesky in f64", enough(&found.double), "of K + εI"));
            rows.push(row("Cholesky in f32", single, "of K + εI"));
        }
        rows
    }

    pub fn text(&self, digits: usize) -> String {
        let mut text = String::new();
        if let Some(found) = &self.condition {
            text += &format!(
                "condition number, λ_max/λ_min\n  enclosure  {}\n  λ_max      [{}, {}]\n",
                found.text, found.largest.lo, found.largest.hi
            );
        }
        if let Some(found) = &self.within {
            text += &format!(
                "smallest eigenvalue of every symmetric matrix within {} in the 2-norm\n  \
                 enclosure  [{}, {}]\n  sign       {}\n",
                decimal_above(found.radius, digits),
                found.lo,
                found.hi,
                match found.definite {
                    Definiteness::Every => "positive for all of them, proved",
                    Definiteness::NotEvery => "not positive for one of them, proved",
                    Definiteness::Undecided => "not decided",
                }
            );
        }
        if let Some(found) = &self.jitter {
            text += "Cholesky factorisation of K + εI\n";
            text += &format!("  in f64     {}\n", enough(&found.double));
            text += &match &found.single {
                Some(single) => format!("  in f32     {}\n", enough(single)),
                None => "  in f32     entries are too large for f32\n".to_owned(),
            };
        }
        text
    }
}

fn enough(found: &Enough) -> String {
    let completes = match found.completes_from {
        Some(0.0) => "completes without any ε, proved".to_owned(),
        Some(epsilon) => format!(
            "completes for every ε from {} on, proved",
            decimal_above(epsilon, 3)
        ),
        None => "no ε is proved to suffice: the order is too large".to_owned(),
    };
    match found.breaks_below > 0.0 {
        true => format!(
            "{completes}; breaks down below {}, proved",
            decimal_below(found.breaks_below, 3)
        ),
        false => completes,
    }
}

/// The condition number from certificates of both ends.
pub(super) fn condition(
    smallest: &Certificate,
    largest: &Certificate,
    certified: Certified,
    digits: usize,
) -> Condition {
    let found = ConditionNumber::of(smallest, largest);
    let (verdict, lo, hi) = match found {
        ConditionNumber::Between { lo, hi } => ("between", Some(lo), Some(hi)),
        ConditionNumber::AtLeast { lo } => ("at-least", Some(lo), None),
        ConditionNumber::Singular => ("singular", None, None),
        ConditionNumber::NotDefinite => ("not-definite", None, None),
    };
    Condition {
        verdict,
        enclosure: [
            lo.map(|lo| lo.to_f64(Direction::Down)),
            // Beyond the range there is no number above.
            hi.map(|hi| hi.to_f64(Direction::Up))
                .filter(|hi| hi.is_finite()),
        ],
        enclosure_exact: [lo, hi].map(|end| end.map(|end| end.hexadecimal())),
        text: format!("{found:.digits$}"),
        largest: certified,
        decided: !matches!(found, ConditionNumber::AtLeast { .. }),
    }
}

/// The smallest eigenvalue nearby.
pub(super) fn nearby(smallest: &Certificate, radius: Radius, digits: usize) -> Nearby {
    let found = Within::of(smallest, radius);
    Nearby {
        radius: radius.outer(),
        enclosure: [
            found.lo.to_f64(Direction::Down),
            found.hi.to_f64(Direction::Up),
        ],
        enclosure_exact: [found.lo, found.hi].map(|end| end.hexadecimal()),
        lo: found.lo.decimal(digits + 1, Direction::Down),
        hi: found.hi.decimal(digits + 1, Direction::Up),
        definite: found.definite,
    }
}

/// The jitter in both arithmetics.
pub(super) fn jitters(
    problem: &Problem,
    smallest: &Certificate,
    radius: Option<Radius>,
) -> Result<Jitters, CertificateError> {
    let radius = radius.unwrap_or(Radius::spectral(0.0));
    let subject = problem.subject();
    let of = |arithmetic| cholesky_jitter(subject, smallest, radius, arithmetic);
    let double = of(Arithmetic::Double)?;
    let single = match of(Arithmetic::Single) {
        Ok(found) => Some(found.into()),
        Err(CertificateError::LargeEntry { .. }) => None,
        Err(cause) => return Err(cause),
    };
    Ok(Jitters {
        entries_within: double.entries_within,
        double: double.into(),
        single,
    })
}

impl Problem {
    pub(super) fn subject(&self) -> CertificateSubject<'_> {
        match self {
            Self::Points(kernel, points) => CertificateSubject::Points(kernel, points.as_view()),
            Self::Matrix { entries, .. } => CertificateSubject::Matrix(entries),
        }
    }

    pub(super) fn order(&self) -> usize {
        match self {
            Self::Points(_, points) => points.ncols(),
            Self::Matrix { entries, .. } => entries.nrows(),
        }
    }

    /// Bounds the distance of the matrix from the one meant.
    pub(super) fn rounding(&self) -> f64 {
        match self {
            Self::Points(..) => 0.0,
            Self::Matrix { rounding, .. } => *rounding,
        }
    }
}
