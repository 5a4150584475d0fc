//! Claim: no text makes the reader of ROR dumps panic, and what it gives can be built and written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence_registry::{BuildReport, RegistryParts, SnapshotBuilder, build_from_parts, read::read_ror};

fuzz_target!(|text: &[u8]| {
    let mut report = BuildReport::default();
    if let Ok(organisations) = read_ror("fuzz.json", text, &mut report) {
        let parts = RegistryParts { organisations, ..RegistryParts::default() };
        if let Ok(built) = build_from_parts(parts, &mut report) {
            let _ = SnapshotBuilder::new(&built);
        }
    }
});
