//! A recipe as a document has it: with its proved numbers as intervals beside, whose ends are f64 numbers rounded outwards,
//! and exact.

use super::{MeanFieldOptions, MeanFieldRecipe};
use crate::arithmetic::Ball;
use crate::bounds::Convergence;
use crate::spectrum::certificate::hexadecimal;

/// The version of the schema.
const SCHEMA: u32 = 1;

fn schema() -> u32 {
    SCHEMA
}

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Written {
    #[serde(default = "schema")]
    schema: u32,
    options: MeanFieldOptions,
    samples: usize,
    a_priori_width: Option<u64>,
    gram: Ball,
    scale: f64,
    initial_risk: Ball,
    allowed_risk: Ball,
    constants: Convergence,
    #[serde(skip_deserializing)]
    enclosures: Enclosures,
}

#[derive(Default, serde::Serialize)]
struct Enclosures {
    gram: [f64; 2],
    gram_exact: [String; 2],
    initial_risk: [f64; 2],
    initial_risk_exact: [String; 2],
    allowed_risk: [f64; 2],
    allowed_risk_exact: [String; 2],
    pl_constant: [f64; 2],
    pl_constant_exact: [String; 2],
    smoothness: [f64; 2],
    smoothness_exact: [String; 2],
    rate: [f64; 2],
    rate_exact: [String; 2],
}

impl From<MeanFieldRecipe> for Written {
    fn from(recipe: MeanFieldRecipe) -> Self {
        let ends = |ball: Ball| [ball.lower(), ball.upper()];
        let exact = |ball: Ball| ends(ball).map(hexadecimal);
        let rate = recipe.guaranteed_rate();
        let MeanFieldRecipe {
            options,
            samples,
            a_priori_width,
            gram,
            scale,
            initial_risk,
            allowed_risk,
            constants,
        } = recipe;
        Self {
            schema: SCHEMA,
            options,
            samples,
            a_priori_width,
            gram,
            scale,
            initial_risk,
            allowed_risk,
            constants,
            enclosures: Enclosures {
                gram: ends(gram),
                gram_exact: exact(gram),
                initial_risk: ends(initial_risk),
                initial_risk_exact: exact(initial_risk),
                allowed_risk: ends(allowed_risk),
                allowed_risk_exact: exact(allowed_risk),
                pl_constant: ends(constants.pl_constant),
                pl_constant_exact: exact(constants.pl_constant),
                smoothness: ends(constants.smoothness),
                smoothness_exact: exact(constants.smoothness),
                rate: ends(rate),
                rate_exact: exact(rate),
            },
        }
    }
}

impl From<Written> for MeanFieldRecipe {
    fn from(written: Written) -> Self {
        let Written {
            options,
            samples,
            a_priori_width,
            gram,
            scale,
            initial_risk,
            allowed_risk,
            constants,
            ..
        } = written;
        Self {
            options,
            samples,
            a_priori_width,
            gram,
            scale,
            initial_risk,
            allowed_risk,
            constants,
        }
    }
}
