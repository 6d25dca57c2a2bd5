//! The picture at the widths of real terminals, and what could break it.
//! Read as text, and as styles where those carry something.

use ratatui::style::Modifier;

use super::*;
use crate::config;

fn at(text: &str) -> Timestamp {
    format!("2026-03-01T{text}Z").parse().unwrap()
}

fn point(time: &str) -> Mark {
    Mark {
        when: When::At { at: at(time) },
        kind: Kind::Usable,
    }
}

fn of_kind(time: &str, kind: Kind) -> Mark {
    Mark {
        kind,
        ..point(time)
    }
}

fn window(earliest: &str, latest: &str) -> Mark {
    Mark {
        when: When::Window {
            earliest: at(earliest),
            latest: at(latest),
        },
        kind: Kind::Usable,
    }
}

fn lane(label: &str, marks: Vec<Mark>) -> Lane {
    Lane {
        label: label.to_owned(),
        marks,
    }
}

fn estate() -> Vec<Lane> {
    let hours = (0..6).map(|hour| point(&format!("{hour:02}:30:00")));
    vec![
        lane("us-east-1", hours.collect()),
        lane(
            "eu-west-1",
            vec![
                window("00:10:00", "01:40:00"),
                of_kind("02:00:00", Kind::Locked),
                of_kind("02:30:00", Kind::Archived),
                of_kind("03:00:00", Kind::Unusable),
            ],
        ),
    ]
}

fn view(places: &[Lane]) -> TimelineView<'_> {
    TimelineView {
        from: at("00:00:00"),
        to: at("06:00:00"),
        lanes: places,
        incident: Some(at("04:14:00")),
        cursor: None,
    }
}

fn look(theme: config::Theme) -> Look {
    Look::new(theme, Signs::unicode())
}

fn text(lines: &[Line<'_>]) -> Vec<String> {
    let lines = lines.iter().map(ToString::to_string);
    lines.map(|line| line.trim_end().to_owned()).collect()
}

fn drawn(view: &TimelineView<'_>, width: usize) -> Vec<String> {
    text(&view.lines(width, &look(config::Theme::Mono)))
}

/// Style of one cell of a line; every sign takes one.
fn style_at(line: &Line<'_>, cell: usize) -> Style {
    let styles = line.spans.iter().flat_map(|span| {
        let cells = span.content.chars();
        cells.map(|_| span.style)
    });
    styles.into_iter().nth(cell).unwrap()
}

#[test]
fn eighty_cells_show_lanes_axis_and_incident() {
    let places = estate();
    assert_eq!(
        drawn(&view(&places), 80),
        [
            " us-east-1  ·····●··········●··········●···········●·······│··●··········●·····",
            " eu-west-1  ·━━━━━━━━━━━━━━━━━━···◆····○·····✘·············│···················",
            " UTC        │1 Mar     │01:00     │02:00     │03:00        ▲ T     │05:00",
        ]
    );
}

#[test]
fn a_hundred_and_twenty_cells_show_the_same_in_more_detail() {
    let places = estate();
    let lines = drawn(&view(&places), 120);
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| cells(line) <= 120), "{lines:#?}");
    assert!(lines[0].contains("·│"), "{lines:#?}");
    assert!(
        lines[2].contains("│00:30") && lines[2].contains("▲ T"),
        "{lines:#?}"
    );
}

#[test]
fn no_line_is_wider_than_there_is_room() {
    let mut places = estate();
    places[1].label = "表の名前 of an account eu-west-1".to_owned();
    for width in 0..130 {
        for line in drawn(&view(&places), width) {
            assert!(cells(&line) <= width, "{width}: {line}");
        }
        let legend = legend(width, &look(config::Theme::Mono)).to_string();
        assert!(cells(&legend) <= width, "{width}: {legend}");
    }
}

#[test]
fn nothing_at_all_is_an_empty_lane_and_no_lane_an_axis() {
    let places = [lane("eu-west-1", vec![])];
    let lines = drawn(&view(&places), 40);
    assert_eq!(
        lines[0],
        format!(" eu-west-1  {}│{}", "·".repeat(19), "·".repeat(7))
    );
    assert_eq!(drawn(&view(&[]), 40).len(), 1);
    assert_eq!(whole(&[], None), None);
}

#[test]
fn a_single_point_is_in_the_middle_of_the_whole() {
    let places = [lane("eu-west-1", vec![point("02:00:00")])];
    let (from, to) = whole(&places, None).unwrap();
    let view = TimelineView {
        from,
        to,
        incident: None,
        ..view(&places)
    };
    let line = drawn(&view, 40)[0].clone();
    let track: Vec<char> = line.chars().skip(12).collect();
    assert_eq!(
        track.iter().position(|c| *c == '●'),
        Some(track.len() / 2),
        "{line}"
    );
}

#[test]
fn the_whole_leaves_nothing_out() {
    let places = estate();
    let incident = Some(at("09:00:00"));
    let (from, to) = whole(&places, incident).unwrap();
    let view = TimelineView {
        from,
        to,
        incident,
        ..view(&places)
    };
    let lines = drawn(&view, 80);
    assert!(!lines.concat().contains(['‹', '›']), "{lines:#?}");
    assert!(from < at("00:10:00") && to > at("09:00:00"));
}

#[test]
fn arrows_tell_of_points_out_of_view() {
    let places = estate();
    let view = TimelineView {
        from: at("01:00:00"),
        to: at("02:15:00"),
        ..view(&places)
    };
    let lines = drawn(&view, 80);
    assert!(lines[0].starts_with(" us-east-1 ‹"), "{lines:#?}");
    assert!(lines[1].starts_with(" eu-west-1 ‹━━"), "{lines:#?}");
    assert!(
        lines[0].ends_with('›') && lines[1].ends_with('›'),
        "{lines:#?}"
    );
    assert!(lines[2].ends_with("T ›"), "{lines:#?}");
}

#[test]
fn points_of_one_cell_are_counted() {
    let same = |count| lane("eu-west-1", vec![point("03:00:00"); count]);
    let places = [same(1), same(2), same(9), same(10), same(500)];
    let lines = drawn(&view(&places), 80);
    let signs: Vec<char> = lines[..5]
        .iter()
        .map(|line| line.chars().find(|c| "●29+".contains(*c)).unwrap())
        .collect();
    assert_eq!(signs, ['●', '2', '9', '+', '+']);
}

#[test]
fn what_lies_after_the_incident_or_is_of_no_use_is_faint() {
    let places = estate();
    let look = look(config::Theme::Dark);
    let lines = view(&places).lines(80, &look);
    let style = |line: usize, sign: char| {
        let text = lines[line].to_string();
        let cells: Vec<usize> = (0..80)
            .filter(|n| text.chars().nth(*n) == Some(sign))
            .collect();
        let styles = cells.into_iter().map(|cell| style_at(&lines[line], cell));
        styles.collect::<Vec<_>>()
    };
    let (bright, dim) = (look.theme.point, look.theme.dim);
    assert_eq!(style(0, '●'), [bright, bright, bright, bright, dim, dim]);
    assert_eq!(style(1, '✘'), [dim]);
    assert_eq!(style(1, '◆'), [bright]);
    assert_eq!(style(1, '│'), [look.theme.incident]);
}

#[test]
fn a_window_is_faint_from_the_incident_on() {
    let places = [lane("eu-west-1", vec![window("00:00:00", "06:00:00")])];
    let look = look(config::Theme::Dark);
    let line = view(&places).lines(80, &look).remove(0);
    let style = |cell| style_at(&line, cell);
    assert_eq!(style(12), look.theme.window);
    assert_eq!(style(12 + 47), look.theme.window, "the incident's own cell");
    assert_eq!(style(12 + 48), look.theme.dim);
}

#[test]
fn the_cursor_is_seen_on_its_mark_and_its_lane() {
    let places = estate();
    let view = TimelineView {
        cursor: Some(Cursor { lane: 1, mark: 1 }),
        ..view(&places)
    };
    let lines = view.lines(80, &look(config::Theme::Mono));
    assert!(lines[0].to_string().starts_with(' '));
    let text = lines[1].to_string();
    assert!(text.starts_with('▌'), "{text}");
    let cell = text.chars().position(|c| c == '◆').unwrap();
    let reversed = |cell| {
        style_at(&lines[1], cell)
            .add_modifier
            .contains(Modifier::REVERSED)
    };
    assert!((0..80).all(|other| reversed(other) == (other == cell)));
}

#[test]
fn on_a_window_the_cursor_stands_on_the_second_that_is_taken() {
    let places = [lane("eu-west-1", vec![window("00:00:00", "06:00:00")])];
    let view = TimelineView {
        cursor: Some(Cursor { lane: 0, mark: 0 }),
        ..view(&places)
    };
    let line = view.lines(80, &look(config::Theme::Mono)).remove(0);
    let reversed = |cell| {
        style_at(&line, cell)
            .add_modifier
            .contains(Modifier::REVERSED)
    };
    let cells: Vec<usize> = (0..80).filter(|cell| reversed(*cell)).collect();
    assert_eq!(cells, [12 + 47]);
}

#[test]
fn a_view_turned_around_or_without_length_is_no_panic() {
    let places = estate();
    for (from, to) in [("03:00:00", "01:00:00"), ("02:00:00", "02:00:00")] {
        let view = TimelineView {
            from: at(from),
            to: at(to),
            ..view(&places)
        };
        assert_eq!(drawn(&view, 80).len(), 3);
    }
}

#[test]
fn the_legend_names_the_signs_and_drops_the_last() {
    let look = look(config::Theme::Mono);
    assert_eq!(
        legend(80, &look).to_string(),
        " ● point  ━ window  ◆ locked  ○ archived  ▲ incident  ✘ not usable  2 so many"
    );
    assert_eq!(legend(24, &look).to_string(), " ● point  ━ window");
}
