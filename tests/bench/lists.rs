//! How long the list takes from a key to the frame that shows its final rows, what a point takes in memory,
//! and what a key has written: the console without its loop, drawing into memory.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Sink};
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use defib::config;
use defib::domain::recovery_point::PointKind;
use defib::tui::keymap::Keymap;
use defib::tui::known::Settings;
use defib::tui::model::Model;
use defib::tui::msg::{Msg, Scanned};
use defib::tui::signs::Signs;
use defib::tui::theme::Look;
use defib::tui::update::{settle, update};
use defib::tui::view;
use jiff::tz::TimeZone;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use crate::estate::{POINTS, now, place, point, resource};
use crate::table::{Bar, Table};

const SIZE: (u16, u16) = (120, 40);
/// Points of a page.
const PAGE: usize = 1000;
/// How often each key is measured; the median is told, and the longest.
const TIMES: usize = 15;

/// The console without a loop: each key is answered at once, as the loop would.
struct Bench {
    model: Model,
    terminal: Terminal<CrosstermBackend<Sink>>,
    /// The longest time for which keys had to wait.
    longest: Duration,
}

fn settings() -> Settings {
    Settings {
        zone: TimeZone::UTC,
        look: Look::new(config::Theme::Sixteen, Signs::unicode()),
        keymap: Keymap::builtin(config::Keymap::Default),
        read_only: false,
        protected: BTreeSet::new(),
        flows: Vec::new(),
        filters: BTreeMap::new(),
        story: None,
    }
}

impl Bench {
    fn new(points: usize) -> Self {
        let area = Rect::new(0, 0, SIZE.0, SIZE.1);
        let options = TerminalOptions {
            viewport: Viewport::Fixed(area),
        };
        let terminal = Terminal::with_options(CrosstermBackend::new(io::sink()), options);
        let mut bench = Self {
            model: Model::new(settings(), now(), SIZE),
            terminal: terminal.expect("a terminal in memory"),
            longest: Duration::ZERO,
        };
        bench.list(points);
        bench
    }

    fn list(&mut self, points: usize) {
        self.told(Scanned::Began);
        self.told(Scanned::Connected {
            place: place(0),
            role: "arn:aws:iam::111122223333:role/OnCall".into(),
            endpoints: BTreeSet::new(),
            nth: 0,
        });
        self.told(Scanned::Listing {
            sources: 1,
            more: false,
        });
        let volumes = points.div_ceil(POINTS);
        for first in (0..volumes).step_by(PAGE) {
            let resources = (first..volumes.min(first + PAGE)).map(resource).collect();
            self.told(Scanned::Found {
                points: Vec::new(),
                resources,
            });
        }
        for first in (0..points).step_by(PAGE) {
            let page = (first..points.min(first + PAGE)).map(|n| point(n, points));
            self.told(Scanned::Found {
                points: page.collect(),
                resources: Vec::new(),
            });
        }
        self.told(Scanned::Listed {
            place: place(0),
            kind: PointKind::EbsSnapshot,
        });
    }

    fn told(&mut self, told: Scanned) {
        update(&mut self.model, Msg::Scan { number: 1, told });
    }

    /// Presses a key and draws until the final rows are shown; returns how long that took.
    fn press(&mut self, code: KeyCode) -> Duration {
        let begin = Instant::now();
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        update(&mut self.model, Msg::Key(key));
        self.draw();
        self.longest = self.longest.max(begin.elapsed());
        while self.model.is_working() {
            let slice = Instant::now();
            settle(&mut self.model);
            if !self.model.is_working() {
                self.draw();
            }
            self.longest = self.longest.max(slice.elapsed());
        }
        begin.elapsed()
    }

    fn draw(&mut self) {
        settle(&mut self.model);
        let drawn = self.terminal.draw(|frame| view::draw(&self.model, frame));
        drawn.expect("memory takes it");
    }

    fn type_text(&mut self, text: &str) -> Vec<Duration> {
        text.chars().map(|c| self.press(KeyCode::Char(c))).collect()
    }

    /// Presses a key some times; returns how long each took.
    fn times(&mut self, code: KeyCode) -> Vec<Duration> {
        (0..TIMES).map(|_| self.press(code)).collect()
    }
}

/// The bar of a key at so many points, in milliseconds.
fn bar(points: usize) -> Bar {
    Bar::AtMost(match points {
        ..=10_000 => 5.0,
        10_001..=100_000 => 16.0,
        _ => 50.0,
    })
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Tells the longest, with the median beside it.
fn told(table: &mut Table, points: usize, what: &str, mut times: Vec<Duration>) {
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let longest = times.last().copied().unwrap_or_default();
    let what = format!("{points:>7} points: {what}");
    let note = format!("the longest of {}, median {:.2}", times.len(), ms(median));
    table.noted(what, ms(longest), "ms", bar(points), note);
}

/// Returns the memory of this process, in bytes, where the system tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Types filters letter by letter, and takes them back.
fn filter(bench: &mut Bench, points: usize, table: &mut Table) {
    let (mut first, mut next, mut erased) = (Vec::new(), Vec::new(), Vec::new());
    for text in [
        "orders",
        "snap-00a",
        "o",
        "5f",
        "region:eu nightly",
        "tag:Team=team-3 led",
    ] {
        bench.press(KeyCode::Char('/'));
        let mut typed = bench.type_text(text);
        first.push(typed.remove(0));
        next.extend(typed);
        for _letter in text.chars() {
            erased.push(bench.press(KeyCode::Backspace));
        }
        bench.press(KeyCode::Esc);
    }
    told(table, points, "filter, its first letter", first);
    told(table, points, "filter, any other letter", next);
    told(table, points, "filter, a letter taken back", erased);
}

fn remember(points: usize, when: &str, table: &mut Table) {
    let whole = memory().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "bytes, to be read by people")]
    let of_one = whole.saturating_sub(30_000_000) as f64 / points as f64;
    let note = format!("beside 30 MB, of {} MB", whole / 1_000_000);
    let what = format!("{points:>7} points: memory of one, {when}");
    table.noted(what, of_one, "B", Bar::AtMost(300.0), note);
}

fn measure_one(points: usize, table: &mut Table) {
    let mut bench = Bench::new(points);
    let begun = bench.press(KeyCode::Char('2'));
    let what = format!("{points:>7} points: first frame of a list never sorted");
    table.row(what, ms(begun), "ms", Bar::None);
    remember(points, "listed", table);
    told(table, points, "cursor", bench.times(KeyCode::Char('j')));
    let mut times = Vec::new();
    for _time in 0..TIMES {
        times.push(bench.press(KeyCode::Char('G')));
        times.push(bench.press(KeyCode::Home));
    }
    told(table, points, "last and first row", times);
    filter(&mut bench, points, table);
    let first: Vec<Duration> = (0..3).map(|_| bench.press(KeyCode::Char('s'))).collect();
    told(table, points, "sort by a column, the first time", first);
    told(
        table,
        points,
        "sort by a column again",
        bench.times(KeyCode::Char('s')),
    );
    told(
        table,
        points,
        "sort turned around",
        bench.times(KeyCode::Char('S')),
    );
    remember(points, "filtered and sorted by every column", table);
    bench.press(KeyCode::Char('1'));
    told(
        table,
        points,
        "resources, cursor",
        bench.times(KeyCode::Char('j')),
    );
    told(
        table,
        points,
        "resources, sort",
        bench.times(KeyCode::Char('s')),
    );
    bench.press(KeyCode::Char('/'));
    told(
        table,
        points,
        "resources, filter",
        bench.type_text("orders"),
    );
    let what = format!("{points:>7} points: the longest that a key had to wait");
    table.row(what, ms(bench.longest), "ms", Bar::AtMost(16.0));
}

/// Measures lists of several lengths.
pub fn measure(sizes: &[usize], table: &mut Table) {
    let all = [10_000, 100_000, 1_000_000];
    for points in if sizes.is_empty() { &all } else { sizes } {
        measure_one(*points, table);
    }
}
