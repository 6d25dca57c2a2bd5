//! Asks for a yes before something is sent: `y`, or a name that is typed. It tells what happens and what is
//! kept, takes every key, and sends nothing itself.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use crate::domain::ids::RunId;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::model::{Go, Notice, Reaction};
use crate::tui::screens::run::wishes::Wish;
use crate::tui::theme::Look;
use crate::tui::widgets::text_input::TextInput;
use crate::tui::width::{cells, code, cut_end, wrapped};

use super::{panel, titled};

/// Columns of the panel at most.
const WIDTH: u16 = 92;
/// Columns and rows around the text: border, padding, the question and what was wrong; and blank lines,
/// which are left out where the text does not fit as a whole.
const AROUND: (u16, u16) = (4, 4);
const BLANKS: u16 = 2;

/// Said where the run has gone on under an open question; beside what was typed before that, and after an enter
/// that was meant for what stood there; and before what has to be typed, at length and in short.
const MOVED: &str = "The run has moved on; this is how it stands now";
const READ_AGAIN: &str = "The run has moved on: read this again.";
const READ_ON: &str = "Read on: nothing was sent yet.";
const ONCE_MORE: &str = "Nothing was sent yet: enter once more sends it.";
const READ_AND_TYPE: [&str; 2] = [
    "The run has moved on: read this, then type ",
    "It has moved on. Type ",
];
/// Said around what has to be typed, at length and in short.
const NOT_IT: [&str; 2] = [
    "That is not it, so nothing was sent. Type ",
    "Not it. Type ",
];
const THEN_ENTER: [&str; 2] = [" and press enter; esc leaves it.", ", then enter"];

/// Lines that a page key scrolls.
const PAGE: isize = 8;

/// How a yes is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// By one key, which is not the one that has opened the question.
    Yes,
    /// By a text.
    Typed {
        /// What is to be typed, fit to be shown.
        shown: String,
        /// What counts as that.
        accepts: Vec<String>,
        /// What is added to the approval then, if the run is to be told.
        told: Option<String>,
    },
}

impl Asks {
    /// Asks for one key after an action; where a keymap has the action on that very key, for a word.
    #[must_use]
    pub fn yes_after(action: Action, known: &Known) -> Self {
        let keymap = &known.settings.keymap;
        let mut chords = Context::ALL
            .iter()
            .flat_map(|context| keymap.chords(action, *context));
        let same = chords.any(|chord| {
            let last = chord.keys().last();
            last.is_some_and(|key| matches!(key.code, KeyCode::Char('y' | 'Y')))
        });
        if same { Self::word("yes") } else { Self::Yes }
    }

    /// Asks for a word.
    #[must_use]
    pub fn word(word: &str) -> Self {
        Self::Typed {
            shown: word.to_owned(),
            accepts: vec![word.to_owned()],
            told: None,
        }
    }
}

/// What is said, broken to the width of the panel.
struct LaidOut {
    lines: Vec<String>,
    /// Cells for a line.
    room: usize,
    /// How many lines are in sight.
    shown: usize,
    /// Whether there are blank lines around them.
    airy: bool,
    /// The first line in sight when the end is.
    last: usize,
    /// Columns of the panel.
    width: u16,
    /// Rows of the panel.
    height: u16,
}

/// What is said beside the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    /// What was typed is not what is asked for.
    Wrong,
    /// It says something else than when it was opened, which has not been read yet.
    Moved,
    /// The last key was an answer to what stood there before.
    OnceMore,
    /// The last key was a yes before the end was in sight, and has brought more of it there.
    ReadOn,
}

/// A question that stands over the screen.
#[derive(Debug)]
pub struct Confirm {
    /// What is asked.
    pub title: String,
    /// What happens, what is kept, what is lost. Lines that begin with two blanks are not wrapped as prose.
    pub lines: Vec<String>,
    /// How a yes is given.
    pub asks: Asks,
    /// Whether it interrupts the service.
    pub loud: bool,
    /// What is carried out after a yes.
    pub effects: Vec<Effect>,
    /// What is said after a yes.
    pub done: String,
    /// What of which run is asked for, where the run may go on meanwhile.
    pub about: Option<(RunId, Wish)>,
    input: TextInput,
    said: Said,
    top: usize,
    /// Whether its end was in sight.
    seen: bool,
}

impl Confirm {
    /// Asks for a yes.
    #[must_use]
    pub fn new(title: impl Into<String>, lines: Vec<String>, asks: Asks) -> Self {
        Self {
            title: title.into(),
            lines,
            asks,
            loud: false,
            effects: Vec::new(),
            done: String::new(),
            about: None,
            input: TextInput::default(),
            said: Said::Nothing,
            top: 0,
            seen: false,
        }
    }

    /// Says that the service is interrupted.
    #[must_use]
    pub fn loud(mut self, loud: bool) -> Self {
        self.loud = loud;
        self
    }

    /// Adds what is carried out after a yes.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    /// Sets what is said after a yes.
    #[must_use]
    pub fn says(mut self, done: &str) -> Self {
        done.clone_into(&mut self.done);
        self
    }

    /// Says what of which run is asked for.
    #[must_use]
    pub fn about(mut self, run: &RunId, wish: Wish) -> Self {
        self.about = Some((run.clone(), wish));
        self
    }

    /// Takes over what the same question says now. A yes that was being given was one to something else; what
    /// is typed stays, and counts only once it was looked at again.
    pub fn renew(&mut self, now: Self) {
        let same = self.title == now.title && self.lines == now.lines && self.loud == now.loud;
        if same && self.asks == now.asks {
            return;
        }
        let input = if self.asks == now.asks {
            std::mem::take(&mut self.input)
        } else {
            TextInput::default()
        };
        *self = Self {
            said: Said::Moved,
            input,
            ..now
        };
    }

    /// Answers a key. Every key ends here, so that nothing below is done by accident.
    pub fn type_key(&mut self, key: KeyEvent, known: &Known) -> Reaction {
        if key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
            && self.asks == Asks::Yes
        {
            return Reaction::none();
        }
        match key.code {
            KeyCode::Esc => return left(),
            KeyCode::Down => self.scroll(1, known),
            KeyCode::Up => self.scroll(-1, known),
            KeyCode::PageDown => self.scroll(PAGE, known),
            KeyCode::PageUp => self.scroll(-PAGE, known),
            _typed if self.is_yes(key) && !self.is_read(known) => {
                self.scroll(PAGE, known);
                self.said = Said::ReadOn;
            }
            _typed => return self.answered(key),
        }
        Reaction::none()
    }

    /// What a yes does stands at the end: it counts once that was in sight. A text that is typed asks for as much
    /// only where a gate is answered, whose last lines say what comes of it.
    fn is_yes(&self, key: KeyEvent) -> bool {
        let gate = matches!(self.about, Some((_, Wish::Answer)));
        match &self.asks {
            Asks::Yes => matches!(key.code, KeyCode::Char('y' | 'Y')),
            Asks::Typed { .. } => gate && key.code == KeyCode::Enter,
        }
    }

    fn is_read(&self, known: &Known) -> bool {
        let laid_out = self.laid_out(known.room().0, known.room().1);
        self.seen || self.top >= laid_out.last || self.said == Said::Moved
    }

    fn scroll(&mut self, by: isize, known: &Known) {
        let laid_out = self.laid_out(known.room().0, known.room().1);
        self.top = self.top.saturating_add_signed(by).min(laid_out.last);
        self.seen |= self.top == laid_out.last;
        if self.said == Said::ReadOn {
            self.said = Said::Nothing;
        }
    }

    fn answered(&mut self, key: KeyEvent) -> Reaction {
        // What answers was meant for what stood there before; what is typed on is not an answer yet.
        let answers = self.asks == Asks::Yes || key.code == KeyCode::Enter;
        if answers && self.said == Said::Moved {
            self.said = if self.input.is_empty() {
                Said::Nothing
            } else {
                Said::OnceMore
            };
            return Reaction::none();
        }
        match (&self.asks, key.code) {
            (Asks::Yes, KeyCode::Char('y' | 'Y')) => self.yes(None),
            (Asks::Yes, KeyCode::Char('n' | 'N' | 'q')) => left(),
            (Asks::Yes, _other) => Reaction::none(),
            (Asks::Typed { accepts, told, .. }, KeyCode::Enter) => {
                let typed = self.input.text();
                let fits = |wanted: &&String| **wanted == typed || *wanted == typed.trim();
                if accepts.iter().any(|wanted| fits(&wanted)) {
                    let told = told.clone();
                    return self.yes(told);
                }
                self.said = Said::Wrong;
                Reaction::none()
            }
            (Asks::Typed { .. }, _typed) => {
                self.typed_on();
                self.input.press(key);
                Reaction::none()
            }
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        if self.asks != Asks::Yes {
            self.typed_on();
            self.input.paste(text);
        }
    }

    /// What has moved on stays to be read while more is typed.
    fn typed_on(&mut self) {
        if self.said != Said::Moved {
            self.said = Said::Nothing;
        }
    }

    fn yes(&mut self, told: Option<String>) -> Reaction {
        let mut effects = std::mem::take(&mut self.effects);
        if let Some(typed) = told {
            for effect in &mut effects {
                if let Effect::Send { approval, .. } | Effect::Start { approval, .. } = effect {
                    approval.confirm.push(typed.clone());
                }
            }
        }
        let done = std::mem::take(&mut self.done);
        Reaction {
            effects,
            go: Some(Go::Close),
            notice: (!done.is_empty()).then(|| Notice::says(done)),
            ..Reaction::none()
        }
    }

    /// Breaks the lines for a terminal of this size.
    fn laid_out(&self, columns: u16, rows: u16) -> LaidOut {
        let width = WIDTH.min(columns.saturating_sub(2));
        let room = usize::from(width.saturating_sub(AROUND.0));
        let lines: Vec<String> = self
            .lines
            .iter()
            .flat_map(|line| broken(line, room))
            .collect();
        let wanted = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        let around = match wanted.saturating_add(AROUND.1 + BLANKS) {
            all if all <= rows => AROUND.1 + BLANKS,
            _too_many => AROUND.1,
        };
        let height = wanted.saturating_add(around).min(rows);
        let shown = usize::from(height.saturating_sub(around));
        LaidOut {
            last: lines.len().saturating_sub(shown),
            lines,
            room,
            shown,
            airy: around > AROUND.1,
            width,
            height,
        }
    }

    /// Draws it over the middle of the screen.
    pub fn draw(&self, frame: &mut Frame, area: Rect, known: &Known) {
        let look = &known.settings.look;
        let laid_out = self.laid_out(area.width, area.height);
        let (room, top) = (laid_out.room, self.top.min(laid_out.last));
        let shown = laid_out.lines.iter().skip(top).take(laid_out.shown);
        let blank = || laid_out.airy.then(Line::default);
        let mut drawn: Vec<Line> = blank().into_iter().collect();
        drawn.extend(shown.map(|line| Line::styled(line.clone(), look.theme.text)));
        drawn.extend(blank());
        drawn.extend(self.question(room, known));
        let area = panel(area, laid_out.width, laid_out.height);
        let block = self.frame_of(top, laid_out.last, room, known);
        frame.render_widget(Clear, area);
        frame.render_widget(
            Paragraph::new(drawn).block(block).style(look.theme.text),
            area,
        );
    }

    fn frame_of(&self, top: usize, last: usize, room: usize, known: &Known) -> Block<'static> {
        let look = &known.settings.look;
        let name = cut_end(&self.title, room);
        let (border, title) = if self.loud {
            let style = look.theme.danger;
            (style, Line::styled(format!(" {name} "), style))
        } else {
            (look.theme.rule, titled(&name, look))
        };
        let block = Block::bordered()
            .border_style(border)
            .title(title)
            .padding(Padding::horizontal(1));
        if last == 0 {
            return block;
        }
        let (up, down) = (look.signs.up, look.signs.down);
        let more = match (top, last - top) {
            (0, below) => format!(" {down} {below} more "),
            (above, 0) => format!(" {up} {above} more "),
            (above, below) => format!(" {up} {above} {down} {below} more "),
        };
        block.title_bottom(Line::styled(more, look.theme.dim).right_aligned())
    }

    /// The question itself: two rows, so that nothing moves when something wrong was typed.
    fn question(&self, room: usize, known: &Known) -> [Line<'static>; 2] {
        let look = &known.settings.look;
        match &self.asks {
            Asks::Yes => {
                let yes = if self.is_read(known) {
                    "  yes      "
                } else {
                    "  read on  "
                };
                let said = match self.said {
                    Said::Moved => MOVED,
                    Said::ReadOn => READ_ON,
                    Said::Nothing | Said::Wrong | Said::OnceMore => "",
                };
                let moved = Line::styled(cut_end(said, room), look.theme.warning);
                let keys = vec![
                    Span::styled("y", look.theme.accent),
                    Span::styled(yes, look.theme.text),
                    Span::styled("n", look.theme.accent),
                    Span::styled("  no, leave it as it is", look.theme.text),
                ];
                [Line::from(keys), moved]
            }
            Asks::Typed { shown, .. } => {
                let shown = look.signs.text(shown).into_owned();
                let warned = |text| Line::styled(cut_end(text, room), look.theme.warning);
                let asked =
                    |before, after, style| named(before, &shown, after, room, (style, look));
                let ask = match self.said {
                    Said::OnceMore => warned(ONCE_MORE),
                    Said::ReadOn => warned(READ_ON),
                    Said::Moved if !self.input.is_empty() => warned(READ_AGAIN),
                    Said::Moved => asked(READ_AND_TYPE, ["", ""], look.theme.warning),
                    Said::Wrong => asked(NOT_IT, ["", ""], look.theme.warning),
                    Said::Nothing => asked(["Type ", "Type "], THEN_ENTER, look.theme.text),
                };
                let cells = u16::try_from(room.saturating_sub(2)).unwrap_or(u16::MAX);
                let input = self.input.drawn(cells, look).line;
                let prompt = Span::styled("> ", look.theme.accent);
                let spans = std::iter::once(prompt).chain(input.spans);
                [ask, Line::from(spans.collect::<Vec<_>>())]
            }
        }
    }
}

/// Puts what has to be typed between words: the many where they fit, else the few; it is cut only where even
/// those leave it no room.
fn named(
    before: [&str; 2],
    name: &str,
    after: [&str; 2],
    room: usize,
    (style, look): (Style, &Look),
) -> Line<'static> {
    let around = |n: usize| cells(before[n]) + cells(after[n]);
    let n = usize::from(around(0) + cells(name) > room);
    let name = cut_end(name, room.saturating_sub(around(n)));
    Line::from(vec![
        Span::styled(before[n].to_owned(), style),
        Span::styled(name, look.theme.strong),
        Span::styled(after[n].to_owned(), style),
    ])
}

/// Breaks a line where it does not fit; one that is indented is a command, or of a diff, and stays so.
fn broken(line: &str, room: usize) -> Vec<String> {
    match line {
        fitting if cells(fitting) <= room => vec![fitting.to_owned()],
        indented if indented.starts_with("  ") => code(indented, room),
        prose => wrapped(prose, room, 0),
    }
}

/// Leaves everything as it is.
fn left() -> Reaction {
    Reaction {
        notice: Some(Notice::says("left as it is; nothing was sent")),
        ..Reaction::go(Go::Close)
    }
}

#[cfg(test)]
mod tests;
