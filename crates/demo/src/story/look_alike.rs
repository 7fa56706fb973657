//! A site that looks like the portal of public services, and the officials who follow its link.

use serde_json::json;

use super::{Script, Story};
use crate::device::sensor::Event;

pub(super) const STORY: Story = Story {
    id: "look-alike",
    title_vi: "Trang giả mạo Cổng dịch vụ công",
    title_en: "A site that looks like the portal",
    attack: &["T1583.001", "T1566.002"],
    rules: &["network/suricata_severe_alert"],
    steps,
};

const NAME: &str = "dichvucong-minhh0a.test";

fn steps(script: &mut Script<'_>) {
    let attacker = script.attacker();
    for visitor in 0..2 {
        let seat = script.seat("pc-vpubnd", visitor);
        let seconds = 25.0 * visitor as f64;
        script.log("ids-ttdl", seconds, Event::query(&seat.address, "10.57.1.53", NAME, "A"));
        let about = json!({"sni": NAME, "version": "TLS 1.3", "subject": format!("CN={NAME}")});
        script.log(
            "ids-ttdl",
            seconds + 0.3,
            Event::new("tls", &seat.address, (&attacker, 443), about),
        );
        let alert = Event::alert(
            &seat.address,
            (&attacker, 443),
            1_000_301,
            "MH PHISHING Name that looks like dichvucong.minhhoa.example",
            "Possible Social Engineering Attempted",
            1,
        );
        script.log("ids-ttdl", seconds + 0.4, alert);
    }
}
