//! A library beside a signed program that calls home every few seconds.

use super::{Script, Story};
use crate::device::firewall::{End, Line};
use crate::device::sensor;
use crate::device::windows::Event;

pub(super) const STORY: Story = Story {
    id: "beacon",
    title_vi: "Máy trạm liên lạc máy chủ điều khiển",
    title_en: "A workstation that calls its master",
    attack: &["T1574.001", "T1071.001", "T1571"],
    rules: &[
        "network/beaconing",
        "network/suricata_infected_machine",
        "network/suricata_severe_alert",
        "windows/signed_program_in_public_folder",
    ],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let (seat, master) = (script.seat("pc-sonnmt", 0), script.attacker());
    let program = "C:\\Users\\Public\\Documents.exe";
    let library = "C:\\Users\\Public\\version.dll";
    script.log("pc-sonnmt", 0.0, Event::library(&seat, program, library, false));
    script.log(
        "pc-sonnmt",
        2.0,
        Event::query(&seat, program, "dong-bo.test", &format!("::ffff:{master};")),
    );
    for call in 0..66 {
        let seconds = 3.0 + 4.0 * f64::from(call) + script.random.share();
        let (from, to) = (End::Inside(&seat.address), End::Outside(&master, "Reserved"));
        let line = Line::connection(from, to, 4433, true, &mut script.random);
        script.log("fw-ttdl", seconds, line);
    }
    let alert = sensor::Event::alert(
        &seat.address,
        (&master, 4433),
        1_000_201,
        "MH TROJAN Check-in of a known remote control program",
        "Malware Command and Control Activity Detected",
        1,
    );
    script.log("ids-ttdl", 31.0, alert);
}
