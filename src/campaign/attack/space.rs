//! Where an attack searches: everything that a specification says in numbers.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use serde_json::{Number, Value};

/// A specification as what it is written with; its decimals are coordinates.
///
/// A string such as `gaussian:0.5` has a coordinate behind its colon.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate(Value);

/// A standard normal number, of two uniform ones (Box and Muller).
pub fn normal(rng: &mut impl Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

fn each(value: &mut Value, visit: &mut impl FnMut(&mut f64)) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let mut x = number.as_f64().expect("a decimal");
            visit(&mut x);
            // What is no number is no change.
            if let Some(changed) = Number::from_f64(x) {
                *number = changed;
            }
        }
        Value::String(text) => {
            let Some((name, parameter)) = text.rsplit_once(':') else {
                return;
            };
            let Ok(mut x) = parameter.parse::<f64>() else {
                return;
            };
            visit(&mut x);
            if x.is_finite() {
                *text = format!("{name}:{x:?}");
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| each(value, visit)),
        Value::Object(fields) => fields.values_mut().for_each(|value| each(value, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Every array below a value: the places that can be reached by names and depth alone, so that what is removed from one
/// row is removed from all.
fn lengths(value: &Value, place: &mut Vec<String>, found: &mut Vec<(Vec<String>, usize)>) {
    match value {
        Value::Array(values) => {
            if found.iter().all(|(known, _)| known != place) {
                found.push((place.clone(), values.len()));
            }
            if let Some(first) = values.first() {
                place.push("[]".to_owned());
                lengths(first, place, found);
                place.pop();
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                place.push(name.clone());
                lengths(value, place, found);
                place.pop();
            }
        }
        _ => {}
    }
}

fn resize(value: &mut Value, place: &[String], change: &mut impl FnMut(&mut Vec<Value>)) {
    match (value, place.split_first()) {
        (Value::Array(values), None) => change(values),
        (Value::Array(values), Some((_, rest))) => {
            values
                .iter_mut()
                .for_each(|value| resize(value, rest, change));
        }
        (Value::Object(fields), Some((name, rest))) => {
            if let Some(value) = fields.get_mut(name) {
                resize(value, rest, change);
            }
        }
        _ => {}
    }
}

impl Candidate {
    /// Reads what a specification is written with.
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).map(Self)
    }

    /// Returns what the specification is written with.
    pub fn to_json(&self) -> String {
        self.0.to_string()
    }

    /// Returns the coordinates.
    pub fn numbers(&self) -> Vec<f64> {
        let mut found = Vec::new();
        each(&mut self.0.clone(), &mut |x| found.push(*x));
        found
    }

    /// Returns the same specification with other coordinates.
    pub fn with(&self, numbers: &[f64]) -> Self {
        let mut changed = self.clone();
        let mut numbers = numbers.iter();
        each(&mut changed.0, &mut |x| {
            *x = *numbers.next().expect("a number each")
        });
        changed
    }

    /// Moves some coordinates by a share of their size, and sometimes makes two alike: where a bound is sharp, much is
    /// equal, opposite or zero.
    pub fn moved(&self, step: f64, rng: &mut impl Rng) -> Self {
        let mut numbers = self.numbers();
        if numbers.is_empty() {
            return self.clone();
        }
        let count = numbers.len();
        match rng.random_range(0..12_u32) {
            0 => {
                let (from, to) = (rng.random_range(0..count), rng.random_range(0..count));
                let sign = if rng.random() { 1.0 } else { -1.0 };
                numbers[to] = sign * numbers[from];
            }
            1 => {
                let at = rng.random_range(0..count);
                numbers[at] = [0.0, -numbers[at], 1.0].choose(rng).copied().unwrap_or(0.0);
            }
            2 => {
                // All of one block, as one layer or one point is.
                let length = rng.random_range(1..=count);
                let first = rng.random_range(0..=count - length);
                let factor = (step * normal(rng)).exp();
                numbers[first..first + length]
                    .iter_mut()
                    .for_each(|x| *x *= factor);
            }
            3 => {
                let length = rng.random_range(1..=count.div_ceil(2));
                let [from, to] = [0; 2].map(|_: i32| rng.random_range(0..=count - length));
                numbers.copy_within(from..from + length, to);
            }
            _ => {
                // One coordinate, a few, or all of them.
                let share = [1.0 / count as f64, 0.25, 1.0]
                    .choose(rng)
                    .copied()
                    .unwrap_or(1.0);
                for x in &mut numbers {
                    if rng.random_bool(share) {
                        *x += step * x.abs().max(0.1) * normal(rng);
                    }
                }
            }
        }
        self.with(&numbers)
    }

    /// Takes an element out of arrays that are equally long, or puts one of them in twice.
    pub fn resized(&self, rng: &mut impl Rng) -> Self {
        let mut places = Vec::new();
        lengths(&self.0, &mut Vec::new(), &mut places);
        let Some(&(_, length)) = places.choose(rng) else {
            return self.clone();
        };
        if length == 0 {
            return self.clone();
        }
        let (at, shorter) = (
            rng.random_range(0..length),
            length > 1 && rng.random_bool(0.7),
        );
        let mut changed = self.clone();
        for (place, own) in &places {
            if *own == length && rng.random_bool(0.7) {
                resize(&mut changed.0, place, &mut |values| {
                    if at < values.len() {
                        if shorter {
                            values.remove(at);
                        } else {
                            values.insert(at, values[at].clone());
                        }
                    }
                });
            }
        }
        changed
    }
}

/// Returns a number rounded to so many digits.
pub fn rounded(x: f64, digits: usize) -> f64 {
    format!("{x:.0$e}", digits.saturating_sub(1))
        .parse()
        .unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    const SPEC: &str =
        r#"{"kernel":"gaussian:0.5","points":[[1.5,2.0],[3.0,4.0],[0.0,1.0]],"seed":7,"steps":3}"#;

    #[test]
    fn decimals_are_coordinates_and_counts_are_not() {
        let candidate = Candidate::parse(SPEC).unwrap();
        assert_eq!(candidate.numbers(), [0.5, 1.5, 2.0, 3.0, 4.0, 0.0, 1.0]);
        let doubled: Vec<f64> = candidate.numbers().iter().map(|x| 2.0 * x).collect();
        let doubled = candidate.with(&doubled);
        assert_eq!(
            doubled.to_json(),
            r#"{"kernel":"gaussian:1.0","points":[[3.0,4.0],[6.0,8.0],[0.0,2.0]],"seed":7,"steps":3}"#
        );
        // What is no number stays what it was.
        let mut numbers = candidate.numbers();
        numbers[1] = f64::NAN;
        assert_eq!(candidate.with(&numbers).numbers(), candidate.numbers());
    }

    #[test]
    fn a_row_or_a_column_is_removed_from_all() {
        let candidate = Candidate::parse(SPEC).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let all: Vec<String> = (0..200)
            .map(|_| candidate.resized(&mut rng).to_json())
            .collect();
        let has = |points: &str| all.iter().any(|json| json.contains(points));
        assert!(has(r#""points":[[3.0,4.0],[0.0,1.0]]"#));
        assert!(has(r#""points":[[1.5],[3.0],[0.0]]"#));
        assert!(has(r#""points":[[1.5,2.0],[1.5,2.0],[3.0,4.0],[0.0,1.0]]"#));
    }

    #[test]
    fn numbers_round_to_digits() {
        assert_eq!(rounded(0.123_456, 2), 0.12);
        assert_eq!(rounded(-98765.0, 1), -1e5);
        assert_eq!([rounded(0.0, 3), rounded(1.0, 1)], [0.0, 1.0]);
    }

    #[test]
    fn moves_are_those_of_the_generator() {
        let candidate = Candidate::parse(SPEC).unwrap();
        let path = |seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            (0..50).fold(candidate.clone(), |found, _| found.moved(0.3, &mut rng))
        };
        assert_eq!(path(3), path(3));
        assert_ne!(path(3), path(4));
        assert_eq!(path(3).numbers().len(), candidate.numbers().len());
    }
}
