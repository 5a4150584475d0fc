//! Claim: no bytes make opening a snapshot panic, and whatever opens can be read to its end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence_registry::Registry;

fuzz_target!(|bytes: &[u8]| {
    let Ok(registry) = Registry::from_bytes(bytes) else { return };
    let _ = registry.verify();
    for institution in registry.institutions() {
        let _ = (institution.names().count(), institution.types(), institution.state(), institution.country());
        let places = institution.locations().map(|place| registry.city_of(place)).count();
        let _ = (places, institution.parents().count(), institution.children().count());
        let _ = (institution.related().count(), institution.successors().count(), institution.established());
    }
    for place in registry.places() {
        let _ = (place.name(), place.admin1_code(), place.country(), place.population());
    }
});
