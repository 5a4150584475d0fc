//! From dumps on disk to an open registry: what is read, what is noted, what is refused.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use whence_model::{ErrorKind, RorId, Slug};
use whence_registry::{
    BuildInputs, BuildReport, BuiltRegistry, InstitutionType, NameKind, Registry, SnapshotBuilder, build,
};

const ROR: &str = "v9.9-2024-05-01-ror-data_schema_v2.json";

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/sources")
        .join(name)
}

fn inputs(ror: PathBuf, geonames: PathBuf) -> BuildInputs {
    BuildInputs {
        ror,
        geonames,
        metropolitan_areas: None,
        groups: None,
    }
}

fn build_sources() -> (BuiltRegistry, BuildReport) {
    build(&inputs(source(ROR), source("cities500.txt"))).unwrap()
}

fn id(text: &str) -> RorId {
    RorId::parse(text).unwrap()
}

#[test]
fn an_institution_is_read_with_all_that_ror_says_of_it() {
    let (built, _) = build_sources();
    assert_eq!(built.version, "v9.9-2024-05-01");
    let registry = Registry::from_bytes(SnapshotBuilder::new(&built).unwrap().to_bytes()).unwrap();
    let academy = registry.institution(registry.find(id("034t30j35")).unwrap());
    assert_eq!(academy.name(), "Chinese Academy of Sciences");
    let names: Vec<_> = academy
        .names()
        .map(|name| (name.text, name.kind, name.language))
        .collect();
    assert_eq!(
        names,
        [
            ("Chinese Academy of Sciences", NameKind::Display, Some("en")),
            ("CAS", NameKind::Acronym, None),
            ("中国科学院", NameKind::Label, Some("zh")),
        ]
    );
    let types: Vec<_> = academy.types().iter().collect();
    assert_eq!(types, [InstitutionType::Government, InstitutionType::Funder]);
    assert_eq!(academy.established(), Some(1949));
    assert_eq!(academy.country().unwrap().as_str(), "CN");
    assert_eq!(academy.children().len(), 2);
}

#[test]
fn what_is_left_out_is_noted_with_record_or_line_and_reason() {
    let (_, report) = build_sources();
    let dumps = |file: &str| !file.starts_with("data/");
    let notes: Vec<String> = report
        .findings
        .iter()
        .filter(|finding| dumps(&finding.file))
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        notes,
        [
            "cities500.txt, line 4: skipped: 2 columns instead of 19".to_owned(),
            format!(
                "{ROR}, record https://ror.org/03m96p165: location 1809104 is not in the GeoNames file; \
                 took it from the record"
            ),
            format!(
                "{ROR}, record https://ror.org/02v51f717: left out child https://ror.org/05qbk4x57, \
                 which the dump lacks"
            ),
        ]
    );
}

#[test]
fn a_suburb_falls_into_its_metropolitan_area_by_its_subdivision() {
    let (built, _) = build_sources();
    let registry = Registry::from_bytes(SnapshotBuilder::new(&built).unwrap().to_bytes()).unwrap();
    let city = |institution: &str| {
        let institution = registry.institution(registry.find(id(institution)).unwrap());
        let place = institution.main_location().unwrap();
        (
            registry.place(place).name().to_owned(),
            registry.city_of(place).to_string(),
        )
    };
    assert_eq!(
        city("03m96p165"),
        ("Haidian".to_owned(), "metro:beijing".to_owned())
    );
    assert_eq!(city("04c4dkn09"), ("Hefei".to_owned(), "metro:hefei".to_owned()));
}

#[test]
fn groups_hold_descendants_and_policy_lets_universities_stand_alone() {
    let (built, _) = build_sources();
    let index = |text: &str| built.find(id(text)).unwrap();
    let academy = built
        .groups
        .iter()
        .find(|group| group.slug.as_str() == "cas")
        .unwrap();
    let mut members = [index("034t30j35"), index("04c4dkn09"), index("03m96p165")];
    members.sort_unstable();
    assert_eq!(academy.members, members);

    let permits = |child: &str| {
        let child = index(child);
        let types = built.institutions[child.to_usize()].types;
        built.policies.roll_up.permits(child, types, index("034t30j35"))
    };
    assert!(permits("03m96p165"));
    assert!(!permits("04c4dkn09"));
}

#[test]
fn territories_report_by_policy() {
    let (built, _) = build_sources();
    let hong_kong = whence_model::CountryCode::parse("HK").unwrap();
    let reported = |policy: &str| {
        let slug = Slug::parse(policy).unwrap();
        built
            .policies
            .territory_policy(&slug)
            .unwrap()
            .reporting_country(hong_kong)
            .to_string()
    };
    assert_eq!(reported("iso"), "HK");
    assert_eq!(reported("nature-index"), "CN");
}

#[test]
fn a_release_is_read_from_its_zip() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("release.zip");
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    for name in [
        "v9.9-2024-05-01-ror-data.json",
        "v9.9-2024-05-01-ror-data.csv",
        ROR,
    ] {
        archive.start_file(name, options).unwrap();
        let contents = if name == ROR {
            fs::read(source(ROR)).unwrap()
        } else {
            b"[]".to_vec()
        };
        archive.write_all(&contents).unwrap();
    }
    archive.finish().unwrap();
    let (zipped, _) = build(&inputs(path, source("cities500.txt"))).unwrap();
    let (plain, _) = build_sources();
    assert_eq!(zipped.version, plain.version);
    assert_eq!(zipped.institutions, plain.institutions);
}

#[test]
fn a_file_that_is_something_else_is_refused_with_what_to_get() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |name: &str, contents: &str| {
        let path = folder.path().join(name);
        fs::write(&path, contents).unwrap();
        build(&inputs(path, source("cities500.txt"))).unwrap_err()
    };
    let schema_1 = r#"[{"id": "https://ror.org/02v51f717", "name": "Peking University", "addresses": []}]"#;
    let error = refused("v1.59-ror-data.json", schema_1);
    assert_eq!(
        error.to_string(),
        "v1.59-ror-data.json: unknown ROR dump schema 1.x; whence reads schema 2.x; get the *_schema_v2.json file"
    );
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let whole = fs::read_to_string(source(ROR)).unwrap();
    let error = refused("cut.json", &whole[..whole.len() / 2]).to_string();
    assert!(
        error.starts_with("cut.json: the file ends in mid-record"),
        "{error}"
    );
    assert!(
        refused("text.json", "not json")
            .to_string()
            .starts_with("text.json: not valid JSON")
    );
    assert_eq!(
        refused("empty.json", "[]").to_string(),
        "empty.json: holds no ROR record"
    );
    let newer = whole.replace("\"2.1\"", "\"3.0\"");
    assert!(
        refused("newer.json", &newer)
            .to_string()
            .contains("unknown ROR dump schema 3.0")
    );
}

#[test]
fn a_missing_file_is_named() {
    let error = build(&inputs(
        PathBuf::from("no-such-dump.zip"),
        source("cities500.txt"),
    ))
    .unwrap_err();
    assert!(
        error.to_string().starts_with("cannot read no-such-dump.zip: "),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn a_table_of_ones_own_is_cited_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("areas.csv");
    let rows = "metro_area,country_code,geonames_id\nBeijing,CN,1816670\nPeking,CN,1816670\n";
    fs::write(&path, rows).unwrap();
    let mut inputs = inputs(source(ROR), source("cities500.txt"));
    inputs.metropolitan_areas = Some(path.clone());
    let error = build(&inputs).unwrap_err().to_string();
    assert_eq!(
        error,
        format!("{}, line 3: is in beijing already", path.display())
    );
}
