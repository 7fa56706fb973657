suppressions-about = what is known to be harmless, hidden for a time; made from an alert's page
suppressions-holding = Hiding now
suppressions-all = With past ones
suppressions-none = Nothing is hidden. When an alert is harmless, open it and press “Suppress”.
suppressions-hides = Hides what fits
suppressions-rule = rule “{ $rule }”
suppressions-reason = Reason
suppressions-since = Since
suppressions-until = Until
suppressions-ended = Ended
suppressions-over = over
suppressions-last = Last hid
suppressions-hidden-short = Hidden
suppressions-end = End…
suppressions-end-about = From now on what fits raises alerts again.
suppressions-end-it = End it now

done-suppression-ended = The suppression is ended.
