//! The program itself, with texts in the AWS files, the environment, its own settings and its arguments.
//!
//! Nothing is asked of AWS: there are no credentials, and no way to get any.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::strings::{assert_harmless, strings};

const COMMANDS: &[&[&str]] = &[
    &["doctor"],
    &["points"],
    &["--profile", "TEXT", "points"],
    &["--region", "TEXT", "resources"],
    &["show", "TEXT"],
    &["runner", "TEXT"],
    &["run", "--plan", "TEXT"],
    &["demo", "--scenario", "TEXT"],
    &["TEXT"],
    &["points", "--before", "TEXT"],
    &["points", "--kind", "TEXT"],
    &["--endpoint-url", "TEXT", "points"],
];

/// Writes the files that a program in this home reads.
fn furnish(home: &Path, text: &str) {
    let write = |name: &str, content: &str| {
        let path = home.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        std::fs::write(path, content).expect("it is written");
    };
    let line = text.replace(['\n', '\r', ']', '\u{85}', '\u{2028}', '\u{2029}'], "");
    write(
        ".aws/config",
        &format!(
            "[profile {line}]\nregion = {line}\nmfa_serial = {line}\nservices = {line}\n\
             endpoint_url = https://127.0.0.1:9/{line}\n[profile other]\nregion = eu-west-1\n"
        ),
    );
}

/// Runs the program and returns everything that it wrote.
fn run(home: &Path, arguments: &[&str], text: &str) -> String {
    let words = arguments
        .iter()
        .map(|word| if *word == "TEXT" { text } else { word });
    let output = Command::new(env!("CARGO_BIN_EXE_defib"))
        .args(words)
        .env_clear()
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_PROFILE", text)
        .env(
            "AWS_ENDPOINT_URL_KMS",
            format!("https://127.0.0.1:9/{text}"),
        )
        .env("TERM", text)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    let read = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    read(&output.stdout) + &read(&output.stderr)
}

#[test]
fn no_file_variable_or_argument_makes_the_program_write_a_control_character() {
    let without_nul = strings().into_iter().filter(|text| !text.contains('\0'));
    for text in without_nul.step_by(2) {
        let home = tempfile::tempdir().expect("a temporary folder");
        furnish(home.path(), &text);
        for arguments in COMMANDS {
            let written = run(home.path(), arguments, &text);
            assert!(!written.is_empty(), "{arguments:?}");
            assert_harmless(&written, &format!("{arguments:?} with {text:?}"));
        }
    }
}
