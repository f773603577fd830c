//! Public enums that mean the same in every build. They know nothing else of leakguard.

mod action;
mod cause;
mod certainty;
mod code;
mod site_kind;
mod verdict;
mod wait_kind;

pub use action::Action;
pub use cause::Cause;
pub use certainty::Certainty;
pub use code::Code;
pub use site_kind::SiteKind;
pub use verdict::Verdict;
pub use wait_kind::WaitKind;
