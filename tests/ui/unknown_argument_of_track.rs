#[leakguard::track(timeout = "1s")]
fn annotated() {}

fn main() {
    annotated();
}
