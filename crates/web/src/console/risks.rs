//! `/risks`: the risks of the agencies, one with its history, and what the money of a year does about them.

pub(super) mod change;
pub(super) mod detail;
pub(super) mod export;
pub(super) mod list;
pub(super) mod spend;

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use khien_app::use_case::risks;
use khien_domain::budget::amount;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::risk::{
    AssetName, Between, ControlName, Degree, Estimate, Expected, Loss, LossError, Rating, Risk,
    RiskAbout, RiskCode, RiskPack, RiskState, Standing, Treatment,
};
use khien_domain::spend::Outlook;

use super::error::PageError;
use super::frame::Frame;
use super::narrow::Narrow;
use super::posted::Fields;
use super::typed::Mistakes;

/// What the list shows, as the address says it.
struct Filter {
    narrow: Narrow,
    /// What systems are called.
    systems: BTreeMap<SystemCode, String>,
    rating: Option<Rating>,
    /// One of the states; all without one.
    state: Option<&'static str>,
    is_overdue: bool,
    at: Option<Estimate>,
}

impl Filter {
    fn of(asked: &Fields, systems: BTreeMap<SystemCode, String>) -> Self {
        let number = |name| asked.text(name).parse().ok().and_then(Degree::new);
        let state = match asked.text("state") {
            "all" => None,
            name => RiskState::NAMES.into_iter().find(|known| *known == name).or(Some("open")),
        };
        let at = number("likelihood").zip(number("impact"));
        Self {
            narrow: Narrow::of(asked),
            systems,
            rating: Rating::parse(asked.text("rating")),
            state,
            is_overdue: asked.text("overdue") == "1",
            at: at.map(|(likelihood, impact)| Estimate { likelihood, impact }),
        }
    }

    /// Whether it lets a risk through, its state aside.
    fn takes_any_state(&self, risk: &Risk, pack: &RiskPack, today: Date) -> bool {
        self.says(risk)
            && self.rating.is_none_or(|rating| rating == risk.rating(pack))
            && self.at.is_none_or(|at| at == risk.about.inherent)
            && (!self.is_overdue || risk.is_overdue(today))
    }

    fn says(&self, risk: &Risk) -> bool {
        let (about, system) = (&risk.about, risk.about.system.as_ref());
        let texts = [risk.code.as_str(), &about.threat, &about.scenario, &about.owner];
        let system = system
            .map(SystemCode::as_str)
            .into_iter()
            .chain(system.and_then(|code| self.systems.get(code)).map(String::as_str));
        let asset = about.asset.as_ref().map(ToString::to_string);
        let named: Vec<String> =
            about.controls.iter().map(ToString::to_string).chain(asset).collect();
        let named = named.iter().map(String::as_str);
        self.narrow.takes(&risk.agency, texts.into_iter().chain(system).chain(named))
    }

    fn takes(&self, risk: &Risk, pack: &RiskPack, today: Date) -> bool {
        self.state.is_none_or(|state| state == risk.state.name())
            && self.takes_any_state(risk, pack, today)
    }

    /// The risks that are shown: the gravest first, of these what is overdue, then by day.
    fn shown<'r>(&self, all: &'r [Risk], pack: &RiskPack, today: Date) -> Vec<&'r Risk> {
        let mut shown: Vec<_> = all.iter().filter(|risk| self.takes(risk, pack, today)).collect();
        shown.sort_by_key(|risk| {
            let is_overdue = risk.is_overdue(today);
            (Reverse(risk.rating(pack)), Reverse(is_overdue), risk.about.due)
        });
        shown
    }
}

impl Frame {
    /// A rating in words.
    pub(super) fn rating(&self, rating: impl Borrow<Rating>) -> String {
        self.word("severity", rating.borrow().name())
    }

    /// The class of how a control stands.
    pub(super) fn standing_class(&self, standing: &Standing) -> &'static str {
        match standing {
            Standing::Met => "good",
            Standing::Stated => "",
            Standing::NotDue => "dim",
            Standing::Lacking | Standing::Gone => "bad-word",
        }
    }

    /// The class of a rating's pips.
    pub(super) fn rating_pips(&self, rating: impl Borrow<Rating>) -> &'static str {
        match rating.borrow() {
            Rating::Critical => "c",
            Rating::High => "h",
            Rating::Medium => "m",
            Rating::Low => "l",
        }
    }

    /// What is expected in a year, in đồng: the lower bound cut, the upper one rounded up.
    pub(super) fn expected(&self, expected: impl Borrow<Expected>) -> String {
        let expected = *expected.borrow();
        let (low, high) = (self.count(expected.low_a_year()), self.count(expected.high_a_year()));
        self.v2("risks-expected-range", "low", low, "high", high)
    }

    /// What is expected in a year, or that nobody has estimated it.
    pub(super) fn expected_or(&self, expected: impl Borrow<Option<Expected>>) -> String {
        expected
            .borrow()
            .map_or_else(|| self.t("risks-not-estimated"), |expected| self.expected(expected))
    }

    /// What is expected of some risks together in a year, or that none of them is estimated.
    pub(super) fn outlook(&self, outlook: &Outlook) -> String {
        if outlook.risks == 0 {
            return self.t("risks-nothing-to-expect");
        }
        if outlook.unknown == outlook.risks {
            return self.t("risks-not-estimated");
        }
        self.expected(outlook.expected)
    }

    /// A sum of losses, or that nobody has said a figure.
    pub(super) fn loss_or(&self, amount: &Option<u64>) -> String {
        amount.map_or_else(|| self.t("losses-not-said"), |amount| self.count(amount))
    }

    /// Why losses cannot be added.
    pub(super) fn wrong_loss(&self, error: &LossError) -> String {
        self.told(&error.to_string())
    }

    /// What one occurrence costs and how often it comes.
    pub(super) fn loss(&self, loss: &Loss) -> String {
        let range = |range: Between| {
            let (low, high) = (self.count(range.low()), self.count(range.high()));
            if low == high { low } else { format!("{low}–{high}") }
        };
        self.v2("risks-loss-of", "once", range(loss.once()), "times", range(loss.times()))
    }

    /// An estimate in numbers.
    pub(super) fn estimate(&self, estimate: &Estimate) -> String {
        format!("{} × {}", estimate.likelihood.number(), estimate.impact.number())
    }
}

/// The pack of the program.
fn pack() -> Result<&'static RiskPack, PageError> {
    Ok(risks::pack()?)
}

/// The agency and the risk of an address.
fn place(agency: &str, risk: &str) -> Result<(AgencyCode, RiskCode), PageError> {
    let agency = AgencyCode::new(agency).map_err(|_| PageError::not_found())?;
    Ok((agency, RiskCode::new(risk).ok_or_else(PageError::not_found)?))
}

/// The bounds of a loss, as fields of forms and files call them.
const BOUNDS: [&str; 4] = ["loss_low", "loss_high", "times_low", "times_high"];

/// The same of what is left after treatment.
const RESIDUAL_BOUNDS: [&str; 4] =
    ["residual_loss_low", "residual_loss_high", "residual_times_low", "residual_times_high"];

/// A loss that was typed: all four bounds of it, or none.
fn typed_loss(fields: &Fields, names: [&str; 4], wrong: &mut Mistakes) -> Option<Loss> {
    if names.iter().all(|name| fields.some(name).is_none()) {
        return None;
    }
    let bounds = names.map(|name| {
        let Some(text) = fields.some(name) else {
            wrong.add(name, "a loss has four bounds; fill in all of them, or leave all empty");
            return None;
        };
        wrong.keep(name, amount(text).ok_or_else(|| format!("«{text}» is no whole number")))
    });
    let [once_low, once_high, times_low, times_high] = bounds;
    let loss = Loss::new([once_low?, once_high?], [times_low?, times_high?]);
    let [once_low, _, times_low, _] = names;
    let of_times = matches!(loss, Err(LossError::TimesOrder | LossError::Times));
    wrong.keep(if of_times { times_low } else { once_low }, loss)
}

/// The bounds of a loss, in the order of [`BOUNDS`].
fn bounds(loss: &Loss) -> [u64; 4] {
    let (once, times) = (loss.once(), loss.times());
    [once.low(), once.high(), times.low(), times.high()]
}

/// The asset that was typed, of the system that was chosen unless it says another; none if none was.
fn typed_asset(
    fields: &Fields,
    system: Option<&SystemCode>,
    wrong: &mut Mistakes,
) -> Option<AssetName> {
    let text = fields.some("asset")?.trim();
    let no =
        || format!("«{text}» is no asset: write its system and its name, such as cong-dvc/web01");
    wrong.keep("asset", AssetName::parse(text, system).ok_or_else(no))
}

/// The controls that were typed.
fn typed_controls(fields: &Fields, wrong: &mut Mistakes) -> Option<BTreeSet<ControlName>> {
    let texts = fields.text("controls").split([' ', ',', ';', '\n', '\r']);
    let controls = texts.filter(|text| !text.is_empty()).map(|text| {
        ControlName::parse(text).ok_or_else(|| {
            format!(
                "«{text}» is no control: write its catalogue and its id, such as mh-levels/UP-01"
            )
        })
    });
    wrong.keep("controls", controls.collect::<Result<BTreeSet<_>, String>>())
}

/// What a form says of a risk.
fn typed_about(fields: &Fields, wrong: &mut Mistakes) -> Option<RiskAbout> {
    let [scenario, threat, owner] =
        ["scenario", "threat", "owner"].map(|name| wrong.must(fields, name).map(str::to_owned));
    let mut degree =
        |name: &str| wrong.chosen(fields, name, |text| Degree::new(text.parse().ok()?));
    let (likelihood, impact) = (degree("likelihood"), degree("impact"));
    let is_left =
        ["residual_likelihood", "residual_impact"].map(|name| fields.some(name).is_some());
    let residual =
        is_left.contains(&true).then(|| (degree("residual_likelihood"), degree("residual_impact")));
    let residual = residual.and_then(|(likelihood, impact)| {
        Some(Estimate { likelihood: likelihood?, impact: impact? })
    });
    let system = wrong.chosen_or(fields, "system", |text| SystemCode::new(text).ok());
    let asset = typed_asset(fields, system.as_ref(), wrong);
    let treatment = wrong.chosen(fields, "treatment", Treatment::parse);
    let controls = typed_controls(fields, wrong);
    let due = wrong.day(fields, "due");
    let loss = typed_loss(fields, BOUNDS, wrong);
    let residual_loss = typed_loss(fields, RESIDUAL_BOUNDS, wrong);
    let records = fields.text("records").split([' ', ',', ';']).filter(|text| !text.is_empty());
    let records: Result<BTreeSet<u64>, String> = records
        .map(|text| text.parse().map_err(|_| format!("«{text}» is no number of a record")))
        .collect();
    let records = wrong.keep("records", records);
    Some(RiskAbout {
        system,
        asset,
        scenario: scenario?,
        threat: threat?,
        inherent: Estimate { likelihood: likelihood?, impact: impact? },
        residual,
        loss,
        residual_loss,
        owner: owner?,
        treatment: treatment?,
        controls: controls?,
        due: due?,
        records: records?,
    })
}

/// What a form shows of what is said of a risk.
fn typed_of(about: &RiskAbout) -> Fields {
    let number = |degree: Degree| degree.number().to_string();
    let records: Vec<String> = about.records.iter().map(u64::to_string).collect();
    let controls: Vec<String> = about.controls.iter().map(ToString::to_string).collect();
    let mut typed = vec![
        ("system", about.system.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("asset", about.asset.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("controls", controls.join(" ")),
        ("scenario", about.scenario.clone()),
        ("threat", about.threat.clone()),
        ("likelihood", number(about.inherent.likelihood)),
        ("impact", number(about.inherent.impact)),
        ("owner", about.owner.clone()),
        ("treatment", about.treatment.name().to_owned()),
        ("due", about.due.to_string()),
        ("records", records.join(" ")),
    ];
    if let Some(left) = about.residual {
        typed.push(("residual_likelihood", number(left.likelihood)));
        typed.push(("residual_impact", number(left.impact)));
    }
    for (loss, names) in [(about.loss, BOUNDS), (about.residual_loss, RESIDUAL_BOUNDS)] {
        let values = loss.iter().flat_map(bounds).map(|bound| bound.to_string());
        typed.extend(names.into_iter().zip(values));
    }
    let typed: Vec<(&str, &str)> =
        typed.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Fields::of(&typed)
}
