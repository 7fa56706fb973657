use crate::support::read;

#[test]
fn tables_with_any_separator_are_read() {
    for sign in [",", ";", "\t", "|"] {
        let text = "time~user~ghi chú~src_ip\r\n\
                    2024-03-01 09:15:30~an~\"hai ~ dòng\nvà \"\"nháy\"\"\"~192.0.2.7\r\n\
                    \r\n\
                    2024-03-01 09:15:31~bình~\r\n\
                    2024-03-01 09:15:32~chi~5\" ống~198.51.100.9~\n"
            .replace('~', sign);
        let reading = read(text.as_bytes());
        assert_eq!(reading.format, "csv", "{sign}");
        let [first, second] = reading.records.as_slice() else { panic!("{reading:#?}") };
        assert_eq!(first.get("ghi chú"), format!("hai {sign} dòng\nvà \"nháy\""));
        assert_eq!(first.get("src_ip"), "192.0.2.7");
        assert_eq!(first.time.as_deref(), Some("2024-03-01T02:15:30Z"));
        assert_eq!((first.number, second.number), (2, 6));
        assert_eq!(&text.as_bytes()[second.offset as usize..][..second.raw.len()], second.raw);
        assert_eq!(second.get("ghi chú"), "5\" ống");
        assert_eq!(second.get("user"), "chi");
        let [problem] = reading.problems.as_slice() else { panic!("{reading:#?}") };
        assert_eq!(problem.reason, "3 columns where the header names 4");
    }
}

#[test]
fn a_quote_that_is_never_closed_spoils_one_row_only() {
    let reading = read(b"a,b\n1,2\n3,\"4\n5,6\n7,8\n");
    let a: Vec<&str> = reading.records.iter().map(|r| r.get("a")).collect();
    assert_eq!(a, ["1", "5", "7"]);
    assert_eq!(reading.problems.len(), 1);
}

#[test]
fn what_is_no_table_is_not_taken_for_one() {
    for text in [
        "xin chào, các bạn\nhôm nay, trời đẹp, quá\nkhông",
        "1,2\n3,4\n",
        "a=1,b=2\na=3,b=4\n",
        "một dòng\n",
    ] {
        assert_ne!(read(text.as_bytes()).format, "csv", "{text}");
    }
}

#[test]
fn tables_of_windows_events_are_windows_events() {
    let text = "TimeCreated,Channel,EventID,Computer,CommandLine\n\
                2024-03-01T02:15:30Z,Security,4688,may-1.example,cmd.exe /c dir\n";
    let reading = read(text.as_bytes());
    assert_eq!(reading.records[0].labels, ["windows/process_creation/security"]);
}

#[test]
fn zeek_logs_follow_their_header() {
    let text = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n\
                #path\tdns\n#open\t2024-03-01-02-15-30\n\
                #fields\tts\tid.orig_h\tid.resp_p\tquery\trejected\tanswers\tTTLs\n\
                #types\ttime\taddr\tport\tstring\tbool\tvector[string]\tvector[interval]\n\
                1709259330.123000\t192.0.2.7\t53\txau\\x2eexample\tF\t198.51.100.9,a.example\t-\n\
                1709259331.000000\t192.0.2.7\t53\n\
                #close\t2024-03-01-02-15-40\n";
    let reading = read(text.as_bytes());
    assert_eq!(reading.format, "zeek");
    let [record] = reading.records.as_slice() else { panic!("{reading:#?}") };
    assert_eq!(record.labels, ["zeek/dns/dns", "*/network/dns"]);
    assert_eq!(record.fields["answers"], ["198.51.100.9", "a.example"]);
    assert_eq!((record.get("query"), record.get("rejected")), ("xau.example", "false"));
    assert!(!record.fields.contains_key("TTLs"));
    assert_eq!(record.time.as_deref(), Some("2024-03-01T02:15:30.123Z"));
    assert_eq!(record.addresses, ["192.0.2.7"]);
    assert_eq!(reading.problems.len(), 1);
}
