//! S2.growth: moving the parameters by `R` raises the root of the loss by at most `‖B‖R/√2`, as seen from zero.

use polyak::arithmetic::Ball;
use polyak::claims::{ResidualInstance, draws};
use polyak::data::ResidualSpec;
use polyak::evidence::{Comparison, Finding, Kind};
use polyak::theorem::{About, Subject, Theorem};

/// The theorem, with the last term times a factor, one, on its sharp instances.
pub fn theorem(factor: f64, sharp: fn() -> Vec<ResidualInstance>) -> Theorem<ResidualInstance> {
    let about = About {
        family: "stranger",
        statement: "√L(v) ≤ √L(0) + ‖B‖‖v‖/√2: no state moves further than κ0‖v‖",
        source: "Paper A (regularity of the flow), a corollary",
        tolerance: "forward error analysis of the pass; ball arithmetic",
        page: "s2-growth.md",
        slack: Some(1e-6),
        ..About::new("S2.growth", Kind::Rounded)
    };
    let check = move |instance: &ResidualInstance| growth(instance, factor);
    Theorem::new(about, check, sharp, draws::GENERAL)
}

fn growth(instance: &ResidualInstance, factor: f64) -> Finding {
    let mut observer = match instance.observer() {
        Ok(observer) => observer,
        Err(error) => return Finding::Undecided(error.to_string()),
    };
    let there = observer.observe(&instance.weights);
    let zero = observer.observe(&instance.network.zero_weights());
    let readout = instance.network.frame().readout_norm_squared().sqrt();
    let moved = Ball::from(factor) * readout * there.norm / Ball::from(2.0).sqrt();
    let comparison = Comparison::at_most(
        "√L ≤ √L₀ + ‖B‖R/√2",
        there.loss.sqrt(),
        zero.loss.sqrt() + moved,
    );
    Finding::Compared(vec![comparison])
}

/// A field that is constant, and moves the only sample straight away from its target.
pub fn constant_field() -> Vec<ResidualInstance> {
    let spec = ResidualSpec {
        kernel: "gaussian:1".parse().expect("a kernel"),
        inputs: vec![vec![0.0]],
        targets: vec![vec![-1.0]],
        frequencies: vec![vec![0.0]],
        lift: vec![vec![1.0]],
        readout: vec![vec![1.0]],
        reference: vec![vec![0.0, 0.0]],
        displacement: vec![vec![1.0, 0.0]],
        reference_stretch: 0.0,
        displacement_stretch: 1.0,
        step_margin: 0.5,
        steps: 1,
        loss_share: None,
        seed: 0,
        draws: 1,
    };
    vec![ResidualInstance::build(&spec).expect("one sample")]
}
