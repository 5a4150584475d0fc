//! How many addresses one thread resolves in a second: every address of the list once, nothing remembered.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on fails")]
#![allow(missing_docs, reason = "the macros of criterion document nothing")]

mod input;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn resolve(criterion: &mut Criterion) {
    let (resolver, addresses) = (input::resolver(), input::addresses());
    let mut group = criterion.benchmark_group("resolver");
    group.throughput(Throughput::Elements(addresses.len() as u64));
    group.sample_size(10);
    group.bench_function("resolve", |bencher| {
        bencher.iter(|| {
            let found = addresses
                .iter()
                .map(|address| resolver.resolve(address).unwrap().institutions.len());
            found.sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, resolve);
criterion_main!(benches);
