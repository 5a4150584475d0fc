//! What the benches run over: addresses and a registry, those that come with whence unless others are named.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;
use whence_registry::Registry;
use whence_resolve::Resolver;
use whence_resolve::index::snapshot;

const SAMPLE: &[u8] = include_bytes!("../../../../data/sample/articles.jsonl.zst");
/// A text file of addresses, one a line, instead of those of the sample.
const ADDRESSES: &str = "WHENCE_BENCH_ADDRESSES";
/// A registry snapshot instead of the starter registry.
const REGISTRY: &str = "WHENCE_BENCH_REGISTRY";

#[derive(Deserialize)]
struct Article {
    #[serde(default)]
    authors: Vec<Author>,
}

#[derive(Deserialize)]
struct Author {
    #[serde(default)]
    affiliations: Vec<String>,
}

/// Each address once, in the order of the bytes.
pub(crate) fn addresses() -> Vec<String> {
    let addresses: BTreeSet<String> = if let Some(path) = std::env::var_os(ADDRESSES) {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(str::to_owned).collect()
    } else {
        sample().collect()
    };
    addresses.into_iter().collect()
}

fn sample() -> impl Iterator<Item = String> {
    let text = String::from_utf8(zstd::decode_all(SAMPLE).unwrap()).unwrap();
    let articles: Vec<Article> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let authors = articles.into_iter().flat_map(|article| article.authors);
    authors.flat_map(|author| author.affiliations)
}

/// A resolver over the registry to measure with.
pub(crate) fn resolver() -> Resolver {
    let registry = if let Some(path) = std::env::var_os(REGISTRY) {
        Registry::open(&PathBuf::from(path)).unwrap()
    } else {
        let (built, _) = whence_registry::starter().unwrap();
        Registry::from_bytes(snapshot(&built).unwrap().to_bytes()).unwrap()
    };
    Resolver::new(registry).unwrap()
}
