//! Points: a table whose rows are taken as they are.

use nalgebra::DMatrix;

use super::prepare::inputs;
use super::{DataError, Dataset, Table, TargetColumn};
use crate::text::printable;

/// How a table becomes points.
///
/// # Example
/// ```
/// use polyak::data::{PointOptions, TargetColumn, csv_from_reader, points};
///
/// let table = csv_from_reader("here", "x,y,z\n1,7,0\n2,7,1\n".as_bytes())?;
/// let all = points(&table, &PointOptions::default())?;
/// assert_eq!(all.inputs.as_slice(), [1.0, 7.0, 0.0, 2.0, 7.0, 1.0]);
/// let options = PointOptions::default().with_target(TargetColumn::Named("z".into())).with_standardise(true);
/// assert_eq!(points(&table, &options)?.inputs.as_slice(), [-1.0, 1.0]); // y is constant
/// # Ok::<(), polyak::data::DataError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PointOptions {
    /// The column that is no coordinate, if there is one; else the label of a source that has one.
    pub target: Option<TargetColumn>,
    /// Whether constant columns are dropped and the others brought to mean 0 and variance 1.
    pub standardise: bool,
}

impl PointOptions {
    setters! {
        with_target, target: impl Into<Option<TargetColumn>>;
        with_standardise, standardise: bool;
    }
}

/// Takes the rows of a table as points: every column a coordinate, bit for bit, unless more is asked for. The
/// data set has no target (0 × N), and its notes say what was done.
///
/// # Errors
/// The target is absent, a coordinate is a word, or no column is left. See [`DataError`].
pub fn points(table: &Table, options: &PointOptions) -> Result<Dataset, DataError> {
    let count = table.rows().len();
    let target = match &options.target {
        Some(target) => Some(target.resolve(table)?),
        None => table.label(),
    };
    let mut notes = table.notes().to_vec();
    if let Some(target) = target {
        let name = table.column_name(target);
        notes.push(format!("`{}` is left out, as the target", printable(&name)));
    }
    let columns = match (options.standardise, target) {
        (true, _) => inputs(table, target, true, &mut notes)?,
        (false, Some(_)) if table.columns() == 1 => {
            return Err(DataError::OneColumn {
                file: table.source().to_owned(),
            });
        }
        (false, _) => {
            let kept = (0..table.columns()).filter(|&column| Some(column) != target);
            let values = |column| {
                (0..count)
                    .map(|row| table.number(row, column, target.is_none()))
                    .collect()
            };
            let columns = kept.map(values).collect::<Result<Vec<Vec<f64>>, _>>()?;
            notes.push(match columns.len() {
                1 => "the only column is the coordinate, as it is".to_owned(),
                many => format!("all {many} columns are coordinates, as they are"),
            });
            columns
        }
    };
    Ok(Dataset {
        name: table.source().to_owned(),
        inputs: DMatrix::from_fn(columns.len(), count, |i, j| columns[i][j]),
        targets: DMatrix::zeros(0, count),
        rows: (1..=count).collect(),
        notes,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{csv_from_reader, standardise::standardised};
    use super::*;

    fn made(text: &str, target: Option<&str>, standardise: bool) -> Result<Dataset, DataError> {
        let table = csv_from_reader("t.csv", text.as_bytes()).unwrap();
        let target = target.map(|name| name.parse().unwrap());
        points(
            &table,
            &PointOptions {
                target,
                standardise,
            },
        )
    }

    #[test]
    fn nothing_is_changed_or_dropped_unasked() {
        let data = made("1,7,0.5\n3,7,1.5\n1,7,0.5\n", None, false).unwrap();
        let expected =
            DMatrix::from_row_slice(3, 3, &[1.0, 3.0, 1.0, 7.0, 7.0, 7.0, 0.5, 1.5, 0.5]);
        assert_eq!(data.inputs, expected);
        assert_eq!(
            (data.targets.shape(), data.duplicate_pair()),
            ((0, 3), Some((1, 3)))
        );
        assert_eq!(
            data.notes,
            [
                "there is no header: the first row is data",
                "all 3 columns are coordinates, as they are"
            ]
        );
        assert_eq!(made("1\n2\n", None, false).unwrap().inputs.shape(), (1, 2));
    }

    #[test]
    fn a_target_is_left_out_and_the_rest_standardised_on_request() {
        let text = "x,k,y\n1,7,a\n2,7,b\n4,7,a\n";
        let data = made(text, Some("y"), false).unwrap();
        assert_eq!(
            data.inputs,
            DMatrix::from_row_slice(2, 3, &[1.0, 2.0, 4.0, 7.0, 7.0, 7.0])
        );
        let data = made(text, Some("LAST"), true).unwrap();
        assert_eq!(data.inputs.as_slice(), standardised(&[1.0, 2.0, 4.0]));
        assert_eq!(
            data.notes,
            [
                "line 1 is a header: it names the columns",
                "`y` is left out, as the target",
                "constant inputs are dropped: k",
                "1 input is standardised to mean 0 and variance 1 over all 3 rows"
            ]
        );
        let data = made("1,2\n3,5\n", None, true).unwrap();
        assert_eq!(data.inputs.shape(), (2, 2));
    }

    #[test]
    fn what_leaves_no_point_is_refused() {
        assert!(matches!(
            made("1,a\n2,b\n", None, false),
            Err(DataError::NotNumeric { .. })
        ));
        assert!(matches!(
            made("1,2\n", Some("z"), false),
            Err(DataError::UnknownColumn { .. })
        ));
        for standardise in [true, false] {
            let only = made("1\n2\n", Some("1"), standardise);
            assert!(matches!(only, Err(DataError::OneColumn { .. })), "{only:?}");
        }
        assert!(matches!(
            made("1,2\n", None, true),
            Err(DataError::ConstantInputs { .. })
        ));
    }
}
