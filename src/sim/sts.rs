//! STS: who the caller is.
//!
//! It answers whatever the account is denied, as STS does.

use aws_sdk_sts::operation::get_caller_identity::{
    GetCallerIdentityInput, GetCallerIdentityOutput,
};

use super::call::Call;
use super::registry::{Answer, Operation, answer};

/// Lists the operations of STS.
pub fn operations() -> Vec<Operation> {
    vec![Operation::read("STS", "GetCallerIdentity", identity)]
}

/// `GetCallerIdentity`: no permission is needed, and none can take it away (STS API reference).
fn identity(_: &GetCallerIdentityInput, call: &mut Call<'_>) -> Answer<GetCallerIdentityOutput> {
    let account = call.account().to_owned();
    answer(move |output: &mut GetCallerIdentityOutput| {
        output.arn = Some(format!(
            "arn:aws:sts::{account}:assumed-role/OnCall/operator"
        ));
        output.user_id = Some("AROASIMULATED0ONCALL0:operator".to_owned());
        output.account = Some(account);
    })
}
