//! A report in a real browser: no line is wider than a phone, nothing is said on the console, and it prints.
//!
//! Without a browser the test says so and passes. `POLYAK_BROWSER` names one; Debian's package is `chromium`.

use crate::harness::{Folder, ended, polyak};
use serde_json::Value;
use std::env;
use std::fs;
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

/// Opens the report in frames as wide as a phone and a desk, folded and unfolded, and writes down how wide it became.
const FRAMES: &str = r#"<!DOCTYPE html><body><pre id="found"></pre><script>
const widths = [390, 1280], found = [];
let left = widths.length;
for (const width of widths) {
  const frame = document.createElement("iframe");
  frame.style.width = width + "px";
  frame.style.border = 0;
  frame.onload = () => {
    const page = frame.contentDocument, root = page.documentElement;
    const measure = (folded) => found.push({ width, folded, room: root.clientWidth, wide: root.scrollWidth,
      requests: frame.contentWindow.performance.getEntriesByType("resource").length });
    measure(true);
    page.querySelectorAll("details").forEach((details) => { details.open = true; });
    measure(false);
    left -= 1;
    if (left === 0) document.getElementById("found").textContent = JSON.stringify(found);
  };
  frame.src = "out.html";
  document.body.append(frame);
}
</script>"#;

#[test]
fn a_report_fits_a_phone_and_prints() {
    let Some(browser) = browser() else {
        eprintln!("skipped: there is no browser; install chromium, or name one in POLYAK_BROWSER");
        return;
    };
    let folder = Folder::new();
    let report = folder.path("out.html");
    let short = [
        "verify",
        "--effort",
        "quick",
        "--max-samples",
        "12",
        "--family",
        "pl",
        "--report",
        &report,
    ];
    ended(&polyak(&short), 0);
    let frames = folder.file("frames.html", FRAMES);
    let seen = run(
        &browser,
        &folder,
        &[
            "--virtual-time-budget=20000",
            "--dump-dom",
            &format!("file://{frames}"),
        ],
    );
    let said = String::from_utf8_lossy(&seen.stderr);
    assert!(!said.contains("CONSOLE"), "{said}");
    let page = String::from_utf8_lossy(&seen.stdout);
    let (_, after) = page.split_once("<pre id=\"found\">").expect("the list");
    let found: Vec<Value> =
        serde_json::from_str(after.split_once("</pre>").expect("its end").0).expect("a list");
    assert_eq!(found.len(), 4, "{found:?}");
    for measured in &found {
        assert_eq!(measured["wide"], measured["room"], "{found:?}");
        assert_eq!(measured["requests"], 0, "{found:?}");
    }
    let paper = folder.path("out.pdf");
    let to = format!("--print-to-pdf={paper}");
    run(
        &browser,
        &folder,
        &["--no-pdf-header-footer", &to, &format!("file://{report}")],
    );
    let bytes = fs::read(&paper).expect("a printed report");
    assert!(
        bytes.starts_with(b"%PDF") && bytes.len() > 50_000,
        "{}",
        bytes.len()
    );
}
