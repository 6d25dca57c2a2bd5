//! Texts, each kept once in one arena and named by number; and the tables that find numbers again.
//!
//! What a row no longer names stays: a listing that is asked again brings the same texts.

use std::hash::{BuildHasher as _, RandomState};
use std::num::NonZeroU32;

/// Number of something that is kept in a list; an optional one takes no more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Nth(NonZeroU32);

impl Nth {
    pub(super) fn new(n: usize) -> Self {
        let n = u32::try_from(n + 1).ok().and_then(NonZeroU32::new);
        Self(n.expect("fewer than four thousand million"))
    }

    pub(super) fn n(self) -> usize {
        self.0.get() as usize - 1
    }

    /// Returns a hash that spreads neighbours.
    pub(super) fn hash(self) -> u64 {
        u64::from(self.0.get()).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// Appends to a list that does not double when it is full: a quarter of a gigabyte would stand empty.
pub(super) fn push<T>(list: &mut Vec<T>, one: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len() / 8 + 16);
    }
    list.push(one);
}

/// Counts the bytes that a list has taken.
pub(super) fn bytes_of<T>(list: &Vec<T>) -> usize {
    list.capacity() * size_of::<T>()
}

/// A table is cut into so many parts: one grows at a time, and no page of a listing waits for all of it.
const PARTS: usize = 64;
const FREE: u32 = 0;

/// Finds numbers by a hash of what they stand for; that itself is kept elsewhere.
#[derive(Debug, Default)]
pub(super) struct Index {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Default)]
struct Part {
    slots: Vec<u32>,
    taken: usize,
}

impl Index {
    /// Returns the numbers that may have this hash.
    pub(super) fn with(&self, hash: u64) -> impl Iterator<Item = Nth> + '_ {
        let part = self.parts.get(part_of(hash));
        let slots = part.map_or(&[][..], |part| &part.slots);
        let first = slot_of(hash, slots.len());
        let probed = slots[first..].iter().chain(&slots[..first]);
        probed.map_while(|slot| NonZeroU32::new(*slot).map(Nth))
    }

    /// Counts its bytes.
    pub(super) fn bytes(&self) -> usize {
        let slots = self.parts.iter().map(|part| bytes_of(&part.slots));
        bytes_of(&self.parts) + slots.sum::<usize>()
    }

    /// Takes in a number. `hash_of` gives the hashes of those that are in already.
    pub(super) fn insert(&mut self, nth: Nth, hash: u64, hash_of: impl Fn(Nth) -> u64) {
        if self.parts.is_empty() {
            self.parts = vec![Part::default(); PARTS];
        }
        let part = &mut self.parts[part_of(hash)];
        if (part.taken + 1) * 5 > part.slots.len() * 4 {
            let grown = vec![FREE; part.slots.len() * 3 / 2 + 8];
            let before = std::mem::replace(&mut part.slots, grown);
            for one in before.into_iter().filter_map(NonZeroU32::new).map(Nth) {
                part.put(one, hash_of(one));
            }
        }
        part.put(nth, hash);
        part.taken += 1;
    }
}

impl Part {
    fn put(&mut self, nth: Nth, hash: u64) {
        let mut at = slot_of(hash, self.slots.len());
        while self.slots[at] != FREE {
            at = (at + 1) % self.slots.len();
        }
        self.slots[at] = nth.0.get();
    }
}

fn part_of(hash: u64) -> usize {
    (hash >> 58) as usize % PARTS
}

/// Spreads the bits below those that choose the part over the slots.
fn slot_of(hash: u64, slots: usize) -> usize {
    let bits = (hash << 6) >> 32;
    let slot = bits * (slots as u64);
    (slot >> 32) as usize
}

/// A text by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Text(pub(super) Nth);

/// Texts, each once.
#[derive(Debug, Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<u32>,
    index: Index,
    hasher: RandomState,
}

impl Texts {
    /// Keeps a text.
    pub(super) fn keep(&mut self, text: &str) -> Text {
        if let Some(known) = self.find(text) {
            return known;
        }
        let nth = Nth::new(self.ends.len());
        let room = self.all.capacity() - self.all.len();
        if room < text.len() {
            self.all.reserve_exact(text.len() + self.all.len() / 8 + 64);
        }
        self.all.push_str(text);
        let end = u32::try_from(self.all.len()).expect("less than four gigabytes of text");
        push(&mut self.ends, end);
        let hash = self.hasher.hash_one(text);
        let Self {
            all,
            ends,
            index,
            hasher,
        } = self;
        index.insert(nth, hash, |one| hasher.hash_one(slice(all, ends, one)));
        Text(nth)
    }

    /// Finds a text that is kept.
    pub(super) fn find(&self, text: &str) -> Option<Text> {
        let mut found = self.index.with(self.hasher.hash_one(text));
        found
            .find(|one| slice(&self.all, &self.ends, *one) == text)
            .map(Text)
    }

    /// Counts its bytes.
    pub(super) fn taken(&self) -> usize {
        self.all.capacity() + bytes_of(&self.ends) + self.index.bytes()
    }

    pub(super) fn get(&self, text: Text) -> &str {
        slice(&self.all, &self.ends, text.0)
    }

    /// Counts the texts.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }
}

fn slice<'a>(all: &'a str, ends: &[u32], nth: Nth) -> &'a str {
    let n = nth.n();
    let from = if n == 0 { 0 } else { ends[n - 1] as usize };
    &all[from..ends[n] as usize]
}

/// Sets of tags, each once.
#[derive(Debug, Default)]
pub(super) struct TagSets {
    pairs: Vec<(Text, Text)>,
    ends: Vec<u32>,
    index: Index,
    hasher: RandomState,
}

impl TagSets {
    pub(super) fn keep(&mut self, set: &[(Text, Text)]) -> Nth {
        let hash = self.hasher.hash_one(set);
        let mut known = self.index.with(hash);
        if let Some(known) = known.find(|one| self.get(*one) == set) {
            return known;
        }
        drop(known);
        let nth = Nth::new(self.ends.len());
        for pair in set {
            push(&mut self.pairs, *pair);
        }
        let end = u32::try_from(self.pairs.len()).expect("fewer than four thousand million tags");
        push(&mut self.ends, end);
        let Self {
            pairs,
            ends,
            index,
            hasher,
        } = self;
        index.insert(nth, hash, |one| hasher.hash_one(part(pairs, ends, one)));
        nth
    }

    pub(super) fn get(&self, nth: Nth) -> &[(Text, Text)] {
        part(&self.pairs, &self.ends, nth)
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Counts its bytes.
    pub(super) fn taken(&self) -> usize {
        bytes_of(&self.pairs) + bytes_of(&self.ends) + self.index.bytes()
    }
}

fn part<'a, T>(all: &'a [T], ends: &[u32], nth: Nth) -> &'a [T] {
    let n = nth.n();
    let from = if n == 0 { 0 } else { ends[n - 1] as usize };
    &all[from..ends[n] as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once_and_found_by_its_number_among_many() {
        let mut texts = Texts::default();
        let all: Vec<String> = (0..20_000).map(|n| format!("text {n}")).collect();
        let kept: Vec<Text> = all.iter().map(|text| texts.keep(text)).collect();
        let empty = texts.keep("");
        for (text, one) in all.iter().zip(&kept) {
            assert_eq!(texts.get(*one), text);
            assert_eq!(texts.keep(text), *one);
        }
        assert_eq!(texts.get(empty), "");
        assert_eq!(texts.find("text 20000"), None);
    }

    #[test]
    fn sets_of_tags_are_told_apart_where_one_begins_as_the_other() {
        let (mut texts, mut sets) = (Texts::default(), TagSets::default());
        let (a, b) = (texts.keep("a"), texts.keep("b"));
        let (one, two) = (sets.keep(&[(a, b)]), sets.keep(&[(a, b), (b, a)]));
        let none = sets.keep(&[]);
        assert_eq!(sets.keep(&[(a, b)]), one);
        assert_eq!(sets.get(two), [(a, b), (b, a)]);
        assert_eq!(sets.get(none), []);
    }
}
