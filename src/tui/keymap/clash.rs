//! Chords of one context that get in each other's way.
//!
//! Across contexts there is no clash: the nearer one outranks the farther on purpose.

use super::action::Action;
use super::bindings::Keymap;
use super::chord::Chord;
use super::file::Binding;

/// Finds the first chord of the file that is another action's, too, or that hides a longer one, with
/// the line of the mistake.
pub(super) fn first(keymap: &Keymap, file: &[Binding]) -> Option<(usize, String)> {
    file.iter().find_map(|binding| {
        binding.chords.iter().find_map(|(chord, line)| {
            let (action, other) = rival(keymap, binding, chord)?;
            let what = sentence(binding, chord, action, other);
            match line_of(file, binding, action, other) {
                Some(theirs) => Some((theirs.max(*line), what)),
                None => Some((*line, format!("{what}; {}", unbind(action)))),
            }
        })
    })
}

fn rival<'a>(keymap: &'a Keymap, mine: &Binding, chord: &Chord) -> Option<(Action, &'a Chord)> {
    keymap
        .bindings(mine.context)
        .flat_map(|(action, chords)| chords.iter().map(move |other| (action, other)))
        .find(|(action, other)| {
            (*action != mine.action && *other == chord)
                || other.hidden_by(chord)
                || chord.hidden_by(other)
        })
}

/// Returns the line of the other chord, if this file has it and not the keymap beneath.
fn line_of(file: &[Binding], mine: &Binding, action: Action, other: &Chord) -> Option<usize> {
    file.iter()
        .filter(|binding| binding.context == mine.context && binding.action == action)
        .flat_map(|binding| &binding.chords)
        .find(|(chord, _)| chord == other)
        .map(|(_, line)| *line)
}

fn sentence(mine: &Binding, chord: &Chord, action: Action, other: &Chord) -> String {
    let (context, mine) = (mine.context.name(), mine.action.name());
    let action = action.name();
    if chord == other {
        return format!("in [{context}], “{chord}” is bound to both “{mine}” and “{action}”");
    }
    let ((short, its), (long, theirs)) = if other.hidden_by(chord) {
        ((chord, mine), (other, action))
    } else {
        ((other, action), (chord, mine))
    };
    format!(
        "in [{context}], “{short}” for “{its}” hides “{long}” for “{theirs}”, which could never be typed"
    )
}

fn unbind(action: Action) -> String {
    format!(
        "the built-in keymap binds “{0}”: unbind it with `{0} = []`, or give it other keys",
        action.name()
    )
}
