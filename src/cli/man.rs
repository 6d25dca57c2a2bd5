//! `defib man`: the manual page in troff, with a section for every command.
//! Everything in it comes from the declarations of the command line.

use clap::{Arg, CommandFactory as _};
use clap_mangen::Man;

use crate::report::{FAILED, Report};

use super::Cli;
use super::output::Output;

/// Prints the manual page.
///
/// # Errors
/// A report if stdout cannot be written.
pub fn run(output: &mut Output) -> Result<u8, Report> {
    let page = page().map_err(|error| Report::new(FAILED, error.to_string()))?;
    output.bytes(&page)?;
    Ok(0)
}

fn page() -> std::io::Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    for command in command.get_subcommands() {
        if command.get_name() == "help" {
            continue;
        }
        let name = command.get_name().to_uppercase();
        page.extend(format!(".SH \"COMMAND {name}\"\n").into_bytes());
        // Flags of every command are told once, above.
        let own = |arg: Arg| {
            if arg.is_global_set() {
                arg.hide(true)
            } else {
                arg
            }
        };
        let man = Man::new(command.clone().mut_args(own));
        let mut sections = Vec::new();
        man.render_synopsis_section(&mut sections)?;
        man.render_description_section(&mut sections)?;
        man.render_options_section(&mut sections)?;
        page.extend(below(&sections));
    }
    Ok(page)
}

/// Turns sections into subsections.
fn below(sections: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(sections);
    let lines = text.lines().map(|line| match line.strip_prefix(".SH ") {
        Some(title) => format!(".SS {title}\n"),
        None => format!("{line}\n"),
    });
    lines.collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_section_for_every_command() {
        let page = String::from_utf8(page().unwrap()).unwrap();
        assert!(page.contains(".TH defib 1"), "{page}");
        for name in ["POINTS", "RESOURCES", "DOCTOR"] {
            assert!(page.contains(&format!(".SH \"COMMAND {name}\"")), "{page}");
        }
        assert!(page.contains("before"), "{page}");
        assert_eq!(page.matches("Forbid everything").count(), 1, "{page}");
    }
}
