//! Parts of a file: what is in them, how large they become, and what is made of one that was written to.
//! The files are written here, line by line, as an export has them.

use super::*;

fn keys() -> Vec<Key> {
    let key = |attribute: &str, kind: &str, scalar: &str| Key {
        attribute: attribute.to_owned(),
        kind: kind.to_owned(),
        scalar: scalar.to_owned(),
    };
    vec![key("id", "HASH", "S"), key("line", "RANGE", "N")]
}

fn parting() -> Parting {
    Parting {
        keys: keys(),
        first: 1,
        units: 1_000,
        parts: 100,
    }
}

fn line(number: u32, what: &str, more: usize) -> String {
    let key = format!(r#"{{"id":{{"S":"a{number}"}},"line":{{"N":"{number}"}}}}"#);
    let more = "x".repeat(more);
    format!(r#"{{"key":{key},"new":null,"old":{{"note":{{"S":"{more}"}}}},"what":"{what}"}}"#)
        + "\n"
}

/// A file of so many lines, of which every third is only in the old table.
fn file(home: &tempfile::TempDir, count: u32, more: usize) -> PathBuf {
    let what = |number: u32| ["only-old", "differs", "only-new"][number as usize % 3];
    let lines = (0..count).map(|number| line(number, what(number), more));
    let path = home.path().join("out.jsonl");
    fs::write(&path, lines.collect::<String>()).unwrap();
    path
}

fn numbers(part: &Part) -> Vec<String> {
    let name = |key: Item| {
        let Value::Text(text) = &key["id"] else {
            panic!("{key:?}")
        };
        text.clone()
    };
    keys_now(part).unwrap().into_iter().map(name).collect()
}

#[test]
fn every_key_of_the_old_table_alone_is_in_one_part() {
    let home = tempfile::tempdir().unwrap();
    let path = file(&home, 700, 10);
    let survey = survey_now(&path, &parting(), &Steps::all()).unwrap();
    assert_eq!(
        [survey.only_old, survey.differ, survey.only_new],
        [234, 233, 233]
    );
    let items: Vec<u32> = survey.parts.iter().map(|part| part.items).collect();
    assert_eq!(items, [100, 100, 34]);
    let found: Vec<String> = survey.parts.iter().flat_map(numbers).collect();
    let wanted: Vec<String> = (0..234).map(|n| format!("a{}", n * 3)).collect();
    assert_eq!(found, wanted);
    assert_eq!(survey.parts[0].units, 200);
}

#[test]
fn a_part_is_bounded_by_units_and_by_bytes_and_parts_by_their_number() {
    let home = tempfile::tempdir().unwrap();
    let path = file(&home, 90, 3_000);
    let items = |parting: &Parting| -> Vec<u32> {
        let survey = survey_now(&path, parting, &Steps::all()).unwrap();
        survey.parts.iter().map(|part| part.items).collect()
    };
    let some = Parting {
        units: 80,
        ..parting()
    };
    // Four units of 1 KiB each, twice for the transaction.
    assert_eq!(items(&some), [10, 10, 10]);
    let few = Parting {
        units: 1,
        parts: 3,
        first: 5,
        ..parting()
    };
    assert_eq!(items(&few), [1, 1, 1]);
    let third = survey_now(&path, &few, &Steps::all()).unwrap();
    assert_eq!(numbers(&third.parts[0]), ["a12"]);
    assert_eq!(third.only_old, 30);
    let large = file(&home, 30, 300_000);
    let survey = survey_now(
        &large,
        &Parting {
            units: 1 << 20,
            ..parting()
        },
        &Steps::all(),
    )
    .unwrap();
    // Each line has some three hundred thousand bytes, and what stands between them does not count.
    let items: Vec<u32> = survey.parts.iter().map(|part| part.items).collect();
    assert_eq!(items, [3, 3, 3, 1]);
}

#[test]
fn what_was_written_to_is_not_read() {
    let home = tempfile::tempdir().unwrap();
    let path = file(&home, 30, 10);
    let part = survey_now(&path, &parting(), &Steps::all())
        .unwrap()
        .parts
        .remove(0);
    let text = fs::read_to_string(&path).unwrap();
    let others = [
        text.replace("a3\"", "a4\""),
        text.replace("only-old", "differs"),
        text[..text.len() / 2].to_owned(),
        text.replace('{', "["),
        String::new(),
    ];
    for other in others {
        fs::write(&path, other).unwrap();
        let read = keys_now(&part);
        assert!(matches!(read, Err(Unreadable::Changed)), "{read:?}");
    }
    fs::write(&path, text + "more").unwrap();
    assert_eq!(
        keys_now(&part).unwrap().len(),
        10,
        "what comes after it is another's"
    );
    fs::remove_file(&path).unwrap();
    assert!(matches!(keys_now(&part), Err(Unreadable::File(_))));
}

#[test]
fn a_file_of_other_tables_or_of_nobody_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("out.jsonl");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        survey_now(&path, &parting(), &Steps::all())
    };
    let good = line(1, "only-old", 1);
    assert!(matches!(read(&good), Ok(survey) if survey.parts.len() == 1));
    let wrong = read(&format!("{good}no JSON\n"));
    assert!(matches!(wrong, Err(Unreadable::Line(2))), "{wrong:?}");
    let wrong = read(&good.replace("only-old", "gone"));
    assert!(matches!(wrong, Err(Unreadable::Line(1))), "{wrong:?}");
    for (old, new) in [("\"N\":", "\"S\":"), ("\"line\"", "\"lines\"")] {
        let wrong = read(&good.replace(old, new));
        assert!(matches!(wrong, Err(Unreadable::Key(1))), "{wrong:?}");
    }
    let wrong = survey_now(home.path(), &parting(), &Steps::all());
    assert!(matches!(wrong, Err(Unreadable::File(_))), "{wrong:?}");
}
