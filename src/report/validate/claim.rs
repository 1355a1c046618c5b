//! What holds of the entry of one claim.

use super::super::{ClaimEntry, ControlEntry, CounterexampleEntry, PooledEntry, TestEntry};
use super::stage::{check_count, check_number, tightnesses, tolerances};
use super::{Checked, Wrong, repeated};
use crate::campaign::{Shard, Stage};
use crate::evidence::{Kind, Verdict};
use crate::text::count;

/// Counts up to this are f64 numbers, as the tests of frequencies take them.
const MOST_TRIALS: u64 = 1 << 53;

impl ClaimEntry {
    /// # Arguments
    /// * `shard`: the part of a run that the report is of, if it is not of all.
    pub(super) fn check(&self, shard: Option<Shard>) -> Checked {
        self.check_stages(shard)?;
        self.check_controls()?;
        self.check_draws()?;
        self.check_reasons()?;
        self.check_counterexample(shard)?;
        let expected = self.judged();
        if self.verdict == expected {
            return Ok(());
        }
        let from = "the counts of its stages";
        Err(Wrong::contradicts("verdict", self.verdict, from, expected))
    }

    /// Tells whether random draws decide some statement.
    fn draws(&self) -> bool {
        self.kind < Kind::Rounded || !self.tests.is_empty() || !self.pooled.is_empty()
    }

    fn check_stages(&self, shard: Option<Shard>) -> Checked {
        let elsewhere = shard.is_some_and(|shard| !shard.is_first());
        for stage in Stage::ALL {
            let entry = self.stages.get(stage);
            let checked = entry.check(self.draws());
            checked.map_err(|wrong| wrong.within(stage).within("stages"))?;
            if elsewhere && stage != Stage::Random && entry.instances() > 0 {
                let because = "the first part of a run has all of them";
                let found = format!("of {}", count(entry.instances(), "instance"));
                return Err(Wrong::unfounded(format!("stages.{stage}"), found, because));
            }
        }
        let sum = self.stages.total();
        let from = "its stages";
        for (field, found, expected) in [
            ("checked", self.total.checked, sum.checked),
            ("violated", self.total.violated, sum.violated),
            ("vacuous", self.total.vacuous, sum.vacuous),
            ("undecided", self.total.undecided, sum.undecided),
            ("inapplicable", self.total.inapplicable, sum.inapplicable),
        ] {
            if found != expected {
                return Err(Wrong::contradicts(field, found, from, expected));
            }
        }
        let written = |number: Option<f64>| number.map_or("null".into(), |n| format!("{n:e}"));
        for (field, found, expected) in [
            ("worst_margin", self.total.worst_margin, sum.worst_margin),
            ("tolerance", self.total.tolerance, sum.tolerance),
            ("tightness", self.total.tightness, sum.tightness),
        ] {
            if found != expected {
                let [found, expected] = [found, expected].map(written);
                return Err(Wrong::contradicts(field, found, from, expected));
            }
        }
        // Whatever else is summed.
        if self.total != sum {
            let [found, expected] = [&self.total, &sum].map(|entry| format!("{entry:?}"));
            return Err(Wrong::contradicts("total", found, from, expected));
        }
        Ok(())
    }

    fn check_controls(&self) -> Checked {
        let every = self.every_control_is_rejected();
        // Without a statement on a sharp instance nothing was strengthened: that is no rejection either.
        let nothing = self.control.is_empty() && !self.control_rejected;
        if self.control_rejected != every && !nothing {
            let from = "its controls";
            let found = self.control_rejected;
            return Err(Wrong::contradicts("control_rejected", found, from, every));
        }
        let names = self.dropped.iter().map(|dropped| &dropped.name);
        if let Some(name) = repeated(names) {
            return Err(Wrong::twice("dropped.name", name));
        }
        for dropped in &self.dropped {
            check_number("dropped.missed", dropped.missed, [0.0, 1.0])?;
            if dropped.rejected && matches!(dropped.verdict, Verdict::Holds | Verdict::Undecided) {
                let because = format!("the check rejects `{}`", dropped.name);
                return Err(Wrong::unfounded(
                    "dropped.verdict",
                    dropped.verdict,
                    because,
                ));
            }
        }
        let names = self.factors.iter().map(|factor| &factor.factor);
        if let Some(name) = repeated(names) {
            return Err(Wrong::twice("factors.factor", name));
        }
        for factor in &self.factors {
            check_number("factors.least", factor.least, [-1.0, 1.0])?;
        }
        for slope in &self.slopes {
            check_number("slopes.half_width", Some(slope.half_width), [0.0, f64::MAX])?;
            for (size, measured) in &slope.points {
                check_number("slopes.points.size", Some(*size), [0.0, f64::MAX])?;
                check_number("slopes.points.measured", Some(*measured), [0.0, f64::MAX])?;
            }
        }
        let statements = self.control.iter().map(|control| &control.statement);
        if let Some(statement) = repeated(statements) {
            return Err(Wrong::twice("control.statement", statement));
        }
        let is_drawn = |control: &ControlEntry| {
            let mut tests = self.tests.iter();
            tests.any(|test| test.statement == control.statement)
        };
        for control in &self.control {
            let checked = control.check(is_drawn(control));
            checked.map_err(|wrong| wrong.within("control"))?;
        }
        self.check_extremes()
    }

    /// Where every pinned instance holds, every statement does somewhere, and the extremes of the stage are extremes of
    /// its statements; without a pinned instance no statement has any.
    fn check_extremes(&self) -> Checked {
        let pinned = &self.stages.pinned;
        for control in &self.control {
            let because = |why: &str| format!("{why}: `{}`", control.statement);
            match control.margin {
                None if pinned.all_hold() => {
                    let because = because("every pinned instance holds");
                    return Err(Wrong::missing("control.margin", because));
                }
                Some(margin) if pinned.instances() == 0 => {
                    let because = because("there is no pinned instance");
                    let found = format!("{margin:e}");
                    return Err(Wrong::unfounded("control.margin", found, because));
                }
                _ => (),
            }
        }
        if self.control.is_empty() || !pinned.all_hold() {
            return Ok(());
        }
        let from = "its statements";
        let margins = self.control.iter().filter_map(|control| control.margin);
        let least = margins.reduce(f64::min);
        let written = |number: Option<f64>| number.map_or("null".into(), |n| format!("{n:e}"));
        if pinned.worst_margin != least {
            let [found, least] = [pinned.worst_margin, least].map(written);
            return Err(Wrong::contradicts(
                "stages.pinned.worst_margin",
                found,
                from,
                least,
            ));
        }
        let mut closest = self
            .control
            .iter()
            .filter(|control| control.margin == least);
        if !closest.any(|control| control.margin_tolerance == pinned.tolerance) {
            let expected = "that of the smallest margin";
            let found = written(pinned.tolerance);
            return Err(Wrong::contradicts(
                "stages.pinned.tolerance",
                found,
                from,
                expected,
            ));
        }
        let mut sharpest = self.control.iter();
        if !sharpest.any(|control| control.tightness == pinned.tightness) {
            let expected = "another one";
            let found = written(pinned.tightness);
            return Err(Wrong::contradicts(
                "stages.pinned.tightness",
                found,
                from,
                expected,
            ));
        }
        Ok(())
    }

    fn check_draws(&self) -> Checked {
        if let Some(statement) = repeated(self.tests.iter().map(|test| &test.statement)) {
            return Err(Wrong::twice("tests.statement", statement));
        }
        for test in &self.tests {
            test.check().map_err(|wrong| wrong.within("tests"))?;
        }
        for pooled in &self.pooled {
            pooled.check().map_err(|wrong| wrong.within("pooled"))?;
        }
        Ok(())
    }

    fn check_reasons(&self) -> Checked {
        for (reason, &count) in &self.reasons {
            if count == 0 {
                return Err(Wrong::range(
                    format!("reasons.{reason}"),
                    count,
                    "at least 1",
                ));
            }
            check_count(format!("reasons.{reason}"), count)?;
        }
        let open = self.total.instances() - self.total.checked - self.total.violated;
        // Baselines of earlier versions have none of vacuous instances.
        if self.total.inapplicable > 0 && self.reasons.is_empty() {
            return Err(Wrong::missing("reasons", "instances are inapplicable"));
        }
        if let Some((reason, count)) = self.reasons.iter().find(|(_, count)| **count > open) {
            let most = format!("at most {open}, the instances that do not hold");
            return Err(Wrong::range(format!("reasons.{reason}"), count, most));
        }
        if open == 0
            && let Some(reason) = self.reasons.keys().next()
        {
            let because = "every instance holds or is violated";
            return Err(Wrong::unfounded("reasons", format!("`{reason}`"), because));
        }
        Ok(())
    }

    /// The first violation is that of the first stage that has one.
    fn check_counterexample(&self, shard: Option<Shard>) -> Checked {
        let mut stages = Stage::ALL.into_iter();
        let first = stages.find(|&stage| self.stages.get(stage).violated > 0);
        let (found, expected) = match (&self.counterexample, first) {
            (None, None) => return Ok(()),
            (None, Some(stage)) => {
                let because = format!("a {stage} instance is violated");
                return Err(Wrong::missing("counterexample", because));
            }
            (Some(_), None) => {
                let because = "no instance is violated";
                return Err(Wrong::unfounded("counterexample", "there", because));
            }
            (Some(found), Some(stage)) => (found, stage),
        };
        let checked = found.check(expected, shard);
        checked.map_err(|wrong| wrong.within("counterexample"))
    }
}

impl ControlEntry {
    /// # Arguments
    /// * `drawn`: whether draws decide the statement.
    fn check(&self, drawn: bool) -> Checked {
        let because = || format!("others of `{}` are there", self.statement);
        let [tightness, tolerance] = [self.tightness, self.tightness_tolerance];
        let given = [self.margin, self.margin_tolerance, tolerance];
        for (field, number) in ["margin", "margin_tolerance", "tightness_tolerance"]
            .into_iter()
            .zip(given)
        {
            if number.is_none() && given.iter().any(Option::is_some) {
                return Err(Wrong::missing(field, because()));
            }
        }
        let (Some(margin), Some(margin_tolerance)) = (self.margin, self.margin_tolerance) else {
            // It holds nowhere: all that is known is how sharp it was.
            return check_number("tightness", tightness, [0.0, 1.0]);
        };
        let Some(tightness) = tightness else {
            return Err(Wrong::missing("tightness", because()));
        };
        check_number("tightness", Some(tightness), tightnesses(drawn))?;
        check_number("tightness_tolerance", tolerance, tolerances(drawn))?;
        check_number(
            "margin_tolerance",
            Some(margin_tolerance),
            tolerances(drawn),
        )?;
        check_number("margin", Some(margin), [-margin_tolerance, 1.0])?;
        // Of an inequality `1 − s/l` beside `s/l`: one rounding of the quotient, two of the margin, two of this
        // line, each of at most half of EPSILON. Of an equality the tightness is 1 + margin, and of the sharpest
        // comparison no less.
        let agree = if margin > 0.0 {
            (tightness + margin - 1.0).abs() <= 3.0 * f64::EPSILON
        } else {
            tightness >= 1.0 + margin
        };
        if agree {
            return Ok(());
        }
        let from = "tightness and margin are of one comparison of two sides, and the margin";
        let expected = format!("{:e}", 1.0 - margin.abs());
        let found = format!("{tightness:e}");
        Err(Wrong::contradicts("tightness", found, from, expected))
    }
}

impl TestEntry {
    fn check(&self) -> Checked {
        let inside = |number: f64| number > 0.0 && number < 1.0;
        if !inside(self.false_alarm) {
            let found = format!("{:e}", self.false_alarm);
            return Err(Wrong::range("false_alarm", found, "inside (0, 1)"));
        }
        match self.detectable {
            None => Err(Wrong::missing("detectable", "the test decides")),
            Some(found) if (0.0..1.0).contains(&found) => Ok(()),
            Some(found) => {
                let found = format!("{found:e}");
                Err(Wrong::range(
                    "detectable",
                    found,
                    "in [0, 1), as the test decides",
                ))
            }
        }
    }
}

impl PooledEntry {
    fn check(&self) -> Checked {
        if !(self.bound > 0.0 && self.bound < 1.0) {
            let found = format!("{:e}", self.bound);
            return Err(Wrong::range("bound", found, "inside (0, 1)"));
        }
        let (events, trials) = (self.seen.events, self.seen.trials);
        if trials == 0 || trials > MOST_TRIALS {
            return Err(Wrong::range("trials", trials, "from 1 to 2^53"));
        }
        if events > trials {
            let most = format!("at most trials, {trials}");
            return Err(Wrong::range("events", events, most));
        }
        check_number("detectable", self.detectable, [self.bound, 1.0])
    }
}

impl CounterexampleEntry {
    fn check(&self, stage: Stage, shard: Option<Shard>) -> Checked {
        if self.stage != stage {
            let from = "the counts of the stages";
            return Err(Wrong::contradicts("stage", self.stage, from, stage));
        }
        let random = stage == Stage::Random;
        let there = |is: bool| if is { "there" } else { "missing" };
        for (field, is) in [("case", self.case.is_some()), ("test", self.test.is_some())] {
            if is != random {
                let from = "the stage (random instances alone have one)";
                return Err(Wrong::contradicts(field, there(is), from, there(random)));
            }
        }
        if let Some(case) = self.case {
            check_count("case", case)?;
            if shard.is_some_and(|shard| !shard.holds(case)) {
                return Err(Wrong::unfounded(
                    "case",
                    case,
                    "other parts of the run have it",
                ));
            }
        }
        // Bounded balls have midpoints.
        for (field, number) in [("quantity", self.quantity), ("bound", self.bound)] {
            if number.is_none() {
                return Err(Wrong::missing(field, "a violation is that of two numbers"));
            }
        }
        check_number("tolerance", self.tolerance, [0.0, f64::MAX])?;
        let most = self.tolerance.map_or(0.0, |tolerance| -tolerance);
        check_number("margin", self.margin, [f64::MIN, most])
    }
}
