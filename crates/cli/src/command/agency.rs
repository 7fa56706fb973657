//! `khien agency`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use khien_app::use_case::register::{self, AgencySheet};
use khien_domain::agency::{Agency, AgencyKind, Appointment, Duty};
use khien_domain::code::AgencyCode;
use khien_domain::page::PageRequest;
use serde_json::{Value, json};

use crate::centre::{Place, block_on, caller, tell};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Register an agency
    Add(Box<Add>),
    /// List the agencies
    List(List),
}

#[derive(Args)]
pub(crate) struct Add {
    #[command(flatten)]
    place: Place,
    /// Its code: lower-case letters, digits and hyphens
    #[arg(long)]
    code: String,
    /// Its name in Vietnamese
    #[arg(long)]
    name: String,
    /// Its name in English
    #[arg(long)]
    name_en: Option<String>,
    /// The agency above it
    #[arg(long, value_name = "CODE")]
    parent: Option<String>,
    /// What it is
    #[arg(long, value_enum, default_value_t = Kind(AgencyKind::Government))]
    kind: Kind,
    /// Who heads it and answers for its cyber security
    #[arg(long, value_name = "NAME", required_unless_present = "out_of_scope")]
    head: Option<String>,
    /// The post of the head
    #[arg(long, value_name = "POST", default_value = "Thủ trưởng cơ quan")]
    head_post: String,
    /// Who stands in for the head
    #[arg(long, value_name = "NAME", required_unless_present = "out_of_scope")]
    deputy: Option<String>,
    /// The post of the deputy
    #[arg(long, value_name = "POST", default_value = "Phó Thủ trưởng cơ quan")]
    deputy_post: String,
    /// The number of the document that names both
    #[arg(long, value_name = "NUMBER", required_unless_present = "out_of_scope")]
    document: Option<String>,
    /// The day it was signed: 2026-01-31
    #[arg(long, value_name = "DAY", required_unless_present = "out_of_scope")]
    signed: Option<Date>,
    /// The last day on which it holds
    #[arg(long, value_name = "DAY", required_unless_present = "out_of_scope")]
    until: Option<Date>,
    /// Keep its name alone: a military body, whose systems are not for this register
    #[arg(long, conflicts_with_all = ["head", "deputy", "document", "signed", "until"])]
    out_of_scope: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The kinds of the register, as clap wants them.
#[derive(Clone, Copy)]
struct Kind(AgencyKind);

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [Kind; AgencyKind::ALL.len()] = {
            let mut all = [Kind(AgencyKind::ALL[0]); AgencyKind::ALL.len()];
            let mut at = 0;
            while at < all.len() {
                all[at] = Kind(AgencyKind::ALL[at]);
                at += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.name()))
    }
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Add(arguments) => block_on(add(*arguments)),
        Command::List(arguments) => block_on(list(arguments)),
    }
}

/// An agency as scripts read it.
fn object(agency: &Agency) -> Value {
    json!({
        "code": agency.code.as_str(),
        "name": agency.name_vi,
        "name_en": agency.name_en,
        "parent": agency.parent.as_ref().map(AgencyCode::as_str),
        "kind": agency.kind.name(),
        "in_scope": agency.in_scope,
    })
}

async fn add(arguments: Add) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let code = |text: &str| AgencyCode::new(text).with_context(|| format!("the code {text:?}"));
    let (code_of, kind) = (code(&arguments.code)?, arguments.kind.0);
    let (head_post, deputy_post) = (arguments.head_post, arguments.deputy_post);
    let of = |duty, holder: &Option<String>, post| {
        Some(Appointment {
            duty,
            holder: holder.clone()?,
            post,
            document: arguments.document.clone()?,
            signed: arguments.signed?,
            until: arguments.until?,
            // An account is let in for an agency that is there already.
            account: None,
        })
    };
    let both = [
        of(Duty::Head, &arguments.head, head_post),
        of(Duty::Deputy, &arguments.deputy, deputy_post),
    ];
    let appointments = both.into_iter().flatten().collect();
    let agency = Agency {
        name_en: arguments.name_en,
        parent: arguments.parent.as_deref().map(code).transpose()?,
        in_scope: !arguments.out_of_scope,
        ..Agency::new(code_of, arguments.name, kind, records.now())
    };
    let sheet = AgencySheet { agency, appointments, contacts: Vec::new() };
    let agency = register::add_agency(&records, &caller(), sheet).await?;
    let words = format!("{} ({})", agency.name_vi, agency.code);
    tell(arguments.json, &object(&agency), &words)
}

async fn list(arguments: List) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let mut agencies = Vec::new();
    let mut page = PageRequest::first();
    loop {
        let found = register::list_agencies(&records, &caller(), &page).await?;
        agencies.extend(found.items);
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    let words: Vec<String> = (agencies.iter())
        .map(|agency| format!("{:<20} {}", agency.code.as_str(), agency.name_vi))
        .collect();
    let list: Vec<Value> = agencies.iter().map(object).collect();
    tell(arguments.json, &json!(list), &words.join("\n"))
}
