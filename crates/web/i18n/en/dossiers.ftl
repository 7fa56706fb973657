frame-room-dossiers = Dossiers
frame-room-findings = Findings
table-before = Previous

dossiers-count = { $n ->
    [one] { $count } dossier
   *[other] { $count } dossiers
}
dossiers-none = There is no dossier yet. Choose a system and begin one above.
dossiers-none-of-filter = No dossier fits this filter.
dossiers-begin = Begin a dossier
dossiers-id = No.
dossiers-kind = Kind of dossier
dossiers-kind-head = Kind
dossiers-kind-level = Level dossier
dossiers-kind-design = Appraisal of the security design
dossiers-kind-short-level = Level
dossiers-kind-short-design = Design
dossiers-level = Proposed level
dossiers-level-short = Level
dossiers-registered-as = The register says level { $level }
dossiers-other-level = The dossier proposes level { $proposed }, the register says level { $registered }. Once it is approved, the register has the approved level.
dossiers-design-level = The design is of level { $its }, the register says { $registered }: it is submitted and approved at the level of the register only, and the gate takes no design of a lower one.
dossiers-sets-level = Approving writes level { $level } into the register.
dossiers-number = Decision number
dossiers-approved = Approved on
dossiers-changed = Last changed
dossiers-to-gate = The gate
dossiers-says = What it says
dossiers-scope = The system and its boundary
dossiers-reasons = Why this level
dossiers-checklist = Questions by level
dossiers-item = Requirement
dossiers-answer = Answer
dossiers-answer-yes = Yes
dossiers-answer-partly = Partly
dossiers-answer-no = Not yet
dossiers-answer-not-applicable = Not applicable
dossiers-note = Explanation (needed unless «Yes»)
dossiers-documents = Documents referred to
dossiers-documents-about = Title, number and day only; the files are not kept here. The SHA-256, if known, to compare. Nothing secret.
dossiers-document = Title
dossiers-document-number = Number
dossiers-document-day = Day
dossiers-no-document = There is no document yet.
dossiers-way = The way
dossiers-state-draft = Draft
dossiers-state-submitted = Submitted
dossiers-state-returned = Returned
dossiers-state-appraised = Appraised
dossiers-state-approved = Approved
dossiers-step-begin = Began
dossiers-step-change = Changed
dossiers-step-submit = Submitted
dossiers-step-return = Returned
dossiers-step-appraise = Appraised
dossiers-step-approve = Approved
dossiers-step-comment = Comment
dossiers-do-submit = Submit for appraisal
dossiers-do-appraise = Appraise as good
dossiers-do-return = Return
dossiers-do-approve = Approve
dossiers-do-comment = Comment
dossiers-submit-about = Whoever wrote or submitted it neither appraises nor approves it.
dossiers-word = Comment
dossiers-conclusion = Conclusion
dossiers-what-must-change = What must change

projects-title = Projects
projects-count = { $n ->
    [one] { $count } project
   *[other] { $count } projects
}
projects-violations = { $count } decided before they might be
projects-none = There is no project yet. Register one above.
projects-add = Register a project
projects-name = Project
projects-planned = Planned (VND)
projects-appraised = Appraisal approved
projects-not-appraised = Not approved
projects-no-dossier = No dossier named
projects-appraise = Name its dossier
projects-dossier = Dossier of the project's design
projects-dossier-none = None
projects-dossier-about = A dossier serves one project. If there is none, begin one for this project.
projects-dossier-one = Dossier { $id } · level { $level }
projects-decided = Investment decided on
projects-not-decided = Not decided
projects-decide = Record the decision
projects-exception = Why it was decided without an appraisal or with too little for security
projects-exception-hint = only if it has happened
projects-violation = Violation: decided before the appraisal
projects-violation-security = Violation: decided with too little for security
projects-stage = Stage
projects-level = Expected level
projects-security = Security in the estimate (VND)
projects-no-security = None
projects-missing = { $amount } VND short
projects-estimate = Change the estimate
projects-short = Waiting for a decision with too little for security
projects-short-one = Short
projects-floor = A decision to invest:
projects-short-about = The estimate has a part for security before money is asked:

calendar-title = Assessments
calendar-none = No system fits.
calendar-months = { $n ->
    [one] { $count } month
   *[other] { $count } months
}
calendar-check = Assessment
calendar-check-scan = Vulnerability scan
calendar-check-pentest = Penetration test
calendar-check-assessment = Independent assessment
calendar-check-restore = Restore test
calendar-check-short-scan = Scan
calendar-check-short-pentest = Pentest
calendar-check-short-assessment = Independent
calendar-check-short-restore = Restore
calendar-state-overdue = Overdue
calendar-state-soon = Due soon
calendar-state-declared = Declared only
calendar-state-done = In date
calendar-done = Done on
calendar-due = Next due
calendar-until = until { $day }
calendar-never = never done
calendar-record = Record that one was done
calendar-record-it = Record
calendar-record-about = An officer's record is the agency's own word, which the gate does not count; one by whoever appraises or approves says that they have seen the report.
calendar-report = Report number
calendar-independent = Done by somebody independent
calendar-met = The restore worked and met RTO and RPO
calendar-minutes = Minutes until it ran again (of a restore)
calendar-lost-minutes = Minutes of data that were lost (of a restore)
calendar-tool = Tool (of a scan)
calendar-findings = Findings (of a scan)
calendar-intervals = Intervals by level

findings-catalogue = KEV catalogue { $version }, imported { $age } ago
findings-no-catalogue = No KEV catalogue was imported: khien kev import FILE
findings-import = Import a scan or an advisory
findings-record = Record one finding
findings-record-it = Record the finding
findings-record-about = For a finding of a penetration test or an inspection. Name the organisation that assessed, no person. A finding recorded by hand is no scan: it closes no other finding and counts for no interval of scans.
findings-record-title = What was found
findings-record-advice = Description and what to do
findings-record-place = Where (machine, address, page)
findings-record-rule = CVE or number of the check (if any)
findings-record-tool = Tool or organisation that assessed
findings-there = This finding is there already, nothing was added:
findings-open = Open
findings-grave = High or worse
findings-kev = Known exploited
findings-none = No finding is open. Import a scan (SARIF, CSV, XLSX) or an advisory (CSAF) to begin.
findings-none-of-filter = No finding fits this filter.
findings-state-open = Open
findings-state-fixed = Fixed
findings-state-accepted = Accepted
findings-state-all = All
findings-title = Finding
findings-about = Details
findings-rule = Rule
findings-place = Place
findings-tool = Tool
findings-advisory = Advisory
findings-run-at = Scan run at (if the file does not say)
findings-tool-hint = only for CSV and XLSX
findings-found = Found on
findings-seen = Last seen
findings-released = Advisory released
findings-fixed = Fixed on
findings-repaired = said to be repaired
findings-records = Evidence
findings-own-closed = The centre looks by itself each hour: it is closed when this is so no more.
findings-own-place = Where to mend it
findings-how-closed = It is closed by a retest alone: a later scan of the same tool no longer sees it, or somebody else than whoever repaired it has looked and names the report.
findings-advised-closed = An advisory names this; nobody has looked at the system. It is closed when somebody else than whoever repaired it has looked and names the report, or when a later version of the same advisory says outright that this very version is fixed or not affected.
findings-repair = Say that it is repaired
findings-retest = Retested: it is gone
findings-accept = Accept for a time
findings-step-find = Found
findings-step-again = Still there
findings-step-gone = No longer seen by a scan
findings-step-repair = Said to be repaired
findings-step-retest = Retested: gone
findings-step-accept = Accepted
findings-step-reopen = Opened again
findings-step-exploited = In the KEV catalogue
findings-step-unexploited = No longer in the KEV catalogue
findings-step-advise = Named by an advisory
findings-step-advise-again = Still named by an advisory
findings-step-take-back = Taken back by the advisory
findings-where = Place in the file
findings-mend = { $n ->
    [one] { $count } place of the file has to be mended; nothing was kept.
   *[other] { $count } places of the file have to be mended; nothing was kept.
}
findings-again = This file was imported for this system before; there is nothing to do.
findings-in-file = In the file
findings-new = New
findings-still = Still there
findings-gone = Gone, to be closed
findings-taken-back = Taken back, to be closed
findings-exploited = { $n ->
    [one] { $count } new finding is known to be exploited
   *[other] { $count } new findings are known to be exploited
}
findings-left-out = { $n ->
    [one] { $count } result is no fault and was left out
   *[other] { $count } results are no faults and were left out
}
findings-advice = Advisory «{ $title }», version { $version }.
findings-advice-no-scan = Held against the products and inventories of the register; it does not count as a scan.
findings-advice-concerns = Concerns the system
findings-advice-nothing = The advisory calls nothing affected that the register knows this system to use: there is nothing to keep.
findings-advice-possible = { $n ->
    [one] { $count } finding is only possible: compare the version in use
   *[other] { $count } findings are only possible: compare the versions in use
}
findings-advice-unsaid = { $n ->
    [one] { $count } earlier finding of this advisory is not named any more and stays open until it is retested
   *[other] { $count } earlier findings of this advisory are not named any more and stay open until they are retested
}
findings-advice-confirmed = { $n ->
    [one] { $count } finding that was closed by somebody's word alone is confirmed by this advisory
   *[other] { $count } findings that were closed by somebody's word alone are confirmed by this advisory
}
findings-advice-left-out = { $n ->
    [one] { $count } product that the advisory names is not in the register for this system, or in another version: left out
   *[other] { $count } products that the advisory names are not in the register for this system, or in another version: left out
}
findings-keep = { $n ->
    [one] Keep { $count } finding
   *[other] Keep { $count } findings
}
findings-keep-taken-back = Keep what the advisory takes back
findings-keep-none = Keep the scan that found nothing
findings-import-about = SARIF 2.1.0, or CSV or XLSX with the columns rule, title, severity, place (and CVE). At most { $most }. The file is all that one scan has found: what the same tool found before and is not in it is closed.

findings-import-advice = Or a security advisory in CSAF 2.0 or 2.1 (JSON): it is held against the products and components that the register knows the system to use, and what it calls affected becomes a finding. An advisory is no scan: it closes nothing that a tool has found. Drafts and TLP:RED are refused.
done-dossier-begin = The dossier was begun.
done-dossier-change = The dossier was saved.
done-dossier-submit = The dossier was submitted.
done-dossier-return = The dossier was returned.
done-dossier-appraise = The dossier was appraised.
done-dossier-approve = The dossier was approved.
done-dossier-comment = The comment was added.
done-project = The project was registered.
done-project-estimated = The estimate was saved.
done-project-appraised = The project's dossier was saved.
done-project-decided = The decision was recorded.
done-assessed = The assessment was recorded.
done-findings-imported = The scan was imported.
done-advisory-imported = The advisory was imported.
done-finding-added = The finding was recorded.
done-finding-again = The finding was known; it was noted as still there.
done-finding-reopened = The finding was known; it is open again.
done-finding-repair = Noted; it waits for a retest.
done-finding-retest = The finding is closed.
done-finding-accept = The finding is accepted for a time.
dossiers-none-who = There is no dossier yet. Officers of the agency that has the system begin one on this page, once the system is registered.
projects-none-who = There is no project yet. Officers of the agency that has the system register one on this page, once the system is registered.
calendar-nothing = No system has to be assessed yet. The calendar begins when systems are registered.
