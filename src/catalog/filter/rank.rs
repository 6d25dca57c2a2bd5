//! How well a text matches a word, in one walk through its bytes.
//! It finds a match wherever there is one, and a rank that need not be the best way's.

use crate::domain::text::{SHOWN_LENGTH, shown};

use super::{Typed, folded};

/// The highest rank.
pub(super) const BEST: u16 = 1000;

/// Points for a letter that matches, for one that begins a part of the text or the text itself, and for one
/// that follows the letter before.
const LETTER: i32 = 16;
const BEGINS: i32 = 8;
const BEGINS_ALL: i32 = 4;
const FOLLOWS: i32 = 8;
/// What letters between cost, and what is left over at the end.
const GAP: i32 = 3;
const BETWEEN: i32 = 1;
const LEFT_OVER: i32 = 32;

pub(super) fn rank(typed: &Typed, text: &str, loosely: bool) -> Option<u16> {
    if text.len() <= SHORT {
        if let Some(letters) = Letters::of(text.as_bytes(), typed) {
            return letters.rank(text.as_bytes(), typed, loosely);
        }
    } else if text.len() <= SHOWN_LENGTH && is_plain(text) {
        if !typed.text.is_ascii() {
            return None;
        }
        let fold = |b: u8| {
            if typed.minds_case {
                b
            } else {
                b.to_ascii_lowercase()
            }
        };
        return walked(text.as_bytes(), typed.text.as_bytes(), fold, loosely);
    }
    let fold = |c: char| if typed.minds_case { c } else { folded(c) };
    let text: Vec<char> = shown(text).chars().collect();
    let word: Vec<char> = typed.text.chars().collect();
    walked(&text, &word, fold, loosely)
}

/// Tells whether a text is shown as it came. Without a way out halfway, many bytes are looked at in one step.
fn is_plain(text: &str) -> bool {
    let plain = |b: u8| b.wrapping_sub(b' ') <= b'~' - b' ';
    text.bytes().fold(true, |all, b| all & plain(b))
}

/// Bytes of a text whose places fit into the bits of one number.
const SHORT: usize = 64;
const _: () = assert!(SHORT <= SHOWN_LENGTH);

/// Where a short text that is shown as it came has the first letter of a word.
struct Letters(u64);

/// The same byte eight times.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

impl Letters {
    /// Looks at eight bytes in one step; `None` where the text is not shown as it came.
    fn of(text: &[u8], typed: &Typed) -> Option<Self> {
        let first = typed.text.as_bytes().first().copied().unwrap_or_default();
        // A small letter and its capital differ in one bit, and nothing else is like them then.
        let case = if !typed.minds_case && first.is_ascii_lowercase() {
            each(b' ')
        } else {
            0
        };
        let (wanted, mut places, mut odd) = (each(first), 0, 0);
        let (eights, rest) = text.as_chunks::<8>();
        let mut last = [b' '; 8];
        last[..rest.len()].copy_from_slice(rest);
        let last = (!rest.is_empty()).then_some(&last);
        for (n, eight) in eights.iter().chain(last).enumerate() {
            let eight = u64::from_le_bytes(*eight);
            odd |= eight | eight.wrapping_sub(each(b' ')) | zeroes(eight ^ each(0x7f));
            let hits = zeroes((eight | case) ^ wanted) >> 7;
            places |= hits.wrapping_mul(0x0102_0408_1020_4080) >> 56 << (8 * n);
        }
        let of_text = u64::MAX.checked_shr(64 - u32::try_from(text.len()).ok()?);
        (odd & each(0x80) == 0).then_some(Self(places & of_text.unwrap_or(0)))
    }

    fn rank(self, text: &[u8], typed: &Typed, loosely: bool) -> Option<u16> {
        let word = typed.text.as_bytes();
        if self.0 == 0 || !typed.text.is_ascii() {
            return None;
        }
        if typed.minds_case {
            self.ranked(text, word, |b| b, loosely)
        } else {
            self.ranked(text, word, |b| b.to_ascii_lowercase(), loosely)
        }
    }

    fn ranked(
        self,
        text: &[u8],
        word: &[u8],
        fold: impl Fn(u8) -> u8,
        loosely: bool,
    ) -> Option<u16> {
        let last = text.len().checked_sub(word.len())?;
        let (mut places, mut found) = (self.0, None);
        while places != 0 {
            let at = places.trailing_zeros() as usize;
            places &= places - 1;
            if at > last {
                break;
            }
            let tail = text[at + 1..].iter().zip(&word[1..]);
            if tail.clone().all(|(one, wanted)| fold(*one) == *wanted) {
                if begins(text, at) {
                    return Some(ranked(text, at, word.len(), 0));
                }
                found = found.or(Some(at));
            }
        }
        if let Some(at) = found {
            return Some(ranked(text, at, word.len(), 0));
        }
        if loosely && word.len() > 1 {
            scattered(text, word, fold)
        } else {
            None
        }
    }
}

/// Returns the highest bit of each byte that is zero.
const fn zeroes(eight: u64) -> u64 {
    let low = each(0x7f);
    !(((eight & low) + low) | eight | low)
}

fn walked<T: Copy + PartialEq + Into<char>>(
    text: &[T],
    word: &[T],
    fold: impl Fn(T) -> T,
    loosely: bool,
) -> Option<u16> {
    if let Some(at) = in_one_piece(text, word, &fold) {
        return Some(ranked(text, at, word.len(), 0));
    }
    if !loosely {
        return None;
    }
    scattered(text, word, fold)
}

/// Ranks a word whose letters are in a text with others between them.
fn scattered<T: Copy + PartialEq + Into<char>>(
    text: &[T],
    word: &[T],
    fold: impl Fn(T) -> T,
) -> Option<u16> {
    let mut wanted = word.iter();
    let mut next = wanted.next()?;
    let mut end = None;
    for (n, one) in text.iter().enumerate() {
        if fold(*one) == *next {
            let Some(one) = wanted.next() else {
                end = Some(n);
                break;
            };
            next = one;
        }
    }
    let end = end?;
    // From its end backwards, the match may be shorter than it looked from the front.
    let mut wanted = word.iter().rev().peekable();
    let mut start = end;
    while let Some(next) = wanted.peek() {
        if fold(text[start]) == **next {
            wanted.next();
        }
        if wanted.peek().is_some() {
            start -= 1;
        }
    }
    Some(ranked(
        text,
        start,
        word.len(),
        end + 1 - start - word.len(),
    ))
}

/// Finds a word without anything between its letters: where it begins the text or a part of it, before
/// elsewhere.
fn in_one_piece<T: Copy + PartialEq + Into<char>>(
    text: &[T],
    word: &[T],
    fold: &impl Fn(T) -> T,
) -> Option<usize> {
    let (first, rest) = word.split_first()?;
    let last = text.len().checked_sub(word.len())?;
    let mut found = None;
    for at in 0..=last {
        if fold(text[at]) != *first {
            continue;
        }
        let tail = text[at + 1..].iter().zip(rest);
        if tail.clone().all(|(one, wanted)| fold(*one) == *wanted) {
            if begins(text, at) {
                return Some(at);
            }
            found = found.or(Some(at));
        }
    }
    found
}

fn begins<T: Copy + Into<char>>(text: &[T], at: usize) -> bool {
    at == 0 || !text[at - 1].into().is_alphanumeric()
}

fn ranked<T: Copy + Into<char>>(text: &[T], start: usize, letters: usize, between: usize) -> u16 {
    let count = |n: usize| i32::try_from(n.min(256)).unwrap_or_default();
    let mut rank = LETTER * count(letters.min(24));
    if begins(text, start) {
        rank += BEGINS * 2;
    }
    if start == 0 {
        rank += BEGINS_ALL * 2;
    }
    if between == 0 {
        rank += FOLLOWS * count(letters.min(24));
    } else {
        rank -= GAP + BETWEEN * count(between.min(64));
    }
    let left = text.len() - start - letters - between;
    rank += LEFT_OVER - count(left.min(32));
    u16::try_from(rank.max(1)).unwrap_or(BEST).min(BEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in no order, the same each time.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: usize) -> usize {
            self.0 = (self.0.wrapping_mul(6_364_136_223_846_793_005)).wrapping_add(1_442_695);
            usize::try_from(self.0 >> 33).unwrap() % end
        }

        fn text(&mut self, letters: &[char], longest: usize) -> String {
            let length = self.below(longest + 1);
            (0..length)
                .map(|_| letters[self.below(letters.len())])
                .collect()
        }
    }

    /// The way of texts of any length.
    fn plainly(typed: &Typed, text: &str, loosely: bool) -> Option<u16> {
        let fold = |c: char| if typed.minds_case { c } else { folded(c) };
        let text: Vec<char> = shown(text).chars().collect();
        let word: Vec<char> = typed.text.chars().collect();
        walked(&text, &word, fold, loosely)
    }

    #[test]
    fn a_short_text_has_the_rank_that_a_walk_through_its_letters_gives() {
        let plain: Vec<char> = "aabAB-_0:@`z~ {".chars().collect();
        let odd: Vec<char> = "abA-ä表\u{7}\u{7f}İ".chars().collect();
        let mut numbers = Numbers(7);
        let mut found = [0; 2];
        for round in 0..60_000 {
            let letters = if round % 8 == 0 { &odd } else { &plain };
            let longest = [5, 24, 70][round % 3];
            let text = numbers.text(letters, longest);
            let longest = [1, 3, 6][round % 5 % 3];
            let word = numbers.text(letters, longest);
            let Some(typed) = word.split_whitespace().next().map(Typed::new) else {
                continue;
            };
            for loosely in [false, true] {
                let wanted = plainly(&typed, &text, loosely);
                assert_eq!(rank(&typed, &text, loosely), wanted, "{word:?} {text:?}");
                found[usize::from(wanted.is_some())] += 1;
            }
        }
        assert!(found[0] > 10_000 && found[1] > 10_000, "{found:?}");
    }
}
