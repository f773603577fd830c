#[leakguard::must_terminate]
const fn annotated() -> u8 {
    1
}

const ONE: u8 = annotated();

fn main() {
    let _ = ONE;
}
