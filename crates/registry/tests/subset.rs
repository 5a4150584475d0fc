//! The readers on real records: the ROR subset that developers have beside the repository.

use std::path::Path;

use whence_registry::{BuildReport, read};

#[test]
fn the_subset_is_read_whole_and_without_complaint() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ror-subset-v2.1.zip");
    if !path.exists() {
        eprintln!("SKIPPED: {} is not there", path.display());
        return;
    }
    let wanted = |names: &[String]| names.first().cloned().ok_or_else(|| "empty archive".to_owned());
    let mut report = BuildReport::default();
    let organisations = read::open_member(&path, wanted, |file, input| {
        read::read_ror(file, input, &mut report)
    })
    .unwrap();
    assert_eq!(organisations.len(), 51_370);
    assert_eq!(report.findings, []);
}
