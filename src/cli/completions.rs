//! `defib completions SHELL`: the completions of a shell, to be put where it looks for them.
//! Nothing is installed.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::report::Report;

use super::Cli;
use super::output::Output;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Prints the completions.
///
/// # Errors
/// A report if stdout cannot be written.
pub fn run(args: &Args, output: &mut Output) -> Result<u8, Report> {
    // By way of memory: the generator panics where a pipe is closed.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "defib", &mut script);
    output.bytes(&script)?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::super::output::tests::Shared;
    use super::*;

    #[test]
    fn every_shell_learns_the_commands() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let out = Shared::default();
            let mut output = Output::to(out.clone(), Shared::default());
            run(&Args { shell }, &mut output).unwrap();
            let script = out.text();
            assert!(script.contains("resources") && script.contains("read-only"));
        }
    }
}
