frame-skip = Skip to content
frame-rooms = Rooms
frame-all-rooms = All rooms
frame-fewer-rooms = Fewer rooms
frame-brand = Cyber security
frame-ask = Search events: host, user, address, command…
frame-per-second = events/s
frame-dark = Dark
frame-light = Light
frame-account = My account
frame-sign-out = Sign out
frame-keys = Keyboard shortcuts
frame-actions = Actions
frame-change = Change…
frame-remove = Remove…
frame-cancel = Cancel
frame-all = All
frame-none = None
frame-next = Next page
frame-first = To the beginning
frame-export = Export CSV
frame-seconds = { $n ->
    [one] { $count } second
   *[other] { $count } seconds
}
frame-minutes = { $n ->
    [one] { $count } minute
   *[other] { $count } minutes
}
frame-hours = { $n ->
    [one] { $count } hour
   *[other] { $count } hours
}
frame-days = { $n ->
    [one] { $count } day
   *[other] { $count } days
}
frame-wing-watch = On watch
frame-wing-sources = Sources
frame-wing-register = Register
frame-wing-centre = Centre
frame-room-overview = Overview
frame-room-alerts = Alerts
frame-room-search = Search
frame-room-suppressions = Suppressions
frame-room-sources = Log sources
frame-room-quarantine = Quarantine
frame-room-agencies = Agencies
frame-room-systems = Systems
frame-room-products = Supply chain
frame-room-tasks = Tasks
frame-room-custody = Custody
frame-room-gate = Gate
frame-room-index = Index
frame-room-risks = Risks
frame-room-controls = Controls
frame-room-crypto = Cryptography
frame-room-budget = Budget
frame-room-evidence = Evidence
frame-room-audit = Audit log
frame-room-admin = Administration
frame-room-help = Help
frame-room-shift = Hand-over
frame-room-incidents = Incidents
frame-room-leaks = Leaks
frame-room-rules = Detection rules
frame-machine = command line ({ $name })
frame-machine-alone = command line
frame-token = token { $name }
frame-program = Program
frame-save = Save
frame-room-limits = Scope and limits

role-administrator = Administrator
role-analyst = Analyst on shift
role-lead = Shift lead
role-officer = Agency security officer
role-appraiser = Appraiser
role-leader = Leader
role-auditor = Auditor

severity-critical = Critical
severity-high = High
severity-medium = Medium
severity-low = Low
severity-informational = Informational

state-new = New
state-in-progress = In progress
state-closed = Closed

done-password = The new password is set.
done-authenticator-removed = The authenticator was removed.
done-passkey = The passkey was added.
done-passkey-removed = The passkey was removed.
done-sessions = The session was ended.
frame-shift-none = No hand-over yet
frame-shift-waits = Hand-over waits
frame-shift-of = On shift: { $who }
