//! The log sources of Windows events, by channel or provider and event id.

use rustc_hash::FxHashMap;

use super::derive::{Derive, derivations};
use super::{LogSource, PackError, Packs, Route, RouteId, WINDOWS, entries, label, member};
use crate::symbols::{Sym, Symbols};
use crate::yaml::Node;

/// The routes of a channel or provider.
#[derive(Clone, Debug, Default)]
pub(super) struct ByEvent {
    pub(super) other: RouteId,
    pub(super) of: FxHashMap<u64, RouteId>,
}

impl Packs {
    /// Reads the `windows` section.
    pub(super) fn load_windows(
        &mut self,
        windows: &Node<'_>,
        symbols: &mut Symbols,
    ) -> Result<(), PackError> {
        const PACK: &str = "logsources.yml";
        let mut services: FxHashMap<String, Vec<String>> = FxHashMap::default();
        for (service, channels) in entries(PACK, windows, "services")? {
            for channel in channels.strings() {
                let list = services.entry(channel.to_lowercase()).or_default();
                list.push(service.as_str().unwrap_or_default().to_owned());
            }
        }
        for (channel, kind) in entries(PACK, windows, "others")? {
            let derive = kind.get("fields").map(|fields| derivations(fields, symbols));
            let derive = derive.transpose()?.unwrap_or_default();
            let labels = kind.get("labels").and_then(Node::as_list).unwrap_or_default();
            self.routes.push(Route { labels: labels.iter().map(label).collect(), derive });
            let by_event = ByEvent { other: self.routes.len() - 1, of: FxHashMap::default() };
            let channel = channel.as_str().unwrap_or_default().to_lowercase();
            self.channels.insert(channel, by_event);
        }
        for (channel, services) in &services {
            let labels =
                services.iter().flat_map(|s| windows_route(None, Some(s)).labels).collect();
            self.routes.push(Route { labels, derive: Vec::new() });
            let by_event = ByEvent { other: self.routes.len() - 1, of: FxHashMap::default() };
            self.channels.insert(channel.clone(), by_event);
        }
        let categories = member(PACK, windows, "categories")?.as_list().unwrap_or_default();
        for entry in categories {
            let expected = |expected| PackError::Shape { pack: PACK, line: entry.line, expected };
            let category = entry.get_str("category").ok_or_else(|| expected("a category"))?;
            let ids = entry.get("event_ids").map(Node::strings).unwrap_or_default();
            let derive = match entry.get("fields") {
                Some(fields) => derivations(fields, symbols)?,
                None => Vec::new(),
            };
            let places = |key| entry.get(key).map(Node::strings).unwrap_or_default();
            for id in ids.iter().filter_map(|id| id.parse::<u64>().ok()) {
                for channel in places("channels") {
                    let channel = channel.to_lowercase();
                    let of_channel = services.get(&channel).cloned().unwrap_or_default();
                    let place = self.channels.entry(channel).or_insert_with(windows_place);
                    add_category(&mut self.routes, place, id, category, &of_channel, &derive);
                }
                for provider in places("providers") {
                    let place =
                        self.providers.entry(provider.to_lowercase()).or_insert_with(windows_place);
                    add_category(&mut self.routes, place, id, category, &[], &derive);
                }
            }
        }
        Ok(())
    }
}

/// A route with one label.
pub(super) fn windows_route(category: Option<&str>, service: Option<&str>) -> Route {
    let label = LogSource {
        product: Some("windows".into()),
        category: category.map(str::to_owned),
        service: service.map(str::to_owned),
    };
    Route { labels: vec![label], derive: Vec::new() }
}

fn windows_place() -> ByEvent {
    ByEvent { other: WINDOWS, of: FxHashMap::default() }
}

/// Gives events `id` of a place one more category, beside those they have.
fn add_category(
    routes: &mut Vec<Route>,
    place: &mut ByEvent,
    id: u64,
    category: &str,
    services: &[String],
    derive: &[Derive],
) {
    let own = *place.of.entry(id).or_insert_with(|| {
        routes.push(Route::default());
        routes.len() - 1
    });
    let Some(route) = routes.get_mut(own) else { return };
    if services.is_empty() {
        route.labels.extend(windows_route(Some(category), None).labels);
    }
    for service in services {
        route.labels.extend(windows_route(Some(category), Some(service)).labels);
    }
    let known: Vec<Sym> = route.derive.iter().map(|derive| derive.to).collect();
    route.derive.extend(derive.iter().filter(|new| !known.contains(&new.to)).cloned());
}
