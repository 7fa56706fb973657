rules-n = { $n ->
    [one] { $count } rule
   *[other] { $count } rules
}
rules-n-hits = { $n ->
    [one] { $count } hit in 30 days
   *[other] { $count } hits in 30 days
}
rules-n-techniques = { $n ->
    [one] { $count } ATT&CK technique
   *[other] { $count } ATT&CK techniques
}
rules-n-found = { $n ->
    [one] { $count } technique found in 30 days
   *[other] { $count } techniques found in 30 days
}
rules-n-untagged = { $n ->
    [one] { $count } rule names no technique.
   *[other] { $count } rules name no technique.
}
rules-n-more-files = { $n ->
    [one] { $count } more file is not shown here.
   *[other] { $count } more files are not shown here.
}
rules-state-all = All
rules-state-found = Found something
rules-state-set = Changed here
rules-state-off = Switched off
rules-origin = Origin
rules-origin-shipped = Shipped
rules-origin-folder = Folder
rules-origin-imported = Imported
rules-any-origin = Any origin
rules-tactic = Tactic
rules-any-tactic = Any tactic
rules-order = Order
rules-order-hits = Most hits first
rules-order-level = Gravest first
rules-order-title = By title
rules-find = Find rules: title, id, tag…
rules-without = Drop the condition { $value }
rules-caption = The detection rules in force, their hits of 30 days and their state
rules-none = No rule is in force. Import a set of Sigma rules to begin.
rules-none-of-filter = No rule fits this filter.
rules-id = Rule id
rules-looks-at = Looks at
rules-hits = Hits
rules-off-hits = Passed over while off
rules-file = File
rules-correlation = Correlation
rules-all-events = All events
rules-on = On
rules-off = Off
rules-level-is = level { $level }
rules-at = { $setting } at { $agency }
rules-waits = Waits for values
rules-silent = Only feeds correlations
rules-to-list = To the list
rules-its-events = Find its events
rules-references = References
rules-text = Sigma text
rules-status = Maturity
rules-author = Author
rules-set = Change this rule
rules-what = What
rules-where = Where
rules-why = Reason
rules-owner = Owner
rules-who = Who
rules-day = Day
rules-everywhere = All agencies
rules-to-off = Off: raises no alert
rules-to-on = On
rules-to-own-switch = Take back on/off
rules-to-level = Change the level to { $level }
rules-to-own-level = Take back the level, use the rule’s own
rules-back-switch = on/off taken back
rules-back-level = level taken back
rules-set-advice = What is set for an agency goes before what is set for all. It takes effect within seconds on what is found from then on; events are kept all the same.
rules-in-force = Settings in force
rules-nothing-set = Nothing is changed: the rule is as its file says.
rules-history = History of changes
rules-history-cut = Only the newest 50 changes are shown; the audit log has all.
rules-filters = Tuning filters
rules-all-filters = All filters
rules-no-filters-here = No filter yet. Open a false alert of this rule and choose “Tune…”.
rules-filters-all = All
rules-filters-active = Active
rules-filters-unfit = Does not fit
rules-filters-ended = Ended
rules-filters-advice = Where a filter holds, its rules do not fire, in all agencies.
rules-filters-none = No filter yet. Open a false alert and choose “Tune…”.
rules-filters-none-so = No filter stands so.
rules-end-filter = End
rules-fault = Why it does not fit
rules-since = Since
rules-until = Until
rules-coverage = ATT&CK coverage
rules-coverage-advice = A column is a tactic, a cell a technique with its parts; the bold number counts rules, the underlined one hits in 30 days. A rule is no promise that nothing is missed.
rules-coverage-table = Coverage by tactic
rules-shades = The darker, the more rules.
rules-marks = found in 30 days.
rules-no-tactic = No tactic named
rules-no-rule = No rule
rules-techniques = Techniques
rules-import = Import rules
rules-imported = Imported rules
rules-import-advice = Choose a Sigma file (.yml) or a zip of many, at most { $most }. Each file is only looked at first; nothing changes until you confirm.
rules-choose-file = File
rules-set-name = Name of the set
rules-set-name-hint = empty: after the file
rules-look = Look at it
rules-looked-at = What { $name } holds
rules-nothing-changed = Nothing has changed yet.
rules-report = File by file: result and reason
rules-result = Result
rules-said = Line and reason
rules-line = line { $line }
rules-accepted = Accepted
rules-kind-doubtful = Doubtful
rules-kind-refused = Refused
rules-kind-duplicate = Duplicate
rules-kind-unsupported = Not importable
rules-confirm = { $n ->
    [one] Import { $count } file
   *[other] Import { $count } files
}
rules-as-set = as the set “{ $set }”; other files are left out.
rules-sets = Imported sets
rules-no-sets = No set has been imported.
rules-set-of = Set
rules-files = Files
rules-rules = Rules
rules-remove = Remove the set
rules-remove-advice = All rules of the set “{ $set }” go out of force; alerts that are there stay.
rules-tune = Tune the rule from this alert
rules-tune-go = Tune…
rules-tune-advice = Choose the fields that make this case harmless; the rule stops firing only where all of them hold, in all agencies. Events are kept and found all the same.
rules-tune-choose = 1. Choose fields
rules-tune-no-event = The events of this alert are not kept any more; a filter can be written by hand.
rules-tune-use = Use
rules-tune-field = Field
rules-tune-how = Compared
rules-tune-how-of = How { $field } is compared
rules-tune-value = Value
rules-tune-value-of = Value of { $field }
rules-tune-more = Other fields of the event
rules-tune-draft = Draft the filter
rules-tune-text = 2. Sigma filter
rules-tune-may-edit = may be edited
rules-tune-empty = Choose fields and press “Draft the filter” to see the filter and its effect over the last 30 days.
rules-tune-looked-at = Looked at { $events } events of { $alerts } alerts; { $gone } would not match any more.
rules-tune-vanish = { $n ->
    [one] { $count } alert would not have been raised
   *[other] { $count } alerts would not have been raised
}
rules-tune-cut = { $n ->
    [one] only the newest is shown
   *[other] only the newest { $count } are shown
}
rules-tune-on-rules = { $n ->
    [one] This filter is on { $count } rule.
   *[other] This filter is on { $count } rules, not only the alert’s.
}
rules-tune-changed = { $n ->
    [one] { $count } event does not match without the filter either: the rule was another then.
   *[other] { $count } events do not match without the filter either: the rule was another then.
}
rules-tune-missing = { $n ->
    [one] { $count } event is not kept any more and was not looked at.
   *[other] { $count } events are not kept any more and were not looked at.
}
rules-tune-partial = Only the newest 2,000 events were looked at.
rules-tune-days = Ends after (days, empty for never)
rules-tune-owner = Owner: { $name }
rules-tune-save = Save and apply
rules-how-equals = equals
rules-how-contains = contains
rules-how-startswith = begins with
rules-how-endswith = ends with

done-rule-set = The rule has been changed.
done-filter-added = The filter is in force.
done-filter-ended = The filter has ended.
done-rules-imported = Imported; the rules are in force.
done-rules-removed = The set has been removed.
