leaks-title = Leaks
leaks-n = { $n ->
    [one] one case
   *[other] { $count } cases
}
leaks-about = number and day of the document and days of what was done, and nothing else; no title, no content
leaks-rule = This software is not for state secrets. What there is to say of a case is written outside it, in the way secret work demands. Only security officers and leaders, within the agencies that they answer for, and the leads of the centre see this page. The audit log has who looked and who changed which case of which agency; it has no number of a document, no kind and no step.
leaks-none = No case is recorded yet.
leaks-add = Record a leak
leaks-case = Case
leaks-kind = Of what
leaks-number = Number
leaks-number-about = Number of the document (required for state and work secrets)
leaks-dated = Day of the document
leaks-found = Found on
leaks-state = State
leaks-state-open = Being dealt with
leaks-state-withdrawn = Withdrawn
leaks-state-closed = Closed
leaks-who = written by { $who }
leaks-done = Done
leaks-report-to = Report to
leaks-move = Step
leaks-move-contain = Contained
leaks-move-report = Reported
leaks-move-close = Closed
leaks-move-withdraw = Withdrawn, by mistake
leaks-day = Day
leaks-step = Record a step
leaks-source = Source: { $source }
done-leak-recorded = The leak is recorded.
done-leak-stepped = The step is recorded.
