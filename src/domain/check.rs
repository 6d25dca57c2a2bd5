//! A preflight check: what was asked, what was found, and what to do.
//!
//! A question that could not be answered is told as such and never counts as fine. Only `✘` stops a plan.

use serde::{Deserialize, Serialize};

use super::text::json_escaped;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// `✔` Fine.
    Fine,
    /// `!` The operator should know this.
    Know,
    /// `?` Not answered; counts like [`Verdict::Know`], never as fine.
    Unanswered,
    /// `✘` The plan must not run.
    Stop,
}

impl Verdict {
    /// Returns the one-character sign.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            Self::Fine => '✔',
            Self::Know => '!',
            Self::Unanswered => '?',
            Self::Stop => '✘',
        }
    }
}

/// One preflight check with its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Stable name, such as `snapshot-state`.
    pub name: String,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found, one sentence fit to be shown.
    pub found: String,
    /// What to do about it, if anything.
    pub advice: Option<String>,
    /// IAM actions that are missing, to be pasted as a policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_actions: Vec<String>,
}

impl Check {
    /// Makes a check without advice and without missing actions.
    pub fn new(name: &str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            verdict,
            found: found.into(),
            advice: None,
            missing_actions: Vec::new(),
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// Tells whether any check stops the plan.
#[must_use]
pub fn stops(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.verdict == Verdict::Stop)
}

/// Returns a policy that allows every missing action, to be pasted; `None` if none is missing.
#[must_use]
pub fn policy(checks: &[Check]) -> Option<String> {
    let missing = checks.iter().flat_map(|check| &check.missing_actions);
    let mut actions: Vec<&str> = missing.map(String::as_str).collect();
    actions.sort_unstable();
    actions.dedup();
    if actions.is_empty() {
        return None;
    }
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}],
    });
    Some(json_escaped(&format!("{policy:#}")))
}
