//! The second page: the fidelity table, which is the form. Each line says what will be done, where that
//! comes from, and what AWS would do by itself.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::form::{Field, FieldKind, ValueFrom};
use crate::domain::text::shown;
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::width::{Align, cells, cut_end, cut_middle, padded, wrapped};

use super::super::way::{Entry, Standing, Way};
use super::super::{Wizard, candidates, instant};
use super::sheet::Sheet;
use super::what::outage;
use super::{key, report, window};

/// Cells of the cursor, of the names of fields at most, and of where values come from.
const BAR: usize = 2;
const NAMES: usize = 23;
const FROM: usize = 12;
/// Cells between a value and what follows it.
const GAP: usize = 2;
/// Where AWS's own column starts to be left out: below it, each value would be a word a line.
const NARROW: usize = 72;
/// Resources that are listed below a field at most.
const CANDIDATES: usize = 5;
/// Lines that a value may take while its field is not in focus.
const LINES: usize = 2;

/// The widths that the names of the fields and the terminal leave.
struct Columns {
    names: usize,
    value: usize,
    aws: usize,
}

impl Columns {
    fn of<'a>(width: usize, names: impl Iterator<Item = &'a str>) -> Self {
        let longest = names.map(cells).max().unwrap_or_default();
        let names = (longest + 2).min(NAMES);
        let left = width.saturating_sub(BAR + names + GAP + FROM + 1);
        if width < NARROW {
            return Self {
                names,
                value: left.max(8),
                aws: 0,
            };
        }
        let aws = left * 19 / 40;
        Self {
            names,
            value: left - aws,
            aws,
        }
    }
}

/// One line of the table, worked out.
struct Row {
    name: String,
    value: String,
    style: Style,
    from: Option<ValueFrom>,
    aws: String,
}

pub(super) fn lay_out(wizard: &Wizard, known: &Known, sheet: &mut Sheet) {
    let Some(way) = wizard.way() else { return };
    let follows: Vec<&Field> = way
        .fixed()
        .filter(|field| !is_subject(way, field))
        .collect();
    let asked = way.entries.iter().map(|entry| entry.spec.name);
    let names = asked.chain(follows.iter().map(|field| field.name.as_str()));
    let columns = Columns::of(sheet.width, names);
    heads(&columns, sheet);
    for (n, entry) in way.entries.iter().enumerate() {
        one_entry(way, entry, n, &columns, sheet);
        if n == way.focus {
            choosable(wizard, way, entry, known, sheet);
        }
    }
    if !follows.is_empty() {
        sheet.blank();
    }
    for field in follows {
        row(&of_fixed(field, sheet), " ", false, &columns, sheet);
    }
    foot(wizard, way, known, sheet);
}

fn is_subject(way: &Way, field: &Field) -> bool {
    let mut specs = way.flow.fields.iter();
    specs.any(|spec| spec.subject && spec.name == field.name)
}

fn heads(columns: &Columns, sheet: &mut Sheet) {
    let aws = if columns.aws == 0 {
        ""
    } else {
        "AWS BY ITSELF"
    };
    let text = format!(
        "  {}{}{}{aws}",
        padded("FIELD", columns.names, Align::Left),
        padded("VALUE", columns.value + GAP, Align::Left),
        padded("FROM", FROM, Align::Left),
    );
    let title = sheet.look.theme.title;
    sheet
        .head
        .push(Line::from(Span::styled(text.trim_end().to_owned(), title)));
}

fn of_fixed(field: &Field, sheet: &Sheet) -> Row {
    Row {
        name: shown(&field.name),
        value: field
            .value
            .as_deref()
            .map_or_else(|| "none".to_owned(), shown),
        style: sheet.look.theme.text,
        from: Some(field.from),
        aws: field.aws_default.as_deref().map(shown).unwrap_or_default(),
    }
}

fn of_entry(way: &Way, entry: &Entry, sheet: &Sheet) -> Row {
    let theme = &sheet.look.theme;
    let line = way.line(entry.spec.name);
    let ahead = way.is_ahead(entry);
    let typed = entry.typed_text();
    let said = typed.as_deref().or(entry.chosen.as_deref());
    let from = match (said.filter(|_| ahead), line, said) {
        (None, Some(line), _) => Some(line.from),
        (Some(_), _, _) | (None, None, Some(_)) => Some(ValueFrom::Yours),
        (None, None, None) => None,
    };
    let told = line.and_then(|line| line.value.as_deref());
    let value = said.filter(|_| ahead).or(told).or(said);
    let from = from.map(|from| match from {
        ValueFrom::Yours if entry.is_as_proposed() => ValueFrom::Proposed,
        other => other,
    });
    Row {
        name: entry.spec.name.to_owned(),
        value: value.map_or_else(|| nothing(from).to_owned(), shown),
        style: if from == Some(ValueFrom::Yours) {
            theme.strong
        } else {
            theme.text
        },
        from,
        aws: line
            .and_then(|line| line.aws_default.as_deref())
            .map(shown)
            .unwrap_or_default(),
    }
}

/// What stands where there is no value.
fn nothing(from: Option<ValueFrom>) -> &'static str {
    match from {
        None => "",
        Some(ValueFrom::Missing | ValueFrom::Yours | ValueFrom::Proposed) => "—",
        Some(ValueFrom::AsBefore) => "none",
        Some(ValueFrom::AwsDefault) => "left to AWS",
    }
}

fn one_entry(way: &Way, entry: &Entry, n: usize, columns: &Columns, sheet: &mut Sheet) {
    let (theme, signs) = (sheet.look.theme, sheet.look.signs);
    let focused = n == way.focus;
    let obstructed = way.obstructed() == Some(n);
    let start = sheet.body.len();
    let drawn = of_entry(way, entry, sheet);
    let bar = match (focused, obstructed) {
        (true, _) => signs.bar,
        (false, true) => signs.stop,
        (false, false) => " ",
    };
    if focused && entry.is_text() && !entry.typed.text().is_empty() {
        being_typed(entry, &drawn, columns, sheet);
    } else {
        row(&drawn, bar, focused, columns, sheet);
        if focused && entry.is_text() {
            sheet.cursor = Some((start, BAR + columns.names));
        }
    }
    if focused {
        explained(way, entry, &drawn, columns, sheet);
    }
    // What is being typed is not what was found wrong.
    if obstructed
        && !(focused && entry.is_begun())
        && let Some(obstacle) = way.obstacle()
    {
        let style = if way.is_waiting() {
            theme.dim
        } else {
            theme.warning
        };
        let lead = Span::styled(format!("    {} ", signs.stop), theme.danger);
        sheet.prose(vec![lead], &obstacle.why, style);
    }
    if focused {
        sheet.focus = Some(start..sheet.body.len());
    }
}

/// What the field is about, the words it takes, and its value where the column is too narrow for it.
fn explained(way: &Way, entry: &Entry, drawn: &Row, columns: &Columns, sheet: &mut Sheet) {
    let theme = sheet.look.theme;
    let indent = || vec![Span::raw("    ")];
    sheet.prose(indent(), entry.spec.sentence, theme.dim);
    if !entry.words().is_empty() {
        let mut spans = indent();
        for word in entry.words() {
            let is = Some(*word) == way.value(entry);
            let (text, style) = if is {
                (format!("[{word}]"), theme.strong)
            } else {
                (format!(" {word} "), theme.text)
            };
            spans.push(Span::styled(text, style));
        }
        sheet.push(Line::from(spans));
    }
    let is_cut = cell(&sheet.look.signs.text(&drawn.value), columns.value).1;
    if is_cut && entry.typed.text().is_empty() {
        sheet.copied("    ", &drawn.value, theme.text);
    }
    if columns.aws == 0 && !drawn.aws.is_empty() {
        sheet.prose(
            indent(),
            &format!("AWS by itself: {}", drawn.aws),
            theme.dim,
        );
    }
}

/// Lists what a field that names a resource can be set to, where it is asked for; of an instant, where it lies in the
/// window and how it is understood.
fn choosable(wizard: &Wizard, way: &Way, entry: &Entry, known: &Known, sheet: &mut Sheet) {
    let fitting = candidates::fitting(way, &wizard.point, known);
    let (theme, typed) = (sheet.look.theme, entry.typed.text());
    if entry.spec.kind == FieldKind::Instant {
        let second = instant::at(typed.trim(), known);
        window::draw(wizard.point.when, second, known.incident, sheet);
        // Once it was asked for, the flow says what is wrong with it.
        let is_asked = way.obstructed() == Some(way.focus) && !entry.is_begun();
        let (text, is_one) = instant::told(typed.trim(), known);
        if !typed.trim().is_empty() && (is_one || !is_asked) {
            let style = if is_one { theme.text } else { theme.warning };
            sheet.prose(vec![Span::raw("    ")], &text, style);
        }
    }
    for one in fitting.iter().take(CANDIDATES) {
        let is = one.id == typed.trim();
        let style = if is { theme.strong } else { theme.text };
        let name = candidates::name(one);
        sheet.prose(
            vec![Span::raw("     ")],
            &format!("{}  {name}", one.id),
            style,
        );
    }
    let more = fitting.len().saturating_sub(CANDIDATES);
    if more > 0 {
        let text = format!("and {more} more: type a part of the name");
        sheet.prose(vec![Span::raw("     ")], &text, theme.dim);
    }
    if let Some(focus) = &mut sheet.focus {
        focus.end = sheet.body.len();
    }
}

/// A field that is being typed takes the whole line: nothing of it is cut while there is room.
fn being_typed(entry: &Entry, drawn: &Row, columns: &Columns, sheet: &mut Sheet) {
    let theme = sheet.look.theme;
    let room = columns.value + GAP + FROM + columns.aws;
    let lead = vec![
        Span::styled(padded(sheet.look.signs.bar, BAR, Align::Left), theme.accent),
        Span::styled(
            padded(&drawn.name, columns.names, Align::Left),
            theme.strong,
        ),
    ];
    let line = sheet.typed(lead, &entry.typed, room, sheet.body.len());
    sheet.push(line);
}

/// Draws one line of the table; a cell that is prose goes on below, a word that is too long is cut in its
/// middle.
fn row(row: &Row, bar: &str, focused: bool, columns: &Columns, sheet: &mut Sheet) {
    let (theme, signs) = (sheet.look.theme, sheet.look.signs);
    let name_style = if focused { theme.strong } else { theme.text };
    let (from, from_style) = row
        .from
        .map_or(("", theme.text), |from| from_words(from, sheet));
    let value = cell(&signs.text(&row.value), columns.value).0;
    let aws = cell(&signs.text(&row.aws), columns.aws).0;
    let bar_style = if bar == signs.stop {
        theme.danger
    } else {
        theme.accent
    };
    for n in 0..value.len().max(aws.len()).max(1) {
        let first = n == 0;
        let at = |cells: &[String]| cells.get(n).cloned().unwrap_or_default();
        let column = |text: &str, room: usize| padded(text, room, Align::Left);
        let bar = if focused || first { bar } else { " " };
        let line = vec![
            Span::styled(column(bar, BAR), bar_style),
            Span::styled(
                column(if first { &row.name } else { "" }, columns.names),
                name_style,
            ),
            Span::styled(column(&at(&value), columns.value + GAP), row.style),
            Span::styled(column(if first { from } else { "" }, FROM), from_style),
            Span::styled(at(&aws), theme.dim),
        ];
        sheet.push(Line::from(line));
    }
}

/// Returns the lines of a cell, and whether anything was cut away.
fn cell(text: &str, room: usize) -> (Vec<String>, bool) {
    if room == 0 {
        return (Vec::new(), false);
    }
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| cut_middle(word, room))
        .collect();
    let mut lines = wrapped(&words.join(" "), room, 0);
    let too_long = text.split_whitespace().any(|word| cells(word) > room);
    let too_many = lines.len() > LINES;
    if too_many {
        let rest = lines.split_off(LINES - 1);
        lines.push(cut_end(&rest.join(" "), room));
    }
    (lines, too_long || too_many)
}

fn from_words(from: ValueFrom, sheet: &Sheet) -> (&'static str, Style) {
    let theme = &sheet.look.theme;
    match from {
        ValueFrom::AsBefore => ("as before", theme.dim),
        ValueFrom::AwsDefault => ("AWS default", theme.dim),
        ValueFrom::Proposed => ("proposed", theme.text),
        ValueFrom::Yours => ("yours", theme.strong),
        ValueFrom::Missing => ("missing", theme.danger),
    }
}

/// How the form stands, always in sight: what it leads to, or why it leads nowhere yet.
fn foot(wizard: &Wizard, way: &Way, known: &Known, sheet: &mut Sheet) {
    let look = sheet.look;
    let theme = look.theme;
    let submit = key(wizard, known, Action::Submit);
    match way.standing() {
        Standing::Waiting => {
            let goes_on = if wizard.going_on {
                "; then on to the checks"
            } else {
                ""
            };
            let lead = Span::styled(
                format!(" {} ", look.signs.spinner(known.turn())),
                theme.accent,
            );
            sheet.foot(
                vec![lead],
                &format!("asking AWS{}{goes_on}", look.signs.ellipsis),
                theme.text,
            );
        }
        Standing::Ready(plan) => sheet.foot(vec![Span::raw(" ")], &outage(plan), theme.strong),
        Standing::Asks(obstacle) => {
            let lead = Span::styled(format!(" {} ", look.signs.stop), theme.danger);
            if let (Some(_), Some(field)) = (way.obstructed(), &obstacle.field) {
                sheet.foot(vec![lead], &format!("first: {field}"), theme.text);
            } else {
                sheet.foot(vec![lead], &obstacle.why, theme.text);
                let again = format!("{submit} asks AWS again");
                sheet.foot(vec![Span::raw("   ")], &again, theme.dim);
            }
        }
        Standing::Failed(why) => {
            let mut below = Sheet::new(look, sheet.width);
            report(why, " ", &mut below);
            sheet.foot.extend(below.body);
            sheet.foot(
                vec![Span::raw("   ")],
                &format!("{submit} asks AWS again"),
                theme.dim,
            );
        }
    }
}
