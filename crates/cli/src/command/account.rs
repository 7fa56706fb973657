//! `khien account`

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::Offset;
use khien_app::use_case::people::{self, Invitation};
use khien_app::use_case::personnel::{self, MAX_PERSONNEL_BYTES, Report};
use khien_domain::account::policy::AccessPack;
use khien_domain::account::{NewPerson, Person, Role, UserName};
use khien_domain::code::AgencyCode;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use serde_json::{Value, json};

use super::findings::read;
use crate::centre::{Place, block_on, caller, tell, token_bytes};

/// The zone in which days begin and end.
const ZONE: Offset = Offset::constant(7);

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Let somebody in: prints the address at which they set their password; it is shown this once
    Add(Add),
    /// List the people
    List(List),
    /// Invite somebody anew who lost the address or forgot the password
    Invite(Invite),
    /// Let somebody in no more and end their sessions
    Disable(One),
    /// Let somebody in again
    Enable(One),
    /// Set the last day of somebody, or lift it: they are let in until it is over
    LastDay(LastDay),
    /// Compare the accounts with a personnel list, CSV or XLSX
    Compare(Compare),
}

#[derive(Args)]
pub(crate) struct Add {
    #[command(flatten)]
    place: Place,
    /// Under which name they sign in
    name: String,
    /// What they do
    #[arg(long, value_parser = role)]
    role: Role,
    /// How they are called
    #[arg(long, value_name = "NAME")]
    called: String,
    /// In which agencies; in all if none is given
    #[arg(long = "agency", value_name = "CODE")]
    agencies: Vec<String>,
    /// Their own agency, about which they decide nothing: for an appraiser it must be named
    #[arg(long, value_name = "CODE")]
    home: Option<String>,
    /// Their last day: they are let in until it is over
    #[arg(long, value_name = "YYYY-MM-DD")]
    until: Option<Date>,
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

#[derive(Args)]
pub(crate) struct Invite {
    #[command(flatten)]
    place: Place,
    /// Under which name they sign in
    name: String,
    /// Forget their authenticator, recovery codes and passkeys too, and end their sessions
    #[arg(long)]
    forget_factors: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct One {
    #[command(flatten)]
    place: Place,
    /// Under which name they sign in
    name: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct LastDay {
    #[command(flatten)]
    place: Place,
    /// Under which name they sign in
    name: String,
    /// The day; none lifts it
    #[arg(value_name = "YYYY-MM-DD")]
    day: Option<Date>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Compare {
    #[command(flatten)]
    place: Place,
    /// The list: accounts, agencies, and last days or states
    file: PathBuf,
    /// Let those who have left in no more
    #[arg(long)]
    disable: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The exit code of a list that cannot be read in full, or of which somebody who left can still sign in.
const FAULTY: u8 = 3;

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| {
        let names: Vec<&str> = Role::ALL.into_iter().map(Role::name).collect();
        format!("a role is one of {}", names.join(", "))
    })
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Add(arguments) => block_on(add(arguments)),
        Command::List(arguments) => block_on(list(arguments)),
        Command::Invite(arguments) => block_on(invite(arguments)),
        Command::Disable(arguments) => block_on(disable(arguments, true)),
        Command::Enable(arguments) => block_on(disable(arguments, false)),
        Command::LastDay(arguments) => block_on(last_day(arguments)),
        Command::Compare(arguments) => block_on(compare(arguments)),
    }
}

fn user_name(text: &str) -> Result<UserName> {
    UserName::new(text).with_context(|| format!("the name {text:?}"))
}

fn pack() -> Result<AccessPack> {
    AccessPack::parse(AccessPack::BUILT_IN).context("the pack of access cannot be read")
}

/// Somebody as scripts read it.
fn object(person: &Person) -> Value {
    let agencies: Option<Vec<&str>> = match &person.about.agencies {
        AgencyScope::All => None,
        AgencyScope::Only(codes) => Some(codes.iter().map(AgencyCode::as_str).collect()),
    };
    json!({
        "name": person.about.name.as_str(),
        "called": person.about.called,
        "role": person.about.role.name(),
        "agencies": agencies,
        "home": person.about.home.as_ref().map(AgencyCode::as_str),
        "created_at": person.about.created_at.to_string(),
        "has_password": person.has_password,
        "has_authenticator": person.has_totp,
        "passkeys": person.passkeys,
        "until": person.about.until.map(|day| day.to_string()),
        "disabled_at": person.disabled_at.map(|at| at.to_string()),
    })
}

fn tell_invitation(json: bool, made: &Invitation) -> Result<ExitCode> {
    let path = format!("/invitation/{}", made.text);
    let mut told = object(&made.person);
    told["invitation"] = json!(path);
    told["invitation_expires_at"] = json!(made.expires_at.to_string());
    let words = format!(
        "{} ({})\n{path}\nopen it at the centre's address to set a password: it is not shown again, \
         and ends {}",
        made.person.about.name,
        made.person.about.role.name(),
        ZONE.to_datetime(made.expires_at).strftime("%d/%m/%Y %H:%M (UTC+7)"),
    );
    tell(json, &told, &words)
}

async fn add(arguments: Add) -> Result<ExitCode> {
    let codes = arguments.agencies.iter();
    let codes = codes
        .map(|code| AgencyCode::new(code).with_context(|| format!("the agency {code:?}")))
        .collect::<Result<BTreeSet<_>>>()?;
    let agencies = if codes.is_empty() { AgencyScope::All } else { AgencyScope::Only(codes) };
    let home = arguments.home.as_ref();
    let home =
        home.map(|code| AgencyCode::new(code).with_context(|| format!("the agency {code:?}")));
    let home = home.transpose()?;
    let name = user_name(&arguments.name)?;
    let records = arguments.place.records().await?;
    let new = NewPerson {
        name,
        called: arguments.called,
        role: arguments.role,
        agencies,
        home,
        created_at: records.now(),
        until: arguments.until,
    };
    let random = token_bytes()?;
    let made = people::add_person(&records, &pack()?, &caller(), new, &random).await?;
    tell_invitation(arguments.json, &made)
}

async fn list(arguments: List) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let (mut told, mut words) = (Vec::new(), Vec::new());
    let today = ZONE.to_datetime(records.now()).date();
    let mut page = PageRequest::new(None, 500);
    loop {
        let found = people::list_people(&records, &caller(), &page).await?;
        for person in &found.items {
            told.push(object(person));
            let standing = match (person.disabled_at, person.has_password) {
                (Some(_), _) => "disabled",
                (None, _) if !person.is_let_in(today) => "left",
                (None, true) => "active",
                (None, false) => "invited",
            };
            let agencies = match &person.about.agencies {
                AgencyScope::All => "all".to_owned(),
                AgencyScope::Only(codes) => {
                    codes.iter().map(AgencyCode::as_str).collect::<Vec<_>>().join(",")
                }
            };
            let (name, role) = (person.about.name.as_str(), person.about.role.name());
            let called = &person.about.called;
            words.push(format!("{name:<20} {role:<13} {standing:<8} {agencies:<16} {called}"));
        }
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    if words.is_empty() {
        words.push(
            "nobody is there yet: khien account add NAME --role administrator --called \"…\""
                .to_owned(),
        );
    }
    tell(arguments.json, &json!(told), &words.join("\n"))
}

async fn invite(arguments: Invite) -> Result<ExitCode> {
    let name = user_name(&arguments.name)?;
    let records = arguments.place.records().await?;
    let (forget, random) = (arguments.forget_factors, token_bytes()?);
    let made = people::invite_again(&records, &pack()?, &caller(), &name, forget, &random).await?;
    tell_invitation(arguments.json, &made)
}

async fn disable(arguments: One, disabled: bool) -> Result<ExitCode> {
    let name = user_name(&arguments.name)?;
    let records = arguments.place.records().await?;
    let person = people::disable_person(&records, &caller(), &name, disabled).await?;
    let word = if disabled { "is let in no more" } else { "is let in again" };
    tell(arguments.json, &object(&person), &format!("{name} {word}"))
}

async fn last_day(arguments: LastDay) -> Result<ExitCode> {
    let name = user_name(&arguments.name)?;
    let records = arguments.place.records().await?;
    let person = people::set_last_day(&records, &caller(), &name, arguments.day).await?;
    let words = match arguments.day {
        Some(day) => format!("{name} is let in until {day} is over"),
        None => format!("{name} has no last day"),
    };
    tell(arguments.json, &object(&person), &words)
}

async fn compare(arguments: Compare) -> Result<ExitCode> {
    let bytes = read(&arguments.file, MAX_PERSONNEL_BYTES)?;
    let name = arguments.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let records = arguments.place.records().await?;
    let list = (name.as_str(), bytes.as_slice());
    let report = personnel::compare(&records, &pack()?, &caller(), list, arguments.disable).await?;
    let Report { comparison, disabled, kept, problems } = &report;
    let names = |all: &[UserName]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    let left = comparison.left.iter().map(
        |(name, day)| json!({"account": name.as_str(), "last_day": day.map(|day| day.to_string())}),
    );
    let elsewhere = comparison
        .elsewhere
        .iter()
        .map(|(name, agency)| json!({"account": name.as_str(), "agency": agency.as_str()}));
    let object = json!({
        "left": left.collect::<Vec<_>>(),
        "unlisted": names(&comparison.unlisted),
        "without_account": names(&comparison.without),
        "elsewhere": elsewhere.collect::<Vec<_>>(),
        "agreeing": comparison.agreeing,
        "disabled": names(disabled),
        "kept": kept.iter().map(|(name, why)| json!({"account": name.as_str(), "reason": why}))
            .collect::<Vec<_>>(),
        "problems": problems.iter().map(|(place, what)| json!({"place": place, "what": what}))
            .collect::<Vec<_>>(),
    });
    tell(arguments.json, &object, &words(&report, arguments.disable))?;
    let is_faulty = !problems.is_empty() || disabled.len() < comparison.left.len();
    Ok(if is_faulty { ExitCode::from(FAULTY) } else { ExitCode::SUCCESS })
}

fn words(report: &Report, disable: bool) -> String {
    let Report { comparison, disabled, kept, problems } = report;
    let mut lines: Vec<String> =
        problems.iter().map(|(at, what)| format!("{at}: {what}")).collect();
    if !problems.is_empty() && disable {
        lines.push("nobody was disabled: the list cannot be read in full".to_owned());
    }
    for (name, day) in &comparison.left {
        let day = day.map_or_else(String::new, |day| format!(", last day {day}"));
        let end = match kept.iter().find(|(kept, _)| kept == name) {
            Some((_, why)) => format!("not disabled: {why}"),
            None if disabled.contains(name) => "disabled".to_owned(),
            None => "can still sign in".to_owned(),
        };
        lines.push(format!("{name}: has left{day}; {end}"));
    }
    let elsewhere = comparison.elsewhere.iter();
    lines.extend(elsewhere.map(|(name, agency)| format!("{name}: works at {agency} by the list")));
    let unlisted = comparison.unlisted.iter();
    lines.extend(unlisted.map(|name| format!("{name}: has an account and is not in the list")));
    let without = comparison.without.iter();
    lines.extend(without.map(|name| format!("{name}: is in the list and has no account")));
    lines.push(format!("{} agree", comparison.agreeing));
    lines.join("\n")
}
