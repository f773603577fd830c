struct Thing;

#[leakguard::test]
impl Thing {
    fn method(&self) {}
}

fn main() {
    Thing.method();
}
