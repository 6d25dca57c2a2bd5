//! The loop without a terminal and without a world.
//! What is promised is counted in events and frames, never in time.

use std::cell::RefCell;
use std::rc::Rc;

use crossterm::event::{KeyCode, KeyEvent};

use super::*;
use crate::tui::fixtures::{key, model, now, snapshot, volume};
use crate::tui::msg::Scanned;

/// What a frame showed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Frame {
    overlay: bool,
    points: usize,
    at: usize,
    notice: Option<String>,
}

#[derive(Clone, Default)]
struct Glass(Rc<RefCell<Vec<Frame>>>);

impl Glass {
    fn frames(&self) -> Vec<Frame> {
        self.0.borrow().clone()
    }
}

impl Screen for Glass {
    fn size(&self) -> io::Result<(u16, u16)> {
        Ok((80, 24))
    }

    fn draw(&mut self, model: &Model) -> io::Result<()> {
        self.0.borrow_mut().push(Frame {
            overlay: model.overlay.is_some(),
            points: model.known.catalog.store.count(),
            at: model.snapshots.at,
            notice: model.notice.as_ref().map(|notice| notice.text.clone()),
        });
        Ok(())
    }

    fn redraw(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, _text: &str) -> io::Result<()> {
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<bool> {
        Ok(true)
    }

    fn bytes(&self) -> u64 {
        0
    }
}

/// Carries nothing out: every call is in flight for ever. So many commands are on their way.
#[derive(Clone)]
struct Never(Rc<RefCell<Vec<Effect>>>, watch::Sender<usize>);

impl Default for Never {
    fn default() -> Self {
        Self(Rc::default(), watch::Sender::new(0))
    }
}

impl CarryOut for Never {
    fn carry_out(&self, effect: Effect) {
        self.0.borrow_mut().push(effect);
    }

    fn underway(&self) -> watch::Receiver<usize> {
        self.1.subscribe()
    }
}

struct Bench {
    console: Console<Glass, Never>,
    keys: mpsc::Sender<Msg>,
    told: mpsc::Sender<Msg>,
    glass: Glass,
    effects: Never,
}

fn bench() -> Bench {
    let (keys, keys_end) = mpsc::channel(64);
    let (told, told_end) = mpsc::channel(1024);
    let (glass, effects) = (Glass::default(), Never::default());
    let console = Console {
        model: model(80, 24),
        screen: glass.clone(),
        effects: effects.clone(),
        clock: Clock::simulated(now(), 1.0),
        keys: keys_end,
        told: told_end,
        outran: false,
        refused: Vec::new(),
    };
    Bench {
        console,
        keys,
        told,
        glass,
        effects,
    }
}

fn pressed(code: KeyCode) -> Msg {
    Msg::Key(key(code))
}

/// A page of so many snapshots, numbered from `first`.
fn page(first: usize, count: usize) -> Msg {
    let id = |n: usize| format!("snap-{n:017}");
    let points = (first..first + count).map(|n| snapshot(&id(n), "vol-1", 30));
    let told = Scanned::Found {
        points: points.collect(),
        resources: vec![volume("vol-1", "data")],
    };
    Msg::Scan { number: 0, told }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_answered_while_ten_thousand_rows_stream_in() {
    let mut bench = bench();
    bench.console.model.view = crate::tui::model::View::Snapshots;
    for n in 0..200 {
        bench.told.send(page(n * 50, 50)).await.unwrap();
    }
    bench.keys.send(pressed(KeyCode::Char(':'))).await.unwrap();
    let end = async {
        // The pages are there before the key, and yet the key is answered with the first ones.
        while bench.told.capacity() < 1024 {
            tokio::task::yield_now().await;
            Clock::real().sleep(Duration::from_millis(1)).await;
        }
        drop(bench.keys);
    };
    let (ended, ()) = tokio::join!(bench.console.run(), end);
    ended.unwrap();
    let frames = bench.glass.frames();
    let answered = frames
        .iter()
        .position(|frame| frame.overlay)
        .expect("the key was answered");
    let most = (answered + 1) * (AT_ONCE + 1) * 50;
    assert!(
        answered <= 1,
        "the palette is there at the latest with the second frame, not after {answered}"
    );
    assert!(frames[answered].points <= most, "{frames:?}");
    assert_eq!(
        frames.last().unwrap().points,
        10_000,
        "and every row arrived"
    );
    assert!(frames.len() < 20, "{} frames for 200 pages", frames.len());
}

#[tokio::test(start_paused = true)]
async fn keys_are_answered_while_a_call_is_in_flight() {
    let mut bench = bench();
    for code in [
        KeyCode::Char('R'),
        KeyCode::Char('t'),
        KeyCode::Esc,
        KeyCode::Char('2'),
    ] {
        bench.keys.send(pressed(code)).await.unwrap();
    }
    drop(bench.keys);
    bench.console.run().await.unwrap();
    assert_eq!(
        *bench.effects.0.borrow(),
        [Effect::Scan],
        "asked once, and never answered"
    );
    assert_eq!(bench.console.model.view, crate::tui::model::View::Snapshots);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_drawn_while_nothing_happens() {
    let mut bench = bench();
    let glass = bench.glass.clone();
    let day = async {
        Clock::real().sleep(Duration::from_hours(24)).await;
        let frames = glass.frames().len();
        drop(bench.keys);
        frames
    };
    let (ended, frames) = tokio::join!(bench.console.run(), day);
    ended.unwrap();
    assert_eq!(frames, 1, "the first one, and no other in a day");
}

#[tokio::test(start_paused = true)]
async fn what_happens_at_once_shares_a_frame() {
    let mut bench = bench();
    for n in 0..AT_ONCE {
        bench.told.send(page(n, 1)).await.unwrap();
    }
    bench.console.model.dirty = false;
    let glass = bench.glass.clone();
    let end = async {
        Clock::real().sleep(Duration::from_secs(1)).await;
        drop(bench.keys);
        glass.frames().len()
    };
    let (ended, frames) = tokio::join!(bench.console.run(), end);
    ended.unwrap();
    assert_eq!(frames, 1);
}

#[tokio::test(start_paused = true)]
async fn an_age_is_drawn_anew_once_a_minute() {
    let mut bench = bench();
    bench.console.model.known.incident = Some(
        now()
            .checked_sub(jiff::SignedDuration::from_mins(14))
            .unwrap(),
    );
    let glass = bench.glass.clone();
    let hour = async {
        Clock::real().sleep(Duration::from_hours(1)).await;
        drop(bench.keys);
        glass.frames().len()
    };
    let (ended, frames) = tokio::join!(bench.console.run(), hour);
    ended.unwrap();
    assert!((60..=62).contains(&frames), "{frames} frames in an hour");
}

#[tokio::test(start_paused = true)]
async fn ctrl_c_acts_at_once_whatever_is_waiting() {
    let mut bench = bench();
    for n in 0..500 {
        bench.told.send(page(n, 1)).await.unwrap();
    }
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    bench.keys.send(Msg::Key(ctrl_c)).await.unwrap();
    bench.console.run().await.unwrap();
    assert!(bench.console.model.over);
    assert!(
        bench.console.model.known.catalog.store.count() < 100,
        "most pages were left out"
    );
}

#[tokio::test(start_paused = true)]
async fn the_minutes_of_a_session_are_drawn_once_each_and_no_more_when_it_is_over() {
    let mut bench = bench();
    let place = crate::tui::fixtures::home();
    let at = now() + jiff::SignedDuration::from_mins(20);
    bench.console.model.known.expirations.insert(place, at);
    let glass = bench.glass.clone();
    let day = async {
        Clock::real().sleep(Duration::from_hours(24)).await;
        drop(bench.keys);
        glass.frames().len()
    };
    let (ended, frames) = tokio::join!(bench.console.run(), day);
    ended.unwrap();
    assert!((20..=22).contains(&frames), "{frames} frames in a day");
}

/// A bench with a command on its way, on which the operator leaves.
async fn leaving() -> Bench {
    let bench = bench();
    bench.effects.1.send_replace(1);
    let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    bench.keys.send(Msg::Key(key)).await.unwrap();
    bench
}

#[tokio::test(start_paused = true)]
async fn leaving_waits_for_what_was_agreed_to_and_says_so() {
    let mut bench = leaving().await;
    let (underway, glass) = (bench.effects.1.clone(), bench.glass.clone());
    let told = bench.told.clone();
    let arrives = async {
        Clock::real().sleep(FAREWELL / 2).await;
        let notices = glass.frames();
        // More than the channel holds: whoever is on the way is not held up by it.
        for n in 0..2000 {
            told.send(page(n, 1)).await.unwrap();
        }
        underway.send_replace(0);
        notices.last().unwrap().notice.clone()
    };
    let (ended, notice) = tokio::join!(bench.console.run(), arrives);
    ended.unwrap();
    assert!(notice.unwrap().contains("on its way to the journal"));
    assert!(!bench.console.outran);
}

#[tokio::test(start_paused = true)]
async fn leaving_waits_no_longer_than_some_seconds() {
    let mut bench = leaving().await;
    let clock = bench.console.clock.clone();
    let begun = clock.now();
    bench.console.run().await.unwrap();
    let waited = clock.now().duration_since(begun);
    assert!(bench.console.outran);
    assert_eq!(waited.as_secs(), 10, "of the paused clock");
}

#[tokio::test(start_paused = true)]
async fn ctrl_c_ends_the_wait_as_well() {
    let mut bench = leaving().await;
    let clock = bench.console.clock.clone();
    let (begun, keys) = (clock.now(), bench.keys.clone());
    let again = async {
        Clock::real().sleep(Duration::from_secs(1)).await;
        let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        keys.send(Msg::Key(key)).await.unwrap();
    };
    let (ended, ()) = tokio::join!(bench.console.run(), again);
    ended.unwrap();
    assert!(bench.console.outran);
    assert_eq!(clock.now().duration_since(begun).as_secs(), 1);
}

#[test]
fn a_clock_that_is_shown_at_a_gate_counts_by_the_second_and_nothing_ticks_without_one() {
    use crate::tui::screens::Screen;
    use crate::tui::screens::run::{RunScreen, specimens};

    let tick = |story: &specimens::Story| {
        let mut model = model(80, 24);
        model.known = story.add_to(model.known);
        model.known.incident = None;
        let screen = RunScreen::new(specimens::RUN.into());
        model.screens.push(Screen::Run(screen));
        tick_of(&model)
    };
    let second = Some(Duration::from_secs(1));
    assert_eq!(tick(&specimens::gate_open()), second);
    assert_eq!(tick(&specimens::gate_open().unheld()), second);
    assert_eq!(tick(&specimens::done()), None);
    assert_eq!(tick(&specimens::rolled_back()), None);
}
