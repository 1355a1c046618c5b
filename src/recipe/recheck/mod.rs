//! A second proof of a certificate.
//!
//! It shares no code with the first: Gram matrices are means of cosines, moments are sums of balls,
//! eigenvalues are bounded by one Cholesky factorisation of `nalgebra`, and the bounds of P3 and P7 are
//! written out from their statements. Only the width of an a-priori recipe is taken from the bounds of
//! [`Expressivity`] again.

pub(super) mod allowance;
mod filtered;
mod positive;
mod promise;
mod spectra;

use super::certificate::{FilteredPromise, Probability, RecipeKind, SCHEMA, TrainingCertificate};
use super::filtered::MOST_STEPS;
use super::fingerprint;
use crate::arithmetic::Ball;
use crate::bounds::random_features::Expressivity;
use crate::kernel::KernelSpec;
use crate::watch::{Stop, Stopped, Watch};
use nalgebra::DMatrix;
use std::fmt;

/// What of a certificate is not so.
#[derive(Clone, Debug, PartialEq)]
pub struct Discrepancy {
    /// The field, as in JSON: `promise.rate`.
    pub field: &'static str,
    /// What it says.
    pub stated: String,
    /// What is so.
    pub found: String,
}

impl fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} says {}: {}", self.field, self.stated, self.found)
    }
}

/// What has been found so far, and whether more is wanted.
struct Findings<'a> {
    found: Vec<Discrepancy>,
    seen: &'a dyn Fn(&'static str),
    watch: &'a dyn Watch,
}

impl Findings<'_> {
    /// Goes on to a field that takes long to prove.
    fn next(&self, field: &'static str) -> Result<(), Stopped> {
        (self.seen)(field);
        match self.watch.is_stopped() {
            true => Err(Stopped),
            false => Ok(()),
        }
    }

    fn require(
        &mut self,
        holds: bool,
        field: &'static str,
        stated: impl ToString,
        found: impl ToString,
    ) {
        if !holds {
            self.found.push(Discrepancy {
                field,
                stated: stated.to_string(),
                found: found.to_string(),
            });
        }
    }

    fn equal<T: ToString + PartialEq>(&mut self, field: &'static str, stated: T, found: T) {
        let holds = stated == found;
        self.require(holds, field, stated, format!("it is {}", found.to_string()));
    }
}

/// A cosine of [`recheck`], in multiplications of a matrix product: they are taken one by one.
const COSINE: f64 = 50.0;

/// A multiplication of its factorisations, in those of a matrix product: `nalgebra` has one thread.
const PLAIN: f64 = 40.0;

/// Returns about how many multiplications [`recheck`] takes: an estimate from the sizes.
#[must_use]
pub fn recheck_cost(certificate: &TrainingCertificate) -> f64 {
    let (data, architecture) = (&certificate.data, &certificate.architecture);
    let samples = data.samples as f64;
    let frequencies = match certificate.kind {
        RecipeKind::Realised => architecture.frequencies as f64,
        // Before the draw only the Gram matrix of the kernel itself is factored.
        RecipeKind::APriori => 0.0,
    };
    let steps = match &certificate.promise.filtered {
        Some(filtered) => filtered.iterations.min(MOST_STEPS as u64) as f64,
        None => 0.0,
    };
    samples * samples * frequencies * COSINE
        + 2.0 * PLAIN * samples * samples * data.targets as f64 * steps
        + PLAIN * (2.0 * samples.powi(3) + frequencies.powi(3)) / 3.0
}

/// Checks a certificate again, from data and frequencies alone.
///
/// # Arguments
/// * `inputs`: d × N; `targets`: d' × N.
/// * `frequencies`: (d + d') × m, as drawn; needed by a realised certificate, and ignored by an a-priori one.
///
/// # Returns
/// What is not certainly so; nothing if every number is proved again, and follows from the others.
///
/// # Cost
/// `N²m/2` cosines and two factorisations of order `N`; `m²q` products and a factorisation of order `m`.
#[must_use]
pub fn recheck(
    certificate: &TrainingCertificate,
    inputs: &DMatrix<f64>,
    targets: &DMatrix<f64>,
    frequencies: Option<&DMatrix<f64>>,
) -> Vec<Discrepancy> {
    let never = Stop::default();
    recheck_watched(certificate, inputs, targets, frequencies, &|_| (), &never)
        .unwrap_or_else(|Stopped| unreachable!("nobody stops it"))
}

/// The same, shown proof by proof, and ended where it is not wanted any more.
///
/// # Arguments
/// * `seen`: hears the field whose number is proved next.
/// * `watch`: looked at before every proof.
///
/// # Errors
/// [`Stopped`]: not everything is proved.
pub fn recheck_watched(
    certificate: &TrainingCertificate,
    inputs: &DMatrix<f64>,
    targets: &DMatrix<f64>,
    frequencies: Option<&DMatrix<f64>>,
    seen: &dyn Fn(&'static str),
    watch: &dyn Watch,
) -> Result<Vec<Discrepancy>, Stopped> {
    let mut findings = Findings {
        found: Vec::new(),
        seen,
        watch,
    };
    findings.next("schema")?;
    let (data, architecture) = (&certificate.data, &certificate.architecture);
    findings.equal("schema", certificate.schema, SCHEMA);
    findings.equal("data.samples", data.samples, inputs.ncols());
    findings.equal("data.inputs", data.inputs, inputs.nrows());
    findings.equal("data.targets", data.targets, targets.nrows());
    let seen = fingerprint(&[inputs, targets]);
    findings.equal("data.fingerprint", data.fingerprint.clone(), seen);
    let layers = architecture.depth >= 1;
    findings.require(
        layers,
        "architecture.depth",
        architecture.depth,
        "a network has a layer",
    );
    let shape = (
        inputs.nrows() + targets.nrows(),
        architecture.frequencies as usize,
    );
    match (certificate.kind, frequencies) {
        (RecipeKind::Realised, None) => {
            let missing = "a realised certificate is checked with its frequencies";
            findings.require(false, "architecture.frequencies", shape.1, missing);
        }
        (RecipeKind::Realised, Some(frequencies)) => {
            let found = frequencies.shape();
            findings.require(
                found == shape,
                "architecture.frequencies",
                shape.1,
                format!("there are {}", found.1),
            );
            let drawn = Some(fingerprint(&[frequencies]));
            let holds = architecture.fingerprint == drawn;
            let stated = format!("{:?}", architecture.fingerprint);
            let found = "other frequencies are drawn: kernel, seed or version differ";
            findings.require(holds, "architecture.fingerprint", stated, found);
            let without = certificate.probability.is_none();
            findings.require(
                without,
                "probability",
                "something",
                "none is claimed after the draw",
            );
        }
        (RecipeKind::APriori, _) => {
            let without = certificate.promise.filtered.is_none();
            findings.require(
                without,
                "promise.filtered",
                "something",
                "no Gram matrix is known before the draw, which it could follow from",
            );
            let with = certificate.probability.is_some() && architecture.fingerprint.is_none();
            findings.require(
                with,
                "probability",
                "nothing",
                "an a-priori recipe claims one, of any draw",
            );
        }
    }
    // Matrices of other shapes, or other data, prove nothing.
    if !findings.found.is_empty() {
        return Ok(findings.found);
    }
    match (&certificate.probability, frequencies) {
        (Some(probability), _) => {
            before_the_draw(certificate, probability, inputs, &mut findings)?;
        }
        (None, Some(frequencies)) => {
            as_drawn(certificate, [inputs, targets], frequencies, &mut findings)?;
        }
        (None, None) => {}
    }
    let squares: Ball = targets.iter().map(|&y| Ball::from(y).square()).sum();
    let loss = squares / Ball::from(2.0 * data.samples as f64);
    let stated = certificate.constants.initial_loss.value;
    let roundings = allowance::of_loss(targets);
    let close = stated >= loss.upper() && stated <= loss.upper() * (1.0 + 2.0 * roundings);
    findings.require(
        close,
        "constants.initial_loss",
        stated,
        format!("mean‖y‖²/2 is {:e}", loss.mid()),
    );
    promise::follows(certificate, &mut findings);
    Ok(findings.found)
}

/// λ and κ̂ of the frequencies drawn.
fn as_drawn(
    certificate: &TrainingCertificate,
    [inputs, targets]: [&DMatrix<f64>; 2],
    frequencies: &DMatrix<f64>,
    findings: &mut Findings<'_>,
) -> Result<(), Stopped> {
    let constants = &certificate.constants;
    findings.next("constants.gram_smallest")?;
    let gram = spectra::drawn_gram(inputs, frequencies);
    let smallest = constants.gram_smallest.value;
    let proved = smallest > 0.0 && gram.at_least(smallest);
    findings.require(
        proved,
        "constants.gram_smallest",
        smallest,
        "λ_min(K̂) is not certainly as large",
    );
    findings.next("constants.gram_largest")?;
    let largest = constants.gram_largest.value;
    let proved = gram.at_most(largest);
    findings.require(
        proved,
        "constants.gram_largest",
        largest,
        "λ_max(K̂) is not certainly as small",
    );
    findings.next("constants.kappa1")?;
    let kappa1 = constants.kappa1.value;
    let square = Ball::from(kappa1).square().lower();
    let proved = kappa1 > 0.0 && spectra::moment(frequencies, false).at_most(square);
    findings.require(
        proved,
        "constants.kappa1",
        kappa1,
        "κ̂1 is not certainly as small",
    );
    findings.next("constants.kappa2")?;
    let kappa2 = constants.kappa2.value;
    let proved = kappa2 > 0.0 && spectra::curvature_at_most(frequencies, kappa2);
    findings.require(
        proved,
        "constants.kappa2",
        kappa2,
        "κ̂2 is not certainly as small",
    );
    let Some(promised) = &certificate.promise.filtered else {
        return Ok(());
    };
    findings.next("promise.filtered")?;
    along_the_spectrum(certificate, &gram, targets, promised, findings);
    Ok(())
}

/// The errors and the place after the steps that P8b.filtered promises, and how many they are.
fn along_the_spectrum(
    certificate: &TrainingCertificate,
    gram: &spectra::Computed,
    targets: &DMatrix<f64>,
    promised: &FilteredPromise,
    findings: &mut Findings<'_>,
) {
    let (constants, promise) = (&certificate.constants, &certificate.promise);
    let counted = (1..=MOST_STEPS as u64).contains(&promised.iterations);
    let known = promised.rounding >= 0.0 && promised.rounding.is_finite();
    let square = Ball::from(certificate.scale.chosen).square();
    let reach = Ball::from(promise.step) * square * Ball::from(constants.gram_largest.value);
    let stable = promise.step > 0.0 && reach.upper() <= 2.0 * certificate.data.samples as f64;
    findings.require(
        counted,
        "promise.filtered.iterations",
        promised.iterations,
        format!("the spectrum promises from 1 to {MOST_STEPS}"),
    );
    findings.require(
        known,
        "promise.filtered.rounding",
        promised.rounding,
        "it is a length",
    );
    findings.require(
        stable,
        "promise.step",
        promise.step,
        "ηα²λ_max is at most 2N in P8b",
    );
    if !(counted && known && stable) {
        return;
    }
    let found = filtered::last_iterate(certificate, gram, targets, promised);
    for (field, stated, found) in [
        ("promise.filtered.error", promised.error.value, found[0]),
        (
            "promise.filtered.displacement",
            promised.displacement.value,
            found[1],
        ),
    ] {
        let close = stated >= found.upper()
            && stated <= found.lower() * (1.0 + 2.0 * allowance::OF_ENVELOPE);
        findings.require(
            close,
            field,
            stated,
            format!("P8b.filtered gives {:e}", found.mid()),
        );
    }
}

/// λ of the exact kernel, and what the width promises of it.
fn before_the_draw(
    certificate: &TrainingCertificate,
    probability: &Probability,
    inputs: &DMatrix<f64>,
    findings: &mut Findings<'_>,
) -> Result<(), Stopped> {
    let (architecture, constants) = (&certificate.architecture, &certificate.constants);
    let KernelSpec::Gaussian(gaussian) = architecture.kernel else {
        let found = "constants before the draw are known of Gaussian kernels";
        findings.require(false, "architecture.kernel", architecture.kernel, found);
        return Ok(());
    };
    let Probability {
        failure,
        share,
        excess,
        kernel_smallest,
        kernel_largest,
        bound,
    } = *probability;
    findings.next("probability.kernel_smallest")?;
    let gram = spectra::gaussian_gram(inputs, gaussian.sigma());
    findings.require(
        kernel_smallest > 0.0 && gram.at_least(kernel_smallest),
        "probability.kernel_smallest",
        kernel_smallest,
        "λ_min(K) is not certainly as large",
    );
    findings.require(
        gram.at_most(kernel_largest),
        "probability.kernel_largest",
        kernel_largest,
        "λ_max(K) is not certainly as small",
    );
    let sensible = 0.0 < failure && failure < 1.0 && 0.0 < share && share < 1.0 && excess > 0.0;
    findings.require(
        sensible,
        "probability",
        failure,
        "probabilities and shares lie between 0 and 1",
    );
    findings.next("architecture.frequencies")?;
    let width = architecture.frequencies;
    let tail =
        Expressivity::try_new(&architecture.kernel, inputs).and_then(|e| e.tail(bound, share));
    let enough = tail.is_ok_and(|tail| tail.ln_failure(width).upper() <= (0.5 * failure).ln());
    findings.require(
        sensible && enough,
        "architecture.frequencies",
        width,
        format!("{bound} does not give the probability {failure}"),
    );
    let smallest = constants.gram_smallest.value;
    let kept = (Ball::from(1.0 - share) * Ball::from(kernel_smallest)).lower();
    findings.require(
        smallest > 0.0 && smallest <= kept,
        "constants.gram_smallest",
        smallest,
        format!("it is {kept} that is kept"),
    );
    // N[e^ε(1+ε)^{−(1+ε)}]^{mλ/N} ≤ τ/6, or N.
    let [samples, m, tau, excess] =
        [inputs.ncols() as f64, width as f64, failure, excess].map(Ball::from);
    let [one, kernel_largest] = [1.0, kernel_largest].map(Ball::from);
    let exceeded = one + excess;
    let exponent = m * kernel_largest / samples * (exceeded * exceeded.ln() - excess);
    let allowed = (tau / Ball::from(6.0)).ln();
    let largest = constants.gram_largest.value;
    let rare = (samples.ln() - exponent).upper() <= allowed.lower()
        && largest >= (exceeded * kernel_largest).upper();
    findings.require(
        rare || largest >= samples.mid(),
        "constants.gram_largest",
        largest,
        "the upper half of R4 does not give it",
    );
    let deviation = (Ball::from(2.0) * (Ball::from(6.0) / tau).ln()).sqrt();
    let dimension = Ball::from((certificate.data.inputs + certificate.data.targets) as f64);
    let sigma = Ball::from(gaussian.sigma());
    let kappa1 = ((one + (dimension.sqrt() + deviation) / m.sqrt()) / sigma).upper();
    let stated = constants.kappa1.value;
    findings.require(
        stated >= kappa1,
        "constants.kappa1",
        stated,
        format!("R8 gives {kappa1}"),
    );
    let length = (Ball::from(3.0) * m).sqrt().sqrt() + dimension.sqrt() + deviation;
    let kappa2 = (length.square() / m.sqrt() / sigma.square()).upper();
    let stated = constants.kappa2.value;
    findings.require(
        stated >= kappa2,
        "constants.kappa2",
        stated,
        format!("R8b gives {kappa2}"),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::{corners, kernel, realised, source};
    use super::super::{Plan, Stated};
    use super::*;
    use crate::kernel::Kernel;
    use crate::watch::tests::Looks;

    fn drawn() -> DMatrix<f64> {
        kernel().try_sample_frequencies(4, 30, 3).unwrap()
    }

    fn found(certificate: &TrainingCertificate) -> Vec<Discrepancy> {
        let data = corners();
        recheck(certificate, &data.inputs, &data.targets, Some(&drawn()))
    }

    fn a_priori() -> TrainingCertificate {
        let plan = Plan::default();
        plan.a_priori(&corners(), source(), kernel(), 1e-3).unwrap()
    }

    #[test]
    fn certificates_are_proved_again() {
        assert_eq!(found(&realised()), []);
        assert_eq!(found(&a_priori()), []);
        for seed in 0..20 {
            let plan = Plan {
                seed,
                headroom: Some(1.0 + seed as f64 * 40.0),
                depth: 1 + seed as usize,
                ..Plan::default()
            };
            let count = 20 + 7 * seed as usize;
            let data = corners();
            let certificate = plan.realised(&data, source(), kernel(), count).unwrap();
            let drawn = kernel().try_sample_frequencies(4, count, seed).unwrap();
            let found = recheck(&certificate, &data.inputs, &data.targets, Some(&drawn));
            assert_eq!(found, [], "{seed}");
        }
    }

    #[test]
    fn a_second_proof_is_stopped_between_any_two() {
        let data = corners();
        for certificate in [realised(), a_priori()] {
            let again = |looks: &Looks| {
                let fields = std::cell::RefCell::new(Vec::new());
                let seen = |field| fields.borrow_mut().push(field);
                let (inputs, targets) = (&data.inputs, &data.targets);
                let found =
                    recheck_watched(&certificate, inputs, targets, Some(&drawn()), &seen, looks);
                (found, fields.into_inner())
            };
            let all = Looks::of(u64::MAX);
            let (found, fields) = again(&all);
            assert_eq!(found, Ok(Vec::new()));
            assert!(fields.len() >= 3 && fields.len() as u64 == all.seen());
            for patience in 0..all.seen() {
                let (found, seen) = again(&Looks::of(patience));
                assert_eq!(
                    (found, &seen[..]),
                    (Err(Stopped), &fields[..=patience as usize])
                );
            }
        }
    }

    type Edit = fn(&mut TrainingCertificate, f64);

    /// Every number, edited by a millionth or more in either direction, is found out by name.
    #[test]
    fn edited_numbers_are_named() {
        let edits: &[(&str, Edit)] = &[
            ("constants.kappa1", |c, by| c.constants.kappa1.value *= by),
            ("constants.kappa2", |c, by| c.constants.kappa2.value *= by),
            ("constants.gram_smallest", |c, by| {
                c.constants.gram_smallest.value *= by
            }),
            ("constants.gram_largest", |c, by| {
                c.constants.gram_largest.value *= by
            }),
            ("constants.initial_loss", |c, by| {
                c.constants.initial_loss.value *= by
            }),
            ("constants.largest_radius", |c, by| {
                c.constants.largest_radius.value *= by
            }),
            ("constants.coupling", |c, by| {
                c.constants.coupling.value *= by
            }),
            ("constants.layer_mean", |c, by| {
                c.constants.layer_mean.value *= by
            }),
            ("constants.kappa0", |c, by| c.constants.kappa0.value *= by),
            ("scale.smallest", |c, by| c.scale.smallest *= by),
            ("scale.chosen", |c, by| c.scale.chosen *= by),
            ("scale.tolerance", |c, by| c.scale.tolerance *= by),
            ("promise.radius", |c, by| c.promise.radius *= by),
            ("promise.pl_constant", |c, by| {
                c.promise.pl_constant.value *= by
            }),
            ("promise.smoothness", |c, by| {
                c.promise.smoothness.value *= by
            }),
            ("promise.step", |c, by| c.promise.step *= by),
            ("promise.step_margin", |c, by| c.promise.step_margin *= by),
            ("promise.loss_threshold", |c, by| {
                c.promise.loss_threshold *= by
            }),
            ("promise.rate", |c, by| c.promise.rate *= by),
            ("promise.filtered.error", |c, by| {
                let filtered = c.promise.filtered.as_mut();
                filtered.map(|f| f.error.value *= by).unwrap_or(());
            }),
            ("promise.filtered.displacement", |c, by| {
                let filtered = c.promise.filtered.as_mut();
                filtered.map(|f| f.displacement.value *= by).unwrap_or(());
            }),
        ];
        for certificate in [realised(), a_priori()] {
            for (field, edit) in edits {
                for by in [1.0 + 1e-4, 1.0 - 1e-4, -1.0, 0.0, f64::NAN, f64::INFINITY] {
                    let mut edited = certificate.clone();
                    edit(&mut edited, by);
                    if edited == certificate {
                        // It promises nothing by the spectrum.
                        assert!(field.starts_with("promise.filtered"));
                        continue;
                    }
                    let found = found(&edited);
                    // The field itself, or one that no longer follows from it.
                    assert!(!found.is_empty(), "{field} times {by} passes");
                    if by > 1.0
                        && !field.starts_with("constants.")
                        && *field != "scale.chosen"
                        && *field != "promise.radius"
                    {
                        assert!(
                            found.iter().any(|d| d.field == *field),
                            "{field}: {found:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn unsafe_constants_are_named() {
        let edits: &[(&str, Edit, f64)] = &[
            (
                "constants.kappa1",
                |c, by| c.constants.kappa1.value *= by,
                1.0 - 1e-6,
            ),
            (
                "constants.kappa2",
                |c, by| c.constants.kappa2.value *= by,
                1.0 - 1e-6,
            ),
            (
                "constants.gram_smallest",
                |c, by| c.constants.gram_smallest.value *= by,
                1.0 + 1e-5,
            ),
            (
                "constants.gram_largest",
                |c, by| c.constants.gram_largest.value *= by,
                1.0 - 1e-6,
            ),
            (
                "constants.initial_loss",
                |c, by| c.constants.initial_loss.value *= by,
                1.0 - 1e-6,
            ),
        ];
        for (field, edit, by) in edits {
            let mut edited = realised();
            edit(&mut edited, *by);
            let found = found(&edited);
            assert!(
                found.iter().any(|d| d.field == *field),
                "{field}: {found:?}"
            );
        }
        let mut edited = a_priori();
        edited.constants.kappa2 = Stated::new(edited.constants.kappa2.value * 0.999_999, "");
        assert!(found(&edited).iter().any(|d| d.field == "constants.kappa2"));
    }

    #[test]
    fn other_edits_are_named() {
        let named = |certificate: &TrainingCertificate, field: &str| {
            let found = found(certificate);
            assert!(found.iter().any(|d| d.field == field), "{field}: {found:?}");
        };
        // So large that the arithmetic overflows: anything, and no proof.
        for (field, edit) in [
            ("scale.smallest", (|c, by| c.scale.smallest = by) as Edit),
            ("scale.radius", |c, by| c.scale.radius = by),
        ] {
            for huge in [1e154, 1e200, f64::MAX] {
                for mut edited in [realised(), a_priori()] {
                    edit(&mut edited, huge);
                    named(&edited, field);
                }
            }
        }
        let change = |edit: fn(&mut TrainingCertificate)| {
            let mut edited = realised();
            edit(&mut edited);
            edited
        };
        named(&change(|c| c.schema = 1), "schema");
        named(&change(|c| c.data.samples = 4), "data.samples");
        named(&change(|c| c.data.inputs = 3), "data.inputs");
        named(&change(|c| c.data.targets = 1), "data.targets");
        named(
            &change(|c| c.data.fingerprint = "0".repeat(16)),
            "data.fingerprint",
        );
        named(
            &change(|c| c.architecture.frequencies = 29),
            "architecture.frequencies",
        );
        named(
            &change(|c| c.architecture.fingerprint = None),
            "architecture.fingerprint",
        );
        named(&change(|c| c.architecture.depth = 0), "architecture.depth");
        named(&change(|c| c.architecture.depth = 9), "promise.pl_constant");
        for by in [-1, 2] {
            let mut edited = realised();
            let filtered = edited.promise.filtered.as_mut().unwrap();
            filtered.iterations = filtered.iterations.wrapping_add_signed(by);
            named(&edited, "promise.filtered.error");
            for mut edited in [realised(), a_priori()] {
                edited.promise.iterations = edited.promise.iterations.wrapping_add_signed(by);
                named(&edited, "promise.iterations");
            }
        }
        let mut short = realised();
        short.promise.target *= 0.01;
        named(&short, "promise.iterations");
        named(&change(|c| c.promise.target = 1.5), "promise.target");
        let rounding = |to: f64| {
            let mut edited = realised();
            edited.promise.filtered.as_mut().unwrap().rounding = to;
            edited
        };
        for to in [-1e-12, f64::NAN, f64::INFINITY] {
            named(&rounding(to), "promise.filtered.rounding");
        }
        let used = realised().promise.filtered.unwrap().rounding;
        named(&rounding(1e6 * used), "promise.filtered.error");
        named(&change(|c| c.promise.iterations = 0), "promise.iterations");
        named(
            &change(|c| c.promise.iterations = 1 << 40),
            "promise.iterations",
        );
        named(
            &change(|c| c.promise.filtered = None),
            "promise.pl_constant",
        );
        named(&change(|c| c.kind = RecipeKind::APriori), "probability");
        named(
            &change(|c| c.probability = a_priori().probability),
            "probability",
        );
        // What only a Gram matrix can prove is not believed without one.
        let mut prior = a_priori();
        prior.promise.filtered = realised().promise.filtered;
        named(&prior, "promise.filtered");
        let mut prior = a_priori();
        prior.architecture.frequencies -= 1;
        named(&prior, "architecture.frequencies");
        let mut prior = a_priori();
        prior.architecture.kernel = "matern52:1".parse().unwrap();
        named(&prior, "architecture.kernel");
        let mut prior = a_priori();
        prior.probability.as_mut().unwrap().failure *= 0.9;
        named(&prior, "architecture.frequencies");
        let mut prior = a_priori();
        prior.probability.as_mut().unwrap().kernel_smallest *= 1.001;
        named(&prior, "probability.kernel_smallest");
        let mut prior = a_priori();
        prior.probability.as_mut().unwrap().kernel_largest *= 0.999;
        named(&prior, "probability.kernel_largest");
        let mut prior = a_priori();
        prior.probability.as_mut().unwrap().excess *= 0.9;
        named(&prior, "constants.gram_largest");
        let data = corners();
        let missing = recheck(&realised(), &data.inputs, &data.targets, None);
        assert_eq!(missing[0].field, "architecture.frequencies");
        assert!(missing[0].to_string().contains("says 30: a realised"));
        let other = kernel().try_sample_frequencies(4, 30, 4).unwrap();
        let found = recheck(&realised(), &data.inputs, &data.targets, Some(&other));
        assert_eq!(found[0].field, "architecture.fingerprint");
    }
}
