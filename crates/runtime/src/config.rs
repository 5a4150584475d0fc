//! Configuration in layers: built-in defaults, then a TOML file, then the environment, then flags.
//!
//! A configuration is a plain struct with `Serialize`, `Deserialize` and `Default`. Its default names
//! every key there is (so none of its fields may be skipped when serialising), and a key that is not
//! among them is an error wherever it stands: a misspelt setting never passes in silence.
//! In the environment a key `max_batch` of the prefix `WHENCE_METRICS` is `WHENCE_METRICS_MAX_BATCH`;
//! two underscores lead into a table.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use config::{Config, Environment, File, FileFormat, Map, Source, Value, ValueKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where a configuration comes from, lowest layer first. Built-in defaults lie below all of it.
#[derive(Debug, Default)]
pub struct Layers<'a> {
    /// A TOML file.
    pub file: Option<&'a Path>,
    /// The prefix of its environment variables, without the underscore after it.
    pub prefix: &'a str,
    /// The environment, such as `std::env::vars().collect()`.
    pub environment: HashMap<String, String>,
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum InvalidConfig {
    /// The file cannot be read or is not TOML.
    #[error("cannot read the configuration file {}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: config::ConfigError,
    },
    /// A key that no setting has.
    #[error("{origin} sets {key}, which is not a setting; settings are {}", known.join(", "))]
    UnknownKey {
        /// The layer that sets it: a file's name or `the environment`.
        origin: String,
        /// The key as written there.
        key: String,
        /// The keys there are.
        known: Vec<String>,
    },
    /// A value of the wrong form; the source names the key and the layer.
    #[error("invalid configuration")]
    Invalid(#[from] config::ConfigError),
}

/// Puts the layers and then the flags over the defaults of `C`. A flag that is `None` was not given.
pub fn load<C>(layers: &Layers<'_>, flags: &impl Serialize) -> Result<C, InvalidConfig>
where
    C: Default + Serialize + DeserializeOwned,
{
    let defaults = Config::try_from(&C::default())?.collect()?;
    let mut builder = Config::builder().add_source(Layer::of(defaults.clone()));
    if let Some(file) = layers.file {
        let unreadable = |source| InvalidConfig::Unreadable {
            file: file.to_owned(),
            source,
        };
        let settings = File::from(file)
            .format(FileFormat::Toml)
            .collect()
            .map_err(unreadable)?;
        refuse_unknown(&defaults, &settings, &file.display().to_string(), &|path| {
            path.join(".")
        })?;
        builder = builder.add_source(Layer::of(settings));
    }
    // Building turns the separators within names into tables.
    let variables = Config::builder()
        .add_source(environment(layers))
        .build()?
        .collect()?;
    let as_variable = |path: &[&str]| format!("{}_{}", layers.prefix, path.join("__").to_uppercase());
    refuse_unknown(&defaults, &variables, "the environment", &as_variable)?;
    builder = builder.add_source(Layer::of(variables));
    builder = builder.add_source(Layer::of(Config::try_from(flags)?.collect()?));
    Ok(builder.build()?.try_deserialize()?)
}

/// The settings of one layer that have a value.
#[derive(Clone, Debug)]
struct Layer(Map<String, Value>);

impl Layer {
    fn of(settings: Map<String, Value>) -> Self {
        Self(
            settings
                .into_iter()
                .filter(|(_, value)| value.kind != ValueKind::Nil)
                .collect(),
        )
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.0.clone())
    }
}

fn environment(layers: &Layers<'_>) -> Environment {
    Environment::with_prefix(layers.prefix)
        .prefix_separator("_")
        .separator("__")
        .ignore_empty(true)
        .source(Some(layers.environment.clone().into_iter().collect()))
}

fn refuse_unknown(
    known: &Map<String, Value>,
    settings: &Map<String, Value>,
    origin: &str,
    as_written: &dyn Fn(&[&str]) -> String,
) -> Result<(), InvalidConfig> {
    for (key, value) in settings {
        match (known.get(key).map(|value| &value.kind), &value.kind) {
            (Some(ValueKind::Table(known)), ValueKind::Table(settings)) => {
                let below = |path: &[&str]| as_written(&[&[key.as_str()], path].concat());
                refuse_unknown(known, settings, origin, &below)?;
            }
            (Some(_), _) => {}
            (None, _) => {
                let mut known: Vec<_> = known.keys().map(|key| as_written(&[key])).collect();
                known.sort();
                return Err(InvalidConfig::UnknownKey {
                    origin: origin.into(),
                    key: as_written(&[key]),
                    known,
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Settings {
        listen: std::net::SocketAddr,
        threads: Option<u16>,
        log: Log,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Log {
        filter: String,
        json: bool,
    }

    impl Default for Settings {
        fn default() -> Self {
            let log = Log {
                filter: "info".into(),
                json: false,
            };
            Self {
                listen: "127.0.0.1:7340".parse().unwrap(),
                threads: None,
                log,
            }
        }
    }

    #[derive(Default, Serialize)]
    struct Flags {
        listen: Option<String>,
        threads: Option<u16>,
    }

    fn variables(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    }

    fn read(toml: &str, environment: &[(&str, &str)], flags: &Flags) -> Result<Settings, InvalidConfig> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("whence.toml");
        fs::write(&file, toml).unwrap();
        load(
            &Layers {
                file: Some(&file),
                prefix: "WHENCE_TEST",
                environment: variables(environment),
            },
            flags,
        )
    }

    #[test]
    fn without_layers_the_defaults_hold() {
        let settings: Settings = load(
            &Layers {
                prefix: "WHENCE_TEST",
                ..Layers::default()
            },
            &Flags::default(),
        )
        .unwrap();
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn each_layer_lies_over_the_one_before() {
        let toml = "listen = '127.0.0.1:1'\nthreads = 1\n[log]\nfilter = 'debug'\njson = true\n";
        let environment = [
            ("WHENCE_TEST_LISTEN", "127.0.0.1:2"),
            ("WHENCE_TEST_LOG__FILTER", "warn"),
        ];
        let flags = Flags {
            threads: Some(3),
            ..Flags::default()
        };
        let settings = read(toml, &environment, &flags).unwrap();
        let log = Log {
            filter: "warn".into(),
            json: true,
        };
        assert_eq!(
            settings,
            Settings {
                listen: "127.0.0.1:2".parse().unwrap(),
                threads: Some(3),
                log
            }
        );
    }

    #[test]
    fn other_variables_are_none_of_our_business() {
        let environment = [
            ("WHENCE_GATEWAY", "http://elsewhere"),
            ("HOME", "/root"),
            ("WHENCE_TEST_THREADS", ""),
        ];
        assert_eq!(
            read("", &environment, &Flags::default()).unwrap(),
            Settings::default()
        );
    }

    #[test]
    fn an_unknown_key_is_named_as_it_was_written() {
        let message = |toml, environment: &[_]| {
            read(toml, environment, &Flags::default())
                .unwrap_err()
                .to_string()
        };
        let text = message("[log]\nfliter = 'debug'", &[]);
        assert!(
            text.contains("whence.toml sets log.fliter, which") && text.contains("log.filter, log.json"),
            "{text}"
        );
        let text = message("", &[("WHENCE_TEST_TREADS", "1")]);
        assert!(
            text.starts_with("the environment sets WHENCE_TEST_TREADS, which"),
            "{text}"
        );
        assert!(text.contains("WHENCE_TEST_THREADS"), "{text}");
    }

    #[test]
    fn a_wrong_value_names_its_key() {
        let invalid = read("", &[("WHENCE_TEST_THREADS", "many")], &Flags::default()).unwrap_err();
        let source = std::error::Error::source(&invalid).unwrap().to_string();
        assert!(
            source.contains("threads") && source.contains("the environment"),
            "{source}"
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let missing = Layers {
            file: Some(Path::new("no-such.toml")),
            prefix: "WHENCE_TEST",
            ..Layers::default()
        };
        let error = load::<Settings>(&missing, &Flags::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read the configuration file no-such.toml"
        );
    }
}
