//! Text in cells of the terminal: measuring, cutting, padding, wrapping, highlighting.
//!
//! Everything goes by what ratatui puts into one cell (a grapheme), so that nothing is cut apart that belongs
//! together and no result takes more cells than it was given. Text from outside must be fit to be shown before.
//! Lines of several spans go to [`ratatui::buffer::Buffer::set_line`], which counts as it draws; a widget that
//! asks a span for its width is led astray by scripts whose letters join.

use ratatui::buffer::CellWidth as _;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::text;

/// Stands where something was cut off; one cell.
const ELLIPSIS: &str = "…";
/// Cells by which code that goes on below hangs.
const CODE_HANGS: usize = 4;

/// Which end of a text gives way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The end: names, sentences.
    End,
    /// The middle: ids, whose end tells them apart.
    Middle,
    /// None for as long as anything else can give way, and then the middle: ids that are copied.
    Never,
}

/// On which side a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// What is drawn into one cell, or two: a character with everything that joins it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grapheme {
    /// Its characters.
    pub text: String,
    /// Number of its first character in the text.
    pub first: usize,
    /// Cells that it takes.
    pub cells: usize,
}

/// Takes a text apart as ratatui does when it draws. Control characters, which it never draws, are left out.
#[must_use]
pub fn graphemes(text: &str) -> Vec<Grapheme> {
    let span = Span::raw(text);
    let mut characters = text.chars().enumerate();
    let drawn = span.styled_graphemes(Style::new());
    drawn
        .map(|grapheme| {
            let mut own = characters.by_ref().skip_while(|(_, c)| c.is_control());
            let first = own.next().map_or(0, |(n, _)| n);
            let more = grapheme.symbol.chars().count().saturating_sub(1);
            own.take(more).for_each(drop);
            Grapheme {
                text: grapheme.symbol.to_owned(),
                first,
                cells: usize::from(grapheme.symbol.cell_width()),
            }
        })
        .collect()
}

/// Counts the cells that a text takes when it is drawn.
#[must_use]
pub fn cells(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    graphemes(text).iter().map(|one| one.cells).sum()
}

/// Counts the cells that a line takes when it is drawn. What ratatui says of a line takes letters that
/// join for one.
#[must_use]
pub fn line_cells(line: &Line<'_>) -> usize {
    line.spans.iter().map(|span| cells(&span.content)).sum()
}

/// Tells whether every byte is a character of one cell.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Cuts a text to `room` cells where its kind gives way.
#[must_use]
pub fn cut(text: &str, room: usize, cut: Cut) -> String {
    if text.len() <= room && is_plain(text) {
        return text.to_owned();
    }
    let kept = kept(text, room, cut);
    kept.into_iter().map(|one| one.text).collect()
}

/// Cuts a text at its end: `orders-data…`.
#[must_use]
pub fn cut_end(text: &str, room: usize) -> String {
    cut(text, room, Cut::End)
}

/// Cuts an id in the middle, so that its kind and its telling end stay: `snap-0a1f…c2`, `rds:…-2026-03-14-02-07`.
#[must_use]
pub fn cut_middle(text: &str, room: usize) -> String {
    cut(text, room, Cut::Middle)
}

/// Returns a text that takes exactly `room` cells, cut at its end or filled up with blanks.
#[must_use]
pub fn padded(text: &str, room: usize, align: Align) -> String {
    let text = cut_end(text, room);
    let blanks = " ".repeat(room.saturating_sub(cells(&text)));
    match align {
        Align::Left => text + &blanks,
        Align::Right => blanks + &text,
    }
}

/// Breaks a text into lines of at most `room` cells, all but the first indented by `hanging` blanks. Words
/// that are wider are broken. Without room there are no lines.
#[must_use]
pub fn wrapped(text: &str, room: usize, hanging: usize) -> Vec<String> {
    if room == 0 {
        return Vec::new();
    }
    let hanging = hanging.min(room / 2);
    let room_of = |line| if line == 0 { room } else { room - hanging };
    let lines = text::wrapped(text, room_of, cells, broken);
    let indented = lines.into_iter().enumerate().map(|(n, line)| {
        let indent = if n == 0 { 0 } else { hanging };
        " ".repeat(indent) + &line
    });
    indented.collect()
}

/// Breaks a line of code that does not fit into `room` cells. Its indentation stays, and so does the sign of a line of a
/// diff with it; what goes on below hangs behind that. Without room there are no lines.
#[must_use]
pub fn code(text: &str, room: usize) -> Vec<String> {
    if cells(text) <= room && room > 0 {
        return vec![text.to_owned()];
    }
    let lead = text.len() - after_lead(text).len();
    let (lead, rest) = text.split_at(lead);
    let indent = cells(lead).min(room / 2);
    let lines = wrapped(rest, room - indent, CODE_HANGS).into_iter();
    let below = " ".repeat(indent);
    let lines = lines.enumerate().map(|(n, line)| {
        let before = if n == 0 { &lead[..indent] } else { &below };
        before.to_owned() + &line
    });
    lines.collect()
}

/// Returns what stands behind the blanks of a line of code, and behind its sign where it is of a diff.
fn after_lead(text: &str) -> &str {
    let rest = text.trim_start_matches(' ');
    let behind = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    if behind.starts_with(' ') {
        return behind.trim_start_matches(' ');
    }
    rest
}

/// Cuts a text to `room` cells and styles it with `base`, and the characters at `positions` (numbers of
/// characters, ascending) with `hit` on top, wherever the cut has left them.
#[must_use]
pub fn highlighted(
    text: &str,
    positions: &[usize],
    room: usize,
    cut: Cut,
    base: Style,
    hit: Style,
) -> Vec<Span<'static>> {
    let mut runs: Vec<(bool, String)> = Vec::new();
    for one in kept(text, room, cut) {
        let is_hit = is_hit(&one, positions);
        match runs.last_mut() {
            Some((last, run)) if *last == is_hit => run.push_str(&one.text),
            Some(_) | None => runs.push((is_hit, one.text)),
        }
    }
    let style = |is_hit| if is_hit { base.patch(hit) } else { base };
    let spans = runs.into_iter();
    spans
        .map(|(is_hit, run)| Span::styled(run, style(is_hit)))
        .collect()
}

/// The ellipsis stands for no character of the text, so it is never a hit.
fn is_hit(one: &Grapheme, positions: &[usize]) -> bool {
    if one.first == usize::MAX {
        return false;
    }
    let end = one.first + one.text.chars().count();
    let next = positions.partition_point(|position| *position < one.first);
    positions.get(next).is_some_and(|position| *position < end)
}

/// Returns the graphemes that a cut leaves, with the ellipsis among them.
fn kept(text: &str, room: usize, cut: Cut) -> Vec<Grapheme> {
    let mut all = graphemes(text);
    if all.iter().map(|one| one.cells).sum::<usize>() <= room {
        return all;
    }
    let Some(room) = room.checked_sub(1) else {
        return Vec::new();
    };
    let tail_room = match cut {
        Cut::End => 0,
        Cut::Middle | Cut::Never => (room / 3).max(date_end(text).min(room)),
    };
    let tail = all.len() - fitting(all.iter().rev(), tail_room);
    let tail = all.split_off(tail);
    all.truncate(fitting(all.iter(), room - tail_room));
    let ellipsis = Grapheme {
        text: ELLIPSIS.to_owned(),
        first: usize::MAX,
        cells: 1,
    };
    all.into_iter().chain([ellipsis]).chain(tail).collect()
}

/// Counts the cells of the date that an id ends in, as those of automated snapshots do: `-2026-03-14-02-07`. It alone
/// tells them apart.
fn date_end(text: &str) -> usize {
    let end = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let date = &text[end.len()..];
    let parts = date.split('-').filter(|part| !part.is_empty());
    if parts.count() < 3 || !date.contains("-20") {
        return 0;
    }
    date.len()
}

/// Counts the graphemes that fit into `room` cells.
fn fitting<'a>(graphemes: impl Iterator<Item = &'a Grapheme>, room: usize) -> usize {
    let mut taken = 0;
    graphemes
        .take_while(|one| {
            taken += one.cells;
            taken <= room
        })
        .filter(|_| room > 0)
        .count()
}

/// Breaks a text into lines of at most `room` cells, wherever they end: every blank stays, as a terminal does it.
/// Without room there are no lines.
#[must_use]
pub fn split(text: &str, room: usize) -> Vec<String> {
    if room == 0 {
        return Vec::new();
    }
    broken(text, room)
}

/// Breaks a word into parts of at most `room` cells. What no part could hold is replaced.
fn broken(word: &str, room: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut taken = 0;
    for one in graphemes(word) {
        let (text, cells) = if one.cells > room {
            (ELLIPSIS, 1)
        } else {
            (one.text.as_str(), one.cells)
        };
        if taken + cells > room {
            parts.push(String::new());
            taken = 0;
        }
        taken += cells;
        let last = parts.last_mut().expect("there is always a part");
        last.push_str(text);
    }
    parts
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Modifier;

    use super::*;

    /// Text that has broken columns elsewhere.
    const HARD: &[&str] = &[
        "",
        "orders-db data",
        "snap-0a1f2b3c4d5e6f7c2",
        "表表表表表表",
        "a表b表c",
        "e\u{301}te\u{301} ne\u{301}e",
        "👩\u{200d}👩\u{200d}👧 family",
        "❤\u{fe0f} heart ☎\u{fe0e}",
        "🇩🇪🇫🇷 flags",
        "👍🏽 thumb",
        "\u{301}lonely accent",
        "ｶﾞﾊﾟ half width",
        "لا لا لا",
        "가각\u{1100}\u{1161}",
        "नमस्ते दुनिया",
        "zero\u{200b}width\u{2060}joined",
        "con\u{7}trol\u{1b}[31m\r\nx",
        "‹U+202E›",
        "one_word_that_is_much_wider_than_any_line_it_could_stand_on",
    ];

    /// How many cells are taken once it is drawn: up to the last that was written.
    fn drawn(line: &Line<'_>) -> usize {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 1));
        let spans = line.spans.iter().cloned();
        let marked: Line<'_> = spans
            .map(|span| span.patch_style(Modifier::ITALIC))
            .collect();
        buffer.set_line(0, 0, &marked, 120);
        let written = |cell: &ratatui::buffer::Cell| cell.modifier.contains(Modifier::ITALIC);
        let last = buffer.content.iter().rposition(written);
        last.map_or(0, |n| {
            n + usize::from(buffer[(u16::try_from(n).unwrap(), 0)].cell_width())
        })
    }

    fn plain(spans: &[Span<'_>]) -> String {
        spans.iter().map(|span| span.content.as_ref()).collect()
    }

    #[test]
    fn no_cut_takes_more_cells_than_there_is_room() {
        for text in HARD {
            for room in 0..30 {
                for which in [Cut::End, Cut::Middle, Cut::Never] {
                    let cut = cut(text, room, which);
                    assert!(cells(&cut) <= room, "{text:?} at {room}: {cut:?}");
                    let line = Line::from(Span::raw(cut.clone()));
                    assert!(drawn(&line) <= room, "{text:?}: {cut:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_measured_is_what_is_drawn() {
        for text in HARD {
            let line = Line::from(Span::raw(*text));
            assert_eq!(drawn(&line), cells(text), "{text:?}");
            assert_eq!(drawn(&line), line_cells(&line), "{text:?}");
        }
    }

    #[test]
    fn what_fits_is_left_alone_and_what_does_not_says_so() {
        for text in HARD {
            let whole = cells(text);
            let harmless = text.replace(|c: char| c.is_control(), "");
            assert_eq!(cut_end(text, whole), harmless);
            assert_eq!(cut_middle(text, whole), harmless);
            if whole > 1 {
                assert!(cut_end(text, whole - 1).ends_with('…'), "{text:?}");
                assert!(cut_middle(text, whole - 1).contains('…'), "{text:?}");
            }
        }
    }

    #[test]
    fn padded_text_takes_exactly_its_room() {
        for text in HARD {
            for room in 0..30 {
                for align in [Align::Left, Align::Right] {
                    let padded = padded(text, room, align);
                    assert_eq!(cells(&padded), room, "{text:?} at {room}: {padded:?}");
                }
            }
        }
        assert_eq!(padded("14 min", 8, Align::Right), "  14 min");
        assert_eq!(padded("表表表", 5, Align::Left), "表表…");
        assert_eq!(padded("表表表", 4, Align::Left), "表… ");
    }

    #[test]
    fn wrapped_lines_never_exceed_the_room_and_lose_nothing_that_fits() {
        for text in HARD {
            for room in 1..30 {
                for hanging in [0, 2, 40] {
                    let lines = wrapped(text, room, hanging);
                    let fit = lines.iter().all(|line| cells(line) <= room);
                    assert!(fit, "{text:?} at {room}, {hanging}: {lines:#?}");
                }
            }
            let dense = |text: &str| -> String {
                let drawn = |c: &char| !c.is_whitespace() && !c.is_control();
                text.chars().filter(drawn).collect()
            };
            let lines = wrapped(text, 12, 2);
            assert_eq!(dense(&lines.concat()), dense(text));
        }
    }

    #[test]
    fn lines_after_the_first_hang() {
        let lines = wrapped("one two three four", 9, 2);
        assert_eq!(lines, ["one two", "  three", "  four"]);
        assert_eq!(wrapped("表", 1, 0), ["…"]);
        assert_eq!(wrapped("x", 0, 0), Vec::<String>::new());
    }

    #[test]
    fn code_keeps_its_indentation_and_a_change_its_sign() {
        assert_eq!(code("  +    \"a\": 1", 20), ["  +    \"a\": 1"]);
        let below = " ".repeat(11);
        assert_eq!(
            code("  +    \"abcdefghijklm\"", 16),
            [
                "  +    \"abcd".to_owned(),
                below.clone() + "efghi",
                below + "jklm\""
            ]
        );
        let command = code("  aws x --flag value", 14);
        assert_eq!(command, ["  aws x --flag", "      value"]);
        assert_eq!(code("                    deep", 8), ["    deep"]);
        assert_eq!(code("-x y", 3), ["-x", " y"], "an option is no change");
        assert!(code("x", 0).is_empty());
        for text in HARD {
            for room in 1..30 {
                let lines = code(text, room);
                let fit = lines.iter().all(|line| cells(line) <= room);
                assert!(fit, "{text:?} at {room}: {lines:#?}");
            }
        }
    }

    #[test]
    fn an_id_keeps_its_head_and_its_telling_end() {
        assert_eq!(cut_middle("snap-0123456789abcdef0", 13), "snap-012…def0");
        assert_eq!(cut_middle("snap-1", 13), "snap-1");
        assert_eq!(cut_middle("表表表表表表", 8), "表表…表");
        assert_eq!(cut_middle("abc", 1), "…");
        assert_eq!(cut_middle("abc", 0), "");
    }

    #[test]
    fn what_belongs_together_is_never_cut_apart() {
        assert_eq!(cut_end("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        let family = "👩\u{200d}👩\u{200d}👧";
        assert_eq!(cut_end(&format!("{family}xxx"), 3), format!("{family}…"));
        assert_eq!(cut_end("🇩🇪🇫🇷", 3), "🇩🇪…");
        assert_eq!(cut_end("🇩🇪🇫🇷", 2), "…");
    }

    #[test]
    fn highlights_survive_a_cut_wherever_their_characters_are() {
        let (base, hit) = (Style::new(), Style::new().bold());
        let text = "snap-0123456789abcdef0";
        let spans = highlighted(text, &[0, 5, 9, 21], 13, Cut::Middle, base, hit);
        assert_eq!(plain(&spans), "snap-012…def0");
        let hits = spans.iter().filter(|span| span.style == hit);
        let hits: Vec<&str> = hits.map(|span| span.content.as_ref()).collect();
        assert_eq!(
            hits,
            ["s", "0", "0"],
            "9 was cut away, the ellipsis is none"
        );
    }

    #[test]
    fn a_highlight_takes_the_whole_grapheme_and_its_neighbours_stay_plain() {
        let (base, hit) = (Style::new(), Style::new().bold());
        let spans = highlighted("ae\u{301}表b", &[2, 4], 20, Cut::End, base, hit);
        let hits = spans.iter().filter(|span| span.style == hit);
        let hits: Vec<&str> = hits.map(|span| span.content.as_ref()).collect();
        assert_eq!(hits, ["e\u{301}", "b"]);
        assert_eq!(plain(&spans), "ae\u{301}表b");
    }

    #[test]
    fn highlighting_never_takes_more_cells_than_there_is_room() {
        for text in HARD {
            let positions: Vec<usize> = (0..text.chars().count()).step_by(2).collect();
            for room in 0..30 {
                for cut in [Cut::End, Cut::Middle] {
                    let (base, hit) = (Style::new(), Style::new().bold());
                    let spans = highlighted(text, &positions, room, cut, base, hit);
                    let line = Line::from(spans);
                    assert!(drawn(&line) <= room, "{text:?} at {room}: {line:?}");
                }
            }
        }
    }

    #[test]
    fn positions_count_control_characters_that_are_not_drawn() {
        let all = graphemes("a\u{1b}\r\nb");
        let firsts: Vec<usize> = all.iter().map(|one| one.first).collect();
        assert_eq!(firsts, [0, 4]);
    }

    #[test]
    fn ids_that_end_in_a_date_keep_it() {
        let id = "rds:orders-production-2026-03-14-02-07";
        assert_eq!(cut_middle(id, 22), "rds:…-2026-03-14-02-07");
        assert_eq!(cut_middle(id, 13), "…-03-14-02-07");
        assert_eq!(cut_middle(id, 60), id);
        assert_eq!(cut_middle("snap-0a1f2b3c4d5e6f7c2", 12), "snap-0a1…7c2");
    }
}
