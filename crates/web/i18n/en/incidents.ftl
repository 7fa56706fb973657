incidents-title = Incident
incidents-lead = Lead
incidents-opened = Opened
incidents-closed = Closed
incidents-find = Find by title
incidents-none = No incident is open. When an alert is a real attack, open it and choose “Raise to an incident”.
incidents-none-of-filter = No incident fits this filter.
incidents-to-list = To the list
incidents-alerts = Linked alerts
incidents-no-alerts = No alert within your scope.
incidents-unlink = unlink
incidents-notes = Notes
incidents-no-notes = No note yet.
incidents-note = Note
incidents-go-on = Change the state
incidents-contain = Contained
incidents-broke-out = Spreading again: reopen
incidents-outcome = Outcome
incidents-close = Close the incident
incidents-edit = Edit
incidents-state-not-closed = Not closed
incidents-state-open = Open
incidents-state-contained = Contained
incidents-state-closed = Closed
incidents-state-all = All
incidents-outcome-resolved = Resolved
incidents-outcome-false-alarm = False alarm
incidents-outcome-duplicate = Duplicate
incidents-raise = Raise to an incident…
incidents-raise-it = Open the incident
incidents-or-join = Or add to incident number
incidents-join = Add

losses-title = Losses
losses-all = Losses of all incidents
losses-of-year = Losses by incidents { $year }
losses-estimated = Estimated (VND)
losses-actual = Actual (VND)
losses-apart = Actual to estimated
losses-both = estimated { $estimated }, actual { $actual }
losses-not-said = No figure
losses-not-counted = { $n ->
    [one] { $count } incident has no actual figure yet
   *[other] { $count } incidents have no actual figure yet
}
losses-lacking = { $n ->
    [one] { $count } incident without one
   *[other] { $count } incidents without one
}
losses-count = { $n ->
    [one] { $count } incident, by the actual figure or else the estimated (VND)
   *[other] { $count } incidents, by the actual figure or else the estimated (VND)
}
losses-none = There is no incident in this year.
losses-history = Figures as they were given
losses-kind = Figure
losses-amount = Amount (VND)
losses-reason = What was counted
losses-reason-hint = hours, repair, service lost
losses-record = Record the figure
losses-by-first = Counted for the agency of the first alert

done-incident-opened = The incident is open.
done-incident-joined = The alert was added to the incident.
done-incident-changed = The change is saved.
done-incident-noted = The note is saved.
done-incident-loss = The figure was recorded.
