//! `GET /systems/{code}`: a system; what belongs to it is on tabs.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_app::use_case::measure::{self, TypeShown};
use khien_app::use_case::register::{self as use_case, Links, across};
use khien_app::use_case::{UseError, alerts};
use khien_domain::alert::Alert;
use khien_domain::asset::{AssetKind, KeptAsset};
use khien_domain::code::SystemCode;
use khien_domain::host::{Host, HostName};
use khien_domain::page::PageRequest;
use khien_domain::paper::Form;
use khien_domain::permission::Permission;
use khien_domain::product::{Authority, Concern, Make, Marked};
use khien_domain::provider::{Escrow, Exit, KeptProvider};
use khien_domain::resource::KeptResource;
use khien_domain::site::Site;
use khien_domain::system::{DataCategory, Operator, Stage, System, Zone};

use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::papers::{self, Section};
use crate::console::posted::Fields;
use crate::console::register::{self, Health, Heard};
use crate::console::table::Table;
use crate::console::typed::{self, Typed};
use crate::console::visit::Visiting;

/// Open alerts that are shown.
const ALERTS: u32 = 10;
/// Hosts of a page.
const HOSTS: u32 = 200;
/// The tabs.
const TABS: [&str; 5] = ["profile", "links", "parts", "assets", "papers"];

/// One system.
#[derive(Template)]
#[template(path = "console/systems/detail.html")]
struct Detail {
    f: Frame,
    tab: &'static str,
    tabs: Vec<(String, String, bool)>,
    system: System,
    agency: String,
    operator: Option<(Option<String>, String)>,
    site: Option<Site>,
    confirmed: (String, &'static str),
    may_change: bool,
    hosts: Vec<Host>,
    next_href: Option<String>,
    sources: Vec<Heard>,
    types: Vec<TypeShown>,
    alerts: Vec<Alert>,
    open_alerts: u64,
    links: Links,
    providers: Vec<KeptProvider>,
    products: Vec<Marked>,
    assets: Vec<KeptAsset>,
    /// Names and addresses that stand in two zones.
    twice: Vec<String>,
    resources: Vec<KeptResource>,
    papers: Vec<Section>,
    sites: Vec<Site>,
    /// What was typed into one of its forms and refused.
    typed: Typed,
}

impl Detail {
    /// How many products something is to be said of.
    fn concerned(&self, concern: Concern) -> usize {
        self.products.iter().filter(|one| one.has(concern)).count()
    }

    /// Whether one of its products is of cryptography.
    fn has_cryptography(&self) -> bool {
        self.products.iter().any(|one| one.kept.product.is_cryptographic)
    }

    /// Whether nobody has said how to go on without a provider, and somebody has to.
    fn lacks_exit(&self, kept: &KeptProvider) -> bool {
        let level = i64::from(self.system.level.number());
        level >= self.f.exit_plan_level() && kept.provider.exit.plan.is_none()
    }

    /// How many providers the system cannot go on without.
    fn lacking(&self) -> usize {
        self.providers.iter().filter(|kept| self.lacks_exit(kept)).count()
    }

    /// Codes of what the system needs, as they are typed.
    fn needs(&self) -> String {
        let codes: Vec<&str> = self.links.needs.iter().map(|one| one.code.as_str()).collect();
        codes.join(" ")
    }

    fn are_twice(&self) -> bool {
        self.assets.iter().any(|kept| self.is_twice(kept))
    }

    fn is_twice(&self, kept: &KeptAsset) -> bool {
        let address = kept.asset.address.map(|address| address.to_string());
        self.twice
            .iter()
            .any(|mark| mark == kept.asset.name.as_str() || Some(mark) == address.as_ref())
    }
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let code = super::code(&text)?;
    if asked.some("form").is_some() {
        let f = Frame::of(&console, &visiting, Room::Systems).await?;
        let system = register::system(&console, &visiting, &code).await?;
        let hosts = all_hosts(&console, &visiting, &system).await?;
        return Ok(hosts_table(&f, &hosts).answer(&f, &asked));
    }
    show(&console, &visiting, &code, &asked, Typed::default()).await
}

/// The tab that is asked for, with what was typed into a form of it that was refused.
pub(super) async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    code: &SystemCode,
    asked: &Fields,
    typed: Typed,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let f = Frame::of(console, visiting, Room::Systems).await?;
    let system = register::system(console, visiting, code).await?;
    let path = format!("/systems/{}", system.code);
    let tab = TABS.into_iter().find(|tab| *tab == asked.text("tab")).unwrap_or(TABS[0]);
    let names = register::agency_names(console, visiting, &f).await?;
    let sites = use_case::list_sites(app, caller).await?;
    let filter = alerts::AlertFilter {
        not_closed: true,
        system: Some(system.code.clone()),
        ..alerts::AlertFilter::default()
    };
    let tabs = TABS.map(|one| {
        let value = if one == TABS[0] { "" } else { one };
        let href = address(&path, asked, &[("tab", value), ("after", "")]);
        (f.word("register-tab", one), href, one == tab)
    });
    let operator = match &system.operator {
        Operator::Owner => None,
        Operator::Agency(code) => {
            let name = names.get(code).cloned().unwrap_or_else(|| code.to_string());
            let href = names.contains_key(code).then(|| format!("/agencies/{code}"));
            Some((href, name))
        }
        Operator::Provider(name) => Some((None, name.clone())),
    };
    let asked_write = caller.actor.require(Permission::RegisterWrite, &system.agency);
    let mut page = Detail {
        tab,
        tabs: tabs.into(),
        agency: names.get(&system.agency).cloned().unwrap_or_default(),
        operator,
        site: sites.iter().find(|site| Some(&site.code) == system.site.as_ref()).cloned(),
        confirmed: f.confirmation(&system.confirmed_at),
        may_change: asked_write.map_err(UseError::Denied).is_ok(),
        open_alerts: alerts::count_alerts(app, caller, &filter).await?,
        hosts: Vec::new(),
        next_href: None,
        sources: Vec::new(),
        types: Vec::new(),
        alerts: Vec::new(),
        links: Links::default(),
        providers: use_case::list_providers(app, caller, Some(&system.code)).await?,
        products: across::products_of(app, caller, Some(&system.code)).await?,
        assets: Vec::new(),
        twice: Vec::new(),
        resources: Vec::new(),
        papers: Vec::new(),
        sites,
        system,
        typed,
        f,
    };
    let code = &page.system.code;
    match tab {
        "links" => page.links = use_case::links(app, caller, code).await?,
        "papers" => {
            let papers = use_case::papers::list_papers(app, caller, Some(code)).await?;
            let systems = register::systems(console, visiting).await?;
            page.papers = papers::sections(&page.f, papers, &systems);
            page.links = use_case::links(app, caller, code).await?;
        }
        "parts" => {}
        "assets" => {
            let all = use_case::zones::list_placed(app, caller).await?;
            let twice = khien_domain::asset::in_two_zones(&all).into_keys();
            let own = twice.filter(|(agency, _)| *agency == page.system.agency);
            page.twice = own.map(|(_, mark)| mark).collect();
            page.assets = use_case::list_assets(app, caller, Some(code)).await?;
            let resources = use_case::list_resources(app, caller).await?.into_iter();
            page.resources =
                resources.filter(|kept| kept.resource.system.as_ref() == Some(code)).collect();
        }
        _ => {
            let after = asked.some("after").and_then(HostName::new);
            let found =
                use_case::list_hosts(app, caller, code, &PageRequest::new(after, HOSTS)).await?;
            let next = found.next.as_ref().map(HostName::as_str);
            page.next_href = next.map(|next| address(&path, asked, &[("after", next)]));
            page.hosts = found.items;
            page.alerts = alerts::queue_alerts(app, caller, &filter, 0, ALERTS).await?.0;
            let sources = register::sources(console, visiting).await?.into_iter();
            page.sources = sources.filter(|heard| heard.source.system == *code).collect();
            page.types = measure::shown(app, caller, code).await?;
        }
    }
    let status = page.typed.status();
    typed::page(status, &page)
}

async fn all_hosts(
    console: &Arc<Console>,
    visiting: &Visiting,
    system: &System,
) -> Result<Vec<Host>, PageError> {
    let (mut hosts, mut page) = (Vec::new(), PageRequest::new(None, 500));
    loop {
        let found =
            use_case::list_hosts(&console.app, &visiting.caller, &system.code, &page).await?;
        hosts.extend(found.items);
        match found.next {
            Some(next) => page.after = Some(next),
            None => return Ok(hosts),
        }
    }
}

fn hosts_table(f: &Frame, hosts: &[Host]) -> Table {
    let at = |at: &Option<jiff::Timestamp>| at.as_ref().map_or_else(String::new, |at| f.iso(at));
    let rows = hosts.iter().map(|host| {
        vec![
            host.name.as_str().to_owned(),
            at(&host.registered_at),
            at(&host.first_seen_at),
            at(&host.last_seen_at),
        ]
    });
    Table {
        name: "hosts",
        columns: vec![
            ("host", f.t("column-host")),
            ("registered_at", f.t("register-registered-at")),
            ("first_seen_at", f.t("register-first-seen")),
            ("last_seen_at", f.t("register-last-seen")),
        ],
        rows: rows.collect(),
    }
}
