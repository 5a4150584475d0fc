//! How many addresses one thread answers in a second that were asked before: the remembered answer alone, and
//! with the message that clients read.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on fails")]
#![allow(missing_docs, reason = "the macros of criterion document nothing")]

#[path = "../../../crates/resolve/benches/input/mod.rs"]
mod input;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use whence_affiliation_resolver::answer;
use whence_affiliation_resolver::curation::Curated;
use whence_affiliation_resolver::resolving::Resolving;

fn repeats(criterion: &mut Criterion) {
    let (resolving, addresses) = (Resolving::new(input::resolver()), input::addresses());
    let curated = Curated::default();
    let remembered = |address: &String| resolving.resolve(address, &curated).unwrap();
    for address in &addresses {
        remembered(address);
    }
    let mut group = criterion.benchmark_group("repeats");
    group.throughput(Throughput::Elements(addresses.len() as u64));
    group.bench_function("answer", |bencher| {
        bencher.iter(|| {
            let found = addresses
                .iter()
                .map(|address| remembered(address).resolution.institutions.len());
            found.sum::<usize>()
        });
    });
    group.bench_function("message", |bencher| {
        bencher.iter(|| {
            let messages = addresses
                .iter()
                .map(|address| answer::resolution(resolving.registry(), address, &remembered(address)));
            messages.map(|message| message.institutions.len()).sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, repeats);
criterion_main!(benches);
