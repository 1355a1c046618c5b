//! `polyak attack`.

use super::Failure;
use super::arguments::AttackOptions;
use super::interrupt::listen;
use super::output::{layout, remark, say};
use super::running::{Running, Watched};
use crate::campaign::{Attack, AttackReport, pasted_test};
use crate::factor::{FactorChange, Trial};
use crate::text::count;
use crate::theorem::{Claim, Registry};
use crate::watch::Watch;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Ends a search at a time, or when somebody asks.
struct Until<'a> {
    watched: &'a Watched,
    end: Option<Instant>,
}

impl Watch for Until<'_> {
    fn advance(&self, units: u64) {
        self.watched.advance(units);
    }

    fn is_stopped(&self) -> bool {
        self.watched.is_stopped() || self.end.is_some_and(|end| Instant::now() >= end)
    }
}

/// Finds the factor that somebody means: its whole name, or a part that no other has.
fn factor(claim: &dyn Claim, asked: &str) -> Result<&'static str, Failure> {
    let trial = Trial::try_new()?;
    let instances = claim.sharp();
    let met = instances
        .iter()
        .flat_map(|instance| trial.met(|| claim.check(instance)).1);
    let mut names: Vec<&'static str> = met.collect();
    names.sort_unstable();
    names.dedup();
    let whole = names.iter().find(|name| **name == asked);
    let parts: Vec<&&'static str> = names.iter().filter(|name| name.contains(asked)).collect();
    match (whole, &*parts) {
        (Some(name), _) | (None, &[name]) => Ok(name),
        _ => Err(Failure::Factor {
            claim: claim.id(),
            asked: asked.to_owned(),
            known: names.join(", "),
        }),
    }
}

/// Searches an instance on which the claim is violated, or would be with one factor changed; status 1 if there is one.
pub fn run(registry: &'static Registry, options: &AttackOptions) -> Result<u8, Failure> {
    let claim = registry.find(&options.claim)?;
    let change = match &options.factor {
        Some(asked) => Some(FactorChange {
            factor: factor(claim, asked)?,
            by: options.by,
        }),
        None => None,
    };
    let (starts, steps) = match options.minutes {
        // As many as there is time for.
        Some(_) => (usize::MAX / 2, options.steps),
        None => (options.starts, options.steps),
    };
    let attack = Attack {
        seed: options.seed,
        starts,
        steps,
        change,
    };
    let stop = listen("ending with the worst instance that is known")?;
    let running = Running::start("attack", None);
    let watched = Watched::new(&running, &stop);
    let minutes = options
        .minutes
        .map(|minutes| Duration::from_secs_f64(60.0 * minutes));
    let until = Until {
        watched: &watched,
        end: minutes.map(|minutes| Instant::now() + minutes),
    };
    let found = attack.run(claim, &until)?;
    drop(running);
    say(&text(claim, &attack, &found))?;
    if stop.is_stopped() {
        remark("interrupted: what was found is printed");
        return Ok(super::interrupt::INTERRUPTED);
    }
    Ok(u8::from(found.best.is_some_and(|best| best.violated)))
}

fn text(claim: &dyn Claim, attack: &Attack, found: &AttackReport) -> String {
    let layout = layout();
    let mut text = layout.wrapped(
        &format!("{}: {}", claim.id(), claim.about().statement),
        "",
        "    ",
    );
    if let Some(FactorChange { factor, by }) = attack.change {
        let line = format!("with the factor `{factor}` {} times what it is", 1.0 + by);
        text += &layout.wrapped(&line, "    ", "    ");
    }
    let tried = format!(
        "{} tried · seed {}",
        count(found.evaluations, "instance"),
        attack.seed
    );
    let Some(best) = &found.best else {
        text += &layout.wrapped(
            &format!("nothing to compare on any of them: {tried}"),
            "\n",
            "    ",
        );
        return text;
    };
    let heading = match best.violated {
        true => "VIOLATED",
        false => "not violated; the closest",
    };
    text += &layout.wrapped(
        &format!("{heading}: {}", best.comparison.statement()),
        "\n",
        "    ",
    );
    for (name, value) in [
        ("quantity ", best.comparison.quantity().mid()),
        ("bound    ", best.comparison.bound().mid()),
        ("margin   ", best.comparison.margin()),
        ("tolerance", best.comparison.tolerance()),
    ] {
        let _ = writeln!(text, "    {name} {value:e}");
    }
    text += &layout.wrapped(&tried, "    ", "    ");
    text += match (best.violated, attack.change) {
        (true, None) => "    a test that fails as long as it is violated:\n\n",
        _ => "    the instance, as a test of the claim as it is:\n\n",
    };
    text + &pasted_test(claim.id(), &best.spec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::find;

    #[test]
    fn a_factor_is_named_in_part() {
        let claim = find("P7.hessian").unwrap();
        let whole = "second derivative of F: θκ1κ0";
        assert_eq!(factor(claim, "θκ1").unwrap(), whole);
        assert_eq!(factor(claim, whole).unwrap(), whole);
        for unclear in ["κ", "nothing of the kind"] {
            let error = factor(claim, unclear).unwrap_err().to_string();
            assert!(error.contains(whole), "{error}");
        }
    }
}
