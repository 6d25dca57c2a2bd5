//! What is known of a vault in words: its lock, its retention, who may delete and who may copy into it.
//! Text of others is shown in its harmless form only.

use crate::domain::text::shown;
use crate::domain::vault::policy::Policy;
use crate::domain::vault::{Vault, VaultKind, days};
use crate::domain::words;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::policies::{PolicyRead, VaultKey};

/// Something that is told: a label, and what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Label.
    pub label: &'static str,
    /// What is said, fit to be shown.
    pub text: String,
    /// Whether something went wrong.
    pub bad: bool,
}

fn says(label: &'static str, text: impl Into<String>) -> Told {
    Told {
        label,
        text: text.into(),
        bad: false,
    }
}

/// Returns what is known of a vault, what matters most first.
#[must_use]
pub fn facts(vault: &Vault, known: &Known) -> Vec<Told> {
    let mut told = vec![says("lock", vault.lock.sentence(known.now))];
    told.extend(access(vault, known));
    told.push(says("retention", retention(vault)));
    if !vault.opens() {
        let state = vault.state.as_deref().map(shown).unwrap_or_default();
        told.push(Told {
            bad: true,
            ..says("state", format!("{state}: its points cannot be listed"))
        });
    }
    told.extend(kind(vault));
    let key = vault.kms_key.as_deref();
    told.push(says(
        "key",
        key.map_or_else(|| "AWS's own".to_owned(), shown),
    ));
    let made = vault
        .created
        .map(|at| format!("created {}, ", words::instant(at)));
    told.push(says(
        "holds",
        format!(
            "{}about {} points, as AWS counts them",
            made.unwrap_or_default(),
            vault.points
        ),
    ));
    told
}

fn retention(vault: &Vault) -> String {
    match (vault.min_retention_days, vault.max_retention_days) {
        (None, None) => "any: the vault sets no bounds".to_owned(),
        (Some(min), None) => format!("each point stays at least {}", days(min)),
        (None, Some(max)) => format!("each point stays at most {}", days(max)),
        (Some(min), Some(max)) => format!("each point stays {min} to {}", days(max)),
    }
}

fn kind(vault: &Vault) -> Option<Told> {
    let owner = vault.is_shared().then(|| {
        let owner = shown(vault.owner.as_str());
        format!("shared by account {owner}")
    });
    let kind = match vault.kind {
        VaultKind::Standard => None,
        VaultKind::AirGapped => Some("logically air-gapped".to_owned()),
        VaultKind::RestoreAccess => Some(
            "restore access: a view of an air-gapped vault, opened by an approval team".to_owned(),
        ),
    };
    let said: Vec<String> = kind.into_iter().chain(owner).collect();
    (!said.is_empty()).then(|| says("type", said.join(", ")))
}

/// Says who may delete its points, and who may copy into it, as far as its policy is known.
fn access(vault: &Vault, known: &Known) -> Vec<Told> {
    let Some(key) = VaultKey::of(vault) else {
        let text = "its owner's: AWS tells it to no other account";
        return vec![says("policy", text)];
    };
    match known.policies.of(&key) {
        None => Vec::new(),
        Some(PolicyRead::UnderWay) => vec![says("policy", "reading the access policy…")],
        Some(PolicyRead::Failed(report)) => {
            let retry = known.key(Action::Retry, &[Context::List, Context::Global]);
            vec![Told {
                bad: true,
                ..says("policy", format!("not read: {} · {retry}", report.line()))
            }]
        }
        Some(PolicyRead::Read(None)) => vec![
            says("deletion", "whoever IAM lets: there is no access policy"),
            says(
                "copies in",
                "from no other account: there is no access policy",
            ),
        ],
        Some(PolicyRead::Read(Some(document))) => match Policy::read(document.raw()) {
            Some(policy) => vec![
                says("deletion", policy.deletion()),
                says("copies in", policy.copies_in()),
            ],
            None => vec![Told {
                bad: true,
                ..says(
                    "policy",
                    "it cannot be read as one; what was answered stands in the details",
                )
            }],
        },
    }
}

/// Returns all of it as lines of a text: with every statement of the policy, and the document itself.
#[must_use]
pub fn lines(vault: &Vault, known: &Known) -> Vec<String> {
    let line = |label: &str, text: &str| format!("{label:<12}{text}");
    let place = &vault.place;
    let mut lines = vec![
        line("vault", &shown(&vault.name)),
        line("ARN", &shown(&vault.arn)),
        line("account", &place.account.to_string()),
        line("Region", place.region.as_str()),
    ];
    lines.extend(
        facts(vault, known)
            .iter()
            .map(|told| line(told.label, &told.text)),
    );
    let document = VaultKey::of(vault).and_then(|key| match known.policies.of(&key) {
        Some(PolicyRead::Read(Some(document))) => Some(document),
        Some(PolicyRead::Read(None) | PolicyRead::UnderWay | PolicyRead::Failed(_)) | None => None,
    });
    let Some(document) = document else {
        return lines;
    };
    lines.extend([String::new(), "# access policy".to_owned()]);
    if let Some(policy) = Policy::read(document.raw()) {
        lines.extend(policy.sentences());
        lines.push("IAM of the account decides what this does not name.".to_owned());
    }
    lines.extend([String::new(), "# policy document".to_owned()]);
    let document = document.raw();
    let pretty = serde_json::from_str::<serde_json::Value>(document);
    match pretty.and_then(|value| serde_json::to_string_pretty(&value)) {
        Ok(pretty) => lines.extend(pretty.lines().map(shown)),
        Err(_no_document) => lines.push(shown(document)),
    }
    lines
}
