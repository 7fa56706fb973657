shift-taken = the shift has been taken over
shift-waits = nobody has taken over by the latest note
shift-none = no hand-over note yet
shift-latest = Latest note
shift-before = Notes
shift-no-notes = No note yet. At the end of a shift, write what the next one needs to know beside here.
shift-who = Handed over by
shift-said = What
shift-taken-over = Taken over by
shift-taken-by = { $who } took over at { $when }
shift-take = I take over
shift-another = Somebody of the next shift takes over; whoever wrote the note cannot.
shift-write = Write a hand-over note
shift-numbers = The figures above are kept with the note.
shift-text = What the next shift needs to know
shift-leave = Hand over
shift-alerts = { $n ->
    [one] { $count } open alert
   *[other] { $count } open alerts
}
shift-incidents = { $n ->
    [one] { $count } open incident
   *[other] { $count } open incidents
}
shift-silent = { $n ->
    [one] { $count } silent source
   *[other] { $count } silent sources
}

done-shift-written = The hand-over note is left.
done-shift-taken = The shift is yours.
shift-taken-at = Taken over at
