index-rank = Rank
index-cohort = Cohort
index-score = Score
index-grade = Grade
index-caps = Caps
index-confidence = Confidence
index-confidence-long = share measured automatically with evidence in date
index-movement = 30 days
index-up = up { $points }
index-down = down { $points }
index-not-ranked = Not ranked: fewer than 5 agencies in the cohort
index-rank-of = rank { $rank } of { $of } in the cohort
index-empty = No agency is rated yet. The table is computed from evidence in the ledger: register agencies and systems and record evidence first.
index-computed = Computed { $at }
index-records = { $n ->
    [one] { $count } record
   *[other] { $count } records
}
index-hash = Hash of the table
index-recompute = Whoever has the evidence can compute this table again: khien ledger export, then khien index recompute or docs/recompute.py.
index-indicators = Indicators
index-indicators-note = every number opens the records that made it
index-id = Id
index-indicator = Indicator
index-evidence = Evidence
index-value = Value
index-target = Target
index-floor = Floor
index-points = Points
index-weight = Weight
index-known = Known by
index-measured = measured
index-documented = documented
index-declared = declared
index-none = no evidence
index-not-applicable = not applicable
index-state-scored = With evidence
index-state-no-evidence = Without evidence
index-state-not-applicable = Not applicable
index-counted = { $n } of { $all } records count
index-unit-minutes = min
index-unit-hours = h
index-gains = What would raise the score
index-gains-note = by weight
index-no-gains = There is no point left to gain.
index-and-more = { " " }and { $count } more
index-letter = One-page letter
index-export-evidence = Evidence
index-groups = Six groups
index-cap-note = capped because: { $why }
index-formula = Formula
index-validity = Validity
index-mode = How the figure comes about
index-source = Source
index-across = This indicator across agencies
index-why = The records that made this number
index-why-empty = There is no record. Without evidence an indicator earns nothing; it is not «not applicable».
index-nothing = Not applicable, because records show that there was nothing to measure:
index-lacks-set = Missing:
index-counts = Counts
index-counts-yes = counts
index-counts-no = does not count
index-counts-declared = declared, counts in part
index-by = By record
index-against = Against it
index-lacks = Missing
index-took = Took
index-shown-first = { $n ->
    [one] { $count } more record; export to see all.
   *[other] { $count } more records; export to see all.
}
index-letter-to = To the head of { $agency }
index-letter-says = By the evidence in the ledger up to { $at }, your agency stands as follows.
index-letter-do = What to do first
index-letter-reply = The agency may reply: each number opens the records that made it in the room Index.
index-letter-organisation = This table rates organisations, not persons.

gate-decision = Decision
gate-against = Not met
gate-at = At
gate-until = Until
gate-state-allow = Allowed
gate-state-deny = Denied
gate-state-over = Expired
gate-state-none = Not asked
gate-state-broken = Glass broken
gate-operating = { $n ->
    [one] { $count } operating system has no leave of the gate
   *[other] { $count } operating systems have no leave of the gate
}
gate-all-allowed = Every operating system has leave of the gate.
gate-empty = There is no system here.
gate-conditions = { $n ->
    [one] { $count } condition not met
   *[other] { $count } conditions not met
}
gate-asked = Asked { $at } by { $policy }
gate-allow-until = holds until { $at }
gate-reasons = Conditions
gate-holds = met
gate-fails = not met
gate-record = record
gate-no-record = no evidence
gate-history = Decisions kept
gate-no-history = The ledger has no decision yet.
gate-before = Conditions before the stage
gate-conditions = The next stage is behind the gate
gate-keep = Keep the decision
gate-break = Break the glass…
gate-break-note = A system that is not yet safe is not put into use. Breaking the glass names who did it and why, ends by itself and makes a review to do; the index counts the system as not allowed.
gate-break-reason = Reason
gate-break-hours = Hours (at most { $most })
gate-break-do = Break the glass
gate-held-open = Held open until { $until }: { $why }
gate-to-list = To the list

evidence-record = Record
evidence-kind = Type
evidence-about = About
evidence-system = System
evidence-how = Known by
evidence-how-measured = measured
evidence-how-documented = documented
evidence-how-declared = declared
evidence-from = From
evidence-from-event = event
evidence-from-alert = alert
evidence-from-incident = incident
evidence-from-document = document
evidence-from-attestation = attestation
evidence-from-probe = probe
evidence-from-drill = drill
evidence-from-register = register
evidence-from-decision = decision
evidence-ref = Reference
evidence-by = By
evidence-at = At
evidence-until = Counts until
evidence-recorded = Recorded
evidence-content = Content
evidence-content-hash = Hash of the content
evidence-prev = Record before
evidence-hash = Hash
evidence-corrects = Replaces record
evidence-corrected-by = Replaced by
evidence-chain = Chain
evidence-chain-note = Each record holds the hash of the record before and of its content; the root of the tree is signed every hour with Ed25519 and ML-DSA-65.
evidence-origin = Open where it comes from
evidence-empty = No record matches.
evidence-none-content = This record has no content of its own.
evidence-older = Older
evidence-all-kinds = All types
evidence-agency-code = Code of the agency
evidence-system-code = Code of the system
evidence-filter = Filter

done-gate-decided = The gate was asked and its decision kept.
done-gate-broken = The glass is broken; a review to do was made.
