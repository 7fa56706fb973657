//! `/sites`: where servers stand, `/assets` and `/resources`: all that the agencies have, and
//! `/equipment`: what a centre must have at least.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use jiff::Timestamp;
use khien_app::use_case::register as use_case;
use khien_domain::asset::{AssetKind, KeptAsset};
use khien_domain::code::{AgencyCode, EquipmentCode, SiteCode, SystemCode};
use khien_domain::discovered::{DiscoveredHost, Standing};
use khien_domain::equipment::Equipment;
use khien_domain::host::{Host, HostName};
use khien_domain::index::ratio;
use khien_domain::permission::Permission;
use khien_domain::resource::{KeptResource, ResourceKind};
use khien_domain::site::Site;
use khien_domain::system::Zone;

use super::Console;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::narrow::{Bar, Narrow};
use super::posted::Posted;
use super::register::{self, Choice, typed, typed_day_or};
use super::table::{Part, Table};
use super::visit::Visiting;
use super::zones::in_two_networks;

/// The sites.
#[derive(Template)]
#[template(path = "console/systems/sites.html")]
struct Sites {
    f: Frame,
    rows: Vec<(Site, usize)>,
    /// Servers of which nobody said where they stand.
    unknown: usize,
    /// Servers that stand in places fit for them, of all.
    fit: (usize, usize),
    kinds: Vec<(&'static str, &'static str)>,
}

impl Sites {
    /// The share of servers in places fit for them.
    fn share(&self) -> String {
        let (fit, all) = self.fit;
        let share = ratio::fraction(fit as u64 * 100, all as u64);
        format!("{}%", self.f.decimal(ratio::cut(&share, 1)))
    }
}

/// `GET /sites`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let f = Frame::of(&console, &visiting, Room::Systems).await?;
    let sites = use_case::list_sites(app, caller).await?;
    let assets = use_case::list_assets(app, caller, None).await?;
    let servers = |site: Option<&SiteCode>| {
        let at = |kept: &&KeptAsset| {
            kept.asset.kind == AssetKind::Server && kept.asset.site.as_ref() == site
        };
        assets.iter().filter(at).count()
    };
    let rows: Vec<(Site, usize)> =
        sites.into_iter().map(|site| (site.clone(), servers(Some(&site.code)))).collect();
    if asked.some("form").is_some() {
        let cells = rows.into_iter().map(|(site, servers)| {
            vec![
                site.code.to_string(),
                site.name,
                f.cell(&site.kind, f.site_kind(&site.kind)),
                site.standard.unwrap_or_default(),
                site.until.map_or_else(String::new, |day| day.to_string()),
                servers.to_string(),
                site.plan.unwrap_or_default(),
                site.plan_by.map_or_else(String::new, |day| day.to_string()),
            ]
        });
        let columns = [
            ("code", "register-code"),
            ("name", "register-name"),
            ("kind", "register-kind"),
            ("standard", "register-standard"),
            ("until", "register-until"),
            ("servers", "register-servers"),
            ("plan", "register-site-plan"),
            ("plan_by", "register-site-plan-by"),
        ];
        let columns = columns.map(|(name, title)| (name, f.t(title))).into();
        return Ok(Table { name: "sites", columns, rows: cells.collect() }.answer(&f, &asked));
    }
    let (unknown, kinds) = (servers(None), f.site_kinds());
    let today = f.today();
    let known: usize = rows.iter().map(|(_, servers)| servers).sum();
    let qualified = rows.iter().filter(|(site, _)| site.is_qualified(today));
    let fit = (qualified.map(|(_, servers)| servers).sum(), known + unknown);
    frame::page(&Sites { f, rows, unknown, fit, kinds })
}

/// `POST /sites`: registers a site, or changes the one of its code.
pub(super) async fn put(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = SiteCode::new(fields.text("code").trim());
    let site = Site {
        code: code.map_err(|wrong| PageError::invalid(wrong.to_string()))?,
        name: fields.text("name").to_owned(),
        kind: fields.text("kind").to_owned(),
        standard: typed(&fields, "standard"),
        until: typed_day_or(&fields, "until").map_err(PageError::invalid)?,
        plan: typed(&fields, "plan"),
        plan_by: typed_day_or(&fields, "plan_by").map_err(PageError::invalid)?,
    };
    use_case::put_site(&console.app, &visiting.caller, site).await?;
    Ok(Redirect::to("/sites?done=site-kept").into_response())
}

/// The assets.
#[derive(Template)]
#[template(path = "console/systems/assets.html")]
struct Assets {
    f: Frame,
    /// Each with the names of its system and its agency.
    rows: Vec<(KeptAsset, String, String)>,
    part: Part,
    twice: Vec<(String, Vec<String>)>,
    bar: Bar,
}

/// `GET /assets`
pub(super) async fn assets(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Systems).await?;
    let all = use_case::list_assets(&console.app, &visiting.caller, None).await?;
    let twice = in_two_networks(&console, &visiting, &f).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let systems = register::systems(&console, &visiting).await?;
    let by_code: BTreeMap<_, _> =
        systems.iter().map(|one| (&one.code, one.name.as_str())).collect();
    let [kind, zone, system] = ["kind", "zone", "system"].map(|name| asked.text(name));
    let narrow = Narrow::of(&asked);
    let is_shown = |kept: &KeptAsset| {
        let one = &kept.asset;
        let texts = [
            Some(one.name.as_str().to_owned()),
            Some(one.system.to_string()),
            by_code.get(&one.system).map(|name| (*name).to_owned()),
            one.site.as_ref().map(SiteCode::to_string),
            one.address.map(|address| address.to_string()),
        ];
        (kind.is_empty() || one.kind.name() == kind)
            && (zone.is_empty() || one.zone.name() == zone)
            && (system.is_empty() || one.system.as_str() == system)
            && narrow.takes(&kept.agency, texts.into_iter().flatten())
    };
    let rows: Vec<KeptAsset> = all.into_iter().filter(is_shown).collect();
    if asked.some("form").is_some() {
        let cells = rows.into_iter().map(|kept| {
            let asset = kept.asset;
            vec![
                asset.system.to_string(),
                asset.name.as_str().to_owned(),
                f.cell(asset.kind.name(), f.word("register-asset", asset.kind.name())),
                f.cell(asset.zone.name(), f.zone(&asset.zone)),
                asset.site.map_or_else(String::new, |site| site.to_string()),
                asset.address.map_or_else(String::new, |address| address.to_string()),
            ]
        });
        let columns = [
            ("system", "alerts-system"),
            ("name", "register-name"),
            ("kind", "register-kind"),
            ("zone", "register-zone"),
            ("site", "register-site"),
            ("address", "register-address"),
        ];
        let columns = columns.map(|(name, title)| (name, f.t(title))).into();
        return Ok(Table { name: "assets", columns, rows: cells.collect() }.answer(&f, &asked));
    }
    let (part, rows) = Part::of(rows, "/assets", &asked);
    let named = rows.into_iter().map(|kept| {
        let system = by_code.get(&kept.asset.system).map(|name| (*name).to_owned());
        let agency = names.get(&kept.agency).cloned().unwrap_or_default();
        (kept, system.unwrap_or_default(), agency)
    });
    let rows = named.collect();
    let of_agency = systems.iter().filter(|one| narrow.is_of(&one.agency));
    let of_agency = of_agency.map(|one| (one.code.to_string(), one.name.clone()));
    let kinds = AssetKind::ALL
        .iter()
        .map(|one| (one.name().to_owned(), f.word("register-asset", one.name())));
    let zones = Zone::ALL.iter().map(|one| (one.name().to_owned(), f.zone(one).to_owned()));
    let any = |id: &str| [(String::new(), f.t(id))];
    let choices = vec![
        Choice::new(
            "system",
            f.t("alerts-system"),
            system,
            any("register-any-system").into_iter().chain(of_agency),
        ),
        Choice::new(
            "kind",
            f.t("register-kind"),
            kind,
            any("register-any-kind").into_iter().chain(kinds),
        ),
        Choice::new(
            "zone",
            f.t("register-zone"),
            zone,
            any("register-any-zone").into_iter().chain(zones),
        ),
    ];
    let bar = narrow.bar(&f, &asked, &names, choices);
    frame::page(&Assets { f, rows, part, twice, bar })
}

/// The minimum equipment.
#[derive(Template)]
#[template(path = "console/systems/equipment.html")]
struct Needed {
    f: Frame,
    /// Each with how many of its assets are registered.
    rows: Vec<(Equipment, u32)>,
    /// How many rows lack something.
    lacking: usize,
}

/// `GET /equipment`
pub(super) async fn equipment(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Systems).await?;
    let rows = use_case::list_equipment(&console.app, &visiting.caller).await?;
    if asked.some("form").is_some() {
        let cells = rows.into_iter().map(|(row, registered)| {
            let assets: Vec<&str> = row.assets.iter().map(HostName::as_str).collect();
            let (has, gap) = (row.has(registered), row.gap(registered));
            vec![
                row.code.to_string(),
                row.name,
                row.needed.to_string(),
                row.owned.to_string(),
                assets.join(" "),
                has.to_string(),
                gap.to_string(),
                row.note.unwrap_or_default(),
            ]
        });
        let columns = ["code", "name", "required", "owned", "assets", "has", "gap", "note"];
        let columns = columns.map(|name| (name, f.word("register", name))).into();
        return Ok(Table { name: "equipment", columns, rows: cells.collect() }.answer(&f, &asked));
    }
    let lacking = rows.iter().filter(|(row, registered)| row.gap(*registered) > 0).count();
    frame::page(&Needed { f, rows, lacking })
}

/// `POST /equipment/{code}/remove`
pub(super) async fn remove_equipment(
    State(console): State<Arc<Console>>,
    Path(code): Path<String>,
    Posted { visiting, .. }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = EquipmentCode::new(&code).map_err(|wrong| PageError::invalid(wrong.to_string()))?;
    use_case::remove_equipment(&console.app, &visiting.caller, &code).await?;
    Ok(Redirect::to("/equipment").into_response())
}

/// The resources.
#[derive(Template)]
#[template(path = "console/systems/resources.html")]
struct Resources {
    f: Frame,
    rows: Vec<(KeptResource, String)>,
    part: Part,
    chips: Vec<(String, String, bool)>,
    bar: Bar,
    /// Open hosts that certificates name, with the name of their agency.
    discovered: Vec<(DiscoveredHost, String)>,
    /// Hosts in events that nobody registered, with the name of their agency.
    seen: Vec<(Host, String)>,
    /// Hosts that certificates name and that somebody settled.
    settled: usize,
}

impl Resources {
    /// From when to when the newest certificate for a host holds.
    fn issued(&self, host: &DiscoveredHost) -> String {
        let day =
            |at: &Option<Timestamp>| at.as_ref().map_or_else(|| "…".into(), |at| self.f.day(at));
        format!("{} – {}", day(&host.certificate.issued_at), day(&host.certificate.until))
    }
}

/// `GET /resources`
pub(super) async fn resources(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Agencies).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let all = use_case::list_resources(&console.app, &visiting.caller).await?;
    let state = asked.text("state");
    let narrow = Narrow::of(&asked);
    let is_shown = |kept: &KeptResource| {
        let one = &kept.resource;
        let system = one.system.as_ref().map(SystemCode::as_str);
        let is_of_state = match state {
            "" => true,
            "ending" => ["bad-word", "mid-word"].contains(&f.lapse_or(&one.until)),
            kind => one.kind.name() == kind,
        };
        is_of_state
            && narrow.takes(&one.agency, [Some(one.value.as_str()), system].into_iter().flatten())
    };
    let rows = all.into_iter().filter(is_shown).map(|kept| {
        let name = names.get(&kept.resource.agency).cloned().unwrap_or_default();
        (kept, name)
    });
    let rows: Vec<(KeptResource, String)> = rows.collect();
    if asked.some("form").is_some() {
        let cells = rows.into_iter().map(|(kept, _)| {
            let resource = kept.resource;
            let kind = resource.kind.name();
            vec![
                resource.agency.to_string(),
                resource.system.map_or_else(String::new, |system| system.to_string()),
                f.cell(kind, f.word("register-resource", kind)),
                resource.value,
                resource.until.map_or_else(String::new, |day| day.to_string()),
            ]
        });
        let columns = [
            ("agency", "alerts-agency"),
            ("system", "alerts-system"),
            ("kind", "register-kind"),
            ("value", "register-value"),
            ("until", "register-until"),
        ];
        let columns = columns.map(|(name, title)| (name, f.t(title))).into();
        return Ok(Table { name: "resources", columns, rows: cells.collect() }.answer(&f, &asked));
    }
    let kinds = ResourceKind::ALL.iter().map(|one| one.name());
    let chips = ["", "ending"].into_iter().chain(kinds).map(|one| {
        let word = if one.is_empty() { "all" } else { one };
        let href = address("/resources", &asked, &[("state", one), ("page", "")]);
        (f.word("register-resource", word), href, one == state)
    });
    let chips = chips.collect();
    let name = |agency: &AgencyCode| names.get(agency).cloned().unwrap_or_default();
    let found = use_case::list_unregistered(&console.app, &visiting.caller).await?;
    let all = found.by_certificate.len();
    let open = found.by_certificate.into_iter().filter(|one| one.standing == Standing::Open);
    let discovered: Vec<_> = open.map(|one| (name(&one.agency), one)).collect();
    let settled = all - discovered.len();
    let discovered = discovered.into_iter().map(|(name, one)| (one, name)).collect();
    let seen = found.in_events.into_iter().map(|one| (name(&one.agency), one));
    let seen = seen.map(|(name, one)| (one, name)).collect();
    let (part, rows) = Part::of(rows, "/resources", &asked);
    let bar = narrow.bar(&f, &asked, &names, Vec::new());
    frame::page(&Resources { f, rows, part, chips, bar, discovered, seen, settled })
}
