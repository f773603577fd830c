//! Reads a duration: a number and a unit, such as `"100ms"` or `"1.5s"`.

use syn::{Error, Expr, Result};

const UNITS: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Nanoseconds, or an error at the literal that says what to write instead.
pub(super) fn parse(value: &Expr) -> Result<u64> {
    let Some(text) = super::literal(value) else {
        return Err(Error::new_spanned(
            value,
            "expected a duration in quotes, such as \"100ms\"",
        ));
    };
    nanoseconds(text.value().trim()).map_err(|wrong| Error::new(text.span(), wrong))
}

fn nanoseconds(text: &str) -> std::result::Result<u64, String> {
    let example = "write a number and a unit, such as \"100ms\" or \"1.5s\"";
    let end = text
        .find(|c: char| c != '.' && !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim_start());
    if number.is_empty() {
        return Err(format!("`{text}` is no duration; {example}"));
    }
    if unit.is_empty() {
        return Err(format!(
            "`{text}` has no unit; write \"{text}ms\" or \"{text}s\""
        ));
    }
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    let (_, factor) =
        known.ok_or_else(|| format!("unknown unit `{unit}`; expected ns, us, ms, s, m or h"))?;
    scale(number, *factor)
        .ok_or_else(|| format!("`{text}` is not a duration that can be counted; {example}"))
}

/// Whole part and fraction are scaled apart, so that no float rounds a deadline.
fn scale(number: &str, factor: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let whole = whole.parse::<u64>().ok()?.checked_mul(factor)?;
    let parts = fraction.parse::<u64>().ok()?;
    let of = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let fraction = u128::from(parts) * u128::from(factor) / u128::from(of);
    whole.checked_add(u64::try_from(fraction).ok()?)
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn every_unit_counts() {
        let read = |text| nanoseconds(text).unwrap();
        assert_eq!(read("7ns"), 7);
        assert_eq!(read("7us"), 7_000);
        assert_eq!(read("100ms"), 100_000_000);
        assert_eq!(read("1.5s"), 1_500_000_000);
        assert_eq!(read("2 m"), 120_000_000_000);
        assert_eq!(read("1h"), 3_600_000_000_000);
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "soon",
            "ms",
            "10",
            "10 parsecs",
            "1.2.3s",
            "999999999999h",
            "1.s",
        ] {
            assert!(nanoseconds(text).is_err(), "{text}");
        }
    }
}
