//! Claim: no text makes the readers of GeoNames panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence_registry::BuildReport;
use whence_registry::read::{GeonamesFormat, read_geonames};

fuzz_target!(|text: &[u8]| {
    for format in [GeonamesFormat::Tabular, GeonamesFormat::Json] {
        let _ = read_geonames("fuzz", format, text, &mut BuildReport::default());
    }
});
