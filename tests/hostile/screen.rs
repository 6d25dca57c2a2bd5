//! A frame as cells and as the bytes that a terminal would get.

use std::num::NonZeroU16;

use defib::tui::model::{Model, View};
use defib::tui::overlays::Overlay;
use defib::tui::screens::Screen;
use defib::tui::screens::wizard::Page;
use defib::tui::view;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use unicode_width::UnicodeWidthStr as _;

use crate::strings::{assert_harmless, is_dangerous};

/// Everything that can fill the screen or lie over it.
pub const PLACES: [&str; 24] = [
    "resources",
    "snapshots",
    "amis",
    "windows",
    "vaults",
    "vault",
    "runs",
    "resource",
    "point",
    "text",
    "run",
    "what",
    "where",
    "checks",
    "plan",
    "yes",
    "incident",
    "palette",
    "help",
    "log",
    "confirm",
    "code",
    "profiles",
    "instance",
];

/// Says what fills the screen, or what lies over it.
fn place(model: &Model) -> &'static str {
    match (&model.overlay, model.screens.last(), model.view) {
        (Some(Overlay::Incident(_)), _, _) => "incident",
        (Some(Overlay::Palette(_)), _, _) => "palette",
        (Some(Overlay::Help(_)), _, _) => "help",
        (Some(Overlay::Log(_)), _, _) => "log",
        (Some(Overlay::Confirm(_)), _, _) => "confirm",
        (Some(Overlay::Code(_)), _, _) => "code",
        (Some(Overlay::Profiles(_)), _, _) => "profiles",
        (Some(Overlay::Instance(_)), _, _) => "instance",
        (None, Some(Screen::Resource(_)), _) => "resource",
        (None, Some(Screen::Vault(_)), _) => "vault",
        (None, Some(Screen::Run(_)), _) => "run",
        (None, Some(Screen::Point(_)), _) => "point",
        (None, Some(Screen::Text(_)), _) => "text",
        (None, Some(Screen::Wizard(wizard)), _) => match wizard.page() {
            Page::What => "what",
            Page::Where => "where",
            Page::Checks => "checks",
            Page::Plan => "plan",
            Page::Yes => "yes",
        },
        (None, None, View::Resources) => "resources",
        (None, None, View::Snapshots) => "snapshots",
        (None, None, View::Amis) => "amis",
        (None, None, View::Windows) => "windows",
        (None, None, View::Vaults) => "vaults",
        (None, None, View::Runs) => "runs",
    }
}

/// One frame.
pub struct Frame {
    pub name: &'static str,
    pub place: &'static str,
    pub cells: Buffer,
    pub bytes: Vec<u8>,
}

/// Draws a model as the console does, onto an empty terminal.
pub fn drawn(name: &'static str, model: &Model) -> Frame {
    let (columns, rows) = model.known.size;
    let viewport = Viewport::Fixed(Rect::new(0, 0, columns, rows));
    let mut bytes = Vec::new();
    let options = TerminalOptions { viewport };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(&mut bytes), options)
        .expect("a terminal of fixed size");
    let drawn = terminal.draw(|frame| view::draw(model, frame));
    let cells = drawn.expect("memory takes every write").buffer.clone();
    drop(terminal);
    Frame {
        name,
        place: place(model),
        cells,
        bytes,
    }
}

impl Frame {
    /// Returns the rows as text.
    pub fn text(&self) -> String {
        let Rect { width, height, .. } = self.cells.area;
        let row = |y| {
            let cells = (0..width).map(|x| self.cells[(x, y)].symbol());
            cells.collect::<String>() + "\n"
        };
        (0..height).map(row).collect()
    }

    /// Asserts that no cell holds anything but something visible, and that the bytes hold the cells and
    /// the sequences that draw them.
    pub fn assert_harmless(&self, text: &str) {
        let what = format!("{:?} on {}", text, self.name);
        let width = usize::from(self.cells.area.width);
        for (n, cell) in self.cells.content.iter().enumerate() {
            let symbol = cell.symbol();
            let fits = symbol.len() == 1 || n % width + symbol.width() <= width;
            assert!(fits, "{what}: {symbol:?} leaves its row");
        }
        assert_harmless(&self.text(), &what);
        let bytes = std::str::from_utf8(&self.bytes).expect("UTF-8");
        let left = without_known_sequences(bytes);
        assert!(
            !left.contains(|c| c == '\n' || is_dangerous(c)),
            "{what}: {left:?}"
        );
    }
}

/// Asserts that a text stands in no other cells than an innocent one of the same widths: what is not the
/// text is the same in both frames, and in the terminal that the bytes were written to.
pub fn assert_aligned(hostile: &Frame, innocent: &Frame, what: &str) {
    let Rect { width, height, .. } = hostile.cells.area;
    let size = |cells| NonZeroU16::new(cells).expect("a terminal has a size");
    let mut terminal = vt100::Parser::new(size(height), size(width), 0);
    // It takes a replacement character for a broken one, and draws nothing.
    let bytes = String::from_utf8_lossy(&hostile.bytes).replace('\u{fffd}', "?");
    terminal.process(bytes.as_bytes());
    let positions = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    for (x, y) in positions {
        let (ours, theirs) = (&hostile.cells[(x, y)], &innocent.cells[(x, y)]);
        if is_filler(theirs.symbol()) || covered(&innocent.cells, x, y) {
            continue;
        }
        let same = ours.symbol() == theirs.symbol() && ours.style() == theirs.style();
        assert!(
            same || is_of_id(ours.symbol()) && is_of_id(theirs.symbol()),
            "{what}, column {x}, row {y}: {:?} and {:?}\n{}\n{}",
            ours.symbol(),
            theirs.symbol(),
            hostile.text(),
            innocent.text()
        );
        let cell = terminal
            .screen()
            .cell(y, x)
            .expect("a cell of the terminal");
        let written = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        assert_eq!(
            written,
            ours.symbol().replace('\u{fffd}', "?"),
            "{what}, column {x}, row {y}\n{}\n{}",
            hostile.text(),
            terminal.screen().contents()
        );
    }
}

/// What stands for the letters of an innocent text.
pub const NARROW: &str = "Ж";
/// The same of two cells.
pub const WIDE: &str = "口";
/// The same in ASCII, since shells and formats treat it differently.
pub const ASCII: &str = "Q";

/// Tells whether a cell stands for a letter of an innocent text.
pub fn is_filler(symbol: &str) -> bool {
    [NARROW, WIDE, ASCII].contains(&symbol)
}

/// Tells whether a cell lies under the second half of a wide character.
fn covered(cells: &Buffer, x: u16, y: u16) -> bool {
    x > 0 && cells[(x - 1, y)].symbol() == WIDE
}

/// Ids are drawn by lot, so they differ between two runs.
fn is_of_id(symbol: &str) -> bool {
    let one = symbol.len() == 1;
    one && symbol
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte.is_ascii_alphabetic())
}

/// Takes out what crossterm writes: where the cursor goes, how it looks, colours and attributes. Anything
/// else that begins with ESC is left.
pub fn without_known_sequences(bytes: &str) -> String {
    let mut left = String::new();
    let mut rest = bytes;
    while let Some(at) = rest.find("\u{1b}[") {
        left.push_str(&rest[..at]);
        let sequence = &rest[at + 2..];
        let parameters = sequence.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        let known = ["H", "m"]
            .into_iter()
            .find(|end| parameters.starts_with(end));
        let cursor = ["?25l", "?25h"]
            .into_iter()
            .find(|one| sequence.starts_with(one));
        rest = match (known, cursor) {
            (Some(end), _) => &parameters[end.len()..],
            (None, Some(cursor)) => &sequence[cursor.len()..],
            (None, None) => {
                left.push_str("\u{1b}[");
                sequence
            }
        };
    }
    left + rest
}

#[test]
fn only_the_sequences_that_draw_are_known() {
    let known = "\u{1b}[?25l\u{1b}[1;1Ha\u{1b}[38;5;1mb\u{1b}[0m\u{1b}[?25h";
    assert_eq!(without_known_sequences(known), "ab");
    for other in [
        "\u{1b}[2J",
        "\u{1b}]0;t\u{7}",
        "\u{1b}c",
        "\u{1b}[?1049l",
        "\u{1b}[6n",
        "\u{1b}[",
    ] {
        assert_eq!(without_known_sequences(other), other);
    }
}
