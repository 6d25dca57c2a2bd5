//! Who, where, since when: account number, READ-ONLY, the incident and a running outage are never
//! shortened; the rest comes by its rank as there is room.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::text::shown;
use crate::domain::words;
use crate::tui::known::{Known, PlaceCard};
use crate::tui::model::{Model, View};
use crate::tui::theme::Look;
use crate::tui::token;
use crate::tui::widgets::rule;
use crate::tui::width::{cells, cut_end};

/// A part of the header line. Those of a lower rank get their room first, those of rank 0 in any case.
struct Part {
    rank: u8,
    text: String,
    style: Style,
}

fn part(rank: u8, text: impl Into<String>, style: Style) -> Part {
    let text = text.into();
    Part { rank, text, style }
}

/// Draws the header.
pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let width = usize::from(area.width);
    let lines = vec![
        who_and_when(&model.known, width),
        views(model, width),
        rule(width, &model.known.settings.look),
    ];
    frame.render_widget(Paragraph::new(lines), area);
}

fn who_and_when(known: &Known, width: usize) -> Line<'static> {
    let theme = &known.settings.look.theme;
    let mut left = vec![part(3, "defib", theme.strong)];
    left.extend(whereabouts(known));
    let mut right = alarms(known);
    leave_out(&mut left, &mut right, width);
    let left: Vec<Part> = left
        .into_iter()
        .enumerate()
        .map(|(n, one)| Part {
            text: format!("{}{}", if n == 0 { " " } else { "  " }, one.text),
            ..one
        })
        .collect();
    let taken: usize = left.iter().map(|part| cells(&part.text)).sum();
    let right_cells: usize = right.iter().map(cells_of).sum();
    let gap = part(
        0,
        " ".repeat(width.saturating_sub(taken + right_cells)),
        theme.text,
    );
    let spaced = right
        .into_iter()
        .map(|one| part(0, format!(" {} ", one.text), one.style));
    let parts = left.into_iter().chain([gap]).chain(spaced);
    Line::from(
        parts
            .map(|part| Span::styled(part.text, part.style))
            .collect::<Vec<_>>(),
    )
}

/// A part with the blanks beside it.
fn cells_of(part: &Part) -> usize {
    cells(&part.text) + 2
}

/// Leaves out what there is no room for, the highest rank first.
fn leave_out(left: &mut Vec<Part>, right: &mut Vec<Part>, width: usize) {
    let taken =
        |left: &[Part], right: &[Part]| -> usize { left.iter().chain(right).map(cells_of).sum() };
    while taken(left, right) > width {
        let ranks = left.iter().chain(right.iter()).map(|part| part.rank);
        let Some(highest) = ranks.max().filter(|rank| *rank > 0) else {
            return;
        };
        left.retain(|part| part.rank != highest);
        right.retain(|part| part.rank != highest);
    }
}

/// What is never shortened: a running outage, READ-ONLY, the incident; and a session that is about to end.
fn alarms(known: &Known) -> Vec<Part> {
    let theme = &known.settings.look.theme;
    let mut alarms = Vec::new();
    if let Some((_, since)) = known.runs.down() {
        let seconds = known.now.duration_since(since).as_secs().max(0);
        alarms.push(part(
            0,
            format!("DOWN {:02}:{:02}", seconds / 60, seconds % 60),
            theme.danger,
        ));
    }
    if known.catalog.is_elsewhere() {
        alarms.push(part(0, "CUSTOM ENDPOINT", theme.danger));
    }
    if let Some(text) = token::text(known).filter(|_| token::is_pressing(known)) {
        alarms.push(part(1, text, token::style(known, theme)));
    }
    if known.settings.read_only {
        alarms.push(part(0, "READ-ONLY", theme.warning));
    }
    if let Some(at) = known.incident {
        let age = known.now.duration_since(at);
        // Seconds that change would have the line written at every frame.
        let age = if age.as_secs() < 60 {
            "< 1 min".to_owned()
        } else {
            words::span(age)
        };
        let is_same =
            |part: &str| at.strftime(part).to_string() == known.now.strftime(part).to_string();
        let day = match (is_same("%F"), is_same("%Y")) {
            (true, _) => "",
            (false, true) => "%b %d ",
            (false, false) => "%F ",
        };
        let time = if at.as_second() % 60 == 0 {
            "%H:%MZ"
        } else {
            "%H:%M:%SZ"
        };
        alarms.push(part(
            0,
            format!("T {} −{age}", at.strftime(&format!("{day}{time}"))),
            theme.accent,
        ));
    }
    alarms
}

/// Where the operator is, as whom, and for how long.
fn whereabouts(known: &Known) -> Vec<Part> {
    let theme = &known.settings.look.theme;
    let places = &known.catalog.places;
    let Some(first) = places.first() else {
        if let Some(told) = as_before(known) {
            return told;
        }
        let text = if known.catalog.connecting {
            "connecting…"
        } else {
            "no place"
        };
        return vec![part(0, text, theme.dim)];
    };
    let mut accounts: Vec<_> = places.iter().map(|card| &card.place.account).collect();
    accounts.sort();
    accounts.dedup();
    let mut regions: Vec<_> = places.iter().map(|card| &card.place.region).collect();
    regions.sort();
    regions.dedup();
    let more = |count: usize| {
        if count > 1 {
            format!(" +{}", count - 1)
        } else {
            String::new()
        }
    };
    let account = format!("{}{}", first.place.account, more(accounts.len()));
    let style = if known.is_protected(&first.place.account) {
        theme.protected
    } else {
        theme.strong
    };
    let mut told = Vec::new();
    if let Some(profile) = &first.place.profile {
        told.push(part(2, cut_end(&shown(profile), 20), theme.text));
    }
    told.push(part(0, account, style));
    let region = format!("{}{}", first.place.region, more(regions.len()));
    told.push(part(4, region, theme.text));
    if let Some(text) = token::text(known).filter(|_| !token::is_pressing(known)) {
        told.push(part(5, text, token::style(known, theme)));
    }
    told.push(part(6, role_of(first), theme.dim));
    told
}

/// Where the operator was the last time, until somebody says who is asking: profile, account and Region, marked.
fn as_before(known: &Known) -> Option<Vec<Part>> {
    let Look { theme, signs } = &known.settings.look;
    let first = known.catalog.before.places.first()?;
    let mut told = Vec::new();
    if let Some(profile) = &first.place.profile {
        told.push(part(2, cut_end(&shown(profile), 20), theme.text));
    }
    let account = format!("{} {}", signs.before, first.place.account);
    let style = if known.is_protected(&first.place.account) {
        theme.protected
    } else {
        theme.strong
    };
    told.push(part(0, account, style));
    told.push(part(4, first.place.region.to_string(), theme.text));
    let state = if known.catalog.connecting {
        "connecting…"
    } else {
        "not connected"
    };
    told.push(part(5, signs.text(state).into_owned(), theme.dim));
    Some(told)
}

/// Returns the name of the role or user: the end of its ARN.
fn role_of(card: &PlaceCard) -> String {
    let name = card.role.rsplit([':', '/']).next().unwrap_or_default();
    cut_end(&shown(name), 32)
}

/// The views, and how much is known of the one that is open. Where there is no room for all their names, only that one
/// has its own.
fn views(model: &Model, width: usize) -> Line<'static> {
    let look = &model.known.settings.look;
    let taken = |tabs: &[(bool, String)]| -> usize {
        tabs.iter().map(|(_, text)| cells(text) + 1).sum::<usize>() + 1
    };
    let ways = [
        (true, " cached"),
        (true, ""),
        (false, " cached"),
        (false, ""),
    ];
    let (tabs, right) = ways
        .into_iter()
        .map(|(named, cached)| (tabs(model, named), counts(model, cached)))
        .find(|(tabs, right)| taken(tabs) + cells(right) < width)
        .unwrap_or_else(|| (tabs(model, false), counts(model, "")));
    let right = cut_end(&right, width.saturating_sub(taken(&tabs) + 1));
    let gap = width.saturating_sub(taken(&tabs) + cells(&right) + 1);
    let mut spans = Vec::new();
    let mut before = false;
    for (open, text) in tabs {
        let style = |open| {
            if open {
                look.theme.selected
            } else {
                look.theme.dim
            }
        };
        // The blank between two is that of the open one, if it is one of them.
        spans.push(Span::styled(" ", style(open || before)));
        spans.push(Span::styled(text, style(open)));
        before = open;
    }
    let last = if before {
        look.theme.selected
    } else {
        look.theme.dim
    };
    spans.push(Span::styled(" ", last));
    spans.push(Span::raw(" ".repeat(gap)));
    spans.push(Span::styled(right, look.theme.dim));
    Line::from(spans)
}

/// Returns each view with its digit, and whether it is the open one; without `named`, the name of that one alone.
fn tabs(model: &Model, named: bool) -> Vec<(bool, String)> {
    let known = &model.known;
    let look = &known.settings.look;
    let unfinished = known.runs.unfinished().count();
    let tab = |(view, digit, name): (View, char, &str)| {
        let count = match (view, &known.runs.unreadable) {
            (View::Runs, Some(_)) => format!(" {}", look.signs.know),
            (View::Runs, None) if unfinished > 0 => format!("·{unfinished}"),
            _nothing_to_count => String::new(),
        };
        let open = view == model.view;
        let text = if named || open {
            format!("{digit} {name}{count}")
        } else {
            format!("{digit}{count}")
        };
        (open, look.signs.text(&text).into_owned())
    };
    View::ALL.into_iter().map(tab).collect()
}

/// Returns how many rows of the open view are of what was there before and is no longer.
fn gone(model: &Model) -> usize {
    let catalog = &model.known.catalog;
    match model.view {
        View::Snapshots => catalog.store.gone_points(),
        View::Vaults => {
            let vaults = 0..catalog.store.vaults().len();
            vaults
                .filter(|row| catalog.store.is_vault_gone(*row))
                .count()
        }
        _another => model.browser().map_or(0, |list| list.gone),
    }
}

/// Returns how much is known: with `+` until everything was seen, and since when what nobody has confirmed, which
/// `cached` says in a word where there is room for it.
fn counts(model: &Model, cached: &str) -> String {
    let known = &model.known;
    let look = &known.settings.look;
    let catalog = &known.catalog;
    let gone = gone(model);
    let (all, what) = match model.view {
        View::Resources => (model.resources.all, "resources"),
        View::Snapshots => (catalog.store.count() - gone, "points"),
        View::Amis => (model.amis.all - gone, "AMIs"),
        View::Windows => (model.windows.all - gone, "windows"),
        View::Vaults => (catalog.store.vaults().len() - gone, "vaults"),
        View::Runs => (known.runs.cards.len(), "runs"),
    };
    let of_catalog = model.view != View::Runs;
    let plus = if of_catalog && !catalog.is_whole() {
        "+"
    } else {
        ""
    };
    let filtered = match model.browser() {
        Some(list) if !list.filter.text().trim().is_empty() => Some(list.shown().len()),
        None if model.view == View::Vaults && !model.vaults.filter.text().trim().is_empty() => {
            Some(model.vaults.count())
        }
        Some(_) | None => None,
    };
    let filtered = match (filtered, model.is_working()) {
        (Some(_), true) => "filtering… ".to_owned(),
        (None, true) => "sorting… ".to_owned(),
        (Some(shown), false) => format!("{shown} of "),
        (None, false) => String::new(),
    };
    let filtered = look.signs.text(&filtered);
    let spins = of_catalog && catalog.is_growing() || crate::tui::screens::run::is_moving(known);
    let spinner = if spins {
        format!(" {}", look.signs.spinner(known.turn()))
    } else {
        String::new()
    };
    let what = if all == 1 && plus.is_empty() {
        what.trim_end_matches('s')
    } else {
        what
    };
    let gone = match gone {
        0 => String::new(),
        some => format!(", {some} gone"),
    };
    let since = catalog.cached_since().filter(|_| of_catalog);
    let cached = since.map_or(String::new(), |since| {
        let age = words::span(known.now.duration_since(since));
        format!(
            " {} {}{cached} {age} ago",
            look.signs.dot, look.signs.before
        )
    });
    format!("{filtered}{all}{plus} {what}{gone}{cached}{spinner}")
}
