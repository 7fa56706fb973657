# Attesting.
attest-title = Attest evidence
attest-it = Attest
attest-list-about = What the agency can say of itself, by groups of the index. «Worth» are the points that those indicators lack; one's own word earns a part of them, until somebody of another agency confirms it.
attest-about = The record is kept as «declared». Name the document that shows it, so that somebody of another agency can compare and confirm.
attest-worth = Worth
attest-has = What is there
attest-other = Not counted by the index
attest-optional = optional
attest-over = expired on { $day }
attest-until = until { $day }
attest-document = Document that shows it
attest-doc-title = Title
attest-doc-number = Number
attest-doc-day = Day of the document
attest-doc-file = File of the document
attest-doc-file-about = At most { $limit }. The centre keeps the file as it is, so that somebody of another agency can open it and compare, and computes its SHA-256. Send nothing that bears a mark of secrecy: the program reads marks in names, at the head of texts and in properties, not in scans or on the pages of a PDF. Without the file, its SHA-256 alone may be typed.
attest-doc-file-again = Choose the file again: a page that was refused does not keep it.
attest-paper = Document ({ $name }, { $size })
attest-paper-number = Only the number of the document was given; the centre keeps no file.
attest-paper-digest = Only the SHA-256 of the document was given; the centre keeps no file.
attest-doc-sha256 = SHA-256 of the file
attest-since = So since (empty: today)
attest-valid-until = Counts to the end of (empty: without an end)
attest-save = Record
attest-wrong = { $n ->
    [one] { $count } field is wrong: see the words at it.
   *[other] { $count } fields are wrong: see the words at each.
}
done-attested = Recorded; it waits for somebody of another agency to confirm it.
hidden-title = Reportable incidents that were not reported
hidden-about = An appraiser of another agency records it, with the document. For 12 months from the day it was found the agency is graded C at best and N3.5 is 0. What is wrong is taken back by somebody else, with a reason.
hidden-none = None is recorded.
hidden-found-on = found on { $day }
hidden-subject = Code or name of the incident
hidden-found = Found on
hidden-reason = Why it had to be reported (no names of people)
hidden-document = Number of the document
hidden-record = Record it
hidden-withdraw = Take it back
hidden-withdraw-reason = Why it is taken back
done-hidden-recorded = The unreported incident is recorded.
done-hidden-withdrawn = It is taken back: the record counts no more.

attest-subject-year = Year
attest-subject-month = Month (such as 2026-10)
attest-subject-project = Code of the project
attest-subject-incident = Code of the incident
attest-subject-site = Site of the servers
attest-subject-procurement = Code of the procurement
attest-subject-drill = Code of the drill
attest-subject-contribution = Code of the contribution
attest-subject-bulletin = Code of the bulletin
attest-subject-exercise = Code of the exercise
attest-subject-action = Code of the action
attest-subject-task = Code of the task
attest-subject-report = Code of the report
attest-subject-scenario = Code of the scenario
attest-subject-finding = Code of the finding
attest-subject-endpoint = Address of the service
attest-subject-alert = Number of the alert
attest-subject-host = Name of the host
attest-subject-risk = Code of the risk
attest-subject-product = Code of the product

attest-field-signed = Day of the assignment
attest-field-head = The head is assigned
attest-field-deputy = A deputy is assigned
attest-field-contacts = Contacts
attest-field-accounts = All assigned have an active account
attest-field-all-active = All assigned are in office
attest-field-systems = Systems
attest-field-decided = Day of the decision
attest-field-appraised = Day of the security appraisal
attest-field-name = Name
attest-field-clean = No data of real persons
attest-field-processing = File on processing of personal data
attest-field-impact = Impact assessment
attest-field-serious = Serious
attest-field-opened = Opened at
attest-field-contain-by = To be contained by
attest-field-contained = Contained at
attest-field-incident-state-closed = Closed at
attest-field-closed = Day it was done
attest-field-reportable = Must be reported
attest-field-report-by = To be reported by
attest-field-incident-state-reported = Reported at
attest-field-reported = How many reported the mail
attest-field-review-by = To be reviewed by
attest-field-reviewed = Day of the review
attest-field-actions-on-time = Actions in time
attest-field-drill = It is a drill
attest-field-independent = Done by somebody independent
attest-field-success = It could be restored
attest-field-rto-met = Recovery time met (RTO)
attest-field-rpo-met = Recovery point met (RPO)
attest-field-restore-tested-minutes = Minutes until it ran again
attest-field-lost-minutes = Minutes of data that were lost
attest-field-endpoints = Endpoints
attest-field-protected = Protected endpoints
attest-field-servers = Servers
attest-field-qualified = Servers at qualified sites
attest-field-components = Cryptographic components
attest-field-privileged = Privileged accounts
attest-field-privileged-strong = Privileged accounts with strong authentication
attest-field-active = Accounts in use
attest-field-mfa = Accounts with several factors
attest-field-risks = Risks
attest-field-domestic = Domestic product
attest-field-reason-accepted = The reason against a domestic one was accepted
attest-field-made = Day of the purchase
attest-field-staff = Staff
attest-field-completed = How many completed it
attest-field-due-hours = Hours due
attest-field-counted-hours = Hours done
attest-field-approved = Approved posts
attest-field-filled = Filled posts
attest-field-holders = Holders of posts
attest-field-certified = Holders with a suitable certificate
attest-field-called = How many were called
attest-field-answered = How many answered
attest-field-bulletin-addressed-answered = Answered at
attest-field-bulletin-addressed-published = Published at
attest-field-delivered = Recipients of the drill
attest-field-planned = Activities planned
attest-field-carried-out = Activities carried out
attest-field-received = Reports received
attest-field-topic = What did not happen
attest-field-accepted = Accepted
attest-field-joined = Joined
attest-field-note = There is a report on it
attest-field-form = Form
attest-field-due = Due
attest-field-done = Day it was done
attest-field-submitted = Day of submission
attest-field-matches = Matches the figures of the centre
attest-field-applicable = Applies to the agency
attest-field-tested = Day of the drill
attest-field-severity = Severity
attest-field-state = State
attest-field-found = Day it was found
attest-field-fixed = Day it was fixed
attest-field-title = Title of the finding
attest-field-kev = Known to be exploited
attest-field-internet = Faces the Internet
attest-field-tool = Tool
attest-field-findings = Findings
attest-field-minutes = Minutes that logs are due for
attest-field-heard = Minutes with logs
attest-field-required = Required sources
attest-field-alive = Sources alive
attest-field-raised = Raised at
attest-field-acknowledged = Acknowledged at
attest-field-rating = Rating
attest-field-ended = Day it ended
attest-field-level = Level
attest-field-number = Number of the document
attest-field-total = Whole budget (đồng)
attest-field-security = Budget for security (đồng)
attest-word-project = investment project
attest-word-risk = risk
attest-word-incident = incident
attest-word-server = server
attest-word-product = product
attest-word-procurement = procurement
attest-word-citizen-report = report of a citizen
attest-word-bulletin = bulletin to the agency
attest-word-exercise = inter-province exercise
attest-word-task = task
attest-word-report = report
attest-word-inspection = inspection finding
attest-word-tabletop = tabletop
attest-word-live = live
attest-word-informational = informational
attest-word-low = low
attest-word-medium = medium
attest-word-high = high
attest-word-critical = critical
attest-word-open = open
attest-word-closed = closed
attest-word-fixed = fixed
attest-word-accepted = accepted
attest-word-draft = draft
attest-word-submitted = submitted
attest-word-returned = returned
attest-word-appraised = appraised
attest-word-approved = approved

# Reviewing.
frame-room-reviews = Reviews
reviews-count = { $n ->
    [one] { $count } record waits for you
   *[other] { $count } records wait for you
}
reviews-about = Compare the document, then confirm: a new record counts as «documented» and takes the declared one's place. Whoever refuses says why, for the agency to read.
reviews-home = You belong to { $agency } and decide nothing of it.
reviews-no-home = Nobody knows of which agency you are: you can confirm once an administrator has named it.
reviews-none = Nothing that was declared waits.
reviews-decision = Decision
reviews-confirm = Confirm
reviews-refuse = Refuse
reviews-state-waiting = Waits for confirmation
reviews-state-confirmed = Confirmed
reviews-state-refused = Refused
reviews-state-replaced = Replaced
done-review-confirmed = Confirmed: this record takes the declared one's place.
done-review-refused = Refused, with the reason.

# Rounds.
rounds-title = Rounds
rounds-about = One round a year: opened, attested and confirmed, checked by sample, comments and appeals, frozen, published. It ranks organisations only.
rounds-none = No round was opened yet. Whoever leads opens one here.
rounds-of = Round of { $year }
rounds-year = Year
rounds-pack = Index
rounds-state = State
rounds-state-open = Open
rounds-state-review = Review
rounds-state-frozen = Frozen
rounds-state-published = Published
rounds-cutoff = Cut-off
rounds-packs = Packs of the ledger
rounds-packs-about = Of those that are valid, the one that came last is in force; khien index pack changes that.
rounds-pack-valid = Valid
rounds-pack-indicators = Indicators
rounds-pack-from = From
rounds-pack-record = Record
rounds-pack-current = in force
rounds-pack-own = with the program
rounds-pack-brought = brought
rounds-cutoff-now = empty: now
rounds-opened = opened { $at }
rounds-open = Open a round
rounds-open-about = The index of a round stays the same until it is published.
rounds-left = What is left to do
rounds-left-open = Agencies attest, others confirm. Then go on to the review: the sample is drawn by the hash of a checkpoint and a random number.
rounds-left-samples = { $n ->
    [one] { $count } record of the sample was not looked at again; freeze when all were.
   *[other] { $count } records of the sample were not looked at again; freeze when all were.
}
rounds-left-freeze = The whole sample was looked at: it can be frozen.
rounds-frozen-note = What was so until the cut-off changes by an accepted appeal alone.
rounds-left-appeals = { $n ->
    [one] { $count } comment or appeal waits; publish when all are decided.
   *[other] { $count } comments and appeals wait; publish when all are decided.
}
rounds-left-publish = No appeal waits: it can be published.
rounds-left-nothing = Nothing: the table was published once and does not change.
rounds-do-review = Draw the sample and review
rounds-do-freeze = Freeze
rounds-do-publish = Publish
rounds-sample = Sample check
rounds-sample-none = The sample is drawn when the review begins.
rounds-sample-empty = The sample has no record of agencies that you may see.
rounds-fails = { $n ->
    [one] { $count } does not hold
   *[other] { $count } do not hold
}
rounds-look = Second look
rounds-look-waiting = waits for a second look
rounds-look-holds = holds
rounds-look-fails = does not hold, withdrawn
rounds-do-hold = Holds
rounds-do-fail = Does not hold
rounds-reason = Reason
rounds-appeals = Comments and appeals
rounds-appeals-left = { $n ->
    [one] { $count } waits
   *[other] { $count } wait
}
rounds-appeals-none = No comments and appeals yet. Officers of an agency lodge them from the page of an indicator.
rounds-draw = How the sample was drawn
rounds-seed = Seed
rounds-checkpoint = Checkpoint
rounds-population = Drawn from
rounds-draw-note = The seed is the hash of the checkpoint and of a random number that nobody knew before; whoever has an export of the ledger draws the very same sample (docs/index.md).
rounds-published = Published table
rounds-published-at = Published
rounds-recompute = Compute it again from an export:
rounds-lodge = Comment or appeal
rounds-lodge-it = Lodge
rounds-lodge-about = Say what is not right, and which document shows it. Somebody of another agency decides; an appeal is accepted by a record that corrects.
rounds-form-kind = Form
rounds-form-appeal = Appeal
rounds-form-comment = Comment
rounds-appeal-lodged = Waits for a decision
rounds-appeal-accepted = Accepted
rounds-appeal-refused = Refused
rounds-appeal-answered = Answered
rounds-lodged-at = Lodged
rounds-decided = Decided
rounds-correction = Record that corrects
rounds-effect = Before and after the correction
rounds-effect-at = counted for { $at }
rounds-before = Before
rounds-after = After
rounds-rank-of = Rank of { $agency }
rounds-same = { $n ->
    [one] Exactly one agency changes: the score of { $count } other is the same to the byte.
   *[other] Exactly one agency changes: the scores of { $count } others are the same to the byte.
}
rounds-differs = Scores of others change, too:
rounds-accept = Accept the appeal
rounds-accept-kind = Correct evidence of the kind
rounds-accept-choose = Choose
rounds-accept-about = The record that corrects counts as «documented» and must be before the cut-off. Without a day it has the moment of the record that it replaces, or that of the cut-off.
rounds-corrects = Replaces record
rounds-decision-reason = Reason of the decision
rounds-do-accept = Accept and correct
rounds-withdraw = Withdraw a record
rounds-do-withdraw = Accept and withdraw
rounds-refuse = Refuse the appeal
rounds-answer = Answer the comment
rounds-since = Since { $year }
rounds-moved-since = Movement since the published round of { $year }.
rounds-moved-month = Movement within 30 days: no round was published yet.
rounds-sensitivity = How firm the order is
rounds-sensitivity-about = Each weight is made a fifth more and less, and the order formed anew. Kendall's τ of 1 is the same order; a firm rank is one that never changes.
rounds-sensitivity-none = No cohort has enough agencies to be ranked.
rounds-tau = least τ { $tau }
rounds-firm = { $n ->
    [one] { $count } firm rank
   *[other] { $count } firm ranks
}
rounds-firmness = Firmness
rounds-is-firm = firm
rounds-range = from rank { $best } to { $worst }
rounds-moves = { $n ->
    [one] { $count } change
   *[other] { $count } changes
}
rounds-movers = Indicators that move ranks
rounds-no-movers = No weight moves a rank.
done-round = The round was brought up to date.
done-sample-looked = The second look was recorded.
done-lodged = Lodged; somebody of another agency decides.
done-appeal-decided = The decision was recorded.
admin-home = Own agency
admin-home-note = An appraiser or a lead decides nothing of their own agency, and without one nothing of any.
rounds-reason-must = What was looked at and found (needed, also if it holds)
reviews-reason = Reason (needed to refuse)
rounds-no-movers-yet = There is no ranking yet whose weights could be moved: two agencies of a cohort with data are needed.
