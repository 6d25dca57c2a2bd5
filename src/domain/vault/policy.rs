//! The access policy of a vault in words: who may do what with it, and above all who may delete and who may copy
//! into it.
//!
//! Only what the policy itself says is told. Within its account IAM decides beside it, so that nothing here says that
//! somebody can do something, but for what only a vault's policy can allow: copying into it from another account.

use serde_json::Value;

use crate::domain::arn::Arn;
use crate::domain::text::shown;

const DELETE: &str = "backup:DeleteRecoveryPoint";
const COPY_INTO: &str = "backup:CopyIntoBackupVault";

/// What is said of the actions that matter in a vault; any other stands as it is.
const WORDS: [(&str, &str); 13] = [
    ("*", "do anything"),
    ("backup:*", "do anything"),
    (DELETE, "delete its points"),
    (COPY_INTO, "copy points into it"),
    ("backup:CopyFromBackupVault", "copy points out of it"),
    ("backup:StartRestoreJob", "restore from it"),
    ("backup:StartBackupJob", "back up into it"),
    (
        "backup:UpdateRecoveryPointLifecycle",
        "change how long its points stay",
    ),
    ("backup:PutBackupVaultAccessPolicy", "change this policy"),
    ("backup:DeleteBackupVaultAccessPolicy", "remove this policy"),
    ("backup:PutBackupVaultLockConfiguration", "lock it"),
    (
        "backup:DeleteBackupVaultLockConfiguration",
        "take its lock off",
    ),
    ("backup:DeleteBackupVault", "delete it"),
];

/// An access policy, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    statements: Vec<Statement>,
}

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    allows: bool,
    who: Who,
    actions: Actions,
    on: On,
    /// Conditions in words; all of them must hold.
    conditions: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    Everybody,
    Named(Vec<String>),
    AllBut(Vec<String>),
}

/// What of the vault it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum On {
    Everything,
    Named(Vec<String>),
    AllBut(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Actions {
    Named(Vec<String>),
    AllBut(Vec<String>),
}

impl Policy {
    /// Reads a policy document; `None` where it is none.
    #[must_use]
    pub fn read(document: &str) -> Option<Self> {
        let document: Value = serde_json::from_str(document).ok()?;
        let statements = document.get("Statement")?;
        let statements = match statements.as_array() {
            Some(all) => all.iter().map(Statement::read).collect::<Option<_>>()?,
            None => vec![Statement::read(statements)?],
        };
        Some(Self { statements })
    }

    /// Returns a sentence for each statement, in their order.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        self.statements.iter().map(Statement::sentence).collect()
    }

    /// Says to whom the policy denies deleting recovery points.
    #[must_use]
    pub fn deletion(&self) -> String {
        let denied: Vec<&Statement> = self.about(false, DELETE).collect();
        if denied.iter().any(|one| one.is_for_all()) {
            return "denied to everybody by the access policy".to_owned();
        }
        if denied.is_empty() {
            return "whoever IAM lets: the access policy denies it to nobody".to_owned();
        }
        let denied: Vec<String> = denied.iter().map(|one| one.of_whom()).collect();
        format!("denied to {}", denied.join("; "))
    }

    /// Says from which accounts the policy lets points be copied into the vault.
    #[must_use]
    pub fn copies_in(&self) -> String {
        let denied: Vec<&Statement> = self.about(false, COPY_INTO).collect();
        if denied.iter().any(|one| one.is_for_all()) {
            return "denied to everybody by the access policy".to_owned();
        }
        let allowed: Vec<String> = self
            .about(true, COPY_INTO)
            .map(Statement::of_whom)
            .collect();
        if allowed.is_empty() {
            return "from no other account: the access policy allows none".to_owned();
        }
        let but: Vec<String> = denied.iter().map(|one| one.of_whom()).collect();
        let but = if but.is_empty() {
            String::new()
        } else {
            format!(", but denied to {}", but.join("; "))
        };
        format!("allowed to {}{but}", allowed.join("; "))
    }

    fn about<'a>(&'a self, allows: bool, action: &'a str) -> impl Iterator<Item = &'a Statement> {
        let all = self.statements.iter();
        all.filter(move |one| one.allows == allows && one.actions.cover(action))
    }
}

impl Statement {
    fn read(value: &Value) -> Option<Self> {
        let who = match (value.get("Principal"), value.get("NotPrincipal")) {
            (Some(named), _) => principals(named).map_or(Who::Everybody, Who::Named),
            (None, Some(named)) => principals(named).map_or(Who::Named(Vec::new()), Who::AllBut),
            (None, None) => return None,
        };
        let actions = match (value.get("Action"), value.get("NotAction")) {
            (Some(named), _) => Actions::Named(texts(named)),
            (None, Some(named)) => Actions::AllBut(texts(named)),
            (None, None) => return None,
        };
        let on = match (value.get("Resource"), value.get("NotResource")) {
            (Some(named), _) => On::named(texts(named)),
            (None, Some(named)) => On::AllBut(texts(named)),
            (None, None) => On::Everything,
        };
        let conditions = value.get("Condition").and_then(Value::as_object);
        let conditions = conditions.into_iter().flatten();
        let conditions = conditions.flat_map(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            keys.map(|(key, values)| condition(operator, key, &texts(values)))
        });
        Some(Self {
            allows: value.get("Effect")?.as_str()? == "Allow",
            who,
            actions,
            on,
            conditions: conditions.collect(),
        })
    }

    /// Tells whether nobody and nothing in the vault is left out.
    fn is_for_all(&self) -> bool {
        self.who == Who::Everybody && self.on == On::Everything && self.conditions.is_empty()
    }

    /// Says whom it is about, and where.
    fn of_whom(&self) -> String {
        let who = match &self.who {
            Who::Everybody => "everybody".to_owned(),
            Who::Named(names) => listed(names),
            Who::AllBut(names) => format!("everybody but {}", listed(names)),
        };
        format!("{who}{}", self.only_where())
    }

    fn sentence(&self) -> String {
        let what = self.actions.words();
        let only_where = self.only_where();
        let may = match (&self.who, self.allows) {
            (Who::Everybody, true) => "everybody may".to_owned(),
            (Who::Everybody, false) => "nobody may".to_owned(),
            (Who::Named(names), true) => format!("{} may", listed(names)),
            (Who::Named(names), false) => format!("{} may not", listed(names)),
            (Who::AllBut(names), true) => format!("everybody but {} may", listed(names)),
            (Who::AllBut(names), false) => format!("nobody but {} may", listed(names)),
        };
        format!("{may} {what}{only_where}")
    }

    fn only_where(&self) -> String {
        let on = self.on.words();
        if self.conditions.is_empty() {
            return on;
        }
        format!("{on} where {}", self.conditions.join(" and "))
    }
}

impl On {
    fn named(all: Vec<String>) -> Self {
        if all.iter().any(|one| one == "*") {
            return Self::Everything;
        }
        Self::Named(all)
    }

    fn words(&self) -> String {
        let told = |all: &[String]| {
            let all: Vec<String> = all.iter().map(|one| shown(one)).collect();
            all.join(", ")
        };
        match self {
            Self::Everything => String::new(),
            Self::Named(all) => format!(" for {}", told(all)),
            Self::AllBut(all) => format!(" for all but {}", told(all)),
        }
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "nobody".to_owned();
    }
    names.join(", ")
}

impl Actions {
    fn cover(&self, action: &str) -> bool {
        let named = |all: &[String]| all.iter().any(|one| is_like(one, action));
        match self {
            Self::Named(all) => named(all),
            Self::AllBut(all) => !named(all),
        }
    }

    fn words(&self) -> String {
        let told = |all: &[String]| {
            let words = all.iter().map(|one| words_of(one));
            words.collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Named(all) => told(all),
            Self::AllBut(all) => format!("do anything but {}", told(all)),
        }
    }
}

fn words_of(action: &str) -> String {
    let mut known = WORDS.iter();
    let known = known.find(|(one, _)| one.eq_ignore_ascii_case(action));
    known.map_or_else(|| shown(action), |(_, words)| (*words).to_owned())
}

/// Matches as IAM does: in any case, `*` for anything and `?` for one character. Only the last `*` is tried again, so
/// that no pattern takes long.
fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut next) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while next < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                again = Some((at + 1, next));
                at += 1;
            }
            Some(one) if *one == b'?' || one.eq_ignore_ascii_case(&text[next]) => {
                (at, next) = (at + 1, next + 1);
            }
            Some(_) | None => {
                let Some((behind, skipped)) = again else {
                    return false;
                };
                again = Some((behind, skipped + 1));
                (at, next) = (behind, skipped + 1);
            }
        }
    }
    pattern[at..].iter().all(|one| *one == b'*')
}

/// Returns who is named; `None` for everybody.
fn principals(value: &Value) -> Option<Vec<String>> {
    if value.as_str() == Some("*") {
        return None;
    }
    let mut names = Vec::new();
    for (sort, named) in value.as_object().into_iter().flatten() {
        for name in texts(named) {
            match (sort.as_str(), name.as_str()) {
                ("AWS", "*") => return None,
                ("AWS", name) => names.push(principal(name)),
                (sort, name) => {
                    names.push(format!("{} {}", shown(&sort.to_lowercase()), shown(name)));
                }
            }
        }
    }
    Some(names)
}

/// Names an account, or a role or user of one, as people do; anything else as it stands.
fn principal(name: &str) -> String {
    let is_account =
        |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_account(name) {
        return format!("account {name}");
    }
    let arn = Arn::of_service(name, "iam");
    let arn = arn.filter(|arn| arn.region.is_empty() && is_account(arn.account));
    match arn.map(|arn| (arn.account, arn.resource)) {
        Some((account, "root")) => format!("account {account}"),
        Some((account, who)) => {
            let who = who.replacen('/', " ", 1);
            format!("{} of account {account}", shown(&who))
        }
        None => shown(name),
    }
}

fn condition(operator: &str, key: &str, values: &[String]) -> String {
    let other = shown(operator);
    let is = match operator {
        "StringEquals" | "StringEqualsIgnoreCase" | "ArnEquals" | "Bool" | "NumericEquals" => "is",
        "StringNotEquals" | "StringNotEqualsIgnoreCase" | "ArnNotEquals" => "is not",
        "StringLike" | "ArnLike" => "is like",
        "StringNotLike" | "ArnNotLike" => "is not like",
        _other => &other,
    };
    let values: Vec<String> = values.iter().map(|value| shown(value)).collect();
    format!("{} {is} {}", shown(key), values.join(" or "))
}

/// Returns a text, or all of a list.
fn texts(value: &Value) -> Vec<String> {
    let one = |value: &Value| {
        let text = value.as_str().map(str::to_owned);
        text.unwrap_or_else(|| value.to_string())
    };
    match value.as_array() {
        Some(all) => all.iter().map(one).collect(),
        None => vec![one(value)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(statements: &str) -> Policy {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
        Policy::read(&document).unwrap()
    }

    #[test]
    fn what_is_denied_to_everybody_is_said_of_nobody() {
        let policy = policy(
            r#"[{"Effect":"Deny","Principal":"*","Action":["backup:DeleteRecoveryPoint","backup:PutBackupVaultAccessPolicy"],"Resource":"*"}]"#,
        );
        assert_eq!(
            policy.sentences(),
            ["nobody may delete its points, change this policy"]
        );
        assert_eq!(
            policy.deletion(),
            "denied to everybody by the access policy"
        );
        let none = "from no other account: the access policy allows none";
        assert_eq!(policy.copies_in(), none);
    }

    #[test]
    fn copies_from_other_accounts_are_told_with_their_accounts_and_conditions() {
        let policy = policy(
            r#"[
            {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::444455556666:root","777788889999"]},"Action":"backup:CopyIntoBackupVault","Resource":"*"},
            {"Effect":"Allow","Principal":{"AWS":"*"},"Action":"backup:copyinto*","Resource":"*",
             "Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-abc","o-def"]}}}]"#,
        );
        assert_eq!(
            policy.copies_in(),
            "allowed to account 444455556666, account 777788889999; \
             everybody where aws:PrincipalOrgID is o-abc or o-def"
        );
        assert!(policy.deletion().starts_with("whoever IAM lets"));
    }

    #[test]
    fn what_is_denied_for_some_points_does_not_protect_the_whole_vault() {
        let point = "arn:aws:ec2:eu-west-1::snapshot/snap-1";
        let about = |resource: &str| {
            policy(&format!(
                r#"[{{"Effect":"Deny","Principal":"*","Action":"backup:*",{resource}}}]"#
            ))
        };
        let one = about(&format!(r#""Resource":"{point}""#));
        assert_eq!(one.deletion(), format!("denied to everybody for {point}"));
        assert_eq!(
            one.sentences(),
            [format!("nobody may do anything for {point}")]
        );
        assert!(one.copies_in().starts_with("from no other account"));
        let but = about(&format!(r#""NotResource":["{point}","b\u202e"]"#));
        assert_eq!(
            but.deletion(),
            format!("denied to everybody for all but {point}, b‹U+202E›")
        );
        let all = format!(r#""Resource":["{point}","*"]"#);
        for all in [all.as_str(), r#""Sid":"none""#] {
            let said = about(all).deletion();
            assert_eq!(said, "denied to everybody by the access policy", "{all}");
        }
    }

    #[test]
    fn exceptions_are_told() {
        let policy = policy(
            r#"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/ops/Break"},"NotAction":"backup:Describe*","Resource":"*",
             "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}"#,
        );
        let who = "role ops/Break of account 111122223333";
        let lacking = "where aws:MultiFactorAuthPresent is false";
        assert_eq!(
            policy.sentences(),
            [format!(
                "nobody but {who} may do anything but backup:Describe* {lacking}"
            )]
        );
        assert_eq!(
            policy.deletion(),
            format!("denied to everybody but {who} {lacking}")
        );
    }

    #[test]
    fn patterns_match_as_those_of_iam_do_and_none_takes_long() {
        let many = "*a".repeat(5000);
        for (pattern, fits) in [
            ("*", true),
            ("backup:*", true),
            ("BACKUP:delete*Point", true),
            ("backup:DeleteRecoveryPoin?", true),
            ("backup:Delete", false),
            ("backup:DeleteRecoveryPoint?", false),
            ("", false),
            (&many, false),
        ] {
            assert_eq!(is_like(pattern, DELETE), fits, "{pattern:.30}");
        }
    }

    #[test]
    fn what_is_no_policy_is_not_guessed_at() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"Statement":[{"Effect":"Deny"}]}"#,
            "\u{1b}[2J",
        ] {
            assert_eq!(Policy::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn text_of_others_is_made_harmless() {
        let policy = policy(
            r#"[{"Effect":"Allow","Principal":{"AWS":"a\u001b[31m"},"Action":"b\u202e","Resource":"*","Condition":{"x\u202e":{"y\u202e":"z\u202e"}}}]"#,
        );
        let said = policy.sentences().join("\n") + &policy.copies_in();
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
    }
}
