//! A key has one form however it is told, and its spelling one meaning; what is no key is told with what
//! was meant.

use super::super::spelling::Misspelled;
use super::*;

fn key(spelling: &str) -> Key {
    spelling.parse().unwrap()
}

fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Key {
    Key::from(KeyEvent::new(code, modifiers))
}

fn refused(spelling: &str) -> Misspelled {
    spelling.parse::<Key>().unwrap_err()
}

#[test]
fn a_key_is_the_same_however_the_terminal_tells_it() {
    let (none, shift, ctrl) = (
        KeyModifiers::NONE,
        KeyModifiers::SHIFT,
        KeyModifiers::CONTROL,
    );
    let told = [
        ("j", KeyCode::Char('j'), none),
        ("G", KeyCode::Char('G'), none),
        ("G", KeyCode::Char('G'), shift),
        ("G", KeyCode::Char('g'), shift),
        ("?", KeyCode::Char('?'), shift),
        ("ß", KeyCode::Char('ß'), shift),
        ("ctrl-c", KeyCode::Char('c'), ctrl),
        ("ctrl-c", KeyCode::Char('C'), ctrl | shift),
        ("shift-tab", KeyCode::BackTab, shift),
        ("shift-tab", KeyCode::BackTab, none),
        ("shift-tab", KeyCode::Tab, shift),
        ("tab", KeyCode::Char('i'), ctrl),
        ("enter", KeyCode::Char('m'), ctrl),
        ("esc", KeyCode::Char('['), ctrl),
        ("ctrl-]", KeyCode::Char('5'), ctrl),
        ("ctrl-_", KeyCode::Char('/'), ctrl),
        ("ctrl-space", KeyCode::Char(' '), ctrl),
        ("shift-up", KeyCode::Up, shift),
        ("alt-x", KeyCode::Char('x'), KeyModifiers::ALT),
        ("f1", KeyCode::F(1), none),
    ];
    for (spelling, code, modifiers) in told {
        assert_eq!(pressed(code, modifiers), key(spelling), "{spelling}");
    }
}

#[test]
fn the_one_form_of_a_key_stays_as_it_is() {
    for code in ('!'..='~')
        .map(KeyCode::Char)
        .chain([KeyCode::Tab, KeyCode::BackTab])
    {
        for bits in 0..=KeyModifiers::all().bits() {
            let once = Key::new(code, KeyModifiers::from_bits_truncate(bits));
            assert_eq!(Key::new(once.code, once.modifiers), once);
        }
    }
}

#[test]
fn only_what_is_no_modifier_and_no_named_key_is_text() {
    assert_eq!(key("G").character(), Some('G'));
    assert_eq!(key("space").character(), Some(' '));
    for spelling in ["ctrl-c", "alt-x", "enter", "backspace", "f1"] {
        assert_eq!(key(spelling).character(), None, "{spelling}");
    }
}

#[test]
fn what_is_spelled_is_shown_as_it_was_spelled() {
    let spellings = [
        "j",
        "G",
        "-",
        "+",
        "\"",
        "é",
        "水",
        "up",
        "down",
        "left",
        "right",
        "home",
        "end",
        "pageup",
        "pagedown",
        "enter",
        "esc",
        "tab",
        "shift-tab",
        "space",
        "backspace",
        "delete",
        "insert",
        "f1",
        "f12",
        "f24",
        "f",
        "ctrl-c",
        "ctrl--",
        "ctrl-space",
        "alt-x",
        "alt-X",
        "alt-<",
        "ctrl-alt-x",
        "ctrl-shift-left",
        "alt-shift-tab",
        "ctrl-\\",
        "shift-f5",
    ];
    for spelling in spellings {
        assert_eq!(key(spelling).to_string(), spelling);
    }
    for spelling in ["g g", "ctrl-x ctrl-c", "Z Z", "space f", "g g g"] {
        assert_eq!(spelling.parse::<Chord>().unwrap().to_string(), spelling);
    }
    let chord: Chord = "  g \t g ".parse().unwrap();
    assert_eq!(chord.keys(), [key("g"), key("g")]);
}

#[test]
fn other_spellings_of_a_key_are_shown_as_the_one() {
    let others = [
        ("ctrl-C", "ctrl-c"),
        ("shift-g", "G"),
        ("alt-ctrl-x", "ctrl-alt-x"),
        ("ctrl-i", "tab"),
        ("ctrl-[", "esc"),
    ];
    for (spelling, shown) in others {
        assert_eq!(key(spelling).to_string(), shown);
    }
}

#[test]
fn a_key_that_no_keymap_can_name_is_still_shown_harmless() {
    let rare = pressed(KeyCode::Char('q'), KeyModifiers::SUPER);
    assert_eq!(rare.to_string(), "super-q");
    let rare = pressed(KeyCode::CapsLock, KeyModifiers::NONE);
    assert_eq!(rare.to_string(), "caps-lock");
    let hostile = pressed(KeyCode::Char('\u{202e}'), KeyModifiers::NONE);
    assert_eq!(hostile.to_string(), "‹U+202E›");
}

#[test]
fn a_spelling_that_is_no_key_is_told_with_the_one_that_was_meant() {
    let meant = [
        ("Down", "down"),
        ("PageUp", "pageup"),
        ("F1", "f1"),
        ("Ctrl-C", "ctrl-c"),
        ("page-up", "pageup"),
        ("entre", "enter"),
        ("alt-entre", "alt-enter"),
        ("crtl-c", "ctrl-c"),
        ("ctrl-atl-x", "ctrl-alt-x"),
        ("gg", "g g"),
        ("ZZ", "Z Z"),
    ];
    for (spelling, nearest) in meant {
        let error = refused(spelling);
        assert_eq!(error.nearest.as_deref(), Some(nearest), "{spelling}");
        assert!(
            error.what.contains(&format!("“{spelling}” is no key")),
            "{error}"
        );
        assert!(nearest.parse::<Chord>().is_ok(), "{nearest}");
    }
    for spelling in [
        "zebra", "ctrl-", "super-x", "f0", "f01", "f25", "f+1", "f999", "\u{301}",
    ] {
        assert_eq!(refused(spelling).nearest, None, "{spelling}");
    }
}

#[test]
fn shift_that_a_terminal_does_not_tell_is_refused() {
    for spelling in [
        "shift-1",
        "shift-space",
        "shift-G",
        "ctrl-shift-?",
        "ctrl-shift-c",
    ] {
        let what = refused(spelling).what;
        assert!(what.contains("write the character that is typed"), "{what}");
    }
}

#[test]
fn a_chord_without_a_key_is_refused() {
    for spelling in ["", " ", "\t\n"] {
        let what = spelling.parse::<Chord>().unwrap_err().what;
        assert!(what.contains("at least one key"), "{what}");
    }
}

#[test]
fn a_hostile_spelling_is_shown_harmless() {
    for spelling in ["\u{1b}[2J", "\u{202e}", "ctrl-\u{200b}", "\u{1b}x"] {
        let error = refused(spelling);
        assert!(
            !error.what.chars().any(crate::domain::text::is_hostile),
            "{error}"
        );
        let nearest = error.nearest.unwrap_or_default();
        assert!(
            !nearest.chars().any(crate::domain::text::is_hostile),
            "{nearest}"
        );
    }
}

#[test]
fn a_longer_chord_is_hidden_by_the_one_it_begins_with() {
    let chord = |spelling: &str| spelling.parse::<Chord>().unwrap();
    assert!(chord("g g").hidden_by(&chord("g")));
    assert!(chord("g h g").hidden_by(&chord("g h")));
    assert!(!chord("g").hidden_by(&chord("g g")));
    assert!(!chord("g").hidden_by(&chord("g")));
    assert!(!chord("g h").hidden_by(&chord("h")));
}
