//! `/crypto/policy`: which algorithms may be used, until when, and at how many endpoints each is seen.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::crypto;
use khien_domain::algorithm::{AlgorithmPolicy, Rule, Use};

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::table::Table;
use crate::console::visit::Visiting;

#[derive(Template)]
#[template(path = "console/crypto/policy.html")]
struct Page {
    f: Frame,
    policy: &'static AlgorithmPolicy,
    /// What is used for what, with at how many endpoints it was seen.
    parts: Vec<(&'static str, Vec<(&'static Rule, usize)>)>,
}

impl Page {
    fn is_over(&self) -> bool {
        self.f.today() > self.policy.valid_to
    }

    fn names(&self, rule: &Rule) -> String {
        names(&self.f, rule)
    }

    fn called<'r>(&self, rule: &'r Rule) -> &'r str {
        rule.called(self.f.language())
    }
}

fn names(f: &Frame, rule: &Rule) -> String {
    let family = rule.family.as_ref().map(|family| match rule.below {
        Some(bits) => format!("{family}-…, {}", f.v("crypto-policy-below", "bits", bits)),
        None => format!("{family}-…"),
    });
    family.unwrap_or_else(|| rule.names.join(", "))
}

/// `GET /crypto/policy`
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Crypto).await?;
    let policy = crypto::policy()?;
    let states = crypto::list_endpoints(&console.app, &visiting.caller).await?;
    let count = |rule: &Rule| states.iter().filter(|state| state.uses(&rule.id)).count();
    if asked.some("form").is_some() {
        return Ok(table(&f, policy, count).answer(&f, &asked));
    }
    let parts = Use::ALL.iter().map(|of| {
        let rules = policy.rules.iter().filter(|rule| rule.of == *of);
        (of.name(), rules.map(|rule| (rule, count(rule))).collect())
    });
    let parts = parts.collect();
    frame::page(&Page { f, policy, parts })
}

fn table(f: &Frame, policy: &'static AlgorithmPolicy, count: impl Fn(&Rule) -> usize) -> Table {
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(String::new, |day| day.to_string());
    let rows = policy.rules.iter().map(|rule| {
        vec![
            rule.id.clone(),
            f.cell(rule.of.name(), f.word("crypto-use", rule.of.name())),
            rule.called(f.language()).to_owned(),
            names(f, rule),
            day(rule.new_until),
            day(rule.until),
            day(rule.sooner),
            rule.instead.clone().unwrap_or_default(),
            f.source(&rule.source),
            count(rule).to_string(),
        ]
    });
    Table {
        name: "crypto-policy",
        columns: vec![
            ("id", f.t("register-code")),
            ("use", f.t("crypto-policy-use")),
            ("algorithm", f.t("crypto-policy-rule")),
            ("names", f.t("crypto-policy-names")),
            ("new_until", f.t("crypto-policy-new")),
            ("until", f.t("crypto-policy-until")),
            ("sooner", f.t("crypto-policy-sooner")),
            ("instead", f.t("crypto-policy-instead")),
            ("source", f.t("crypto-policy-source")),
            ("seen", f.t("crypto-policy-seen")),
        ],
        rows: rows.collect(),
    }
}
