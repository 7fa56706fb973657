//! One password tried on many accounts, until one of them opens.

use super::{Script, Story};
use crate::device::windows::Event;

pub(super) const STORY: Story = Story {
    id: "spraying",
    title_vi: "Dò một mật khẩu trên nhiều tài khoản",
    title_en: "Password spraying",
    attack: &["T1110.003", "T1078.002"],
    rules: &["windows/password_spraying", "windows/rdp_guessing_then_logon"],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let (controller, attacker) = (script.host("dc"), script.attacker());
    for number in 0..24 {
        let user = script.official(number);
        let refused = Event::security(
            4625,
            &controller,
            &[
                ("SubjectUserName", "-"),
                ("TargetUserName", &user),
                ("TargetDomainName", "MINHHOA"),
                ("Status", "0xc000006d"),
                ("SubStatus", "0xc000006a"),
                ("LogonType", "3"),
                ("AuthenticationPackageName", "NTLM"),
                ("IpAddress", &attacker),
            ],
        );
        script.log("dc", number as f64 * 5.0, refused);
    }
    let user = script.official(23);
    let accepted = Event::security(
        4624,
        &controller,
        &[
            ("SubjectUserName", "-"),
            ("TargetUserName", &user),
            ("TargetDomainName", "MINHHOA"),
            ("LogonType", "3"),
            ("AuthenticationPackageName", "NTLM"),
            ("IpAddress", &attacker),
        ],
    );
    script.log("dc", 124.0, accepted);
}
