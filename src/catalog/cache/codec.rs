//! Numbers, texts and instants as bytes, and the frame around them that shows damage.
//!
//! A text that comes again is written once and named by number from then on. Whoever reads trusts nothing:
//! every length and every number is checked, and what does not fit is damage, never a panic.

use std::collections::HashMap;

use jiff::Timestamp;

/// What is read is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damaged;

/// So many texts are named by number; those after them are written out.
const MOST_SHARED: usize = 1 << 16;
/// A longer text is written out each time.
const LONGEST_SHARED: usize = 512;

/// Writes.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub bytes: Vec<u8>,
    shared: HashMap<Box<str>, u64>,
}

impl Writer {
    /// Writes a number, seven bits a byte, the lowest first.
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push((number & 0x7F) as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push((number & 0x7F) as u8);
    }

    /// Writes a number that may be negative: those near zero are short.
    pub fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63).cast_unsigned());
    }

    pub fn flag(&mut self, flag: bool) {
        self.bytes.push(u8::from(flag));
    }

    /// Writes a text that hardly comes again, such as an id.
    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Writes a text that may come again.
    pub fn shared(&mut self, text: &str) {
        self.maybe(Some(text));
    }

    /// Writes a text that may be missing: 0, or an odd number for one that came before, or its length.
    pub fn maybe(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            return self.number(0);
        };
        if let Some(known) = self.shared.get(text) {
            return self.number(known << 1 | 1);
        }
        self.number((text.len() as u64 + 1) << 1);
        self.bytes.extend_from_slice(text.as_bytes());
        if self.shared.len() < MOST_SHARED && text.len() <= LONGEST_SHARED {
            let number = self.shared.len() as u64;
            self.shared.insert(text.into(), number);
        }
    }

    pub fn instant(&mut self, at: Timestamp) {
        self.signed(at.as_second());
        self.signed(i64::from(at.subsec_nanosecond()));
    }
}

/// Reads what [`Writer`] wrote.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    shared: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let shared = Vec::new();
        Self { bytes, shared }
    }

    pub fn is_over(&self) -> bool {
        self.bytes.is_empty()
    }

    fn byte(&mut self) -> Result<u8, Damaged> {
        let (first, rest) = self.bytes.split_first().ok_or(Damaged)?;
        self.bytes = rest;
        Ok(*first)
    }

    pub fn number(&mut self) -> Result<u64, Damaged> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 {
                return Err(Damaged);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Damaged)
    }

    pub fn signed(&mut self) -> Result<i64, Damaged> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
    }

    pub fn flag(&mut self) -> Result<bool, Damaged> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _other => Err(Damaged),
        }
    }

    /// Reads so many bytes.
    pub fn slice(&mut self, length: u64) -> Result<&'a [u8], Damaged> {
        let length = usize::try_from(length).map_err(|_| Damaged)?;
        let (slice, rest) = self.bytes.split_at_checked(length).ok_or(Damaged)?;
        self.bytes = rest;
        Ok(slice)
    }

    pub fn text(&mut self) -> Result<&'a str, Damaged> {
        let length = self.number()?;
        std::str::from_utf8(self.slice(length)?).map_err(|_| Damaged)
    }

    pub fn shared(&mut self) -> Result<&'a str, Damaged> {
        self.maybe()?.ok_or(Damaged)
    }

    pub fn maybe(&mut self) -> Result<Option<&'a str>, Damaged> {
        let told = self.number()?;
        if told == 0 {
            return Ok(None);
        }
        if told & 1 == 1 {
            let known = usize::try_from(told >> 1).map_err(|_| Damaged)?;
            return self.shared.get(known).copied().map(Some).ok_or(Damaged);
        }
        let text = std::str::from_utf8(self.slice((told >> 1) - 1)?).map_err(|_| Damaged)?;
        if self.shared.len() < MOST_SHARED && text.len() <= LONGEST_SHARED {
            self.shared.push(text);
        }
        Ok(Some(text))
    }

    pub fn instant(&mut self) -> Result<Timestamp, Damaged> {
        let seconds = self.signed()?;
        let nanoseconds = i32::try_from(self.signed()?).map_err(|_| Damaged)?;
        Timestamp::new(seconds, nanoseconds).map_err(|_| Damaged)
    }
}

/// Returns a number that changes with any byte: each step can be undone, so two texts of one length that
/// differ in one place never have the same.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut words = bytes.chunks_exact(8);
    let mut sum = bytes.len() as u64;
    let mut mix = |word: u64| sum = (sum.rotate_left(23) ^ word).wrapping_mul(ODD);
    for word in &mut words {
        let word: [u8; 8] = word.try_into().unwrap_or_default();
        mix(u64::from_le_bytes(word));
    }
    let mut last = [0; 8];
    let rest = words.remainder();
    last[..rest.len()].copy_from_slice(rest);
    mix(u64::from_le_bytes(last));
    sum ^ sum >> 29
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_to_the_end() {
        let mut out = Writer::default();
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        let signed = [0, -1, 1, i64::MIN, i64::MAX];
        let texts = [
            Some("a"),
            None,
            Some(""),
            Some("ä\u{202e}\n"),
            Some("a"),
            Some(""),
        ];
        let long = "x".repeat(LONGEST_SHARED + 1);
        for one in numbers {
            out.number(one);
        }
        for one in signed {
            out.signed(one);
        }
        for one in texts {
            out.maybe(one);
        }
        for _twice in 0..2 {
            out.shared(&long);
            out.text("vol-1");
        }
        let mut read = Reader::new(&out.bytes);
        for one in numbers {
            assert_eq!(read.number(), Ok(one));
        }
        for one in signed {
            assert_eq!(read.signed(), Ok(one));
        }
        for one in texts {
            assert_eq!(read.maybe(), Ok(one));
        }
        for _twice in 0..2 {
            assert_eq!(read.shared(), Ok(long.as_str()));
            assert_eq!(read.text(), Ok("vol-1"));
        }
        assert!(read.is_over());
    }

    #[test]
    fn a_text_that_comes_again_takes_two_bytes_at_most() {
        let mut out = Writer::default();
        out.shared("completed");
        let before = out.bytes.len();
        out.shared("completed");
        assert!(out.bytes.len() <= before + 2);
    }

    #[test]
    fn what_breaks_off_or_makes_no_sense_is_damage() {
        let damaged: [&[u8]; 5] = [&[], &[0x80], &[0xFF; 11], &[6, b'a'], &[3]];
        for bytes in damaged {
            assert_eq!(Reader::new(bytes).maybe(), Err(Damaged), "{bytes:?}");
        }
        assert_eq!(Reader::new(&[2, 0xFF, 0xFF]).text(), Err(Damaged));
        assert_eq!(Reader::new(&[2]).flag(), Err(Damaged));
        let mut far = Writer::default();
        far.signed(i64::MAX);
        far.signed(0);
        assert_eq!(Reader::new(&far.bytes).instant(), Err(Damaged));
    }

    #[test]
    fn every_single_byte_counts_in_the_checksum() {
        let whole: Vec<u8> = (0..=60).collect();
        let sum = checksum(&whole);
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bent = whole.clone();
                bent[at] ^= 1 << bit;
                assert_ne!(checksum(&bent), sum, "byte {at}, bit {bit}");
            }
            assert_ne!(checksum(&whole[..at]), sum, "cut at {at}");
        }
    }
}
