//! The Linux audit log: the records of one program that was started.

use jiff::Timestamp;

use crate::random::Random;

/// A program that was started.
#[derive(Clone, Debug)]
pub(crate) struct Started {
    /// Its file.
    pub(crate) program: &'static str,
    /// Its arguments, its own name first.
    pub(crate) arguments: Vec<String>,
    /// The number of the account, and its name.
    pub(crate) account: (u32, &'static str),
}

impl Started {
    /// A command line, of which only the last argument holds blanks.
    pub(crate) fn new(
        program: &'static str,
        arguments: &[&str],
        account: (u32, &'static str),
    ) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Self { program, arguments, account }
    }

    pub(super) fn written(&self, host: &str, at: Timestamp, random: &mut Random) -> String {
        let Self { program, arguments, account: (uid, name) } = self;
        let (pid, parent) = (random.between(1200, 60_000), random.between(700, 1199));
        let micros = at.as_microsecond();
        let stamp = format!(
            "msg=audit({}.{:03}:{})",
            micros.div_euclid(1_000_000),
            micros.rem_euclid(1_000_000) / 1000,
            random.between(10_000, 9_999_999)
        );
        let comm = program.rsplit('/').next().unwrap_or_default();
        let mut text = format!(
            "node={host} type=SYSCALL {stamp}: arch=c000003e syscall=59 success=yes exit=0 a0=55d0c0 a1=55d0d0 a2=55d0e0 a3=8 items=2 ppid={parent} pid={pid} auid=4294967295 uid={uid} gid={uid} euid={uid} suid={uid} fsuid={uid} egid={uid} sgid={uid} fsgid={uid} tty=(none) ses=4294967295 comm=\"{comm}\" exe=\"{program}\" subj=unconfined key=\"exec\"\u{1d}ARCH=x86_64 SYSCALL=execve AUID=\"unset\" UID=\"{name}\" GID=\"{name}\" EUID=\"{name}\"\n"
        );
        text.push_str(&format!("node={host} type=EXECVE {stamp}: argc={}", arguments.len()));
        for (at, argument) in arguments.iter().enumerate() {
            // The kernel writes what has blanks, quotes or control characters in hexadecimal.
            let plain = argument.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
            if plain {
                text.push_str(&format!(" a{at}=\"{argument}\""));
            } else {
                text.push_str(&format!(" a{at}="));
                argument.bytes().for_each(|byte| text.push_str(&format!("{byte:02X}")));
            }
        }
        text.push_str(&format!("\nnode={host} type=CWD {stamp}: cwd=\"/\"\n"));
        text.push_str(&format!("node={host} type=EOE {stamp}: "));
        text
    }
}
