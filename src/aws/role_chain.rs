//! The roles that a profile assumes one after the other, and what they begin with, as the AWS files say.
//!
//! It reads settings and asks nobody. Only chains in which a role asks for a code of a second factor (MFA)
//! are of interest: aws-config, which resolves all others, leaves `mfa_serial` out.

use std::str::FromStr;

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The profile that names it.
    pub profile: String,
    /// Its ARN.
    pub arn: String,
    /// Name of the session; one is made up where none is set.
    pub session_name: Option<String>,
    /// What the owner of the role wants to be told.
    pub external_id: Option<String>,
    /// How long the session lasts, in seconds; the service's own length where none is set.
    pub duration: Option<i32>,
    /// The device whose code is asked for, if one is.
    pub mfa_serial: Option<String>,
}

/// What the first role is assumed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The keys that stand in a profile.
    Keys {
        /// The profile.
        profile: String,
    },
    /// Whatever a profile leads to: SSO, a program, roles without MFA.
    Profile(String),
    /// What the surroundings give.
    Surroundings(Surroundings),
}

/// The values of `credential_source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surroundings {
    /// The variables `AWS_ACCESS_KEY_ID` and so on.
    Environment,
    /// The role of the EC2 instance.
    Ec2InstanceMetadata,
    /// The role of the container.
    EcsContainer,
}

impl FromStr for Surroundings {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word.to_ascii_lowercase().as_str() {
            "environment" => Ok(Self::Environment),
            "ec2instancemetadata" => Ok(Self::Ec2InstanceMetadata),
            "ecscontainer" => Ok(Self::EcsContainer),
            _unknown => Err(()),
        }
    }
}

/// How a profile gets its credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleChain {
    /// What it begins with.
    pub source: Source,
    /// The roles, in the order in which they are assumed.
    pub roles: Vec<Role>,
}

impl RoleChain {
    /// Returns the device whose code is asked for first.
    #[must_use]
    pub fn serial(&self) -> &str {
        let mut serials = self
            .roles
            .iter()
            .filter_map(|role| role.mfa_serial.as_deref());
        serials.next().unwrap_or_default()
    }
}

/// Why a chain cannot be followed. The text is fit to be shown once its names are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// A role has no source, or two.
    #[error(
        "profile {0} has a role_arn, and not exactly one of source_profile and credential_source"
    )]
    NoSource(String),
    /// The source is none that is known.
    #[error(
        "profile {profile} has the credential_source {source_name}, which is none of Environment, Ec2InstanceMetadata and EcsContainer"
    )]
    UnknownSource {
        /// The profile.
        profile: String,
        /// What it names.
        source_name: String,
    },
    /// A profile that another one names is not there.
    #[error("profile {profile} names the source_profile {missing}, which is not in the AWS files")]
    Missing {
        /// The profile.
        profile: String,
        /// What it names.
        missing: String,
    },
    /// Profiles name each other in a circle.
    #[error("the source_profile of profile {0} leads back to itself")]
    Circle(String),
    /// The length of a session is no number of seconds.
    #[error("the duration_seconds of profile {profile} is {value}, which is no number")]
    Duration {
        /// The profile.
        profile: String,
        /// What it says.
        value: String,
    },
}

/// What the AWS files say: the value of a key in a profile, and whether a profile is there.
pub trait Settings {
    /// Returns a value.
    fn get(&self, profile: &str, key: &str) -> Option<String>;
    /// Tells whether there is such a profile.
    fn has(&self, profile: &str) -> bool;
}

/// Follows a profile to where its credentials begin. Returns `None` where no role on the way asks for a
/// code, whatever else may be wrong with it.
///
/// # Errors
/// [`ChainError`]
pub fn with_mfa(settings: &dyn Settings, profile: &str) -> Result<Option<RoleChain>, ChainError> {
    let mut found = Found::default();
    let source = follow(settings, profile, &mut found);
    if !found.asks {
        return Ok(None);
    }
    let source = source?;
    found.roles.reverse();
    let roles = found.roles;
    Ok(Some(RoleChain { source, roles }))
}

/// What was found on the way, from the last role to the first.
#[derive(Default)]
struct Found {
    roles: Vec<Role>,
    /// Whether a role asks for a code, be it readable or not.
    asks: bool,
}

/// Collects the roles and returns what the first is assumed with.
fn follow(settings: &dyn Settings, profile: &str, found: &mut Found) -> Result<Source, ChainError> {
    let mut visited = vec![profile.to_owned()];
    let mut name = profile.to_owned();
    loop {
        let keys = settings.get(&name, "aws_access_key_id").is_some();
        // As with the AWS CLI: keys in a profile that another one names are what was meant.
        if keys && visited.len() > 1 || !is_role(settings, &name) {
            return Ok(if keys {
                Source::Keys { profile: name }
            } else {
                Source::Profile(name)
            });
        }
        found.asks |= serial_of(settings, &name).is_some();
        found.roles.push(role(settings, &name)?);
        let next = match source_of(settings, &name)? {
            Next::Surroundings(source) => return Ok(Source::Surroundings(source)),
            Next::Profile(next) => next,
        };
        if next == name {
            return Ok(Source::Keys { profile: name });
        }
        if visited.contains(&next) {
            return Err(ChainError::Circle(next));
        }
        if !settings.has(&next) {
            return Err(ChainError::Missing {
                profile: name,
                missing: next,
            });
        }
        visited.push(next.clone());
        name = next;
    }
}

/// Tells whether a profile is a role to assume. One that a web identity token gives is assumed by nobody
/// here.
fn is_role(settings: &dyn Settings, profile: &str) -> bool {
    let has = |key| settings.get(profile, key).is_some();
    has("role_arn") && !has("web_identity_token_file")
}

fn role(settings: &dyn Settings, profile: &str) -> Result<Role, ChainError> {
    let get = |key| settings.get(profile, key);
    let duration = get("duration_seconds").map(|value| {
        let length = value.trim().parse();
        length.map_err(|_no_number| ChainError::Duration {
            profile: profile.to_owned(),
            value,
        })
    });
    Ok(Role {
        profile: profile.to_owned(),
        arn: get("role_arn").unwrap_or_default(),
        session_name: get("role_session_name"),
        external_id: get("external_id"),
        duration: duration.transpose()?,
        mfa_serial: serial_of(settings, profile),
    })
}

/// An empty setting asks for nothing.
fn serial_of(settings: &dyn Settings, profile: &str) -> Option<String> {
    let serial = settings.get(profile, "mfa_serial")?;
    (!serial.trim().is_empty()).then_some(serial)
}

/// Where a role's own source is.
enum Next {
    Profile(String),
    Surroundings(Surroundings),
}

fn source_of(settings: &dyn Settings, profile: &str) -> Result<Next, ChainError> {
    let get = |key| settings.get(profile, key);
    match (get("source_profile"), get("credential_source")) {
        (Some(name), None) => Ok(Next::Profile(name)),
        (None, Some(word)) => match word.parse() {
            Ok(source) => Ok(Next::Surroundings(source)),
            Err(()) => Err(ChainError::UnknownSource {
                profile: profile.to_owned(),
                source_name: word,
            }),
        },
        (Some(_), Some(_)) | (None, None) => Err(ChainError::NoSource(profile.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Profiles with their keys and values.
    struct Files(&'static [(&'static str, &'static [(&'static str, &'static str)])]);

    impl Settings for Files {
        fn get(&self, profile: &str, key: &str) -> Option<String> {
            let (_, lines) = self.0.iter().find(|(name, _)| *name == profile)?;
            let (_, value) = lines.iter().find(|(name, _)| *name == key)?;
            Some((*value).to_owned())
        }

        fn has(&self, profile: &str) -> bool {
            self.0.iter().any(|(name, _)| *name == profile)
        }
    }

    const SERIAL: &str = "arn:aws:iam::111122223333:mfa/ada";

    fn chain(files: &Files, profile: &str) -> RoleChain {
        let found = with_mfa(files, profile).expect("a chain");
        found.expect("a role that asks for a code")
    }

    #[test]
    fn a_role_with_a_code_is_found_with_everything_that_is_said_of_it() {
        let files = Files(&[
            ("base", &[("aws_access_key_id", "AKIA")]),
            (
                "ops",
                &[
                    ("role_arn", "arn:ops"),
                    ("source_profile", "base"),
                    ("mfa_serial", SERIAL),
                    ("external_id", "e"),
                    ("role_session_name", "ada"),
                    ("duration_seconds", "7200"),
                ],
            ),
        ]);
        let role = Role {
            profile: "ops".into(),
            arn: "arn:ops".into(),
            session_name: Some("ada".into()),
            external_id: Some("e".into()),
            duration: Some(7200),
            mfa_serial: Some(SERIAL.into()),
        };
        let source = Source::Keys {
            profile: "base".into(),
        };
        let roles = vec![role];
        assert_eq!(chain(&files, "ops"), RoleChain { source, roles });
    }

    #[test]
    fn roles_are_assumed_from_the_source_on() {
        let files = Files(&[
            ("login", &[("sso_session", "acme")]),
            (
                "jump",
                &[
                    ("role_arn", "arn:jump"),
                    ("source_profile", "login"),
                    ("mfa_serial", SERIAL),
                ],
            ),
            (
                "ops",
                &[("role_arn", "arn:ops"), ("source_profile", "jump")],
            ),
        ]);
        let found = chain(&files, "ops");
        assert_eq!(found.source, Source::Profile("login".into()));
        let arns: Vec<&str> = found.roles.iter().map(|role| role.arn.as_str()).collect();
        assert_eq!(arns, ["arn:jump", "arn:ops"]);
        let asking = found.roles.iter().filter(|role| role.mfa_serial.is_some());
        assert_eq!(asking.count(), 1);
    }

    #[test]
    fn keys_of_a_named_profile_outrank_its_role_and_a_profile_may_name_itself() {
        let files = Files(&[
            (
                "both",
                &[("aws_access_key_id", "AKIA"), ("role_arn", "arn:both")],
            ),
            (
                "ops",
                &[
                    ("role_arn", "arn:ops"),
                    ("source_profile", "both"),
                    ("mfa_serial", SERIAL),
                ],
            ),
            (
                "own",
                &[
                    ("aws_access_key_id", "AKIA"),
                    ("role_arn", "arn:own"),
                    ("source_profile", "own"),
                    ("mfa_serial", SERIAL),
                ],
            ),
        ]);
        for (profile, source) in [("ops", "both"), ("own", "own")] {
            let found = chain(&files, profile);
            let keys = Source::Keys {
                profile: source.into(),
            };
            assert_eq!((found.source, found.roles.len()), (keys, 1));
        }
    }

    #[test]
    fn surroundings_are_known_in_any_case() {
        for (word, source) in [
            ("Environment", Surroundings::Environment),
            ("ec2instancemetadata", Surroundings::Ec2InstanceMetadata),
            ("EcsContainer", Surroundings::EcsContainer),
        ] {
            assert_eq!(word.parse(), Ok(source));
        }
        let files = Files(&[(
            "ops",
            &[
                ("role_arn", "arn:ops"),
                ("credential_source", "Environment"),
                ("mfa_serial", SERIAL),
            ],
        )]);
        let source = chain(&files, "ops").source;
        assert_eq!(source, Source::Surroundings(Surroundings::Environment));
    }

    #[test]
    fn without_a_role_that_asks_for_a_code_nothing_is_of_interest() {
        let files = Files(&[
            (
                "keys",
                &[("aws_access_key_id", "A"), ("mfa_serial", SERIAL)],
            ),
            ("role", &[("role_arn", "arn"), ("source_profile", "keys")]),
            ("broken", &[("role_arn", "arn")]),
            (
                "token",
                &[
                    ("role_arn", "arn"),
                    ("web_identity_token_file", "f"),
                    ("mfa_serial", SERIAL),
                ],
            ),
        ]);
        for profile in ["keys", "role", "broken", "token", "nowhere"] {
            assert_eq!(with_mfa(&files, profile), Ok(None), "{profile}");
        }
    }

    #[test]
    fn a_chain_that_leads_nowhere_is_told() {
        let files = Files(&[
            ("none", &[("role_arn", "a"), ("mfa_serial", SERIAL)]),
            (
                "both",
                &[
                    ("role_arn", "a"),
                    ("mfa_serial", SERIAL),
                    ("source_profile", "none"),
                    ("credential_source", "Environment"),
                ],
            ),
            (
                "word",
                &[
                    ("role_arn", "a"),
                    ("mfa_serial", SERIAL),
                    ("credential_source", "Moon"),
                ],
            ),
            (
                "gone",
                &[
                    ("role_arn", "a"),
                    ("mfa_serial", SERIAL),
                    ("source_profile", "nowhere"),
                ],
            ),
            (
                "there",
                &[
                    ("role_arn", "a"),
                    ("mfa_serial", SERIAL),
                    ("source_profile", "back"),
                ],
            ),
            ("back", &[("role_arn", "a"), ("source_profile", "there")]),
        ]);
        for (profile, word) in [
            ("none", "exactly one"),
            ("both", "exactly one"),
            ("word", "Moon"),
            ("gone", "nowhere"),
            ("there", "back to itself"),
        ] {
            let error = with_mfa(&files, profile).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn a_length_that_is_no_number_is_told() {
        let files = Files(&[(
            "ops",
            &[
                ("role_arn", "a"),
                ("mfa_serial", SERIAL),
                ("credential_source", "Environment"),
                ("duration_seconds", "an hour"),
            ],
        )]);
        let error = with_mfa(&files, "ops").unwrap_err().to_string();
        assert!(error.contains("an hour"), "{error}");
    }
}
