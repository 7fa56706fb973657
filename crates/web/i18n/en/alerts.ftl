alerts-open = Open
alerts-any-severity = Any severity
alerts-or-graver = { $severity } or graver
alerts-any-time = Any time
alerts-1h = 1 hour
alerts-24h = 24 hours
alerts-7d = 7 days
alerts-30d = 30 days
alerts-everybodys = Everybody's
alerts-mine = Mine
alerts-all-agencies = All agencies
alerts-show = Show
alerts-time = Time
alerts-group = Group by
alerts-ungrouped = Not grouped
alerts-by-rule = By rule
alerts-by-entity = By what they are about
alerts-group-of = Group
alerts-agencies = Agencies
alerts-groups-cut = Only the 200 gravest groups are shown.
alerts-total = { $n ->
    [one] { $count } alert
   *[other] { $count } alerts, gravest and newest first
}
alerts-caption = Queue of alerts, gravest and newest first
alerts-none = No alert is open. If you are just beginning, connect log sources; if they are connected, see whether one is silent.
alerts-none-of-filter = No alert fits this filter.
alerts-clear = Clear the filter
alerts-look-at-sources = See the log sources
alerts-choose-all = Choose all
alerts-choose = Choose alert “{ $title }”
alerts-chosen = Chosen rows:
alerts-number = Number
alerts-no = number { $number }
alerts-severity = Severity
alerts-alert = Alert
alerts-entity = About
alerts-agency = Agency
alerts-system = System
alerts-count = Times
alerts-first = First
alerts-last = Last
alerts-state = State
alerts-reason = Reason
alerts-assignee = Assignee
alerts-attack = ATT&CK
alerts-rule = Detection rule
alerts-drawer = Details of the alert
alerts-whole-page = Open as a page
alerts-close-drawer = Close the details
alerts-to-queue = To the queue
alerts-party-host = Host
alerts-party-user = User
alerts-party-address = Address
alerts-seen = Seen
alerts-times = { $n ->
    [one] { $count } time
   *[other] { $count } times
}
alerts-of-times = the first of { $count }
alerts-its-events = its events
alerts-made-of = { $n ->
    [one] Made of { $count } event:
   *[other] Made of { $count } events:
}
alerts-why = Why it fired
alerts-when = When
alerts-find-same = find this value
alerts-means = What the rule says
alerts-around = Around this event, same host, ±5 minutes
alerts-all-around = Open all in Search
alerts-check = What to check first
alerts-harmless = May be harmless when
alerts-comments = Comments
alerts-kept-events = Events kept with it
alerts-take = Take
alerts-close = Close…
alerts-close-it = Close the alert
alerts-reopen = Open again
alerts-suppress = Suppress…
alerts-say = Comment…
alerts-say-it = Save the comment
alerts-comment = Comment
alerts-suppress-title = Suppress alerts
alerts-suppress-advice = Events are still kept and found; they only raise no alert until the day it expires. Look at what it would have hidden in the last 30 days before you save.
alerts-hides = Hides what fits everything chosen
alerts-only-agency = Only at agency { $agency }
alerts-reason-why = Reason (needed to save)
alerts-owner = Owner
alerts-days = Days
alerts-preview = Preview
alerts-suppress-it = Suppress
alerts-preview-title = Had it been there before
alerts-preview-empty = Press “Preview” to see which alerts of the last 30 days would be missing.
alerts-preview-partial = Only the 10,000 newest alerts were looked at.
alerts-would-vanish = Alerts not raised
alerts-would-shrink = Alerts with fewer events
alerts-events-hidden = Events hidden
alerts-kind-source-silent = Log source is silent
alerts-kind-two-zones = Asset in two networks
alerts-kind-system-not-allowed = A system is used without leave of the gate
alerts-kind-unregistered-host = Unregistered host

reason-true-positive = True, dealt with
reason-false-positive = The rule was wrong
reason-benign = True but allowed
reason-duplicate = Duplicate

done-alert-taken = The alert is yours.
done-alert-closed = The alert is closed.
done-alert-reopened = The alert is open again.
done-alert-commented = The comment is saved.
done-alerts-changed = Done with the chosen rows.
done-alerts-none-chosen = No row was chosen.
done-suppressed = Suppressed.
