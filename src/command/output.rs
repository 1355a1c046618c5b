//! Where results go.

use super::Failure;
use super::manners::is_quiet;
use super::paint::painted;
use super::report_files::file;
use super::sheet::Sheet;
use super::temporary::created_for;
use crate::report::Layout;
use crate::report::advice::Advice;
use crate::text::printable_lines;
use anstream::{AutoStream, ColorChoice};
use console::Term;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Prints a result as it is. A reader that went away has seen enough.
pub fn print(bytes: &[u8]) -> Result<(), Failure> {
    printed(io::stdout().lock(), bytes)
}

fn printed(mut out: impl Write, bytes: &[u8]) -> Result<(), Failure> {
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != ErrorKind::BrokenPipe => Err(Failure::Unwritable {
            file: "standard output".into(),
            cause,
        }),
        _ => Ok(()),
    }
}

/// Prints a failure on the standard error, if anybody reads it: broken at blanks on a terminal, elsewhere a line is a line.
pub fn complain(failure: &Failure) {
    let text = format!("error: {}\n", printable_lines(&failure.to_string()));
    let text = match Term::stderr().size_checked() {
        Some((_, columns)) => Layout::of_columns(columns.into()).fitted(&text),
        None => text,
    };
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Ends the command as the parser of arguments does, and shows what a terminal would obey in them.
pub fn leave(refused: &clap::Error) -> ! {
    let obeyed = std::env::args_os().any(|argument| {
        let argument = argument.to_string_lossy();
        printable_lines(&argument) != argument
    });
    if !obeyed {
        refused.exit();
    }
    let _ = write!(
        io::stderr(),
        "{}",
        printable_lines(&refused.render().to_string())
    );
    std::process::exit(refused.exit_code())
}

/// Says something beside the results on the standard error: broken at blanks on a terminal, elsewhere one line.
pub fn remark(text: &str) {
    if is_quiet() {
        return;
    }
    let text = format!("polyak: {}", printable_lines(text));
    let text = match Term::stderr().size_checked() {
        Some((_, columns)) => Layout::of_columns(columns.into()).wrapped(&text, "", "  "),
        None => text + "\n",
    };
    let _ = io::stderr().write_all(text.as_bytes());
}

/// The layout of the terminal that the standard output is, if it is one.
pub fn terminal() -> Option<Layout> {
    let (_, columns) = Term::stdout().size_checked()?;
    Some(Layout::of_columns(columns.into()))
}

/// The layout of words on the standard output: that of its terminal, or else always the same.
pub fn layout() -> Layout {
    terminal().unwrap_or(Layout::PLAIN)
}

/// Words that fit the standard output.
pub fn fitted(text: &str) -> String {
    layout().fitted(text)
}

/// Prints words, if they are wanted; verdicts in colours, where they are.
pub fn say(text: &str) -> Result<(), Failure> {
    if is_quiet() {
        return Ok(());
    }
    let text = printable_lines(text);
    let out = io::stdout();
    match AutoStream::choice(&out) {
        ColorChoice::Never => print(text.as_bytes()),
        choice => printed(
            AutoStream::new(out.lock(), choice),
            painted(&text).as_bytes(),
        ),
    }
}

/// What is made of a result: words, and the JSON that was asked for.
pub struct Results {
    json: Option<Output>,
    page: Option<Output>,
}

impl Results {
    /// Makes sure that the JSON can be written, that none of the files that are read is lost by it, and that the standard
    /// input is one of them at most.
    pub fn try_new(json: Option<&Path>, inputs: &[&Path]) -> Result<Self, Failure> {
        let streams = inputs.iter().filter(|input| **input == Path::new("-"));
        let times = streams.count();
        if times > 1 {
            return Err(Failure::OneStream { times });
        }
        let json = json.map(|file| Output::try_new(file, inputs)).transpose()?;
        Ok(Self { json, page: None })
    }

    /// With a page as well; it takes the place of nothing that is read or written.
    pub fn with_page(
        self,
        page: Option<&Path>,
        json: Option<&Path>,
        inputs: &[&Path],
    ) -> Result<Self, Failure> {
        let mut taken: Vec<&Path> = inputs.iter().copied().chain(json).collect();
        let page = file("--report", page, &mut taken)?;
        Ok(Self { page, ..self })
    }

    /// Writes the JSON and the page, then prints the words with what they mean and what to do next.
    pub fn present(
        &self,
        advice: &Advice,
        words: impl FnOnce() -> String,
        sheet: impl FnOnce() -> Sheet,
        document: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        self.keep(document)?;
        if let Some(page) = &self.page {
            page.write(sheet().html(advice).as_bytes())?;
        }
        self.tell(|| fitted(&words()) + "\n" + &advice.text(layout()))
    }

    /// The file of the JSON, if it is one.
    pub fn file(&self) -> Option<&Output> {
        self.json.as_ref().filter(|json| !json.is_stdout())
    }

    /// The layout of words that are printed as they are known: where somebody reads them on a terminal.
    pub fn terminal(&self) -> Option<Layout> {
        let taken = self.json.as_ref().is_some_and(Output::is_stdout);
        terminal().filter(|_| !taken)
    }

    /// Writes the JSON, then prints the words, as wide as there is room: nothing that was computed is lost where nobody reads the words.
    pub fn deliver(
        &self,
        words: impl FnOnce() -> String,
        document: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        self.keep(document)?;
        self.tell(|| fitted(&words()))
    }

    /// Writes the JSON, if it was asked for.
    pub fn keep(&self, document: impl FnOnce() -> String) -> Result<(), Failure> {
        match &self.json {
            Some(json) => json.write(document().as_bytes()),
            None => Ok(()),
        }
    }

    /// Prints the words, unless the JSON has gone there.
    pub fn tell(&self, words: impl FnOnce() -> String) -> Result<(), Failure> {
        match &self.json {
            Some(json) if json.is_stdout() => Ok(()),
            _ => say(&words()),
        }
    }
}

/// A document of `--json`.
pub fn document(answer: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(answer).expect("an answer is plain data") + "\n"
}

/// A document of an answer that says nothing of where it was computed.
pub fn stamped_document(answer: &impl serde::Serialize) -> String {
    #[derive(serde::Serialize)]
    struct Stamped<'a, T> {
        version: &'static str,
        instruction_set: &'static str,
        #[serde(flatten)]
        answer: &'a T,
    }
    document(&Stamped {
        version: env!("CARGO_PKG_VERSION"),
        instruction_set: crate::arithmetic::instruction_set(),
        answer,
    })
}

/// A file that will be written, whole or not at all.
pub enum Output {
    /// `-`.
    Stdout,
    /// Written beside its place, then moved there.
    File(PathBuf),
    /// A device or a pipe, written in place.
    Special(PathBuf),
}

impl Output {
    /// Makes sure that the file can be written, is none of the inputs and in no folder that is one, and leaves nothing behind.
    pub fn try_new(path: &Path, inputs: &[&Path]) -> Result<Self, Failure> {
        let file = path.display().to_string();
        if path == Path::new("-") {
            return Ok(Self::Stdout);
        }
        let unwritable = |cause| Failure::Unwritable {
            file: file.clone(),
            cause,
        };
        // The last part of `a/` is `a`, but what is asked for is a folder.
        let slash = file.ends_with(std::path::is_separator);
        if slash || path.file_name().is_none() || path.is_dir() {
            return Err(Failure::IsFolder { file });
        }
        // What a descriptor of this process is, as /dev/stdout, has no place that something could be moved to.
        let special = path.exists() && !path.is_file();
        if special || path.starts_with("/dev") {
            return Ok(Self::Special(path.to_owned()));
        }
        let path = resolved(path).map_err(unwritable)?;
        let folder = folder_of(&path);
        if !folder.is_dir() {
            let folder = folder.display().to_string();
            return Err(Failure::NoFolder { file, folder });
        }
        if let Some(input) = inputs
            .iter()
            .find(|input| is_same(&path, input) || is_within(&path, input))
        {
            let input = input.display().to_string();
            return Err(Failure::Overwrites { file, input });
        }
        match fs::metadata(&path) {
            Ok(there) if there.permissions().readonly() => {
                return Err(unwritable(ErrorKind::PermissionDenied.into()));
            }
            Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(unwritable(cause)),
            _ => {}
        }
        tempfile::tempfile_in(folder).map_err(unwritable)?;
        Ok(Self::File(path))
    }

    /// Tells whether this is the standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self, Self::Stdout)
    }

    /// Writes all bytes.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        let (path, written) = match self {
            Self::Stdout => return print(bytes),
            Self::Special(path) => (path, fs::write(path, bytes)),
            Self::File(path) => (path, replace(path, bytes)),
        };
        written.map_err(|cause| Failure::Unwritable {
            file: path.display().to_string(),
            cause,
        })
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A link stays a link: what is written is what it points at, there or not.
///
/// # Errors
/// Links in a circle.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("its links go in a circle"))
}

/// Tells whether two paths lead to one file, or would.
fn is_same(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| {
        let path = resolved(path).ok()?;
        let folder = folder_of(&path).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    place(a).is_some_and(|place_of_a| Some(place_of_a) == place(b))
}

/// Tells whether a path leads, or would, into a folder: what is there is read.
fn is_within(path: &Path, folder: &Path) -> bool {
    let place = |path: &Path| folder_of(&resolved(path).ok()?).canonicalize().ok();
    match folder.canonicalize() {
        Ok(folder) if folder.is_dir() => place(path).is_some_and(|at| at.starts_with(folder)),
        _ => false,
    }
}

/// Writes beside the place, under a name that nobody else uses, then moves there in one step. A file that is there
/// keeps its permissions.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = created_for(folder_of(path), path)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
        entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect()
    }

    fn failure(path: &Path, inputs: &[&Path]) -> Failure {
        match Output::try_new(path, inputs) {
            Err(failure) => failure,
            Ok(_) => panic!("{}", path.display()),
        }
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        let output = Output::try_new(&path, &[]).unwrap();
        assert!(names(folder.path()).is_empty());
        output.write(b"first, longer").unwrap();
        Output::try_new(&path, &[])
            .unwrap()
            .write(b"second")
            .unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(names(folder.path()), ["out.json"]);
    }

    #[test]
    fn what_cannot_be_written_is_known_beforehand() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("no/where/out.json");
        assert!(
            matches!(failure(&missing, &[]), Failure::NoFolder { folder, .. } if folder.ends_with("no/where"))
        );
        let slash = folder.path().join("trailing/");
        for path in [folder.path(), Path::new(".."), &slash] {
            assert!(matches!(failure(path, &[]), Failure::IsFolder { .. }));
        }
        let long = folder.path().join("x".repeat(5000));
        assert!(matches!(failure(&long, &[]), Failure::Unwritable { .. }));
        // The longest name that there may be.
        let longest = folder.path().join("x".repeat(255));
        Output::try_new(&longest, &[])
            .unwrap()
            .write(b"text")
            .unwrap();
        assert!(longest.is_file());
    }

    #[test]
    fn inputs_are_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let (input, other) = (folder.path().join("in"), folder.path().join("out"));
        fs::write(&input, "precious").unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        let detour = folder.path().join("sub/../in");
        for path in [&input, &detour] {
            let refused = failure(path, &[&other, &input]);
            assert!(matches!(refused, Failure::Overwrites { .. }), "{refused}");
        }
        // One that is not there yet, too: a checkpoint, say.
        assert!(matches!(
            failure(&other, &[&other]),
            Failure::Overwrites { .. }
        ));
        assert!(Output::try_new(&other, &[&input]).is_ok());
        assert!(Output::try_new(Path::new("-"), &[Path::new("-")]).is_ok());
    }

    #[test]
    fn a_bare_name_is_in_the_current_folder() {
        assert_eq!(folder_of(Path::new("out.json")), Path::new("."));
        assert_eq!(folder_of(Path::new("a/out.json")), Path::new("a"));
        assert!(Output::try_new(Path::new("-"), &[]).unwrap().is_stdout());
    }

    #[test]
    fn the_document_is_written_before_the_words_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        let results = Results::try_new(Some(&path), &[]).unwrap();
        assert!(results.file().is_some());
        let words = || {
            assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
            String::new()
        };
        results.deliver(words, || "{}".to_owned()).unwrap();
        let stream = Path::new("-");
        assert!(Results::try_new(None, &[stream, &path]).is_ok());
        let twice = Results::try_new(None, &[stream, &path, stream]);
        assert!(matches!(twice, Err(Failure::OneStream { times: 2 })));
        let none = Results::try_new(None, &[]).unwrap();
        assert!(none.file().is_none());
        none.deliver(String::new, || panic!("nobody asked"))
            .unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_stay_what_they_are() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        // A link to nothing yet, relative to its own folder.
        symlink("target", &link).unwrap();
        for text in ["old", "new"] {
            let output = Output::try_new(&link, &[]).unwrap();
            output.write(text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), text);
            assert!(link.is_symlink());
        }
        assert!(matches!(
            failure(&link, &[&target]),
            Failure::Overwrites { .. }
        ));
        let circle = folder.path().join("circle");
        symlink("circle", &circle).unwrap();
        assert!(matches!(failure(&circle, &[]), Failure::Unwritable { .. }));
        let device = Output::try_new(Path::new("/dev/null"), &[]).unwrap();
        assert!(matches!(device, Output::Special(_)));
        device.write(b"anything").unwrap();
        assert!(!Path::new("/dev/null").is_file());
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept_and_respected() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("private");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let set = |bits| fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
        fs::write(&path, "old").unwrap();
        set(0o600);
        let output = Output::try_new(&path, &[]).unwrap();
        output.write(b"new").unwrap();
        assert_eq!(mode(&path), 0o600);
        set(0o444);
        assert!(matches!(failure(&path, &[]), Failure::Unwritable { .. }));
        // A new file is as any other that this process makes.
        let (fresh, plain) = (folder.path().join("fresh"), folder.path().join("plain"));
        Output::try_new(&fresh, &[]).unwrap().write(b"").unwrap();
        fs::write(&plain, "").unwrap();
        assert_eq!(mode(&fresh), mode(&plain));
    }
}
