//! Agencies from a list: a row for each, with the head and the deputy that one document names.

use khien_domain::agency::{Agency, AgencyKind, Appointment, Duty};
use khien_domain::code::AgencyCode;
use khien_store::Tx;

use super::{NO_CODE, NotKept, Row, empty};
use crate::use_case::register::agencies::{AgencySheet, put_agency};
use crate::use_case::register::evidence::Teller;

/// What a row says of who answers for an agency.
const HEADS: [&str; 7] =
    ["head_name", "head_post", "deputy_name", "deputy_post", "document", "signed", "until"];

/// Keeps an agency, and answers whether it is new. A new one in the scope names its head and deputy; of a
/// known one they stay where the row says nothing, the others who answer for it stay in any case, and whoever
/// stays keeps the account.
pub(super) async fn keep(
    tx: &mut Tx,
    teller: &mut Teller,
    row: &mut Row<'_>,
) -> Result<bool, NotKept> {
    let code = row.must("code", NO_CODE, |text| AgencyCode::new(text).ok());
    let kind = row.one_of("kind", &AgencyKind::ALL, AgencyKind::name);
    let parent = row.read("parent", NO_CODE, |text| AgencyCode::new(text).ok());
    let in_scope = row.yes("in_scope");
    empty(row, &["name", "kind"]);
    let (Some(code), Some(kind)) = (code, kind) else { return Err(None) };
    let known = tx.find_agency(&code).await.map_err(|error| Some(error.into()))?;
    let before = tx.list_appointments(&code).await.map_err(|error| Some(error.into()))?;
    let is_in = in_scope.unwrap_or(known.as_ref().is_none_or(|agency| agency.in_scope));
    let says = HEADS.iter().any(|column| row.text(column).is_some());
    let appointments =
        if says || (is_in && before.is_empty()) { heads(row) } else { Some(Vec::new()) };
    let Some(mut appointments) = appointments.filter(|_| row.problems.is_empty()) else {
        return Err(None);
    };
    let name = row.text("name").unwrap_or_default().to_owned();
    let new = Agency::new(code, name, kind, teller.now);
    let base = known.clone().unwrap_or_else(|| new.clone());
    let agency = Agency {
        name_vi: new.name_vi,
        kind: new.kind,
        name_en: if row.has("name_en") {
            row.text("name_en").map(ToOwned::to_owned)
        } else {
            base.name_en.clone()
        },
        parent: if row.has("parent") { parent } else { base.parent.clone() },
        in_scope: is_in,
        ..base
    };
    let mut contacts = Vec::new();
    if says {
        for one in &mut appointments {
            let same = |was: &&Appointment| was.duty == one.duty && was.holder == one.holder;
            one.account = before.iter().find(same).and_then(|was| was.account.clone());
        }
        appointments.extend(before.iter().filter(|one| one.duty == Duty::Officer).cloned());
        if appointments.iter().all(|one| before.contains(one)) {
            appointments.clear();
        } else {
            let code = &agency.code;
            contacts = tx.list_contacts(code).await.map_err(|error| Some(error.into()))?;
        }
    }
    let is_new = known.is_none();
    let sheet = AgencySheet { agency, appointments, contacts };
    put_agency(tx, teller, sheet, known).await.map_err(Some)?;
    Ok(is_new)
}

/// The head and the deputy that a row names; what is missing is noted at its cell.
fn heads(row: &mut Row<'_>) -> Option<Vec<Appointment>> {
    if !HEADS.iter().any(|column| row.has(column)) {
        let columns = HEADS.join(", ");
        row.wrong(
            "code",
            format!("an agency names its head and deputy: add the columns {columns}"),
        );
        return None;
    }
    empty(row, &HEADS);
    let (signed, until) = (row.day("signed"), row.day("until"));
    let (signed, until) = (signed?, until?);
    let text = |column| row.text(column).map(ToOwned::to_owned);
    let of = |duty, holder, post| {
        Some(Appointment {
            duty,
            holder: text(holder)?,
            post: text(post)?,
            document: text("document")?,
            signed,
            until,
            account: None,
        })
    };
    let both =
        [of(Duty::Head, "head_name", "head_post"), of(Duty::Deputy, "deputy_name", "deputy_post")];
    both.into_iter().collect()
}
