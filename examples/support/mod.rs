//! What all examples share: parses the argument, prints the report and sets the exit code.

use leakguard::Report;
use std::env;
use std::process::{ExitCode, exit};

/// Whether the mended form is requested. Invalid arguments end the program with code 2.
pub fn wants_mended() -> bool {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["mended"] => true,
        _ => {
            eprintln!("usage: cargo run --example {} [-- mended]", env!("CARGO_CRATE_NAME"));
            exit(2)
        }
    }
}

/// Prints the report, if there is one, to standard error. Returns 1 with a report and 0 without.
pub fn report(found: Result<(), Report>) -> ExitCode {
    match found {
        Ok(()) => ExitCode::SUCCESS,
        Err(report) => {
            eprintln!("{report}");
            ExitCode::FAILURE
        }
    }
}
