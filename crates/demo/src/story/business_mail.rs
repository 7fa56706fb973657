//! A mailbox whose password is guessed, and the letters that it sends to everybody.

use super::{Script, Story};
use crate::device::program::Message;

pub(super) const STORY: Story = Story {
    id: "business-mail",
    title_vi: "Chiếm hộp thư và gửi thư mạo danh hàng loạt",
    title_en: "A mailbox taken over",
    attack: &["T1110.001", "T1078", "T1534"],
    rules: &["mail/mail_password_guessing_then_login", "mail/mass_mail_from_account"],
    steps,
};

fn steps(script: &mut Script<'_>) {
    let (host, attacker, user) = (script.host("mail"), script.attacker(), script.official(0));
    for attempt in 0..14 {
        let text = format!(
            "imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<{user}@minhhoa.example>, method=PLAIN, rip={attacker}, lip=10.57.1.25, TLS"
        );
        script.log(
            "mail",
            3.0 * f64::from(attempt),
            Message::new(&host, "dovecot", Some(410), text),
        );
    }
    let text = format!(
        "imap-login: Login: user=<{user}@minhhoa.example>, method=PLAIN, rip={attacker}, lip=10.57.1.25, mpid=9001, TLS"
    );
    script.log("mail", 46.0, Message::new(&host, "dovecot", Some(410), text));
    for letter in 0..110 {
        let queue = script.random.hex(10).to_uppercase();
        let text = format!(
            "{queue}: client=unknown[{attacker}], sasl_method=LOGIN, sasl_username={user}@minhhoa.example"
        );
        let seconds = 60.0 + 0.7 * f64::from(letter);
        script.log("mail", seconds, Message::new(&host, "postfix/smtpd", Some(7700), text));
    }
}
