//! The code of a second factor: asked for as soon as no overlay and no filter has the keys, so that what is
//! typed there does not go into it.

use crate::domain::code::CodeWanted;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, View};
use crate::tui::overlays::Overlay;
use crate::tui::overlays::code::CodePrompt;

use super::looking;

/// Takes in that a code is needed. One question is open at a time; who leaves answers none.
pub(super) fn wanted(model: &mut Model, ask: u64, wanted: CodeWanted) -> Vec<Effect> {
    model.code = Some(CodePrompt::new(ask, wanted));
    if model.over {
        return decline(model);
    }
    looking::waits_for_code(model, true);
    Vec::new()
}

/// Takes in that nobody waits for an answer any more.
pub(super) fn moot(model: &mut Model, ask: u64) {
    if model.code.take_if(|prompt| prompt.ask == ask).is_some() {
        looking::waits_for_code(model, false);
    }
    let of_this = |overlay: &mut Overlay| matches!(overlay, Overlay::Code(open) if open.ask == ask);
    model.overlay.take_if(of_this);
}

/// Opens the prompt, unless something else has the keys.
pub(super) fn ask(model: &mut Model) {
    if model.overlay.is_some() || is_typed(model) {
        return;
    }
    if let Some(prompt) = model.code.take() {
        model.dirty = true;
        model.overlay = Some(Overlay::Code(prompt));
    }
}

/// Answers an open question with no.
pub(super) fn decline(model: &mut Model) -> Vec<Effect> {
    let waiting = model.code.take();
    let open = match model
        .overlay
        .take_if(|open| matches!(open, Overlay::Code(_)))
    {
        Some(Overlay::Code(prompt)) => Some(prompt),
        Some(_) | None => None,
    };
    let prompts = waiting.into_iter().chain(open);
    let no = |prompt: CodePrompt| Effect::Code {
        ask: prompt.ask,
        code: None,
    };
    prompts.map(no).collect()
}

/// Tells whether a filter is being typed, or a chord. A wizard may be what waits for the code, so its fields
/// do not keep it away.
fn is_typed(model: &Model) -> bool {
    let filtering = match (model.screens.last(), model.view) {
        (Some(screen), _) => screen.is_filtering(),
        (None, View::Runs) => false,
        (None, View::Resources) => model.resources.filtering,
        (None, View::Snapshots) => model.snapshots.filtering,
        (None, View::Amis) => model.amis.filtering,
        (None, View::Windows) => model.windows.filtering,
        (None, View::Vaults) => model.vaults.filtering,
    };
    filtering || !model.pressed.is_empty()
}
