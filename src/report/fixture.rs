//! A real report for the tests of this room.

use super::{DataEntry, Report, Run};
use crate::campaign::{Campaign, Effort};
use crate::claims::find;
use std::sync::OnceLock;

/// The run of [`report`].
pub(super) fn run() -> Run {
    Run {
        seed: 5,
        effort: Effort::Quick,
        shard: None,
        selection: vec!["K4".into(), "P3.local".into()],
        data: DataEntry {
            file: None,
            array: None,
            target: None,
            samples: 200,
            inputs: 64,
            targets: 10,
            max_samples: 200,
            kernel: "gaussian:auto".into(),
            resolved_kernel: "gaussian:3.0".into(),
        },
        data_notes: vec!["200 of 1797 samples are kept".into()],
    }
}

/// Two claims that hold, with a data stage.
pub(super) fn report() -> Report {
    static REPORT: OnceLock<Report> = OnceLock::new();
    let build = || {
        let claims = ["K4.lipschitz", "P3.local"].map(|id| {
            let claim = find(id).unwrap();
            let data = [("a sharp one".to_owned(), claim.sharp().remove(0))];
            Campaign { seed: 5, cases: 64 }.run(claim, &data, &|| ())
        });
        Report::new(run(), &claims)
    };
    REPORT.get_or_init(build).clone()
}
