//! A database that somebody opened to the Internet for a moment, and its content in a temporary
//! folder.

use super::{Script, Story};
use crate::device::audit::Started;
use crate::device::firewall::{End, Line};

pub(super) const STORY: Story = Story {
    id: "database",
    title_vi: "Cơ sở dữ liệu mở ra Internet",
    title_en: "A database open to the Internet",
    attack: &["T1133", "T1005"],
    rules: &[
        "linux/database_dump_to_web_or_temporary_folder",
        "network/remote_access_port_open_to_internet",
    ],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let attacker = script.attacker();
    for visit in 0..5 {
        let (from, to) = (End::Outside(&attacker, "Reserved"), End::Inside("10.57.1.30"));
        let line = Line::connection(from, to, 5432, true, &mut script.random);
        script.log("fw-ttdl", 9.0 * f64::from(visit), line);
    }
    let arguments = ["pg_dump", "-Fc", "-f", "/tmp/.cache-0", "datdai"];
    let dump = Started::new("/usr/bin/pg_dump", &arguments, (114, "postgres"));
    script.log("audit-datdai", 60.0, dump);
}
