risks-add = Add a risk
risks-edit = Change the risk
risks-none = No risk is open.
risks-none-of-filter = No risk is like this filter.
risks-scenario = Scenario
risks-threat = Threat
risks-likelihood = Likelihood
risks-impact = Impact
risks-residual-likelihood = Likelihood left
risks-residual-impact = Impact left
risks-inherent = Untreated
risks-residual = Left after treatment
risks-weighs = Counts for acceptance as
risks-beyond = beyond the appetite
risks-rating = Rating
risks-owner = Post that answers for it
risks-owner-hint = a post, nobody's name
risks-treatment = Treatment
risks-treatment-avoid = Avoid
risks-treatment-reduce = Reduce
risks-treatment-share = Share
risks-treatment-accept = Accept
risks-due = Due
risks-overdue = Overdue
risks-ended = Ended on
risks-until = Until
risks-reason = Reason
risks-how = How it was treated
risks-records = Evidence of the treatment (numbers in the ledger)
risks-lapsed = counts no more
risks-whole-agency = The whole agency
risks-history = History
risks-step-add = Registered
risks-step-change = Changed
risks-step-close = Closed
risks-step-accept = Accepted
risks-step-reopen = Opened again
risks-close = Close the risk
risks-accept = Accept the risk
risks-accept-about = For a time, at most { $days } days.
risks-accepted-by = Accepted by
risks-needs-head = This lies within the appetite: the head of the agency (a leader's account) accepts it.
risks-needs-approval = This is beyond the appetite: only somebody who may approve can accept it.
risks-reopen = Open again
risks-state-open = Open
risks-state-closed = Closed
risks-state-accepted = Accepted
risks-state-all = All
risks-heat = Heat map
risks-heat-about = Open risks, untreated
risks-by-agency = By agency
risks-open = Open
risks-grave = High up
risks-confirm = Confirm an assessment
risks-confirm-about = The risks of the system were looked through, and all of them are here.
risks-confirm-it = Confirm

risks-expected = Expected loss a year (VND)
risks-expected-range = { $low } – { $high }
risks-residual-expected = Expected loss after treatment
risks-not-estimated = Not estimated
risks-loss-of = { $once } VND each time; { $times } times in ten years
risks-loss-before = Loss before treatment
risks-loss-after = Loss after treatment
risks-loss-about = From and to, in whole đồng; leave all four empty if it is not estimated. The loss of a year is the product of both ranges divided by ten.
risks-loss-low = One occurrence, from (VND)
risks-loss-high = One occurrence, to (VND)
risks-times-low = Times in ten years, from
risks-times-high = Times in ten years, to
risks-residual-loss-low = One occurrence after treatment, from (VND)
risks-residual-loss-high = One occurrence after treatment, to (VND)
risks-residual-times-low = Times after treatment in ten years, from
risks-residual-times-high = Times after treatment in ten years, to
risks-expected-low = Expected a year, from (VND)
risks-expected-high = Expected a year, to (VND)
risks-residual-expected-low = Expected after treatment, from (VND)
risks-residual-expected-high = Expected after treatment, to (VND)
risks-of-risks = { $n ->
    [one] { $count } risk that is not closed
   *[other] { $count } risks that are not closed
}
risks-unknown = { $n ->
    [one] { $count } risk is not estimated and in no sum
   *[other] { $count } risks are not estimated and in no sum
}
risks-lines = Lines of the plan { $year }
risks-no-line = No line yet

spend-title = Losses and money
spend-of-year = Losses and money { $year }
spend-linked = Security that reduces risks (VND)
spend-linked-about = planned, each line once
spend-incidents = Losses by incidents in the year (VND)
spend-ranking = Risks by expected loss
spend-ranking-about = By the upper bound, then the lower; before treatment. A line that reduces several risks stands in full with each.
spend-lines = Lines that reduce it
spend-planned = Security planned (VND)
spend-allocated = Security allocated (VND)
spend-spent = Security spent (VND)
spend-ratio = Spending to loss
spend-ratio-about = Security as planned divided by the upper bound of the expected loss of a year, cut after three decimals
spend-left = { $range } left
spend-alone = Above the appetite without any line
spend-none-alone = Every risk above the appetite has a line.
spend-unlinked = Security lines that reduce no risk
spend-none-unlinked = Every security line reduces a risk.
spend-unlinked-count = { $n ->
    [one] { $count } line
   *[other] { $count } lines
}
spend-agencies-about = An incident counts for the agency of its first alert

done-risk = The risk was saved.
done-risk-assessed = The assessment was recorded.
spend-no-risk = No risk is registered, so nobody knows what is missing. Agencies register their risks first.
spend-no-line = There is no line for security in { $year } yet. Agencies plan them in the room of budgets.
risks-nothing-to-expect = No risk yet
risks-asset = Asset
risks-asset-gone = no longer in the register
risks-controls = Controls that treat it
risks-controls-where = ids are in the catalogues
risks-lacks-control = a control is lacking: what is left does not count yet
risks-standing-met = shown by evidence
risks-standing-stated = stated as done
risks-standing-lacking = lacking
risks-standing-not-due = not on the checklist
risks-standing-gone = not in the catalogue in force
