//! Pages in a real browser: no line is wider than a phone, nothing is said on the console, nothing is loaded, and they print. Where
//! axe-core is there, it finds no fault of accessibility, light or dark.
//!
//! Without a browser the tests say so and pass. `POLYAK_BROWSER` names one; Debian's package is `chromium`. `POLYAK_AXE` names the file
//! `axe.min.js` of the npm package axe-core; `npm install --prefix target/axe axe-core` puts it where it is looked for.

use crate::harness::{Folder, ended, polyak};
use crate::sheets;
use serde_json::Value;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A browser that runs without a window.
fn browser() -> Option<String> {
    let named = env::var("POLYAK_BROWSER").ok();
    let known = ["chromium", "chromium-browser", "google-chrome"].map(str::to_owned);
    let starts = |name: &String| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|version| version.status.success())
    };
    named.into_iter().chain(known).find(starts)
}

fn run(browser: &str, folder: &Folder, more: &[&str]) -> Output {
    let profile = format!("--user-data-dir={}", folder.path("profile"));
    let mut command = Command::new(browser);
    // Nobody but this test chooses what is opened, and it may run as root.
    command.args([
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        "--allow-file-access-from-files",
    ]);
    command.arg(profile).args(more).output().unwrap()
}

/// The source of axe-core, if it is there.
fn axe() -> Option<String> {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let installed = built.join("axe/node_modules/axe-core/axe.min.js");
    let file = env::var_os("POLYAK_AXE").map_or(installed, Into::into);
    fs::read_to_string(file).ok()
}

/// Opens every page in frames as wide as a phone and a desk, folded and unfolded, and writes down how wide it became and what axe-core
/// finds.
const FRAMES: &str = r#"<!DOCTYPE html><body><pre id="found"></pre><script>
const axe = AXE, pages = PAGES, found = [];
const look = (name, width) => new Promise((done) => {
  const frame = document.createElement("iframe");
  frame.style.width = width + "px";
  frame.style.height = "800px";
  frame.style.border = 0;
  frame.onload = async () => {
    const page = frame.contentDocument, root = page.documentElement, inside = frame.contentWindow;
    const dark = inside.matchMedia("(prefers-color-scheme: dark)").matches;
    const measure = (folded) => found.push({ name, width, dark, folded, room: root.clientWidth, wide: root.scrollWidth,
      requests: inside.performance.getEntriesByType("resource").length, faults: [] });
    measure(true);
    page.querySelectorAll("details").forEach((details) => { details.open = true; });
    measure(false);
    if (axe) {
      const script = page.createElement("script");
      script.textContent = axe;
      page.head.append(script);
      const seen = await inside.axe.run(page);
      const places = (fault) => fault.nodes.map((node) => node.target.join(" ")).slice(0, 3);
      found[found.length - 1].faults = seen.violations.map((fault) => [fault.id, ...places(fault)]);
    }
    frame.remove();
    done();
  };
  frame.src = name;
  document.body.append(frame);
});
(async () => {
  for (const name of pages) for (const width of [390, 1280]) await look(name, width);
  document.getElementById("found").textContent = JSON.stringify(found);
})();
</script>"#;

/// Opens the pages, light or dark, and asserts what a reader relies on.
fn open(browser: &str, folder: &Folder, pages: &[&str], dark: bool) {
    // No tag ends within the script.
    let source = serde_json::to_string(&axe()).unwrap().replace("</", "<\\/");
    let list = serde_json::to_string(pages).unwrap();
    let frames = FRAMES
        .replacen("AXE", &source, 1)
        .replacen("PAGES", &list, 1);
    let frames = folder.file("frames.html", &frames);
    let scheme = format!("--blink-settings=preferredColorScheme={}", u8::from(!dark));
    let budget = "--virtual-time-budget=120000";
    let seen = run(
        browser,
        folder,
        &[&scheme, budget, "--dump-dom", &format!("file://{frames}")],
    );
    let said = String::from_utf8_lossy(&seen.stderr);
    assert!(!said.contains("CONSOLE"), "{said}");
    let page = String::from_utf8_lossy(&seen.stdout);
    let (_, after) = page.split_once("<pre id=\"found\">").expect("the list");
    let found: Vec<Value> =
        serde_json::from_str(after.split_once("</pre>").expect("its end").0).expect("a list");
    assert_eq!(found.len(), 4 * pages.len(), "{found:?}");
    for measured in &found {
        assert_eq!(measured["dark"], dark, "{measured}");
        assert_eq!(measured["wide"], measured["room"], "{measured}");
        assert_eq!(measured["requests"], 0, "{measured}");
        assert_eq!(measured["faults"], Value::Array(Vec::new()), "{measured}");
    }
}

/// Prints a page to PDF and asserts that something is on it.
fn prints(browser: &str, folder: &Folder, page: &str, least: usize) {
    let paper = folder.path("out.pdf");
    let to = format!("--print-to-pdf={paper}");
    run(
        browser,
        folder,
        &["--no-pdf-header-footer", &to, &format!("file://{page}")],
    );
    let bytes = fs::read(&paper).expect("a printed page");
    assert!(
        bytes.starts_with(b"%PDF") && bytes.len() > least,
        "{page}: {}",
        bytes.len()
    );
    fs::remove_file(paper).unwrap();
}

/// The browser, or a word that there is none.
fn found() -> Option<String> {
    if axe().is_none() {
        eprintln!(
            "skipped in part: there is no axe-core; npm install --prefix target/axe axe-core"
        );
    }
    let found = browser();
    if found.is_none() {
        eprintln!("skipped: there is no browser; install chromium, or name one in POLYAK_BROWSER");
    }
    found
}

#[test]
fn a_report_fits_a_phone_and_prints() {
    let Some(browser) = found() else { return };
    let folder = Folder::new();
    let report = folder.path("out.html");
    let short = [
        "verify",
        "--effort",
        "quick",
        "--max-samples",
        "12",
        "--family",
        "pl,R7,C10",
        "--report",
        &report,
    ];
    ended(&polyak(&short), 0);
    for dark in [false, true] {
        open(&browser, &folder, &["out.html"], dark);
    }
    prints(&browser, &folder, &report, 50_000);
}

#[test]
fn the_pages_of_all_answers_fit_a_phone_and_print() {
    let Some(browser) = found() else { return };
    let folder = Folder::new();
    let files: Vec<String> = sheets::asked(&folder)
        .iter()
        .map(|asked| sheets::written(&folder, asked))
        .collect();
    let name = |file: &String| {
        Path::new(file)
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    let names: Vec<String> = files.iter().map(name).collect();
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    for dark in [false, true] {
        open(&browser, &folder, &names, dark);
    }
    for file in &files {
        prints(&browser, &folder, file, 10_000);
    }
}
