//! Pages for running leakguard: how a test suite adopts it, findings for machines, the signals it uses, and how to make debug
//! builds faster.

/// How a test suite adopts leakguard: report first, fail later.
pub mod adopting {
    #![doc = include_str!("adopting.md")]
}

/// Findings as lines of JSON: how to get them, and what each field means.
pub mod json {
    #![doc = include_str!("json.md")]
}

/// The signals that leakguard sends, and those it listens for.
pub mod signals {
    #![doc = include_str!("signals.md")]
}

/// Profile settings for readable speed in debug builds.
pub mod profile {
    #![doc = include_str!("profile.md")]
}
