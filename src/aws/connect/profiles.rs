//! The profiles of the AWS files, for those who choose among them.
//!
//! The files are read as the AWS CLI reads them; of a cached login only its end is looked at. Nobody is asked,
//! and nothing secret is kept.

use std::path::{Path, PathBuf};

use aws_config::profile::{Profile as Section, ProfileSet};
use jiff::Timestamp;
use serde::Deserialize;

use crate::aws::environment;
use crate::domain::profile::{Profile, SsoSession, Way};
use crate::domain::text::shown;

use super::{ConnectError, Connector};

/// What is looked at of a cached token; the AWS CLI writes more.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cached {
    start_url: String,
    expires_at: Timestamp,
    #[serde(default)]
    refresh_token: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    registration_expires_at: Option<Timestamp>,
}

impl Connector {
    /// Returns every profile, by name: those of the AWS files, or the accounts of the simulated AWS.
    ///
    /// # Errors
    /// [`ConnectError::Files`]
    pub async fn profiles(&self) -> Result<Vec<Profile>, ConnectError> {
        if let Some(aws) = &self.simulated {
            let accounts = aws.scenario_story().accounts.iter();
            let profiles = accounts.map(|account| Profile {
                name: account.name.clone(),
                region: account.regions.first().cloned(),
                way: Way::Keys,
            });
            return Ok(profiles.collect());
        }
        let files = |error: String| ConnectError::Files(shown(&error));
        let set = environment::profiles().await;
        let set = set.map_err(|error| files(error.to_string()))?;
        let cached =
            tokio::task::spawn_blocking(|| cache().map_or_else(Vec::new, |at| tokens(&at)));
        let cached = cached.await.map_err(|error| files(error.to_string()))?;
        Ok(listed(&set, &cached))
    }
}

fn listed(set: &ProfileSet, cached: &[Cached]) -> Vec<Profile> {
    let mut names: Vec<&str> = set.profiles().collect();
    names.sort_unstable();
    let sections = names.into_iter().filter_map(|name| set.get_profile(name));
    let profile = |section: &Section| Profile {
        name: section.name().to_owned(),
        region: section.get("region").map(str::to_owned),
        way: way_of(section, set, cached),
    };
    sections.map(profile).collect()
}

/// In the order in which the SDK's chain looks at them.
fn way_of(section: &Section, set: &ProfileSet, cached: &[Cached]) -> Way {
    let has = |key| section.get(key).is_some_and(|value| !value.is_empty());
    if has("role_arn") {
        if has("mfa_serial") {
            return Way::Code;
        }
        if has("web_identity_token_file") {
            return Way::WebIdentity;
        }
        let source = section.get("source_profile");
        let source = source.or_else(|| section.get("credential_source"));
        return Way::Role(source.unwrap_or_default().to_owned());
    }
    if has("sso_session") || has("sso_start_url") {
        let session = section.get("sso_session");
        let session = session.and_then(|name| set.sso_session(name));
        let url = session.and_then(|session| session.get("sso_start_url"));
        let url = url.or_else(|| section.get("sso_start_url"));
        return Way::Sso(url.and_then(|url| session_of(url, cached)));
    }
    if has("credential_process") {
        Way::Program
    } else if has("aws_access_key_id") {
        Way::Keys
    } else {
        Way::Unknown
    }
}

/// The session of a start URL that lasts the longest.
fn session_of(url: &str, cached: &[Cached]) -> Option<SsoSession> {
    let same = |token: &&Cached| token.start_url.trim_end_matches('/') == url.trim_end_matches('/');
    let token = cached
        .iter()
        .filter(same)
        .max_by_key(|one| one.expires_at)?;
    // A registration that is over when the token is does not renew it.
    let registered = token.registration_expires_at;
    Some(SsoSession {
        expires: token.expires_at,
        renews: token.refresh_token.is_some()
            && registered.is_some_and(|until| until > token.expires_at),
    })
}

/// Where the AWS CLI keeps its sessions.
fn cache() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty())?;
    Some(Path::new(&home).join(".aws/sso/cache"))
}

/// Reads every cached token; what is none, as a client's registration, is passed over.
fn tokens(folder: &Path) -> Vec<Cached> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| std::fs::read(entry.path()).ok());
    let tokens = files.filter_map(|file| serde_json::from_slice(&file).ok());
    tokens.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
    use aws_types::os_shim_internal::{Env, Fs};

    async fn set(config: &str, credentials: &str) -> ProfileSet {
        let files = EnvConfigFiles::builder()
            .include_default_config_file(false)
            .include_default_credentials_file(false)
            .with_contents(EnvConfigFileKind::Config, config)
            .with_contents(EnvConfigFileKind::Credentials, credentials)
            .build();
        let (fs, env) = (Fs::from_slice(&[]), Env::from_slice(&[]));
        aws_config::profile::load(&fs, &env, &files, None)
            .await
            .unwrap()
    }

    const CONFIG: &str = "
[default]
region = eu-west-1
[profile code]
role_arn = arn:aws:iam::1:role/a
source_profile = keys
mfa_serial = arn:aws:iam::1:mfa/ada
[profile program]
credential_process = /bin/true
[profile role]
role_arn = arn:aws:iam::1:role/a
source_profile = keys
[profile sso]
sso_session = corp
sso_account_id = 111122223333
region = us-east-1
[profile sso-old]
sso_start_url = https://old.awsapps.com/start/
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
";

    #[tokio::test]
    async fn both_files_are_read_and_each_profile_tells_its_way() {
        let keys = "[keys]\naws_access_key_id = a\naws_secret_access_key = b\n";
        let profiles = listed(&set(CONFIG, keys).await, &[]);
        let told: Vec<_> = profiles
            .iter()
            .map(|one| (one.name.as_str(), one.region.as_deref(), one.way.clone()))
            .collect();
        let wanted = [
            ("code", None, Way::Code),
            ("default", Some("eu-west-1"), Way::Unknown),
            ("keys", None, Way::Keys),
            ("program", None, Way::Program),
            ("role", None, Way::Role("keys".into())),
            ("sso", Some("us-east-1"), Way::Sso(None)),
            ("sso-old", None, Way::Sso(None)),
        ];
        assert_eq!(told, wanted);
    }

    #[tokio::test]
    async fn the_end_of_a_login_is_that_of_the_token_for_its_start_url() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        let token = |url: &str, expires: &str, more: &str| {
            format!(r#"{{"startUrl":"{url}","accessToken":"x","expiresAt":"{expires}"{more}}}"#)
        };
        let corp = "https://corp.awsapps.com/start";
        write("a.json", &token(corp, "2026-03-14T01:00:00Z", ""));
        let renews = r#","refreshToken":"y","registrationExpiresAt":"2026-06-01T00:00:00Z""#;
        write("b.json", &token(corp, "2026-03-14T03:00:00Z", renews));
        let old = "https://old.awsapps.com/start";
        write("c.json", &token(old, "2026-03-14T02:00:00Z", ""));
        write("registration.json", r#"{"clientId":"c"}"#);
        write("broken.json", "{");
        let profiles = listed(&set(CONFIG, "").await, &tokens(folder.path()));
        let way = |name: &str| {
            let mut found = profiles.iter().filter(|one| one.name == name);
            found.next().unwrap().way.clone()
        };
        let session = |expires: &str, renews| {
            let expires = expires.parse().unwrap();
            Way::Sso(Some(SsoSession { expires, renews }))
        };
        assert_eq!(way("sso"), session("2026-03-14T03:00:00Z", true));
        assert_eq!(way("sso-old"), session("2026-03-14T02:00:00Z", false));
        assert!(tokens(&folder.path().join("nowhere")).is_empty());
    }
}
