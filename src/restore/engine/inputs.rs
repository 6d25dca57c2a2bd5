//! What a request is made of: inputs with their references filled in, and the token that marks it.
//!
//! Both follow from plan and journal alone, so the next runner makes the same.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::ids::StepId;
use crate::domain::place::Place;
use crate::domain::plan::Call;
use crate::domain::run::RunState;

/// Replaces every reference in a call's input by what earlier steps produced or found.
pub(super) fn resolve(state: &RunState, call: &Call) -> Result<Call, String> {
    let mut resolved = call.clone();
    fill(state, &mut resolved.input)?;
    Ok(resolved)
}

fn fill(state: &RunState, value: &mut Value) -> Result<(), String> {
    let marker = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let found = match (marker("$output"), marker("$before")) {
        (Some(path), _) => Some((path, false)),
        (None, Some(path)) => Some((path, true)),
        (None, None) => None,
    };
    if let Some((path, before)) = found {
        let (step, field) = path.split_once('.').unwrap_or((path.as_str(), ""));
        let record = state.record(&StepId::from(step));
        let from = if before {
            &record.found
        } else {
            &record.outputs
        };
        let produced = from.get(field).filter(|value| !value.is_null());
        *value = produced
            .cloned()
            .ok_or_else(|| format!("step {step} has no {field} to go on with"))?;
        return Ok(());
    }
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| fill(state, item)),
        Value::Object(fields) => fields.values_mut().try_for_each(|field| fill(state, field)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// Derives the token of a request. The attempt is no part of it: a new token per attempt would make
/// a duplicate per attempt.
pub(super) fn token(
    place: &Place,
    run: &str,
    step: &StepId,
    operation: &str,
    generation: u32,
) -> String {
    let mut hash = Sha256::new();
    for part in [
        place.account.as_str(),
        place.region.as_str(),
        run,
        step.as_str(),
        operation,
        &generation.to_string(),
    ] {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    data_encoding::BASE32_NOPAD.encode(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_depends_on_the_generation_and_fits_into_a_client_token() {
        let place = Place {
            profile: Some("prod".into()),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        };
        let make = |step: &str, generation| {
            token(
                &place,
                "01R",
                &StepId::from(step),
                "ec2:CreateVolume",
                generation,
            )
        };
        assert_eq!(make("create-volume", 1), make("create-volume", 1));
        assert_ne!(make("create-volume", 1), make("create-volume", 2));
        assert_ne!(make("create-volume", 1), make("create", 1));
        assert!(make("create-volume", 1).len() <= 64);
        assert!(make("create-volume", 1).is_ascii());
    }
}
