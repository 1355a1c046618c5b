//! One theorem, and how it is controlled.

use crate::claims::kernel::{ADMISSIBLE, STRONGLY_ADMISSIBLE};
use crate::claims::{Instance, MeanFieldInstance, Regime, ResidualInstance};
use crate::evidence::{Comparison, Evidence, Finding, Kind, Verdict};
use crate::resnet::{ExpansionNetwork, ResidualNetwork};

/// Why a claim about random features says nothing of another network.
const PARAMETRIC: &str = "network: residuals are combinations of random features";

/// Why a claim about measures says nothing of another network.
const PARTICLES: &str = "network: layers are particles";

/// Why a claim about kernel expansions says nothing of another network.
const FUNCTIONAL: &str = "network: residuals are kernel expansions";

/// Why no claim says anything of a network with trained hidden layers.
const LINEAR: &str = "network: residuals are linear in their parameters";

/// One theorem, executable.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// `P3.local`.
    pub id: &'static str,
    /// `kernel`, `spectrum`, `pl`, `convergence`, `lazy`, `rff`, `cot`, `width` or `depth`.
    pub family: &'static str,
    /// The statement in one line.
    pub statement: &'static str,
    /// Paper and result.
    pub source: &'static str,
    /// What the statement assumes.
    pub hypotheses: &'static [&'static str],
    /// How strong its evidence is.
    pub kind: Kind,
    /// How its tolerance is derived, in one line; in full on its page.
    pub tolerance: &'static str,
    /// Proof page below `proofs/`.
    pub page: &'static str,
    /// Which random instances it is checked on.
    pub regime: Regime,
    /// The check, and its sharp instances.
    pub subject: Subject,
    /// The statement whose tightness is the claim's; all of them, if `None`.
    pub headline: Option<&'static str>,
    /// The slack that the sharp instances leave at most; the control
    /// strengthens every bound by twice this share. `None` for a statistical claim: its controls are
    /// samplers and bounds that are wrong, among the [`dropped_hypotheses`](crate::claims::dropped_hypotheses).
    pub slack: Option<f64>,
    /// Statements for which no instance as sharp is known, with their own slack.
    pub looser: &'static [(&'static str, f64)],
}

/// What a claim is about: its check, and instances on which every comparison of it is sharp, somewhere.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Subject {
    /// Paper A's network, its kernels and its random features.
    Residual {
        /// The check.
        check: fn(&ResidualInstance) -> Finding,
        /// The sharp instances.
        sharp: fn() -> Vec<ResidualInstance>,
    },
    /// Paper B's network.
    MeanField {
        /// The check.
        check: fn(&MeanFieldInstance) -> Finding,
        /// The sharp instances.
        sharp: fn() -> Vec<MeanFieldInstance>,
    },
    /// The network whose residuals are kernel expansions.
    Functional {
        /// The check.
        check: fn(&ResidualInstance<ExpansionNetwork>) -> Finding,
        /// The sharp instances.
        sharp: fn() -> Vec<ResidualInstance<ExpansionNetwork>>,
    },
}

/// What a control saw, one line a statement of the claim.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlReport {
    /// Statement, its best tightness on the sharp instances, and whether its
    /// strengthened form was rejected.
    pub statements: Vec<(&'static str, f64, bool)>,
}

impl ControlReport {
    /// Tells whether every statement was rejected once strengthened.
    pub fn rejected(&self) -> bool {
        !self.statements.is_empty() && self.statements.iter().all(|&(_, _, rejected)| rejected)
    }
}

impl Claim {
    /// Checks an instance; one of another kind than the claim is about is inapplicable.
    pub fn check(&self, instance: &Instance) -> Finding {
        match (self.subject, instance) {
            (Subject::Residual { check, .. }, Instance::Residual(instance)) => check(instance),
            (Subject::MeanField { check, .. }, Instance::MeanField(instance)) => check(instance),
            (Subject::Functional { check, .. }, Instance::Functional(instance)) => {
                let failing = self.not_admissible(&instance.network);
                failing.map_or_else(|| check(instance), |h| Finding::Inapplicable(vec![h]))
            }
            (_, Instance::Hidden(_)) => Finding::Inapplicable(vec![LINEAR.to_owned()]),
            (Subject::Residual { .. }, _) => Finding::Inapplicable(vec![PARAMETRIC.to_owned()]),
            (Subject::MeanField { .. }, _) => Finding::Inapplicable(vec![PARTICLES.to_owned()]),
            (Subject::Functional { .. }, _) => Finding::Inapplicable(vec![FUNCTIONAL.to_owned()]),
        }
    }

    /// The hypothesis about the kernel that fails, if the claim has one.
    fn not_admissible(&self, network: &ExpansionNetwork) -> Option<String> {
        let first = network.kappa1().is_bounded();
        let both = first && network.kappa2().is_bounded();
        let fails = |&&hypothesis: &&&str| {
            (hypothesis == ADMISSIBLE && !first) || (hypothesis == STRONGLY_ADMISSIBLE && !both)
        };
        self.hypotheses.iter().find(fails).map(|&h| h.to_owned())
    }

    /// Returns the instances on which every comparison of the claim is sharp, somewhere.
    pub fn sharp(&self) -> Vec<Instance> {
        match self.subject {
            Subject::Residual { sharp, .. } => sharp().into_iter().map(Instance::from).collect(),
            Subject::MeanField { sharp, .. } => sharp().into_iter().map(Instance::from).collect(),
            Subject::Functional { sharp, .. } => {
                sharp().into_iter().map(Instance::Functional).collect()
            }
        }
    }

    /// Checks an instance and judges what was found.
    pub fn evaluate(&self, instance: &Instance) -> Evidence {
        self.judge(&self.check(instance))
    }

    /// Judges what the check found on an instance; the tightness is that of the headline.
    pub fn judge(&self, finding: &Finding) -> Evidence {
        let mut evidence = finding.judge();
        if let (Some(headline), Finding::Compared(comparisons)) = (self.headline, finding) {
            let holding = comparisons
                .iter()
                .filter(|c| c.statement() == headline && c.verdict() == Verdict::Holds);
            evidence.tightness = holding.map(Comparison::tightness).reduce(f64::max);
        }
        evidence
    }

    /// Returns the slack of a statement; `None` for a statistical claim.
    pub fn slack_of(&self, statement: &str) -> Option<f64> {
        let own = self.looser.iter().find(|(name, _)| *name == statement);
        own.map_or(self.slack, |&(_, slack)| Some(slack))
    }

    /// Runs the claim's control: on the sharp instances, every statement
    /// strengthened by `2·slack` must be violated. `None` for a statistical claim.
    pub fn control(&self) -> Option<ControlReport> {
        self.slack?;
        let sharp = self.sharp();
        let findings = sharp.iter().map(|instance| self.check(instance));
        let comparisons: Vec<Comparison> = findings
            .flat_map(|finding| match finding {
                Finding::Compared(comparisons) => comparisons,
                _ => Vec::new(),
            })
            .collect();
        let mut statements: Vec<(&'static str, f64, bool)> = Vec::new();
        for comparison in &comparisons {
            let slack = self.slack_of(comparison.statement()).unwrap_or(0.0);
            let strengthened = comparison.strengthened(2.0 * slack);
            let rejected = strengthened.verdict() == Verdict::Violated;
            let known = statements
                .iter_mut()
                .find(|(name, _, _)| *name == comparison.statement());
            match known {
                Some((_, tightness, any)) => {
                    *tightness = tightness.max(comparison.tightness());
                    *any |= rejected;
                }
                None => {
                    statements.push((comparison.statement(), comparison.tightness(), rejected));
                }
            }
        }
        Some(ControlReport { statements })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Ball;
    use crate::claims::registry;
    use crate::claims::{HiddenInstance, sharp};
    use crate::resnet::{HiddenNetwork, HiddenWeights, Weights};

    fn comparisons(bounds: &[(&'static str, f64)]) -> Finding {
        let one = Ball::from(1.0);
        let compare = |&(name, bound)| Comparison::at_least(name, one, Ball::from(bound));
        Finding::Compared(bounds.iter().map(compare).collect())
    }

    /// A claim `1 ≥ bound` about nothing, on as many sharp instances as asked for.
    fn artificial(
        check: fn(&ResidualInstance) -> Finding,
        sharp: fn() -> Vec<ResidualInstance>,
    ) -> Claim {
        Claim {
            subject: Subject::Residual { check, sharp },
            slack: Some(0.1),
            ..registry()[0]
        }
    }

    #[test]
    fn control_strengthens_by_twice_the_slack() {
        // 0.8·1.2 < 1 < 0.9·1.2.
        let claim = artificial(
            |_| comparisons(&[("loose", 0.8), ("tight", 0.9)]),
            sharp::one_frequency,
        );
        let report = claim.control().unwrap();
        assert_eq!(
            report.statements,
            [("loose", 0.8, false), ("tight", 0.9, true)]
        );
        assert!(!report.rejected());
    }

    #[test]
    fn control_needs_one_sharp_comparison_a_statement() {
        let claim = artificial(
            |_| comparisons(&[("a", 0.9), ("b", 0.95), ("a", 0.5), ("a", 0.7), ("b", 0.1)]),
            sharp::one_frequency,
        );
        let report = claim.control().unwrap();
        assert_eq!(report.statements, [("a", 0.9, true), ("b", 0.95, true)]);
        assert!(report.rejected());
        // The sharp one may come last, and from another instance.
        let claim = artificial(
            |instance| {
                let share = if instance.samples() == 1 { 1.0 } else { 0.4 };
                comparisons(&[("a", share), ("a", 0.5)])
            },
            sharp::highest_error,
        );
        assert_eq!(claim.control().unwrap().statements, [("a", 1.0, true)]);
    }

    #[test]
    fn control_without_a_comparison_rejects_nothing() {
        let mute = artificial(
            |_| Finding::Inapplicable(vec!["depth".to_owned()]),
            sharp::one_frequency,
        );
        let report = mute.control().unwrap();
        assert!(report.statements.is_empty() && !report.rejected());
        let nowhere = artificial(|_| comparisons(&[("a", 1.0)]), Vec::new);
        assert!(!nowhere.control().unwrap().rejected());
        let statistical = Claim {
            slack: None,
            ..mute
        };
        assert_eq!(statistical.control(), None);
    }

    /// With the weights of random features, on which the claims about them hold.
    #[test]
    fn trained_hidden_layers_are_outside_the_theorems() {
        let residual = sharp::generic().remove(0);
        let frequencies = residual.network.features().frequencies().transpose();
        let depth = residual.network.depth();
        let hidden: Instance = HiddenInstance {
            network: HiddenNetwork {
                lift: residual.network.lift().clone(),
                readout: residual.network.readout().clone(),
            },
            weights: HiddenWeights {
                outer: residual.weights.clone(),
                hidden: Weights::from_layers(vec![frequencies; depth]),
            },
            inputs: residual.inputs.clone(),
            targets: residual.targets.clone(),
        }
        .into();
        for claim in registry() {
            let evidence = claim.evaluate(&hidden);
            assert_eq!(evidence.verdict, Verdict::Inapplicable, "{}", claim.id);
            assert_eq!(evidence.reasons, [LINEAR]);
        }
        assert!(hidden.as_residual().is_none() && hidden.as_mean_field().is_none());
        assert!(matches!(hidden.with_seed(3), Instance::Hidden(_)));
    }

    #[test]
    fn evaluation_judges_the_finding() {
        let instance = &sharp::one_frequency().remove(0).into();
        let verdict = |check| artificial(check, Vec::new).evaluate(instance).verdict;
        assert_eq!(verdict(|_| comparisons(&[("a", 0.5)])), Verdict::Holds);
        assert_eq!(verdict(|_| comparisons(&[("a", 1.5)])), Verdict::Violated);
        let reason = |_: &ResidualInstance| Finding::Undecided("overflow".to_owned());
        assert_eq!(verdict(reason), Verdict::Undecided);
    }
}
