#[leakguard::must_terminate(grace = "1s", grace = "1s")]
fn annotated() {}

fn main() {
    annotated();
}
