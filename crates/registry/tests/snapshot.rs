//! Snapshots on disk and in memory: nothing is lost, nothing damaged is served, and every version that was
//! ever written still opens.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use whence_model::{CountryCode, ErrorKind, GeonamesId, RorId, Slug};
use whence_registry::{
    BuiltRegistry, Country, Group, InstitutionIndex, InstitutionRecord, InstitutionState, InstitutionType,
    MetropolitanArea, MetropolitanAreaIndex, NameKind, NameRecord, PlaceIndex, PlaceRecord, Registry,
    SnapshotBuilder, SnapshotError,
};

fn institution(id: &str, name: &str, parents: &[u32], children: &[u32]) -> InstitutionRecord {
    let index = |positions: &[u32]| positions.iter().map(|at| InstitutionIndex::new(*at)).collect();
    InstitutionRecord {
        ror_id: RorId::parse(id).unwrap(),
        names: vec![NameRecord {
            text: name.into(),
            kind: NameKind::Display,
            language: Some("en".into()),
        }],
        types: [InstitutionType::Facility].into_iter().collect(),
        state: InstitutionState::Active,
        locations: vec![PlaceIndex::new(0)],
        established: Some(1928),
        parents: index(parents),
        children: index(children),
        related: vec![],
        successors: vec![],
    }
}

/// Small and written out by hand, so that it is the same whatever happens to the readers.
fn registry() -> BuiltRegistry {
    let china = CountryCode::parse("CN").unwrap();
    BuiltRegistry {
        version: "v0-sample".into(),
        institutions: vec![
            institution("034t30j35", "Chinese Academy of Sciences", &[], &[1]),
            institution("03m96p165", "Institute of Zoology", &[0], &[]),
        ],
        places: vec![PlaceRecord {
            geonames_id: GeonamesId::new(1_816_670).unwrap(),
            name: "Beijing".into(),
            alternate_names: vec!["北京".into()],
            country: china,
            admin1_code: "22".into(),
            latitude: 39.9075,
            longitude: 116.39723,
            population: 18_960_744,
            metropolitan_area: Some(MetropolitanAreaIndex::new(0)),
        }],
        metropolitan_areas: vec![MetropolitanArea {
            slug: Slug::parse("beijing").unwrap(),
            name: "Beijing".into(),
            country: china,
        }],
        groups: vec![Group {
            slug: Slug::parse("cas").unwrap(),
            name: "CAS".into(),
            members: vec![InstitutionIndex::new(0), InstitutionIndex::new(1)],
        }],
        countries: vec![Country {
            code: china,
            name: "China".into(),
            alternates: vec!["中国".into()],
        }],
        ..BuiltRegistry::default()
    }
}

fn bytes() -> Vec<u8> {
    SnapshotBuilder::new(&registry()).unwrap().to_bytes()
}

fn refused(bytes: &[u8]) -> SnapshotError {
    Registry::from_bytes(bytes).unwrap_err()
}

fn check_sample(opened: &Registry) {
    assert_eq!(opened.version(), "v0-sample");
    let zoology = opened.institution(opened.find(RorId::parse("03m96p165").unwrap()).unwrap());
    assert_eq!(zoology.name(), "Institute of Zoology");
    let parents: Vec<_> = zoology
        .parents()
        .map(|parent| opened.institution(parent).name())
        .collect();
    assert_eq!(parents, ["Chinese Academy of Sciences"]);
    let place = zoology.main_location().unwrap();
    assert_eq!(opened.place(place).population(), 18_960_744);
    assert_eq!(opened.city_of(place).to_string(), "metro:beijing");
    assert_eq!(opened.country_name(opened.place(place).country()), Some("China"));
    assert_eq!(
        opened
            .find_group(&Slug::parse("cas").unwrap())
            .unwrap()
            .members
            .len(),
        2
    );
}

#[test]
fn what_is_written_is_read_back_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.snapshot");
    let summary = SnapshotBuilder::new(&registry()).unwrap().write(&path).unwrap();
    let opened = Registry::open(&path).unwrap();
    opened.verify().unwrap();
    check_sample(&opened);
    assert_eq!(opened.checksum_hex(), summary.checksum_hex);
    assert_eq!(fs::metadata(&path).unwrap().len(), summary.size_bytes);
    assert_eq!(fs::read(&path).unwrap(), bytes());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn whoever_has_the_old_file_open_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.snapshot");
    SnapshotBuilder::new(&registry()).unwrap().write(&path).unwrap();
    let old = Registry::open(&path).unwrap();
    let newer = BuiltRegistry {
        version: "v1".into(),
        ..BuiltRegistry::default()
    };
    SnapshotBuilder::new(&newer).unwrap().write(&path).unwrap();
    check_sample(&old);
    assert_eq!(Registry::open(&path).unwrap().version(), "v1");
}

#[test]
fn no_flipped_byte_goes_unseen() {
    let good = bytes();
    for at in 0..good.len() {
        let mut damaged = good.clone();
        damaged[at] ^= 0x10;
        assert!(Registry::from_bytes(&damaged).is_err(), "byte {at}");
    }
}

#[test]
fn no_cut_goes_unseen() {
    let good = bytes();
    for length in 0..good.len() {
        assert!(Registry::from_bytes(&good[..length]).is_err(), "{length} bytes");
    }
    let longer = [good.as_slice(), &[0]].concat();
    assert!(matches!(refused(&longer), SnapshotError::WrongLength { .. }));
}

#[test]
fn each_fault_says_what_it_is_and_how_to_mend_it() {
    let good = bytes();
    let error = refused(b"PAR1 and something else entirely");
    assert_eq!(
        error.to_string(),
        "this is not a registry snapshot; make one with `whence registry build`"
    );
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);

    let cut = refused(&good[..good.len() - 1]);
    assert!(
        cut.to_string()
            .starts_with("the registry snapshot is truncated: "),
        "{cut}"
    );
    assert_eq!(cut.kind(), ErrorKind::DataLoss);

    let mut flipped = good.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let damaged = refused(&flipped).to_string();
    assert!(
        damaged.starts_with("section `core.curated` of the registry snapshot is damaged (checksum "),
        "{damaged}"
    );
    assert!(
        damaged.ends_with("rebuild it with `whence registry build`"),
        "{damaged}"
    );

    let mut newer = good.clone();
    newer[8] = 2;
    let crc = crc32fast::hash(&newer[..28]);
    newer[28..32].copy_from_slice(&crc.to_le_bytes());
    let too_new = refused(&newer);
    assert!(
        too_new
            .to_string()
            .contains("written by a newer whence: format 2, this one reads 1"),
        "{too_new}"
    );
    assert_eq!(too_new.kind(), ErrorKind::FailedPrecondition);

    let missing = Registry::open(Path::new("no-such.snapshot")).unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("cannot read the registry snapshot no-such.snapshot: "),
        "{missing}"
    );
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[test]
fn other_crates_sections_come_back_aligned_and_count_in_the_checksum() {
    let plain = SnapshotBuilder::new(&registry()).unwrap().to_bytes();
    let mut builder = SnapshotBuilder::new(&registry()).unwrap();
    builder.add_section("resolve.tokens", vec![1, 2, 3]).unwrap();
    assert!(builder.add_section("resolve.tokens", vec![]).is_err());
    assert!(builder.add_section("Not a name", vec![]).is_err());
    let opened = Registry::from_bytes(builder.to_bytes()).unwrap();
    let section = opened.section("resolve.tokens").unwrap();
    drop(opened.clone());
    assert_eq!(section.as_ref(), [1, 2, 3]);
    assert_eq!(section.as_ref().as_ptr().align_offset(16), 0);
    assert!(opened.section("resolve.names").is_none());
    assert_ne!(
        opened.checksum_hex(),
        Registry::from_bytes(plain).unwrap().checksum_hex()
    );
}

#[test]
fn the_same_registry_gives_the_same_bytes() {
    assert_eq!(bytes(), bytes());
}

/// A sample of every format ever written, in hexadecimal. `UPDATE=1` writes that of the present format; do
/// so only together with a new `FORMAT_VERSION`.
#[test]
fn every_format_ever_written_opens() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/format-1.hex");
    if std::env::var_os("UPDATE").is_some() {
        let lines: Vec<String> = bytes().chunks(32).map(hex::encode).collect();
        fs::write(&path, lines.join("\n") + "\n").unwrap();
    }
    let sample = fs::read_to_string(&path).unwrap().replace('\n', "");
    let opened = Registry::from_bytes(hex::decode(sample).unwrap()).unwrap();
    opened.verify().unwrap();
    check_sample(&opened);
}
