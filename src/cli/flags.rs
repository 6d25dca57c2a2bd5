//! The flags that every command takes, before or after its name.
//! What a flag means is decided where it is used.

use std::ffi::OsString;

use clap::Args;

use crate::config::{Keymap, Theme};

/// The word that stands for every enabled Region.
pub const ALL_REGIONS: &str = "all";

/// Flags of every command.
#[derive(Clone, Debug, Default, Args)]
pub struct Flags {
    /// Profile of the AWS files; may be repeated
    #[arg(long, global = true, value_name = "P")]
    pub profile: Vec<String>,
    /// Region, or `all` for every enabled one; may be repeated
    #[arg(long, global = true, value_name = "R")]
    pub region: Vec<String>,
    /// Forbid everything that changes anything
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Endpoint to use instead of AWS's own, also for credentials
    #[arg(long, global = true, value_name = "URL", value_parser = endpoint)]
    pub endpoint_url: Option<String>,
    /// Colours: 16, light, dark or mono
    #[arg(long, global = true, value_name = "THEME")]
    pub theme: Option<Theme>,
    /// Keys: default, vim or emacs
    #[arg(long, global = true, value_name = "KEYMAP")]
    pub keymap: Option<Keymap>,
    /// Use no signs outside ASCII
    #[arg(long, global = true)]
    pub ascii: bool,
}

fn endpoint(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(host) if !host.is_empty() && !host.starts_with('/') && !text.contains('\0') => {
            Ok(text.to_owned())
        }
        Some(_) | None => Err("an endpoint begins with https:// or http:// and a host".to_owned()),
    }
}

/// Moves repeatable flags before the command's name. The parser keeps only those on one side of it,
/// and a profile that is dropped in silence is one that is missing from the list.
pub fn hoisted(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut args = args.into_iter();
    let mut front: Vec<OsString> = args.next().into_iter().collect();
    let mut rest = Vec::new();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        if text == "--" {
            rest.push(arg);
            break;
        }
        if text.starts_with("--profile=") || text.starts_with("--region=") {
            front.push(arg);
        } else if text == "--profile" || text == "--region" {
            front.push(arg);
            front.extend(args.next());
        } else {
            rest.push(arg);
        }
    }
    front.into_iter().chain(rest).chain(args).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hoist(args: &[&str]) -> Vec<String> {
        let args = hoisted(args.iter().map(OsString::from));
        let text = |arg: OsString| arg.to_string_lossy().into_owned();
        args.into_iter().map(text).collect()
    }

    #[test]
    fn repeatable_flags_move_to_the_front_in_their_order() {
        let args = [
            "defib",
            "--profile",
            "a",
            "points",
            "--json",
            "--profile=b",
            "--region",
            "r",
        ];
        let wanted = [
            "defib",
            "--profile",
            "a",
            "--profile=b",
            "--region",
            "r",
            "points",
            "--json",
        ];
        assert_eq!(hoist(&args), wanted);
    }

    #[test]
    fn nothing_moves_from_behind_two_dashes() {
        let args = ["defib", "show", "--", "--profile", "a"];
        assert_eq!(hoist(&args), args);
        assert_eq!(hoist(&["defib", "--profile"]), ["defib", "--profile"]);
        assert_eq!(hoist(&[]), [""; 0]);
    }

    #[test]
    fn an_endpoint_is_an_address() {
        assert!(endpoint("http://127.0.0.1:5000").is_ok());
        for wrong in ["127.0.0.1:5000", "ftp://x", "http://", "https:///x", ""] {
            assert!(endpoint(wrong).is_err(), "{wrong}");
        }
    }
}
