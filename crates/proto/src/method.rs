//! What the contract says about its calls.

use std::collections::HashSet;
use std::sync::LazyLock;

use prost::Message;
use prost_types::method_options::IdempotencyLevel;
use prost_types::{FileDescriptorProto, FileDescriptorSet};

use crate::FILE_DESCRIPTOR_SET;

static NO_SIDE_EFFECTS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    // Both sides come from one build: the set decodes. Were it otherwise, nothing would be retried.
    let descriptors = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap_or_default();
    descriptors
        .file
        .iter()
        .flat_map(calls_without_side_effects)
        .collect()
});

/// Whether the contract marks the call at this path, such as `whence.metrics.v1.MetricsService/GetShare`,
/// as free of side effects: only such calls may be repeated without further thought.
pub fn has_no_side_effects(path: &str) -> bool {
    NO_SIDE_EFFECTS.contains(path)
}

fn calls_without_side_effects(file: &FileDescriptorProto) -> impl Iterator<Item = String> {
    file.service.iter().flat_map(|service| {
        let marked = service.method.iter().filter(|method| {
            let level = method
                .options
                .as_ref()
                .map(prost_types::MethodOptions::idempotency_level);
            level == Some(IdempotencyLevel::NoSideEffects)
        });
        marked.map(|method| format!("{}.{}/{}", file.package(), service.name(), method.name()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_calls_are_marked_and_writing_calls_are_not() {
        assert!(has_no_side_effects("whence.metrics.v1.MetricsService/GetShare"));
        assert!(has_no_side_effects(
            "whence.affiliation.v1.AffiliationService/ResolveAffiliation"
        ));
        assert!(!has_no_side_effects(
            "whence.metrics.v1.MetricsService/DeleteArticle"
        ));
        assert!(!has_no_side_effects(
            "whence.metrics.v1.MetricsService/NoSuchCall"
        ));
    }
}
