//! Builds a snapshot from dumps, opens it, and says what is in it:
//! `cargo run --release -p whence-registry --example snapshot -- ROR GEONAMES OUT`.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use whence_registry::{BuildInputs, Registry, SnapshotBuilder, build};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [ror, geonames, out] = arguments.as_slice() else {
        return Err("usage: snapshot ROR GEONAMES OUT".into());
    };
    let inputs = BuildInputs {
        ror: ror.clone(),
        geonames: geonames.clone(),
        metropolitan_areas: None,
        groups: None,
    };
    let start = Instant::now();
    let (registry, report) = build(&inputs)?;
    println!("built {} in {:?}", registry.version, start.elapsed());
    for (problem, count) in report.counts() {
        let first = report
            .findings
            .iter()
            .find(|finding| finding.problem.summary() == problem);
        println!(
            "{count:>8} {problem}; the first: {}",
            first.map(ToString::to_string).unwrap_or_default()
        );
    }

    let start = Instant::now();
    let summary = SnapshotBuilder::new(&registry)?.write(out)?;
    println!(
        "wrote {} bytes, {} in {:?}",
        summary.size_bytes,
        summary.checksum_hex,
        start.elapsed()
    );
    for (name, size_bytes) in &summary.sections {
        println!("{size_bytes:>10} {name}");
    }

    let start = Instant::now();
    let opened = Registry::open(out)?;
    println!("opened in {:?}", start.elapsed());
    let start = Instant::now();
    opened.verify()?;
    println!("verified in {:?}", start.elapsed());
    println!(
        "{}: {} institutions, {} places, {} subdivisions, {} metropolitan areas, {} groups, {} countries",
        opened.version(),
        opened.institution_count(),
        opened.place_count(),
        opened.subdivisions().len(),
        opened.metropolitan_areas().len(),
        opened.groups().len(),
        opened.countries().len(),
    );
    for institution in opened.institutions().take(3) {
        let city = institution
            .main_location()
            .map(|place| opened.city_of(place).to_string());
        println!("{} {} {city:?}", institution.ror_id(), institution.name());
    }
    Ok(())
}
