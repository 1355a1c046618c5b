//! Makes the file of a new theorem, its proof page, and the lines that name them:
//!
//! ```text
//! cargo run --example new_theorem -- P2.floor pl "how little states contract in equal layers"
//! ```
//!
//! What it writes compiles, is undecided on everything, and is therefore red until it is filled in.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The objects that a theorem of this crate can be about, with the random instances of each.
const SUBJECTS: [(&str, &str, &str); 4] = [
    ("points", "PointsInstance", "POINT_SETS"),
    ("residual", "ResidualInstance", "GENERAL"),
    ("functional", "FunctionalInstance", "FUNCTIONAL"),
    ("mean-field", "MeanFieldInstance", "MEAN_FIELD"),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (id, group, title, subject) = match arguments[..] {
        [id, group, title] => (id, group, title, "residual"),
        [id, group, title, subject] => (id, group, title, subject),
        _ => {
            eprintln!(
                "usage: cargo run --example new_theorem -- ID GROUP TITLE [points|residual|functional|mean-field]\n\
                 for example: P2.floor pl \"how little states contract in equal layers\"\n\
                 groups: {}",
                groups().unwrap_or_default().join(", ")
            );
            return ExitCode::from(2);
        }
    };
    match make(id, group, title, subject) {
        Ok(files) => {
            for file in files {
                println!("{}", file.display());
            }
            println!("fill in the first two; then `polyak baseline write margins.json`");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// The folder of the package.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folders of theorems.
fn groups() -> Result<Vec<String>, Box<dyn Error>> {
    let mut groups = Vec::new();
    for entry in fs::read_dir(root().join("src/claims/theorems"))? {
        let entry = entry?;
        if entry.path().is_dir() {
            groups.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    groups.sort();
    Ok(groups)
}

/// Writes everything, or nothing.
fn make(id: &str, group: &str, title: &str, subject: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    if polyak::claims::find(id).is_ok() {
        return Err(format!("there is a claim called {id}").into());
    }
    let proper = id
        .split_once('.')
        .is_some_and(|(number, name)| number.len() >= 2 && !name.is_empty() && id.is_ascii());
    if !proper {
        return Err(format!("{id} is not a number, a dot and a name, as P2.floor").into());
    }
    if !groups()?.iter().any(|known| known == group) {
        return Err(format!("{group} is none of {}", groups()?.join(", ")).into());
    }
    let known = SUBJECTS.iter().find(|(name, ..)| *name == subject);
    let (_, object, draws) = known.ok_or_else(|| format!("{subject} is no subject"))?;
    let snake = polyak::theorem::snake(id);
    let page = id.to_lowercase().replace('.', "-") + ".md";

    let folder = root().join("src/claims/theorems").join(group);
    let module = fs::read_to_string(folder.join("mod.rs"))?;
    let family = family_of(&folder)?.unwrap_or_else(|| group.to_owned());
    let code = theorem(id, title, &family, &page, object, draws);
    let files = [
        (folder.join(format!("{snake}.rs")), code),
        (root().join("proofs").join(&page), proof(id, title, &snake)),
        (folder.join("mod.rs"), listed(&module, &snake)?),
        (root().join("proofs/README.md"), indexed(id, &page, &snake)?),
        (root().join("README.md"), counted(&family)?),
    ];
    for (path, text) in &files {
        fs::write(path, text)?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// The family of the theorems of a folder.
fn family_of(folder: &Path) -> Result<Option<String>, Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let text = fs::read_to_string(entry?.path())?;
        if let Some((_, rest)) = text.split_once("    family: \"") {
            return Ok(rest.split('"').next().map(str::to_owned));
        }
    }
    Ok(None)
}

fn theorem(id: &str, title: &str, family: &str, page: &str, object: &str, draws: &str) -> String {
    format!(
        r#"//! {id}: {title}.

use crate::claims::{{{object}, draws}};
use crate::evidence::{{Finding, Kind}};
use crate::theorem::{{About, Theorem}};

const ABOUT: About = About {{
    family: "{family}",
    statement: "{title}",
    source: "Paper A or B, and the result",
    tolerance: "where every radius comes from",
    page: "{page}",
    slack: Some(1e-6),
    ..About::new("{id}", Kind::Rounded)
}};

pub(super) fn theorem() -> Theorem<{object}> {{
    Theorem::new(ABOUT, check, sharp, draws::{draws})
}}

/// Compares what the theorem compares.
fn check(_: &{object}) -> Finding {{
    Finding::Undecided("the check is not written yet".to_owned())
}}

/// Instances on which the bound is attained.
fn sharp() -> Vec<{object}> {{
    Vec::new()
}}
"#
    )
}

fn proof(id: &str, title: &str, snake: &str) -> String {
    let mut text =
        format!("# {id}: {title}\n\nThe notation is that of [the index](README.md#notation).\n");
    for section in [
        "Statement",
        "Hypotheses",
        "Constants",
        "Proof",
        "Tolerance",
        "Control",
    ] {
        text += &format!("\n## {section}\n\n");
    }
    text + &format!("\n## Tests\n`tests/claims.rs`: `{snake}_holds`, `{snake}_control`.\n")
}

/// The lines `mod` and of the order, the latter behind the last theorem of the same number, or at the end.
fn listed(module: &str, snake: &str) -> Result<String, Box<dyn Error>> {
    let number = snake.split('_').next().unwrap_or(snake);
    let mut lines: Vec<String> = module.lines().map(str::to_owned).collect();
    let declared = format!("mod {snake};");
    let at = lines
        .iter()
        .position(|line| line.starts_with("mod ") && *line > declared)
        .or_else(|| {
            lines
                .iter()
                .rposition(|line| line.starts_with("mod "))
                .map(|at| at + 1)
        })
        .ok_or("the folder declares no theorem")?;
    lines.insert(at, declared);
    let same = format!("        Arc::new({number}_");
    let last = lines
        .iter()
        .rposition(|line| line.starts_with(&same))
        .or_else(|| {
            lines
                .iter()
                .rposition(|line| line.starts_with("        Arc::new("))
        })
        .ok_or("the folder has no order")?;
    lines.insert(last + 1, format!("        Arc::new({snake}::theorem()),"));
    Ok(lines.join("\n") + "\n")
}

/// The line of the index, behind the last claim of the same number, or of the same letter.
fn indexed(id: &str, page: &str, snake: &str) -> Result<String, Box<dyn Error>> {
    let index = fs::read_to_string(root().join("proofs/README.md"))?;
    let mut lines: Vec<String> = index.lines().map(str::to_owned).collect();
    let number = id.split('.').next().unwrap_or(id);
    let behind = |start: String| lines.iter().rposition(|line| line.starts_with(&start));
    let at = behind(format!("| {number}."))
        .or_else(|| behind(format!("| {}", &id[..1])))
        .ok_or("the index has no claim of this letter")?;
    let line =
        format!("| {id} | [{page}]({page}) | its file | — | `tests/claims.rs`: `{snake}_*` |");
    lines.insert(at + 1, line);
    Ok(lines.join("\n") + "\n")
}

/// The README with one more claim of the family.
fn counted(family: &str) -> Result<String, Box<dyn Error>> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let claims = polyak::claims::registry();
    let count = claims
        .iter()
        .filter(|claim| claim.family() == family)
        .count();
    let cell = |count: usize| format!("| `{family}` | {count} |");
    let total = |count: usize| format!("There are {count} claims.");
    if !readme.contains(&cell(count)) || !readme.contains(&total(claims.len())) {
        return Err("README.md does not say how many claims there are of the family".into());
    }
    let readme = readme.replace(&cell(count), &cell(count + 1));
    Ok(readme.replace(&total(claims.len()), &total(claims.len() + 1)))
}
