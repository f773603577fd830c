//! What each example does beside its story: reads its one argument, prints the report, and says by
//! the exit code whether there was one.

use leakguard::Report;
use std::env;
use std::process::{ExitCode, exit};

/// Whether the mended form is wanted. What is neither form ends the program with code 2.
pub fn wants_mended() -> bool {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["mended"] => true,
        _ => {
            eprintln!(
                "usage: cargo run --example {} [-- mended]",
                env!("CARGO_CRATE_NAME")
            );
            exit(2)
        }
    }
}

/// The report to standard error, if there is one: 1 with it, 0 without.
pub fn report(found: Result<(), Report>) -> ExitCode {
    match found {
        Ok(()) => ExitCode::SUCCESS,
        Err(report) => {
            eprintln!("{report}");
            ExitCode::FAILURE
        }
    }
}
