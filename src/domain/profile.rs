//! A profile of the AWS files, as far as a person chooses by it: its name, its Region, and how it comes by
//! credentials. No secret is in here.

use jiff::Timestamp;

/// A profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name, as the files have it.
    pub name: String,
    /// Its own Region, if it names one.
    pub region: Option<String>,
    /// How it comes by credentials.
    pub way: Way,
}

/// How a profile comes by credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Keys stand in the files.
    Keys,
    /// A login in a browser (IAM Identity Center), with the session that was cached last, if one was.
    Sso(Option<SsoSession>),
    /// A role that another profile, or the surroundings, assumes.
    Role(String),
    /// A role that asks for the code of a second factor.
    Code,
    /// A program.
    Program,
    /// A token of a web identity.
    WebIdentity,
    /// The files do not say.
    Unknown,
}

/// A cached session of IAM Identity Center.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SsoSession {
    /// When its token expires.
    pub expires: Timestamp,
    /// Whether the token can be renewed without a person.
    pub renews: bool,
}

impl Profile {
    /// Tells whether a person has to log in before the profile can be used, as far as the files tell.
    #[must_use]
    pub fn needs_login(&self, now: Timestamp) -> bool {
        match &self.way {
            Way::Sso(None) => true,
            Way::Sso(Some(session)) => !session.renews && session.expires <= now,
            Way::Keys
            | Way::Role(_)
            | Way::Code
            | Way::Program
            | Way::WebIdentity
            | Way::Unknown => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_browser_session_that_is_over_and_does_not_renew_needs_a_login() {
        let now: Timestamp = "2026-03-14T02:31:00Z".parse().unwrap();
        let needs = |way| {
            let profile = Profile {
                name: "p".into(),
                region: None,
                way,
            };
            profile.needs_login(now)
        };
        let session = |seconds: i64, renews| {
            let expires = now + jiff::SignedDuration::from_secs(seconds);
            Way::Sso(Some(SsoSession { expires, renews }))
        };
        assert!(needs(Way::Sso(None)) && needs(session(0, false)) && needs(session(-60, false)));
        assert!(!needs(session(60, false)) && !needs(session(-60, true)));
        assert!(!needs(Way::Keys) && !needs(Way::Role("base".into())));
    }
}
