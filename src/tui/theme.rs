//! How the console looks: styles by role, and with `signs` what it draws with.
//!
//! Every role differs from plain text by more than colour, or is told by words and signs as well. No
//! environment is read here: whoever starts the console hands over what the terminal says of itself.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use super::signs::ascii_cell;
use crate::config;

pub use super::signs::{Signs, utf8_locale};

/// Styles and signs, chosen once when the console starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Styles.
    pub theme: Theme,
    /// Signs.
    pub signs: Signs,
}

impl Look {
    /// Puts a theme and a set of signs together.
    #[must_use]
    pub const fn new(theme: config::Theme, signs: Signs) -> Self {
        Self {
            theme: Theme::of(theme),
            signs,
        }
    }

    /// Replaces what a terminal without UTF-8 cannot show, cell by cell, so that nothing moves. The last
    /// thing done to a frame: it catches what no sign and no [`Signs::text`] replaced before.
    pub fn settle(&self, buffer: &mut Buffer) {
        if !self.signs.ascii {
            return;
        }
        let mut bound = false;
        for cell in &mut buffer.content {
            let symbol = cell.symbol();
            if !symbol.is_ascii() {
                let one = symbol.chars().next().map_or('?', ascii_cell);
                bound = matches!(symbol, "≤" | "≥");
                cell.set_char(one);
            } else if std::mem::take(&mut bound) && symbol == " " {
                // `<` alone would say something else, and the blank behind it is free.
                cell.set_char('=');
            }
        }
    }
}

/// Styles by role. A row under the cursor takes `selected` over the styles of its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Plain text.
    pub text: Style,
    /// What matters less: ages, what is out of reach, points after the incident.
    pub dim: Style,
    /// What must be seen: account, READ-ONLY, names.
    pub strong: Style,
    /// The one accent: keys, the current view, the cursor's bar.
    pub accent: Style,
    /// The line under the cursor.
    pub selected: Style,
    /// Characters that the filter matched.
    pub hit: Style,
    /// Fine.
    pub good: Style,
    /// Know this.
    pub warning: Style,
    /// Stops here, or the service is down. Nothing else is red.
    pub danger: Style,
    /// Lines between regions.
    pub rule: Style,
    /// Titles of columns and sections.
    pub title: Style,
    /// The frame around everything in a protected account.
    pub protected: Style,
    /// A point on a timeline.
    pub point: Style,
    /// A window on a timeline.
    pub window: Style,
    /// The incident.
    pub incident: Style,
}

impl Theme {
    /// Returns the styles of a theme.
    #[must_use]
    pub const fn of(which: config::Theme) -> Self {
        match which {
            config::Theme::Sixteen => Self::sixteen(),
            config::Theme::Light => Self::coloured(&LIGHT),
            config::Theme::Dark => Self::coloured(&DARK),
            config::Theme::Mono => Self::mono(),
        }
    }

    /// Bold, underline, reverse and faint, and no colour at all.
    const fn mono() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim = plain.add_modifier(Modifier::DIM);
        Self {
            text: plain,
            dim,
            strong: bold,
            accent: bold,
            selected: plain.add_modifier(Modifier::REVERSED),
            hit: bold.add_modifier(Modifier::UNDERLINED),
            good: plain,
            warning: bold,
            danger: bold.add_modifier(Modifier::REVERSED),
            rule: dim,
            title: plain.add_modifier(Modifier::UNDERLINED),
            protected: bold,
            point: plain,
            window: plain,
            incident: bold,
        }
    }

    /// The terminal's own sixteen colours. Bright black is left alone: in widespread palettes it is the
    /// background. So is yellow, which cannot be read on white: nobody knows the background over SSH.
    const fn sixteen() -> Self {
        let mono = Self::mono();
        let plain = Style::new();
        let accent = plain.fg(Color::Cyan);
        let danger = plain.fg(Color::Red).add_modifier(Modifier::BOLD);
        Self {
            accent,
            // The colours of the cells would become backgrounds side by side.
            selected: plain
                .fg(Color::Reset)
                .bg(Color::Reset)
                .add_modifier(Modifier::REVERSED),
            good: plain.fg(Color::Green),
            danger,
            title: mono.dim,
            protected: danger,
            window: accent,
            ..mono
        }
    }

    const fn coloured(colours: &Colours) -> Self {
        let mono = Self::mono();
        let plain = Style::new();
        let accent = plain.fg(colours.accent);
        let dim = plain.fg(colours.dim);
        let danger = plain.fg(colours.danger).add_modifier(Modifier::BOLD);
        let warning = plain.fg(colours.warning);
        Self {
            dim,
            accent,
            selected: plain.bg(colours.selected).add_modifier(Modifier::BOLD),
            hit: accent.add_modifier(Modifier::UNDERLINED),
            good: plain.fg(colours.good),
            warning,
            danger,
            rule: plain.fg(colours.rule),
            title: dim,
            protected: danger,
            window: accent,
            incident: warning.add_modifier(Modifier::BOLD),
            ..mono
        }
    }
}

/// Colours of a theme for one kind of background. All come from the fixed part of the 256, which no palette
/// redefines and every multiplexer passes on.
struct Colours {
    dim: Color,
    accent: Color,
    good: Color,
    warning: Color,
    danger: Color,
    rule: Color,
    selected: Color,
}

const DARK: Colours = Colours {
    dim: Color::Indexed(247),
    accent: Color::Indexed(110),
    good: Color::Indexed(108),
    warning: Color::Indexed(179),
    danger: Color::Indexed(210),
    rule: Color::Indexed(240),
    selected: Color::Indexed(236),
};

const LIGHT: Colours = Colours {
    dim: Color::Indexed(241),
    accent: Color::Indexed(25),
    good: Color::Indexed(22),
    warning: Color::Indexed(94),
    danger: Color::Indexed(124),
    rule: Color::Indexed(248),
    selected: Color::Indexed(254),
};

/// Chooses the theme. A setting decides; without one `NO_COLOR` does, and then what the terminal says of
/// itself. Over SSH, and wherever in doubt, the terminal's own sixteen colours are safe on any background.
#[must_use]
pub fn choose(
    setting: Option<config::Theme>,
    no_color: bool,
    colorterm: Option<&str>,
    term: Option<&str>,
    ssh: bool,
) -> config::Theme {
    if let Some(theme) = setting {
        return theme;
    }
    let term = term.unwrap_or("");
    if no_color || is_monochrome(term) {
        return config::Theme::Mono;
    }
    let modest = ["", "dumb", "linux"].contains(&term);
    let rich = matches!(colorterm, Some("truecolor" | "24bit"));
    if rich && !ssh && !modest {
        config::Theme::Dark
    } else {
        config::Theme::Sixteen
    }
}

fn is_monochrome(term: &str) -> bool {
    term.starts_with("vt1") || term.starts_with("vt2") || term.ends_with("-mono")
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Cell;
    use ratatui::layout::Rect;

    use super::*;

    const THEMES: [config::Theme; 4] = [
        config::Theme::Sixteen,
        config::Theme::Light,
        config::Theme::Dark,
        config::Theme::Mono,
    ];

    fn roles(theme: &Theme) -> [(&'static str, Style); 15] {
        [
            ("text", theme.text),
            ("dim", theme.dim),
            ("strong", theme.strong),
            ("accent", theme.accent),
            ("selected", theme.selected),
            ("hit", theme.hit),
            ("good", theme.good),
            ("warning", theme.warning),
            ("danger", theme.danger),
            ("rule", theme.rule),
            ("title", theme.title),
            ("protected", theme.protected),
            ("point", theme.point),
            ("window", theme.window),
            ("incident", theme.incident),
        ]
    }

    /// Luminance of a colour of the fixed part of the 256, by WCAG 2.
    fn luminance(index: u8) -> f64 {
        let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
        let (r, g, b) = if index >= 232 {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        } else {
            let n = index - 16;
            (level(n / 36), level(n / 6 % 6), level(n % 6))
        };
        light([r, g, b])
    }

    fn light([r, g, b]: [u8; 3]) -> f64 {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.03928 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    fn contrast(a: f64, b: f64) -> f64 {
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn index(color: Color) -> u8 {
        let Color::Indexed(index) = color else {
            panic!("{color:?} depends on the terminal's palette");
        };
        index
    }

    #[test]
    fn mono_has_no_colour_at_all() {
        for (role, style) in roles(&Theme::of(config::Theme::Mono)) {
            assert_eq!((style.fg, style.bg), (None, None), "{role}");
        }
    }

    #[test]
    fn sixteen_uses_the_terminals_own_colours_only() {
        for (role, style) in roles(&Theme::of(config::Theme::Sixteen)) {
            for color in [style.fg, style.bg].into_iter().flatten() {
                let own = !matches!(color, Color::Indexed(_) | Color::Rgb(..));
                assert!(own && color != Color::DarkGray, "{role}: {color:?}");
            }
        }
    }

    #[test]
    fn in_sixteen_colours_no_text_is_yellow_which_white_swallows() {
        let theme = Theme::of(config::Theme::Sixteen);
        for (role, style) in roles(&theme) {
            assert_ne!(style.fg, Some(Color::Yellow), "{role}");
        }
        for style in [theme.warning, theme.incident] {
            assert!(!style.add_modifier.is_empty(), "it differs without colour");
        }
    }

    #[test]
    fn only_danger_and_the_protected_frame_are_red() {
        for which in THEMES {
            let theme = Theme::of(which);
            for (role, style) in roles(&theme) {
                let is_red = style.fg.is_some() && style.fg == theme.danger.fg;
                let may = ["danger", "protected"].contains(&role);
                assert!(!is_red || may, "{role} of {which:?}");
            }
        }
    }

    #[test]
    fn what_matters_differs_from_text_by_more_than_colour() {
        for which in THEMES {
            let theme = Theme::of(which);
            for style in [theme.strong, theme.danger, theme.hit, theme.selected] {
                assert!(!style.add_modifier.is_empty(), "{which:?}: {style:?}");
            }
        }
    }

    #[test]
    fn every_text_can_be_read_on_its_background_and_under_the_cursor() {
        let grounds = [(config::Theme::Dark, 0.02), (config::Theme::Light, 1.0)];
        for (which, ground) in grounds {
            let theme = Theme::of(which);
            let cursor = luminance(index(theme.selected.bg.unwrap()));
            for (role, style) in roles(&theme) {
                let Some(color) = style.fg.filter(|_| role != "rule") else {
                    continue;
                };
                for ground in [ground, cursor] {
                    let contrast = contrast(luminance(index(color)), ground);
                    assert!(contrast >= 4.5, "{role} of {which:?}: {contrast:.1}");
                }
            }
        }
    }

    #[test]
    fn a_setting_outranks_everything_and_no_color_the_terminal() {
        let light = Some(config::Theme::Light);
        let chosen = choose(light, true, None, Some("linux"), true);
        assert_eq!(chosen, config::Theme::Light);
        let chosen = choose(None, true, Some("truecolor"), Some("xterm-256color"), false);
        assert_eq!(chosen, config::Theme::Mono);
    }

    #[test]
    fn the_terminals_own_colours_are_taken_over_ssh_and_in_doubt() {
        let theme = |colorterm, term, ssh| choose(None, false, colorterm, term, ssh);
        let (rich, xterm) = (Some("truecolor"), Some("xterm-256color"));
        assert_eq!(theme(rich, xterm, false), config::Theme::Dark);
        assert_eq!(theme(rich, xterm, true), config::Theme::Sixteen);
        assert_eq!(theme(None, xterm, false), config::Theme::Sixteen);
        assert_eq!(theme(rich, Some("linux"), false), config::Theme::Sixteen);
        assert_eq!(theme(rich, Some("dumb"), false), config::Theme::Sixteen);
        assert_eq!(theme(rich, None, false), config::Theme::Sixteen);
        assert_eq!(theme(None, Some("vt220"), false), config::Theme::Mono);
    }

    #[test]
    fn a_settled_frame_is_ascii_and_nothing_has_moved() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(0, 0, "●─表x e\u{301}…y", Style::new());
        Look::new(config::Theme::Mono, Signs::unicode()).settle(&mut buffer);
        assert_eq!(buffer[(0, 0)].symbol(), "●");
        Look::new(config::Theme::Mono, Signs::ascii()).settle(&mut buffer);
        let line: String = buffer.content.iter().map(Cell::symbol).collect();
        assert_eq!(line, "*-? x e~y   ");
    }
}
