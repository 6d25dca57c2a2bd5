//! The conditions of the filter of vaults while they are typed: explained, and completed.
//! A vault has fewer fields than a point; one that it does not have is said.

use crate::catalog::filter::{Condition, Field, Query};
use crate::domain::text::shown;
use crate::domain::vault::Vault;
use crate::tui::known::Known;
use crate::tui::screens::browser::fields::{
    Help, choices, ending_in, field_begun, of_saved, saved_begun,
};

use super::VaultList;

/// The fields of a vault, in the order in which they are explained.
const FIELDS: [Field; 5] = [
    Field::Kind,
    Field::Region,
    Field::Account,
    Field::State,
    Field::Protection,
];

/// Takes the conditions out of a filter that are on fields which vaults do not have, and returns the first of these.
pub(super) fn take_stray(query: &mut Query) -> Option<Field> {
    let stray = |one: &Condition| Some(field_of(one)).filter(|field| !FIELDS.contains(field));
    let first = query.conditions.iter().find_map(stray);
    query.conditions.retain(|one| stray(one).is_none());
    first
}

fn field_of(condition: &Condition) -> Field {
    match condition {
        Condition::Has(field, _) => *field,
        Condition::Tag(..) => Field::Tag,
        Condition::Before(_) => Field::Before,
    }
}

/// Says that vaults do not have a field.
pub(super) fn has_no(field: Field) -> String {
    format!("vaults have no {}:, their points do", field.as_str())
}

/// Returns what a vault has in a field.
pub(super) fn told(field: Field, vault: &Vault) -> Vec<String> {
    let place = &vault.place;
    let profile = place.profile.clone().unwrap_or_default();
    match field {
        Field::Kind => vec![vault.kind.as_str().to_owned()],
        Field::Region => vec![place.region.to_string()],
        Field::Account => vec![place.account.to_string(), profile],
        Field::State => vec![vault.lock.short(), vault.state.clone().unwrap_or_default()],
        Field::Protection => vault.lock.words().into_iter().collect(),
        Field::Origin | Field::Tag | Field::Before => Vec::new(),
    }
}

/// Says which conditions there are, how the one that is being typed goes on, or what is wrong with it; nothing beside
/// mere words.
pub(super) fn help(list: &VaultList, known: &Known) -> Option<Help> {
    if let Some(field) = list.stray {
        return Some(Help::Warns(has_no(field)));
    }
    let text = list.filter.text();
    if text.is_empty() {
        return Some(choices(&FIELDS, known));
    }
    let word = text.split(' ').next_back().unwrap_or_default();
    if let Some(name) = word.strip_prefix('@') {
        return Some(of_saved(name, &known.settings.filters));
    }
    let Some((field, value)) = Field::of(word) else {
        return proposed(&text, known).map(|word| Help::Says(format!("tab: {word}")));
    };
    let fitting = values(field, value, known);
    Some(Help::Says(if fitting.is_empty() {
        "no vault has that".to_owned()
    } else {
        format!("tab: {}", fitting.join(" "))
    }))
}

/// Returns what the filter is once the word at its end is completed.
pub(super) fn completed(list: &VaultList, known: &Known) -> Option<String> {
    let text = list.filter.text();
    let word = proposed(&text, known)?;
    Some(ending_in(&text, &word))
}

fn proposed(text: &str, known: &Known) -> Option<String> {
    let word = text.split(' ').next_back()?;
    if let Some(name) = word.strip_prefix('@') {
        return saved_begun(name, known);
    }
    if let Some((field, value)) = Field::of(word) {
        let first = values(field, value, known).into_iter().next()?;
        return Some(format!("{}:{first}", field.as_str()));
    }
    field_begun(word, &FIELDS)
}

/// Returns what vaults have in a field that fits, each once, fit to be shown. A condition has no blanks: of several
/// words the first stands for all.
fn values(field: Field, value: &str, known: &Known) -> Vec<String> {
    let vaults = known.catalog.store.vaults().iter();
    let all = vaults.flat_map(|vault| told(field, vault));
    let words = all.filter_map(|text| text.split_whitespace().next().map(shown));
    let value = value.to_lowercase();
    let mut fitting: Vec<String> = words.filter(|one| Condition::fits(&value, one)).collect();
    fitting.sort();
    fitting.dedup();
    fitting
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;

    use crate::tui::fixtures::{estate, press, scanned, type_text, vault};
    use crate::tui::looks::looks;
    use crate::tui::model::Model;
    use crate::tui::msg::Scanned;
    use crate::tui::screenshots::drawn;

    /// The list of vaults while its filter is typed.
    fn filtering(columns: u16) -> Model {
        let mut model = estate(columns, 24);
        let vaults = vec![vault("locked"), vault("open")];
        scanned(&mut model, Scanned::Vaults(vaults));
        press(&mut model, KeyCode::Char('5'));
        press(&mut model, KeyCode::Char('/'));
        model
    }

    fn screen(model: &mut Model) -> String {
        looks(&drawn(model))
    }

    #[test]
    fn the_filter_of_vaults_tells_its_fields_and_completes_them() {
        let mut model = filtering(80);
        let all = "kind: region: account: state: protection:";
        assert!(screen(&mut model).contains(all));
        type_text(&mut model, "reg");
        assert!(screen(&mut model).contains("tab: region:"));
        press(&mut model, KeyCode::Tab);
        assert!(screen(&mut model).contains("tab: eu-west-1"));
        type_text(&mut model, "ap-");
        assert!(screen(&mut model).contains("no vault has that"));
    }

    #[test]
    fn a_field_that_vaults_do_not_have_is_said_and_the_rest_of_the_filter_counts() {
        let mut model = filtering(80);
        type_text(&mut model, "open");
        assert_eq!(model.vaults.count(), 1);
        let fields = [
            " tag:env=prod",
            " before:02:14",
            " before:9x",
            " origin:dlm",
        ];
        for stray in fields {
            press(&mut model, KeyCode::Esc);
            press(&mut model, KeyCode::Char('/'));
            type_text(&mut model, "open");
            type_text(&mut model, stray);
            assert_eq!(model.vaults.count(), 1, "{stray}");
            let field = stray.trim().split(':').next().unwrap();
            let said = format!("vaults have no {field}:");
            assert!(screen(&mut model).contains(&said), "{stray}");
        }
        press(&mut model, KeyCode::Enter);
        let said = "1 shown without that: vaults have no origin:";
        assert!(screen(&mut model).contains(said));
    }

    #[test]
    fn the_way_to_other_profiles_is_told() {
        let mut model = filtering(80);
        press(&mut model, KeyCode::Esc);
        assert!(screen(&mut model).contains("p profiles"));
        let mut empty = estate(120, 24);
        press(&mut empty, KeyCode::Char('5'));
        let said = screen(&mut empty);
        assert!(said.contains("p picks other profiles"), "{said}");
        assert!(!said.contains("stands below"), "{said}");
    }
}
