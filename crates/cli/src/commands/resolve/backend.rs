//! Who resolves: an engine in this process, or a stack behind a gateway. Both give the same answers.

use whence_affiliation_resolver::{answer, explanation};
use whence_client::Client;
use whence_model::GeonamesId;
use whence_proto::affiliation as pb;
use whence_resolve::Resolver;

use crate::arguments::Global;
use crate::error::CliError;
use crate::registry_source::RegistryArgs;
use crate::resolution_json::{NamedPlace, ResolutionLine, Shown};

/// Who resolves.
pub(super) enum Backend {
    /// The engine in this process.
    InProcess(Box<Engine>),
    /// A stack behind a gateway.
    Gateway(Client),
}

/// An engine with the registry that it answers from.
pub(super) struct Engine(Resolver);

impl Backend {
    /// In process with a snapshot; else through a gateway, if one is named; else in process with the
    /// embedded registry.
    pub(super) async fn of(registry: &RegistryArgs, global: &Global) -> Result<Self, CliError> {
        if registry.registry.is_none() && global.names_gateway() {
            return Ok(Self::Gateway(Client::connect(global.gateway_url()).await?));
        }
        Ok(Self::InProcess(Box::new(Engine(Resolver::new(
            registry.open()?,
        )?))))
    }

    /// Resolves one address.
    pub(super) async fn resolve(
        &self,
        affiliation: String,
        shown: Shown,
    ) -> Result<ResolutionLine, CliError> {
        match self {
            Self::InProcess(engine) => engine.resolve(affiliation, shown).map_err(CliError::usage),
            Self::Gateway(client) => resolve_one(client, affiliation, shown).await,
        }
    }
}

impl Engine {
    /// Resolves one address, or says why it cannot.
    pub(super) fn resolve(&self, affiliation: String, shown: Shown) -> Result<ResolutionLine, String> {
        let registry = self.0.registry();
        let resolution = self.0.resolve(&affiliation).map_err(|error| error.to_string())?;
        let resolution = answer::resolution(registry, &affiliation, &resolution.into());
        let explanation = shown
            .explanation
            .then(|| explanation::explain(&self.0, &affiliation))
            .transpose()
            .map_err(|error| error.to_string())?;
        let named = |id: GeonamesId| {
            let index = registry.find_place(id)?;
            let (place, city) = (registry.place(index), registry.city_index(index));
            let locality = pb::Locality {
                geonames_id: id.get().into(),
                name: place.name().to_owned(),
                country_code: place.country().to_string(),
            };
            let city = pb::City {
                id: registry.city_id(city).to_string(),
                name: registry.city_name(city).to_owned(),
            };
            Some(NamedPlace { locality, city })
        };
        Ok(ResolutionLine::new(affiliation, resolution, shown, named).explained(explanation))
    }
}

/// Resolves one address through a gateway.
async fn resolve_one(client: &Client, affiliation: String, shown: Shown) -> Result<ResolutionLine, CliError> {
    let request = pb::ResolveAffiliationRequest {
        affiliation: affiliation.clone(),
        explain: shown.explanation,
    };
    let pb::ResolveAffiliationResponse {
        resolution,
        versions: _,
        explanation,
    } = client.resolve_affiliation(request).await?;
    let line = ResolutionLine::new(affiliation, resolution.unwrap_or_default(), shown, unnamed);
    Ok(line.explained(explanation))
}

/// Resolves a batch through a gateway; one by one where they are to be explained.
pub(super) async fn resolve_batch(
    client: &Client,
    affiliations: Vec<String>,
    shown: Shown,
) -> Result<Vec<Result<ResolutionLine, String>>, CliError> {
    use pb::resolve_outcome::Result as Outcome;
    if shown.explanation {
        let mut lines = Vec::with_capacity(affiliations.len());
        for affiliation in affiliations {
            lines.push(Ok(resolve_one(client, affiliation, shown).await?));
        }
        return Ok(lines);
    }
    let request = pb::BatchResolveAffiliationsRequest {
        affiliations: affiliations.clone(),
    };
    let pb::BatchResolveAffiliationsResponse {
        outcomes,
        versions: _,
    } = client.batch_resolve_affiliations(request).await?;
    if outcomes.len() != affiliations.len() {
        let fault = format!(
            "the gateway answered {} of {} addresses",
            outcomes.len(),
            affiliations.len()
        );
        return Err(CliError::Fault(fault));
    }
    let lines = affiliations
        .into_iter()
        .zip(outcomes)
        .map(|(affiliation, outcome)| match outcome.result {
            Some(Outcome::Resolution(resolution)) => {
                Ok(ResolutionLine::new(affiliation, resolution, shown, unnamed))
            }
            Some(Outcome::Error(error)) => Err(error.message),
            None => Err("the gateway gave no answer".to_owned()),
        });
    Ok(lines.collect())
}

/// A place that the answer itself does not name has no name here.
fn unnamed(_: GeonamesId) -> Option<NamedPlace> {
    None
}
