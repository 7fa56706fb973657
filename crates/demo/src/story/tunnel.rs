//! Data that leaves piece by piece in the names that a machine asks for.

use super::{Script, Story};
use crate::device::program::Message;

pub(super) const STORY: Story = Story {
    id: "tunnel",
    title_vi: "Đường hầm qua tên miền",
    title_en: "A tunnel through names",
    attack: &["T1071.004", "T1048.003"],
    rules: &["network/dns_tunnel"],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let (host, seat) = (script.host("dns"), script.seat("pc-sotc", 0));
    for piece in 0..60 {
        let name = format!("{}.{piece}.kho.test", script.random.hex(48));
        let text = format!(
            "client @0x{} {}#{} ({name}): query: {name} IN TXT + (10.57.1.53)",
            script.random.hex(11),
            seat.address,
            script.random.between(32_768, 60_999)
        );
        script.log("dns", 2.0 * f64::from(piece), Message::new(&host, "named", Some(820), text));
    }
}
