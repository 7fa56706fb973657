//! Ordinary days: what devices write while nobody attacks.
//!
//! A span of time is cut into seconds; what happens in a second follows from the seed, the source
//! and the second alone. Whoever asks for a span in pieces gets the same as in one, and a day is
//! the same whenever it is asked for. How much happens follows the working day (`rhythm`); what
//! people do wrong (a mistyped password) does not grow with it, so that a busy demonstration shows
//! no attack that is none.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::Entry;
use crate::device::access::{BROWSERS, Request};
use crate::device::audit::Started;
use crate::device::firewall::{End, Line};
use crate::device::gadget::State;
use crate::device::program::Message;
use crate::device::sensor::Event as Sensed;
use crate::device::windows::{Event, Seat};
use crate::device::{Content, written};
use crate::province::{Device, Province, Source};
use crate::random::Random;

/// Officials who have an account.
const ACCOUNTS: u64 = 1180;
/// So often somebody may do something wrong at a source.
const MISTAKES: i64 = 900;

/// The ordinary traffic of a province.
#[derive(Clone, Debug)]
pub struct Traffic<'p> {
    province: &'p Province,
    seed: u64,
    events_per_second: f64,
    /// What a second of night has of the busiest one.
    at_night: f64,
}

impl<'p> Traffic<'p> {
    /// Traffic of so many events a second at the busiest time, following the working day.
    pub fn daily(province: &'p Province, seed: u64, events_per_second: f64) -> Self {
        Self { province, seed, events_per_second, at_night: 0.05 }
    }

    /// The same, but hardly less at night: whoever watches at night wants to see something, too.
    pub fn steady(province: &'p Province, seed: u64, events_per_second: f64) -> Self {
        Self { at_night: 0.7, ..Self::daily(province, seed, events_per_second) }
    }

    /// What happens from a second to another, which is not included, in the order of time.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Vec<Entry> {
        let all: u32 = self.province.sources.iter().map(|source| source.weight).sum();
        let mut entries = Vec::new();
        for second in from.as_second()..to.as_second() {
            let Ok(start) = Timestamp::from_second(second) else { continue };
            let busy = self.at_night + (1.0 - self.at_night) * rhythm(start);
            for (place, source) in self.province.sources.iter().enumerate() {
                let share = f64::from(source.weight) / f64::from(all.max(1));
                let mut random = Random::of(self.seed, &[place as u64, second as u64]);
                let expected = self.events_per_second * busy * share;
                let count = (expected + random.share()).floor() as u64;
                for _ in 0..count {
                    for (later, content) in ordinary(source, place, &mut random) {
                        self.add(&mut entries, place, start, later, &content, &mut random);
                    }
                }
                if source.weight > 0 && self.is_mistake(place, second, busy) {
                    for (later, content) in mistake(source, place, &mut random) {
                        self.add(&mut entries, place, start, later, &content, &mut random);
                    }
                }
            }
        }
        entries.sort_by_key(|entry| entry.at);
        entries
    }

    /// Whether this second is the one of its quarter of an hour in which somebody errs.
    fn is_mistake(&self, place: usize, second: i64, busy: f64) -> bool {
        let quarter = second.div_euclid(MISTAKES);
        let mut random = Random::of(self.seed, &[u64::MAX, place as u64, quarter as u64]);
        let at = random.between(0, MISTAKES as u64 - 1);
        second.rem_euclid(MISTAKES) as u64 == at && random.happens(busy * 0.6)
    }

    fn add(
        &self,
        entries: &mut Vec<Entry>,
        place: usize,
        start: Timestamp,
        later: f64,
        content: &Content,
        random: &mut Random,
    ) {
        let Some(source) = self.province.sources.get(place) else { return };
        let millis = ((later + random.share()) * 1000.0) as i64;
        let at = start.checked_add(SignedDuration::from_millis(millis)).unwrap_or(start);
        let text = written(source, at, content, random);
        entries.push(Entry { at, source: place, text });
    }
}

/// How busy offices are, from 0 to 1: two halves of a working day, evenings, nights, weekends.
fn rhythm(at: Timestamp) -> f64 {
    let local = crate::device::local(at);
    let hour = f64::from(local.hour()) + f64::from(local.minute()) / 60.0;
    let day = match hour {
        7.0..7.5 => (hour - 7.0) * 1.6,
        7.5..11.5 => 1.0,
        11.5..13.5 => 0.45,
        13.5..17.0 => 0.95,
        17.0..22.0 => 0.5 - (hour - 17.0) * 0.08,
        _ => 0.05,
    };
    if local.weekday().to_monday_one_offset() > 5 { day * 0.5 } else { day }
}

/// The account of a number.
pub(crate) fn account(number: u64) -> String {
    format!("canbo{:03}", number % ACCOUNTS + 1)
}

/// A machine of a source by its number, with who works at it.
pub(crate) fn seat(source: &Source, place: usize, number: usize) -> Seat {
    let at = number % source.hosts.len().max(1);
    Seat {
        computer: source.hosts.get(at).cloned().unwrap_or_default(),
        address: format!("10.57.{}.{}", 10 + place % 200, 20 + at % 200),
        user: account((place * 40 + at) as u64),
    }
}

/// The address of somebody in the province.
fn inside(random: &mut Random) -> String {
    format!("10.57.{}.{}", random.between(10, 60), random.between(20, 220))
}

/// The address of a visitor, who is no attacker: those have a range of their own.
fn visitor(random: &mut Random) -> String {
    if random.happens(0.15) {
        format!("2001:db8:{}::{}", random.hex(3), random.hex(3))
    } else {
        format!("198.51.100.{}", random.between(1, 220))
    }
}

const PAGES: [&str; 12] = [
    "/",
    "/tin-tuc",
    "/thu-tuc-hanh-chinh",
    "/thu-tuc/dang-ky-khai-sinh",
    "/tra-cuu-ho-so",
    "/van-ban?trang=2",
    "/lich-cong-tac",
    "/assets/app.js",
    "/assets/app.css",
    "/assets/logo.svg",
    "/api/v1/thong-bao",
    "/lien-he",
];
const NAMES: [&str; 10] = [
    "cong.minhhoa.example",
    "mail.minhhoa.example",
    "qlvb.minhhoa.example",
    "dichvucong.minhhoa.example",
    "sso.minhhoa.example",
    "time.minhhoa.example",
    "update.vendor.example",
    "cdn.news.example",
    "search.example",
    "video.example",
];

/// What a source does in one go: contents with seconds after the first.
fn ordinary(source: &Source, place: usize, random: &mut Random) -> Vec<(f64, Content)> {
    let host = random.pick(&source.hosts);
    match source.device {
        Device::Fortigate => vec![(0.0, connection(random))],
        Device::Vpn => {
            let user = account(random.next());
            let action = random.pick(&["tunnel-up", "tunnel-down"]);
            let address = format!("198.51.100.{}", random.between(1, 220));
            vec![(0.0, Content::Firewall(Line::vpn(action, &user, &address, "Viet Nam")))]
        }
        Device::Dns => {
            let (client, name) = (inside(random), random.pick(&NAMES));
            let kind = random.pick(&["A", "A", "A", "AAAA", "HTTPS"]);
            let text = format!(
                "client @0x{} {client}#{} ({name}): query: {name} IN {kind} + (10.57.1.53)",
                random.hex(11),
                random.between(32_768, 60_999)
            );
            vec![(0.0, Content::Program(Message::new(&host, "named", Some(820), text)))]
        }
        Device::Suricata => vec![(0.0, sensed(random))],
        Device::Nginx | Device::NginxSyslog | Device::NginxFilebeat => {
            // A shadow system lives beside a registered one and sends through the same relay.
            let site = match source.shadow.first() {
                Some(shadow) if random.happens(0.1) => shadow.clone(),
                _ => host,
            };
            vec![(0.0, visit(&site, random))]
        }
        Device::Linux | Device::Journald => server(&host, random),
        Device::Auditd => vec![(0.0, audited(random))],
        Device::Mail => mail(&host, random),
        Device::Windows | Device::WindowsFlat => security(source, place, random),
        Device::Sysmon | Device::SysmonWinlogbeat => {
            let seat = seat(source, place, random.next() as usize);
            vec![(0.0, Content::Windows(at_work(&seat, random)))]
        }
        Device::Device => {
            let doing = random.pick(&["playing", "idle", "idle", "idle"]);
            let celsius = random.between(31, 47);
            vec![(0.0, Content::Gadget(State { host, doing, celsius }))]
        }
    }
}

fn connection(random: &mut Random) -> Content {
    let own = inside(random);
    let far = format!("198.51.100.{}", random.between(1, 220));
    let line = match random.between(0, 99) {
        0..60 => {
            let port = random.pick(&[443, 443, 443, 443, 80, 53, 123, 993]);
            Line::connection(End::Inside(&own), End::Outside(&far, "Viet Nam"), port, true, random)
        }
        60..78 => {
            let (server, port) = random.pick(&[
                ("10.57.1.10", 443),
                ("10.57.1.11", 443),
                ("10.57.1.53", 53),
                ("10.57.1.20", 445),
                ("10.57.1.21", 445),
                ("10.57.1.30", 5432),
            ]);
            Line::connection(End::Inside(&own), End::Inside(server), port, true, random)
        }
        78..90 => {
            let to = random.pick(&["10.57.1.10", "10.57.1.11", "10.57.1.12"]);
            Line::connection(End::Outside(&far, "Viet Nam"), End::Inside(to), 443, true, random)
        }
        90..97 => {
            let port = random.pick(&[22, 23, 80, 3389, 8080]);
            let far = format!("198.51.100.{}", random.between(221, 254));
            let to = End::Inside("10.57.1.10");
            Line::connection(End::Outside(&far, "Netherlands"), to, port, false, random)
        }
        _ => {
            let port = random.pick(&[137, 1900, 5353]);
            Line::connection(End::Inside(&own), End::Inside("10.57.255.255"), port, false, random)
        }
    };
    Content::Firewall(line)
}

fn sensed(random: &mut Random) -> Content {
    let own = inside(random);
    let far = format!("198.51.100.{}", random.between(1, 220));
    let event = match random.between(0, 99) {
        0..50 => {
            let about = json!({
                "pkts_toserver": random.between(4, 90), "pkts_toclient": random.between(4, 190),
                "bytes_toserver": random.between(400, 90_000), "state": "closed", "alerted": false,
            });
            Sensed::new("flow", &own, (&far, 443), about)
        }
        50..75 => Sensed::query(&own, "10.57.1.53", random.pick(&NAMES), "A"),
        75..98 => {
            let name = random.pick(&NAMES);
            let about = json!({"sni": name, "version": "TLS 1.3", "subject": format!("CN={name}")});
            Sensed::new("tls", &own, (&far, 443), about)
        }
        _ => {
            let (id, signature) = random.pick(&[
                (1_000_101, "MH INFO Outdated TLS version offered"),
                (1_000_102, "MH INFO Session Traversal Utilities for NAT"),
                (1_000_103, "MH POLICY Software update over plain HTTP"),
            ]);
            Sensed::alert(&own, (&far, 443), id, signature, "Misc activity", 3)
        }
    };
    Content::Sensor(event)
}

fn visit(site: &str, random: &mut Random) -> Content {
    let client = visitor(random);
    let status = random.pick(&[200, 200, 200, 200, 200, 200, 304, 302]);
    let mut request = Request::get(site, &client, random.pick(&PAGES), status)
        .by(random.pick(&BROWSERS))
        .long(random.between(300, 90_000));
    if random.happens(0.02) {
        request = Request::get(site, &client, "/favicon.ico", 404).long(153);
    } else if random.happens(0.04) {
        request = Request::get(site, &client, "/dang-nhap", 302).post().long(0);
    }
    if random.happens(0.5) {
        request.referer = format!("https://{site}/");
    }
    Content::Access(request)
}

fn server(host: &str, random: &mut Random) -> Vec<(f64, Content)> {
    let pid = random.between(1200, 60_000);
    let say =
        |program, pid, text: &str| Content::Program(Message::new(host, program, Some(pid), text));
    match random.between(0, 9) {
        0..3 => {
            let user = random.pick(&["quantri01", "quantri02", "quantri03"]);
            let (from, port) =
                (format!("10.57.9.{}", random.between(2, 9)), random.between(40_000, 60_000));
            let accepted = format!(
                "Accepted publickey for {user} from {from} port {port} ssh2: ED25519 SHA256:{}",
                random.hex(40)
            );
            let opened = format!(
                "pam_unix(sshd:session): session opened for user {user}(uid=1001) by (uid=0)"
            );
            let closed = format!("pam_unix(sshd:session): session closed for user {user}");
            vec![
                (0.0, say("sshd", pid, &accepted)),
                (0.1, say("sshd", pid, &opened)),
                (40.0, say("sshd", pid, &closed)),
            ]
        }
        3..5 => {
            let user = random.pick(&["quantri01", "quantri02"]);
            let command = random.pick(&[
                "/usr/bin/apt update",
                "/usr/bin/systemctl status nginx",
                "/usr/bin/journalctl -u nginx",
            ]);
            let text =
                format!("{user} : TTY=pts/0 ; PWD=/home/{user} ; USER=root ; COMMAND={command}");
            vec![(0.0, say("sudo", pid, &text))]
        }
        5..8 => {
            let text = "(root) CMD (/usr/lib/sysstat/debian-sa1 1 1)";
            vec![(0.0, say("CRON", pid, text))]
        }
        _ => {
            let text = random.pick(&[
                "logrotate.service: Deactivated successfully.",
                "Started apt-daily.service - Daily apt download activities.",
                "Reloaded nginx.service - A high performance web server.",
            ]);
            vec![(0.0, say("systemd", 1, text))]
        }
    }
}

fn audited(random: &mut Random) -> Content {
    let started = match random.between(0, 4) {
        0 => Started::new("/usr/bin/ls", &["ls", "-l", "/srv/du-lieu"], (1001, "quantri01")),
        1 => Started::new(
            "/usr/bin/systemctl",
            &["systemctl", "is-active", "postgresql"],
            (0, "root"),
        ),
        2 => Started::new("/usr/bin/cat", &["cat", "/etc/hostname"], (1001, "quantri01")),
        3 => {
            let arguments = ["pg_dump", "-Fc", "-f", "/srv/sao-luu/dat-dai.dump", "datdai"];
            Started::new("/usr/bin/pg_dump", &arguments, (114, "postgres"))
        }
        _ => Started::new("/usr/bin/date", &["date", "+%s"], (0, "root")),
    };
    Content::Audit(started)
}

fn mail(host: &str, random: &mut Random) -> Vec<(f64, Content)> {
    let say =
        |program, pid, text: &str| Content::Program(Message::new(host, program, Some(pid), text));
    let user = format!("{}@minhhoa.example", account(random.next()));
    let from = inside(random);
    if random.happens(0.5) {
        let text = format!(
            "imap-login: Login: user=<{user}>, method=PLAIN, rip={from}, lip=10.57.1.25, mpid={}, TLS, session=<{}>",
            random.between(1000, 60_000),
            random.hex(16)
        );
        return vec![(0.0, say("dovecot", 410, &text))];
    }
    let (queue, pid) = (random.hex(10).to_uppercase(), random.between(1000, 60_000));
    let to = format!("{}@minhhoa.example", account(random.next()));
    vec![
        (
            0.0,
            say(
                "postfix/smtpd",
                pid,
                &format!(
                    "{queue}: client=unknown[{from}], sasl_method=PLAIN, sasl_username={user}"
                ),
            ),
        ),
        (
            0.2,
            say(
                "postfix/qmgr",
                402,
                &format!(
                    "{queue}: from=<{user}>, size={}, nrcpt=1 (queue active)",
                    random.between(900, 90_000)
                ),
            ),
        ),
        (
            0.6,
            say(
                "postfix/lmtp",
                pid + 1,
                &format!(
                    "{queue}: to=<{to}>, relay=mail-01.minhhoa.example[private/dovecot-lmtp], delay=0.6, delays=0.2/0/0/0.4, dsn=2.0.0, status=sent (250 2.0.0 Saved)"
                ),
            ),
        ),
    ]
}

fn security(source: &Source, place: usize, random: &mut Random) -> Vec<(f64, Content)> {
    let seat = seat(source, place, random.next() as usize);
    let (user, from) = (account(random.next()), inside(random));
    let logon = format!("0x{}", random.hex(6));
    let event = match random.between(0, 9) {
        0..4 => Event::security(
            4624,
            &seat.computer,
            &[
                ("SubjectUserName", "-"),
                ("TargetUserName", &user),
                ("TargetDomainName", "MINHHOA"),
                ("TargetLogonId", &logon),
                ("LogonType", "3"),
                ("AuthenticationPackageName", "Kerberos"),
                ("WorkstationName", "-"),
                ("IpAddress", &from),
                ("IpPort", "0"),
            ],
        ),
        4..7 => Event::security(
            4634,
            &seat.computer,
            &[
                ("TargetUserName", &user),
                ("TargetDomainName", "MINHHOA"),
                ("TargetLogonId", &logon),
                ("LogonType", "3"),
            ],
        ),
        _ => Event::security(
            4769,
            &seat.computer,
            &[
                ("TargetUserName", &format!("{user}@MINHHOA.EXAMPLE")),
                ("TargetDomainName", "MINHHOA.EXAMPLE"),
                ("ServiceName", "TEP-01$"),
                ("TicketOptions", "0x40810000"),
                ("TicketEncryptionType", "0x12"),
                ("IpAddress", &format!("::ffff:{from}")),
                ("Status", "0x0"),
            ],
        ),
    };
    vec![(0.0, Content::Windows(event))]
}

const EXPLORER: &str = "C:\\Windows\\explorer.exe";
const BROWSER: &str = "C:\\Program Files\\Browser\\Application\\browser.exe";
const WRITER: &str = "C:\\Program Files\\LibreOffice\\program\\soffice.exe";

fn at_work(seat: &Seat, random: &mut Random) -> Event {
    let far = format!("198.51.100.{}", random.between(1, 220));
    match random.between(0, 99) {
        0..25 => {
            let (image, command) = random.pick(&[
                (BROWSER, "\"browser.exe\" https://cong.minhhoa.example/"),
                (WRITER, "\"soffice.exe\" \"D:\\Van ban\\Bao cao tuan.odt\""),
                ("C:\\Windows\\System32\\notepad.exe", "notepad.exe \"D:\\Van ban\\ghi chu.txt\""),
                ("C:\\Windows\\System32\\calc.exe", "calc.exe"),
                ("C:\\Windows\\splwow64.exe", "C:\\Windows\\splwow64.exe 12288"),
            ]);
            Event::process(seat, EXPLORER, image, command)
        }
        25..55 => Event::connection(seat, BROWSER, &far, random.pick(&NAMES), "443"),
        55..80 => Event::query(seat, BROWSER, random.pick(&NAMES), &format!("::ffff:{far};")),
        80..90 => {
            let path = format!("D:\\Van ban\\CV-{:03}.odt", random.between(1, 400));
            Event::file(seat, WRITER, &path)
        }
        90..95 => Event::registry(
            seat,
            WRITER,
            "HKU\\S-1-5-21-1000-2000-3000-1107\\Software\\LibreOffice\\Recent\\0",
            "Bao cao tuan.odt",
        ),
        95..98 => Event::library(seat, BROWSER, "C:\\Windows\\System32\\version.dll", true),
        _ => Event::access(seat, "C:\\Windows\\System32\\svchost.exe", EXPLORER, "0x1000"),
    }
}

/// What people do wrong without meaning harm.
fn mistake(source: &Source, place: usize, random: &mut Random) -> Vec<(f64, Content)> {
    let host = random.pick(&source.hosts);
    let (user, from) = (account(random.next()), inside(random));
    match source.device {
        Device::Windows => vec![(
            0.0,
            Content::Windows(Event::security(
                4625,
                &host,
                &[
                    ("TargetUserName", &user),
                    ("TargetDomainName", "MINHHOA"),
                    ("Status", "0xc000006d"),
                    ("SubStatus", "0xc000006a"),
                    ("LogonType", "3"),
                    ("IpAddress", &from),
                ],
            )),
        )],
        Device::Linux | Device::Journald => {
            let from = format!("10.57.9.{}", random.between(10, 240));
            let text = format!("Failed password for quantri01 from {from} port 51022 ssh2");
            let message = Message::new(&host, "sshd", Some(random.between(1200, 60_000)), text);
            vec![(0.0, Content::Program(message))]
        }
        Device::Mail => {
            let text = format!(
                "imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<{user}@minhhoa.example>, method=PLAIN, rip={from}, lip=10.57.1.25, TLS"
            );
            vec![(0.0, Content::Program(Message::new(&host, "dovecot", Some(410), text)))]
        }
        Device::Vpn => {
            let address = format!("198.51.100.{}", random.between(1, 220));
            let line = Line::vpn("ssl-login-fail", &user, &address, "Viet Nam");
            vec![(0.0, Content::Firewall(line))]
        }
        Device::Nginx | Device::NginxSyslog | Device::NginxFilebeat => {
            let request = Request::get(&host, &visitor(random), "/trang-da-doi-cho", 404);
            vec![(0.0, Content::Access(request))]
        }
        _ => ordinary(source, place, random),
    }
}
