//! The grammar of durations, such as `100ms` or `1.5s`, in attributes and in the environment.
//!
//! The two crates cannot share code, so each has a copy of this file. A test compares the copies.

const UNITS: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Nanoseconds, or what is wrong and what to write instead.
pub(crate) fn nanoseconds(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let invalid = || {
        let example = "write a number and a unit, such as \"100ms\" or \"1.5s\"";
        format!("`{text}` is not a valid duration; {example}")
    };
    let end = text.find(|c: char| c != '.' && !c.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    match unit.trim_start() {
        _ if number.is_empty() => Err(invalid()),
        "" => Err(format!("`{text}` has no unit; write \"{text}ms\" or \"{text}s\"")),
        unit => match UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, scale)) => scaled(number, *scale).ok_or_else(invalid),
            None => Err(format!("unknown unit `{unit}`; expected ns, us, ms, s, m or h")),
        },
    }
}

/// Scales the whole part and the fraction apart, so that no float rounds a deadline.
fn scaled(number: &str, scale: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = u32::try_from(fraction.len()).ok()?;
    let divisor = u128::from(10_u64.checked_pow(digits)?);
    let part = u128::from(fraction.parse::<u64>().ok()?) * u128::from(scale) / divisor;
    let whole = whole.parse::<u64>().ok()?.checked_mul(scale)?;
    whole.checked_add(u64::try_from(part).ok()?)
}
