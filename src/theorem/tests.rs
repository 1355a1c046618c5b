//! The form, on numbers: claims about which nothing else of the crate is needed.

use super::*;
use crate::arithmetic::Ball;
use crate::data::Dataset;
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::factor::named;

/// A number, and what is drawn for it.
#[derive(Clone, Debug, PartialEq)]
struct Number {
    value: f64,
    seed: u64,
}

impl Object for Number {
    fn reseed(&mut self, seed: u64) {
        self.seed = seed;
    }
}

const SMALL: &str = "number: at most nine";

impl Subject for Number {
    type Spec = f64;
    const HYPOTHESIS: &'static str = "object: a number";

    fn build(spec: &f64) -> Result<Self, BuildError> {
        if spec.is_nan() {
            return Err("NaN is no number".into());
        }
        Ok(Self {
            value: *spec,
            seed: 0,
        })
    }

    fn failing(&self, hypotheses: &[&'static str]) -> Vec<&'static str> {
        let fails = |hypothesis: &&&str| **hypothesis == SMALL && self.value > 9.0;
        hypotheses.iter().filter(fails).copied().collect()
    }
}

/// Something else.
#[derive(Clone, Debug)]
struct Word;

impl Object for Word {
    fn reseed(&mut self, _: u64) {}
}

fn number(value: f64) -> Number {
    Number { value, seed: 0 }
}

fn draws() -> Draws<Number> {
    #[cfg(feature = "strategies")]
    {
        use proptest::strategy::Strategy;
        Draws::new("numbers", || (0.0..9.0).boxed())
    }
    #[cfg(not(feature = "strategies"))]
    {
        Draws::new("numbers")
    }
}

fn comparisons(bounds: &[(&'static str, f64)]) -> Finding {
    let one = Ball::from(1.0);
    let compare = |&(name, bound)| Comparison::at_least(name, one, Ball::from(bound));
    Finding::Compared(bounds.iter().map(compare).collect())
}

fn about() -> About {
    About {
        slack: Some(0.1),
        ..About::new("T1.number", Kind::Rounded)
    }
}

/// A claim `1 ≥ bound` about nothing, on as many sharp instances as asked for.
fn artificial(check: fn(&Number) -> Finding, sharp: &'static [f64]) -> Theorem<Number> {
    let sharp = move || sharp.iter().map(|x| number(*x)).collect();
    Theorem::new(about(), check, sharp, draws())
}

fn control(theorem: &Theorem<Number>) -> ControlReport {
    let claim: &dyn Claim = theorem;
    claim.control().unwrap()
}

#[test]
fn control_strengthens_by_twice_the_slack() {
    // 0.8·1.2 < 1 < 0.9·1.2.
    let theorem = artificial(|_| comparisons(&[("loose", 0.8), ("tight", 0.9)]), &[1.0]);
    let report = control(&theorem);
    assert_eq!(
        report.statements,
        [("loose", 0.8, false), ("tight", 0.9, true)]
    );
    assert!(!report.rejected());
    // A statement may have a slack of its own.
    let mut looser = theorem;
    looser.about.looser = &[("loose", 0.2)];
    assert!(control(&looser).rejected());
}

#[test]
fn control_needs_one_sharp_comparison_a_statement() {
    let theorem = artificial(
        |_| comparisons(&[("a", 0.9), ("b", 0.95), ("a", 0.5), ("a", 0.7), ("b", 0.1)]),
        &[1.0],
    );
    let report = control(&theorem);
    assert_eq!(report.statements, [("a", 0.9, true), ("b", 0.95, true)]);
    assert!(report.rejected());
    // The sharp one may come last, and from another instance.
    let theorem = artificial(
        |number| {
            comparisons(&[
                ("a", if number.value == 1.0 { 1.0 } else { 0.4 }),
                ("a", 0.5),
            ])
        },
        &[3.0, 1.0],
    );
    assert_eq!(control(&theorem).statements, [("a", 1.0, true)]);
}

#[test]
fn control_without_a_comparison_rejects_nothing() {
    let mute = artificial(|_| Finding::Inapplicable(vec!["depth".to_owned()]), &[1.0]);
    let report = control(&mute);
    assert!(report.statements.is_empty() && !report.rejected());
    let nowhere = artificial(|_| comparisons(&[("a", 1.0)]), &[]);
    assert!(!control(&nowhere).rejected());
    let mut statistical = mute;
    statistical.about.slack = None;
    let claim: &dyn Claim = &statistical;
    assert_eq!(claim.control(), None);
}

#[test]
fn evaluation_judges_the_finding() {
    let verdict = |check| {
        let theorem = artificial(check, &[]);
        let claim: &dyn Claim = &theorem;
        claim.evaluate(&number(1.0).into()).verdict
    };
    assert_eq!(verdict(|_| comparisons(&[("a", 0.5)])), Verdict::Holds);
    assert_eq!(verdict(|_| comparisons(&[("a", 1.5)])), Verdict::Violated);
    let reason = |_: &Number| Finding::Undecided("overflow".to_owned());
    assert_eq!(verdict(reason), Verdict::Undecided);
}

#[test]
fn the_tightness_is_that_of_the_headline() {
    let mut theorem = artificial(|_| comparisons(&[("a", 0.5), ("b", 0.9)]), &[]);
    let tightness = |theorem: &Theorem<Number>| {
        let claim: &dyn Claim = theorem;
        claim.evaluate(&number(1.0).into()).tightness
    };
    assert_eq!(tightness(&theorem), Some(0.9));
    theorem.about.headline = Some("a");
    assert_eq!(tightness(&theorem), Some(0.5));
}

#[test]
fn of_other_objects_nothing_is_said() {
    let theorem = artificial(|_| comparisons(&[("a", 0.5)]), &[]);
    let found = theorem.check(&Word.into());
    assert_eq!(
        found,
        Finding::Inapplicable(vec!["object: a number".to_owned()])
    );
}

#[test]
fn hypotheses_that_the_object_decides_are_asked_for_first() {
    let mut theorem = artificial(|_| comparisons(&[("a", 1.5)]), &[]);
    let large = number(10.0).into();
    let refused = Finding::Inapplicable(vec![SMALL.to_owned()]);
    assert_ne!(theorem.check(&large), refused);
    theorem.about.hypotheses = &[SMALL];
    assert_eq!(theorem.check(&large), refused);
    assert_ne!(theorem.check(&number(9.0).into()), refused);
}

#[test]
fn a_seed_reaches_the_object_and_its_clones_are_apart() {
    let instance = Instance::from(number(1.0));
    let other = instance.clone().with_seed(7);
    assert_eq!(instance.get::<Number>().unwrap().seed, 0);
    assert_eq!(other.get::<Number>().unwrap().seed, 7);
    assert!(other.get::<Word>().is_none());
}

#[test]
fn specifications_know_their_subject() {
    let spec = Spec::of::<Number>(2.5);
    assert_eq!(spec.get::<Number>(), Some(&2.5));
    assert!(spec == spec.clone() && spec != Spec::of::<Number>(2.0));
    let built = spec.build().unwrap();
    assert_eq!(built.get::<Number>(), Some(&number(2.5)));
    let theorem = artificial(|_| comparisons(&[("a", 0.5)]), &[]);
    let claim: &dyn Claim = &theorem;
    let none = Spec::of::<Number>(f64::NAN);
    assert_eq!(
        claim.check_spec(&none),
        Finding::Undecided("NaN is no number".to_owned())
    );
    #[cfg(feature = "serde")]
    {
        assert_eq!(claim.read(&spec.to_json().unwrap()).unwrap(), spec);
        assert!(claim.read("two").is_err());
    }
}

/// What controls see: the claim's check where the instance is wrong, the wrong check where that is.
#[test]
fn controls_are_rejected_where_they_must_be() {
    let check = |number: &Number| match number.value {
        x if x > 5.0 => Finding::Inapplicable(vec![SMALL.to_owned() + ", and is not"]),
        x => comparisons(&[("a", x), ("b", 0.5)]),
    };
    let inapplicable = Expectation::Inapplicable(SMALL);
    let wrong = |number: &Number| comparisons(&[("a", number.value + number.seed as f64)]);
    let theorem = |slack| {
        let mut theorem = artificial(check, &[1.0]).controls([
            Control::spec("large", inapplicable, || 6.0),
            Control::spec("not large", inapplicable, || 1.0),
            Control::instance("one statement", Expectation::Violated, || number(2.0)),
            Control::check("wrong", Expectation::Violated, || number(1.0), wrong)
                .missed(|found| 2.0 * found.statements().len() as f64),
            Control::found("nothing", Expectation::Vacuous, || comparisons(&[])),
        ]);
        theorem.about.slack = slack;
        theorem
    };
    let seen = |theorem: &Theorem<Number>, seed| -> Vec<bool> {
        let dropped = theorem.dropped();
        dropped
            .iter()
            .map(|control| control.run(seed).rejected)
            .collect()
    };
    assert_eq!(
        seen(&theorem(Some(0.1)), 1),
        [true, false, true, true, true]
    );
    // Of a statistical claim every statement must fail.
    assert_eq!(seen(&theorem(None), 1), [true, false, false, true, true]);
    assert_eq!(seen(&theorem(None), 0), [true, false, false, false, true]);
    let theorem = theorem(None);
    let dropped = theorem.dropped();
    assert_eq!((dropped[0].has_power, dropped[3].has_power), (false, true));
    // A bound of a probability is at most one.
    assert_eq!(dropped[3].run(1).missed, Some(1.0));
    assert_eq!(dropped[0].run(1).missed, None);
}

#[test]
fn registries_have_an_order_and_no_repetition() {
    let named = |id, family| {
        let mut theorem = artificial(|_| comparisons(&[]), &[]);
        (theorem.about.id, theorem.about.family) = (id, family);
        theorem
    };
    let registry = Registry::new()
        .with(named("T1.one", "first"))
        .and_then(|all| all.with(named("T1.two", "first")))
        .and_then(|all| all.with(named("T2.three", "second")))
        .unwrap();
    let select = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let selected = registry.select(&names);
        selected.map(|claims| claims.iter().map(|claim| claim.id()).collect::<Vec<_>>())
    };
    assert_eq!(select(&[]).unwrap(), ["T1.one", "T1.two", "T2.three"]);
    assert_eq!(select(&["t1"]).unwrap(), ["T1.one", "T1.two"]);
    assert_eq!(
        select(&["second", "T1.TWO"]).unwrap(),
        ["T1.two", "T2.three"]
    );
    let unknown = select(&["T3"]).unwrap_err();
    assert_eq!(unknown.known, "first, T1.one, T1.two, second, T2.three");
    let repeated = registry.clone().with(named("t1.ONE", "other")).unwrap_err();
    assert_eq!(repeated, Repeated { id: "t1.ONE" });
    assert_eq!((registry.len(), registry.is_empty()), (3, false));
    assert!(registry.clone().with_all(&registry).is_err());
}

/// The bound `named·0.97` is seen at 5 %, the one of a tenth never, and the hump only by changes of a half and a fifth: all
/// of it makes the bound trivial.
#[test]
fn the_least_change_that_is_noticed_is_found() {
    let check = |_: &Number| {
        let [one, twenty] = [1.0, 20.0].map(Ball::from);
        let change = (named("c: hump", one) - one).square();
        let hump = Ball::from(0.5) + twenty * change * (one - change);
        Finding::Compared(vec![
            Comparison::at_least("seen", one, named("b: seen", Ball::from(0.97))),
            Comparison::at_least("small", one, named("a: unseen", Ball::from(0.1))),
            Comparison::at_least("hump", one, hump),
        ])
    };
    let found = |theorem: &Theorem<Number>| -> Vec<(&str, Option<f64>)> {
        let claim: &dyn Claim = theorem;
        let found = claim.sensitivities(&|| ()).unwrap();
        found.iter().map(|of| (of.factor, of.least)).collect()
    };
    let theorem = artificial(check, &[1.0]);
    let expected = [
        ("a: unseen", None),
        ("b: seen", Some(0.05)),
        ("c: hump", Some(-0.2)),
    ];
    assert_eq!(found(&theorem), expected);
    // A control that is no longer rejected notices, too: 1.03 ≥ 1 no longer fails where a hundredth is lost.
    let wrong = |_: &Number| {
        let bound = named("a: unseen", Ball::from(1.005));
        Finding::Compared(vec![Comparison::at_least("a", Ball::from(1.0), bound)])
    };
    let control = Control::check("wrong", Expectation::Violated, || number(1.0), wrong);
    let controlled = theorem.clone().control(control);
    assert_eq!(found(&controlled)[0], ("a: unseen", Some(-0.01)));
    // What is violated already notices nothing, and other claims are left to it.
    let violated = artificial(|_| comparisons(&[("a", 1.5)]), &[1.0]);
    assert_eq!(found(&violated), []);
    let left = theorem.factors_seen_by(&["T2.other"]);
    let claim: &dyn Claim = &left;
    assert_eq!(claim.factors_seen_by(), ["T2.other"]);
    assert_eq!(found(&left), []);
}

#[test]
fn the_data_stage_says_what_it_takes_before_it_builds() {
    let theorem = artificial(|_| comparisons(&[]), &[]).data(|data, _, seed| {
        let planned = |value: f64| {
            let named = move || Ok::<_, BuildError>((format!("the number {value}"), number(value)));
            Planned::new(named)
        };
        vec![
            planned(data.samples() as f64).costing(2.0, 30.0),
            planned(seed as f64)
                .costing(0.5, 10.0)
                .leaving_out(Some("a half".to_owned())),
        ]
    });
    let claim: &dyn Claim = &theorem;
    let data = Dataset {
        name: "three".to_owned(),
        inputs: nalgebra::DMatrix::zeros(1, 3),
        targets: nalgebra::DMatrix::zeros(1, 3),
        rows: vec![1, 2, 3],
        notes: vec![],
    };
    let plan = claim.on_data(&data, "gaussian:1".parse().unwrap(), 7);
    assert_eq!(
        (plan.instances(), plan.work(), plan.bytes()),
        (2, 2.5, 30.0)
    );
    assert_eq!(plan.notes().collect::<Vec<_>>(), ["a half"]);
    let built = plan.build().unwrap();
    let values = built.iter().map(|(label, instance)| {
        let number = instance.get::<Number>().unwrap();
        (&label[..], number.value)
    });
    assert_eq!(
        values.collect::<Vec<_>>(),
        [("the number 3", 3.0), ("the number 7", 7.0)]
    );
}

#[test]
fn a_regime_allows_what_it_demands() {
    let mostly = Demand::Mostly(Verdict::Holds, &[Verdict::Undecided]);
    let all = [
        (Verdict::Holds, true, true),
        (Verdict::Undecided, true, true),
        (Verdict::Vacuous, true, false),
        (Verdict::Inapplicable, true, false),
        (Verdict::Violated, false, false),
    ];
    for (verdict, any, most) in all {
        assert_eq!(Demand::NoViolation.allows(verdict), any, "{verdict:?}");
        assert_eq!(mostly.allows(verdict), most, "{verdict:?}");
    }
}

#[test]
fn a_theorem_takes_its_share_of_the_cases_and_says_what_it_is() {
    let third = draws().one_of(3);
    let theorem = Theorem::new(about(), |_: &Number| comparisons(&[]), Vec::new, third);
    let claim: &dyn Claim = &theorem;
    assert_eq!([0, 1, 3, 7].map(|cases| claim.cases(cases)), [0, 1, 1, 3]);
    let said = format!("{theorem:?}");
    assert!(
        said.contains("T1.number") && said.contains("numbers"),
        "{said}"
    );
    let registry = Registry::new().with(theorem).unwrap();
    let ids: Vec<&str> = (&registry).into_iter().map(|claim| claim.id()).collect();
    assert_eq!(ids, ["T1.number"]);
}
