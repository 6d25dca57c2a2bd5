//! Whatever is wrong in a keymap file is told in one sentence with its line, and nothing that stands in
//! one makes the reader panic.

use std::fmt::Write as _;

use super::super::bindings::Keymap;
use super::*;
use crate::config::Keymap as Which;
use crate::domain::text::is_hostile;

const BUILTIN: [&str; 3] = [
    include_str!("../../../../keymaps/default.toml"),
    include_str!("../../../../keymaps/vim.toml"),
    include_str!("../../../../keymaps/emacs.toml"),
];

fn refused(text: &str) -> KeymapError {
    let error = Keymap::builtin(Which::Default)
        .overlaid("keymap.toml", text)
        .unwrap_err();
    assert_eq!(error.file, "keymap.toml");
    error
}

#[test]
fn an_unknown_section_is_named_with_its_line_and_the_nearest_name() {
    let error = refused("# mine\n\n[lsit]\nopen = [\"o\"]\n");
    assert_eq!(
        error.to_string(),
        "keymap.toml, line 3: there is no section [lsit]; perhaps “list” was meant"
    );
    assert_eq!(refused("[zebra]\n").nearest, None);
}

#[test]
fn an_unknown_action_is_named_with_its_line_and_the_nearest_name() {
    let error = refused("[list]\nopen = [\"o\"]\nmov-down = [\"n\"]\n");
    assert_eq!(
        error.to_string(),
        "keymap.toml, line 3: there is no action “mov-down”; perhaps “move-down” was meant"
    );
    let elsewhere = refused("[global]\nsubmitt = [\"x\"]\n");
    assert_eq!(elsewhere.nearest.as_deref(), Some("submit"));
    let here = refused("[run]\nresort = [\"x\"]\n");
    assert_eq!(here.nearest.as_deref(), Some("report"));
    assert_eq!(refused("[list]\nxyzzyplugh = [\"x\"]\n").nearest, None);
}

#[test]
fn an_action_in_a_section_where_it_does_nothing_is_sent_to_its_own() {
    let error = refused("[list]\nsubmit = [\"x\"]\n");
    assert_eq!(
        error.to_string(),
        "keymap.toml, line 2: “submit” does nothing in [list]: it belongs below [form] or [plan]"
    );
    let what = refused("[form]\nmove-down = [\"x\"]\n").what;
    assert!(
        what.ends_with("below [list], [plan], [run] or [text]"),
        "{what}"
    );
    let error = refused("open = [\"o\"]\n");
    assert_eq!(
        error.to_string(),
        "keymap.toml, line 1: “open” stands outside its section: write it below [list]"
    );
}

#[test]
fn a_section_that_is_none_and_a_list_that_is_none_are_refused() {
    let error = refused("\nlist = [\"j\"]\n");
    assert_eq!(
        error.to_string(),
        "keymap.toml, line 2: “list” is the name of a section: write [list]"
    );
    assert_eq!(refused("[[list]]\nopen = [\"o\"]\n").line, 1);
    let list = "“open” takes a list of chords, like [\"j\", \"g g\"]";
    let error = refused("[list]\nopen = \"o\"\n");
    assert_eq!((error.line, error.what.as_str()), (2, list));
    let error = refused("[list]\nopen = [\n\"o\",\n 7]\n");
    assert_eq!((error.line, error.what.as_str()), (4, list));
}

#[test]
fn a_bad_chord_is_named_with_its_line_and_the_nearest_key() {
    let error = refused("[list]\nopen = [\n  \"o\",\n  \"ctrl-entre\",\n]\n");
    assert_eq!(error.line, 4);
    assert_eq!(error.nearest.as_deref(), Some("ctrl-enter"));
    let sentence = error.to_string();
    assert!(
        sentence.starts_with("keymap.toml, line 4: “ctrl-entre” is no key: "),
        "{sentence}"
    );
    assert_eq!(refused("[list]\nopen = [\"\"]\n").line, 2);
}

#[test]
fn a_chord_of_two_actions_is_a_conflict_at_the_later_line() {
    let error = refused("[list]\nopen = [\"x\"]\nsort = [\"z\", \"x\"]\n");
    assert_eq!(
        error.to_string(),
        "keymap.toml, line 3: in [list], “x” is bound to both “open” and “sort”"
    );
    let upwards = refused("[list]\nsort = [\"x\"]\nopen = [\"x\"]\n");
    assert_eq!(upwards.line, 3);
    let fine = "[list]\nsort = [\"x\", \"x\"]\n[run]\nabort = [\"x\"]\n";
    let fine = Keymap::builtin(Which::Default).overlaid("keymap.toml", fine);
    assert!(fine.is_ok(), "{fine:?}");
}

#[test]
fn a_conflict_with_a_builtin_binding_names_both_and_how_to_unbind() {
    let error = refused("[list]\n\nopen = [\"r\"]\n");
    assert_eq!(
        error.to_string(),
        "keymap.toml, line 3: in [list], “r” is bound to both “open” and “restore”; the built-in \
         keymap binds “restore”: unbind it with `restore = []`, or give it other keys"
    );
}

#[test]
fn a_chord_that_hides_a_longer_one_is_refused() {
    let error = refused("[run]\nabort = [\"z\"]\npause = [\"z z\"]\n");
    assert_eq!(
        error.to_string(),
        "keymap.toml, line 3: in [run], “z” for “abort” hides “z z” for “pause”, which could never \
         be typed"
    );
    let error = refused("[list]\nopen = [\"g\"]\n");
    assert!(
        error
            .what
            .starts_with("in [list], “g” for “open” hides “g g” for “first”"),
        "{error}"
    );
    assert!(error.what.contains("`first = []`"), "{error}");
    let error = refused("[list]\nopen = [\"j j\"]\n");
    assert!(
        error
            .what
            .contains("“j” for “move-down” hides “j j” for “open”"),
        "{error}"
    );
    let error = refused("[list]\nopen = [\"x\", \"x x\"]\n");
    assert_eq!(error.line, 2);
    assert!(
        error.what.contains("“x” for “open” hides “x x” for “open”"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_no_toml_is_refused_with_its_line() {
    assert_eq!(refused("[list]\nopen = \n").line, 2);
    assert_eq!(refused("[list]\nopen = [\"o\"]\nopen = [\"x\"]\n").line, 3);
    assert_eq!(refused("[list\n").line, 1);
}

#[test]
fn the_first_mistake_of_a_file_is_told() {
    let error = refused("[text]\nzebra = []\n[list]\nantelope = []\n");
    assert_eq!((error.line, error.what.contains("zebra")), (2, true));
}

#[test]
fn hostile_text_is_shown_harmless() {
    let files = [
        "[\"a\\u001b[2J\"]\n",
        "\"a\\u202E\" = 1\n",
        "[list]\n\"open\\u001B\" = [\"o\"]\n",
        "[list]\nopen = [\"\\u001b[31m\"]\n",
        "[list]\nopen = [\"\u{202e}j\"]\n",
        "[list]\n\u{200b}open = [\"j\"]\n",
    ];
    for text in files {
        let error = Keymap::default()
            .overlaid("\u{1b}k.toml", text)
            .unwrap_err();
        let sentence = error.to_string();
        assert!(!sentence.chars().any(is_hostile), "{sentence:?}");
        assert!(sentence.starts_with("‹U+001B›k.toml, line "), "{sentence}");
    }
}

/// Numbers that look like chance and are the same every time (a linear congruence of Knuth's).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// Reads a file, and holds that a mistake has a line that the file has, and is fit to be shown.
fn reads(beneath: &Keymap, text: &str) -> bool {
    let lines = text.matches('\n').count() + 1;
    match beneath.clone().overlaid("keymap.toml", text) {
        Ok(_) => true,
        Err(error) => {
            assert!((1..=lines).contains(&error.line), "{error:?} in {text:?}");
            let sentence = error.to_string();
            let hostile = sentence.chars().any(is_hostile);
            assert!(!hostile, "{sentence:?}");
            false
        }
    }
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let beneath = Keymap::builtin(Which::Default);
    let mut dice = Dice(2);
    for _ in 0..2000 {
        let length = dice.below(60);
        let bytes: Vec<u8> = (0..length)
            .map(|_| u8::try_from(dice.below(256)).unwrap())
            .collect();
        reads(&beneath, &String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn no_slip_in_a_keymap_makes_the_reader_panic() {
    let beneath = Keymap::builtin(Which::Default);
    let mut dice = Dice(3);
    let slips = [
        "[", "]", "\"", "\n", "=", ",", " ", "-", "g", "\u{1b}", "水", "",
    ];
    let (mut good, mut bad) = (0, 0);
    for n in 0..300 {
        let text = BUILTIN[n % 3];
        let mut text: Vec<char> = text.chars().collect();
        for _ in 0..=dice.below(3) {
            let at = dice.below(text.len());
            text.splice(at..=at, slips[dice.below(slips.len())].chars());
        }
        if reads(&beneath, &text.into_iter().collect::<String>()) {
            good += 1;
        } else {
            bad += 1;
        }
    }
    assert!(good > 10 && bad > 10, "{good} read, {bad} refused");
}

#[test]
fn no_words_make_the_reader_of_chords_panic_and_what_it_reads_it_shows_again() {
    let mut dice = Dice(5);
    let words = [
        "ctrl-", "alt-", "shift-", "ctrl", "-", " ", "g", "G", "f1", "f", "9", "up", "tab",
        "space", "水", "\u{301}", "\u{202e}", "İ", "ß", "Ctrl-", "",
    ];
    let mut read = 0;
    for _ in 0..5000 {
        let mut spelling = String::new();
        for _ in 0..=dice.below(5) {
            let _ = write!(spelling, "{}", words[dice.below(words.len())]);
        }
        match spelling.parse::<Chord>() {
            Ok(chord) => {
                read += 1;
                assert_eq!(chord.to_string().parse(), Ok(chord), "{spelling:?}");
            }
            Err(error) => {
                if let Some(nearest) = error.nearest {
                    assert!(nearest.parse::<Chord>().is_ok(), "{spelling:?}: {nearest}");
                }
            }
        }
    }
    assert!(read > 100, "{read}");
}
