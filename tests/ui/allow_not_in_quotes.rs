#[leakguard::must_terminate(allow = LG002)]
fn annotated() {}

fn main() {
    annotated();
}
