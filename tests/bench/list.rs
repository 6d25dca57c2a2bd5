//! How long the list takes from a key to the frame that shows its final rows, what a point takes in memory,
//! and what a key has written. Run with `cargo bench --bench list`. Figures to be read: nothing is asserted.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures the machine's own time"
)]
#![expect(clippy::print_stdout, reason = "it is what a benchmark is for")]

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use defib::config;
use defib::domain::place::Place;
use defib::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use defib::domain::resource::{Resource, ResourceKind};
use defib::tui::keymap::Keymap;
use defib::tui::known::Settings;
use defib::tui::model::Model;
use defib::tui::msg::{Msg, Scanned};
use defib::tui::signs::Signs;
use defib::tui::theme::Look;
use defib::tui::update::{settle, update};
use defib::tui::view;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

const SIZE: (u16, u16) = (120, 40);
/// Points of each resource.
const POINTS: usize = 30;
/// Points of a page.
const PAGE: usize = 1000;
/// How often each key is measured; the median is told, and the longest.
const TIMES: usize = 15;

/// What a synchronized update adds to a frame: its two marks.
const MARKS: usize = 16;

/// Counts what is written.
#[derive(Default)]
struct Counted(std::rc::Rc<std::cell::Cell<usize>>);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The console without a loop: each key is answered at once, as the loop would.
struct Bench {
    model: Model,
    terminal: Terminal<CrosstermBackend<Counted>>,
    written: std::rc::Rc<std::cell::Cell<usize>>,
    /// The longest time for which keys had to wait.
    longest: Duration,
}

fn now() -> Timestamp {
    "2026-03-14T02:31:00Z".parse().expect("a time")
}

fn place(n: usize) -> Place {
    let regions = ["eu-west-1", "us-east-1", "eu-central-1"];
    Place {
        profile: Some("acme-prod".into()),
        account: "111122223333".into(),
        region: regions[n % regions.len()].into(),
    }
}

fn volume(n: usize) -> String {
    format!("vol-{:017x}", n.wrapping_mul(0x9E37_79B9))
}

fn resource(n: usize) -> Resource {
    Resource {
        id: volume(n),
        kind: ResourceKind::Volume,
        name: Some(name(n).into()),
        place: place(n),
        exists: true,
        engine: None,
        attached_to: None,
        tags: std::collections::BTreeMap::new(),
    }
}

fn name(n: usize) -> String {
    let what = [
        "orders-db",
        "billing-api",
        "sessions",
        "ledger",
        "search-index",
    ];
    format!("{}-{:05}", what[n % what.len()], n)
}

/// A snapshot with five tags, of which one is its own; every fifth is a copy elsewhere.
fn point(n: usize, points: usize) -> RecoveryPoint {
    // Listings come in no order.
    let nth = n.wrapping_mul(7919) % points;
    let of = nth / POINTS;
    let minutes = i64::try_from(nth % POINTS * 360 + of % 360).unwrap_or_default();
    // A schedule begins each within an hour.
    let late = i64::try_from(nth * 7919 % 3600).unwrap_or_default();
    let at = now() - SignedDuration::from_mins(minutes) - SignedDuration::from_secs(1 + late);
    let id = |nth: usize| {
        format!(
            "snap-{:017x}",
            nth.wrapping_mul(0x9E37_79B9_7F4A) % (1 << 60)
        )
    };
    let is_copy = nth % 5 == 4;
    let tags = [
        ("Name", format!("{}-nightly", name(of))),
        (
            "aws:dlm:lifecycle-policy-id",
            "policy-0123456789abcdef0".into(),
        ),
        ("Team", format!("team-{}", of % 12)),
        ("Stage", "production".into()),
        ("Taken", format!("{at} {nth}")),
    ];
    RecoveryPoint {
        id: id(nth),
        kind: PointKind::EbsSnapshot,
        place: place(of + usize::from(is_copy)),
        resource: (!is_copy).then(|| (ResourceKind::Volume, volume(of))),
        resource_home: None,
        name: Some(format!("{}-nightly", name(of)).into()),
        when: When::At { at },
        data_at: if is_copy {
            DataTime::AtMost(at)
        } else {
            DataTime::Known(at)
        },
        state: "completed".into(),
        size_bytes: Some(((nth as u64 % 64) + 1) << 30),
        encrypted: Some(true),
        kms_key: Some(
            "arn:aws:kms:eu-west-1:111122223333:key/5f0c2f7e-1111-2222-3333-444455556666".into(),
        ),
        tier: Tier::Standard,
        protection: None,
        origin: Origin::Dlm,
        copy_of: is_copy.then(|| id(nth - 1)),
        vault: None,
        backup_arn: None,
        key_state: None,
        copy_first: false,
        face_of: None,
        scan: None,
        tags: tags.map(|(key, value)| (key.into(), value.into())).into(),
    }
}

fn settings() -> Settings {
    Settings {
        zone: TimeZone::UTC,
        look: Look::new(config::Theme::Sixteen, Signs::unicode()),
        keymap: Keymap::builtin(config::Keymap::Default),
        read_only: false,
        protected: BTreeSet::new(),
        flows: Vec::new(),
        story: None,
    }
}

impl Bench {
    fn new(points: usize) -> Self {
        let counted = Counted::default();
        let written = counted.0.clone();
        let area = Rect::new(0, 0, SIZE.0, SIZE.1);
        let options = TerminalOptions {
            viewport: Viewport::Fixed(area),
        };
        let terminal = Terminal::with_options(CrosstermBackend::new(counted), options);
        let mut bench = Self {
            model: Model::new(settings(), now(), SIZE),
            terminal: terminal.expect("a terminal in memory"),
            written,
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

/// Says the median and the longest, in milliseconds.
fn told(mut times: Vec<Duration>) -> String {
    times.sort();
    let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1000.0);
    format!(
        "{:8.2} {:8.2}",
        ms(times.get(times.len() / 2)),
        ms(times.last())
    )
}

/// Returns the memory of this process, in bytes, where the system tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn print(points: usize, what: &str, times: Vec<Duration>) {
    println!(
        "{points:>8} points  {what:<28} {}  (median, longest, ms)",
        told(times)
    );
}

/// Types filters letter by letter, and takes them back.
fn filter(bench: &mut Bench, points: usize) {
    for text in [
        "orders",
        "snap-00a",
        "o",
        "region:eu nightly",
        "tag:Team=team-3 led",
    ] {
        bench.press(KeyCode::Char('/'));
        let typed = bench.type_text(text);
        let first = typed[0];
        print(points, &format!("filter {text:?}"), typed);
        print(points, "    its first letter", vec![first]);
        let erased: Vec<Duration> = text
            .chars()
            .map(|_| bench.press(KeyCode::Backspace))
            .collect();
        print(points, "    erasing it", erased);
        bench.press(KeyCode::Esc);
    }
}

fn measure(points: usize) {
    let mut bench = Bench::new(points);
    let rows = |what: &str, times| print(points, what, times);
    rows(
        "first frame, unsorted",
        vec![bench.press(KeyCode::Char('2'))],
    );
    let whole = memory().unwrap_or_default();
    let store = bench.model.known.catalog.store.bytes();
    println!(
        "{points:>8} points  memory: store {} B a point, process {} MB = 30 MB + {} B a point",
        store / points,
        whole / 1_000_000,
        whole.saturating_sub(30_000_000) / points as u64
    );
    rows("cursor down", bench.times(KeyCode::Char('j')));
    let before = bench.written.get();
    let downs = bench.times(KeyCode::Char('j'));
    let bytes = (bench.written.get() - before) / downs.len() + MARKS;
    println!("{points:>8} points  bytes for a cursor key: {bytes}");
    rows("last and first", {
        let mut times = Vec::new();
        for _time in 0..TIMES {
            times.push(bench.press(KeyCode::Char('G')));
            times.push(bench.press(KeyCode::Home));
        }
        times
    });
    filter(&mut bench, points);
    rows("sort (each key in turn)", bench.times(KeyCode::Char('s')));
    rows("sort turned around", bench.times(KeyCode::Char('S')));
    bench.press(KeyCode::Char('1'));
    rows("resources: cursor down", bench.times(KeyCode::Char('j')));
    rows("resources: sort", bench.times(KeyCode::Char('s')));
    bench.press(KeyCode::Char('/'));
    rows("resources: filter \"orders\"", bench.type_text("orders"));
    println!(
        "{points:>8} points  longest that a key waited: {:.2} ms",
        bench.longest.as_secs_f64() * 1000.0
    );
}

fn main() {
    let profile = if cfg!(debug_assertions) {
        "development (the bars are for release)"
    } else {
        "release"
    };
    println!("profile: {profile}; {}x{}", SIZE.0, SIZE.1);
    let wanted = std::env::args().filter_map(|arg| arg.parse().ok());
    let mut wanted: Vec<usize> = wanted.collect();
    if wanted.is_empty() {
        wanted = vec![10_000, 100_000, 1_000_000];
    }
    for points in wanted {
        measure(points);
    }
}
