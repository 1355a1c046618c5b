//! Completions for shells, and manual pages.

use super::Failure;
use super::arguments::command;
use super::output::{Output, print};
use clap_complete::Shell;
use clap_mangen::Man;
use std::fs;
use std::path::Path;

/// Prints the script that completes the command in a shell.
pub fn complete(shell: Shell) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "polyak", &mut script);
    print(&script)?;
    Ok(0)
}

/// Writes the manual pages of the command and of every subcommand into a folder, or prints that of the command.
pub fn manual(folder: Option<&Path>) -> Result<u8, Failure> {
    let mut command = command();
    command.build();
    let page = |command: &clap::Command| {
        let mut page = Vec::new();
        let rendered = Man::new(command.clone()).render(&mut page);
        rendered
            .map(|()| page)
            .map_err(|cause| Failure::Unwritable {
                file: command.get_name().to_owned(),
                cause,
            })
    };
    let Some(folder) = folder else {
        print(&page(&command)?)?;
        return Ok(0);
    };
    make(folder)?;
    let all = std::iter::once(&command).chain(command.get_subcommands());
    for command in all.filter(|command| command.get_name() != "help") {
        let name = command
            .get_display_name()
            .unwrap_or_else(|| command.get_name());
        let file = folder.join(format!("{name}.1"));
        Output::try_new(&file, &[])?.write(&page(command)?)?;
    }
    Ok(0)
}

/// Makes a folder that files are written into, if it is not there.
pub fn make(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|cause| Failure::Unwritable {
        file: folder.display().to_string(),
        cause,
    })
}
