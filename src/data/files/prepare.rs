//! Preparation: from a table to a data set, by stated rules.

use crate::text::count as counted;
use nalgebra::DMatrix;

use super::standardise::{is_constant, standardised};
use super::target::{Target, encode};
use super::{Cell, DataError, Dataset, Table, TargetColumn};
use crate::data::dataset::choose;
use crate::text::{listed, printable};

/// How a table becomes a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Preparation {
    /// The target column; every other one is an input.
    pub target: TargetColumn,
    /// Whether inputs, and a real target, are brought to mean 0 and variance 1.
    pub standardise: bool,
    /// The most samples to keep, at least 1; `None` keeps all.
    pub max_samples: Option<usize>,
    /// The seed of the sub-sample.
    pub seed: u64,
}

impl Default for Preparation {
    /// The last column, standardised, all samples, seed 0.
    fn default() -> Self {
        Preparation {
            target: TargetColumn::Last,
            standardise: true,
            max_samples: None,
            seed: 0,
        }
    }
}

impl Preparation {
    setters! {
        with_target, target: TargetColumn;
        with_standardise, standardise: bool;
        with_max_samples, max_samples: impl Into<Option<usize>>;
        with_seed, seed: u64;
    }
}

/// Prepares a table, a row a sample, as a data set, a column a sample.
///
/// The rules, in order; each that applied is written to [`Dataset::notes`]:
///
/// 1. constant input columns are dropped;
/// 2. the others are standardised, if asked, to mean 0 and variance 1 (division by `N`) over all rows of
///    the table, without cancellation: a column offset by 1e9 loses nothing;
/// 3. a target of words, or words and integers, or of integers with at most
///    [`MAX_INTEGER_LABELS`](super::MAX_INTEGER_LABELS) distinct values, fewer than half the rows, is a
///    label: the unit vector of its position among the sorted labels. Any other is a real number,
///    standardised like the inputs;
/// 4. at most `max_samples` are kept, as [`Dataset::subsample`] does with the same seed.
///
/// # Errors
/// The target is absent, constant or of too many labels; an input cell is a word; no input is left;
/// `max_samples` is 0. See [`DataError`].
///
/// # Cost
/// `O(d N + N log N)`.
///
/// # Example
/// ```
/// use polyak::data::{Preparation, csv_from_reader, prepare};
///
/// let table = csv_from_reader("here", "x,y\n1e9,0.5\n1000000002,-0.5\n".as_bytes())?;
/// let data = prepare(&table, &Preparation::default())?;
/// assert_eq!(data.inputs.as_slice(), [-1.0, 1.0]);
/// assert_eq!(data.targets.as_slice(), [1.0, -1.0]);
/// # Ok::<(), polyak::data::DataError>(())
/// ```
pub fn prepare(table: &Table, preparation: &Preparation) -> Result<Dataset, DataError> {
    let count = table.rows().len();
    let target = preparation.target.resolve(table)?;
    let mut notes = table.notes().to_vec();
    let inputs = inputs(table, Some(target), preparation.standardise, &mut notes)?;
    let encoded = encode(table, target)?;
    let name = printable(&table.column_name(target)).to_string();
    let (kept, note) = match preparation.max_samples {
        Some(most) => {
            let (kept, note) = choose(table.source(), count, most, preparation.seed)?;
            (kept, Some(note))
        }
        None => ((0..count).collect(), None),
    };
    let targets = match encoded {
        Target::Labels { labels, classes } => {
            let list: Vec<String> = labels.iter().map(Cell::to_string).collect();
            notes.push(format!(
                "the target `{name}` is a label, a unit vector by the order: {}",
                listed(&list)
            ));
            DMatrix::from_fn(labels.len(), kept.len(), |i, j| {
                f64::from(u8::from(classes[kept[j]] == i))
            })
        }
        Target::Real(values) => {
            let (values, how) = if preparation.standardise {
                (
                    standardised(&values),
                    format!("standardised over all {}", counted(count, "row")),
                )
            } else {
                (values, "left as it is".to_owned())
            };
            notes.push(format!("the target `{name}` is a real number, {how}"));
            DMatrix::from_fn(1, kept.len(), |_, j| values[kept[j]])
        }
    };
    notes.extend(note);
    Ok(Dataset {
        name: table.source().to_owned(),
        inputs: DMatrix::from_fn(inputs.len(), kept.len(), |i, j| inputs[i][kept[j]]),
        targets,
        rows: kept.iter().map(|row| row + 1).collect(),
        notes,
    })
}

/// The input columns that are not constant, standardised if asked.
pub(super) fn inputs(
    table: &Table,
    target: Option<usize>,
    standardise: bool,
    notes: &mut Vec<String>,
) -> Result<Vec<Vec<f64>>, DataError> {
    let file = || table.source().to_owned();
    let count = table.rows().len();
    let (mut inputs, mut constant) = (vec![], vec![]);
    for column in (0..table.columns()).filter(|&column| Some(column) != target) {
        let values = (0..count)
            .map(|row| table.number(row, column, true))
            .collect::<Result<Vec<_>, _>>()?;
        if is_constant(&values) {
            constant.push(table.column_name(column));
        } else if standardise {
            inputs.push(standardised(&values));
        } else {
            inputs.push(values);
        }
    }
    if table.columns() == 1 && target.is_some() {
        return Err(DataError::OneColumn { file: file() });
    }
    if inputs.is_empty() {
        return Err(DataError::ConstantInputs {
            file: file(),
            rows: count,
            columns: constant,
        });
    }
    if !constant.is_empty() {
        notes.push(format!(
            "constant inputs are dropped: {}",
            listed(&constant)
        ));
    }
    let (are, as_before) = match inputs.len() {
        1 => ("is", "as it is"),
        _ => ("are", "as they are"),
    };
    let how = if standardise {
        let rows = counted(count, "row");
        format!("standardised to mean 0 and variance 1 over all {rows}")
    } else {
        format!("left {as_before}")
    };
    notes.push(format!("{} {are} {how}", counted(inputs.len(), "input")));
    Ok(inputs)
}

#[cfg(test)]
mod tests {
    use super::super::csv_from_reader;
    use super::*;

    fn prepared(text: &str, preparation: &Preparation) -> Result<Dataset, DataError> {
        prepare(
            &csv_from_reader("t.csv", text.as_bytes()).unwrap(),
            preparation,
        )
    }

    fn raw() -> Preparation {
        Preparation {
            standardise: false,
            ..Preparation::default()
        }
    }

    #[test]
    fn a_column_is_a_sample() {
        let data = prepared("1,2,0.5\n3,5,1.5\n4,7,2.5\n", &raw()).unwrap();
        assert_eq!(
            data.inputs,
            DMatrix::from_row_slice(2, 3, &[1.0, 3.0, 4.0, 2.0, 5.0, 7.0])
        );
        assert_eq!(
            data.targets,
            DMatrix::from_row_slice(1, 3, &[0.5, 1.5, 2.5])
        );
        assert_eq!(data.rows, [1, 2, 3]);
        assert_eq!(data.name, "t.csv");
        assert_eq!(
            data.notes,
            [
                "there is no header: the first row is data",
                "2 inputs are left as they are",
                "the target `column 3` is a real number, left as it is",
            ]
        );
    }

    #[test]
    fn the_target_may_be_any_column() {
        let target = TargetColumn::Named("b".into());
        let data = prepared("a,b,c\n1,2,3\n4,6,5\n", &Preparation { target, ..raw() }).unwrap();
        assert_eq!(
            data.inputs,
            DMatrix::from_row_slice(2, 2, &[1.0, 4.0, 3.0, 5.0])
        );
        assert_eq!(data.targets, DMatrix::from_row_slice(1, 2, &[2.0, 6.0]));
    }

    #[test]
    fn standardisation_and_labels_are_applied_and_noted() {
        let text = "x,k,z,class\n1,7,1000000,b\n3,7,1000002,a\n1,7,1000002,b\n3,7,1000000,b\n";
        let data = prepared(text, &Preparation::default()).unwrap();
        assert_eq!(
            data.inputs,
            DMatrix::from_row_slice(2, 4, &[-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0])
        );
        assert_eq!(
            data.targets,
            DMatrix::from_row_slice(2, 4, &[0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0])
        );
        assert_eq!(
            data.notes,
            [
                "line 1 is a header: it names the columns",
                "constant inputs are dropped: k",
                "2 inputs are standardised to mean 0 and variance 1 over all 4 rows",
                "the target `class` is a label, a unit vector by the order: a, b",
            ]
        );
    }

    #[test]
    fn real_targets_are_standardised_too() {
        let data = prepared("1,10\n2,30\n", &Preparation::default()).unwrap();
        assert_eq!(
            (data.inputs, data.targets),
            (
                DMatrix::from_row_slice(1, 2, &[-1.0, 1.0]),
                DMatrix::from_row_slice(1, 2, &[-1.0, 1.0])
            )
        );
        assert_eq!(
            data.notes[2],
            "the target `column 2` is a real number, standardised over all 2 rows"
        );
    }

    #[test]
    fn sub_sampling_commutes_with_preparation() {
        for label in ["w", "0.5"] {
            let line = |i: i32| {
                format!(
                    "{i},{},{label}{}
",
                    i * i,
                    i % 3
                )
            };
            let text: String = (0..30).map(line).collect();
            let all = prepared(&text, &Preparation::default()).unwrap();
            for most in [1, 7, 29, 30, 31] {
                let preparation = Preparation {
                    max_samples: Some(most),
                    seed: 5,
                    ..Preparation::default()
                };
                assert_eq!(
                    prepared(&text, &preparation).unwrap(),
                    all.subsample(most, 5).unwrap()
                );
            }
        }
        let none = Preparation {
            max_samples: Some(0),
            ..Preparation::default()
        };
        assert!(matches!(
            prepared("1,2\n3,4\n", &none),
            Err(DataError::NoSamples { .. })
        ));
    }

    #[test]
    fn words_among_the_inputs_are_refused() {
        let error = prepared("x,colour,y\n1,2,3\n4,red,6\n", &raw()).unwrap_err();
        assert!(
            matches!(&error, DataError::NotNumeric { line: 3, column, value, .. }
            if column == "colour" && value == "red")
        );
        assert!(
            error
                .to_string()
                .starts_with("t.csv, line 3, colour: `red` is not a number; encode")
        );
    }

    #[test]
    fn tables_without_an_input_are_refused() {
        assert!(matches!(
            prepared("1\n2\n", &raw()),
            Err(DataError::OneColumn { .. })
        ));
        let error = prepared("a,b,y\n1,2,3\n1,2,4\n", &raw()).unwrap_err();
        assert!(
            matches!(error, DataError::ConstantInputs { rows: 2, columns, .. } if columns == ["a", "b"])
        );
    }

    #[test]
    fn a_single_row_has_constant_inputs() {
        let error = prepared("1,2,3\n", &Preparation::default()).unwrap_err();
        assert!(matches!(error, DataError::ConstantInputs { rows: 1, .. }));
    }

    #[test]
    fn a_constant_target_is_refused() {
        let error = prepared("1,3\n2,3\n", &raw()).unwrap_err();
        assert!(matches!(error, DataError::ConstantTarget { value, .. } if value == "3"));
    }
}
