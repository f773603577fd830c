//! The first line of the file: which process it is.

use super::SCHEMA;
use super::runner::Runner;
use super::test_name::TestName;
use crate::json::{list, object};
use std::env;
use std::ffi::OsString;
use std::process;
use std::time::Duration;

/// The version of leakguard.
const VERSION: Option<&str> = option_env!("CARGO_PKG_VERSION");
/// That of tokio, where the build script of a copy of leakguard tells it.
pub(super) const TOKIO: Option<&str> = option_env!("LEAKGUARD_TOKIO_VERSION");

/// `started` counts from the Unix epoch.
pub(super) fn line(started: Duration) -> String {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    let path = |path: std::path::PathBuf| text(path.into_os_string());
    let variable = |name| env::var_os(name).map(text);
    object(|o| {
        o.field("type", "header");
        o.field("schema", SCHEMA);
        o.field("leakguard", VERSION);
        o.field("tokio", TOKIO);
        o.field("pid", process::id());
        o.field("started_unix_ms", started.as_millis() as u64);
        o.field("binary", env::current_exe().ok().map(path));
        o.field("arguments", list(env::args_os().skip(1).map(text)));
        o.field("cwd", env::current_dir().ok().map(path));
        o.field("runner", Runner::here().word());
        o.field("crate", variable("CARGO_PKG_NAME"));
        o.field("crate_version", variable("CARGO_PKG_VERSION"));
        o.field("manifest_dir", variable("CARGO_MANIFEST_DIR"));
        o.field("nextest_run_id", variable("NEXTEST_RUN_ID"));
        o.field("test", TestName::of_process().map(|name| name.json()));
    })
}
