//! Datagrams that the system dropped because nobody read them in time.
//!
//! In comes the table of `/proc/net/udp` or `/proc/net/udp6`; out comes the count of drops of the
//! sockets on a port.

/// The drops of all sockets on a port.
pub(super) fn of_port(table: &str, port: u16) -> u64 {
    table.lines().skip(1).filter_map(|line| of_line(line, port)).sum()
}

fn of_line(line: &str, port: u16) -> Option<u64> {
    let mut words = line.split_ascii_whitespace();
    let (_, local) = words.nth(1)?.rsplit_once(':')?;
    let is_it = u16::from_str_radix(local, 16).ok()? == port;
    if is_it { words.next_back()?.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_stand_at_the_end_of_a_socket_s_line() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1233: 0100007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 17
 1234: 00000000:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 3
 1235: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 5
";
        assert_eq!(of_port(table, 514), 20);
        assert_eq!(of_port(table, 53), 5);
        assert_eq!(of_port(table, 1), 0);
        assert_eq!(of_port("x\n:", 1), 0);
    }
}
