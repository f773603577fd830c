//! Scopes: what leaks is found in the right scope, and what ends is not spoken of.

mod basic;
