budget-of-year = Budget { $year }
budget-year = Year
budget-show = Show
budget-planned = Planned
budget-allocated = Allocated
budget-spent = Spent
budget-total = Total (VND)
budget-security = Security (VND)
budget-percent = Ratio
budget-of-total = { $security } / { $total } VND
budget-missing = { $amount } VND
budget-shortfall = Shortfall (VND)
budget-verdict = Verdict
budget-verdict-met = Met
budget-verdict-below = Short by
budget-verdict-no-data = No data
budget-verdict-no-rule = No rule holds in this year
budget-no-agency = There is no agency in your scope yet.
budget-plan = Approval
budget-plan-draft = Not approved
budget-plan-approved = Approved: { $decision }
budget-plan-amended = Changed after { $decision }, to be approved again
budget-origin = Domestic products and services
budget-origin-about = Shares by amount; they never stand above what security needs. What is not domestic needs a written reason.
budget-domestic-of = { $domestic } / { $total } đ
budget-foreign = Not domestic
budget-no-foreign = Every line is for something domestic.
budget-overlaps = Bought by several agencies
budget-overlaps-about = The same thing by the name of the line, or one joint purchase, dearest first: could it be bought together?
budget-joint = bought together
budget-add = Add a line
budget-to-all = The province
budget-problems = { $n ->
    [one] { $count } line will not do; nothing was kept:
   *[other] { $count } lines will not do; nothing was kept:
}
budget-problem = Line { $line }: { $what }
budget-readings = Three readings
budget-unlinked = Linked to no risk: { $codes }
budget-gap = support ends { $end }, before the renewal on { $renewal }
budget-lines = Lines
budget-no-lines = There is no line yet: that is no data, and does not meet the rule.
budget-line = Line of a budget
budget-name = Name
budget-class = Class
budget-share = Security
budget-yes = Yes
budget-domestic = Domestic
budget-with-reason = No, with a reason
budget-risks = Risks reduced
budget-three-years = Three years
budget-renewals = To be renewed
budget-ends = Support ends
budget-import = Import from CSV
budget-import-about = Columns by name, as in the CSV of this page. A known code changes its line; columns that the file lacks stay. It is looked at before it is kept; if one line will not do, none is kept.
budget-file-new = New
budget-file-changed = Changed
budget-file-same = As they are
budget-file-does = What the file does
budget-file-nothing = The file says what the plan says: there is nothing to keep.
budget-file = CSV file
budget-import-it = Import
budget-approve = Record the decision that approves
budget-approve-about = You have seen the decision. From now on the planned figures are documented evidence; a changed plan has to be approved again.
budget-decision = Number of the decision
budget-decided = Day of the decision
budget-approve-it = Record
budget-share-percent = Security share (%)
budget-planned-vnd = Planned (VND)
budget-allocated-vnd = Allocated (VND)
budget-spent-vnd = Spent (VND)
budget-reason = Reason of the share (between 0 and 100%)
budget-domestic-reason = Reason when not domestic
budget-purchase = Joint purchase
budget-bought = Bought on
budget-support-end = Support ends
budget-renewal = Renewal
budget-remove = Take this line out
budget-ahead = Renewals and ends of support of the province
budget-ahead-about = { $first }–{ $last }, by quarter; the stronger colour is support that ends before the renewal, blue what ends in the register
budget-quarter = Quarter { $quarter } of { $year }
budget-quarter-counts = { $renewals }, { $ends }
budget-lines-count = { $n ->
    [one] { $count } line
   *[other] { $count } lines
}
budget-register-ends = Ends in the register
budget-register-ends-about = Contracts of providers, support of products, domains and certificates of systems in use. A line pays for one of them if the name or the reason of a line of that year says its name or the number of its contract.
budget-register-ends-n = { $n ->
    [one] { $count } end in the register
   *[other] { $count } ends in the register
}
budget-unplanned-n = { $n ->
    [one] { $count } without a line
   *[other] { $count } without a line
}
budget-end-unplanned = no line of the budget
budget-end-contract = contract
budget-end-product = support of a product
budget-end-resource = domain or certificate
budget-gaps = Support that ends before the renewal
budget-gaps-about = { $days } days before, the agency is given a task; it is done once the renewal comes first or support lasts longer
budget-renewed-on = renewed on { $day }

done-budget = The budget was saved.
done-budget-approved = The decision was recorded.
budget-no-line-of-year = There is no line for { $year } yet
budget-renewals-n = { $n ->
    [one] { $count } renewal
   *[other] { $count } renewals
}
budget-ends-n = { $n ->
    [one] { $count } end of support
   *[other] { $count } ends of support
}
