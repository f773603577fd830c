#[leakguard::track]
static ANNOTATED: u8 = 1;

fn main() {
    let _ = ANNOTATED;
}
