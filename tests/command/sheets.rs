//! The pages of `--report` of the subcommands that answer one question.

use crate::arrays::npy;
use crate::harness::{Folder, ended, polyak, refused, stdout};
use std::fs;

/// Arguments that end with status 0 or 3, with what the page has for a title and for a figure.
pub struct Asked {
    /// A name for its page.
    pub name: &'static str,
    arguments: Vec<String>,
    status: i32,
    title: &'static str,
    figure: &'static str,
}

/// A question to every such subcommand; that to `train` needs the recipe of that to `recipe` before it.
pub fn asked(folder: &Folder) -> Vec<Asked> {
    let line: String = (0..16)
        .map(|i| format!("{}\n", f64::from(i) / 7.5))
        .collect();
    let line = folder.file("line.csv", &line);
    let twice = folder.file("twice.csv", "0\n1\n1\n");
    let plane = folder.file("plane.csv", "2,1\n1,5\n3,3\n");
    let other = folder.file("other.csv", "0,1\n1,0\n");
    let entries: Vec<f64> = (0..24).map(|i| f64::from(i % 7) / 3.0).collect();
    let moved: Vec<f64> = entries.iter().map(|x| x * 1.5).collect();
    let [first, second] = [("a.npy", entries), ("b.npy", moved)].map(|(name, entries)| {
        let path = folder.path(name);
        fs::write(&path, npy("(2, 3, 4)", &entries)).unwrap();
        path
    });
    let recipe = folder.path("recipe.json");
    let example = |name: &str| format!("{}/examples/check/{name}", env!("CARGO_MANIFEST_DIR"));
    let (network, data) = (example("network.npz"), example("data.npz"));
    let of = |name, arguments: &[&str], status, title, figure| Asked {
        name,
        arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
        status,
        title,
        figure,
    };
    vec![
        of(
            "eig",
            &[
                "eig",
                &line,
                "--kernel",
                "gaussian:1",
                "--certify",
                "--condition",
                "--within",
                "1e-30",
                "--jitter",
            ],
            0,
            "The smallest eigenvalue is in [",
            "The spectrum",
        ),
        of(
            "eig-estimated",
            &["eig", &line, "--kernel", "gaussian:1"],
            3,
            "The smallest eigenvalue is about ",
            "The spectrum",
        ),
        of(
            "width",
            &[
                "width",
                "--max-samples",
                "20",
                "--failure",
                "0.01",
                "--models",
                "20",
                "--empirical",
            ],
            0,
            " are enough",
            "The smallest eigenvalue of models",
        ),
        of(
            "width-none",
            &["width", "--data", &twice],
            3,
            "No bound gives a width",
            "",
        ),
        of(
            "distance",
            &["distance", &first, &second],
            0,
            "The networks are ",
            "Where the networks differ",
        ),
        of(
            "transport",
            &["transport", &plane, &other],
            0,
            "The clouds are ",
            "The clouds",
        ),
        of(
            "transport-line",
            &["transport", &line, &twice, "--order", "1"],
            0,
            "The clouds are ",
            "The clouds",
        ),
        of(
            "recipe",
            &[
                "recipe",
                "--realised",
                "--max-samples",
                "30",
                "--frequencies",
                "120",
                "--json",
                &recipe,
            ],
            0,
            "The loss falls to 0.001 of its start in ",
            "The promise",
        ),
        of(
            "recipe-particles",
            &[
                "recipe",
                "--model",
                "meanfield",
                "--max-samples",
                "5",
                "--width",
                "40",
                "--depth",
                "2",
            ],
            0,
            "The risk falls to a thousandth in ",
            "The promise",
        ),
        of(
            "train",
            &["train", "--recipe", &recipe],
            0,
            "The promise is kept: ",
            "The loss against its envelope",
        ),
        of(
            "train-stopped",
            &["train", "--recipe", &recipe, "--steps", "2"],
            3,
            "The promise is kept so far, for 2 steps of ",
            "The loss against its envelope",
        ),
        of(
            "train-from",
            &[
                "train", "--from", &network, "--data", &data, "--scale", "1/D", "--at", "8",
            ],
            0,
            "The promise is kept: ",
            "The loss against its envelope",
        ),
        of(
            "train-refused",
            &[
                "train", "--from", &network, "--data", &data, "--scale", "1/D", "--at", "7",
            ],
            3,
            "Zero loss is not certain",
            "",
        ),
        of(
            "check",
            &["check", &network, "--data", &data, "--scale", "1/D"],
            0,
            "Zero loss is certain from checkpoint 8 of 20 on",
            "The PL inequality along the checkpoints",
        ),
        of(
            "check-other",
            &[
                "check",
                &network,
                "--data",
                &data,
                "--scale",
                "2/D",
                "--max-order",
                "0",
            ],
            3,
            "A file states another loss than its network has",
            "The PL inequality along the checkpoints",
        ),
    ]
}

/// Writes the page of a question; returns its file.
pub fn written(folder: &Folder, asked: &Asked) -> String {
    let file = folder.path(&format!("{}.html", asked.name));
    let mut arguments: Vec<&str> = asked.arguments.iter().map(|word| &**word).collect();
    arguments.extend(["--report", &file]);
    let output = polyak(&arguments);
    ended(&output, asked.status);
    assert!(
        stdout(&output).contains("What that means: "),
        "{}",
        stdout(&output)
    );
    file
}

#[test]
fn every_answer_has_a_page_with_its_figure() {
    let folder = Folder::new();
    for asked in asked(&folder) {
        let page = fs::read_to_string(written(&folder, &asked)).unwrap();
        let Asked {
            name,
            title,
            figure,
            ..
        } = asked;
        let (_, after) = page.split_once("<h1 class=\"").expect("a title");
        let heading = after.split("</h1>").next().unwrap();
        assert!(heading.contains(title), "{name}: {heading}");
        let class = heading.split('"').next().unwrap();
        assert_eq!(class == "holds", asked.status == 0, "{name}: {heading}");
        match figure {
            "" => assert!(!page.contains("<svg"), "{name}"),
            _ => assert!(page.contains(&format!("Figure: {figure}")), "{name}"),
        }
        assert_eq!(
            page.matches("<svg ").count(),
            page.matches("<svg role=\"img\" aria-label=\"").count(),
            "{name}"
        );
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        for part in [
            "<script",
            "<link",
            "<img",
            " src=",
            " href=\"http",
            "url(h",
            "NaN",
            "@import",
        ] {
            assert!(!page.contains(part), "{name}: {part}");
        }
        for part in [
            "What that means",
            "What to do next",
            "How it was run",
            "instruction set",
        ] {
            assert!(page.contains(part), "{name}: {part}");
        }
        assert!(page.len() < 200_000, "{name}: {}", page.len());
    }
}

#[test]
fn a_page_has_a_file_of_its_own() {
    let folder = Folder::new();
    let line = folder.file("line.csv", "0\n1\n2\n");
    let page = folder.path("out");
    let of = |more: &[&str]| polyak(&[&["eig", &line, "--kernel", "gaussian:1"], more].concat());
    refused(&of(&["--report", "-"]), &["--report", "needs a file"]);
    refused(&of(&["--report", &line]), &["line.csv", "overwrite"]);
    refused(&of(&["--report", &page, "--json", &page]), &["out"]);
    refused(&of(&["--report", &folder.path("no/where.html")]), &["no"]);
    assert_eq!(folder.names().len(), 1);
    refused(
        &of(&["--report", &page, "--factor", "folder"]),
        &["--factor", "cannot be used"],
    );
    // JSON on the standard output stays alone there.
    let output = of(&["--report", &page, "--json", "-", "--certify"]);
    ended(&output, 0);
    assert!(stdout(&output).starts_with('{') && fs::exists(&page).unwrap());
}
