//! The program: parses the command line, carries out the command, and ends with its exit code.
//! Everything else is in the rooms of the library.

use std::process::ExitCode;

use clap::Parser as _;
use defib::cli::flags::hoisted;
use defib::cli::output::Output;
use defib::cli::{self, Cli, endpoint};
use defib::clock::Clock;
use defib::report::{FAILED, Report, USAGE};

fn main() -> ExitCode {
    defib::runner::forbid_core_dumps();
    let cli = match Cli::try_parse_from(hoisted(std::env::args_os())) {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and version come this way too. Where they cannot be printed, nobody reads them.
            if answer.use_stderr() {
                // It quotes what was typed, which may have been pasted from anywhere.
                let text = answer.render().to_string();
                Output::of_process(false).note(text.trim_end());
            } else {
                answer.print().ok();
            }
            return ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(USAGE));
        }
    };
    let mut output = Output::of_process(cli.flags.ascii);
    match carry_out(cli, &mut output) {
        Ok(code) => ExitCode::from(code),
        Err(report) => {
            output.report(&report);
            ExitCode::from(report.exit)
        }
    }
}

fn carry_out(cli: Cli, output: &mut Output) -> Result<u8, Report> {
    endpoint::enter(cli.flags.endpoint_url.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Report::new(FAILED, format!("defib cannot start: {error}")))?;
    let ended = runtime.block_on(cli::run(cli, Clock::real(), output));
    // A name that is still being looked up must not hold up the end.
    runtime.shutdown_background();
    ended
}
