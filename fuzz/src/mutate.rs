//! Mutations of files: bits, bytes, numbers, words, pieces.

use crate::random::Random;

/// Words that mean something to some reader.
const WORDS: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b"\r",
    b",",
    b";",
    b"\t",
    b" ",
    b"\"",
    b"#",
    b"%",
    b":",
    b"-",
    b"+",
    b".",
    b"e",
    b"nan",
    b"inf",
    b"-inf",
    b"1e400",
    b"1e-400",
    b"0",
    b"-0",
    b"1",
    b"2",
    b"18446744073709551615",
    b"9007199254740993",
    b"999999999",
    b"65536",
    b"0x10",
    b"1,5",
    b"1.0D+00",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\0",
    b"qid:",
    b"3:0.5",
    b"symmetric",
    b"general",
    b"pattern",
    b"integer",
    b"array",
    b"coordinate",
    b"complex",
    b"%%MatrixMarket matrix",
    b"'shape': (",
    b"'descr': '<f8'",
    b"'fortran_order': True",
    b"<i8",
    b">u8",
    b"|b1",
    b"<f2",
    b"<c16",
    b"|O",
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x06\x07",
    b"\x93NUMPY",
    b"null",
    b"true",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"schema\":",
    b"1e999",
    b"\\u0000",
    b"\xE2\x88\x92",
    b"x",
    b"label",
];

/// Numbers at the edges of their types.
const EDGES: &[u64] = &[
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    16,
    31,
    32,
    127,
    128,
    255,
    256,
    1000,
    4096,
    32767,
    32768,
    65535,
    65536,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    0x1_0000_0000,
    1 << 40,
    1 << 53,
    (1 << 53) + 1,
    u64::MAX >> 1,
    1 << 63,
    u64::MAX,
];

/// The length up to which an input is short.
const SHORT: usize = 1 << 14;

/// Makes one input after the other from those that there are.
pub struct Mutator {
    seeds: Vec<Vec<u8>>,
    kept: Vec<Vec<u8>>,
    random: Random,
}

/// Inputs that are kept beside the seeds, because a reader took them.
const MOST_KEPT: usize = 256;

impl Mutator {
    pub fn new(seeds: Vec<Vec<u8>>, random: Random) -> Self {
        Self {
            seeds,
            kept: vec![],
            random,
        }
    }

    /// Keeps an input that was read, to go on from.
    pub fn keep(&mut self, input: &[u8]) {
        if self.kept.len() < MOST_KEPT {
            self.kept.push(input.to_vec());
        } else {
            let at = self.random.below(MOST_KEPT);
            self.kept[at] = input.to_vec();
        }
    }

    fn any(&mut self) -> Vec<u8> {
        let of_kept = !self.kept.is_empty() && self.random.below(3) == 0;
        let from = if of_kept { &self.kept } else { &self.seeds };
        let at = self.random.below(from.len());
        // Long files take long: most inputs are short.
        if from[at].len() > SHORT && self.random.below(64) > 0 {
            return self.any();
        }
        from[at].clone()
    }

    /// The next input, cut at `longest`.
    pub fn next(&mut self, longest: usize) -> Vec<u8> {
        let mut bytes = self.any();
        // Few changes leave more to be read; sometimes none is made.
        for _ in 0..self.random.below(5) {
            self.change(&mut bytes);
        }
        bytes.truncate(longest);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let random = &mut self.random;
        if bytes.is_empty() {
            bytes.extend(*random.pick(WORDS));
            return;
        }
        let length = bytes.len();
        let at = random.below(length);
        let most = random.below(32.min(length));
        let some = 1 + random.below(1 + most);
        let end = (at + some).min(length);
        match random.below(10) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.number() as u8,
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = bytes[at..end].to_vec();
                let times = 1 + random.below(8);
                drop(bytes.splice(at..at, piece.repeat(times)));
            }
            4 => bytes.truncate(at),
            5 => drop(bytes.splice(at..at, random.pick(WORDS).iter().copied())),
            6 => drop(bytes.splice(at..end, random.pick(WORDS).iter().copied())),
            7 => self.number(bytes, at),
            8 => self.digits(bytes, at),
            _ => {
                let other = self.any();
                if !other.is_empty() {
                    let from = self.random.below(other.len());
                    bytes.truncate(at);
                    bytes.extend(&other[from..]);
                }
            }
        }
    }

    /// Overwrites a number of 1 to 8 bytes with one at the edge.
    fn number(&mut self, bytes: &mut [u8], at: usize) {
        let width = (1 << self.random.below(4)).min(bytes.len() - at);
        let value = *self.random.pick(EDGES);
        let nudge = self.random.below(3) as u64;
        let word = value.wrapping_add(nudge).wrapping_sub(1).to_le_bytes();
        let place = &mut bytes[at..at + width];
        place.copy_from_slice(&word[..width]);
        if self.random.below(4) == 0 {
            place.reverse();
        }
    }

    /// Overwrites digits in text with another number.
    fn digits(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let is_digit = |&byte: &u8| byte.is_ascii_digit();
        let Some(first) = bytes[at..]
            .iter()
            .position(is_digit)
            .map(|first| at + first)
        else {
            return;
        };
        let last = bytes[first..].iter().position(|byte| !is_digit(byte));
        let last = last.map_or(bytes.len(), |last| first + last);
        let value = match self.random.below(3) {
            0 => *self.random.pick(EDGES),
            _ => self.random.below(40) as u64,
        };
        drop(bytes.splice(first..last, value.to_string().into_bytes()));
    }
}
