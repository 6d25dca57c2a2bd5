//! Amazon Resource Names: read here, and nowhere else.
//! What the resource part means is each service's own.

use super::place::{Home, Place};

/// The parts of an ARN: `arn:partition:service:region:account:resource` (IAM User Guide, "Amazon Resource Names").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// The service, as its namespace is called: `ec2`, `rds`, `kms`.
    pub service: &'a str,
    /// The Region; empty where the service does not tell.
    pub region: &'a str,
    /// The account; empty where the service does not tell.
    pub account: &'a str,
    /// What it names, with its type, and with every colon and slash in it.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads one; `None` for any other text.
    #[must_use]
    pub fn of(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", _partition, service, region, account, resource] = parts[..] else {
            return None;
        };
        Some(Self {
            service,
            region,
            account,
            resource,
        })
    }

    /// Reads one of a service; `None` for any other text.
    #[must_use]
    pub fn of_service(text: &'a str, service: &str) -> Option<Self> {
        Self::of(text).filter(|arn| arn.service == service)
    }

    /// Tells whether it says that it is of the account and Region of a place.
    #[must_use]
    pub fn is_in(self, place: &Place) -> bool {
        self.region == place.region.as_str() && self.account == place.account.as_str()
    }

    /// Returns its account and Region, where it says both.
    #[must_use]
    pub fn home(self) -> Option<Home> {
        (!self.account.is_empty() && !self.region.is_empty()).then(|| Home {
            account: self.account.into(),
            region: self.region.into(),
        })
    }

    /// Returns its account and Region, where that is another place; what it does not say is as there.
    #[must_use]
    pub fn elsewhere(self, place: &Place) -> Option<Home> {
        let home = Home {
            account: given(self.account, place.account.as_str()).into(),
            region: given(self.region, place.region.as_str()).into(),
        };
        (!place.is_of(&home)).then_some(home)
    }
}

/// Tells whether a KMS key can be asked about in a place: it is one of that account and Region.
#[must_use]
pub fn is_key_of(key: &str, place: &Place) -> bool {
    Arn::of_service(key, "kms").is_some_and(|arn| arn.is_in(place))
}

fn given<'a>(part: &'a str, otherwise: &'a str) -> &'a str {
    if part.is_empty() { otherwise } else { part }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            profile: None,
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        }
    }

    #[test]
    fn the_resource_keeps_its_colons_and_a_text_with_fewer_parts_is_none() {
        let arn = Arn::of("arn:aws:rds:eu-west-1:111122223333:snapshot:rds:shop-2026").unwrap();
        assert_eq!(
            (arn.service, arn.resource),
            ("rds", "snapshot:rds:shop-2026")
        );
        for text in [
            "",
            "arn",
            "arn:aws:rds:eu-west-1:111122223333",
            "x:aws:rds:a:b:c",
        ] {
            assert_eq!(Arn::of(text), None, "{text}");
        }
        assert!(Arn::of_service("arn:aws:kms:a:b:key/1", "kms").is_some());
        assert!(Arn::of_service("arn:aws:s3:::kms", "kms").is_none());
    }

    #[test]
    fn what_an_arn_does_not_say_is_as_it_is_where_it_was_listed() {
        let bucket = Arn::of("arn:aws:s3:::invoices").unwrap();
        assert_eq!((bucket.home(), bucket.elsewhere(&place())), (None, None));
        assert!(!bucket.is_in(&place()));
        let here = Arn::of("arn:aws:kms:eu-west-1:111122223333:key/1").unwrap();
        assert!(here.is_in(&place()) && here.elsewhere(&place()).is_none());
        let there = Arn::of("arn:aws:kms:us-east-1:111122223333:key/1").unwrap();
        assert_eq!(there.elsewhere(&place()), there.home());
        assert!(there.home().is_some());
    }

    #[test]
    fn only_a_key_of_the_place_is_asked_about_there() {
        assert!(is_key_of(
            "arn:aws:kms:eu-west-1:111122223333:key/1",
            &place()
        ));
        for other in [
            "arn:aws:kms:us-east-1:111122223333:key/1",
            "arn:aws:kms:eu-west-1:444455556666:key/1",
            "arn:aws:rds:eu-west-1:111122223333:key/1",
            "default_kms_key_id",
            "",
        ] {
            assert!(!is_key_of(other, &place()), "{other}");
        }
    }
}
