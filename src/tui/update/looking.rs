//! A look at the instance of a run: it is asked for, and what is told goes to the overlay that asked, or nowhere.
//! Nothing of it is kept among what is known.

use crate::domain::instance_now::Target;
use crate::report::Report;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::msg::Looked;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::instance::Looking;

/// Opens the overlay, or asks again where it lies there already.
pub(super) fn begin(model: &mut Model, target: Target) -> Vec<Effect> {
    model.looks += 1;
    let number = model.looks;
    if let Some(open) = open(model).filter(|open| open.target == target) {
        open.ask_again(number);
    } else {
        let looking = Looking::new(number, target.clone());
        model.overlay = Some(Overlay::Instance(Box::new(looking)));
    }
    vec![Effect::Look { number, target }]
}

/// Takes in what was read. The log tells what was refused, and never what was told.
pub(super) fn told(model: &mut Model, number: u64, looked: Looked) {
    let now = model.known.now;
    let Some(open) = open(model).filter(|open| open.number == number) else {
        return;
    };
    let refused = looked.refused().map(Report::said);
    open.take(looked, now);
    if let Some(line) = refused {
        model.known.note(format!("the instance: {line}"));
    }
}

/// Tells the overlay whether a code is waited for: nobody is asked for it while the overlay has the keys.
pub(super) fn waits_for_code(model: &mut Model, waits: bool) {
    if let Some(open) = open(model) {
        open.code_wanted = waits;
    }
}

fn open(model: &mut Model) -> Option<&mut Looking> {
    match &mut model.overlay {
        Some(Overlay::Instance(open)) => Some(open),
        Some(_) | None => None,
    }
}
