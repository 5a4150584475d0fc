//! Relations of records: ancestors, over a few generations.

use whence_registry::{InstitutionIndex, Registry};

/// How far ancestors are followed; the registry has no deeper chain that matters.
const GENERATIONS_MAX: usize = 4;

/// The ancestors of an institution, nearest first, each once.
pub fn ancestors(registry: &Registry, institution: InstitutionIndex) -> Vec<InstitutionIndex> {
    let mut found: Vec<InstitutionIndex> = registry.institution(institution).parents().collect();
    let mut from = 0;
    for _ in 1..GENERATIONS_MAX {
        let generation = from..found.len();
        from = found.len();
        for at in generation {
            for parent in registry.institution(found[at]).parents() {
                if parent != institution && !found.contains(&parent) {
                    found.push(parent);
                }
            }
        }
    }
    found
}
