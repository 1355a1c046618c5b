//! One arena for all threads, where the addresses of the process are counted.
//!
//! glibc gives nearly every thread an arena of its own, of 64 MiB of addresses, and more of them whenever threads wait for
//! each other: how many is chance. Where `ulimit -v` counts addresses, chance would decide whether a run ends. The number of arenas is read
//! from the environment when a process starts, and only then; so the command starts itself again, in its own place.

#[cfg(target_os = "linux")]
use crate::memory;

/// Starts the command again with one arena and without pieces that are kept when they are freed, if addresses are
/// counted and nobody has chosen.
///
/// It returns where there is nothing to do, and where the system refuses: the run goes on as it is, and leaves room for more arenas.
#[cfg(target_os = "linux")]
pub fn share() {
    use std::env;
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    if env::var_os(memory::ARENAS).is_some() || memory::addresses_left().is_none() {
        return;
    }
    let mut arguments = env::args_os();
    let (Ok(program), Some(name)) = (env::current_exe(), arguments.next()) else {
        return;
    };
    let refused = Command::new(program)
        .arg0(name)
        .args(arguments)
        .env(memory::ARENAS, "1")
        .env("MALLOC_MMAP_THRESHOLD_", "1048576")
        .exec();
    drop(refused);
}

/// Elsewhere addresses are not counted, or other allocators give them.
#[cfg(not(target_os = "linux"))]
pub fn share() {}
