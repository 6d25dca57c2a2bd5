//! Where no place answered: how to get one, and that the demo needs none.
//! It asks nothing and reads no file.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::width::wrapped;

/// Draws it. Where rows are scarce, what failed is cut before the ways out are.
pub fn draw(frame: &mut Frame, area: Rect, known: &Known) {
    let height = usize::from(area.height);
    let width = usize::from(area.width).saturating_sub(4);
    let style = known.settings.look.theme.text;
    let laid_out = |ways: &[&str]| -> Vec<Line<'static>> {
        let lines = ways.iter().flat_map(|way| indented(way, width, style));
        lines.collect()
    };
    let keys = keys(known);
    let mut lines = failed(width, known);
    let mut ways = laid_out(&[&WAYS[..], &["", DEMO, "", &keys]].concat());
    if lines.len() + ways.len() > height {
        for part in [&mut lines, &mut ways] {
            part.retain(|line| line.width() > 0);
        }
    }
    if lines.len() + ways.len() > height {
        ways = laid_out(&[DOCTOR, DEMO, &keys]);
        lines.truncate(height.saturating_sub(ways.len()));
    }
    lines.extend(ways);
    frame.render_widget(Paragraph::new(lines), area);
}

const DOCTOR: &str = "  defib doctor               tells what works, what does not, and what to do";
const DEMO: &str = "Without any account: defib demo";
const WAYS: [&str; 6] = [
    "",
    "A profile and its Region come from the AWS files and variables, as the AWS CLI reads them:",
    "  aws configure sso          makes a profile that logs in through a browser",
    "  aws configure              makes one with keys",
    "  defib --profile P --region R",
    DOCTOR,
];

fn keys(known: &Known) -> String {
    let key = |action| known.key(action, &[Context::List, Context::Global]);
    format!(
        "{} asks again, {} picks other profiles, {} leaves.",
        key(Action::Retry),
        key(Action::Profiles),
        key(Action::Leave)
    )
}

/// What failed, each with what to do about it.
fn failed(width: usize, known: &Known) -> Vec<Line<'static>> {
    let look = &known.settings.look;
    let mut lines = vec![
        Line::default(),
        Line::styled("  defib reached no account.", look.theme.strong),
        Line::default(),
    ];
    for failure in &known.catalog.failures {
        let report = &failure.report;
        let what = format!("! {}: {}", failure.name, report.what);
        lines.extend(indented(&look.signs.text(&what), width, look.theme.warning));
        for todo in &report.todo {
            let todo = look.signs.text(&format!("  {todo}")).into_owned();
            lines.extend(indented(&todo, width, look.theme.text));
        }
    }
    lines
}

fn indented(text: &str, width: usize, style: ratatui::style::Style) -> Vec<Line<'static>> {
    if text.is_empty() {
        return vec![Line::default()];
    }
    let lines = wrapped(text, width, 4).into_iter();
    lines
        .map(|line| Line::styled(format!("  {line}"), style))
        .collect()
}
