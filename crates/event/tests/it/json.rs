use crate::support::{read, shared};

#[test]
fn nested_windows_events_get_sigma_names() {
    let text = r##"{
  "Event": {
    "#attributes": {"xmlns": "x"},
    "System": {
      "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
      "EventID": 1,
      "TimeCreated": {"#attributes": {"SystemTime": "2025-11-27T07:40:10.165324Z"}},
      "EventRecordID": 571146,
      "Correlation": null,
      "Execution": {"#attributes": {"ProcessID": 3544, "ThreadID": 4272}},
      "Channel": "Microsoft-Windows-Sysmon/Operational",
      "Computer": "pc-01.example"
    },
    "EventData": {"Image": "C:\\Windows\\cmd.exe", "User": "MINHHOA\\an", "Hashes": "MD5=AA"}
  }
}"##;
    let reading = read(text.as_bytes());
    assert_eq!(reading.format, "json-values");
    assert_eq!(reading.problems, []);
    let [record] = reading.records.as_slice() else { panic!("one record: {reading:?}") };
    assert_eq!(record.get("Image"), r"C:\Windows\cmd.exe");
    assert_eq!(record.get("EventID"), "1");
    assert_eq!(record.get("Provider_Name"), "Microsoft-Windows-Sysmon");
    assert_eq!(record.get("Execution_ProcessID"), "3544");
    assert_eq!(record.labels, ["windows/process_creation/sysmon"]);
    assert_eq!(record.time.as_deref(), Some("2025-11-27T07:40:10.165324Z"));
    assert_eq!(record.time_source, "stated");
    assert_eq!(record.host.as_deref(), Some("pc-01.example"));
    assert_eq!(record.user.as_deref(), Some(r"MINHHOA\an"));
}

#[test]
fn broken_objects_are_problems_and_the_rest_is_read() {
    let text = b"{\"a\":1}\n{\"a\":\n{\"a\":\"\xff\"}\nnot json\n{\"a\":[1,{\"b\":null}]} x\n{\"a\":[1,{\"b\":null}]}\n";
    let reading = read(text);
    let numbers: Vec<u64> = reading.records.iter().map(|r| r.number).collect();
    assert_eq!(numbers, [1, 3, 6]);
    assert_eq!(reading.records[1].get("a"), "\u{fffd}");
    assert_eq!(reading.records[2].fields["a"], ["1"]);
    assert_eq!(reading.records[2].fields["a.b"], [""]);
    let offsets: Vec<u64> = reading.problems.iter().map(|p| p.offset).collect();
    assert_eq!(offsets, [8, 24, 33]);
}

#[test]
fn the_regression_samples_read_whole() {
    let Some(root) = shared("sigma/regression_data") else { return };
    let mut count = 0;
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "json") {
                let reading = read(&std::fs::read(&path).unwrap());
                assert_eq!(reading.problems, [], "{}", path.display());
                for record in &reading.records {
                    assert_eq!(record.kind, "windows", "{}", path.display());
                    assert_eq!(record.time_source, "stated", "{}", path.display());
                    assert!(record.labels[0].starts_with("windows/"), "{}", path.display());
                }
                count += 1;
            }
        }
    }
    assert!(count >= 97, "{count}");
}
