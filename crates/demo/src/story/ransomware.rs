//! Everything that comes before files are encrypted, and the notes that are left. At the hospital,
//! as a drill.

use super::{Script, Story};
use crate::device::windows::Event;

pub(super) const STORY: Story = Story {
    id: "ransomware",
    title_vi: "Diễn tập: dấu hiệu trước khi mã hóa dữ liệu bệnh viện",
    title_en: "Drill: before the hospital's files are encrypted",
    attack: &["T1562.001", "T1003.001", "T1569.002", "T1021.002", "T1490", "T1486"],
    rules: &[
        "windows/defender_weakened_by_command",
        "windows/lsass_memory_access",
        "windows/psexec_service",
        "windows/ransom_notes_written",
        "windows/recovery_disabled",
        "windows/shadow_copies_deleted",
    ],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let (seat, server) = (script.seat("pc-bvdk", 0), script.seat("sv-bvdk", 0));
    let cmd = "C:\\Windows\\System32\\cmd.exe";
    let powershell = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";
    let command = "powershell.exe -c Set-MpPreference -DisableRealtimeMonitoring $true";
    script.log("pc-bvdk", 0.0, Event::process(&seat, cmd, powershell, command));
    let tool = "C:\\Users\\Public\\kiemtra.exe";
    script.log(
        "pc-bvdk",
        20.0,
        Event::access(&seat, tool, "C:\\Windows\\system32\\lsass.exe", "0x1010"),
    );
    script.log(
        "sv-bvdk",
        45.0,
        Event::service(&server.computer, "PSEXESVC", "%SystemRoot%\\PSEXESVC.exe"),
    );
    let commands = [
        ("C:\\Windows\\System32\\vssadmin.exe", "vssadmin.exe delete shadows /all /quiet"),
        ("C:\\Windows\\System32\\bcdedit.exe", "bcdedit.exe /set {default} recoveryenabled no"),
    ];
    for (number, (image, command)) in commands.into_iter().enumerate() {
        let seconds = 60.0 + 4.0 * number as f64;
        script.log("sv-bvdk", seconds, Event::process(&server, cmd, image, command));
    }
    for number in 0..8 {
        let note = format!("D:\\BenhAn\\Khoa {}\\HOW_TO_DECRYPT.txt", number + 1);
        script.log("sv-bvdk", 75.0 + f64::from(number), Event::file(&server, tool, &note));
    }
}
