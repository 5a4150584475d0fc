//! Relations of records: ancestors, over a few generations.

use whence_registry::{InstitutionIndex, Registry};

/// How far ancestors are followed; the registry has no deeper chain that matters.
const GENERATIONS_MAX: usize = 4;

/// The ancestors of an institution, nearest first, each once.
pub fn ancestors(registry: &Registry, institution: InstitutionIndex) -> Vec<InstitutionIndex> {
    let mut found: Vec<InstitutionIndex> = Vec::new();
    let mut from = 0;
    for generation in 0..GENERATIONS_MAX {
        let children = if generation == 0 {
            vec![institution]
        } else {
            found[from..].to_vec()
        };
        from = found.len();
        for child in children {
            for parent in registry.institution(child).parents() {
                if parent != institution && !found.contains(&parent) {
                    found.push(parent);
                }
            }
        }
    }
    found
}
