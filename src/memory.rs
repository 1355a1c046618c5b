//! Whether memory is there, asked before it is touched.
//!
//! Rust ends the process where an allocation fails, and systems end it where memory that was given is touched and is
//! not there. So what takes much asks first, and hears which limit it would meet.
//!
//! ```
//! assert!(polyak::memory::require(1 << 20).is_ok());
//! let shortage = polyak::memory::require(1 << 60).unwrap_err();
//! assert_eq!(shortage.needed, 1 << 60);
//! ```

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What is kept free for everything that is too small to ask: buffers, files, the stacks of threads.
const RESERVE: u64 = 64 << 20;

/// Addresses that a thread may take with its first allocation, whatever its size: glibc gives threads arenas of their
/// own, of so many bytes.
const ARENA: u64 = 64 << 20;

/// What a thread takes of the addresses besides its stack: the page that guards it, a stack for signals with a guard of its own, and
/// what is local to it.
#[cfg(feature = "cli")]
const BESIDE_STACK: u64 = 256 << 10;

/// Names, to glibc, how many arenas all threads share.
pub(crate) const ARENAS: &str = "MALLOC_ARENA_MAX";

/// What is smaller does not ask: so much fits into what is kept free.
#[cfg(feature = "files")]
const SMALL: usize = 1 << 20;

/// What limits the memory of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// The address space that it may have.
    AddressSpace,
    /// The memory that its control group may have.
    Group,
    /// The memory of the machine that nobody uses.
    Machine,
    /// The system refuses, and does not say why.
    System,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AddressSpace => "the address space of the process (ulimit -v)",
            Self::Group => "the memory of its container (memory.max of the control group)",
            Self::Machine => "the memory that is free",
            Self::System => "what the system gives",
        })
    }
}

/// More memory than is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} are needed, {}", size(*.needed), of_limit(.limit, .left))]
pub struct Shortage {
    /// Bytes that are needed in all.
    pub needed: u64,
    /// Bytes that are left, where that is known.
    pub left: Option<u64>,
    /// The limit that is met.
    pub limit: Limit,
}

/// Shows a number of bytes in GiB or MiB, whichever it reaches, else in KiB.
pub(crate) fn size(bytes: u64) -> String {
    let (unit, bits) = match bytes {
        0..0x10_0000 => ("KiB", 10),
        0x10_0000..0x4000_0000 => ("MiB", 20),
        0x4000_0000.. => ("GiB", 30),
    };
    format!("{:.2} {unit}", bytes as f64 / (1u64 << bits) as f64)
}

/// The least number of GiB, in hundredths, that so many bytes fit into.
pub(crate) fn gibibytes(bytes: u64) -> f64 {
    (bytes as f64 / (1u64 << 30) as f64 * 100.0).ceil() / 100.0
}

fn of_limit(limit: &Limit, left: &Option<u64>) -> String {
    match left {
        Some(left) => format!("and {limit} has {} left", size(*left)),
        None => format!("which is more than {limit}"),
    }
}

/// Refuses what is more than the limits of this process leave.
///
/// Limits are known on Linux: the address space, the control group, and what is free. Elsewhere the system is
/// asked for one piece of that size, none of which is touched.
///
/// # Errors
/// [`Shortage`], with the limit that is met.
pub fn require(bytes: usize) -> Result<(), Shortage> {
    let needed = bytes as u64;
    let shortage = |left, limit| Shortage {
        needed,
        left,
        limit,
    };
    match left_of_all() {
        Some((left, limit)) if needed > left => Err(shortage(Some(left), limit)),
        _ if !is_allocatable(bytes) => Err(shortage(None, Limit::System)),
        _ => Ok(()),
    }
}

/// Returns an empty vector with room for so many numbers, if they are there.
///
/// # Errors
/// [`Shortage`], with the limit that is met.
#[cfg(feature = "files")]
pub(crate) fn room_for(count: u64) -> Result<Vec<f64>, Shortage> {
    let needed = count.saturating_mul(size_of::<f64>() as u64);
    let system = |_| Shortage {
        needed,
        left: None,
        limit: Limit::System,
    };
    let bytes = usize::try_from(needed).unwrap_or(usize::MAX);
    if bytes > SMALL {
        require(bytes)?;
    }
    let mut numbers = Vec::new();
    numbers
        .try_reserve_exact(bytes / size_of::<f64>())
        .map_err(system)?;
    Ok(numbers)
}

/// Returns the bytes that the nearest limit leaves, where that is known.
#[must_use]
pub fn left_of_all() -> Option<(u64, Limit)> {
    let group = || group(Path::new("/sys/fs/cgroup"), &read("/proc/self/cgroup")?);
    let machine = || machine(&read("/proc/meminfo")?);
    let known = [
        (addresses_left(), Limit::AddressSpace),
        (group(), Limit::Group),
        (machine(), Limit::Machine),
    ];
    let known = known
        .into_iter()
        .filter_map(|(left, limit)| Some((left?.saturating_sub(reserve(limit)), limit)));
    known.min_by_key(|&(left, _)| left)
}

/// The least that a thread takes of the address space with its first product: `faer` keeps room for it, twice the largest
/// cache, but touches only what it uses.
pub(crate) fn workspace() -> u64 {
    static ROOM: OnceLock<u64> = OnceLock::new();
    *ROOM.get_or_init(|| workspace_beside(Path::new("/sys/devices/system/cpu/cpu0/cache")))
}

/// The same, from what the system says of its caches.
fn workspace_beside(caches: &Path) -> u64 {
    // The third level counts as at least four times the second, and as 2 MiB; where nothing is said, as 32 MiB.
    let of_level = |index: usize| {
        let said = fs::read_to_string(caches.join(format!("index{index}/size"))).ok()?;
        let kibibytes: u64 = said.trim().strip_suffix('K')?.parse().ok()?;
        Some(kibibytes << 10)
    };
    let second = of_level(2).unwrap_or(0);
    let third = of_level(3).unwrap_or(if second == 0 { 32 << 20 } else { 0 });
    2 * third.max(4 * second).max(2 << 20)
}

/// What is left of the address space; nothing, if it has no limit.
pub(crate) fn addresses_left() -> Option<u64> {
    address_space(&read("/proc/self/limits")?, &read("/proc/self/status")?)
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Refuses more threads than the address space has room for, each with such a stack, with what it takes besides and with its
/// first product.
///
/// # Errors
/// [`Shortage`] of addresses.
#[cfg(feature = "cli")]
pub(crate) fn require_threads(number: u64, stack: u64) -> Result<(), Shortage> {
    let Some(left) = addresses_left() else {
        return Ok(());
    };
    let arena = if arenas_are_shared() { 0 } else { ARENA };
    let needed = number.saturating_mul(stack + BESIDE_STACK + arena + workspace());
    let limit = Limit::AddressSpace;
    let room = left.saturating_sub(RESERVE);
    let left = Some(room);
    match needed > room {
        true => Err(Shortage {
            needed,
            left,
            limit,
        }),
        false => Ok(()),
    }
}

/// Tells whether all threads share one arena.
fn arenas_are_shared() -> bool {
    std::env::var_os(ARENAS).is_some_and(|number| number == "1")
}

/// What is kept free: of addresses, room for the first product of a thread that has had none, and, unless all threads
/// share one arena, for the arenas of two.
fn reserve(limit: Limit) -> u64 {
    match limit {
        Limit::AddressSpace if arenas_are_shared() => RESERVE + workspace(),
        Limit::AddressSpace => RESERVE + workspace() + 2 * ARENA,
        Limit::Group | Limit::Machine | Limit::System => RESERVE,
    }
}

/// Tells whether the system gives that many bytes in one piece; none of them is touched.
pub(crate) fn is_allocatable(bytes: usize) -> bool {
    let mut probe: Vec<u8> = Vec::new();
    let given = probe.try_reserve_exact(bytes).is_ok();
    // The compiler may not take an unused piece for granted.
    std::hint::black_box(&mut probe);
    given
}

/// What is left of the address space; nothing, if it has no limit.
fn address_space(limits: &str, status: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max address space"))?;
    // The soft limit; `unlimited` is no number.
    let limit: u64 = line.split_whitespace().nth(3)?.parse().ok()?;
    let taken = kilobytes(status, "VmSize:")?;
    Some(limit.saturating_sub(taken))
}

/// What is left of the memory of the control group and of those around it; nothing, if it has no limit.
fn group(root: &Path, groups: &str) -> Option<u64> {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let folder: PathBuf = root.join(path);
    let around = folder.ancestors().take_while(|at| at.starts_with(root));
    let left = |at: &Path| {
        let number = |name: &str| fs::read_to_string(at.join(name)).ok();
        let most: u64 = number("memory.max")?.trim().parse().ok()?;
        // Cached files make room.
        let taken = kilobytes_or_bytes(&number("memory.stat")?, "anon")?;
        Some(most.saturating_sub(taken))
    };
    around.filter_map(left).min()
}

/// What is free, or may be made so.
fn machine(meminfo: &str) -> Option<u64> {
    let swap = kilobytes(meminfo, "SwapFree:").unwrap_or(0);
    Some(kilobytes(meminfo, "MemAvailable:")? + swap)
}

/// The number behind a name, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    Some(kilobytes_or_bytes(text, name)? * 1024)
}

/// The number behind a name.
fn kilobytes_or_bytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: &str = "Limit                     Soft Limit           Hard Limit           Units     \n\
                          Max stack size            8388608              unlimited            bytes     \n\
                          Max address space         1024000000           unlimited            bytes     \n";

    #[test]
    fn limits_are_read() {
        let status = "Name:\tpolyak\nVmPeak:\t  90000 kB\nVmSize:\t  80000 kB\n";
        assert_eq!(
            address_space(LIMITS, status),
            Some(1_024_000_000 - 81_920_000)
        );
        let none = LIMITS.replace("1024000000", "unlimited ");
        assert_eq!(address_space(&none, status), None);
        assert_eq!(address_space("", status), None);
        let meminfo = "MemTotal: 9 kB\nMemAvailable:   500 kB\nSwapFree:   12 kB\n";
        assert_eq!(machine(meminfo), Some(512 * 1024));
        assert_eq!(machine("MemTotal: 9 kB\n"), None);
    }

    #[test]
    fn the_first_product_takes_twice_the_largest_cache() {
        let caches = tempfile::tempdir().unwrap();
        let say = |index: usize, size: &str| {
            let folder = caches.path().join(format!("index{index}"));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("size"), size).unwrap();
        };
        assert_eq!(workspace_beside(caches.path()), 64 << 20);
        say(2, "256K\n");
        assert_eq!(workspace_beside(caches.path()), 4 << 20);
        say(2, "1024K\n");
        assert_eq!(workspace_beside(caches.path()), 8 << 20);
        say(3, "32768K\n");
        assert_eq!(workspace_beside(caches.path()), 64 << 20);
    }

    #[test]
    fn the_nearest_group_counts() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        let write = |folder: &Path, most: &str, anon: u64| {
            fs::write(folder.join("memory.max"), format!("{most}\n")).unwrap();
            fs::write(folder.join("memory.stat"), format!("anon {anon}\nfile 7\n")).unwrap();
        };
        assert_eq!(group(root.path(), "0::/a/b\n"), None);
        write(&inner, "max", 10);
        assert_eq!(group(root.path(), "0::/a/b\n"), None);
        write(&root.path().join("a"), "1000", 300);
        assert_eq!(group(root.path(), "0::/a/b\n"), Some(700));
        write(&inner, "500", 10);
        assert_eq!(group(root.path(), "0::/a/b\n"), Some(490));
        assert_eq!(group(root.path(), "1:memory:/a\n"), None);
    }

    #[cfg(feature = "files")]
    #[test]
    fn room_is_given_or_refused_whole() {
        for count in [0, 1, 1 << 17, (1 << 17) + 1] {
            let room = room_for(count).unwrap();
            assert!(room.is_empty() && room.capacity() as u64 >= count);
        }
        for count in [1 << 57, u64::MAX] {
            let shortage = room_for(count).unwrap_err();
            assert!(shortage.needed >= 1 << 60, "{shortage}");
        }
    }

    #[test]
    fn sizes_are_shown_in_a_unit_that_they_reach() {
        for (bytes, shown) in [
            (0, "0.00 KiB"),
            (512, "0.50 KiB"),
            (1024, "1.00 KiB"),
            (3 << 19, "1.50 MiB"),
            (107_374_182, "102.40 MiB"),
            (1 << 30, "1.00 GiB"),
            (1_296_000_000, "1.21 GiB"),
            (1 << 60, "1073741824.00 GiB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
        for (bytes, least) in [
            (1, 0.01),
            (107_374_183, 0.11),
            (1 << 30, 1.0),
            (1_296_000_000, 1.21),
        ] {
            assert_eq!(gibibytes(bytes), least);
            assert!((gibibytes(bytes) * (1u64 << 30) as f64) as u64 >= bytes);
        }
    }

    #[test]
    fn a_shortage_says_which_limit_is_met() {
        let shortage = require(1 << 60).unwrap_err();
        assert_eq!(shortage.needed, 1 << 60);
        assert!(is_allocatable(0) && is_allocatable(1 << 20) && !is_allocatable(usize::MAX));
        let shortage = Shortage {
            needed: 3 << 30,
            left: Some(1 << 29),
            limit: Limit::AddressSpace,
        };
        assert_eq!(
            shortage.to_string(),
            "3.00 GiB are needed, and the address space of the process (ulimit -v) has 512.00 MiB left"
        );
        let unknown = Shortage {
            left: None,
            limit: Limit::System,
            ..shortage
        };
        assert_eq!(
            unknown.to_string(),
            "3.00 GiB are needed, which is more than what the system gives"
        );
    }
}
