//! Where results go.

use super::Failure;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Prints a result. A reader that went away has seen enough.
pub fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != ErrorKind::BrokenPipe => Err(Failure::Unwritable {
            file: "standard output".into(),
            cause,
        }),
        _ => Ok(()),
    }
}

/// Prints a failure on the standard error, if anybody reads it.
pub fn complain(failure: &Failure) {
    let _ = writeln!(io::stderr(), "error: {failure}");
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
    /// Makes sure that the file can be written, and leaves nothing behind.
    pub fn try_new(path: &Path) -> Result<Self, Failure> {
        let file = path.display().to_string();
        if path == Path::new("-") {
            return Ok(Self::Stdout);
        }
        if path.file_name().is_none() || path.is_dir() {
            return Err(Failure::IsFolder { file });
        }
        if path.exists() && !path.is_file() {
            return Ok(Self::Special(path.to_owned()));
        }
        // A link stays a link: what it points at is replaced.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = folder_of(&path);
        if !folder.is_dir() {
            let folder = folder.display().to_string();
            return Err(Failure::NoFolder { file, folder });
        }
        let probe = beside(&path);
        let created = fs::File::create_new(&probe).and_then(|_| fs::remove_file(&probe));
        match created {
            Ok(()) => Ok(Self::File(path)),
            Err(cause) => Err(Failure::Unwritable { file, cause }),
        }
    }

    /// Tells whether this is the standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self, Self::Stdout)
    }

    /// Writes the whole text.
    pub fn write(&self, text: &str) -> Result<(), Failure> {
        self.write_bytes(text.as_bytes())
    }

    /// Writes all bytes.
    pub fn write_bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let (path, written) = match self {
            Self::Stdout => return print_bytes(bytes),
            Self::Special(path) => {
                let written = fs::write(path, bytes);
                (path, written)
            }
            Self::File(path) => {
                let written = replace(path, bytes);
                (path, written)
            }
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

/// A name in the same folder that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

/// Writes beside the place, then moves there in one step.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = beside(path);
    let write = || {
        let mut file = fs::File::create_new(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
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

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        let output = Output::try_new(&path).unwrap();
        assert!(names(folder.path()).is_empty());
        output.write("first, longer").unwrap();
        Output::try_new(&path).unwrap().write("second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(names(folder.path()), ["out.json"]);
    }

    #[test]
    fn what_cannot_be_written_is_known_beforehand() {
        let folder = tempfile::tempdir().unwrap();
        let failure = |path: &Path| match Output::try_new(path) {
            Err(failure) => failure,
            Ok(_) => panic!("{}", path.display()),
        };
        let missing = folder.path().join("no/where/out.json");
        assert!(
            matches!(failure(&missing), Failure::NoFolder { folder, .. } if folder.ends_with("no/where"))
        );
        assert!(matches!(failure(folder.path()), Failure::IsFolder { .. }));
        assert!(matches!(failure(Path::new("..")), Failure::IsFolder { .. }));
        let long = folder.path().join("x".repeat(5000));
        assert!(matches!(failure(&long), Failure::Unwritable { .. }));
    }

    #[test]
    fn a_bare_name_is_in_the_current_folder() {
        assert_eq!(folder_of(Path::new("out.json")), Path::new("."));
        assert_eq!(folder_of(Path::new("a/out.json")), Path::new("a"));
        assert!(Output::try_new(Path::new("-")).unwrap().is_stdout());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        Output::try_new(&link).unwrap().write("new").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert!(link.is_symlink());
        let device = Output::try_new(Path::new("/dev/null")).unwrap();
        assert!(matches!(device, Output::Special(_)));
        device.write("anything").unwrap();
        assert!(!Path::new("/dev/null").is_file());
    }
}
