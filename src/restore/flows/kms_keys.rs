//! KMS keys that new volumes need: read once each, and one that cannot be used stops, since AWS would notice only after
//! the volume was made.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::check::Check;
use crate::domain::facts::Fact;
use crate::domain::text::shown;
use crate::restore::flows::verdicts::{asked, fine, stop, unanswered};
use crate::restore::observations::kms::{self, Key};
use crate::restore::observations::observed;

/// Keys by the id that they are asked for with.
pub(super) type Keys = BTreeMap<String, Fact<Key>>;

/// Reads keys, side by side.
pub(super) async fn read(clients: &Clients, clock: &Clock, ids: BTreeSet<String>) -> Keys {
    let read = ids.into_iter().map(|id| async move {
        let key = observed(kms::key(clients, &id).await, clock);
        (id, key)
    });
    join_all(read).await.into_iter().collect()
}

/// Checks one key. `what` tells whose it is.
pub(super) fn check(name: &str, what: &str, id: &str, keys: &Keys) -> Check {
    let Some(fact) = keys.get(id) else {
        return unanswered(name, &format!("{what} {} was not read", shown(id)));
    };
    asked(name, fact, |key| {
        let found = format!("{what} {} is {}", shown(&key.arn), shown(&key.state));
        if key.state == "Enabled" {
            return fine(name, found);
        }
        let enable = match key.state.as_str() {
            "PendingDeletion" | "PendingReplicaDeletion" => {
                "cancel its deletion (aws kms cancel-key-deletion) and enable the key"
            }
            _other => "enable the key",
        };
        stop(name, found).advise(format!(
            "AWS would accept the new volume and lose it afterwards; {enable}, or choose another KMS \
             key (the snapshot's own key is needed in any case)"
        ))
    })
}
