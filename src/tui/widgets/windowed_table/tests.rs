//! The table at its widths: what is cut, what is dropped, what is asked for.
//! Drawn into a buffer and read back as text and styles.

use std::cell::RefCell;

use ratatui::style::Modifier;

use super::*;
use crate::config;
use crate::tui::theme::Signs;
use crate::tui::widgets::drawn;

const fn column(title: &'static str, cut: Cut, min: u16, wanted: u16, priority: u8) -> Column {
    Column {
        title,
        align: Align::Left,
        cut,
        min,
        wanted,
        flex: false,
        priority,
    }
}

const COLUMNS: &[Column] = &[
    column("RESOURCE", Cut::End, 10, 17, 0),
    column("KIND", Cut::End, 8, 8, 3),
    column("BEST BEFORE T", Cut::Middle, 16, 25, 1),
    Column {
        align: Align::Right,
        ..column("DATA LOST", Cut::End, 9, 9, 0)
    },
    column("ELSEWHERE", Cut::End, 9, 10, 2),
];

const ROWS: &[[&str; 5]] = &[
    [
        "orders-db data",
        "volume",
        "snap-0a1f…c2 02:00Z",
        "14 min",
        "us-east-1",
    ],
    ["orders", "dynamodb", "any second to 02:13:59Z", "< 1 s", ""],
    [
        "表の名前がとても長いリソース",
        "instance",
        "ami-77c1…09 Tue 23:00Z",
        "3 h 14 m",
        "vault-acct",
    ],
    ["sessions", "dynamodb", "none before T", "—", ""],
];

fn row(n: usize) -> Vec<Cell> {
    let cells = ROWS[n % ROWS.len()].iter();
    cells.map(|text| Cell::new(*text)).collect()
}

const NO_FAILURES: Failures<'_> = Failures {
    lines: &[],
    retry: "R",
    why: "L",
};

fn look(theme: config::Theme) -> Look {
    Look::new(theme, Signs::unicode())
}

fn table<'a>(
    look: &'a Look,
    total: usize,
    row: &'a dyn Fn(usize) -> Vec<Cell>,
) -> WindowedTable<'a> {
    WindowedTable {
        columns: COLUMNS,
        total,
        row,
        top: 0,
        cursor: Some(0),
        sort: None,
        empty: "No resource has been found in these places.",
        failures: NO_FAILURES,
        aside: 0,
        look,
    }
}

fn draw(table: &WindowedTable<'_>, width: u16, height: u16) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    table.render(buffer.area, &mut buffer);
    buffer
}

#[test]
fn a_table_at_eighty_cells_is_aligned() {
    let look = look(config::Theme::Mono);
    let lines = drawn::lines(&draw(&table(&look, 4, &row), 80, 5));
    assert_eq!(
        lines,
        [
            "  RESOURCE           KIND      BEST BEFORE T              DATA LOST  ELSEWHERE",
            "▌ orders-db data     volume    snap-0a1f…c2 02:00Z           14 min  us-east-1",
            "  orders             dynamodb  any second to 02:13:59Z        < 1 s",
            "  表の名前がとても…  instance  ami-77c1…09 Tue 23:00Z      3 h 14 m  vault-acct",
            "  sessions           dynamodb  none before T                      —",
        ]
    );
}

#[test]
fn only_rows_that_are_shown_are_asked_for_once_each() {
    let look = look(config::Theme::Mono);
    let asked = RefCell::new(Vec::new());
    let counted = |n| {
        asked.borrow_mut().push(n);
        row(n)
    };
    let table = WindowedTable {
        top: 50_000,
        cursor: Some(50_003),
        ..table(&look, 100_000, &counted)
    };
    draw(&table, 80, 11);
    assert_eq!(*asked.borrow(), (50_000..50_010).collect::<Vec<_>>());
}

#[test]
fn the_cursor_is_drawn_even_if_the_rows_have_shrunk_away_from_it() {
    let look = look(config::Theme::Mono);
    let table = WindowedTable {
        top: 90,
        cursor: Some(99),
        ..table(&look, 4, &row)
    };
    let lines = drawn::lines(&draw(&table, 80, 4));
    assert!(lines[1].contains("orders "), "{lines:#?}");
    assert!(lines[3].starts_with("▌ sessions"), "{lines:#?}");
}

#[test]
fn columns_are_dropped_by_priority_as_the_width_shrinks() {
    let shown = |room| -> Vec<&str> {
        let widths = widths(COLUMNS, room);
        let shown = COLUMNS
            .iter()
            .zip(widths)
            .filter(|(_, width)| width.is_some());
        shown.map(|(column, _)| column.title).collect()
    };
    assert_eq!(shown(78).len(), 5);
    assert_eq!(
        shown(59),
        ["RESOURCE", "BEST BEFORE T", "DATA LOST", "ELSEWHERE"]
    );
    assert_eq!(shown(49), ["RESOURCE", "BEST BEFORE T", "DATA LOST"]);
    assert_eq!(shown(38), ["RESOURCE", "DATA LOST"]);
    assert_eq!(shown(8), ["RESOURCE", "DATA LOST"]);
    assert_eq!(shown(3).len(), 1);
    assert!(shown(0).is_empty());
}

#[test]
fn no_width_is_exceeded_and_none_is_left_unused_that_was_wanted() {
    for room in 0..200 {
        let widths = widths(COLUMNS, room);
        assert!(taken(&widths) <= room, "{room}: {widths:?}");
        let wanting = COLUMNS
            .iter()
            .zip(&widths)
            .any(|(column, width)| width.is_none_or(|width| width < column.wanted));
        if room > 77 {
            assert!(!wanting, "{room}: {widths:?}");
        }
    }
}

#[test]
fn a_column_that_takes_any_share_fills_the_line() {
    let mut columns = COLUMNS.to_vec();
    columns[0].flex = true;
    columns[2].flex = true;
    let widths = widths(&columns, 120);
    assert_eq!(taken(&widths), 120);
    assert!(widths[0] > Some(17) && widths[2] > Some(25), "{widths:?}");
}

#[test]
fn an_id_is_whole_before_anything_else_grows_and_cut_in_the_middle_after() {
    let id = "snap-0123456789abcdef0";
    let columns = [
        column("NAME", Cut::End, 6, 30, 0),
        column("ID", Cut::Never, 12, 22, 0),
    ];
    let cells = |_| vec![Cell::new("a name that is long"), Cell::new(id)];
    let look = look(config::Theme::Mono);
    let line = |width| {
        let table = WindowedTable {
            columns: &columns,
            ..table(&look, 1, &cells)
        };
        drawn::lines(&draw(&table, width, 2))[1].clone()
    };
    assert_eq!(line(34), "▌ a name …  snap-0123456789abcdef0");
    assert_eq!(line(26), "▌ a nam…  snap-01234…cdef0");
}

#[test]
fn no_row_leaves_its_area_at_any_size() {
    let look = look(config::Theme::Sixteen);
    let failures = ["eu-central-1 rds: expired credentials 表".to_owned()];
    for width in 0..90 {
        for height in 0..8 {
            let mut buffer =
                Buffer::filled(Rect::new(0, 0, 100, 10), ratatui::buffer::Cell::new("~"));
            let table = WindowedTable {
                failures: Failures {
                    lines: &failures,
                    retry: "R",
                    why: "L",
                },
                ..table(&look, 9, &row)
            };
            table.render(Rect::new(3, 1, width, height), &mut buffer);
            let inside = Rect::new(3, 1, width, height);
            let outside = buffer.area.positions().filter(|at| !inside.contains(*at));
            for at in outside {
                assert_eq!(buffer[at].symbol(), "~", "{width}×{height} at {at}");
            }
        }
    }
}

#[test]
fn the_line_under_the_cursor_is_marked_by_sign_and_style_from_end_to_end() {
    let look = look(config::Theme::Mono);
    let table = WindowedTable {
        cursor: Some(1),
        ..table(&look, 4, &row)
    };
    let buffer = draw(&table, 80, 5);
    assert_eq!(buffer[(0, 2)].symbol(), "▌");
    let reversed = |x, y| buffer[(x, y)].modifier.contains(Modifier::REVERSED);
    assert!((1..80).all(|x| reversed(x, 2)));
    assert!((0..80).all(|x| !reversed(x, 1) && !reversed(x, 3)));
}

#[test]
fn matches_are_highlighted_under_the_cursor_too() {
    let look = look(config::Theme::Mono);
    let hits = |n| {
        let mut cells = row(n);
        cells[0].positions = vec![0, 7];
        cells
    };
    let buffer = draw(&table(&look, 2, &hits), 80, 3);
    assert_eq!(
        drawn::modified(&buffer, 1, Modifier::UNDERLINED),
        "  o      d"
    );
    assert_eq!(drawn::modified(&buffer, 2, Modifier::UNDERLINED), "  o");
}

#[test]
fn a_sorted_column_says_in_which_direction() {
    let look = look(config::Theme::Mono);
    let title = |descending| {
        let sort = Some(Sort {
            column: 0,
            descending,
        });
        let table = WindowedTable {
            sort,
            ..table(&look, 4, &row)
        };
        drawn::lines(&draw(&table, 80, 2))[0].clone()
    };
    assert!(title(true).starts_with("  RESOURCE↓ "));
    assert!(title(false).starts_with("  RESOURCE↑ "));
}

#[test]
fn where_there_is_nothing_a_sentence_says_so() {
    let look = look(config::Theme::Mono);
    let lines = drawn::lines(&draw(&table(&look, 0, &row), 30, 5));
    assert_eq!(
        lines[1..3],
        ["  No resource has been found", "  in these places."]
    );
}

#[test]
fn a_failure_stands_below_the_rows_and_keeps_its_key() {
    let look = look(config::Theme::Mono);
    let failures =
        ["eu-central-1 rds: expired credentials · aws sso login --profile acme-dr".to_owned()];
    let table = WindowedTable {
        failures: Failures {
            lines: &failures,
            retry: "R",
            why: "L",
        },
        ..table(&look, 9, &row)
    };
    let lines = drawn::lines(&draw(&table, 80, 6));
    assert_eq!(
        lines[5],
        "  ! eu-central-1 rds: expired credentials · aws sso login --profile acme-dr · R"
    );
    assert!(lines[4].starts_with("  sessions"), "{lines:#?}");
    let lines = drawn::lines(&draw(&table, 40, 6));
    assert_eq!(lines[5], "  ! eu-central-1… · aws sso login -… · R");
}

#[test]
fn many_failures_leave_room_for_the_rows_and_are_counted() {
    let look = look(config::Theme::Mono);
    let failures: Vec<String> = (1..=9).map(|n| format!("place {n}: no answer")).collect();
    let table = WindowedTable {
        failures: Failures {
            lines: &failures,
            retry: "R",
            why: "L",
        },
        ..table(&look, 9, &row)
    };
    let lines = drawn::lines(&draw(&table, 80, 10));
    assert_eq!(
        lines[7..],
        [
            "  ! place 1: no answer · R",
            "  ! place 2: no answer · R",
            "  ! and 7 more · R asks again, L why"
        ]
    );
    assert_eq!(rows_shown(10, 9), 6);
    assert_eq!(rows_shown(10, 1), 8);
    assert_eq!(
        (rows_shown(0, 5), rows_shown(1, 5), rows_shown(2, 5)),
        (0, 0, 0)
    );
}

#[test]
fn the_cursor_is_always_inside_the_window_and_the_window_inside_the_rows() {
    for total in 0..12 {
        for height in 0..6 {
            for top in 0..14 {
                for cursor in 0..14 {
                    let now = scrolled(top, cursor, height, total);
                    let at = cursor.min(total.saturating_sub(1));
                    assert!(now <= at, "{top} {cursor} {height} {total}: {now}");
                    if height > 0 {
                        assert!(at < now + height, "{top} {cursor} {height} {total}: {now}");
                        assert!(now <= total.saturating_sub(height), "{now}");
                        assert_eq!(scrolled(now, cursor, height, total), now);
                    }
                }
            }
        }
    }
    assert_eq!(scrolled(3, 5, 10, 100), 3, "nothing moves without need");
}
