struct Thing;

impl Thing {
    #[leakguard::track]
    const fn annotated(&self) -> u8 {
        1
    }
}

fn main() {
    let _ = Thing.annotated();
}
