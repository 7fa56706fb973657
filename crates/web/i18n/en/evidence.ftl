# What records of the ledger say, beside the fields and words of attestation.
evidence-yes = Yes
evidence-no = No
evidence-kind-code = Kind code
evidence-subject-code = Subject code
evidence-raw = Names and values as programs keep them
evidence-thing-sources = log sources
evidence-thing-table = table of scores
evidence-thing-ledger = the ledger
evidence-thing-seal = seal
evidence-numbered-record = record
evidence-numbered-alert = alert
evidence-numbered-risk = risk
evidence-numbered-finding = finding
evidence-numbered-product = product
evidence-numbered-incident = incident
evidence-numbered-project = project
evidence-numbered-dossier = dossier
evidence-numbered-task = task
attest-field-ledger-began-centre = Centre
attest-field-agency-profile-centre = Runs the centre
attest-field-format = Format
attest-field-key = Key
attest-field-reason = Reason
attest-field-first = From entry
attest-field-last = To entry
attest-field-hash = Hash
attest-field-intact = Intact
attest-field-kind = Kind
attest-field-cohort = Cohort
attest-field-in-scope = In scope of the index
attest-field-stage = Stage
attest-field-critical = Critical to national security
attest-field-personal-data = Holds personal data
attest-field-system-profile-internet = Reachable from the Internet
attest-field-zone = Network zone
attest-field-owner-named = Owner named
attest-field-elsewhere = Operated by another agency
attest-field-owner = Owner
attest-field-operating = In operation for it
attest-field-head-named = Accountable head named
attest-field-host = Host
attest-field-resolved = Settled
attest-field-address = Address
attest-field-public = Public
attest-field-tls = Uses TLS
attest-field-retired = Retired
attest-field-policy = Policy
attest-field-decision = Decision
attest-field-statement = Statement of the decision
attest-field-break-glass = Break-glass
attest-field-hybrid = Hybrid post-quantum key exchange
attest-field-version = TLS version
attest-field-group = Key exchange group
attest-field-exchange = Key exchange of a client of today
attest-field-exchanges = Key exchanges that it takes
attest-field-host-keys = Kinds of host keys
attest-field-cipher = Cipher suite
attest-field-certificate = Certificate
attest-field-issuer = Issuer of the certificate
attest-field-signature = Signature algorithm
attest-field-valid-from = Valid from
attest-field-valid-to = Valid to
attest-field-score = Score
attest-field-catalogue = Catalogue
attest-field-control = Control
attest-field-supported = Still supported
attest-field-inventory = SBOM or inventory at hand
attest-field-pack = Index
attest-field-at = Computed for
attest-field-size = Records of the ledger
attest-field-checkpoint = Checkpoint
attest-field-nonce = Random number
attest-field-seed = Seed of the draw
attest-field-population = Records that could be drawn
attest-field-sampled = Records drawn
attest-field-year = Year
attest-field-indicator = Indicator
attest-field-comment = A comment only
attest-field-record = Record
attest-field-result = Result
attest-field-risk-state-state = State of the risk
attest-word-party = Party body
attest-word-government = government agency
attest-word-front = Front and associations
attest-word-unit = public unit
attest-word-commune = commune, ward, special zone
attest-word-national-db = national database
attest-word-sector-db = sector database
attest-word-information-system = information system
attest-word-shared-system = shared system
attest-word-planning = planning
attest-word-design = design
attest-word-build = build
attest-word-test = test
attest-word-operation = in operation
attest-word-retired = retired
attest-word-dedicated = dedicated network
attest-word-internet = network with Internet access
attest-word-isolated = isolated network
attest-word-allow = allowed
attest-word-deny = not allowed yet
attest-word-implemented = implemented
attest-word-partly = partly implemented
attest-word-planned = planned
attest-word-not-applicable = not applicable
attest-word-review = in review
attest-word-frozen = frozen
attest-word-published = published
attest-word-lodged = lodged
attest-word-refused = refused
attest-word-answered = answered
attest-word-confirmed = confirmed
attest-word-holds = holds
attest-word-fails = does not hold

# Where indicators come from and what they correspond to.
index-maps-to = Corresponds to
index-gci-legal = legal pillar
index-gci-technical = technical pillar
index-gci-organisational = organisational pillar
index-gci-capacity = capacity development pillar
index-gci-co-operation = co-operation pillar
index-gci-none = no pillar
index-mode-a = measured and recorded by itself
index-mode-a-document = measured, with a document
index-mode-t = attested, with proof
index-mode-t-auto-expiry = attested, ends by itself

# What to do, and the plan of money on the sheet of an agency.
index-todo-prove = Hand in proof of what was declared: { $name }
index-budget-lines = Lines
index-budget-all = Whole plan of information technology and digital transformation
index-budget-security = Security
index-budget-short = Short of { $target }
index-budget-reached = At least { $target }

# What no word of an agency is taken for.
attest-taken = The centre itself has recorded this; it changes where it was recorded, or by an appeal:
attest-no-system = There is no system to attest for: the centre has recorded them in the calendar, among findings or in the register; change it there.

# Where servers stand.
register-servers-fit = Servers in qualified sites
register-servers-elsewhere = Servers elsewhere
register-site-plan = Migration plan
register-site-plan-by = Done by
register-site-plan-until = by { $day }
register-site-no-plan = no plan to move its servers
evidence-no-such-system = there is no system «{ $system }» among those you may see

# The indicators by the pillars of the Global Cybersecurity Index.
pillars-title = By GCI pillar
pillars-information = For information only; it changes no score.
pillars-about = The indicators of this set by the five pillars of the Global Cybersecurity Index (GCI) of the International Telecommunication Union (ITU). The mapping is this set's own, not a rating by ITU. A share is that of the points that are had, the mean over agencies; an agency to which an indicator does not apply does not count in it.
pillars-pillar = Pillar
pillars-legal = Legal
pillars-technical = Technical
pillars-organisational = Organisational
pillars-capacity = Capacity development
pillars-co-operation = Co-operation
pillars-none = No pillar
pillars-empty = No indicator
pillars-indicators = { $n ->
    [one] { $count } indicator
   *[other] { $count } indicators
}
pillars-weight = weight { $weight }/100
pillars-mean = { $share } of the points
pillars-mean-of = { $n ->
    [one] (mean of { $count } agency)
   *[other] (mean of { $count } agencies)
}
pillars-share = Share of points
pillars-agencies = Agencies
pillars-of-agencies = { $n ->
    [one] { $count } agency
   *[other] { $count } agencies
}
pillars-of-nobody = no agency is rated yet
