//! AWS Backup: vaults, recovery points, legal holds and protected resources, as they are read.
//!
//! Nothing makes, copies, restores or deletes a recovery point here. What the API reference says of a call stands at
//! its handler; what was only seen in the field says so.

mod holds;
pub mod model;
pub mod picture;
mod points;
pub mod rows;
mod vaults;

use super::call::Call;
use super::paging::Page;
use super::refusal::Refusal;
use super::registry::Operation;
use model::Vault;

const BACKUP: &str = "Backup";

/// Lists the operations of AWS Backup.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(BACKUP, "ListBackupVaults", vaults::list),
        Operation::read(BACKUP, "DescribeBackupVault", vaults::describe),
        Operation::read(BACKUP, "GetBackupVaultAccessPolicy", vaults::access_policy),
        Operation::read(BACKUP, "ListRecoveryPointsByBackupVault", points::list),
        Operation::read(BACKUP, "DescribeRecoveryPoint", points::describe),
        Operation::read(BACKUP, "ListProtectedResources", points::protected),
        Operation::read(BACKUP, "ListLegalHolds", holds::list),
        Operation::read(BACKUP, "ListRecoveryPointsByLegalHold", holds::points),
    ]
}

/// Refuses a call that the account is denied.
fn permit(call: &Call<'_>, operation: &str) -> Result<(), Refusal> {
    if call.is_denied() {
        let action = format!("backup:{operation}");
        return Err(Refusal {
            status: 403,
            ..Refusal::access_denied(call.account(), &action)
        });
    }
    Ok(())
}

/// Finds a vault by name and owner; without an owner it is the caller's own.
///
/// # Errors
/// `AccessDeniedException` for one that does not exist, which AWS Backup does not tell from one that is another's.
fn vault<'w>(
    call: &'w mut Call<'_>,
    name: &str,
    owner: Option<&str>,
) -> Result<&'w Vault, Refusal> {
    let owner = owner.unwrap_or(call.account()).to_owned();
    let mut vaults = call.estate().vaults.values();
    vaults
        .find(|vault| vault.name == name && vault.owner == owner)
        .ok_or_else(no_privileges)
}

fn no_privileges() -> Refusal {
    let message = "Insufficient privileges to perform this action.";
    Refusal::new(403, "AccessDeniedException", message)
}

fn absent(message: impl Into<String>) -> Refusal {
    Refusal::client("ResourceNotFoundException", message)
}

/// Cuts a page out of rows: `MaxResults` lies between 1 and 1000, and 1000 is taken where it is left out.
///
/// # Errors
/// `InvalidParameterValueException` for another size, and for a token that is not one of its own.
fn page<R>(
    size: Option<i32>,
    token: Option<&str>,
    rows: Vec<R>,
    key: impl Fn(&R) -> String,
) -> Result<(Vec<R>, Option<String>), Refusal> {
    const LARGEST: i32 = 1000;
    let size = size.unwrap_or(LARGEST);
    let refused = |what: &str| Refusal::client("InvalidParameterValueException", what);
    if !(1..=LARGEST).contains(&size) {
        return Err(refused("MaxResults must be between 1 and 1000."));
    }
    let page = Page::new(Some(size), token).at_least(1);
    page.cut(rows, key)
        .map_err(|_| refused("The NextToken is not valid."))
}
