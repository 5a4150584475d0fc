//! No text makes the engine panic, the same text gives the same answer, and spans lie inside it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use whence_registry::{Registry, starter};
use whence_resolve::Resolver;
use whence_resolve::index::snapshot;

static RESOLVER: LazyLock<Resolver> = LazyLock::new(|| {
    let (built, _) = starter().expect("the starter registry is embedded");
    let bytes = snapshot(&built).expect("the starter registry has an index").to_bytes();
    Resolver::new(Registry::from_bytes(bytes).expect("a snapshot opens")).expect("it holds the index")
});

fuzz_target!(|text: &str| {
    if let Ok(resolution) = RESOLVER.resolve(text) {
        assert_eq!(Ok(&resolution), RESOLVER.resolve(text).as_ref());
        for found in resolution.institutions.iter().chain(&resolution.candidates) {
            assert!(found.span.text(text).is_some());
        }
        assert!(resolution.unmatched.iter().all(|unmatched| unmatched.span.text(text).is_some()));
    }
});
