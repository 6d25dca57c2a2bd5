//! The environment and files that the AWS CLI reads, and the endpoints that they name.
//!
//! Credential providers make STS and SSO calls of their own and read their endpoint from the
//! environment and the files alone, so a flag can reach them only from there.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aws_config::profile::{ProfileFileLoadError, ProfileSet};
use aws_runtime::env_config::EnvConfigValue;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

/// Services whose clients and credential providers look for an endpoint of their own, as the SDK names
/// them.
pub const SERVICES: [&str; 16] = [
    "Application Auto Scaling",
    "Auto Scaling",
    "Backup",
    "CloudWatch",
    "DynamoDB",
    "EC2",
    "Elastic Load Balancing v2",
    "IAM",
    "KMS",
    "Lambda",
    "RDS",
    "Route 53",
    "SSM",
    "SSO",
    "SSO OIDC",
    "STS",
];

/// The variable that names an endpoint for every service, and the beginning of those for single ones.
const VARIABLE: &str = "AWS_ENDPOINT_URL";

/// Returns the endpoint variables of the environment that an endpoint named by flag calls for. Each
/// service is named too: a variable for a single one, which may be set already, outranks the one for all.
#[must_use]
pub fn endpoint_variables(endpoint: &str) -> BTreeMap<String, String> {
    let all = (VARIABLE.to_owned(), endpoint.to_owned());
    let each = SERVICES.iter().map(|service| {
        let service = service.to_ascii_uppercase().replace(' ', "_");
        (format!("{VARIABLE}_{service}"), endpoint.to_owned())
    });
    let heeded = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS".into(), "false".into());
    each.chain([all, heeded]).collect()
}

/// Returns the endpoint variables that are set, by name.
#[must_use]
pub fn set_endpoint_variables() -> Vec<(String, String)> {
    let all = std::env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (
            name.into_string().ok()?,
            value.to_string_lossy().into_owned(),
        );
        name.starts_with(VARIABLE).then_some((name, value))
    });
    let mut all: Vec<_> = all.collect();
    all.sort();
    all
}

/// Returns the Region that the environment names, which outranks a profile's own.
#[must_use]
pub fn region_variable() -> Option<String> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION"))
}

/// Returns the endpoint variables that are set and hold nothing. To the AWS CLI they are not set; the SDK takes
/// nothing for an address, and panics.
#[must_use]
pub fn empty_endpoint_variables() -> Vec<String> {
    let all = endpoint_variables("").into_keys();
    let names = all.filter(|name| name.starts_with(VARIABLE));
    names
        .filter(|name| std::env::var_os(name).is_some_and(|value| value.is_empty()))
        .collect()
}

/// Reads the profiles of the AWS files.
///
/// # Errors
/// A file that exists and cannot be read or parsed.
pub async fn profiles() -> Result<ProfileSet, ProfileFileLoadError> {
    selecting(None).await
}

/// Reads them with one profile selected, instead of the one that `AWS_PROFILE` names.
async fn selecting(profile: Option<&str>) -> Result<ProfileSet, ProfileFileLoadError> {
    let files = EnvConfigFiles::default();
    let profile = profile.map(|name| Cow::Owned(name.to_owned()));
    aws_config::profile::load(&Fs::real(), &Env::real(), &files, profile).await
}

/// Returns every endpoint, other than AWS's own, that a call made with a profile could go to: calls of
/// clients, and those with which credential providers ask STS and SSO.
///
/// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` takes back nothing of it, because the providers do not heed it.
///
/// # Errors
/// A file that exists and cannot be read or parsed.
pub async fn custom_endpoints(
    profile: Option<&str>,
) -> Result<BTreeSet<String>, ProfileFileLoadError> {
    let profiles = selecting(profile).await?;
    let env = Env::real();
    let of_all = EnvConfigValue::new().env(VARIABLE).profile("endpoint_url");
    let of_single = SERVICES.map(|service| {
        let value = EnvConfigValue::new().env(VARIABLE).profile("endpoint_url");
        value.service_id(service)
    });
    let values = of_single.iter().chain([&of_all]);
    let named = values.filter_map(|value| value.load(&env, Some(&profiles)));
    let named = named.map(|(endpoint, _source)| endpoint.into_owned());
    Ok(named.filter(|endpoint| !endpoint.is_empty()).collect())
}
