//! The whole state of the console, of which every frame is a pure function.
//! It holds and does not decide: what changes it is in `update` and in the screens.

use jiff::Timestamp;

use crate::domain::instance_now::Target;
use crate::domain::recovery_point::RecoveryPoint;
use crate::domain::text::shown;

use super::effect::{Choice, Effect};
use super::keymap::Action;
use super::keymap::chord::Key;
use super::known::{Known, Settings};
use super::overlays::Overlay;
use super::overlays::code::CodePrompt;
use super::screens::Screen;
use super::screens::browser::Browser;
use super::screens::runs::RunList;
use super::screens::vaults::VaultList;

/// Where a digit leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Every resource with its best point.
    Resources,
    /// Every recovery point.
    Snapshots,
    /// Every Amazon Machine Image.
    Amis,
    /// Every point-in-time window.
    Windows,
    /// Every vault of AWS Backup.
    Vaults,
    /// Every run.
    Runs,
}

impl View {
    /// Every view, with the digit of its key and its name.
    pub const ALL: [(Self, char, &'static str); 6] = [
        (Self::Resources, '1', "Resources"),
        (Self::Snapshots, '2', "Points"),
        (Self::Amis, '3', "AMIs"),
        (Self::Windows, '4', "PITR"),
        (Self::Vaults, '5', "Vaults"),
        (Self::Runs, '6', "Runs"),
    ];
}

/// A line at the foot of the screen, until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What is said.
    pub text: String,
    /// Whether something went wrong.
    pub bad: bool,
}

impl Notice {
    /// Says something.
    pub fn says(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            bad: false,
        }
    }

    /// Says that something went wrong.
    pub fn warns(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            bad: true,
        }
    }
}

/// The state of the console.
#[derive(Debug)]
pub struct Model {
    /// What is known.
    pub known: Known,
    /// Which view lies at the bottom.
    pub view: View,
    /// The view of resources.
    pub resources: Browser,
    /// The view of recovery points.
    pub snapshots: Browser,
    /// The view of images.
    pub amis: Browser,
    /// The view of point-in-time windows.
    pub windows: Browser,
    /// The view of vaults.
    pub vaults: VaultList,
    /// The view of runs.
    pub run_list: RunList,
    /// What was opened on top of the view, the last one shown.
    pub screens: Vec<Screen>,
    /// What lies over the screen and takes the keys.
    pub overlay: Option<Overlay>,
    /// A code that is asked for as soon as nothing else has the keys.
    pub code: Option<CodePrompt>,
    /// What was said last.
    pub notice: Option<Notice>,
    /// Keys of a chord that is not complete.
    pub pressed: Vec<Key>,
    /// Number of the last restore that was begun.
    pub drafts: u64,
    /// Number of the last look at an instance.
    pub looks: u64,
    /// Whether leaving was asked for while a run is not over: once more, and the console ends.
    pub leaving: bool,
    /// Whether the screen has to be drawn.
    pub dirty: bool,
    /// What a task broke down with.
    pub crashed: Option<String>,
    /// Whether the console is to end.
    pub over: bool,
}

impl Model {
    /// Starts with nothing known, on the view of resources.
    #[must_use]
    pub fn new(settings: Settings, now: Timestamp, size: (u16, u16)) -> Self {
        Self {
            known: Known::new(settings, now, size),
            view: View::Resources,
            resources: Browser::resources(),
            snapshots: Browser::snapshots(),
            amis: Browser::amis(),
            windows: Browser::windows(),
            vaults: VaultList::default(),
            run_list: RunList::default(),
            screens: Vec::new(),
            overlay: None,
            code: None,
            notice: None,
            pressed: Vec::new(),
            drafts: 0,
            looks: 0,
            leaving: false,
            dirty: true,
            crashed: None,
            over: false,
        }
    }
}

impl Model {
    /// Tells whether the list that is shown is still being filtered or sorted.
    #[must_use]
    pub fn is_working(&self) -> bool {
        let above = self.screens.last().is_some_and(Screen::is_working);
        above || self.browser().is_some_and(Browser::is_working)
    }

    /// Returns the list of the view, where it is one of points or resources.
    #[must_use]
    pub fn browser(&self) -> Option<&Browser> {
        match self.view {
            View::Resources => Some(&self.resources),
            View::Snapshots => Some(&self.snapshots),
            View::Amis => Some(&self.amis),
            View::Windows => Some(&self.windows),
            View::Vaults | View::Runs => None,
        }
    }
}

/// What a screen or an overlay wants after a key.
#[derive(Debug, Default)]
pub struct Reaction {
    /// To be carried out.
    pub effects: Vec<Effect>,
    /// Where to go.
    pub go: Option<Go>,
    /// What to say.
    pub notice: Option<Notice>,
    /// Whether the key does nothing here but have that said.
    pub in_vain: bool,
}

impl Reaction {
    /// Wants nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Goes somewhere.
    #[must_use]
    pub fn go(go: Go) -> Self {
        Self {
            go: Some(go),
            ..Self::default()
        }
    }

    /// Has something carried out.
    #[must_use]
    pub fn effect(effect: Effect) -> Self {
        Self {
            effects: vec![effect],
            ..Self::default()
        }
    }

    /// Copies a text, and shows it.
    #[must_use]
    pub fn copies(text: &str) -> Self {
        let text = shown(text);
        Self {
            notice: Some(Notice::says(format!("copied: {text}"))),
            ..Self::effect(Effect::Copy(text))
        }
    }

    /// Says something.
    #[must_use]
    pub fn says(text: impl Into<String>) -> Self {
        Self {
            notice: Some(Notice::says(text)),
            ..Self::default()
        }
    }

    /// Says that an action means nothing where the operator is.
    #[must_use]
    pub fn nothing_here(action: Action) -> Self {
        Self::in_vain(format!("“{}” does nothing here", action.name()))
    }

    /// Says why nothing is done.
    #[must_use]
    pub fn in_vain(text: impl Into<String>) -> Self {
        Self {
            in_vain: true,
            ..Self::says(text)
        }
    }

    /// Says that something is refused.
    #[must_use]
    pub fn refuses(text: impl Into<String>) -> Self {
        Self {
            in_vain: true,
            ..Self::warns(text)
        }
    }

    /// Says that something cannot be done.
    #[must_use]
    pub fn warns(text: impl Into<String>) -> Self {
        Self {
            notice: Some(Notice::warns(text)),
            ..Self::default()
        }
    }
}

/// A way from where the operator is.
#[derive(Debug)]
pub enum Go {
    /// Back to what lies below.
    Back,
    /// Back, and out of defib where nothing lies below.
    Leave,
    /// To a view, with nothing on top of it.
    View(View),
    /// On to a screen.
    To(Box<Screen>),
    /// Begins a restore from a point.
    Restore(Box<RecoveryPoint>),
    /// Opens an overlay.
    Over(Box<Overlay>),
    /// Looks at an instance, or once more at the one that is looked at.
    Look(Box<Target>),
    /// Closes the overlay.
    Close,
    /// Closes the overlay and carries out an action where it was opened.
    Act(Action),
    /// Sets the incident clock, or clears it.
    Incident(Option<Timestamp>),
    /// Has these places listed from now on, and nothing else.
    Places(Vec<Choice>),
}
