//! Draws what is seen of an instance: a line for its state, one for each volume, and below them its console.
//!
//! Where not all of it fits, the end of the console stays in sight, and as much of what stands above as has room; what
//! was scrolled is one long text in which nothing is left out.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use crate::domain::console::ConsoleOutput;
use crate::domain::ec2::Volume;
use crate::domain::ids::VolumeId;
use crate::domain::instance_now::Checks;
use crate::domain::text::shown;
use crate::report::Report;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::widgets::rule;
use crate::tui::width::{Align, cells, cut_middle, padded, split, wrapped};

use super::super::{height, hinted, titled};
use super::words::{checks_shown, checks_style, device_of, how_far};
use super::{Looking, Read};

/// Cells for the word in front of a line.
const LABEL: usize = 9;
/// Cells for the id of a volume where there is no room for the whole of it.
const SHORT_ID: usize = 13;
/// Where keys are pressed here.
const HERE: [Context; 2] = [Context::Text, Context::Global];

/// Everything that is seen, as lines.
pub struct Page {
    head: Vec<Line<'static>>,
    console: Vec<Line<'static>>,
    rule: Line<'static>,
}

impl Page {
    /// Lays out what is seen, for the width of the terminal.
    #[must_use]
    pub fn of(looking: &Looking, known: &Known) -> Self {
        let look = &known.settings.look;
        let width = usize::from(known.room().0).saturating_sub(4);
        let rows = Rows { known, width };
        let written = looking.console.ok().map_or(&[][..], ConsoleOutput::lines);
        let written = written.iter();
        let console = written.flat_map(|line| split(&look.signs.text(line), width));
        let console = console.map(|line| Line::styled(line, look.theme.text));
        Self {
            head: rows.head(looking),
            console: console.collect(),
            rule: rule(width, look),
        }
    }

    /// Counts its lines.
    #[must_use]
    pub fn length(&self) -> usize {
        self.head.len() + self.below()
    }

    /// Counts the lines of the console, with the rule above it.
    fn below(&self) -> usize {
        self.console.len() + usize::from(!self.console.is_empty())
    }

    /// Returns so many rows from line `top` on.
    fn from(self, top: usize, rows: usize) -> Vec<Line<'static>> {
        let rule = Some(self.rule).filter(|_| !self.console.is_empty());
        let lines = self.head.into_iter().chain(rule).chain(self.console);
        lines.skip(top).take(rows).collect()
    }

    /// Returns so many rows with the end of the console in sight.
    fn newest(self, rows: usize, known: &Known) -> Vec<Line<'static>> {
        if self.length() <= rows {
            return self.from(0, rows);
        }
        let room = (rows / 2).max(rows.saturating_sub(self.below()));
        let mut lines = self.head;
        if lines.len() > room {
            let more = lines.len() + 1 - room;
            lines.truncate(room.saturating_sub(1));
            lines.push(hidden(more, known));
        }
        if self.console.is_empty() {
            return lines;
        }
        lines.push(self.rule);
        let left = rows.saturating_sub(lines.len());
        let above = self.console.len().saturating_sub(left);
        lines.extend(self.console.into_iter().skip(above));
        lines
    }
}

fn hidden(more: usize, known: &Known) -> Line<'static> {
    let look = &known.settings.look;
    let key = known.key(Action::First, &HERE);
    let text = format!("{} {more} more lines: {key} shows them", look.signs.down);
    Line::styled(text, look.theme.accent)
}

/// Draws it over the whole screen.
pub fn draw(looking: &Looking, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let rows = height(known);
    let page = Page::of(looking, known);
    let last = page.length().saturating_sub(rows);
    let top = looking.top.map(|top| top.min(last));
    let block = Block::bordered()
        .border_style(look.theme.rule)
        .title(titled(&title(looking, known), look))
        .title_bottom(hinted(&hint(looking, top, last, known), look))
        .padding(Padding::horizontal(1));
    let lines = match top {
        None => page.newest(rows, known),
        Some(top) => page.from(top, rows),
    };
    frame.render_widget(Clear, area);
    frame.render_widget(
        Paragraph::new(lines).block(block).style(look.theme.text),
        area,
    );
}

fn title(looking: &Looking, known: &Known) -> String {
    let whose = if looking.target.launched {
        "launched by this run"
    } else {
        "as it is now"
    };
    let title = format!("instance {}, {whose}", looking.target.instance);
    known.settings.look.signs.text(&title).into_owned()
}

fn hint(looking: &Looking, top: Option<usize>, last: usize, known: &Known) -> String {
    let key = |action| known.key(action, &HERE);
    let mut hints = Vec::new();
    if looking.is_under_way() {
        hints.push("asking".to_owned());
    } else {
        hints.push(format!("{} asks again", key(Action::Retry)));
    }
    if last > 0 {
        let (up, down) = (key(Action::MoveUp), key(Action::MoveDown));
        hints.push(format!("{up} {down} scroll"));
    }
    hints.push(format!("{} closes", key(Action::Back)));
    let place = top.map_or(String::new(), |top| format!(" {}/{}", top + 1, last + 1));
    hints.join(", ") + &place
}

/// Lays lines out behind their labels.
struct Rows<'a> {
    known: &'a Known,
    width: usize,
}

impl Rows<'_> {
    fn head(&self, looking: &Looking) -> Vec<Line<'static>> {
        let theme = &self.known.settings.look.theme;
        let mut lines = Vec::new();
        if looking.code_wanted {
            let closes = self.known.key(Action::Back, &HERE);
            let text =
                format!("a code (MFA) is needed first: {closes} closes this and asks for it");
            lines.extend(self.row("", &text, theme.warning));
        }
        if let Some(report) = &looking.unreached {
            lines.extend(self.refused("", report));
        }
        lines.extend(self.state(&looking.checks));
        lines.extend(self.volumes(looking));
        lines.extend(self.console(&looking.console));
        lines
    }

    fn state(&self, read: &Read<Option<Checks>>) -> Vec<Line<'static>> {
        let theme = &self.known.settings.look.theme;
        let (text, style) = match &read.told {
            None => return self.asking("state", read.under_way),
            Some((_, Err(report))) => return self.refused("state", report),
            Some((at, Ok(None))) => {
                let text = format!("AWS knows no such instance, {}", self.time_of(*at));
                (text, theme.warning)
            }
            Some((at, Ok(Some(checks)))) => {
                let text = format!("{}, {}", checks_shown(checks), self.time_of(*at));
                (text, checks_style(checks, self.known))
            }
        };
        self.row("state", &text, style)
    }

    fn volumes(&self, looking: &Looking) -> Vec<Line<'static>> {
        let theme = &self.known.settings.look.theme;
        let volumes = match &looking.volumes.told {
            None => return self.asking("volumes", looking.volumes.under_way),
            Some((_, Err(report))) => return self.refused("volumes", report),
            Some((_, Ok(none))) if none.is_empty() => {
                return self.row("volumes", "none is attached", theme.text);
            }
            Some((_, Ok(volumes))) => volumes,
        };
        let mut volumes: Vec<(String, &Volume)> = volumes
            .iter()
            .map(|volume| (device_of(volume, looking), volume))
            .collect();
        volumes.sort_by(|(a, _), (b, _)| a.cmp(b));
        let widest = |of: fn(&(String, &Volume)) -> usize| {
            let widths = volumes.iter().map(of);
            widths.max().unwrap_or_default()
        };
        let device = widest(|(device, _)| cells(device));
        let digits = widest(|(_, volume)| volume.size.to_string().len());
        let mut lines = Vec::new();
        for (n, (at, volume)) in volumes.iter().enumerate() {
            let label = if n == 0 { "volumes" } else { "" };
            let at = padded(at, device, Align::Left);
            let size = format!("{:>digits$} GiB", volume.size);
            let line = |id: &str| format!("{at}  {id}  {size}");
            let far = how_far(volume, looking);
            lines.extend(self.volume(label, &volume.id, line, &far, device));
        }
        if let Some(report) = looking.initialization.refused() {
            lines.extend(self.refused("", report));
        } else if looking
            .initialization
            .ok()
            .is_some_and(|all| !all.is_empty())
        {
            let text = "initialization is up to 5 minutes old";
            lines.extend(self.row("", text, theme.dim));
        }
        lines
    }

    /// Returns the line of a volume, its id cut where that lets the line fit; where not even that does, how far it is
    /// stands on a line of its own.
    fn volume(
        &self,
        label: &str,
        id: &VolumeId,
        line: impl Fn(&str) -> String,
        far: &str,
        indent: usize,
    ) -> Vec<Line<'static>> {
        let theme = &self.known.settings.look.theme;
        let id = shown(id.as_str());
        let gap = if far.is_empty() { "" } else { "  " };
        let ids = [id.clone(), cut_middle(&id, SHORT_ID)];
        let mut tries = ids.iter().map(|id| format!("{}{gap}{far}", line(id)));
        if let Some(fits) = tries.find(|text| cells(text) <= self.room()) {
            return self.row_as_it_is(label, &fits, theme.text);
        }
        let far = format!("{}  {far}", " ".repeat(indent));
        let mut lines = self.row_as_it_is(label, &line(&id), theme.text);
        lines.extend(self.row_as_it_is("", &far, theme.text));
        lines
    }

    fn console(&self, read: &Read<ConsoleOutput>) -> Vec<Line<'static>> {
        let theme = &self.known.settings.look.theme;
        let told = match &read.told {
            None => return self.asking("console", read.under_way),
            Some((_, Err(report))) => return self.refused("console", report),
            Some((_, Ok(told))) => told,
        };
        let of = told.at.map(|at| self.time_of(at));
        let text = match (told.lines().is_empty(), told.latest, of) {
            (true, true, _) => "empty: nothing has been written on it so far".to_owned(),
            (true, false, _) => {
                "empty: of this instance type EC2 keeps only what a boot wrote, minutes after it"
                    .to_owned()
            }
            (false, true, Some(of)) => format!("the newest output, {of}"),
            (false, true, None) => "the newest output".to_owned(),
            (false, false, of) => {
                let of = of.map_or(String::new(), |of| format!(", {of}"));
                format!("kept after the last boot{of}; only Nitro tells newer")
            }
        };
        self.row("console", &text, theme.text)
    }

    /// Returns what stands where nothing was told yet.
    fn asking(&self, label: &str, under_way: bool) -> Vec<Line<'static>> {
        let look = &self.known.settings.look;
        if !under_way {
            return Vec::new();
        }
        let text = format!("asking {}", look.signs.ellipsis);
        self.row(label, &text, look.theme.dim)
    }

    /// Returns why something is not known, and what helps: on a line of its own where both do not fit on one.
    fn refused(&self, label: &str, report: &Report) -> Vec<Line<'static>> {
        let look = &self.known.settings.look;
        let line = format!("{} {}", look.signs.know, report.line());
        if cells(&line) <= self.room() {
            return self.row(label, &line, look.theme.warning);
        }
        let what = format!("{} {}", look.signs.know, report.what);
        let mut lines = self.row(label, &what, look.theme.warning);
        if let Some(todo) = report.todo.first() {
            lines.extend(self.row("", todo, look.theme.warning));
        }
        lines
    }

    fn row(&self, label: &str, text: &str, style: Style) -> Vec<Line<'static>> {
        let text = self.known.settings.look.signs.text(text);
        self.labelled(label, wrapped(&text, self.room(), 0), style)
    }

    /// Lays out a text whose blanks are kept where it fits.
    fn row_as_it_is(&self, label: &str, text: &str, style: Style) -> Vec<Line<'static>> {
        let text = self.known.settings.look.signs.text(text);
        if cells(&text) > self.room() {
            return self.labelled(label, wrapped(&text, self.room(), 2), style);
        }
        self.labelled(label, vec![text.into_owned()], style)
    }

    fn labelled(&self, label: &str, lines: Vec<String>, style: Style) -> Vec<Line<'static>> {
        let dim = self.known.settings.look.theme.dim;
        let lines = lines.into_iter().enumerate();
        lines
            .map(|(n, line)| {
                let label = if n == 0 { label } else { "" };
                let label = Span::styled(padded(label, LABEL, Align::Left), dim);
                Line::from(vec![label, Span::styled(line, style)])
            })
            .collect()
    }

    fn room(&self) -> usize {
        self.width.saturating_sub(LABEL)
    }

    /// Returns the time of day to the second, with the day in front where it is another one than today.
    fn time_of(&self, at: Timestamp) -> String {
        let day = |at: Timestamp| at.strftime("%F").to_string();
        let format = if day(at) == day(self.known.now) {
            "at %H:%M:%SZ"
        } else {
            "at %b %d %H:%M:%SZ"
        };
        at.strftime(format).to_string()
    }
}
