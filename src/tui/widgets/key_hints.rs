//! The keys at the foot of a screen.
//! Which keys there are is the keymap's business; here they are given the room they need, or left out.

use ratatui::text::{Line, Span};

use crate::tui::theme::Look;
use crate::tui::width::cells;

/// Returns the keys of a screen and what they do, the most important first. Where not all fit, those before
/// the last are dropped from the end: the last is the way to all the others.
#[must_use]
pub fn key_hints(hints: &[(&str, &str)], width: usize, look: &Look) -> Line<'static> {
    let mut hints: Vec<[Span<'static>; 2]> = hints.iter().map(|one| hint(*one, look)).collect();
    let Some(last) = hints.pop() else {
        return Line::default();
    };
    // A blank at the left edge, and two between hints.
    let Some(mut room) = width.checked_sub(1 + taken(&last)) else {
        return Line::default();
    };
    let first = hints.into_iter().take_while(|hint| {
        let left = room.checked_sub(taken(hint) + 2);
        room = left.unwrap_or(0);
        left.is_some()
    });
    let mut line = Line::default();
    for (n, spans) in first.chain([last]).enumerate() {
        line.push_span(if n == 0 { " " } else { "  " });
        line.extend(spans);
    }
    line
}

fn hint((key, what): (&str, &str), look: &Look) -> [Span<'static>; 2] {
    let gap = if what.is_empty() { "" } else { " " };
    [
        Span::styled(look.signs.text(key).into_owned(), look.theme.accent),
        Span::styled(format!("{gap}{}", look.signs.text(what)), look.theme.dim),
    ]
}

fn taken(hint: &[Span<'_>]) -> usize {
    hint.iter().map(|span| cells(&span.content)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::tui::theme::Signs;

    const HINTS: &[(&str, &str)] = &[
        ("/", "filter"),
        ("t", "incident"),
        ("enter", "open"),
        ("r", "restore"),
        ("y", "copy"),
        ("?", ""),
    ];

    fn look() -> Look {
        Look::new(config::Theme::Mono, Signs::unicode())
    }

    fn hints(width: usize) -> String {
        key_hints(HINTS, width, &look()).to_string()
    }

    #[test]
    fn the_least_hints_are_dropped_and_the_way_to_help_stays() {
        assert_eq!(
            hints(80),
            " / filter  t incident  enter open  r restore  y copy  ?"
        );
        assert_eq!(hints(55), hints(80));
        assert_eq!(hints(54), " / filter  t incident  enter open  r restore  ?");
        assert_eq!(hints(16), " / filter  ?");
        assert_eq!(hints(3), " ?");
        assert_eq!(hints(1), "");
        assert_eq!(key_hints(&[], 10, &look()).to_string(), "");
    }

    #[test]
    fn hints_never_exceed_the_width() {
        for width in 0..100 {
            assert!(cells(&hints(width)) <= width, "{width}");
        }
    }
}
