use proptest::prelude::*;

use super::*;

const BEIJING: &str = "1816670\tBeijing\tBeijing\tPeking,,北京,Beijing\t39.9075\t116.39723\tP\tPPLC\tCN\t\t22\t\t\t\t\
                       18960744\t\t49\tAsia/Shanghai\t2024-01-01";

fn read(format: GeonamesFormat, text: &str) -> (Result<Vec<PlaceRecord>, RegistryError>, Vec<String>) {
    let mut report = BuildReport::default();
    let places = read_geonames("cities", format, text.as_bytes(), &mut report);
    (places, report.findings.iter().map(ToString::to_string).collect())
}

#[test]
fn both_forms_give_the_same_place() {
    let json = r#"{"1816670": {"geonameid": 1816670, "name": "Beijing", "latitude": 39.9075, "longitude": 116.39723,
        "countrycode": "CN", "population": 18960744, "timezone": "Asia/Shanghai", "admin1code": "22",
        "alternatenames": ["Peking", "", "北京"]}}"#;
    let (tabular, _) = read(GeonamesFormat::Tabular, BEIJING);
    let (json, _) = read(GeonamesFormat::Json, json);
    let tabular = tabular.unwrap();
    assert_eq!(tabular, json.unwrap());
    assert_eq!(tabular[0].alternate_names, ["Peking", "北京"]);
}

#[test]
fn a_bad_line_is_noted_and_the_rest_is_read() {
    let off_earth = BEIJING.replace("39.9075", "99.9");
    let region = BEIJING.replace("\tP\tPPLC\t", "\tA\tADM1\t");
    let no_country = BEIJING.replace("\tCN\t", "\t\t");
    let text = format!("{off_earth}\n{region}\r\n{no_country}\n\n{BEIJING}\n");
    let (places, notes) = read(GeonamesFormat::Tabular, &text);
    assert_eq!(places.unwrap().len(), 1);
    assert_eq!(
        notes,
        [
            "cities, line 1: skipped: no coordinates on earth",
            "cities, line 3: skipped: \"\" is not an ISO 3166-1 alpha-2 country code, such as CN",
            "cities, line 4: skipped: 1 columns instead of 19",
        ]
    );
}

#[test]
fn a_file_of_something_else_is_refused() {
    let (places, _) = read(GeonamesFormat::Tabular, "some,csv\n1,2\n");
    let error = places.unwrap_err().to_string();
    assert_eq!(
        error,
        "cities: holds no GeoNames place; cities, line 1: skipped: 1 columns instead of 19"
    );
    let (places, _) = read(GeonamesFormat::Json, "{}");
    assert_eq!(
        places.unwrap_err().to_string(),
        "cities: holds no GeoNames place; it is empty"
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\t\\n0-9P.-]{0,200}|.{0,200}") {
        let _ = read(GeonamesFormat::Tabular, &text);
        let _ = read(GeonamesFormat::Json, &text);
    }
}
