#[leakguard::main]
mod inner {
    pub fn function() {}
}

fn main() {
    inner::function();
}
