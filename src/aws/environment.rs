//! The environment and files that the AWS CLI reads, and how an endpoint named by flag joins them.
//!
//! Credential providers make STS and SSO calls of their own and read their endpoint from the
//! environment alone, so a flag can reach them only from there.

use std::collections::BTreeMap;

use aws_config::profile::{ProfileFileLoadError, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

/// Services in use, as their endpoint variables name them.
const SERVICES: [&str; 6] = ["AUTO_SCALING", "EC2", "KMS", "SSO", "SSO_OIDC", "STS"];

/// Returns the endpoint variables of the environment that an endpoint named by flag calls for. Each
/// service is named too, since a profile's `services` section outranks the variable for all.
#[must_use]
pub fn endpoint_variables(endpoint: &str) -> BTreeMap<String, String> {
    let all = ("AWS_ENDPOINT_URL".to_owned(), endpoint.to_owned());
    let each = SERVICES
        .iter()
        .map(|service| (format!("AWS_ENDPOINT_URL_{service}"), endpoint.to_owned()));
    let heeded = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS".into(), "false".into());
    each.chain([all, heeded]).collect()
}

/// Reads the profiles of the AWS files.
///
/// # Errors
/// A file that exists and cannot be read or parsed.
pub async fn profiles() -> Result<ProfileSet, ProfileFileLoadError> {
    let files = EnvConfigFiles::default();
    aws_config::profile::load(&Fs::real(), &Env::real(), &files, None).await
}
