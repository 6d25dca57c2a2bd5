//! A file that ends anywhere, or has a wrong byte anywhere, goes on from the last page that is whole.
//! Every byte is tried: nothing is lost, and nothing counts twice.

use std::fs;

use super::*;
use crate::domain::item::Value;

type Page = (Vec<(Vec<u8>, [u8; DIGEST])>, Option<Item>, f64);

fn key(number: usize) -> Item {
    Item::from([("id".to_owned(), Value::Text(format!("k{number}")))])
}

fn page(from: usize, count: usize, last: bool) -> Page {
    let rows = (from..from + count).map(|number| {
        let byte = u8::try_from(number).unwrap();
        (item::key_bytes(&key(number)), [byte; DIGEST])
    });
    (rows.collect(), (!last).then(|| key(from + count)), 1.5)
}

fn pages() -> Vec<Page> {
    vec![page(0, 2, false), page(2, 0, false), page(2, 3, true)]
}

fn instant(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Each page is read as many seconds after the epoch as there were items before it.
fn append(lane: &mut Lane, (rows, next, units): &Page) {
    let at = instant(i64::try_from(lane.items).unwrap());
    lane.append(rows, next.as_ref(), *units, at).unwrap();
}

fn keys(path: &Path) -> io::Result<Vec<Vec<u8>>> {
    let mut keys = Vec::new();
    records(path, &Steps::all(), |record| {
        assert_eq!(usize::from(record.digest[0]), keys.len());
        keys.push(record.key.to_vec());
        Ok(())
    })?;
    Ok(keys)
}

/// Goes on with a file, page by page, as a scan would.
fn finish(path: &Path) -> Lane {
    let mut lane = Lane::open(path, &Steps::all()).unwrap();
    let begin = match &lane.next {
        Next::Begin => 0,
        // The page without items has the same key behind it as the one before.
        Next::After(after) if *after == key(2) && lane.units < 2.0 => 1,
        Next::After(_) => 2,
        Next::Nowhere => 3,
    };
    for page in &pages()[begin..] {
        append(&mut lane, page);
    }
    lane
}

#[test]
fn a_file_that_ends_at_any_byte_is_finished_with_nothing_lost_and_nothing_twice() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lane");
    finish(&path);
    let whole = fs::read(&path).unwrap();
    for end in 0..=whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        if end < whole.len() {
            assert!(
                keys(&path).is_err(),
                "{end}: it is not read as if it were whole"
            );
        }
        let lane = finish(&path);
        assert_eq!((lane.items, lane.next), (5, Next::Nowhere), "{end}");
        assert!((lane.units - 4.5).abs() < 0.01, "{end}");
        let read = Between {
            from: instant(0),
            until: instant(2),
        };
        assert_eq!(lane.read, Some(read), "{end}");
        assert_eq!(fs::read(&path).unwrap(), whole, "{end}");
        assert_eq!(keys(&path).unwrap().len(), 5, "{end}");
    }
}

#[test]
fn what_is_left_while_it_is_opened_is_not_cut_off() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lane");
    finish(&path);
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend([7; 9]);
    fs::write(&path, &bytes).unwrap();
    for pages in 0..3 {
        let error = Lane::open(&path, &Steps::of(pages)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{pages}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{pages}");
    }
    Lane::open(&path, &Steps::of(3)).unwrap();
    bytes.truncate(bytes.len() - 9);
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_wrong_byte_anywhere_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lane");
    finish(&path);
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        assert!(keys(&path).is_err(), "{at}");
        finish(&path);
        assert_eq!(fs::read(&path).unwrap(), whole, "{at}");
    }
}
