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
