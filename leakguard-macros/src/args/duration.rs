//! Reads a duration, such as `"100ms"` or `"1.5s"`.

use syn::{Error, Expr, Result};

use super::duration_grammar::nanoseconds;

/// Nanoseconds, or an error at the literal that says what to write instead.
pub(super) fn parse(value: &Expr) -> Result<u64> {
    let Some(text) = super::literal(value) else {
        return Err(Error::new_spanned(value, "expected a duration in quotes, such as \"100ms\""));
    };
    nanoseconds(&text.value()).map_err(|wrong| Error::new(text.span(), wrong))
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn every_unit_is_read() {
        let read = |text| nanoseconds(text).unwrap();
        assert_eq!(read("7ns"), 7);
        assert_eq!(read("7us"), 7_000);
        assert_eq!(read("100ms"), 100_000_000);
        assert_eq!(read("1.5s"), 1_500_000_000);
        assert_eq!(read(" 2 m "), 120_000_000_000);
        assert_eq!(read("1h"), 3_600_000_000_000);
    }

    #[test]
    fn invalid_durations_are_refused() {
        for text in [
            "",
            "soon",
            "ms",
            "10",
            "-1s",
            "+1s",
            "1e3s",
            "10 parsecs",
            "1.2.3s",
            "999999999999h",
            "1.s",
            ".5s",
        ] {
            assert!(nanoseconds(text).is_err(), "{text}");
        }
    }
}
