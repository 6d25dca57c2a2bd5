//! What makes two items the same, and what must not.
//! Every pair that is not alike here differs in one thing only.

use super::*;

fn item(attributes: &[(&str, Value)]) -> Item {
    let own = |(name, value): &(&str, Value)| ((*name).to_owned(), value.clone());
    attributes.iter().map(own).collect()
}

fn number(text: &str) -> Value {
    Value::Number(text.to_owned())
}

fn texts(members: &[&str]) -> Vec<String> {
    members.iter().map(ToString::to_string).collect()
}

fn same(one: Value, other: Value) -> bool {
    digest(&item(&[("a", one)])) == digest(&item(&[("a", other)]))
}

#[test]
fn a_number_counts_by_its_value() {
    for (written, value) in [
        ("1.0", "1"),
        ("1e2", "100"),
        ("+5", "5"),
        ("-0.0", "0"),
        ("0.00120", "0.0012"),
        ("12.5E1", "125"),
        ("12.5E-3", "0.0125"),
        ("007", "7"),
        ("100", "100"),
        (".5", "0.5"),
        ("-12.340", "-12.34"),
    ] {
        assert_eq!(plain(written), value, "{written}");
        assert!(same(number(written), number(value)), "{written}");
    }
    for (one, other) in [("1", "10"), ("1", "-1"), ("0.1", "1"), ("1e2", "1e3")] {
        assert!(!same(number(one), number(other)), "{one} {other}");
    }
    for odd in [
        "",
        "-",
        "1e",
        "1e99999999999999999999",
        "1e9999",
        "a",
        "1.2.3",
    ] {
        assert_eq!(plain(odd), odd);
    }
}

#[test]
fn a_set_has_no_order_and_a_list_has() {
    let numbers = |members: &[&str]| Value::Numbers(texts(members));
    let list = |members: &[&str]| Value::List(members.iter().map(|one| number(one)).collect());
    assert!(same(
        Value::Texts(texts(&["a", "b"])),
        Value::Texts(texts(&["b", "a"]))
    ));
    assert!(same(numbers(&["1.0", "2"]), numbers(&["2", "1"])));
    let binaries =
        |members: &[&[u8]]| Value::Binaries(members.iter().map(|one| one.to_vec()).collect());
    assert!(same(binaries(&[&[1], &[2]]), binaries(&[&[2], &[1]])));
    assert!(!same(list(&["1", "2"]), list(&["2", "1"])));
    assert!(!same(numbers(&["1", "2"]), numbers(&["1"])));
}

#[test]
fn kinds_and_borders_are_told_apart() {
    let text = |told: &str| Value::Text(told.to_owned());
    let all = [
        text("1"),
        number("1"),
        Value::Binary(b"1".to_vec()),
        Value::Bool(true),
        Value::Bool(false),
        Value::Null,
        Value::List(vec![]),
        Value::List(vec![number("1")]),
        Value::List(vec![Value::List(vec![number("1")])]),
        Value::Map(Item::new()),
        Value::Map(item(&[("a", number("1"))])),
        Value::Texts(texts(&["1"])),
        Value::Texts(texts(&["1", "2"])),
        Value::Texts(texts(&["12"])),
        Value::Numbers(texts(&["1"])),
        Value::Binaries(vec![b"1".to_vec()]),
        text(""),
    ];
    for (n, one) in all.iter().enumerate() {
        for (m, other) in all.iter().enumerate() {
            assert_eq!(same(one.clone(), other.clone()), n == m, "{n} {m}");
        }
    }
    let apart = item(&[("a", text("b")), ("c", text("d"))]);
    let joined = item(&[("a", text("bc")), ("d", text(""))]);
    assert_ne!(digest(&apart), digest(&joined));
}

#[test]
fn the_names_that_differ_are_told_and_nothing_else() {
    let old = item(&[
        ("id", number("1")),
        ("a", number("1")),
        ("gone", Value::Null),
    ]);
    let new = item(&[
        ("id", number("1.0")),
        ("a", number("2")),
        ("come", Value::Null),
    ]);
    assert_eq!(differing(&old, &new), ["a", "come", "gone"]);
    assert!(differing(&old, &old).is_empty());
}

#[test]
fn a_key_comes_back_from_its_bytes() {
    let key = item(&[
        ("id", Value::Text("a\"\u{202e}".to_owned())),
        ("n", number("1.50")),
        ("b", Value::Binary(vec![0, 255])),
    ]);
    let bytes = key_bytes(&key);
    let back = key_of(&bytes).unwrap();
    assert_eq!(key_bytes(&back), bytes);
    assert_eq!(back["n"], number("1.5"));
    assert_eq!(back["b"], key["b"]);
    assert_eq!(key_of(b"{}x"), None);
    assert_eq!(key_of(br#"{"a":{"L":"x"}}"#), None);
}

#[test]
fn an_item_is_written_in_the_json_of_the_service() {
    let all = item(&[
        ("b", Value::Binary(vec![1, 2])),
        ("l", Value::List(vec![number("1"), Value::Null])),
        ("m", Value::Map(item(&[("t", Value::Bool(true))]))),
        ("s", Value::Texts(texts(&["x"]))),
        ("z", Value::Binaries(vec![vec![3]])),
    ]);
    let wanted = r#"{"b":{"B":"AQI="},"l":{"L":[{"N":"1"},{"NULL":true}]},"m":{"M":{"t":{"BOOL":true}}},"s":{"SS":["x"]},"z":{"BS":["Aw=="]}}"#;
    assert_eq!(to_json(&all).to_string(), wanted);
    assert!(
        !format!("{all:?}").contains('1'),
        "no value gets into a log"
    );
}
