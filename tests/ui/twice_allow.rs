#[leakguard::must_terminate(allow = "LG001", allow = "LG001")]
fn annotated() {}

fn main() {
    annotated();
}
