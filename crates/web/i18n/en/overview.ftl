overview-until = figures until { $when }
overview-hand-over = Hand over…
overview-note-waits = { $who } left a hand-over note at { $when }; nobody has taken over yet
overview-grave = Open alerts, high or graver
overview-of-open = of { $count } open
overview-waited = Time to acknowledge, P90, 24 hours
overview-median = half within { $span }
overview-waiting = { $n ->
    [one] { $count } waits
   *[other] { $count } wait
}
overview-incidents = Incidents
overview-open-now = open now
overview-silent = Silent sources
overview-of-sources = { $n ->
    [one] of { $count } source
   *[other] of { $count } sources
}
overview-day = Alerts, 24 hours
overview-quarter = a column is 15 minutes, by when it happened
overview-fortnight = Alerts, 14 days
overview-a-day = a column is a day
overview-column = { $when }: alerts { $count }
overview-queue = Open the queue
overview-silent-sources = Sources silent or never heard
overview-all-sources = { $n ->
    [one] { $count } source
   *[other] { $count } sources
}
overview-source = Source
overview-since = State
overview-silent-for = silent for { $span }
overview-never = never heard
overview-nobody-silent = All sources send as expected.
overview-no-incident = No incident is open.
overview-tactics = ATT&CK tactics
overview-coverage = Coverage
overview-worst = Open now, the gravest
overview-worst-first = gravest and newest first
overview-no-alert = No alert is open.
try-first = Try first
try-queue = Open the queue of alerts: j and k walk, Enter shows why, a takes, c closes, ? tells all keys
try-attacker = Find every event from the attackers' network, then click values to narrow
try-groups = Group alerts by rule: tune or suppress the one that is loud
try-shift = Write a hand-over note; sign in as truc2 to take over
try-incident = Raise the ransomware alerts to an incident and assign it
try-coverage = See what of ATT&CK the rules cover and which cells are empty
try-sources = See which source was never heard and how to mend it
try-systems = Open a system of the agency: hosts, sources, alerts
try-number = Click a number to see the list behind it; print this page for a meeting
try-incidents = See which incidents are open and who leads them
try-source = Register a source, copy the snippet, watch its first event arrive
try-people = Invite somebody with a role and an agency
try-rules = Import a folder of Sigma rules and read the report
try-gate = See which system may not be used yet, and why
try-index = Open the index; press a number down to the record behind it
try-audit = See who did what, every search included; export CSV
try-limits = Read what the centre does not do
overview-no-source = No source is registered: the centre hears nothing yet. Agencies or the centre register sources in the room of sources.
overview-no-source-no-alert = Without a source there is no alert; that does not mean that all is well.

# How governance stands.
overview-money = Security budget { $year }
overview-without-leave = In use without leave of the gate
overview-of-in-use = { $n ->
    [one] of { $count } system in use
   *[other] of { $count } systems in use
}
overview-nothing-in-use = No system in use is registered yet
overview-overdue-findings = Overdue findings, high or graver
overview-no-findings = No scan has been imported yet
overview-overdue-risks = Risks past their day
overview-no-risks = No risk is recorded yet
overview-standing = Ranks
overview-whole-table = Whole table
overview-rank-in-cohort = rank in its cohort
overview-between = { $n ->
    [one] … { $count } agency more
   *[other] … { $count } agencies more
}
overview-nobody-rated = No agency is rated yet: register agencies and systems first; the table is computed from the evidence of the ledger.
overview-standing-soon = The first table is being computed; open this page again in a few minutes.
