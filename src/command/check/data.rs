//! The data that a network was trained on, as it saw them.

use super::super::arguments::{LARGEST_SAMPLE, Sight};
use super::super::failure::Failure;
use super::super::input;
use crate::data::{
    DataError, Dataset, NamedArray, PointOptions, Preparation, Table, TargetColumn, points,
    prepare, read_arrays, read_table_with,
};
use nalgebra::DMatrix;

/// The arrays of inputs and targets of an archive.
const ARRAYS: [&str; 2] = ["inputs", "targets"];

/// Reads the data: two arrays of an archive, or the rows of a table as they are, unless they are to be standardised.
pub fn load(options: &Sight, outputs: usize) -> Result<Dataset, Failure> {
    let file = options.data();
    let array = options.array.array.as_deref();
    let asked = array.is_some() || options.target.is_some() || options.standardise;
    let named = file
        .extension()
        .is_some_and(|end| end == "npz" || end == "safetensors");
    let data = match (named && !asked).then(|| read_arrays(file)).transpose()? {
        Some(arrays)
            if ARRAYS
                .iter()
                .all(|name| arrays.iter().any(|a| a.name == *name)) =>
        {
            of_arrays(&input::named(file), &arrays)?
        }
        _ => of_table(options, &read_table_with(file, array)?, outputs)?,
    };
    if data.samples() as i64 > LARGEST_SAMPLE {
        return Err(Failure::TooManySamples {
            samples: data.samples(),
            file: data.name,
            most: LARGEST_SAMPLE,
        });
    }
    Ok(data)
}

/// Inputs and targets, a sample a row.
fn of_arrays(file: &str, arrays: &[NamedArray]) -> Result<Dataset, Failure> {
    let matrix = |name: &str| -> Result<DMatrix<f64>, Failure> {
        let found = arrays.iter().find(|array| array.name == name);
        let found = found.expect("both arrays are there");
        match found.shape[..] {
            [rows, columns] => {
                Ok(DMatrix::from_row_slice(rows, columns, &found.entries).transpose())
            }
            _ => Err(Failure::DataArray {
                file: file.to_owned(),
                array: found.name.clone(),
            }),
        }
    };
    let [inputs, targets] = ARRAYS.map(matrix);
    let (inputs, targets) = (inputs?, targets?);
    if inputs.ncols() != targets.ncols() {
        return Err(Failure::DataRows {
            file: file.to_owned(),
            inputs: inputs.ncols(),
            targets: targets.ncols(),
        });
    }
    Ok(Dataset {
        name: file.to_owned(),
        rows: (1..=inputs.ncols()).collect(),
        inputs,
        targets,
        notes: vec!["the arrays `inputs` and `targets`, a sample a row, as they are".to_owned()],
    })
}

/// The columns of a table; labels become unit vectors where the network has an output for each.
fn of_table(options: &Sight, table: &Table, outputs: usize) -> Result<Dataset, DataError> {
    let target: TargetColumn = options
        .target
        .as_deref()
        .unwrap_or("LAST")
        .parse()
        .unwrap_or_default();
    let preparation = Preparation::default()
        .with_target(target.clone())
        .with_standardise(options.standardise);
    let prepared = prepare(table, &preparation);
    if options.standardise {
        return prepared;
    }
    // Constant columns stay: the network has weights for them.
    let kept = PointOptions::default().with_target(target.clone());
    let mut data = points(table, &kept)?;
    let column = target.resolve(table)?;
    let numbers = if outputs == 1 {
        table.to_matrix().ok()
    } else {
        None
    };
    match numbers {
        Some(numbers) => {
            data.targets = numbers.columns(column, 1).transpose();
            let name = table.column_name(column);
            data.notes
                .push(format!("the target `{name}` is a number, as it is"));
        }
        None => {
            let prepared = prepared?;
            data.targets = prepared.targets;
            data.notes.extend(
                prepared
                    .notes
                    .into_iter()
                    .filter(|note| note.starts_with("the target")),
            );
        }
    }
    Ok(data)
}
