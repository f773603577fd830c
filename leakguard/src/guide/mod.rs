//! Pages for running leakguard: the signals it uses, and how to make debug builds faster.

/// The signals that leakguard sends, and those it listens for.
pub mod signals {
    #![doc = include_str!("signals.md")]
}

/// Profile settings for readable speed in debug builds.
pub mod profile {
    #![doc = include_str!("profile.md")]
}
