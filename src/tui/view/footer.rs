//! The last two rows: a rule, and below it what was said last, or which keys do what here.
//! The keys come from the keymap; none is named here.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::domain::run::RunStatus;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::RunCard;
use crate::tui::model::{Model, View};
use crate::tui::screens::Screen;
use crate::tui::screens::wizard::Page;
use crate::tui::update::contexts_below;
use crate::tui::update::useful::is_useful;
use crate::tui::widgets::{key_hints, rule};
use crate::tui::width::cut_end;

/// Draws the footer.
pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let look = &model.known.settings.look;
    let width = usize::from(area.width);
    let mut lines = vec![rule(width, look), last_line(model, width)];
    // Where rows are scarce there is none for the rule.
    let above = lines.len().saturating_sub(usize::from(area.height));
    lines.drain(..above);
    frame.render_widget(Paragraph::new(lines), area);
}

fn last_line(model: &Model, width: usize) -> Line<'static> {
    let look = &model.known.settings.look;
    if let Some(notice) = &model.notice {
        let style = if notice.bad {
            look.theme.warning
        } else {
            look.theme.strong
        };
        let text = look.signs.text(&notice.text).into_owned();
        return Line::styled(cut_end(&format!(" {text}"), width), style);
    }
    if !model.pressed.is_empty() {
        let keys: Vec<String> = model.pressed.iter().map(ToString::to_string).collect();
        return Line::styled(format!(" {} …", keys.join(" ")), look.theme.accent);
    }
    // An overlay tells its own keys; those of the screen below would go into it.
    if model.overlay.is_some() {
        return Line::default();
    }
    let here = contexts_below(model);
    let keymap = &model.known.settings.keymap;
    let hint = |(action, what): &(Action, &'static str)| Some((keymap.hint(*action, here)?, *what));
    let hints: Vec<(String, &str)> = hints(model, here).iter().filter_map(hint).collect();
    let hints: Vec<(&str, &str)> = hints
        .iter()
        .map(|(key, what)| (key.as_str(), *what))
        .collect();
    key_hints(&hints, width, look)
}

type Hints = &'static [(Action, &'static str)];

/// What is worth telling where that is always the same.
const OF_RESOURCE: Hints = &[
    (Action::Restore, "restore"),
    (Action::Open, "detail"),
    (Action::ZoomIn, "zoom"),
    (Action::Copy, "copy"),
    (Action::Back, "back"),
];
const OF_VAULT: Hints = &[
    (Action::Open, "resource"),
    (Action::Details, "policy"),
    (Action::Restore, "restore"),
    (Action::Filter, "filter"),
    (Action::Copy, "copy"),
    (Action::Back, "back"),
];
/// On a field whose value is chosen.
const OF_CHOICE: Hints = &[
    (Action::Submit, "go on"),
    (Action::NextField, "next"),
    (Action::NextValue, "choose"),
    (Action::ClearField, "as proposed"),
    (Action::PreviousField, "before"),
    (Action::Back, "back"),
];
/// On a field that is typed.
const OF_TYPED: Hints = &[
    (Action::Submit, "go on"),
    (Action::NextField, "next"),
    (Action::ClearField, "as proposed"),
    (Action::PreviousField, "before"),
    (Action::Back, "back"),
];
const OF_TEXT: Hints = &[
    (Action::MoveDown, "down"),
    (Action::Export, "write to a file"),
    (Action::Copy, "copy"),
    (Action::Back, "back"),
];
const OF_POINT: Hints = &[
    (Action::Retry, "ask again"),
    (Action::MoveDown, "down"),
    (Action::Copy, "copy"),
    (Action::Back, "back"),
    (Action::Export, "write to a file"),
];
const OF_VAULTS: Hints = &[
    (Action::Filter, "filter"),
    (Action::Open, "open"),
    (Action::Copy, "copy"),
    (Action::Sort, "sort"),
    (Action::Profiles, "profiles"),
    (Action::Leave, "leave"),
];
const OF_LIST: Hints = &[
    (Action::Filter, "filter"),
    (Action::Incident, "incident"),
    (Action::Open, "open"),
    (Action::Restore, "restore"),
    (Action::Copy, "copy"),
    (Action::Sort, "sort"),
    (Action::Leave, "leave"),
];

/// In a list while something could not be listed.
const OF_LIST_IN_PART: Hints = &[
    (Action::Filter, "filter"),
    (Action::Incident, "incident"),
    (Action::Open, "open"),
    (Action::Retry, "ask again"),
    (Action::Log, "why"),
    (Action::Restore, "restore"),
    (Action::Copy, "copy"),
    (Action::Profiles, "profiles"),
    (Action::Sort, "sort"),
    (Action::Leave, "leave"),
];

/// Returns what is worth telling here, the most needed first.
fn hints(model: &Model, here: &[Context]) -> Vec<(Action, &'static str)> {
    let common = [(Action::Palette, "command"), (Action::Help, "help")];
    let own: &[(Action, &str)] = match (model.screens.last(), here.first()) {
        (Some(Screen::Resource(_)), _) => OF_RESOURCE,
        (Some(Screen::Vault(_)), _) => OF_VAULT,
        (Some(Screen::Wizard(wizard)), _) if wizard.page() == Page::What && wizard.has_choice() => {
            &[
                (Action::Submit, "go on"),
                (Action::MoveDown, "next"),
                (Action::MoveUp, "before"),
                (Action::Back, "back"),
                (Action::Incident, "incident"),
            ]
        }
        (Some(Screen::Wizard(wizard)), _) if wizard.page() == Page::What => &[
            (Action::Submit, "go on"),
            (Action::Incident, "incident"),
            (Action::Back, "back"),
        ],
        (Some(Screen::Wizard(wizard)), _) if wizard.page() == Page::Checks => &[
            (Action::Submit, "go on"),
            (Action::MoveDown, "down"),
            (Action::Back, "back"),
        ],
        // What is typed here goes into the page: no other key is told.
        (Some(Screen::Wizard(wizard)), _) if wizard.page() == Page::Yes => {
            return vec![(Action::Submit, "takes it"), (Action::Back, "back")];
        }
        (Some(Screen::Wizard(_)), Some(Context::Plan)) => &[
            (Action::Submit, "go on"),
            (Action::Calls, "calls"),
            (Action::Export, "export"),
            (Action::Back, "back"),
        ],
        (Some(Screen::Wizard(wizard)), _) if wizard.is_typed(&model.known) => {
            return OF_TYPED.to_vec();
        }
        (Some(Screen::Wizard(_)), _) => return OF_CHOICE.to_vec(),
        (Some(Screen::Run(run)), _) => of_run(run.card(&model.known)),
        (Some(Screen::Point(_)), _) => OF_POINT,
        (Some(Screen::Text(_)), _) => OF_TEXT,
        (None, Some(Context::Runs)) => of_runs(model.run_list.card(&model.known)),
        (None, _) if !model.known.catalog.failures.is_empty() => OF_LIST_IN_PART,
        (None, _) if model.view == View::Vaults => OF_VAULTS,
        (None, _) => OF_LIST,
    };
    // Lists and runs know what they would do in vain; a page of the wizard or a long text would have to be copied.
    let asked = matches!(
        model.screens.last(),
        None | Some(Screen::Run(_) | Screen::Vault(_) | Screen::Point(_))
    );
    let does = |(action, _): &(Action, &str)| !asked || is_useful(*action, model);
    own.iter().copied().filter(does).chain(common).collect()
}

/// Returns what is worth telling on a run: what it can be asked for as it stands.
fn of_run(card: Option<&RunCard>) -> &'static [(Action, &'static str)] {
    if card.is_some_and(|card| card.broken.is_some()) {
        return &[
            (Action::Report, "report"),
            (Action::Undo, "undo…"),
            (Action::Resume, "resume…"),
            (Action::Calls, "calls"),
            (Action::Leave, "leave"),
        ];
    }
    let status = card.map(|card| card.state.status());
    match status {
        Some(RunStatus::Done) => &[
            (Action::Answer, "report"),
            (Action::Undo, "undo…"),
            (Action::Calls, "calls"),
            (Action::Leave, "leave"),
        ],
        Some(RunStatus::RolledBack) => &[
            (Action::Answer, "report"),
            (Action::Calls, "calls"),
            (Action::Leave, "leave"),
        ],
        Some(RunStatus::Waiting) => &[
            (Action::Answer, "answer"),
            (Action::Undo, "undo…"),
            (Action::Abort, "abort…"),
            (Action::Instance, "look"),
            (Action::Leave, "leave (the run goes on)"),
            (Action::Calls, "calls"),
        ],
        Some(RunStatus::Paused | RunStatus::Failed) => &[
            (Action::Resume, "resume"),
            (Action::Undo, "undo…"),
            (Action::Calls, "calls"),
            (Action::Log, "log"),
            (Action::Instance, "look"),
            (Action::Leave, "leave"),
        ],
        Some(RunStatus::Running | RunStatus::RollingBack) | None => &[
            (Action::Pause, "pause"),
            (Action::Abort, "abort…"),
            (Action::Undo, "undo…"),
            (Action::Calls, "calls"),
            (Action::Log, "log"),
            (Action::Leave, "leave (the run goes on)"),
            (Action::Instance, "look"),
        ],
    }
}

/// Returns what is worth telling in the list of runs, for the one under the cursor.
fn of_runs(card: Option<&RunCard>) -> &'static [(Action, &'static str)] {
    match card.map(|card| card.state.status()) {
        None => &[
            (Action::ViewResources, "resources"),
            (Action::Leave, "leave"),
        ],
        Some(RunStatus::RolledBack) => &[
            (Action::Open, "open"),
            (Action::Report, "report"),
            (Action::Leave, "leave"),
        ],
        Some(RunStatus::Done) => &[
            (Action::Open, "open"),
            (Action::Report, "report"),
            (Action::Undo, "undo…"),
            (Action::Leave, "leave"),
        ],
        Some(_) => &[
            (Action::Open, "attach"),
            (Action::Resume, "resume"),
            (Action::Undo, "undo…"),
            (Action::Report, "report"),
            (Action::Leave, "leave"),
        ],
    }
}
