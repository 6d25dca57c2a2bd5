//! A recovery point as a row keeps it: numbers for texts, integers for times, nothing on the heap.
//!
//! What every list looks at lies together; what only the detail shows lies apart.

use jiff::Timestamp;

use crate::domain::architecture::Architecture;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, Tier, When};

use super::texts::{Nth, Text};

/// What lists are sorted by and what the filter looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The instant by which the point is sorted.
    pub at: Instant,
    pub id: Text,
    /// The resource that it names itself, by its row.
    pub resource: Option<Nth>,
    pub name: Option<Text>,
    pub place: Nth,
    pub kind: PointKind,
    pub tier: Tier,
    /// Whether the data's instant is only a bound.
    pub bounded: bool,
    /// Whether another row shows the point.
    pub hidden: bool,
}

/// Everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rest {
    pub size: u64,
    pub state: Text,
    pub kms_key: Option<Text>,
    pub protection: Option<Text>,
    pub copy_of: Option<Text>,
    pub vault: Option<Text>,
    pub face_of: Option<Text>,
    pub scan: Option<Text>,
    pub tags: Nth,
    /// Times that do not fit into the head.
    pub odd: Option<Nth>,
    pub origin: Origin,
    pub encrypted: Option<bool>,
    pub flags: Flags,
    pub face_kind: Option<PointKind>,
    pub links: Links,
}

/// What is so or not so, and one of a few words, in a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flags(u8);

impl Flags {
    const SIZED: u8 = 1;
    const COPY_FIRST: u8 = 2;
    /// Above it stands the number of the architecture, counted from one.
    const ARCHITECTURE: u8 = 2;

    /// Packs whether the size is known, whether a copy has to be made first, and the architecture.
    pub(super) fn new(sized: bool, copy_first: bool, architecture: Option<Architecture>) -> Self {
        let number = architecture.map_or(0, |one| one as u8 + 1);
        Self(
            u8::from(sized) * Self::SIZED
                + u8::from(copy_first) * Self::COPY_FIRST
                + (number << Self::ARCHITECTURE),
        )
    }

    pub(super) fn architecture(self) -> Option<Architecture> {
        let number = usize::from(self.0 >> Self::ARCHITECTURE);
        Architecture::ALL.get(number.checked_sub(1)?).copied()
    }

    pub(super) fn sized(self) -> bool {
        self.0 & Self::SIZED != 0
    }

    pub(super) fn copy_first(self) -> bool {
        self.0 & Self::COPY_FIRST != 0
    }
}

/// What ties a row to others. No part of the point itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    /// Number of the scan that found the row last.
    pub seen: u32,
    /// The resource under which the point stands.
    pub home: Option<Nth>,
    /// The next row that was copied from the same point.
    pub next_copy: Option<Nth>,
    /// The other of a native point and its face in AWS Backup.
    pub other: Option<Nth>,
}

/// An instant with its nanoseconds, in twelve bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant {
    seconds: [u32; 2],
    nanoseconds: u32,
}

/// Raises what may be negative above zero, in order.
const RAISED: u32 = 1 << 31;

impl Instant {
    pub(super) fn of(at: Timestamp) -> Self {
        let seconds = at.as_second().cast_unsigned() ^ (1 << 63);
        let halves = [(seconds >> 32) as u32, (seconds & 0xFFFF_FFFF) as u32];
        Self {
            seconds: halves,
            nanoseconds: at.subsec_nanosecond().cast_unsigned() ^ RAISED,
        }
    }

    pub(super) fn timestamp(self) -> Timestamp {
        let nanoseconds = (self.nanoseconds ^ RAISED).cast_signed();
        let at = Timestamp::new(self.key().cast_signed() ^ (1 << 63), nanoseconds);
        at.expect("it was made of one")
    }

    /// Returns it as one number that keeps the order from 1970 on for five hundred years; what is before shares
    /// the least one, and what is after the greatest.
    pub(super) fn moment(self) -> u64 {
        const WHOLE: u32 = 30;
        let seconds = self.key().cast_signed() ^ i64::MIN;
        let nanoseconds = (self.nanoseconds ^ RAISED).cast_signed();
        let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(seconds), u64::try_from(nanoseconds))
        else {
            return u64::MIN;
        };
        if seconds >> (u64::BITS - WHOLE) == 0 {
            seconds << WHOLE | nanoseconds
        } else {
            u64::MAX
        }
    }

    /// Returns its seconds as a number that keeps their order.
    pub(super) fn key(self) -> u64 {
        u64::from(self.seconds[0]) << 32 | u64::from(self.seconds[1])
    }
}

/// Both times of a point that is no plain instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Odd {
    pub when: When,
    pub data_at: DataTime,
}

impl Odd {
    /// Tells whether the times do not fit into a head.
    pub(super) fn is_odd(self) -> bool {
        match self.when {
            When::At { at } => at != self.data_at.bound(),
            When::Window { .. } => true,
        }
    }

    /// Returns the instant by which a point of these times is sorted.
    pub(super) fn sorted_by(self) -> Timestamp {
        match self.when {
            When::At { .. } => self.data_at.bound(),
            When::Window { latest, .. } => latest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_come_back_whole_and_keep_their_order() {
        let mut all: Vec<Timestamp> = [
            (-377_705_023_201, 0),
            (-2, -999_999_999),
            (-1, 0),
            (0, -1),
            (0, 0),
            (0, 1),
            (1_772_330_400, 123_456_789),
            (253_402_207_200, 999_999_999),
        ]
        .into_iter()
        .map(|(seconds, nanoseconds)| Timestamp::new(seconds, nanoseconds).unwrap())
        .collect();
        all.sort();
        let packed: Vec<Instant> = all.iter().map(|at| Instant::of(*at)).collect();
        assert!(packed.is_sorted());
        let moments: Vec<u64> = packed.iter().map(|at| at.moment()).collect();
        assert!(moments.is_sorted());
        let same = moments.windows(2).filter(|pair| pair[0] == pair[1]);
        assert_eq!(same.count(), 4, "those before 1970: {moments:?}");
        let back: Vec<Timestamp> = packed.iter().map(|at| at.timestamp()).collect();
        assert_eq!(back, all);
    }

    #[test]
    fn flags_come_back_whole() {
        let all = Architecture::ALL.into_iter().map(Some).chain([None]);
        for architecture in all {
            for (sized, copy_first) in [(false, false), (false, true), (true, false), (true, true)]
            {
                let flags = Flags::new(sized, copy_first, architecture);
                let back = (flags.sized(), flags.copy_first(), flags.architecture());
                assert_eq!(back, (sized, copy_first, architecture));
            }
        }
    }

    #[test]
    fn a_row_takes_less_than_a_hundred_bytes() {
        assert_eq!((size_of::<Head>(), size_of::<Rest>()), (32, 64));
    }
}
