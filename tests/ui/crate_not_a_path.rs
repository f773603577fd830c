#[leakguard::must_terminate(crate = "not a path")]
fn annotated() {}

fn main() {
    annotated();
}
