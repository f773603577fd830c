#[leakguard::must_terminate(timeout = "2 fortnights")]
fn annotated() {}

fn main() {
    annotated();
}
