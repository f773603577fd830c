#[leakguard::must_terminate(crate = leakguard, crate = leakguard)]
fn annotated() {}

fn main() {
    annotated();
}
