//! Makes an order in steps: a number for each row, by whose digits rows are moved without comparing them, and at
//! last those are compared that their numbers leave together.

use crate::catalog::store::Store;

use super::keys::{Ids, Names, With, place_ranks};
use super::{By, Kept, Kind, Seen, narrow};

/// A row, with a number by which most are told apart.
type Keyed = (u64, u32);

/// Bits of a digit.
const DIGIT: u32 = 11;

/// How many rows are handled in the time in which one is looked at.
const MOVED: usize = 8;
const COUNTED: usize = 32;

/// What is done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Naming,
    Looking,
    Gathering,
    Counting,
    Moving,
    Mending,
    Done,
}

/// An order that is being made.
#[derive(Clone, Debug)]
pub(super) struct Making {
    /// What it is by.
    pub by: By,
    seen: Seen,
    stage: Stage,
    /// How far this stage is.
    next: usize,
    /// Ranks of the places, by number, where the order depends on them.
    places: Vec<u64>,
    names: Names,
    ids: Ids,
    /// Numbers by row, where rows are taken in the order of another.
    keys: Vec<u64>,
    /// Numbers that tell apart what the first left together, by row.
    second: Vec<u64>,
    keyed: Vec<Keyed>,
    /// What is moved in this pass.
    moved: Vec<Keyed>,
    /// Bits in which any two numbers differ, as far as they are sorted by no digit yet.
    differ: u64,
    one: Option<u64>,
    /// Where the next row of each digit goes.
    starts: Vec<usize>,
}

/// Takes from a budget of rows what handling up to `rest` things costs, so many for one; returns how many.
fn spend(budget: &mut usize, rest: usize, for_one: usize) -> usize {
    let now = rest.min(budget.saturating_mul(for_one));
    *budget -= now.div_ceil(for_one).min(*budget);
    now
}

impl Making {
    pub(super) fn new(by: By, seen: Seen, store: &Store) -> Self {
        Self {
            by,
            seen,
            stage: Stage::Naming,
            next: 0,
            places: place_ranks(by, store),
            names: Names::default(),
            ids: Ids::of(by, store),
            keys: Vec::new(),
            second: Vec::new(),
            keyed: Vec::new(),
            moved: Vec::new(),
            differ: 0,
            one: None,
            starts: Vec::new(),
        }
    }

    /// Returns what was made.
    pub(super) fn made(self) -> Kept {
        Kept {
            by: self.by,
            seen: self.seen,
            rows: self.keyed.iter().map(|(_, row)| *row).collect(),
        }
    }

    /// Goes on for as long as `budget` rows take; tells whether it is done. Rows that are alike stay as they
    /// are in `base`.
    pub(super) fn step(&mut self, store: &Store, base: &[u32], budget: &mut usize) -> bool {
        while self.stage != Stage::Done {
            if *budget == 0 {
                return false;
            }
            match self.stage {
                Stage::Naming => self.name(store, budget),
                Stage::Looking => self.look(store, budget),
                Stage::Gathering => self.gather(base, budget),
                Stage::Counting => self.count(budget),
                Stage::Moving => self.shift(budget),
                Stage::Mending => self.mend(store, budget),
                Stage::Done => {}
            }
        }
        true
    }

    fn turn_to(&mut self, stage: Stage) {
        (self.stage, self.next) = (stage, 0);
    }

    fn name(&mut self, store: &Store, budget: &mut usize) {
        if self.names.work(self.by, store, budget) {
            self.turn_to(Stage::Looking);
        }
    }

    fn look(&mut self, store: &Store, budget: &mut usize) {
        let with = With {
            store,
            by: self.by,
            places: &self.places,
            names: &self.names,
            ids: &self.ids,
        };
        let end = match self.by.kind {
            Kind::Resources => store.resources().len(),
            _points => self.seen.rows,
        };
        let cost = with.cost();
        let mut times = (*budget).div_ceil(cost);
        let rows = self.next..self.next + spend(&mut times, end.saturating_sub(self.next), 1);
        *budget = budget.saturating_sub(rows.len() * cost);
        self.next = rows.end;
        let (has_base, has_second) = (self.by.base().is_some(), with.has_second());
        for row in rows {
            let listed = with.is_listed(row);
            let key = if listed { with.key(row) } else { u64::MAX };
            if listed {
                self.differ |= key ^ *self.one.get_or_insert(key);
            }
            if has_base {
                self.keys.push(key);
            } else if listed {
                self.keyed.push((key, narrow(row)));
            }
            if has_second {
                let second = if listed { with.second(row) } else { 0 };
                self.second.push(second);
            }
        }
        if self.next == end {
            self.turn_to(if has_base {
                Stage::Gathering
            } else {
                Stage::Counting
            });
        }
    }

    /// Takes rows in the order of another.
    fn gather(&mut self, base: &[u32], budget: &mut usize) {
        let count = spend(budget, base.len() - self.next, MOVED);
        let rows = &base[self.next..self.next + count];
        let key = |row: u32| self.keys.get(row as usize).copied().unwrap_or(u64::MAX);
        self.keyed.extend(rows.iter().map(|row| (key(*row), *row)));
        self.next += count;
        if self.next == base.len() {
            // A row that has been hidden meanwhile has a number that others do not have.
            self.differ |= self.keyed.iter().fold(0, |all, (key, _)| {
                all | (key ^ self.one.unwrap_or_default())
            });
            self.keys = Vec::new();
            self.turn_to(Stage::Counting);
        }
    }

    fn digit(&self, key: u64) -> usize {
        let mask = (1 << DIGIT) - 1;
        usize::try_from(key >> self.differ.trailing_zeros() & mask).unwrap_or_default()
    }

    /// Counts how often each digit is there.
    fn count(&mut self, budget: &mut usize) {
        if self.differ == 0 {
            self.moved = Vec::new();
            self.turn_to(Stage::Mending);
            return;
        }
        if self.next == 0 {
            self.starts = vec![0; 1 << DIGIT];
        }
        let rows = self.next..self.next + spend(budget, self.keyed.len() - self.next, COUNTED);
        self.next = rows.end;
        for n in rows {
            let digit = self.digit(self.keyed[n].0);
            self.starts[digit] += 1;
        }
        if self.next == self.keyed.len() {
            let mut begin = 0;
            for start in &mut self.starts {
                begin += std::mem::replace(start, begin);
            }
            self.moved.resize(self.keyed.len(), (0, 0));
            self.turn_to(Stage::Moving);
        }
    }

    /// Moves rows behind those of smaller digits; rows of the same digit stay as they are.
    fn shift(&mut self, budget: &mut usize) {
        let rows = self.next..self.next + spend(budget, self.keyed.len() - self.next, MOVED);
        self.next = rows.end;
        for n in rows {
            let one = self.keyed[n];
            let digit = self.digit(one.0);
            let start = &mut self.starts[digit];
            self.moved[*start] = one;
            *start += 1;
        }
        if self.next == self.keyed.len() {
            std::mem::swap(&mut self.keyed, &mut self.moved);
            let sorted = self.differ.trailing_zeros() + DIGIT;
            self.differ &= u64::MAX.checked_shl(sorted).unwrap_or(0);
            self.turn_to(Stage::Counting);
        }
    }

    /// Compares rows that have the same number.
    fn mend(&mut self, store: &Store, budget: &mut usize) {
        let with = With {
            store,
            by: self.by,
            places: &self.places,
            names: &self.names,
            ids: &self.ids,
        };
        while self.next < self.keyed.len() {
            if *budget == 0 {
                return;
            }
            let rest = &mut self.keyed[self.next..];
            let key = rest[0].0;
            let alike = rest.iter().take_while(|one| one.0 == key).count();
            let alike = &mut rest[..alike];
            let wanting = alike.len() > 1 && !with.is_told_by(key);
            if wanting {
                let is_whole = with.is_whole(key);
                for one in alike.iter_mut() {
                    let second = self.second.get(one.1 as usize).filter(|_| is_whole);
                    one.0 = second.copied().unwrap_or_default();
                }
                alike.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| with.compare(a.1, b.1)));
            }
            let count = alike.len();
            spend(budget, count, if wanting { 1 } else { MOVED });
            self.next += count;
        }
        self.second = Vec::new();
        self.turn_to(Stage::Done);
    }
}
