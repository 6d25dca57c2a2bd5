//! The event loop: keys first, then what effects tell, then at most one frame for all of it.
//!
//! It draws only when something changed, and at most sixty times a second; while nothing happens, nothing
//! is written. It never waits for an effect.

use std::io;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEventKind, KeyModifiers};
use futures_util::StreamExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use crate::clock::Clock;
use crate::report::Report;

use super::details::{self, Wanted};
use super::effect::Effect;
use super::effects::Effects;
use super::model::{Model, Notice};
use super::msg::Msg;
use super::overlays::Overlay;
use super::screens::run;
use super::token;
use super::update::{settle, update};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(16);
/// How long the end waits for what is on its way to the journal: AWS may have to be asked first.
const FAREWELL: Duration = Duration::from_secs(10);
/// How many messages are taken in before the keys are looked at again.
const AT_ONCE: usize = 32;
/// How long the screen has to rest before anything on it is asked about: less than the shortest tick.
const RESTED: Duration = Duration::from_millis(150);
/// How many slices of filtering and sorting lie between two frames.
const SLICES: usize = 3;
/// How long after the last of keys that come too fast what waited for them is drawn.
const REST: Duration = Duration::from_millis(80);
/// How often the time that logins still hold is looked at, where it is shown of many.
const COUNTDOWN: Duration = Duration::from_secs(10);
/// How many keys wait for the loop.
const KEYS: usize = 256;

/// Where frames go.
pub trait Screen {
    /// Returns columns and rows.
    ///
    /// # Errors
    /// Where the terminal is gone.
    fn size(&self) -> io::Result<(u16, u16)>;

    /// Draws a frame; writes only what differs from the one before.
    ///
    /// # Errors
    /// Where the terminal is gone.
    fn draw(&mut self, model: &Model) -> io::Result<()>;

    /// Forgets what is on the screen, so that the next frame is drawn whole.
    ///
    /// # Errors
    /// Where the terminal is gone.
    fn redraw(&mut self) -> io::Result<()>;

    /// Puts a text into the clipboard.
    ///
    /// # Errors
    /// Where the terminal is gone.
    fn copy(&mut self, text: &str) -> io::Result<()>;

    /// Goes to the background of the shell and returns once in the foreground again; `false` where there is
    /// no shell to go back to.
    ///
    /// # Errors
    /// Where the terminal cannot be taken again.
    fn suspend(&mut self) -> io::Result<bool>;

    /// Returns how many bytes were written so far.
    fn bytes(&self) -> u64;
}

/// Who carries out effects. A trait, so that the loop can be tested without a world.
pub trait CarryOut {
    /// Begins to carry out an effect and returns at once.
    fn carry_out(&self, effect: Effect);

    /// Tells how many commands have not reached the journal yet, and when that changes.
    fn underway(&self) -> watch::Receiver<usize>;
}

impl CarryOut for Effects {
    fn carry_out(&self, effect: Effect) {
        Effects::carry_out(self, effect);
    }

    fn underway(&self) -> watch::Receiver<usize> {
        Effects::underway(self)
    }
}

/// What the loop works with.
pub struct Console<S, E> {
    /// The state.
    pub model: Model,
    /// Where frames go.
    pub screen: S,
    /// Who carries out effects.
    pub effects: E,
    /// The time of the estate.
    pub clock: Clock,
    /// Keys, pastes, sizes.
    pub keys: mpsc::Receiver<Msg>,
    /// What effects tell.
    pub told: mpsc::Receiver<Msg>,
    /// Whether it ended while a command had not reached the journal.
    pub outran: bool,
    /// Why what was agreed to last was refused, told when the screen was gone.
    pub refused: Vec<Report>,
}

impl<S: Screen, E: CarryOut> Console<S, E> {
    /// Runs until the operator leaves, or the keys end because the terminal is gone; and then until the
    /// journal has what was agreed to, as long as that takes no more than some seconds.
    ///
    /// # Errors
    /// Where the terminal cannot be written to any more.
    pub async fn run(&mut self) -> io::Result<()> {
        let ended = self.turns().await;
        self.see_off().await;
        ended
    }

    /// Waits for what is on its way to the journal, and hears what became of it.
    async fn see_off(&mut self) {
        if *self.effects.underway().borrow() > 0 {
            self.outran = !self.is_settled().await;
        }
        while let Ok(msg) = self.told.try_recv() {
            self.hear(msg);
        }
    }

    /// Waits until nothing is on its way to the journal; tells whether that came about. Ctrl-c ends the
    /// wait as well.
    async fn is_settled(&mut self) -> bool {
        let mut underway = self.effects.underway();
        let text = "one moment: what you agreed to is on its way to the journal; ctrl-c leaves now";
        self.model.notice = Some(Notice::warns(text));
        self.model.overlay = None;
        // That the terminal is gone is no reason not to wait.
        let _unseen = self.frame();
        let pace = Clock::real();
        let patience = pace.sleep(FAREWELL);
        tokio::pin!(patience);
        loop {
            tokio::select! {
                biased;
                Some(key) = self.keys.recv() => match key {
                    Msg::Panicked(_) => { update(&mut self.model, key); }
                    key if is_ctrl_c(&key) => return false,
                    _other => {}
                },
                _idle = underway.wait_for(|count| *count == 0) => return true,
                // A full channel would hold up whoever is on the way.
                Some(msg) = self.told.recv() => self.hear(msg),
                () = &mut patience => return false,
            }
        }
    }

    /// Takes in what is told of runs when nobody looks at the screen any more.
    fn hear(&mut self, msg: Msg) {
        if matches!(msg, Msg::Scan { .. } | Msg::Recalled(_)) {
            return;
        }
        if let Msg::NotStarted { report, .. } | Msg::Failed(report) = &msg {
            self.refused.push(report.clone());
        }
        // Who leaves gives no code, and whoever waits for one must not hold up the end.
        for effect in update(&mut self.model, msg) {
            if matches!(effect, Effect::Code { .. }) {
                self.effects.carry_out(effect);
            }
        }
    }

    async fn turns(&mut self) -> io::Result<()> {
        let pace = Clock::real();
        let mut slices = 0;
        loop {
            if self.model.is_working() {
                self.work(&mut slices).await?;
                if self.model.over {
                    return Ok(());
                }
                continue;
            }
            if self.model.dirty {
                self.frame()?;
                if self.model.is_working() {
                    continue;
                }
                // What happens meanwhile shares the next frame; keys wait a sixtieth of a second at most.
                pace.sleep(FRAME).await;
            }
            let tick = tick_of(&self.model);
            let wanted = details::wanted(&self.model);
            let rested = (!wanted.is_empty()).then_some(RESTED);
            tokio::select! {
                biased;
                key = self.keys.recv() => match key {
                    Some(key) => self.take(key)?,
                    None => return Ok(()),
                },
                Some(msg) = self.told.recv() => self.take(msg)?,
                () = rest(&pace, rested) => self.ask(wanted),
                () = rest(&pace, tick) => self.take(Msg::Tick)?,
            }
            self.drain()?;
            if self.model.over {
                return Ok(());
            }
        }
    }

    /// Asks about what is on the screen.
    fn ask(&mut self, wanted: Wanted) {
        for effect in wanted.asked(&mut self.model) {
            self.effects.carry_out(effect);
        }
    }

    /// Takes in what is there, and filters and sorts a little further. `slices` counts how often, since what was
    /// taken in is drawn after a few of them.
    async fn work(&mut self, slices: &mut usize) -> io::Result<()> {
        // Whoever reads keys may share this thread.
        tokio::task::yield_now().await;
        self.drain()?;
        settle(&mut self.model);
        *slices += 1;
        if !self.model.is_working() {
            *slices = 0;
            self.model.dirty = true;
        } else if self.model.dirty && *slices >= SLICES {
            *slices = 0;
            self.frame()?;
        }
        Ok(())
    }

    /// Takes in what is there already: every key, and a handful of messages, keys first.
    fn drain(&mut self) -> io::Result<()> {
        for _message in 0..AT_ONCE {
            while let Ok(key) = self.keys.try_recv() {
                self.take(key)?;
            }
            if self.model.over {
                return Ok(());
            }
            match self.told.try_recv() {
                Ok(msg) => self.take(msg)?,
                Err(_empty) => return Ok(()),
            }
        }
        Ok(())
    }

    /// Sees whether keys come faster than anybody reads.
    fn judge_pace(&mut self, msg: &Msg) {
        let hurry = &mut self.model.known.hurry;
        match msg {
            Msg::Key(_) => hurry.key(Clock::real().now()),
            Msg::Tick => hurry.rest(),
            _other => hurry.other(Clock::real().now()),
        }
    }

    fn frame(&mut self) -> io::Result<()> {
        self.model.dirty = false;
        self.model.known.now = self.clock.now();
        settle(&mut self.model);
        self.screen.draw(&self.model)?;
        self.model.known.hurry.drawn(Clock::real().now());
        Ok(())
    }

    fn take(&mut self, msg: Msg) -> io::Result<()> {
        self.model.known.now = self.clock.now();
        self.judge_pace(&msg);
        for effect in update(&mut self.model, msg) {
            match effect {
                Effect::Copy(text) => self.screen.copy(&text)?,
                Effect::Redraw => {
                    self.model.known.size = self.screen.size()?;
                    self.screen.redraw()?;
                    self.model.dirty = true;
                }
                Effect::Suspend => {
                    if !self.screen.suspend()? {
                        let text = "there is no shell to go back to: defib stays in front";
                        self.model.notice = Some(Notice::says(text));
                    }
                    self.model.known.size = self.screen.size()?;
                    self.model.dirty = true;
                }
                Effect::Quit => {}
                other => self.effects.carry_out(other),
            }
        }
        Ok(())
    }
}

fn is_ctrl_c(msg: &Msg) -> bool {
    matches!(msg, Msg::Key(key)
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL))
}

/// Waits for a tick; for ever where none is wanted.
async fn rest(pace: &Clock, tick: Option<Duration>) {
    match tick {
        Some(tick) => pace.sleep(tick).await,
        None => std::future::pending().await,
    }
}

/// Returns when the screen changes by time alone: soon while something moves, at the next minute where
/// only an age or the end of a session is shown, and else never.
#[must_use]
pub fn tick_of(model: &Model) -> Option<Duration> {
    let known = &model.known;
    if known.hurry.is_on() {
        return Some(REST);
    }
    let moves =
        known.catalog.is_growing() || model.screens.iter().any(|screen| screen.moves(known));
    if moves || run::is_moving(known) {
        return Some(Duration::from_millis(200));
    }
    let counts = model
        .screens
        .last()
        .is_some_and(|screen| screen.counts(known));
    // The time of a demo runs faster than that of whoever watches it.
    let hurries = known.settings.story.is_some() && known.incident.is_some();
    if known.runs.down().is_some() || counts || hurries {
        return Some(Duration::from_secs(1));
    }
    if matches!(model.overlay, Some(Overlay::Profiles(_))) {
        return Some(COUNTDOWN);
    }
    let into_minute = known
        .incident
        .map(|at| known.now.duration_since(at).as_secs().rem_euclid(60));
    let age = into_minute.map(|into| Duration::from_secs(u64::try_from(60 - into).unwrap_or(60)));
    age.into_iter().chain(token::changes_in(known)).min()
}

/// Reads keys, pastes, sizes and signals in a task of its own, until the terminal is gone or the loop has
/// ended.
///
/// # Errors
/// Where a signal cannot be caught.
pub fn listen() -> io::Result<mpsc::Receiver<Msg>> {
    let (out, keys) = mpsc::channel(KEYS);
    let mut ends = [
        signal(SignalKind::terminate())?,
        signal(SignalKind::hangup())?,
        signal(SignalKind::interrupt())?,
    ];
    let mut continued = signal(SignalKind::from_raw(nix::libc::SIGCONT))?;
    let mut stopped = signal(SignalKind::from_raw(nix::libc::SIGTSTP))?;
    super::terminal::tell_panics(out.clone());
    tokio::spawn(async move {
        let mut events = EventStream::new();
        let [terminated, hung_up, interrupted] = &mut ends;
        loop {
            let msg = tokio::select! {
                event = events.next() => match event {
                    Some(Ok(event)) => message_of(event),
                    Some(Err(_)) | None => Some(Msg::Gone),
                },
                _ = terminated.recv() => Some(Msg::Gone),
                _ = hung_up.recv() => Some(Msg::Gone),
                _ = interrupted.recv() => Some(Msg::Gone),
                _ = continued.recv() => Some(Msg::Continued),
                _ = stopped.recv() => Some(Msg::Stopped),
            };
            let Some(msg) = msg else { continue };
            let last = matches!(msg, Msg::Gone);
            if out.send(msg).await.is_err() || last {
                return;
            }
        }
    });
    Ok(keys)
}

fn message_of(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => None,
        Event::Key(key) => Some(Msg::Key(key)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(columns, rows) => Some(Msg::Resized(columns, rows)),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

#[cfg(test)]
mod tests;
