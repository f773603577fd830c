#[leakguard::must_terminate(timout = "1s")]
fn annotated() {}

fn main() {
    annotated();
}
