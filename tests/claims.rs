//! The theorem check: every claim of the registry on its sharp instances and on random ones (`p3_local_holds`), and what its check
//! must reject (`p3_local_control`). See `tests/README.md`.

use libtest_mimic::{Arguments, Trial};
use polyak::campaign::{Campaign, assert_controlled, assert_holds};
use polyak::claims::registry;
use polyak::theorem::snake;
use std::process::ExitCode;

/// What a variable of the environment says, if it is a number.
fn given(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn main() -> ExitCode {
    let campaign = Campaign {
        seed: given("PROPTEST_RNG_SEED").unwrap_or(20_211_206),
        // The fast tier for mutation testing sets 24.
        cases: given("PROPTEST_CASES").map_or(256, |cases| cases as u32),
    };
    let trials = registry().iter().flat_map(|claim| {
        let name = snake(claim.id());
        let holds = move || {
            assert_holds(claim, &campaign);
            Ok(())
        };
        let control = move || {
            assert_controlled(claim, campaign.seed);
            Ok(())
        };
        [
            Trial::test(format!("{name}_holds"), holds),
            Trial::test(format!("{name}_control"), control),
        ]
    });
    let arguments = Arguments::from_args();
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
