//! Asks for the code of a second factor (MFA). What is typed goes nowhere but into the login that waits for
//! it; whoever gives none goes on without that place.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use crate::domain::code::{Code, CodeWanted, DIGITS};
use crate::domain::text::shown;
use crate::tui::effect::Effect;
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::theme::Look;
use crate::tui::widgets::text_input::TextInput;
use crate::tui::widgets::typed;
use crate::tui::width::{cut_end, cut_middle};

use super::{below, hinted, panel, titled};

/// What is said where the code before was refused.
const REFUSED: &str = "That code was refused: wait for the next one.";

/// The prompt of a code.
#[derive(Debug)]
pub struct CodePrompt {
    /// Number of the question.
    pub ask: u64,
    wanted: CodeWanted,
    input: Hidden,
    /// Whether enter was pressed on what is no code.
    missed: bool,
}

/// What was typed so far.
#[derive(Default)]
struct Hidden(TextInput);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden")
    }
}

impl CodePrompt {
    /// Asks for a code.
    #[must_use]
    pub fn new(ask: u64, wanted: CodeWanted) -> Self {
        Self {
            ask,
            wanted,
            input: Hidden::default(),
            missed: false,
        }
    }

    /// Answers a key.
    pub fn type_key(&mut self, key: KeyEvent) -> Reaction {
        self.missed = false;
        match key.code {
            KeyCode::Esc => return self.answered(None),
            KeyCode::Enter => match Code::new(&self.input.0.text()) {
                Some(code) => return self.answered(Some(code)),
                None => self.missed = true,
            },
            _other => {
                self.input.0.press(key);
            }
        }
        Reaction::none()
    }

    /// Takes a text that is pasted.
    pub fn take(&mut self, text: &str) {
        self.missed = false;
        self.input.0.paste(text);
    }

    fn answered(&self, code: Option<Code>) -> Reaction {
        let ask = self.ask;
        Reaction {
            effects: vec![Effect::Code { ask, code }],
            ..Reaction::go(Go::Close)
        }
    }

    /// Returns what is said below the field, and in which style.
    fn said(&self, look: &Look) -> Line<'static> {
        if self.missed {
            let said = format!("A code is {DIGITS} digits, and that is none: mend it.");
            return Line::styled(said, look.theme.danger);
        }
        if self.wanted.refused {
            return Line::styled(REFUSED, look.theme.danger);
        }
        Line::styled("Everything else goes on meanwhile.", look.theme.dim)
    }
}

/// Draws the prompt.
pub fn draw(prompt: &CodePrompt, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let area = panel(area, 72, 7);
    let block = Block::bordered()
        .border_style(look.theme.rule)
        .title(titled("MFA code", look))
        .title_bottom(hinted("enter takes it, esc goes on without", look))
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    let width = usize::from(inner.width);
    let line = |text: String| Line::styled(look.signs.text(&text).into_owned(), look.theme.text);
    let profile = format!("profile {}", shown(&prompt.wanted.profile));
    let lines = vec![
        line(cut_end(&profile, width)),
        line(cut_middle(&shown(&prompt.wanted.serial), width)),
        Line::default(),
        Line::default(),
        prompt.said(look),
    ];
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(block), area);
    typed::draw(&prompt.input.0, frame, below(inner, 3), look);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixtures::{code_wanted, estate, model, press, scanned, type_text};
    use crate::tui::model::Model;
    use crate::tui::msg::{Msg, Scanned};
    use crate::tui::overlays::Overlay;
    use crate::tui::screenshots::drawn;
    use crate::tui::update::update;
    use crossterm::event::KeyModifiers;

    fn is_open(model: &Model) -> bool {
        matches!(model.overlay, Some(Overlay::Code(_)))
    }

    fn answer(ask: u64, code: Option<&str>) -> Vec<Effect> {
        let code = code.map(|code| Code::new(code).unwrap());
        vec![Effect::Code { ask, code }]
    }

    #[test]
    fn six_digits_are_taken_and_nothing_else_is_sent() {
        let mut model = model(80, 24);
        code_wanted(&mut model, 7, false);
        assert!(is_open(&model));
        assert_eq!(type_text(&mut model, "12345"), []);
        assert_eq!(press(&mut model, KeyCode::Enter), [], "five digits");
        assert!(is_open(&model));
        assert_eq!(type_text(&mut model, "67"), []);
        assert_eq!(press(&mut model, KeyCode::Enter), [], "seven digits");
        press(&mut model, KeyCode::Backspace);
        type_text(&mut model, "x");
        assert_eq!(press(&mut model, KeyCode::Enter), [], "a letter");
        press(&mut model, KeyCode::Backspace);
        assert_eq!(press(&mut model, KeyCode::Enter), answer(7, Some("123456")));
        assert!(!is_open(&model));
    }

    #[test]
    fn a_code_can_be_pasted_and_esc_gives_none() {
        let mut model = model(80, 24);
        code_wanted(&mut model, 1, false);
        update(&mut model, Msg::Paste(" 123 456\n".into()));
        assert_eq!(press(&mut model, KeyCode::Enter), answer(1, Some("123456")));
        code_wanted(&mut model, 2, false);
        assert_eq!(press(&mut model, KeyCode::Esc), answer(2, None));
        assert!(!is_open(&model));
    }

    #[test]
    fn what_was_typed_is_mended_with_the_keys_of_any_field() {
        let mut model = model(80, 24);
        code_wanted(&mut model, 1, false);
        type_text(&mut model, "999999");
        let ctrl_u = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
        update(&mut model, Msg::Key(ctrl_u));
        type_text(&mut model, "23456");
        press(&mut model, KeyCode::Home);
        type_text(&mut model, "1");
        assert_eq!(press(&mut model, KeyCode::Enter), answer(1, Some("123456")));
    }

    #[test]
    fn it_waits_until_nothing_else_has_the_keys() {
        for opens in ['?', ':', 't', 'L', '/'] {
            let mut model = estate(80, 24);
            press(&mut model, KeyCode::Char(opens));
            code_wanted(&mut model, 1, false);
            assert!(!is_open(&model), "{opens}");
            press(&mut model, KeyCode::Esc);
            assert!(is_open(&model), "{opens}");
        }
    }

    #[test]
    fn what_goes_on_meanwhile_is_taken_in() {
        let mut model = model(80, 24);
        code_wanted(&mut model, 1, false);
        type_text(&mut model, "123");
        let more = true;
        scanned(&mut model, Scanned::Listing { sources: 1, more });
        assert!(is_open(&model) && model.known.catalog.under_way == 1);
        type_text(&mut model, "456");
        assert_eq!(press(&mut model, KeyCode::Enter), answer(1, Some("123456")));
    }

    #[test]
    fn a_question_that_nobody_waits_for_is_taken_back() {
        let mut model = model(80, 24);
        code_wanted(&mut model, 1, false);
        update(&mut model, Msg::CodeMoot(2));
        assert!(is_open(&model), "another one");
        update(&mut model, Msg::CodeMoot(1));
        assert!(!is_open(&model));
        press(&mut model, KeyCode::Char('?'));
        code_wanted(&mut model, 2, false);
        update(&mut model, Msg::CodeMoot(2));
        press(&mut model, KeyCode::Esc);
        assert!(!is_open(&model));
    }

    #[test]
    fn who_leaves_gives_none_however_late_it_is_asked_for() {
        let mut model = model(80, 24);
        code_wanted(&mut model, 1, false);
        let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        let mut wanted = answer(1, None);
        wanted.push(Effect::Quit);
        assert_eq!(update(&mut model, Msg::Key(ctrl_c)), wanted);
        assert_eq!(code_wanted(&mut model, 2, false), answer(2, None));
        assert!(!is_open(&model));
    }

    #[test]
    fn neither_code_nor_digits_are_told_by_a_programmers_look_at_them() {
        let mut model = model(80, 24);
        code_wanted(&mut model, 1, false);
        type_text(&mut model, "918273");
        assert!(!format!("{model:?}").contains("918273"));
        let effects = press(&mut model, KeyCode::Enter);
        assert!(!format!("{effects:?}").contains("918273"), "{effects:?}");
    }

    #[test]
    fn the_whole_prompt_is_seen_in_the_smallest_terminal() {
        let mut model = model(60, 15);
        code_wanted(&mut model, 1, true);
        let buffer = drawn(&mut model);
        let rows = buffer.area.top()..buffer.area.bottom();
        let text: String = rows
            .map(|row| crate::tui::looks::text_of(&buffer, row))
            .collect();
        for part in [
            "profile acme-ops",
            "mfa/ada.lovelace",
            "refused",
            "esc goes on without",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
