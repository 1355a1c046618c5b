//! The claims, and how each is controlled.

use super::{Instance, convergence, descent, gradient, kernel, pl, sharp, smoothness, states};
use crate::evidence::{Comparison, Evidence, Finding, Kind, Verdict};

/// Which random instances a claim is checked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// Any network, data and weights.
    General,
    /// Data near the predictions of the reference, so that P8's condition can hold.
    NearMinimum,
}

/// One theorem, executable.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// `P3.local`.
    pub id: &'static str,
    /// `kernel`, `pl` or `convergence`.
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
    /// The check.
    pub check: fn(&Instance) -> Finding,
    /// Instances on which every comparison of the claim is sharp, somewhere.
    pub sharp: fn() -> Vec<Instance>,
    /// The statement whose tightness is the claim's; all of them, if `None`.
    pub headline: Option<&'static str>,
    /// The slack that the sharp instances leave at most; the control
    /// strengthens every bound by twice this share.
    pub slack: f64,
    /// Statements for which no instance as sharp is known, with their own slack.
    pub looser: &'static [(&'static str, f64)],
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
    /// Checks an instance and judges what was found.
    pub fn evaluate(&self, instance: &Instance) -> Evidence {
        let finding = (self.check)(instance);
        let mut evidence = finding.judge();
        if let (Some(headline), Finding::Compared(comparisons)) = (self.headline, &finding) {
            let holding = comparisons
                .iter()
                .filter(|c| c.statement() == headline && c.verdict() == Verdict::Holds);
            evidence.tightness = holding.map(Comparison::tightness).reduce(f64::max);
        }
        evidence
    }

    /// Returns the slack of a statement.
    pub fn slack_of(&self, statement: &str) -> f64 {
        let own = self.looser.iter().find(|(name, _)| *name == statement);
        own.map_or(self.slack, |&(_, slack)| slack)
    }

    /// Runs the claim's control: on the sharp instances, every statement
    /// strengthened by `2·slack` must be violated.
    pub fn control(&self) -> ControlReport {
        let findings = (self.sharp)().iter().map(self.check).collect::<Vec<_>>();
        let comparisons: Vec<Comparison> = findings
            .into_iter()
            .flat_map(|finding| match finding {
                Finding::Compared(comparisons) => comparisons,
                _ => Vec::new(),
            })
            .collect();
        let mut statements: Vec<(&'static str, f64, bool)> = Vec::new();
        for comparison in &comparisons {
            let strengthened = comparison.strengthened(2.0 * self.slack_of(comparison.statement()));
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
        ControlReport { statements }
    }
}

/// No claim has this name.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "no claim is called '{name}': give an id, the start of one up to a dot, or a family ({known})"
)]
pub struct UnknownClaim {
    /// What was asked for.
    pub name: String,
    /// Every id and family.
    pub known: String,
}

/// Returns all claims, in the order of the theory.
///
/// # Example
/// ```
/// let claims = polyak::claims::registry();
/// assert!(claims.iter().any(|claim| claim.id == "P3.local"));
/// ```
pub fn registry() -> &'static [Claim] {
    &REGISTRY
}

/// Returns the claim with this id, whatever the case of its letters.
///
/// # Errors
/// No claim has this id.
pub fn find(id: &str) -> Result<&'static Claim, UnknownClaim> {
    let found = registry()
        .iter()
        .find(|claim| claim.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| unknown(id))
}

/// Returns the claims of the named families, ids (`P3.local`) or numbers (`P3`), in order.
///
/// # Errors
/// A name that selects nothing.
pub fn select(names: &[String]) -> Result<Vec<&'static Claim>, UnknownClaim> {
    let matches = |claim: &Claim, name: &str| {
        let number = claim.id.split('.').next().unwrap_or(claim.id);
        [claim.family, claim.id, number]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    for name in names {
        if !registry().iter().any(|claim| matches(claim, name)) {
            return Err(unknown(name));
        }
    }
    let wanted = |claim: &&Claim| names.is_empty() || names.iter().any(|name| matches(claim, name));
    Ok(registry().iter().filter(wanted).collect())
}

fn unknown(name: &str) -> UnknownClaim {
    let mut known: Vec<&str> = Vec::new();
    for claim in registry() {
        if !known.contains(&claim.family) {
            known.push(claim.family);
        }
        known.push(claim.id);
    }
    UnknownClaim {
        name: name.to_owned(),
        known: known.join(", "),
    }
}

static REGISTRY: [Claim; 14] = [
    Claim {
        id: "K3.reproducing",
        family: "kernel",
        statement: "‖Σk̂(·,c_j)a_j‖² = Σ a_i·a_j k̂(c_i,c_j), <v,k̂(·,z)a> = v(z)·a, and ‖v(z)‖ ≤ κ0‖v‖, ‖Dv(z)‖ ≤ κ̂1‖v‖, ‖D²v(z)‖ ≤ κ̂2‖v‖",
        source: "Paper A (admissible RKHS); for the realised random features",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "ball arithmetic through every sum, sine and cosine; κ̂1, κ̂2 from enclosed eigenvalues",
        page: "k3-reproducing.md",
        regime: Regime::General,
        check: kernel::reproducing,
        sharp: sharp::one_frequency,
        headline: None,
        slack: 1e-9,
        looser: &[],
    },
    Claim {
        id: "K4.lipschitz",
        family: "kernel",
        statement: "2 − 2ψ(z−z') ≤ κ1²‖z−z'‖², and ‖φ(z) − φ(z')‖² ≤ κ̂1²‖z−z'‖²",
        source: "Paper A (Lipschitz feature map)",
        hypotheses: &[kernel::ADMISSIBLE],
        kind: Kind::Rounded,
        tolerance: "rounding of ψ, of the phases and of sine and cosine; κ̂1 from an enclosed eigenvalue",
        page: "k4-lipschitz.md",
        regime: Regime::General,
        check: kernel::lipschitz,
        sharp: sharp::near_pair,
        headline: None,
        slack: 1e-4,
        looser: &[],
    },
    Claim {
        id: "K5.tensor",
        family: "kernel",
        statement: "the matrix (k(z_i,z_j) Id_q) has the eigenvalues of the Gram matrix, each q times",
        source: "Paper A (vector-valued kernels)",
        hypotheses: &[],
        kind: Kind::Certified,
        tolerance: "residual and orthogonality of the computed eigenvectors bound every eigenvalue of both matrices",
        page: "k5-tensor.md",
        regime: Regime::General,
        check: kernel::tensor,
        sharp: sharp::generic,
        headline: None,
        slack: 1e-9,
        looser: &[],
    },
    Claim {
        id: "P1.gradient",
        family: "pl",
        statement: "∇L(v)_k = Σ_i K(·,z_k^i)p_{k+1}^i, and ‖∇L‖² = D⁻¹Σ_kΣ_ij k(z_k^i,z_k^j) p_{k+1}^i·p_{k+1}^j",
        source: "Paper A (gradient by the adjoint state)",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "forward error analysis of the pass; dual numbers over balls; third-derivative remainder of the difference",
        page: "p1-gradient.md",
        regime: Regime::General,
        check: gradient::identity,
        sharp: sharp::generic,
        headline: None,
        slack: 1e-6,
        looser: &[],
    },
    Claim {
        id: "P2.flow",
        family: "pl",
        statement: "P₋‖A(x−x')‖ ≤ ‖z_k−z_k'‖ ≤ P₊‖A(x−x')‖, P₋‖p_D‖ ≤ ‖p_k‖ ≤ P₊‖p_D‖, ‖z_k−Ax‖ ≤ κ0R, and states are Lipschitz in the parameters",
        source: "Paper A (regularity of the flow)",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "forward error analysis of states and adjoint states, layer by layer",
        page: "p2-flow.md",
        regime: Regime::General,
        check: states::flow_bounds,
        sharp: sharp::stretching,
        headline: None,
        slack: 1e-3,
        looser: &[],
    },
    Claim {
        id: "P3.tangent",
        family: "pl",
        statement: "‖∇L‖² ≥ (2/N)λ_min(T)·L, T the tangent kernel",
        source: "Paper A (local PL inequality), version 0 of P3",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "forward error analysis; enclosed λ_min(T) widened by Nd' times the error of an entry",
        page: "p3-tangent.md",
        regime: Regime::General,
        check: pl::tangent,
        sharp: sharp::lowest_error,
        headline: None,
        slack: 1e-6,
        looser: &[],
    },
    Claim {
        id: "P3.trajectory",
        family: "pl",
        statement: "‖∇L‖² ≥ (2σ_B²/N)·D⁻¹Σ_k λ_min(𝕂_k)Π_{l>k}(1−a_l)₊²·L ≥ (2σ_B²/N)P₋² min_k λ_min(𝕂_k)·L",
        source: "Paper A (local PL inequality), version 1 of P3",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "forward error analysis; enclosed λ_min(𝕂_k) widened by N times the error of an entry",
        page: "p3-trajectory.md",
        regime: Regime::General,
        check: pl::trajectory,
        sharp: sharp::lowest_error,
        headline: None,
        slack: 1e-6,
        looser: &[],
    },
    Claim {
        id: "P3.local",
        family: "pl",
        statement: "for ‖v−v⁰‖ ≤ ρ: ‖∇L‖² ≥ (2σ_B²/N)e^{−2s}·D⁻¹Σ_k(√λ_min(𝕂_k⁰) − √N κ1κ0e^{κ1‖v⁰‖}√(k/D)ρ)₊²·L",
        source: "Paper A (local PL inequality), version 3 of P3",
        hypotheses: &[pl::DEEP_ENOUGH],
        kind: Kind::Rounded,
        tolerance: "forward error analysis; enclosed λ_min(𝕂_k⁰) at the reference; ball arithmetic of the bound",
        page: "p3-local.md",
        regime: Regime::General,
        check: pl::local,
        sharp: sharp::lowest_error_at_rest,
        headline: None,
        slack: 1e-6,
        looser: &[],
    },
    Claim {
        id: "P4.upper",
        family: "pl",
        statement: "‖∇L‖² ≤ (2‖B‖²/N)P₊² max_k λ_max(𝕂_k)·L ≤ 2‖B‖²e^{2κ1R}·L",
        source: "Paper A (upper bound of the gradient)",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "forward error analysis; enclosed λ_max(𝕂_k) and ‖B‖²",
        page: "p4-upper.md",
        regime: Regime::General,
        check: pl::upper,
        sharp: sharp::highest_error,
        headline: None,
        slack: 1e-4,
        looser: &[],
    },
    Claim {
        id: "P5.along-descent",
        family: "pl",
        statement: "P3 (versions 0, 1, 3) and P4 hold at every iterate of gradient descent, with that iterate's constants",
        source: "Paper A (PL along the trajectory)",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "that of P3 and P4 at each iterate: the statement is pointwise",
        page: "p5-along-descent.md",
        regime: Regime::General,
        check: descent::pl_along_descent,
        sharp: sharp::both_errors,
        headline: None,
        slack: 1e-4,
        looser: &[],
    },
    Claim {
        id: "P7.hessian",
        family: "pl",
        statement: "‖∇²L‖ ≤ β = G + ‖B‖√(2ℓ)e^{κ1R}(κ2Rκ0²e^{κ1R} + (2/π)κ1κ0), for three versions of G",
        source: "Paper A (smoothness); constants of this project",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "Rayleigh quotients of the Hessian by dual numbers over balls; ball arithmetic of β",
        page: "p7-hessian.md",
        regime: Regime::General,
        check: smoothness::hessian,
        sharp: sharp::least_squares,
        headline: None,
        slack: 1e-6,
        looser: &[],
    },
    Claim {
        id: "P7.curvature",
        family: "pl",
        statement: "the Hessian less its Gauss–Newton part is at most β − G = ‖B‖√(2ℓ)e^{κ1R}(κ2Rκ0²e^{κ1R} + (2/π)κ1κ0)",
        source: "Paper A (smoothness); constants of this project",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "second and first derivatives by dual numbers over balls; ball arithmetic of β − G",
        page: "p7-curvature.md",
        regime: Regime::General,
        check: smoothness::curvature,
        sharp: sharp::deep_line,
        headline: None,
        slack: 1e-2,
        looser: &[],
    },
    Claim {
        id: "P7.descent",
        family: "pl",
        statement: "L(v) − L(v−η∇L) ≥ η(1−βη/2)‖∇L‖² for 0 < η < 2/β",
        source: "Paper A (descent lemma)",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "forward error analysis of both losses; rounding of the step times a Lipschitz bound of L",
        page: "p7-descent.md",
        regime: Regime::General,
        check: descent::descent_lemma,
        sharp: sharp::quadratic,
        headline: None,
        slack: 1e-3,
        looser: &[],
    },
    Claim {
        id: "P8.convergence",
        family: "convergence",
        statement: "if L(v⁰) ≤ mR²(1−βη/2)²/4, then L(vⁿ) ≤ (1−ηm(1−βη/2))ⁿL(v⁰) and the path is no longer than R",
        source: "Paper A (convergence of gradient descent)",
        hypotheses: &[
            convergence::STEP,
            pl::DEEP_ENOUGH,
            convergence::EXPRESSIVE,
            convergence::SMALL_LOSS,
        ],
        kind: Kind::Rounded,
        tolerance: "rounding of every step times a Lipschitz bound of L, carried through the recursion",
        page: "p8-convergence.md",
        regime: Regime::NearMinimum,
        check: convergence::gradient_descent_converges,
        sharp: sharp::stiff,
        headline: Some(convergence::RATE),
        slack: 1e-4,
        // The run ends at a thousandth of the loss: 1 − √0.001 of the way to the minimiser.
        looser: &[
            (convergence::PATH, 5e-2),
            (convergence::PROMISED_PATH, 5e-2),
        ],
    },
];
