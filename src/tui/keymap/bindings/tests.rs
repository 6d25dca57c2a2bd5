//! A keymap answers to what is pressed: contexts, beginnings, overlays, hints, and the three keymaps
//! that come along.

use super::*;
use crate::config::Keymap as Which;

const BUILTIN: [Which; 3] = [Which::Default, Which::Vim, Which::Emacs];

fn default_with(text: &str) -> Keymap {
    Keymap::builtin(Which::Default)
        .overlaid("keymap.toml", text)
        .unwrap()
}

fn keys(spelling: &str) -> Vec<Key> {
    spelling.parse::<Chord>().unwrap().keys().to_vec()
}

fn shown(chords: &[Chord]) -> Vec<String> {
    chords.iter().map(Chord::to_string).collect()
}

#[test]
fn every_keymap_that_comes_along_binds_every_action_wherever_it_applies() {
    for which in BUILTIN {
        let keymap = Keymap::builtin(which);
        for action in Action::ALL {
            for context in action.contexts() {
                let chords = keymap.chords(*action, *context);
                assert!(!chords.is_empty(), "{which:?} {context:?} {action:?}");
            }
        }
    }
}

#[test]
fn every_binding_that_comes_along_can_be_typed_where_it_stands() {
    for which in BUILTIN {
        let keymap = Keymap::builtin(which);
        for context in Context::ALL {
            for (action, chords) in keymap.bindings(context) {
                for chord in chords {
                    assert!(
                        keymap.asks_for(action, &[context], chord),
                        "{which:?} {context:?} {action:?} {chord}"
                    );
                }
            }
        }
    }
}

#[test]
fn ctrl_c_quits_at_once_everywhere_in_every_keymap_that_comes_along() {
    for which in BUILTIN {
        let keymap = Keymap::builtin(which);
        for nearest in Context::ALL {
            let contexts = [nearest, Context::List, Context::Global];
            let resolved = keymap.resolve(&contexts, &keys("ctrl-c"));
            assert_eq!(resolved, Resolved::Action(Action::Quit), "{which:?}");
        }
        assert!(
            shown(keymap.chords(Action::Quit, Context::Global)).contains(&"ctrl-c".to_owned()),
            "{which:?}"
        );
    }
}

#[test]
fn ctrl_c_quits_unless_it_is_bound_to_something_else() {
    let global = [Context::Global];
    let unbound = default_with("[global]\nquit = []\n");
    let quit = Resolved::Action(Action::Quit);
    assert_eq!(unbound.resolve(&global, &keys("ctrl-c")), quit);
    let unfinished = [Context::List, Context::Global];
    assert_eq!(unbound.resolve(&unfinished, &keys("g ctrl-c")), quit);
    let prefix = default_with("[global]\nquit = [\"ctrl-c ctrl-c\"]\n");
    assert_eq!(prefix.resolve(&global, &keys("ctrl-c")), Resolved::Prefix);
    assert_eq!(prefix.resolve(&global, &keys("ctrl-c ctrl-c")), quit);
    let other = default_with("[run]\nabort = [\"ctrl-c\"]\n");
    let run = [Context::Run, Context::Global];
    let abort = Resolved::Action(Action::Abort);
    assert_eq!(other.resolve(&run, &keys("ctrl-c")), abort);
}

#[test]
fn keys_resolve_to_an_action_to_a_beginning_or_to_nothing() {
    let keymap = Keymap::builtin(Which::Default);
    let list = [Context::List, Context::Global];
    let resolve = |pressed| keymap.resolve(&list, &keys(pressed));
    assert_eq!(resolve("j"), Resolved::Action(Action::MoveDown));
    assert_eq!(resolve("down"), Resolved::Action(Action::MoveDown));
    assert_eq!(resolve("g"), Resolved::Prefix);
    assert_eq!(resolve("g g"), Resolved::Action(Action::First));
    assert_eq!(resolve("g j"), Resolved::Nothing);
    assert_eq!(resolve("x"), Resolved::Nothing);
    assert_eq!(resolve("t"), Resolved::Action(Action::Incident));
    assert_eq!(keymap.resolve(&list, &[]), Resolved::Nothing);
    assert_eq!(keymap.resolve(&[], &keys("j")), Resolved::Nothing);
}

#[test]
fn the_nearer_context_outranks_the_farther() {
    let keymap = default_with("[run]\nlog = [\"l\", \"z z\"]\n[global]\nleave = [\"z\", \"q\"]\n");
    let resolve = |contexts: &[Context], pressed| keymap.resolve(contexts, &keys(pressed));
    let timeline = [Context::Timeline, Context::List, Context::Global];
    let runs = [Context::Runs, Context::List, Context::Global];
    let run = [Context::Run, Context::Global];
    assert_eq!(
        resolve(&timeline, "l"),
        Resolved::Action(Action::ScrollRight)
    );
    assert_eq!(resolve(&timeline, "R"), Resolved::Action(Action::Retry));
    assert_eq!(resolve(&runs, "R"), Resolved::Action(Action::Resume));
    assert_eq!(resolve(&run, "z"), Resolved::Prefix);
    assert_eq!(resolve(&run, "z z"), Resolved::Action(Action::Log));
    assert_eq!(resolve(&runs, "z"), Resolved::Action(Action::Leave));
    let near = default_with("[timeline]\nzoom-in = [\"g\"]\n");
    let zoom = Resolved::Action(Action::ZoomIn);
    assert_eq!(near.resolve(&timeline, &keys("g")), zoom);
}

#[test]
fn a_chord_of_a_farther_context_goes_on_where_a_nearer_one_begins_alike() {
    let keymap = Keymap::builtin(Which::Emacs);
    let run = [Context::Run, Context::Global];
    let resolve = |pressed| keymap.resolve(&run, &keys(pressed));
    assert_eq!(resolve("ctrl-x"), Resolved::Prefix);
    assert_eq!(resolve("ctrl-x u"), Resolved::Action(Action::Undo));
    assert_eq!(resolve("ctrl-x ctrl-c"), Resolved::Action(Action::Quit));
}

#[test]
fn an_overlay_replaces_only_what_it_names_and_only_there() {
    let keymap = default_with("[list]\nmove-down = [\"ctrl-n\"]\nsort = []\n");
    let down = |context| shown(keymap.chords(Action::MoveDown, context));
    assert_eq!(down(Context::List), ["ctrl-n"]);
    assert_eq!(down(Context::Run), ["j", "down"]);
    assert!(keymap.chords(Action::Sort, Context::List).is_empty());
    let list = [Context::List];
    assert_eq!(keymap.resolve(&list, &keys("s")), Resolved::Nothing);
    assert!(
        keymap
            .bindings(Context::List)
            .all(|(action, _)| action != Action::Sort)
    );
    assert_eq!(default_with(""), Keymap::builtin(Which::Default));
}

#[test]
fn a_key_can_be_taken_from_one_action_and_given_to_another() {
    let keymap = default_with("[list]\nopen = [\"r\"]\nrestore = []\n");
    let resolved = keymap.resolve(&[Context::List], &keys("r"));
    assert_eq!(resolved, Resolved::Action(Action::Open));
}

#[test]
fn a_hint_is_a_key_that_really_works_here() {
    let keymap = Keymap::builtin(Which::Default);
    let runs = [Context::Runs, Context::List, Context::Global];
    let hint = |action| keymap.hint(action, &runs);
    assert_eq!(hint(Action::Open).as_deref(), Some("enter"));
    assert_eq!(hint(Action::First).as_deref(), Some("g g"));
    assert_eq!(hint(Action::Help).as_deref(), Some("?"));
    assert_eq!(hint(Action::Resume).as_deref(), Some("R"));
    assert_eq!(hint(Action::Retry), None);
    assert_eq!(hint(Action::Abort), None);
    let begun = default_with("[timeline]\nzoom-in = [\"g\"]\n");
    let timeline = [Context::Timeline, Context::List];
    assert_eq!(
        begun.hint(Action::First, &timeline).as_deref(),
        Some("home")
    );
}

#[test]
fn bindings_come_in_the_order_of_the_table() {
    let keymap = Keymap::builtin(Which::Default);
    let listed: Vec<Action> = keymap
        .bindings(Context::Run)
        .map(|(action, _)| action)
        .collect();
    let mut sorted = listed.clone();
    sorted.sort_by_key(|action| Action::ALL.iter().position(|known| known == action));
    assert_eq!(listed, sorted);
    assert_eq!(listed.first(), Some(&Action::Log));
    assert_eq!(listed.last(), Some(&Action::KillRunner));
}
