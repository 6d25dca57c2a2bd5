//! A walk through the whole console over a hostile estate, with every frame kept on the way.
//!
//! Messages, effects, plans and reports are the product's own; only the terminal is a buffer. The run
//! took place once, over the simulated AWS, and is told anew for each text.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use defib::aws::connect::Connector;
use defib::aws::guard::Mode;
use defib::aws::logins::Logins;
use defib::clock::Clock;
use defib::config;
use defib::domain::code::CodeWanted;
use defib::domain::profile::{Profile, Way};
use defib::domain::run::{RunEvent, RunStatus};
use defib::domain::text::shown;
use defib::journal::Journal;
use defib::journal::sqlite::SqliteJournal;
use defib::sim::{SimulatedAws, Story};
use defib::tui::details;
use defib::tui::effect::{Choice, Effect};
use defib::tui::effects::{self, Effects, Runners, Wanted, World};
use defib::tui::keymap::Keymap;
use defib::tui::known::Settings;
use defib::tui::model::Model;
use defib::tui::msg::Msg;
use defib::tui::overlays::Overlay;
use defib::tui::policies::{PolicyRead, VaultKey};
use defib::tui::screens::Screen;
use defib::tui::signs::Signs;
use defib::tui::theme::Look;
use defib::tui::update::{settle, update};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use crate::estate;
use crate::recorded;
use crate::screen::{Frame, drawn};

/// The last one is that in which keys are pressed.
const SIZES: [(u16, u16); 2] = [(120, 40), (80, 24)];

/// What a walk leaves.
#[derive(Default)]
pub struct Seen {
    /// Every frame, in both sizes.
    pub frames: Vec<Frame>,
    /// What went into the clipboard.
    pub copied: Vec<String>,
    /// Files that were written: name and text.
    pub files: Vec<(String, String)>,
}

/// Somebody who walks.
pub struct Walk {
    model: Model,
    effects: Effects,
    told: mpsc::Receiver<Msg>,
    clock: Clock,
    events_told: usize,
    pub aws: SimulatedAws,
    pub journal: Arc<SqliteJournal>,
    pub seen: Seen,
}

/// Lives through a future on simulated time.
pub fn alive<T>(life: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(life)
}

/// Walks through the console with a text in every place.
pub fn walk(text: &str) -> Seen {
    let recorded = recorded::run();
    alive(async {
        let exports = tempfile::tempdir().expect("a temporary folder");
        let mut walk = Walk::begin(text, exports.path());
        walk.browses(text).await;
        walk.prepares().await;
        walk.disagrees();
        walk.follows(&recorded::with(recorded, text)).await;
        walk.ends(exports.path())
    })
}

/// Walks through a run of a journal in which the text stands as it is, even where a person reads it.
pub fn walk_through_spoilt_journal(text: &str) -> Seen {
    let recorded = recorded::run();
    alive(async {
        let exports = tempfile::tempdir().expect("a temporary folder");
        let mut walk = Walk::begin("orders-db", exports.path());
        walk.listed().await;
        walk.follows(&recorded::spoilt(recorded, text)).await;
        walk.ends(exports.path())
    })
}

/// Walks through a run that really takes place, in which AWS refuses with the text.
pub fn walk_for_real(text: &str) -> Seen {
    alive(async {
        let exports = tempfile::tempdir().expect("a temporary folder");
        let mut walk = Walk::begin(text, exports.path());
        walk.runs(text).await;
        walk.ends(exports.path())
    })
}

fn settings(text: &str) -> Settings {
    Settings {
        zone: TimeZone::UTC,
        look: Look::new(config::Theme::Sixteen, Signs::unicode()),
        keymap: Keymap::builtin(config::Keymap::Default),
        read_only: false,
        protected: std::iter::once("111122223333".into()).collect(),
        flows: effects::flows(),
        filters: [(text.to_owned(), text.to_owned())].into(),
        story: None,
    }
}

fn wanted(profile: &str) -> Wanted {
    Wanted {
        profile: Some(profile.to_owned()),
        region: Some("eu-west-1".to_owned()),
        all_regions: false,
        name: format!("{} eu-west-1", shown(profile)),
    }
}

impl Walk {
    pub fn begin(text: &str, exports: &Path) -> Self {
        let scenario = estate::scenario(text);
        let story = Story::of(&scenario).expect("a scenario");
        let clock = Clock::simulated(story.opens_at, 1.0);
        let aws = SimulatedAws::from_scenario(&scenario, clock.clone()).expect("a scenario");
        estate::refuse(&aws, text);
        let journal = Arc::new(SqliteJournal::in_memory().expect("memory"));
        let world = World {
            connector: Connector {
                mode: Mode::Viewer { dry_run: true },
                endpoint_honours_dry_run: false,
                simulated: Some(aws.clone()),
                logins: Logins::default(),
            },
            clock: clock.clone(),
            wanted: ["acme-prod", text, "acme-lost"].map(wanted).to_vec(),
            journal: {
                let journal = Arc::clone(&journal);
                Arc::new(move || Ok(Arc::clone(&journal) as Arc<dyn Journal>))
            },
            runners: Runners::Tasks,
            exports: exports.to_owned(),
            read_only: false,
        };
        let (out, told) = mpsc::channel(256);
        let effects = Effects::new(world, out);
        effects.begin();
        let [_, (columns, rows)] = SIZES;
        Self {
            model: Model::new(settings(text), clock.now(), (columns, rows)),
            effects,
            told,
            clock,
            events_told: 0,
            aws,
            journal,
            seen: Seen::default(),
        }
    }

    /// Returns what was seen, and the files that were written.
    pub fn ends(self, exports: &Path) -> Seen {
        let mut seen = self.seen;
        for entry in std::fs::read_dir(exports).expect("the folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            seen.files.push((name.into_owned(), text));
        }
        seen
    }

    fn take(&mut self, msg: Msg) {
        self.model.known.now = self.clock.now();
        for effect in update(&mut self.model, msg) {
            if let Effect::Copy(text) = effect {
                self.seen.copied.push(text);
            } else {
                self.effects.carry_out(effect);
            }
        }
        settle(&mut self.model);
    }

    fn press(&mut self, keys: &[KeyCode]) {
        for code in keys {
            self.take(Msg::Key(KeyEvent::new(*code, KeyModifiers::NONE)));
        }
    }

    fn types(&mut self, text: &str) {
        for c in text.chars() {
            self.press(&[KeyCode::Char(c)]);
        }
    }

    fn pastes(&mut self, text: &str) {
        self.take(Msg::Paste(text.to_owned()));
    }

    async fn until(&mut self, what: &str, there: impl Fn(&Model) -> bool) {
        while !there(&self.model) {
            let next = tokio::time::timeout(Duration::from_mins(5), self.told.recv()).await;
            let Ok(Some(msg)) = next else {
                let text = drawn("in vain", &self.model).text();
                panic!("waited in vain for {what}:\n{text}");
            };
            self.take(msg);
        }
    }

    async fn until_run_is(&mut self, status: RunStatus) {
        self.until("the run", |model| {
            let mut cards = model.known.runs.cards.values();
            cards.any(|card| card.state.status() == status)
        })
        .await;
    }

    async fn until_said(&mut self) {
        self.until("what is said", |model| model.notice.is_some())
            .await;
    }

    async fn until_text(&mut self) {
        let is_text = |model: &Model| matches!(model.screens.last(), Some(Screen::Text(_)));
        self.until("the text", is_text).await;
    }

    fn frame(&mut self, name: &'static str) {
        for (columns, rows) in SIZES {
            self.take(Msg::Resized(columns, rows));
            self.seen.frames.push(drawn(name, &self.model));
        }
    }

    async fn listed(&mut self) {
        self.until("the listing", |model| {
            let catalog = &model.known.catalog;
            catalog.failures.len() == 2 && !catalog.is_growing() && model.known.runs.read
        })
        .await;
    }

    async fn browses(&mut self, text: &str) {
        self.listed().await;
        self.frame("resources");
        self.press(&[KeyCode::Char('t')]);
        self.pastes(text);
        self.frame("incident");
        self.press(&[KeyCode::Enter]);
        self.frame("incident misunderstood");
        self.press(&[KeyCode::Esc, KeyCode::Char('t')]);
        self.types("02:17");
        self.press(&[KeyCode::Enter]);
        self.frame("resources at the incident");
        self.press(&[KeyCode::Char('/')]);
        self.pastes(text);
        self.frame("filter");
        // The cursor follows what fitted best, which is not the same row for every text.
        self.press(&[
            KeyCode::Esc,
            KeyCode::Esc,
            KeyCode::Home,
            KeyCode::Char('y'),
        ]);
        self.frame("copied");
        self.press(&[KeyCode::Char('2')]);
        self.frame("snapshots");
        self.looks_at_views().await;
        self.press(&[KeyCode::Char('1'), KeyCode::Char(':')]);
        self.pastes(text);
        self.frame("palette");
        self.press(&[KeyCode::Esc, KeyCode::Char('?')]);
        self.frame("help");
        self.press(&[KeyCode::Esc, KeyCode::Char('L')]);
        self.frame("log");
        self.press(&[KeyCode::Esc]);
        for refused in [false, true] {
            self.is_asked_for_a_code(text, refused);
        }
        self.picks_profiles(text);
    }

    /// The simulated AWS has no files, so what stands in them is made here.
    fn picks_profiles(&mut self, text: &str) {
        self.press(&[KeyCode::Char('p')]);
        let profiles = vec![Profile {
            name: text.to_owned(),
            region: Some(text.to_owned()),
            way: Way::Role(text.to_owned()),
        }];
        let chosen = vec![Choice {
            profile: Some(text.to_owned()),
            regions: vec![text.to_owned()],
        }];
        let profiles = Ok(profiles);
        self.take(Msg::Profiles { profiles, chosen });
        self.frame("profiles");
        self.press(&[KeyCode::Esc]);
    }

    async fn looks_at_views(&mut self) {
        self.press(&[KeyCode::Char('3'), KeyCode::Home]);
        self.frame("amis");
        self.press(&[KeyCode::Char('d')]);
        self.asks_what_is_shown().await;
        self.frame("ami");
        self.press(&[KeyCode::Char('4'), KeyCode::Home]);
        self.frame("windows");
        self.press(&[KeyCode::Char('5'), KeyCode::Home]);
        self.frame("vaults");
        self.press(&[KeyCode::Enter]);
        let is_known = |model: &Model| match model.screens.last() {
            Some(Screen::Vault(vault)) => {
                let key = VaultKey::of(vault.found(&model.known)).expect("a vault of ours");
                let policy = model.known.policies.of(&key);
                policy.is_some_and(|read| *read != PolicyRead::UnderWay)
            }
            _other => false,
        };
        self.until("the policy", is_known).await;
        self.frame("vault");
        self.press(&[KeyCode::Char('d'), KeyCode::End]);
        self.frame("vault in full");
        self.press(&[KeyCode::Char('y')]);
    }

    /// Asks about what is on the screen, as the loop does, and waits for every answer about points.
    async fn asks_what_is_shown(&mut self) {
        let asked = details::wanted(&self.model).asked(&mut self.model);
        let mut questions = Vec::new();
        for effect in asked {
            if let Effect::DescribePoints {
                place,
                questions: of,
            } = &effect
            {
                questions.extend(of.iter().map(|one| (place.clone(), one.clone())));
            }
            self.effects.carry_out(effect);
        }
        assert!(!questions.is_empty(), "there is something to ask");
        let is_answered = |model: &Model| {
            let answers = &model.known.catalog.answers;
            let mut under_way = questions.iter();
            !under_way.any(|(place, one)| answers.is_under_way(place, one))
        };
        self.until("the answers", is_answered).await;
        settle(&mut self.model);
    }

    /// The simulated AWS has no second factor, so the question is made here.
    fn is_asked_for_a_code(&mut self, text: &str, refused: bool) {
        let wanted = CodeWanted {
            profile: text.to_owned(),
            serial: text.to_owned(),
            refused,
        };
        self.take(Msg::CodeWanted { ask: 1, wanted });
        self.frame(if refused { "code refused" } else { "code" });
        self.press(&[KeyCode::Enter, KeyCode::Esc]);
    }

    async fn prepares(&mut self) {
        self.press(&[KeyCode::Home, KeyCode::Enter]);
        self.frame("resource");
        self.press(&[KeyCode::Enter]);
        self.asks_what_is_shown().await;
        self.frame("point asked about");
        self.press(&[KeyCode::End]);
        self.frame("point");
        self.press(&[KeyCode::Char('e')]);
        self.until_said().await;
        self.press(&[KeyCode::Char('y'), KeyCode::Esc]);
        self.begins_restore().await;
        self.frame("wizard what");
        self.press(&[KeyCode::Enter]);
        self.frame("wizard where");
        self.press(&[KeyCode::Up]);
        self.frame("wizard where end");
        self.press(&[KeyCode::Down, KeyCode::Enter]);
        self.frame("wizard checks");
        self.press(&[KeyCode::End]);
        self.frame("wizard checks end");
        self.press(&[KeyCode::Enter]);
        self.frame("wizard plan");
        self.press(&[KeyCode::End]);
        self.frame("wizard plan end");
        self.press(&[KeyCode::Home, KeyCode::Char('v')]);
        self.frame("wizard calls");
        for kind in ['m', 's', 'j'] {
            self.press(&[KeyCode::Char('e'), KeyCode::Char(kind)]);
            self.until_said().await;
        }
        self.press(&[KeyCode::Enter]);
        self.frame("wizard yes");
    }

    async fn begins_restore(&mut self) {
        self.press(&[KeyCode::Char('r')]);
        let waits = |model: &Model| match model.screens.last() {
            Some(Screen::Wizard(wizard)) => wizard.moves(),
            _other => true,
        };
        self.until("the plan", |model| !waits(model)).await;
    }

    fn disagrees(&mut self) {
        self.types("nonsense");
        self.press(&[KeyCode::Enter]);
        self.frame("wizard mistaken");
        self.press(&[KeyCode::Esc; 6]);
    }

    /// Looks at a run that somebody else started, as it is told in the journal.
    async fn follows(&mut self, events: &[RunEvent]) {
        self.tell(events, "failed").await;
        self.until_run_is(RunStatus::Failed).await;
        self.press(&[KeyCode::Char('6')]);
        self.frame("runs failed");
        self.press(&[KeyCode::Enter]);
        self.looks_at_failure();
        self.press(&[KeyCode::Char('v')]);
        self.until_text().await;
        self.frame("run calls");
        self.press(&[KeyCode::Char('y'), KeyCode::Esc, KeyCode::Char('u')]);
        self.frame("undo");
        self.press(&[KeyCode::Esc, KeyCode::Char('R')]);
        self.frame("resume");
        self.press(&[KeyCode::Esc]);
        self.tell(events, "gate-opened").await;
        self.until_run_is(RunStatus::Waiting).await;
        self.frame("run gate");
        self.press(&[KeyCode::Enter]);
        self.frame("answer");
        self.press(&[KeyCode::Esc]);
        self.looks_at_instance().await;
        self.tell(events, "done").await;
        self.until_run_is(RunStatus::Done).await;
        self.looks_back().await;
    }

    async fn looks_at_instance(&mut self) {
        self.press(&[KeyCode::Char('i')]);
        let is_told = |model: &Model| match &model.overlay {
            Some(Overlay::Instance(looking)) => !looking.is_under_way(),
            _other => false,
        };
        self.until("the instance", is_told).await;
        self.frame("instance");
        self.press(&[KeyCode::Esc]);
    }

    /// Appends what is told of a run, from where it was told last up to the first event of a kind.
    async fn tell(&mut self, events: &[RunEvent], to: &str) {
        for event in &events[self.events_told..] {
            let appended = self.journal.append(event).await;
            appended.expect("the journal takes it");
            self.events_told += 1;
            if recorded::kind_of(event) == to {
                return;
            }
        }
        panic!("the recorded run never was {to}");
    }

    fn looks_at_failure(&mut self) {
        self.frame("run failed");
        self.press(&[KeyCode::End]);
        self.frame("run failed end");
        self.press(&[KeyCode::Home, KeyCode::Char('l')]);
        self.frame("run log");
        self.press(&[KeyCode::Esc]);
    }

    async fn looks_back(&mut self) {
        self.frame("run done");
        self.press(&[KeyCode::Char('o')]);
        self.until_text().await;
        self.frame("report");
        self.press(&[KeyCode::PageDown, KeyCode::PageDown]);
        self.frame("report further");
        self.press(&[KeyCode::Char('e')]);
        self.until_said().await;
        self.press(&[KeyCode::Char('y'), KeyCode::Char('6')]);
        self.frame("runs");
    }

    /// Starts a run that AWS stops with the text, and takes it to its end.
    pub async fn runs(&mut self, text: &str) {
        self.listed().await;
        self.press(&[KeyCode::Char('2'), KeyCode::Home]);
        self.begins_restore().await;
        self.press(&[KeyCode::Enter; 4]);
        estate::refuse_stop(&self.aws, text);
        self.types(estate::AGREED);
        // Long names make a long page, and a yes counts once its end was in sight.
        self.press(&[KeyCode::Enter; 4]);
        self.until_run_is(RunStatus::Failed).await;
        self.looks_at_failure();
        self.press(&[KeyCode::Char('R')]);
        self.types(estate::AGREED);
        self.press(&[KeyCode::Enter]);
        self.until_run_is(RunStatus::Waiting).await;
        self.frame("run gate");
        self.press(&[KeyCode::Enter]);
        self.types(estate::AGREED);
        self.press(&[KeyCode::Enter]);
        self.until_run_is(RunStatus::Done).await;
        self.looks_back().await;
    }
}
