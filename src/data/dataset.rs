//! The data set: inputs, targets, where they came from and what was done to them.

use std::cmp::Ordering;

use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::DataError;
use crate::text::{count, printable};
use std::fmt;

/// `N` samples `(x^i, y^i) ∈ R^d × R^{d'}`, a column a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Where the data come from: a path or a name.
    pub name: String,
    /// Inputs, `d × N`, finite.
    pub inputs: DMatrix<f64>,
    /// Targets, `d' × N`, finite.
    pub targets: DMatrix<f64>,
    /// The 1-based data row of the source that each sample comes from (a header is not counted), `N`.
    pub rows: Vec<usize>,
    /// Every preparation rule that was applied, in words and in order.
    pub notes: Vec<String>,
}

impl fmt::Display for Dataset {
    /// The name and the sizes: `digits: 1797 samples, 64 inputs, 10 targets`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}, {}, {}",
            printable(&self.name),
            count(self.samples(), "sample"),
            count(self.input_dimension(), "input"),
            count(self.target_dimension(), "target")
        )
    }
}

impl Dataset {
    /// The number of samples, `N`.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.inputs.ncols()
    }

    /// The dimension of an input, `d`.
    #[must_use]
    pub fn input_dimension(&self) -> usize {
        self.inputs.nrows()
    }

    /// The dimension of a target, `d'`.
    #[must_use]
    pub fn target_dimension(&self) -> usize {
        self.targets.nrows()
    }

    /// Draws `samples` of the samples, uniformly without replacement, and keeps them in source order.
    ///
    /// The draw is a function of `(N, samples, seed)` alone (ChaCha8). Asking for `N` samples or more
    /// returns all of them; the notes say which.
    ///
    /// # Errors
    /// [`DataError::NoSamples`] if `samples` is 0.
    ///
    /// # Cost
    /// `O(N)` draws, and the copy.
    ///
    /// # Example
    /// ```
    /// let few = polyak::data::digits().subsample(60, 7)?;
    /// assert_eq!(few.samples(), 60);
    /// assert!(few.rows.is_sorted());
    /// # Ok::<(), polyak::data::DataError>(())
    /// ```
    pub fn subsample(&self, samples: usize, seed: u64) -> Result<Dataset, DataError> {
        let (kept, note) = choose(&self.name, self.samples(), samples, seed)?;
        let mut notes = self.notes.clone();
        notes.push(note);
        Ok(Dataset {
            name: self.name.clone(),
            inputs: self.inputs.select_columns(&kept),
            targets: self.targets.select_columns(&kept),
            rows: kept.iter().map(|&i| self.rows[i]).collect(),
            notes,
        })
    }

    /// The first two samples with equal inputs, as 1-based rows of the source.
    ///
    /// `0.0` and `-0.0` are equal. Such a pair makes every kernel matrix singular.
    ///
    /// # Cost
    /// `O(d N log N)`.
    #[must_use]
    pub fn duplicate_pair(&self) -> Option<(usize, usize)> {
        self.first_pair(|_, _| true)
    }

    /// The first two samples with equal inputs and different targets, as 1-based rows of the source.
    ///
    /// `0.0` and `-0.0` are equal. No function of the input fits such a pair: the loss
    /// `(2N)⁻¹ Σ‖F(x^i) − y^i‖²` is at least `‖y − y'‖²/(4N)`.
    ///
    /// # Cost
    /// `O(d N log N + d' N)`.
    #[must_use]
    pub fn conflicting_pair(&self) -> Option<(usize, usize)> {
        self.first_pair(|i, j| self.targets.column(i) != self.targets.column(j))
    }

    /// The first pair with equal inputs of which `wanted` holds, where `wanted(i, j)` is the negation
    /// of an equivalence or always true (so that only pairs with a group's first need a look).
    fn first_pair(&self, wanted: impl Fn(usize, usize) -> bool) -> Option<(usize, usize)> {
        let mut order: Vec<usize> = (0..self.samples()).collect();
        order.sort_by(|&i, &j| self.compare_inputs(i, j)); // stable: equal inputs stay in source order
        order
            .chunk_by(|&i, &j| self.compare_inputs(i, j).is_eq())
            .filter_map(|group| {
                let (&first, others) = group.split_first()?;
                others
                    .iter()
                    .find(|&&other| wanted(first, other))
                    .map(|&other| (first, other))
            })
            .min()
            .map(|(i, j)| (self.rows[i], self.rows[j]))
    }

    /// Lexicographic order of inputs; adding `0.0` sends `-0.0` to `0.0`.
    fn compare_inputs(&self, i: usize, j: usize) -> Ordering {
        let (x, y) = (self.inputs.column(i), self.inputs.column(j));
        x.iter()
            .zip(y.iter())
            .map(|(a, b)| (a + 0.0).total_cmp(&(b + 0.0)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

/// Chooses `samples` of `0..total` uniformly without replacement, increasing, and says so.
///
/// Selection sampling (Knuth, *The Art of Computer Programming* 2, 3.4.2, algorithm S): index `i` is
/// taken with probability (still wanted)/(still to come).
pub(super) fn choose(
    name: &str,
    total: usize,
    samples: usize,
    seed: u64,
) -> Result<(Vec<usize>, String), DataError> {
    if samples == 0 {
        return Err(DataError::NoSamples {
            file: name.to_owned(),
        });
    }
    if samples >= total {
        return Ok((
            (0..total).collect(),
            match total {
                1 => format!("the only sample is kept: up to {samples} were asked for"),
                _ => format!("all {total} samples are kept: up to {samples} were asked for"),
            },
        ));
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut wanted = samples;
    let kept = (0..total)
        .filter(|i| {
            let taken = rng.random_range(0..total - i) < wanted;
            wanted -= usize::from(taken);
            taken
        })
        .collect();
    Ok((
        kept,
        format!(
            "{samples} of {total} samples {} kept, drawn without replacement with seed {seed}",
            if samples == 1 { "is" } else { "are" }
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(inputs: &[f64], targets: &[f64]) -> Dataset {
        Dataset {
            name: "line".into(),
            inputs: DMatrix::from_row_slice(1, inputs.len(), inputs),
            targets: DMatrix::from_row_slice(1, targets.len(), targets),
            rows: (1..=inputs.len()).map(|row| 10 * row).collect(),
            notes: vec!["made".into()],
        }
    }

    #[test]
    fn accessors_give_the_shapes() {
        let data = Dataset {
            name: String::new(),
            inputs: DMatrix::zeros(3, 5),
            targets: DMatrix::zeros(2, 5),
            rows: vec![1; 5],
            notes: vec![],
        };
        assert_eq!(
            (
                data.input_dimension(),
                data.target_dimension(),
                data.samples()
            ),
            (3, 2, 5)
        );
    }

    #[test]
    fn subsample_keeps_samples_whole_and_in_order() {
        let values: Vec<f64> = (0..40).map(f64::from).collect();
        let negated: Vec<f64> = values.iter().map(|x| -x).collect();
        let data = line(&values, &negated);
        let part = data.subsample(15, 3).unwrap();
        assert_eq!(
            (part.samples(), part.rows.len(), part.targets.ncols()),
            (15, 15, 15)
        );
        assert!(part.rows.windows(2).all(|pair| pair[0] < pair[1]));
        for (i, &row) in part.rows.iter().enumerate() {
            let x = (row / 10 - 1) as f64;
            assert_eq!((part.inputs[i], part.targets[i]), (x, -x));
        }
        assert_eq!(part, data.subsample(15, 3).unwrap());
        assert_ne!(part.rows, data.subsample(15, 4).unwrap().rows);
        assert_eq!(part.name, "line");
        assert_eq!(
            part.notes,
            [
                "made",
                "15 of 40 samples are kept, drawn without replacement with seed 3"
            ]
        );
    }

    #[test]
    fn subsample_of_all_or_more_is_the_whole() {
        let data = line(&[1.0, 2.0, 3.0], &[0.0; 3]);
        for asked in [3, 4, usize::MAX] {
            let whole = data.subsample(asked, 1).unwrap();
            assert_eq!((&whole.inputs, &whole.rows), (&data.inputs, &data.rows));
            assert_eq!(
                whole.notes[1],
                format!("all 3 samples are kept: up to {asked} were asked for")
            );
        }
        assert_eq!(data.subsample(2, 1).unwrap().samples(), 2);
        assert!(
            matches!(data.subsample(0, 1), Err(DataError::NoSamples { file }) if file == "line")
        );
    }

    #[test]
    fn choice_is_uniform_over_pairs() {
        // 10 pairs of 0..5, 10000 seeds. Hoeffding: P(|frequency − 1/10| ≥ t) ≤ 2 exp(−2·10⁴ t²); with
        // t = 0.035 and a union over the pairs, 20 exp(−24.5) = 4.6e-10.
        let mut counts = std::collections::BTreeMap::new();
        for seed in 0..10_000 {
            *counts.entry(choose("", 5, 2, seed).unwrap().0).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 10);
        for (pair, count) in counts {
            assert!(
                (f64::from(count) / 1e4 - 0.1).abs() < 0.035,
                "{pair:?}: {count}"
            );
        }
    }

    #[test]
    fn choice_stability() {
        assert_eq!(choose("", 1797, 4, 1).unwrap().0, [386, 440, 1070, 1075]);
    }

    #[test]
    fn pairs_are_found_with_their_rows() {
        let data = line(
            &[5.0, 0.0, 2.0, -0.0, 2.0, 2.0],
            &[1.0, 3.0, 4.0, 3.0, 4.0, 7.0],
        );
        assert_eq!(data.duplicate_pair(), Some((20, 40)));
        assert_eq!(data.conflicting_pair(), Some((30, 60)));
        let distinct = line(&[1.0, 2.0, -1.0], &[0.0; 3]);
        assert_eq!(
            (distinct.duplicate_pair(), distinct.conflicting_pair()),
            (None, None)
        );
        let agreeing = line(&[1.0, 2.0, 1.0], &[0.0, 5.0, -0.0]);
        assert_eq!(
            (agreeing.duplicate_pair(), agreeing.conflicting_pair()),
            (Some((10, 30)), None)
        );
    }

    #[test]
    fn pairs_agree_with_the_double_loop() {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let mut seen = [0; 3];
        for _ in 0..300 {
            let samples = rng.random_range(1..12);
            let mut data = line(&vec![0.0; samples], &vec![0.0; samples]);
            data.inputs =
                DMatrix::from_fn(2, samples, |_, _| f64::from(rng.random_range(-2..3)) * -0.5);
            data.targets = DMatrix::from_fn(2, samples, |_, _| f64::from(rng.random_range(0..2)));
            let (mut duplicate, mut conflict) = (None, None);
            for i in (0..samples).rev() {
                for j in (i + 1..samples).rev() {
                    if data.inputs.column(i) == data.inputs.column(j) {
                        duplicate = Some((data.rows[i], data.rows[j]));
                        if data.targets.column(i) != data.targets.column(j) {
                            conflict = Some((data.rows[i], data.rows[j]));
                        }
                    }
                }
            }
            assert_eq!(data.duplicate_pair(), duplicate);
            assert_eq!(data.conflicting_pair(), conflict);
            seen[usize::from(duplicate.is_some()) + usize::from(conflict.is_some())] += 1;
        }
        assert!(seen.iter().all(|&count| count > 9), "{seen:?}");
    }
}
