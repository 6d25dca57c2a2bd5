//! The screen of a vault and the way to it: what is asked of AWS, how often, and what becomes of the answer.
//! Messages stand in for AWS: nothing is read.

use crossterm::event::KeyCode;

use crate::domain::text::Untrusted;
use crate::report::{FAILED, Report};
use crate::tui::effect::Effect;
use crate::tui::fixtures::{estate, press, scanned, snapshot, type_text, vault};
use crate::tui::looks::looks;
use crate::tui::model::Model;
use crate::tui::msg::{Msg, Scanned};
use crate::tui::policies::VaultKey;
use crate::tui::screens::Screen;
use crate::tui::screenshots::drawn;
use crate::tui::update::update;

const ORDERS: &str = "vol-0a5d3c9e71b2f4608";

/// The list of vaults, with two of them.
fn vaults() -> Model {
    let mut model = estate(80, 24);
    let kept = |id: &str, minutes: i64| {
        let mut point = snapshot(id, ORDERS, minutes);
        point.vault = Some("locked".into());
        point
    };
    let points = vec![kept("snap-kept-1", 40), kept("snap-kept-2", 50)];
    let resources = vec![];
    scanned(&mut model, Scanned::Found { points, resources });
    let vaults = vec![vault("locked"), vault("open")];
    scanned(&mut model, Scanned::Vaults(vaults));
    press(&mut model, KeyCode::Char('5'));
    model
}

fn key(name: &str) -> VaultKey {
    VaultKey::of(&vault(name)).unwrap()
}

fn answered(model: &mut Model, policy: Result<Option<Untrusted>, Report>) {
    let vault = key("locked");
    update(model, Msg::PolicyRead { vault, policy });
}

fn screen(model: &mut Model) -> String {
    looks(&drawn(model))
}

#[test]
fn opening_a_vault_asks_for_its_policy_once() {
    let mut model = vaults();
    let asked = [Effect::ReadPolicy(key("locked"))];
    assert_eq!(press(&mut model, KeyCode::Enter), asked);
    assert!(screen(&mut model).contains("reading the access policy"));
    press(&mut model, KeyCode::Esc);
    assert_eq!(press(&mut model, KeyCode::Enter), [], "it is under way");
    answered(&mut model, Ok(None));
    assert!(screen(&mut model).contains("there is no access policy"));
    press(&mut model, KeyCode::Esc);
    assert_eq!(press(&mut model, KeyCode::Enter), [], "it is known");
    press(&mut model, KeyCode::Esc);
    press(&mut model, KeyCode::Down);
    let asked = [Effect::ReadPolicy(key("open"))];
    assert_eq!(press(&mut model, KeyCode::Enter), asked);
}

#[test]
fn a_policy_that_cannot_be_read_is_one_line_with_its_remedy_and_is_asked_for_again() {
    let mut model = vaults();
    press(&mut model, KeyCode::Enter);
    let report =
        Report::new(FAILED, "it is denied").todo("allow backup:GetBackupVaultAccessPolicy");
    answered(&mut model, Err(report));
    let text = screen(&mut model);
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = "not read: it is denied · allow backup:GetBackupVaultAccessPolicy · R";
    assert!(told.contains(line), "{text}");
    assert!(text.contains("snap-kept-1"), "it hides no point: {text}");
    let again = press(&mut model, KeyCode::Char('R'));
    assert_eq!(again, [Effect::Scan, Effect::ReadPolicy(key("locked"))]);
}

#[test]
fn a_policy_is_told_in_words_and_as_it_stands() {
    let mut model = vaults();
    press(&mut model, KeyCode::Enter);
    let policy = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"backup:DeleteRecoveryPoint"}]}"#;
    answered(&mut model, Ok(Some(policy.into())));
    let text = screen(&mut model);
    assert!(text.contains("denied to everybody"), "{text}");
    press(&mut model, KeyCode::Char('d'));
    let Some(Screen::Text(text)) = model.screens.last() else {
        panic!("{:?}", model.screens);
    };
    let text = text.lines.join("\n");
    for line in [
        "nobody may delete its points",
        "\"backup:DeleteRecoveryPoint\"",
        "arn:aws:backup:eu-west-1:111122223333:backup-vault:locked",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_vault_of_another_account_is_not_asked_for_its_policy() {
    let mut model = vaults();
    let mut lent = vault("lent");
    lent.owner = "444455556666".into();
    lent.arn = lent.arn.replace("111122223333", "444455556666");
    scanned(&mut model, Scanned::Vaults(vec![lent]));
    press(&mut model, KeyCode::Char('/'));
    type_text(&mut model, "lent");
    press(&mut model, KeyCode::Enter);
    assert_eq!(press(&mut model, KeyCode::Enter), []);
    let text = screen(&mut model);
    assert!(text.contains("shared by account 444455556666"), "{text}");
    assert!(text.contains("its owner's"), "{text}");
}

#[test]
fn a_point_of_a_vault_leads_to_its_resource_and_to_a_restore() {
    let mut model = vaults();
    press(&mut model, KeyCode::Enter);
    press(&mut model, KeyCode::Down);
    press(&mut model, KeyCode::Enter);
    let Some(Screen::Resource(resource)) = model.screens.last() else {
        panic!("{:?}", model.screens);
    };
    assert_eq!(resource.found.id, ORDERS);
    assert_eq!(resource.point().unwrap().id, "snap-kept-2");
    press(&mut model, KeyCode::Esc);
    press(&mut model, KeyCode::Char('r'));
    assert!(matches!(model.screens.last(), Some(Screen::Wizard(_))));
}

#[test]
fn the_filter_of_a_vault_is_cleared_before_the_screen_is_left() {
    let mut model = vaults();
    press(&mut model, KeyCode::Enter);
    press(&mut model, KeyCode::Char('/'));
    type_text(&mut model, "kept-2");
    press(&mut model, KeyCode::Enter);
    assert!(!screen(&mut model).contains("snap-kept-1"));
    press(&mut model, KeyCode::Esc);
    assert!(matches!(model.screens.last(), Some(Screen::Vault(_))));
    assert!(screen(&mut model).contains("snap-kept-1"));
    press(&mut model, KeyCode::Esc);
    assert!(model.screens.is_empty());
}

#[test]
fn vaults_are_sorted_filtered_and_kept_under_the_cursor() {
    let mut model = vaults();
    press(&mut model, KeyCode::Down);
    scanned(&mut model, Scanned::Vaults(vec![vault("archive")]));
    drawn(&mut model);
    assert_eq!(model.vaults.row(), Some(1), "the cursor follows its vault");
    press(&mut model, KeyCode::Char('s'));
    assert!(model.notice.as_ref().unwrap().text.contains("lock"));
    press(&mut model, KeyCode::Char('S'));
    press(&mut model, KeyCode::Char('/'));
    type_text(&mut model, "state:immu arch");
    press(&mut model, KeyCode::Enter);
    assert_eq!(model.vaults.count(), 1);
    press(&mut model, KeyCode::Esc);
    assert_eq!(model.vaults.count(), 3);
    let copied = press(&mut model, KeyCode::Char('y'));
    assert!(matches!(&copied[..], [Effect::Copy(arn)] if arn.contains("backup-vault:")));
}
