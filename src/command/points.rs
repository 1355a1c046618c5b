//! Points of a file, read in one way by every command, and words on what was done to data.

use super::failure::Failure;
use super::output::layout;
use crate::data::{Dataset, PointOptions, Table, points, read_table_with};
use std::path::Path;

/// A smaller table may be symmetric by chance.
const SYMMETRIC: usize = 3;

/// The share of the largest entry up to which a hint takes two entries for one that was rounded twice, in single precision or in
/// decimal.
const ROUNDED: f64 = 1e-6;

/// Reads the rows of a file as points, unchanged unless more is asked for.
pub fn read_points(
    file: &Path,
    array: Option<&str>,
    target: Option<&str>,
    standardise: bool,
) -> Result<Dataset, Failure> {
    let options = PointOptions {
        target: target.map(|name| name.parse().unwrap_or_else(|never| match never {})),
        standardise,
    };
    let table = read_table_with(file, array)?;
    let mut data = points(&table, &options)?;
    data.notes.extend(hint(&table));
    Ok(data)
}

/// What a table of samples looks like that is a matrix.
pub fn hint(table: &Table) -> Option<String> {
    let order = table.columns();
    if order < SYMMETRIC || table.rows().len() != order {
        return None;
    }
    let entries = table.to_matrix().ok()?;
    let first = entries[(0, 0)];
    let largest = entries.amax();
    let near = |x: f64, y: f64| (x - y).abs() <= ROUNDED * largest;
    let mirrored = |same: &dyn Fn(f64, f64) -> bool| {
        (0..order).all(|j| (0..j).all(|i| same(entries[(i, j)], entries[(j, i)])))
    };
    if !mirrored(&near) || !(0..order).all(|i| near(entries[(i, i)], first)) {
        return None;
    }
    let (but, save) = match mirrored(&|x, y| x == y) {
        true => ("", ""),
        false => (", but for rounding,", "save (x + x.T)/2, "),
    };
    Some(if first == 0.0 && largest > 0.0 {
        format!(
            "every row is taken as a point, but the table is symmetric{but} with zeros all along its diagonal: it looks \
             like a matrix of distances, which is no input of this command; give the points themselves"
        )
    } else {
        format!(
            "every row is taken as a point, but the table is symmetric{but} with {first} all along its diagonal: it looks \
             like a kernel matrix; if it is one, {save}leave out --kernel and give it to `polyak eig`"
        )
    })
}

/// Names two equal points.
pub fn equal_rows(data: &Dataset) -> Option<String> {
    let (one, other) = data.duplicate_pair()?;
    Some(format!(
        "rows {one} and {other} of {} are equal: every kernel matrix of them is singular",
        data.name
    ))
}

/// Notes in lines of their own, as in reports.
pub fn noted(notes: &[String]) -> String {
    let layout = layout();
    let line = |note: &String| layout.wrapped(note, "· ", "  ");
    notes.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DMatrix;

    fn of(rows: usize, entries: &[f64]) -> Table {
        let matrix = DMatrix::from_row_slice(rows, entries.len() / rows, entries);
        Table::from_matrix("here", &matrix).unwrap()
    }

    #[test]
    fn matrices_are_recognised() {
        let kernel = of(3, &[1.0, 0.5, 0.2, 0.5, 1.0, 0.1, 0.2, 0.1, 1.0]);
        assert!(
            hint(&kernel)
                .unwrap()
                .contains("with 1 all along its diagonal")
        );
        let distances = of(3, &[0.0, 0.5, 0.2, 0.5, 0.0, 0.1, 0.2, 0.1, 0.0]);
        assert!(hint(&distances).unwrap().contains("matrix of distances"));
        let rounded = of(
            3,
            &[1.0, 0.5 + 1e-9, 0.2, 0.5, 1.0 - 6e-8, 0.1, 0.2, 0.1, 1.0],
        );
        let said = hint(&rounded).unwrap();
        assert!(
            said.contains("symmetric, but for rounding, with 1 all along"),
            "{said}"
        );
        assert!(
            said.contains("save (x + x.T)/2, leave out --kernel"),
            "{said}"
        );
        assert!(!hint(&kernel).unwrap().contains("rounding"));
        for points in [
            of(3, &[1.0, 0.5, 0.2, 0.5 + 1e-5, 1.0, 0.1, 0.2, 0.1, 1.0]),
            of(3, &[1.0, 0.5, 0.2, 0.5, 2.0, 0.1, 0.2, 0.1, 1.0]),
            of(3, &[1.0, 0.5, 0.2, 0.4, 1.0, 0.1, 0.2, 0.1, 1.0]),
            of(2, &[1.0, 0.5, 0.5, 1.0]),
            of(3, &[1.0; 12]),
        ] {
            assert_eq!(hint(&points), None, "{points:?}");
        }
    }

    #[test]
    fn equal_rows_are_named() {
        let named = |entries: &[f64]| {
            let table = of(entries.len(), entries);
            equal_rows(&points(&table, &PointOptions::default()).unwrap())
        };
        assert!(
            named(&[3.0, 1.0, 2.0, 1.0])
                .unwrap()
                .starts_with("rows 2 and 4 of here")
        );
        assert_eq!(named(&[3.0, 1.0]), None);
        assert_eq!(noted(&["one".into(), "two".into()]), "· one\n· two\n");
    }
}
