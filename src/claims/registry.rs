//! The claims, and how each is controlled.

use super::{
    Instance, Regime, certificate, convergence, descent, estimate, gradient, kernel, perturbation,
    pl, random_features, semidefinite, separation, sharp, smoothness, states,
};
use crate::evidence::{Comparison, Evidence, Finding, Kind, Verdict};

/// One theorem, executable.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// `P3.local`.
    pub id: &'static str,
    /// `kernel`, `spectrum`, `pl`, `convergence` or `rff`.
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
    /// strengthens every bound by twice this share. `None` for a statistical claim: its controls are
    /// samplers and bounds that are wrong, among the [`dropped_hypotheses`](super::dropped_hypotheses).
    pub slack: Option<f64>,
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
        self.judge(&(self.check)(instance))
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

static REGISTRY: [Claim; 34] = [
    Claim {
        id: "K1.psd",
        family: "kernel",
        statement: "Gram matrices are positive semi-definite, equal points or not: λ_min(K) ≥ 0 and λ_min(K̂) ≥ 0",
        source: "Paper A (kernels); Aronszajn, Theory of reproducing kernels",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "enclosed λ_min(Id + K) widened by N−1 times the proved error of an entry; γ_w for the product of features",
        page: "k1-psd.md",
        regime: Regime::PointSet,
        check: semidefinite::semidefinite,
        sharp: sharp::generic,
        headline: None,
        slack: Some(1e-9),
        looser: &[],
    },
    Claim {
        id: "K2.strict",
        family: "kernel",
        statement: "the Gram matrix of distinct points and a strictly positive definite kernel has λ_min > 0: a certificate decides it",
        source: "Paper A (universal kernels); Wendland, Scattered Data Approximation, chapter 6",
        hypotheses: &[certificate::STRICT, certificate::DISTINCT],
        kind: Kind::Certified,
        tolerance: "none: both ends are exact numbers",
        page: "k2-strict.md",
        regime: Regime::PointSet,
        check: certificate::strictly_positive,
        sharp: sharp::ill_conditioned,
        headline: None,
        slack: Some(1e-6),
        looser: &[],
    },
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
        slack: Some(1e-9),
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
        slack: Some(1e-4),
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
        slack: Some(1e-9),
        looser: &[],
    },
    Claim {
        id: "K6.perturbation",
        family: "kernel",
        statement: "|λ_min(K) − λ_min(K')| ≤ ‖K − K'‖ ≤ (N−1)max|K_ij − K'_ij|, λ_min(K) ≤ λ_min(K without a point), |σ_min(Φ) − σ_min(Φ')| ≤ ‖Φ − Φ'‖_F",
        source: "Paper A (stability of the Gram matrix); Weyl; Cauchy",
        hypotheses: &[],
        kind: Kind::Certified,
        tolerance: "enclosed eigenvalues of the matrices as computed; certificates for the interlacing",
        page: "k6-perturbation.md",
        regime: Regime::General,
        check: perturbation::perturbation,
        sharp: sharp::merging,
        headline: None,
        slack: Some(1e-4),
        looser: &[],
    },
    Claim {
        id: "K7.separation",
        family: "kernel",
        statement: "λ_min(K) ≥ λ(δ) for points at least δ apart, λ(δ) the largest of four versions",
        source: "Paper A (the separation function of the kernel); Wendland, Scattered Data Approximation, chapter 12; version 4 of this project",
        hypotheses: &[separation::SEPARATED],
        kind: Kind::Certified,
        tolerance: "the width of the certificate of λ_min(K); λ(δ) rounded down",
        page: "k7-separation.md",
        regime: Regime::General,
        check: separation::lower_bound,
        sharp: sharp::separated,
        headline: None,
        slack: Some(1e-9),
        looser: &[],
    },
    Claim {
        id: "E1.certificate",
        family: "spectrum",
        statement: "lo ≤ λ ≤ hi for the extreme eigenvalues of the exact Gram matrix, and of a symmetric matrix given",
        source: "Paper A (the expressivity condition, decided); Rump, BIT 46 (2006); Demmel, LAPACK Working Note 14",
        hypotheses: &[],
        kind: Kind::Certified,
        tolerance: "the width of a certificate a million times narrower",
        page: "e1-certificate.md",
        regime: Regime::PointSet,
        check: certificate::enclosure,
        sharp: sharp::ill_conditioned,
        headline: None,
        slack: Some(1e-6),
        looser: &[],
    },
    Claim {
        id: "E2.agreement",
        family: "spectrum",
        statement: "every estimate lies within its own error bound of the certificate; Ritz values lie above λ_min and do not increase",
        source: "Paper A (the expressivity condition, estimated); Cauchy; Parlett, The Symmetric Eigenvalue Problem",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "the estimators' own error bounds: residual, entries, products, loss of orthogonality",
        page: "e2-agreement.md",
        regime: Regime::PointSet,
        check: estimate::agreement,
        sharp: sharp::ill_conditioned,
        headline: None,
        slack: Some(1e-6),
        looser: &[],
    },
    Claim {
        id: "E3.reference",
        family: "spectrum",
        statement: "certificates contain the eigenvalues that another algorithm, another library and 60 digits give",
        source: "Paper A (the expressivity condition, decided); Jacobi",
        hypotheses: &[certificate::DISTINCT],
        kind: Kind::Rounded,
        tolerance: "two neighbouring numbers of 53 bits around the reference",
        page: "e3-reference.md",
        regime: Regime::PointSet,
        check: certificate::reference,
        sharp: sharp::ill_conditioned,
        headline: None,
        slack: Some(1e-11),
        looser: &[],
    },
    Claim {
        id: "E4.invariance",
        family: "spectrum",
        statement: "λ_min does not change when the points are permuted, translated or rotated, nor when points and bandwidth are scaled alike",
        source: "Paper A (translation-invariant, radial kernels)",
        hypotheses: &[],
        kind: Kind::Certified,
        tolerance: "the widths of both certificates",
        page: "e4-invariance.md",
        regime: Regime::PointSet,
        check: certificate::invariance,
        sharp: sharp::ill_conditioned,
        headline: None,
        slack: Some(1e-11),
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
        slack: Some(1e-6),
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
        slack: Some(1e-3),
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
        slack: Some(1e-6),
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
        slack: Some(1e-6),
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
        slack: Some(1e-6),
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
        slack: Some(1e-4),
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
        slack: Some(1e-4),
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
        slack: Some(1e-6),
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
        slack: Some(1e-2),
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
        slack: Some(1e-3),
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
        slack: Some(1e-4),
        // The run ends at a thousandth of the loss: 1 − √0.001 of the way to the minimiser.
        looser: &[
            (convergence::PATH, 5e-2),
            (convergence::PROMISED_PATH, 5e-2),
        ],
    },
    Claim {
        id: "R1.unbiased",
        family: "rff",
        statement: "E k̂ = k and Var k̂ = (1 + ψ(2Δ) − 2ψ(Δ)²)/2m",
        source: "Paper A (random Fourier features); Rahimi, Recht, NIPS 2007; Sutherland, Schneider, UAI 2015",
        hypotheses: &[],
        kind: Kind::Statistical,
        tolerance: "Bernstein's inequality with the exact variance of the null law, at 1e-15 a comparison",
        page: "r1-unbiased.md",
        regime: Regime::RandomFeatures,
        check: random_features::unbiased,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
    Claim {
        id: "R2.hoeffding",
        family: "rff",
        statement: "P(|k̂ − k| ≥ ε) ≤ 2exp(−mε²/2)",
        source: "Paper A (random Fourier features); Hoeffding 1963",
        hypotheses: &[],
        kind: Kind::Statistical,
        tolerance: "exact binomial test at 1e-15; only deviations beyond rounding count",
        page: "r2-hoeffding.md",
        regime: Regime::RandomFeatures,
        check: random_features::hoeffding,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
    Claim {
        id: "R3.union",
        family: "rff",
        statement: "P(max|K̂ − K| ≥ ε) ≤ N(N−1)exp(−mε²/2), and λ_min(K̂) ≥ λ_min(K) − (N−1)max|K̂ − K|",
        source: "Paper A (expressivity of random features, by entries); Weyl",
        hypotheses: &[],
        kind: Kind::Statistical,
        tolerance: "exact binomial test at 1e-15; enclosed eigenvalues",
        page: "r3-union.md",
        regime: Regime::RandomFeatures,
        check: random_features::union,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
    Claim {
        id: "R4.chernoff",
        family: "rff",
        statement: "P(λ_min(K̂) ≤ (1−ε)λ_min(K)) ≤ N[e^{−ε}(1−ε)^{−(1−ε)}]^{mλ_min(K)/N}, and P(λ_max(K̂) ≥ (1+ε)λ_max(K)) ≤ N[e^ε(1+ε)^{−(1+ε)}]^{mλ_max(K)/N}",
        source: "Paper A (expressivity of random features); Tropp, Found. Comput. Math. 12 (2012), Theorem 1.1",
        hypotheses: &[random_features::POSITIVE],
        kind: Kind::Statistical,
        tolerance: "exact binomial test at 1e-15; only eigenvalues below the threshold by more than rounding count",
        page: "r4-chernoff.md",
        regime: Regime::RandomFeatures,
        check: random_features::chernoff,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
    Claim {
        id: "R4b.variance",
        family: "rff",
        statement: "P(λ_min(K̂) ≤ (1−ε)λ) ≤ N exp(m(h(1−ε)λ + ln(1 + λ_max(−pK + rV)))), V = ½(NK + Q), for every parabola 1 − px + rx² above e^{−hx}",
        source: "Paper A (expressivity of random features); Tropp's master bound; constants of this project",
        hypotheses: &[random_features::POSITIVE],
        kind: Kind::Statistical,
        tolerance: "exact binomial test at 1e-15; only eigenvalues below the threshold by more than rounding count",
        page: "r4b-variance.md",
        regime: Regime::RandomFeatures,
        check: random_features::second_moment,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
    Claim {
        id: "R5.uniform",
        family: "rff",
        statement: "P(sup|k̂ − k| ≥ ε) ≤ 66(σ_pℓ/ε)²exp(−mε²/4(d+2)) on differences of a set of diameter ℓ",
        source: "Paper A (random Fourier features); Rahimi, Recht, NIPS 2007, Claim 1; Sutherland, Schneider, UAI 2015, Proposition 1",
        hypotheses: &[random_features::FINITE],
        kind: Kind::Statistical,
        tolerance: "exact binomial test at 1e-15; the supremum is at least the largest of finitely many",
        page: "r5-uniform.md",
        regime: Regime::RandomFeatures,
        check: random_features::uniform,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
    Claim {
        id: "R6.width",
        family: "rff",
        statement: "at the width of every bound P(λ_min(K̂) < (1−ε)λ_min(K)) ≤ τ",
        source: "Paper A (how many random features suffice)",
        hypotheses: &[random_features::POSITIVE],
        kind: Kind::Statistical,
        tolerance: "exact binomial test at 1e-15",
        page: "r6-width.md",
        regime: Regime::RandomFeatures,
        check: random_features::width,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
    Claim {
        id: "R7.rate",
        family: "rff",
        statement: "E‖K̂ − K‖_F² = (1/2m)Σ_{i≠j}(1 + ψ(2Δ_ij) − 2ψ(Δ_ij)²): slope −1/2 in m",
        source: "Paper A (rate of random Fourier features)",
        hypotheses: &[],
        kind: Kind::Statistical,
        tolerance: "Bernstein's inequality with the exact fourth moment, at 1e-15 a width; the slope of the balls",
        page: "r7-rate.md",
        regime: Regime::RandomFeatures,
        check: random_features::rate,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
    Claim {
        id: "R8.covariance",
        family: "rff",
        statement: "P(κ̂1 > σ⁻¹(1 + √(q/m) + t)) ≤ exp(−mt²/2) for Gaussian frequencies",
        source: "Paper A (admissibility of random features); Davidson, Szarek 2001, Theorem II.13",
        hypotheses: &[random_features::GAUSSIAN],
        kind: Kind::Statistical,
        tolerance: "exact binomial test at 1e-15; only constants beyond rounding count",
        page: "r8-covariance.md",
        regime: Regime::GaussianFeatures,
        check: random_features::covariance,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
    Claim {
        id: "R8b.curvature",
        family: "rff",
        statement: "κ̂2 ≤ κ̂1 max‖ω‖, max‖ω‖ ≤ σ⁻¹(√q + √(2ln(m/τ))) and κ̂2 ≤ σ⁻²m^{−1/2}((3m)^{1/4} + √q + √(2ln(1/τ)))² with probability 1−τ",
        source: "Paper A (admissibility of random features); Chevet, Gordon",
        hypotheses: &[random_features::GAUSSIAN],
        kind: Kind::Statistical,
        tolerance: "exact binomial test at 1e-15, of lower bounds of κ̂2; ball arithmetic of κ̂1 max‖ω‖",
        page: "r8b-curvature.md",
        regime: Regime::GaussianFeatures,
        check: random_features::curvature,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
    Claim {
        id: "R9.orthogonal",
        family: "rff",
        statement: "orthogonal frequencies: E k̂ = k, Var k̂ = m⁻¹[(1 + ψ(2Δ) − 2ψ²)/2 + (q−1)C_q(r)]",
        source: "Paper A (random features; variance reduction); Yu et al., NIPS 2016; formula of this project",
        hypotheses: &[random_features::GAUSSIAN],
        kind: Kind::Statistical,
        tolerance: "Maurer–Pontil's inequality with the empirical variance, at 1e-15 a comparison",
        page: "r9-orthogonal.md",
        regime: Regime::GaussianFeatures,
        check: random_features::orthogonal,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
    Claim {
        id: "R10.end-to-end",
        family: "rff",
        statement: "a recipe computed before the draw: P8's hypotheses hold with probability 1−τ, and where they do, so does its conclusion",
        source: "Paper A (convergence of finite-width networks)",
        hypotheses: &[random_features::GAUSSIAN, random_features::POSITIVE],
        kind: Kind::Statistical,
        tolerance: "exact binomial test at 1e-15; P8's tolerance for every drawn network",
        page: "r10-end-to-end.md",
        regime: Regime::GaussianFeatures,
        check: random_features::end_to_end,
        sharp: random_features::pairs,
        headline: None,
        slack: None,
        looser: &[],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Ball;

    fn names(claims: &[&Claim]) -> Vec<&'static str> {
        claims.iter().map(|claim| claim.id).collect()
    }

    fn selected(names_given: &[&str]) -> Result<Vec<&'static str>, UnknownClaim> {
        let given: Vec<String> = names_given.iter().map(|&name| name.to_owned()).collect();
        select(&given).map(|claims| names(&claims))
    }

    #[test]
    fn ids_are_unique_and_name_their_pages() {
        let claims = registry();
        assert!(claims.len() >= 13);
        for (i, claim) in claims.iter().enumerate() {
            assert!(claims[..i].iter().all(|other| other.id != claim.id));
            let page = claim.id.to_lowercase().replace('.', "-") + ".md";
            assert_eq!(claim.page, page);
            let (number, name) = claim.id.split_once('.').expect("a number and a name");
            assert!(number.len() >= 2 && !name.is_empty());
            let proper = |slack: f64| slack > 0.0 && slack < 0.5;
            assert!(claim.slack.is_none_or(proper), "{}", claim.id);
            let statistical = claim.kind == Kind::Statistical;
            assert_eq!(claim.slack.is_none(), statistical, "{}", claim.id);
            assert!(!claim.statement.is_empty() && !claim.source.is_empty());
            assert!(!claim.tolerance.is_empty());
        }
    }

    #[test]
    fn claims_are_found_by_id() {
        assert_eq!(find("P3.local").unwrap().id, "P3.local");
        assert_eq!(find("p3.LOCAL").unwrap().id, "P3.local");
        for unknown in ["P3", "pl", "", "P3.local "] {
            let error = find(unknown).unwrap_err();
            assert_eq!(error.name, unknown);
            assert!(error.to_string().contains(&format!("'{unknown}'")));
        }
    }

    #[test]
    fn claims_are_selected_by_family_id_or_number() {
        let all: Vec<_> = registry().iter().map(|claim| claim.id).collect();
        assert_eq!(selected(&[]).unwrap(), all);
        let of_number = ["P3.tangent", "P3.trajectory", "P3.local"];
        assert_eq!(selected(&["p3"]).unwrap(), of_number);
        assert_eq!(selected(&["P4.upper"]).unwrap(), ["P4.upper"]);
        let kernels = [
            "K1.psd",
            "K2.strict",
            "K3.reproducing",
            "K4.lipschitz",
            "K5.tensor",
            "K6.perturbation",
            "K7.separation",
        ];
        assert_eq!(selected(&["KERNEL"]).unwrap(), kernels);
        // In the order of the theory, once each.
        let both = selected(&["P4.upper", "kernel", "K4", "P4"]).unwrap();
        assert_eq!(both, [kernels.as_slice(), &["P4.upper"]].concat());
        let error = selected(&["kernel", "P99"]).unwrap_err();
        assert_eq!(error.name, "P99");
    }

    #[test]
    fn refusal_lists_every_family_once_and_every_id() {
        let known = find("nothing").unwrap_err().known;
        let known: Vec<&str> = known.split(", ").collect();
        for claim in registry() {
            for name in [claim.id, claim.family] {
                assert_eq!(known.iter().filter(|&&k| k == name).count(), 1, "{name}");
            }
        }
    }

    fn comparisons(bounds: &[(&'static str, f64)]) -> Finding {
        let one = Ball::from(1.0);
        let compare = |&(name, bound)| Comparison::at_least(name, one, Ball::from(bound));
        Finding::Compared(bounds.iter().map(compare).collect())
    }

    /// A claim `1 ≥ bound` about nothing, on as many sharp instances as asked for.
    fn artificial(check: fn(&Instance) -> Finding, sharp: fn() -> Vec<Instance>) -> Claim {
        Claim {
            check,
            sharp,
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

    #[test]
    fn every_claim_is_controlled() {
        for claim in registry() {
            let dropped = super::super::dropped_hypotheses();
            match claim.control() {
                Some(report) => assert!(report.rejected(), "{}: {report:?}", claim.id),
                None => assert!(dropped.iter().any(|control| control.claim == claim.id)),
            }
        }
    }

    #[test]
    fn evaluation_judges_the_finding() {
        let instance = &sharp::one_frequency()[0];
        let verdict = |check| artificial(check, Vec::new).evaluate(instance).verdict;
        assert_eq!(verdict(|_| comparisons(&[("a", 0.5)])), Verdict::Holds);
        assert_eq!(verdict(|_| comparisons(&[("a", 1.5)])), Verdict::Violated);
        let reason = |_: &Instance| Finding::Undecided("overflow".to_owned());
        assert_eq!(verdict(reason), Verdict::Undecided);
    }
}
