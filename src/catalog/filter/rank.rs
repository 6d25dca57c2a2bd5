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
    if text.len() <= SHOWN_LENGTH && is_plain(text) {
        let fold = |b: u8| {
            if typed.minds_case {
                b
            } else {
                b.to_ascii_lowercase()
            }
        };
        if !typed.text.is_ascii() {
            return None;
        }
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
