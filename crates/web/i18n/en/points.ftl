critical-title = Critical systems and single points of failure
critical-short = Critical
critical-about = Whether recovery objectives are met, and what takes many systems with it when it fails alone.
critical-systems = Critical systems
critical-none = No system is marked critical. Mark one on its page.
critical-state-all = Critical systems
critical-state-untested = Restore not tried
critical-state-missed = Restore missed objectives
critical-state-no-plan = No continuity plan
critical-state-unexercised = Plan not exercised
critical-state-slower = Lean on slower systems
critical-state-refused = Not let through the gate
critical-hours = { $n ->
    [one] { $count } hour
   *[other] { $count } hours
}
critical-restore = Restore test
critical-restore-at = Restore tested at
critical-restore-record = Record of the restore test
critical-restore-none = not tried
critical-restore-stale = too long ago, counts as not tried
critical-restore-met = met RTO and RPO
critical-restore-missed = missed
critical-missed-success = could not be restored
critical-missed-rto = missed RTO
critical-missed-rpo = missed RPO
critical-continuity = Continuity plan in force
critical-continuity-short = Plan
critical-in-force = in force
critical-no-plan = none
critical-exercise = Exercise of the continuity plan
critical-exercised-on = Last exercised on
critical-exercise-none = no plan
critical-exercise-never = never exercised
critical-exercise-stale = exercised too long ago
critical-exercise-done = exercised
critical-needs = Systems that it needs, directly or by way of others
critical-needs-short = Needs
critical-slower = Systems that it needs and that recover later, or have no RTO
critical-slower-n = { $n ->
    [one] { $count } recovers later
   *[other] { $count } recover later
}
critical-findings = Open findings of Khiên
critical-findings-short = Findings
critical-points = Single points of failure
critical-points-about = Systems that { $critical } critical systems, or { $dependents } of any kind, or more need; sites and providers that { $together } critical systems or more have in common.
critical-points-none = There is no single point of failure.
critical-points-all = All
critical-points-system = Systems
critical-points-site = Sites
critical-points-provider = Providers
critical-points-conflict = Recover later than needed
critical-points-unmarked = Not marked critical
critical-points-no-plan = No continuity plan
critical-point = What may fail
critical-kind-system = System
critical-kind-site = Site
critical-kind-provider = Provider
critical-falls = Takes with it
critical-of-critical = { $n ->
    [one] { $count } critical system
   *[other] { $count } critical systems
}
critical-of-all = { $n ->
    [one] { $count } system in all
   *[other] { $count } systems in all
}
critical-of-agencies = { $n ->
    [one] { $count } agency
   *[other] { $count } agencies
}
critical-agencies = Agencies that depend
critical-recovery = Recovery
critical-own = its RTO is { $time }
critical-demanded = the most urgent needs { $time }
critical-demand = Tightest RTO needed (minutes)
critical-in-time = in time
critical-weak = Weaknesses
critical-weak-later = recovers later than needed
critical-weak-unsaid = no RTO said
critical-weak-unmarked = not marked critical
critical-weak-no-plan = no continuity plan in force
critical-weak-unqualified = the site is not shown to be qualified
critical-weak-no-exit = an exit plan is missing
critical-nothing = none seen
zones-title = Map of networks
zones-short = Networks
zones-about = In which network systems stand, which links lead from one into another, and whether a decision lets them.
zones-map = The three networks and the links between them
zones-links = { $n ->
    [one] { $count } link
   *[other] { $count } links
}
zones-no-link = no link
zones-n-none = { $count } without a decision
zones-n-ended = { $count } ended
zones-n-in-force = { $count } in force
zones-state-all = All
zones-state-none = Without a decision
zones-state-ended = Ended
zones-state-in-force = In force
zones-standing = Standing
zones-crossings = Links across networks
zones-from = From the system
zones-to = To the system
zones-from-zone = From network
zones-to-zone = To network
zones-any-from = From any network
zones-any-to = To any network
zones-document = Decision
zones-guard = Controlled by
zones-paper-only = in a paper only, no need is registered
zones-needed = Need registered
zones-of-another = a paper of another agency
zones-none = No link leads from one network into another.
critical-measured = took { $took }, lost data of { $lost }
