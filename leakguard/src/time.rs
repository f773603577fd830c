//! Durations in words.

use std::time::Duration;

/// `850 us`, `100 ms`, `2.1 s`, `3 min 5 s`, `2 h 3 min`; cut off rather than rounded, so that nothing is overstated.
pub(crate) fn readable(time: Duration) -> String {
    let seconds = time.as_secs();
    match time.as_micros() {
        micros @ 0..1_000 => format!("{micros} us"),
        micros @ 1_000..1_000_000 => format!("{} ms", micros / 1_000),
        _ if seconds < 60 => format!("{seconds}.{} s", time.subsec_millis() / 100),
        _ if seconds < 3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        _ => two(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
    }
}

fn two(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    match small {
        0 => format!("{large} {large_unit}"),
        _ => format!("{large} {large_unit} {small} {small_unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_has_its_unit() {
        let micros = |n| readable(Duration::from_micros(n));
        assert_eq!(micros(0), "0 us");
        assert_eq!(micros(850), "850 us");
        assert_eq!(micros(100_000), "100 ms");
        assert_eq!(micros(999_999), "999 ms");
        assert_eq!(micros(1_000_000), "1.0 s");
        assert_eq!(micros(2_190_000), "2.1 s");
        assert_eq!(micros(59_999_999), "59.9 s");
        assert_eq!(micros(60_000_000), "1 min");
        assert_eq!(micros(185_000_000), "3 min 5 s");
        assert_eq!(micros(7_380_000_000), "2 h 3 min");
        assert_eq!(micros(7_200_000_000), "2 h");
    }
}
