//! `khien account`

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use khien_app::use_case::people::{self, Invitation};
use khien_domain::account::policy::AccessPack;
use khien_domain::account::{NewPerson, Person, Role, UserName};
use khien_domain::code::AgencyCode;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use serde_json::{Value, json};

use crate::centre::{Place, block_on, caller, tell, token_bytes};

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
        made.expires_at.strftime("%d/%m/%Y %H:%M UTC"),
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
    };
    let random = token_bytes()?;
    let made = people::add_person(&records, &pack()?, &caller(), new, &random).await?;
    tell_invitation(arguments.json, &made)
}

async fn list(arguments: List) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let (mut told, mut words) = (Vec::new(), Vec::new());
    let mut page = PageRequest::new(None, 500);
    loop {
        let found = people::list_people(&records, &caller(), &page).await?;
        for person in &found.items {
            told.push(object(person));
            let standing = match (person.disabled_at, person.has_password) {
                (Some(_), _) => "disabled",
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
