//! A stick with a hidden program that stays on the machine.

use super::{Script, Story};
use crate::device::windows::Event;

pub(super) const STORY: Story = Story {
    id: "usb",
    title_vi: "Mã độc từ thiết bị USB",
    title_en: "Malware from a USB stick",
    attack: &["T1091", "T1204.002", "T1547.001"],
    rules: &[
        "windows/antivirus_dangerous_threat",
        "windows/program_from_removable_drive",
        "windows/run_key_to_user_folder",
    ],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let seat = script.seat("pc-xa", 0);
    let program = "E:\\RECYCLER\\Tai lieu hop.exe";
    let explorer = "C:\\Windows\\explorer.exe";
    script.log(
        "pc-xa",
        0.0,
        Event::process(&seat, explorer, program, "\"E:\\RECYCLER\\Tai lieu hop.exe\""),
    );
    let copy = "C:\\Users\\Public\\hotro.exe";
    script.log("pc-xa", 3.0, Event::file(&seat, program, copy));
    let key = "HKU\\S-1-5-21-1000-2000-3000-1107\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\HoTro";
    script.log("pc-xa", 4.0, Event::registry(&seat, program, key, copy));
    let other = script.seat("pc-xa", 1);
    script.log(
        "pc-xa",
        60.0,
        Event::threat(&other, "Trojan:Win32/PlugX.A", "file:_E:\\RECYCLER\\Tai lieu hop.exe"),
    );
}
