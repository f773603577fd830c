#[leakguard::must_terminate(grace = "1.5.2s")]
fn annotated() {}

fn main() {
    annotated();
}
