//! So many requests at once that readers of the newspaper are not served.

use super::{Script, Story};
use crate::device::access::Request;
use crate::device::firewall::Line;

pub(super) const STORY: Story = Story {
    id: "flood",
    title_vi: "Tấn công từ chối dịch vụ trang báo điện tử",
    title_en: "A flood against the newspaper",
    attack: &["T1498.001", "T1499.002"],
    rules: &["network/flood_attack"],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let (site, loudest) = (script.host("web-bao"), script.attacker());
    for second in 0..60 {
        let from = format!("203.0.113.{}", script.random.between(1, 250));
        let seconds = f64::from(second);
        let status = if second > 10 { 503 } else { 200 };
        script.log(
            "web-bao",
            seconds,
            Request::get(&site, &from, "/tim-kiem?q=a", status).long(197),
        );
        if second % 10 == 5 {
            let count = script.random.between(4_000, 90_000);
            script.log(
                "fw-ttdl",
                seconds,
                Line::flood("tcp_syn_flood", &loudest, "192.0.2.80", 443, count),
            );
        }
    }
}
