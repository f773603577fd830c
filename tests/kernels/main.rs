//! Real bugs of Go and tokio projects, reduced to a few lines. Each leaking form is found and each mended form is silent.
//!
//! The kernels are grouped into files by theme. Each file is compiled twice: in `plain` with tokio's own types and in
//! `twins` with leakguard's. Files with kernels that lose messages are compiled a third time, in `bounded`.
#![expect(
    clippy::duplicate_mod,
    reason = "the same kernels with two sets of types; a macro around them would hide them from rustfmt"
)]

mod bounded;
mod kernel;
mod plain;
mod quiet;
mod row;
mod table;
mod twins;
