//! `khien search`

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use khien_app::App;
use khien_app::folder::DataFolder;
use khien_app::use_case::export;
use khien_app::use_case::search::{self, Wanted};
use khien_lake::{Column, Cursor, ExportForm, Page, Shown};
use serde_json::json;

use crate::Usage;
use crate::centre::{AtHand, Machine, Place, at_hand, block_on, caller, load_rules, moment, tell};
use crate::client::{Client, Remote};

/// Events of a table, unless another number is asked for.
const TABLE_ROWS: u64 = 100;

#[derive(Args)]
pub(crate) struct Arguments {
    /// What is looked for, such as `user:admin* AND src_ip:192.0.2.0/24`; see docs/lake.md
    #[arg(default_value = "")]
    query: String,
    /// The data folder of the centre, running or not
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The file of settings, with --data
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The first moment: 2026-10-15, 2026-10-15T08:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// The moment that is the first no more; or the URL of a running centre
    #[arg(long, value_name = "TIME|URL")]
    to: Vec<String>,
    /// The token for a running centre; `KHIEN_TOKEN` in the environment does as well
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// A file with the certificate of a running centre
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Exchange keys with a running centre by the hybrid group X25519MLKEM768 alone
    #[arg(long)]
    hybrid_only: bool,
    /// Only count
    #[arg(long)]
    count: bool,
    /// The form of the result
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Columns and original fields to show, such as time,host,Image
    #[arg(long, value_delimiter = ',', value_name = "FIELD")]
    fields: Vec<String>,
    /// Events at most
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Write to a file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print JSON: a count as an object, events one a line
    #[arg(long)]
    json: bool,
}

/// The form of a result.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people, newest first
    #[default]
    Table,
    /// One JSON object a line, oldest first
    Jsonl,
    /// Comma-separated values, oldest first
    Csv,
    /// Parquet, oldest first
    Parquet,
}

impl Form {
    fn export(self) -> Option<ExportForm> {
        match self {
            Self::Table => None,
            Self::Jsonl => Some(ExportForm::JsonLines),
            Self::Csv => Some(ExportForm::Csv),
            Self::Parquet => Some(ExportForm::Parquet),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// A search as it was asked for.
struct Asked<'a> {
    arguments: &'a Arguments,
    wanted: Wanted,
    url: Option<String>,
    form: Form,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (urls, times): (Vec<&String>, Vec<&String>) =
        arguments.to.iter().partition(|value| value.contains("://"));
    if urls.len() > 1 || times.len() > 1 {
        bail!(Usage("--to is given twice for the same".to_owned()));
    }
    let moment = |text: Option<&String>| text.map(|text| moment(text)).transpose().map_err(Usage);
    let wanted = Wanted {
        query: arguments.query.clone(),
        from: moment(arguments.from.as_ref())?,
        to: moment(times.first().copied())?,
    };
    let form = if arguments.json && !arguments.count { Form::Jsonl } else { arguments.format };
    let url = urls.first().map(|url| (*url).clone());
    let asked = Asked { arguments, wanted, url, form };
    match (&asked.url, &arguments.data) {
        (Some(url), None) => {
            let remote = Remote {
                to: Some(url.clone()),
                token: arguments.token.clone(),
                ca: arguments.ca.clone(),
                hybrid_only: arguments.hybrid_only,
            };
            remotely(&remote.client()?, &asked)
        }
        (None, Some(data)) => match at_hand(data)? {
            AtHand::Folder(folder) => block_on(here(folder, &asked)),
            AtHand::Running(client) => remotely(&client, &asked),
        },
        _ => bail!(Usage("name either --data DIR or --to URL".to_owned())),
    }
}

impl Asked<'_> {
    fn shown(&self) -> Vec<Shown> {
        if self.arguments.fields.is_empty() {
            [Column::Time, Column::Agency, Column::Host, Column::User, Column::EventCode]
                .into_iter()
                .chain([Column::Process, Column::SrcIp, Column::Raw])
                .map(Shown::Column)
                .collect()
        } else {
            self.arguments.fields.iter().map(|name| Shown::named(name)).collect()
        }
    }

    /// What an export writes of each event: everything, unless fields are chosen.
    fn exported(&self) -> Vec<Shown> {
        if self.arguments.fields.is_empty() {
            Column::all().map(Shown::Column).collect()
        } else {
            self.shown()
        }
    }

    fn limit(&self) -> u64 {
        let all = export::MAX_EXPORT;
        self.arguments.limit.unwrap_or(if self.form == Form::Table { TABLE_ROWS } else { all })
    }

    fn out(&self) -> Result<Box<dyn Write>> {
        Ok(match &self.arguments.output {
            Some(path) => Box::new(
                File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
            ),
            None => Box::new(io::stdout().lock()),
        })
    }

    fn tell_count(&self, count: u64) -> Result<ExitCode> {
        tell(self.arguments.json, &json!({"count": count}), &count.to_string())
    }
}

/// Searches a data folder on which no centre runs.
async fn here(folder: DataFolder, asked: &Asked<'_>) -> Result<ExitCode> {
    let data = folder.path().to_owned();
    let config = Place { data, config: asked.arguments.config.clone() }.settings()?;
    let rules = load_rules(&config);
    let app = App::start(folder, config, rules, Arc::new(Machine)).await?;
    // What was taken in before the last stop is found as well.
    app.settled().await;
    let found = search_here(&app, asked).await;
    app.stop().await;
    found
}

async fn search_here(app: &Arc<App>, asked: &Asked<'_>) -> Result<ExitCode> {
    let caller = caller();
    if asked.arguments.count {
        let counted = search::count(app, &caller, &asked.wanted).await?;
        return asked.tell_count(counted.found);
    }
    let mut out = asked.out()?;
    if let Some(form) = asked.form.export() {
        let (wanted, shown) = (&asked.wanted, asked.exported());
        let pieces = export::export(app, &caller, wanted, shown, form, asked.limit()).await;
        let mut pieces = pieces?;
        while let Some(piece) = pieces.recv().await {
            out.write_all(&piece?)?;
        }
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    let (mut left, mut after): (u64, Option<Cursor>) = (asked.limit(), None);
    while left > 0 {
        let size = usize::try_from(left.min(1000))?;
        let page = search::page(app, &caller, &asked.wanted, asked.shown(), size, after).await?;
        let Page { events, next } = page.found;
        for event in &events {
            let cells: Vec<String> = event.values.iter().map(ToString::to_string).collect();
            writeln!(out, "{}", row(&cells))?;
        }
        left -= events.len() as u64;
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A line of the table: control characters of a log do nothing to a terminal.
fn row(cells: &[String]) -> String {
    let cells: Vec<String> = (cells.iter())
        .map(|cell| {
            let plain: String =
                cell.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
            if plain.is_empty() { "-".to_owned() } else { plain }
        })
        .collect();
    cells.join("  ")
}

/// Searches a running centre.
fn remotely(client: &Client, asked: &Asked<'_>) -> Result<ExitCode> {
    let mut query = vec![("query", asked.wanted.query.clone())];
    for (name, moment) in [("from", asked.wanted.from), ("to", asked.wanted.to)] {
        if let Some(moment) = moment {
            query.push((name, moment.to_string()));
        }
    }
    if asked.arguments.count {
        let answer = client.get("/api/v1/search/count", &query)?.done()?;
        let count = answer["count"].as_u64().context("the centre answers without a count")?;
        return asked.tell_count(count);
    }
    let names = |shown: &[Shown]| shown.iter().map(Shown::name).collect::<Vec<_>>().join(",");
    let mut out = asked.out()?;
    if asked.form.export().is_some() {
        query.push(("form", asked.form.name().to_owned()));
        query.push(("fields", names(&asked.exported())));
        query.push(("limit", asked.limit().to_string()));
        client.copy("/api/v1/search/export", &query, &mut out)?;
        return Ok(ExitCode::SUCCESS);
    }
    query.push(("fields", names(&asked.shown())));
    let mut left = asked.limit();
    let mut after: Option<String> = None;
    while left > 0 {
        let mut query = query.clone();
        query.push(("limit", left.min(1000).to_string()));
        query.extend(after.map(|after| ("after", after)));
        let answer = client.get("/api/v1/search", &query)?.done()?;
        let events = answer["events"].as_array().cloned().unwrap_or_default();
        for event in &events {
            let cell = |shown: &Shown| match event["fields"].get(shown.name()) {
                None | Some(serde_json::Value::Null) => String::new(),
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            let cells: Vec<String> = asked.shown().iter().map(cell).collect();
            writeln!(out, "{}", row(&cells))?;
        }
        left -= events.len() as u64;
        after = answer["next"].as_str().map(str::to_owned);
        if after.is_none() || events.is_empty() {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}
