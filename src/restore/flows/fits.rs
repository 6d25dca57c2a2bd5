//! Whether an image fits an instance type: what AWS refuses a launch for, and a replacement of a root.
//! What AWS does not tell of either side is not held against it.

use crate::domain::check::Check;
use crate::domain::facts::Fact;
use crate::domain::text::{listed, shown};
use crate::restore::flows::verdicts::{fine, know, stop, unanswered};
use crate::restore::observations::ec2_image::Image;
use crate::restore::observations::ec2_instance::InstanceType;

/// Makes a check of everything that does not fit, or one that says that everything does.
pub(super) fn checks(image: &Image, name: &str, kind: &Fact<InstanceType>) -> Vec<Check> {
    let name = shown(name);
    let Some(kind) = kind.value() else {
        let why = kind.why_unknown().unwrap_or("no reason given");
        return vec![unanswered("instance-type", why)];
    };
    let all = [
        architecture(image, &name, kind),
        boot_mode(image, &name, kind),
        virtualization(image, &name, kind),
        ena(image, &name, kind),
        tpm(image, &name, kind),
    ];
    let all: Vec<Check> = all.into_iter().flatten().collect();
    if all.is_empty() {
        let found = format!(
            "{name} takes the image: {}, {}, boot mode {}",
            shown(&image.architecture),
            shown(&image.virtualization),
            shown(image.boot_mode.as_deref().unwrap_or("of the type"))
        );
        return vec![fine("instance-type", found)];
    }
    all
}

fn architecture(image: &Image, name: &str, kind: &InstanceType) -> Option<Check> {
    let known = &kind.architectures;
    if known.is_empty() || known.contains(&image.architecture) {
        return None;
    }
    let found = format!(
        "the image is {}, {name} takes {}",
        shown(&image.architecture),
        listed(known)
    );
    Some(stop("architecture", found).advise("choose an instance type of the image's architecture"))
}

/// An image that prefers UEFI boots without it (EC2 user guide, "Instance launch behavior with boot modes").
fn boot_mode(image: &Image, name: &str, kind: &InstanceType) -> Option<Check> {
    let known = &kind.boot_modes;
    let wanted = image.boot_mode.as_ref()?;
    if known.is_empty() || wanted == "uefi-preferred" || known.contains(wanted) {
        return None;
    }
    let found = format!(
        "the image boots by {}, {name} by {}",
        shown(wanted),
        listed(known)
    );
    Some(stop("boot-mode", found).advise("choose an instance type with the image's boot mode"))
}

fn virtualization(image: &Image, name: &str, kind: &InstanceType) -> Option<Check> {
    let known = &kind.virtualization;
    if known.is_empty() || known.contains(&image.virtualization) {
        return None;
    }
    let found = format!(
        "the image is {}, {name} takes {}",
        shown(&image.virtualization),
        listed(known)
    );
    Some(stop("virtualization", found).advise("choose an instance type of an earlier generation"))
}

fn ena(image: &Image, name: &str, kind: &InstanceType) -> Option<Check> {
    if kind.ena.as_deref() != Some("required") {
        return None;
    }
    match image.ena {
        Some(true) => None,
        Some(false) => {
            let found =
                format!("{name} needs the enhanced network driver (ENA); the image has none");
            Some(stop("ena", found).advise("choose an instance type without it, such as t2 or m4"))
        }
        None => {
            let found = format!(
                "{name} needs the enhanced network driver (ENA); AWS does not say whether the image has it"
            );
            Some(know("ena", found).advise("if it has not, AWS refuses, and nothing is made"))
        }
    }
}

fn tpm(image: &Image, name: &str, kind: &InstanceType) -> Option<Check> {
    if !image.tpm || kind.tpm != Some(false) {
        return None;
    }
    let found = format!("the image wants a trusted platform module (NitroTPM), {name} has none");
    Some(stop("tpm", found).advise("choose an instance type with NitroTPM"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::Verdict;
    use crate::domain::ec2::Tags;

    type Change = fn(&mut Image);

    fn image() -> Image {
        Image {
            id: "ami-1".into(),
            name: None,
            state: "available".into(),
            state_reason: None,
            owner: "111122223333".into(),
            created_at: None,
            architecture: "x86_64".into(),
            boot_mode: Some("uefi-preferred".into()),
            virtualization: "hvm".into(),
            ena: Some(true),
            tpm: true,
            requires_tokens: false,
            windows: false,
            root_device_type: "ebs".into(),
            root_device: "/dev/xvda".into(),
            product_codes: Vec::new(),
            source_instance: None,
            devices: Vec::new(),
            tags: Tags::new(),
        }
    }

    fn kind() -> InstanceType {
        InstanceType {
            architectures: vec!["x86_64".into()],
            boot_modes: vec!["legacy-bios".into(), "uefi".into()],
            virtualization: vec!["hvm".into()],
            ena: Some("required".into()),
            tpm: Some(true),
            ..InstanceType::default()
        }
    }

    fn found(image: &Image, kind: InstanceType) -> Vec<(String, Verdict)> {
        let fact = Fact::Observed {
            value: kind,
            at: "2026-03-01T02:30:00Z".parse().unwrap(),
        };
        let all = checks(image, "m7i.large", &fact).into_iter();
        all.map(|check| (check.name, check.verdict)).collect()
    }

    #[test]
    fn what_the_type_does_not_take_stops_by_its_name() {
        let only = |name: &str, verdict| vec![(name.to_owned(), verdict)];
        assert_eq!(
            found(&image(), kind()),
            only("instance-type", Verdict::Fine)
        );
        let changes: [(&str, Change); 5] = [
            ("architecture", |image| image.architecture = "arm64".into()),
            ("boot-mode", |image| image.boot_mode = Some("other".into())),
            ("virtualization", |image| {
                image.virtualization = "paravirtual".into();
            }),
            ("ena", |image| image.ena = Some(false)),
            ("tpm", |image| image.tpm = true),
        ];
        for (name, change) in changes {
            let mut image = image();
            change(&mut image);
            let tpm = Some(name != "tpm");
            let kind = InstanceType { tpm, ..kind() };
            assert_eq!(found(&image, kind), only(name, Verdict::Stop), "{name}");
        }
        let mut bios = image();
        bios.boot_mode = Some("legacy-bios".into());
        let boot_modes = vec!["uefi".to_owned()];
        let graviton = InstanceType {
            boot_modes,
            ..kind()
        };
        assert_eq!(found(&bios, graviton), only("boot-mode", Verdict::Stop));
    }

    #[test]
    fn what_aws_does_not_tell_is_not_held_against_the_image_but_a_driver_that_is_needed_is_said() {
        let fine = vec![("instance-type".to_owned(), Verdict::Fine)];
        assert_eq!(found(&image(), InstanceType::default()), fine);
        let silent = Image {
            boot_mode: None,
            ena: None,
            ..image()
        };
        let wanted = vec![("ena".to_owned(), Verdict::Know)];
        assert_eq!(found(&silent, kind()), wanted);
        let unread: Fact<InstanceType> = Fact::Unknown("denied".into());
        let told = checks(&silent, "m7i.large", &unread);
        assert_eq!(told[0].verdict, Verdict::Unanswered);
        assert!(told[0].found.ends_with("denied"), "{told:?}");
    }
}
