//! Prints Markdown to stdout and the same figures by name for `benches/run`. It does not know their meaning.

use crate::pair::Pair;
use std::fs::OpenOptions;
use std::io::Write;

/// Prints a heading, a description and the head of a table.
pub fn head(title: &str, what: &str, columns: &[&str]) {
    println!("\n### {title}\n\n{what}\n\n| {} |", columns.join(" | "));
    println!("|{}", "---|".repeat(columns.len()));
}

/// Prints one row.
pub fn row(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}

/// The columns of a pair.
pub const PAIR: &[&str] =
    &["CPU time, ns", "plain", "added", "quartiles", "ratio", "on the clock: plain", "added"];

/// Prints one pair and records the added time.
pub fn pair(name: &str, key: &str, pair: &Pair) {
    let (cpu, wall) = (pair.cpu, pair.wall);
    row(&[
        name.to_owned(),
        number(cpu.plain),
        format!("**{}**", number(cpu.added)),
        format!("{} to {}", number(cpu.quartiles.0), number(cpu.quartiles.1)),
        format!("{:.2}", cpu.ratio()),
        number(wall.plain),
        number(wall.added),
    ]);
    figure(key, cpu.added);
}

/// Rounds to the precision of the measurement.
pub fn number(figure: f64) -> String {
    match figure.abs() {
        // Not "-0.0".
        f if f < 0.05 => "0.0".to_owned(),
        f if f < 9.95 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}

/// Appends one figure to the file that `benches/run` names.
pub fn figure(key: &str, figure: f64) {
    let Ok(path) = std::env::var("BENCH_FIGURES") else {
        return;
    };
    let mut file =
        OpenOptions::new().append(true).create(true).open(path).expect("the figures can be kept");
    writeln!(file, "{key}\t{figure:.3}").expect("the figures can be kept");
}
