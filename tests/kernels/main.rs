//! Real bugs of Go and tokio projects, cut down to a few lines: each leaking form is found, each mended one is silent.
//!
//! The kernels stand in files by theme. Each file is compiled twice: in `plain` with tokio's own types, in `twins` with
//! leakguard's. Those that lose messages are compiled once more, in `bounded`.
#![expect(
    clippy::duplicate_mod,
    reason = "the same kernels with two sets of types; a macro around them all would hide them from rustfmt"
)]

mod bounded;
mod kernel;
mod plain;
mod quiet;
mod row;
mod table;
mod twins;
