//! A copy of real data that was made for tests, left where the web server serves it, and found.

use super::{Script, Story};
use crate::device::access::Request;
use crate::device::audit::Started;

pub(super) const STORY: Story = Story {
    id: "leaked-copy",
    title_vi: "Lộ bản sao dữ liệu thử nghiệm của trường học",
    title_en: "A copy for tests that leaked",
    attack: &["T1005", "T1595.003", "T1567"],
    rules: &[
        "linux/database_dump_to_web_or_temporary_folder",
        "web/directory_search",
        "web/scanner_user_agent",
        "web/secret_file_served",
    ],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let command = "mysqldump qlhs > /var/www/qlhs/thu/saoluu-thu.sql";
    let dump = Started::new("/usr/bin/dash", &["sh", "-c", command], (1001, "quantri01"));
    script.log("audit-qlhs", 0.0, dump);
    let (site, attacker) = (script.host("web-qlhs"), script.attacker());
    for guess in 0..80 {
        let target = format!(
            "/{}/{}",
            script.random.pick(&["thu", "cu", "tam", "old"]),
            script.random.hex(6)
        );
        let request = Request::get(&site, &attacker, target, 404).by("gobuster/3.6").long(153);
        script.log("web-qlhs", 30.0 + f64::from(guess), request);
    }
    let found = Request::get(&site, &attacker, "/thu/saoluu-thu.sql", 200).long(48_211_904);
    script.log("web-qlhs", 118.0, found);
}
