//! Writes frames with few bytes: a console over a slow line is read by somebody who is in a hurry.
//!
//! Colours and attributes are changed by the shorter of two ways, the cursor moves by as little as it has to,
//! blanks take no colour, and many of them are erased in one piece. What is seen is the same.

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

/// From so many blanks on they are erased.
const BLANKS: usize = 8;

/// What a blank shows as well as a letter does.
const SEEN_ON_BLANKS: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::CROSSED_OUT)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK);

/// The two that one code ends together.
const WEIGHTS: Modifier = Modifier::BOLD.union(Modifier::DIM);

/// How the terminal writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen {
    fg: Color::Reset,
    bg: Color::Reset,
    modifier: Modifier::empty(),
};

/// A terminal that is written to sparingly.
#[derive(Debug)]
pub struct Sparing<W: Write> {
    out: CrosstermBackend<W>,
    is_hidden: bool,
}

/// One frame's bytes, and where they have left the terminal.
struct Written {
    bytes: String,
    pen: Pen,
    /// Where the cursor is, where that is known.
    at: Option<(u16, u16)>,
    /// Whether nothing was written since the last move that terminals may give another width.
    is_sure: bool,
}

impl<W: Write> Sparing<W> {
    /// Writes to this.
    pub fn new(out: W) -> Self {
        Self {
            out: CrosstermBackend::new(out),
            is_hidden: false,
        }
    }
}

impl<W: Write> Write for Sparing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.out)
    }
}

/// Tells whether a cell shows nothing but its background.
fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && !cell.modifier.intersects(SEEN_ON_BLANKS)
}

impl Written {
    fn new() -> Self {
        Self {
            bytes: String::new(),
            pen: PLAIN,
            at: None,
            is_sure: false,
        }
    }

    fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
    }

    fn cells(&mut self, cells: &[(u16, u16, &Cell)]) {
        let mut rest = cells;
        while let Some((x, y, cell)) = rest.first() {
            self.move_to(*x, *y);
            self.take_pen(cell);
            let blanks = erasable(rest);
            if blanks >= BLANKS {
                self.push(&format!("\u{1b}[{blanks}X"));
                rest = &rest[blanks..];
                continue;
            }
            self.push(cell.symbol());
            self.at = x.checked_add(1).map(|x| (x, *y));
            self.is_sure &= cell.symbol().len() == 1;
            rest = &rest[1..];
        }
    }

    fn move_to(&mut self, x: u16, y: u16) {
        if self.at == Some((x, y)) {
            return;
        }
        let mut way = match (x, y) {
            (0, y) => format!("\u{1b}[{}H", y + 1),
            (x, y) => format!("\u{1b}[{};{}H", y + 1, x + 1),
        };
        let from = self.at.filter(|_| self.is_sure);
        let short = match from {
            Some((from, line)) if line == y && from < x => Some(steps(x - from, 'C')),
            Some((column, from)) if column == x && from < y => Some(steps(y - from, 'B')),
            Some(_) | None => None,
        };
        match short.filter(|short| short.len() < way.len()) {
            Some(short) => way = short,
            None => self.is_sure = true,
        }
        self.push(&way);
        self.at = Some((x, y));
    }

    fn take_pen(&mut self, cell: &Cell) {
        let wanted = Pen {
            fg: cell.fg,
            bg: cell.bg,
            modifier: cell.modifier,
        };
        let shows_alike = is_blank(cell)
            && self.pen.bg == cell.bg
            && !self.pen.modifier.intersects(SEEN_ON_BLANKS);
        if wanted == self.pen || shows_alike {
            return;
        }
        let (anew, changed) = (anew(wanted), changed(self.pen, wanted));
        let codes = if changed.len() <= anew.len() {
            changed
        } else {
            anew
        };
        self.push(&format!("\u{1b}[{codes}m"));
        self.pen = wanted;
    }
}

/// Counts the blanks next to each other that begin here and can be erased: terminals erase with their own
/// background alone.
fn erasable(cells: &[(u16, u16, &Cell)]) -> usize {
    let Some((x, y, _)) = cells.first() else {
        return 0;
    };
    let blanks = (*x..).zip(cells).take_while(|(x, (at, line, cell))| {
        x == at && line == y && is_blank(cell) && cell.bg == Color::Reset
    });
    blanks.count()
}

fn steps(count: u16, way: char) -> String {
    match count {
        1 => format!("\u{1b}[{way}"),
        _more => format!("\u{1b}[{count}{way}"),
    }
}

/// Returns the codes that make a pen of one that was put back.
fn anew(pen: Pen) -> String {
    let codes = changed(PLAIN, pen);
    match codes.as_str() {
        "" => String::new(),
        codes => format!("0;{codes}"),
    }
}

/// Returns the codes that make a pen of another.
fn changed(from: Pen, to: Pen) -> String {
    let mut codes: Vec<String> = Vec::new();
    let ended = from.modifier - to.modifier;
    let mut begun = to.modifier - from.modifier;
    if ended.intersects(WEIGHTS) {
        begun |= to.modifier & WEIGHTS;
        codes.push("22".to_owned());
    }
    for (modifier, begin, end) in [
        (Modifier::BOLD, 1, 0),
        (Modifier::DIM, 2, 0),
        (Modifier::ITALIC, 3, 23),
        (Modifier::UNDERLINED, 4, 24),
        (Modifier::SLOW_BLINK, 5, 25),
        (Modifier::RAPID_BLINK, 6, 25),
        (Modifier::REVERSED, 7, 27),
        (Modifier::HIDDEN, 8, 28),
        (Modifier::CROSSED_OUT, 9, 29),
    ] {
        if ended.contains(modifier) && end > 0 {
            codes.push(end.to_string());
        }
        if begun.contains(modifier) {
            codes.push(begin.to_string());
        }
    }
    if from.fg != to.fg {
        codes.push(colour(to.fg, 30));
    }
    if from.bg != to.bg {
        codes.push(colour(to.bg, 40));
    }
    codes.join(";")
}

/// Returns the code of a colour; `base` is that of black.
fn colour(colour: Color, base: u8) -> String {
    let bright = base + 60;
    let plain = match colour {
        Color::Reset => base + 9,
        Color::Black => base,
        Color::Red => base + 1,
        Color::Green => base + 2,
        Color::Yellow => base + 3,
        Color::Blue => base + 4,
        Color::Magenta => base + 5,
        Color::Cyan => base + 6,
        Color::Gray => base + 7,
        Color::DarkGray => bright,
        Color::LightRed => bright + 1,
        Color::LightGreen => bright + 2,
        Color::LightYellow => bright + 3,
        Color::LightBlue => bright + 4,
        Color::LightMagenta => bright + 5,
        Color::LightCyan => bright + 6,
        Color::White => bright + 7,
        Color::Indexed(n) => return format!("{};5;{n}", base + 8),
        Color::Rgb(r, g, b) => return format!("{};2;{r};{g};{b}", base + 8),
    };
    plain.to_string()
}

impl<W: Write> Backend for Sparing<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let cells: Vec<(u16, u16, &Cell)> = content.collect();
        let mut written = Written::new();
        written.cells(&cells);
        // Whoever writes next, even after this program was killed, begins with a plain pen.
        if written.pen != PLAIN {
            written.push("\u{1b}[m");
        }
        self.out.write_all(written.bytes.as_bytes())
    }

    fn append_lines(&mut self, n: u16) -> io::Result<()> {
        self.out.append_lines(n)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.is_hidden {
            return Ok(());
        }
        self.is_hidden = true;
        self.out.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if !self.is_hidden {
            return Ok(());
        }
        self.is_hidden = false;
        self.out.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.out.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.out.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.out.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.out.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        self.out.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.out.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.out)
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    const SIZE: (u16, u16) = (50, 8);

    /// Numbers in no order, the same each time.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: usize) -> usize {
            self.0 = (self.0.wrapping_mul(6_364_136_223_846_793_005)).wrapping_add(1_442_695);
            usize::try_from(self.0 >> 33).unwrap() % end
        }

        fn style(&mut self) -> Style {
            let colours = [
                Color::Reset,
                Color::Reset,
                Color::Cyan,
                Color::LightRed,
                Color::Indexed(236),
                Color::Rgb(1, 2, 3),
            ];
            let modifiers = [
                Modifier::empty(),
                Modifier::BOLD,
                Modifier::DIM,
                Modifier::UNDERLINED,
                Modifier::REVERSED,
                Modifier::BOLD | Modifier::REVERSED,
            ];
            let modifier = modifiers[self.below(6)];
            let mut style = Style::new().add_modifier(modifier);
            style.fg = Some(colours[self.below(6)]);
            style.bg = Some(colours[self.below(12) % 6]).filter(|_| self.below(3) == 0);
            style
        }

        fn change(&mut self, buffer: &mut Buffer) {
            for _change in 0..self.below(6) {
                let texts = ["orders", " ", "              ", "a b", "▌·━", "表x", "─"];
                let text = texts[self.below(texts.len())].repeat(1 + self.below(3));
                let (x, y) = (self.below(50), self.below(8));
                let (x, y) = (u16::try_from(x).unwrap(), u16::try_from(y).unwrap());
                let style = self.style();
                buffer.set_stringn(x, y, text, usize::from(SIZE.0 - x), style);
            }
            // Of these two the parser knows only the last.
            let cells = buffer.content.iter_mut();
            for cell in cells.filter(|cell| cell.modifier.contains(WEIGHTS)) {
                cell.modifier.remove(Modifier::DIM);
            }
        }
    }

    /// What is seen of each cell: of a blank only what it shows.
    fn seen(screen: &vt100::Screen) -> Vec<String> {
        let cells = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (y, x)));
        let told = cells.map(|(y, x)| {
            let cell = screen.cell(y, x).unwrap();
            let text = cell.contents().trim_end().to_owned();
            let (inverse, lined) = (cell.inverse(), cell.underline());
            let pen = if text.is_empty() && !inverse && !lined {
                String::new()
            } else {
                format!("{:?} {} {}", cell.fgcolor(), cell.bold(), cell.dim())
            };
            format!("{text:?} {:?} {inverse} {lined} {pen}", cell.bgcolor())
        });
        told.collect()
    }

    #[test]
    fn what_is_seen_is_what_the_plain_way_shows_and_takes_fewer_bytes() {
        let area = Rect::new(0, 0, SIZE.0, SIZE.1);
        let size = |cells: u16| std::num::NonZero::new(cells).unwrap();
        let parser = || vt100::Parser::new(size(SIZE.1), size(SIZE.0), 0);
        let (mut plain, mut sparing) = (parser(), parser());
        let mut before = Buffer::empty(area);
        let mut numbers = Numbers(3);
        let mut lengths = [0, 0];
        for frame in 0..400 {
            let mut now = before.clone();
            numbers.change(&mut now);
            let (mut one, mut other) = (Vec::new(), Vec::new());
            let mut usual = CrosstermBackend::new(&mut one);
            usual.draw(before.diff(&now).into_iter()).unwrap();
            let mut ours = Sparing::new(&mut other);
            ours.draw(before.diff(&now).into_iter()).unwrap();
            lengths[0] += one.len();
            lengths[1] += other.len();
            plain.process(&one);
            sparing.process(&other);
            let (wanted, got) = (seen(plain.screen()), seen(sparing.screen()));
            let wrong = wanted.iter().zip(&got).find(|(one, other)| one != other);
            assert_eq!(
                wrong,
                None,
                "{frame}: {:?}",
                String::from_utf8_lossy(&other)
            );
            before = now;
        }
        assert!(lengths[1] * 4 < lengths[0] * 3, "{lengths:?}");
    }

    #[test]
    fn the_cursor_is_hidden_once_and_shown_once() {
        let mut out = Vec::new();
        let mut terminal = Sparing::new(&mut out);
        for _frame in 0..3 {
            terminal.hide_cursor().unwrap();
        }
        for _frame in 0..3 {
            terminal.show_cursor().unwrap();
        }
        assert_eq!(out, b"\x1b[?25l\x1b[?25h");
    }
}
