register-agencies = { $n ->
    [one] { $count } agency
   *[other] { $count } agencies
}
register-systems = { $n ->
    [one] { $count } system
   *[other] { $count } systems
}
register-systems-short = Sys.
register-sources-short = Srcs
register-add-agency = Add an agency
register-add-system = Add a system
register-no-agency = There is no agency yet. Add an agency first, then its systems, then their log sources.
register-no-system = There is no system yet. Add one to give log sources their place.
register-no-source = There is no log source yet.
register-name = Name
register-name-en = English name (optional)
register-code = Code
register-code-about = Code: small letters, digits and hyphens; it cannot be changed
register-kind = Kind
register-kind-party = Party
register-kind-government = Government
register-kind-front = Front and organisations
register-kind-commune = Commune
register-kind-unit = Unit
register-parent = Agency above
register-under = under
register-level = Level
register-of-level = level { $level }
register-stage = Stage
register-stage-planning = Planning
register-stage-design = Design
register-stage-build = Build
register-stage-test = Test
register-stage-operation = Operation
register-stage-retired = Retired
register-open-alerts = { $n ->
    [one] { $count } open alert
   *[other] { $count } open alerts
}
register-hosts = Hosts
register-hosts-about = one that appears without being registered raises an alert
register-no-host = No host is known. Hosts appear with their events, or register them below.
register-is-registered = Registered
register-yes = Yes
register-not = Not registered
register-registered-at = Registered
register-first-seen = First seen
register-last-seen = Last seen
register-take-off = Take off
register-it = Register
register-hosts-add = Register hosts, one name a line
register-hosts-it = Register these hosts
register-alerts = Open alerts
register-no-alert = No alert is open.
register-no = No
register-find = Find a name or code
register-any-system = All systems
register-no-such-agency = There is no agency «{ $agency }»
register-none-of-filter = Nothing matches the filter.
register-edit = Edit
register-import = Import a file
register-cohort = Cohort
register-any-cohort = Any cohort
register-any-kind = Any kind
register-any-level = Any level
register-any-stage = Any stage
register-any-zone = Any zone
register-kind-cohort = Kind: it decides the cohort
register-agency-state-all = All
register-agency-state-unconfirmed = To be confirmed
register-agency-state-no-head = No head named
register-agency-state-outside = Out of scope
register-system-state-all = All
register-system-state-critical = Critical
register-system-state-unconfirmed = To be confirmed
register-system-state-live = Not retired
register-system-state-nobody = Nobody named
register-confirmed = Confirmed
register-never-confirmed = Never confirmed
register-confirmed-on = { $day }
register-confirmed-long-ago = Overdue, { $day }
register-confirm-agency = Confirm that nothing is missing
register-confirm-system = Confirm what is written
register-in-scope = In scope
register-outside = Out of scope
register-outside-about = A military or cipher body: only its name is kept. Its systems are not registered here.
register-outside-choose = Out of scope (military, cipher): keep the name alone
register-centre = Runs the centre
register-centre-about = This agency runs the centre
register-head-named = Head named
register-no-head = no head named
register-missing = Missing or expired: { $duties }. The gate refuses systems of an agency that nobody answers for.
register-assign = Who answers, whom to reach
register-assign-about = Names as the document of appointment has them. Head and deputy cannot be empty; with another head the register has to be confirmed anew. Each is linked to an account of the agency, to which an administrator of the centre invites: without an active one N1.1 is not met. No name goes into the ledger of evidence.
register-answers = Who answers
register-nobody = Nobody is named.
register-heads-about = Head and deputy cannot be empty, but for bodies outside the scope; names as the document has them. No name goes into the ledger of evidence.
register-head-name = Head
register-head-post = Post of the head
register-deputy-name = Deputy
register-deputy-post = Post of the deputy
register-duty-head = Head
register-duty-deputy = Deputy
register-duty-officer = Security officer
register-holder = Name
register-account = Account
register-account-none = — none yet —
register-account-ended = not active
register-account-of = Account { $name } is active
register-account-over = Account { $name } is not active
register-account-missing = No account of the agency is linked
register-post = Post
register-document = Document
register-signed = Signed
register-until = Until
register-from = From
register-from-to = { $from } to { $until }
register-contacts = Duty contacts
register-contacts-about = posts and office addresses, no private numbers
register-no-contact = There is no contact yet.
register-role = For
register-mail = Office mail
register-line = Duty line
register-profile = Profile
register-since = Registered
register-below = Below it
register-tab-profile = Profile
register-tab-links = Dependencies
register-tab-parts = Providers and products
register-tab-assets = Assets and resources
register-operator = Operator
register-operator-owner = Its owner
register-operator-agency = Operating agency
register-operator-name = Or a hired operator
register-owner = Owner's representative (name, post)
register-head = Head of operation (name, post)
register-not-named = not named
register-not-said = not known
register-data = Data
register-zone = Zone
register-exposed = Reached from the Internet
register-site = Site
register-recovery = Recovery objectives
register-rto = RTO (minutes)
register-rpo = RPO (minutes)
register-critical = Critical
register-critical-about = Critical: needs both recovery objectives
register-scope = Scope
register-scope-civil = Neither military nor cipher
register-not-qualified = not shown to be qualified
register-needs = Needs these systems
register-needs-none = None is named.
register-needs-about = Codes of the systems it needs, with blanks or line ends between them
register-dependents = Dependents
register-dependents-short = Dep.
register-dependents-about = directly or by way of others; while they are here it cannot be retired
register-dependents-none = No system depends on it.
register-far = Steps
register-of-another = a system of another agency
register-providers = Providers
register-providers-about = access ends with the contract
register-no-provider = There is no provider.
register-add-provider = Add a provider
register-service = Service
register-contract = Contract
register-staff = With access
register-window = Window
register-window-about = Window: days 1–7 (Monday is 1) and hours
register-never = never
register-products = Products
register-products-about = a cryptographic product needs a responsible body
register-no-product = There is no product.
register-add-product = Add a product
register-version = Version
register-maker = Maker
register-make = Origin
register-make-domestic = Domestic
register-make-foreign = Foreign
register-certificate = Certificate, licence
register-certificate-until = Certified until
register-support-until = Supported until
register-cryptographic = Cryptographic
register-authority-why = Why a cryptographic product names the body that answers for it
register-authority = Responsible body
register-inventory = Components
register-inventory-short = Inventory
register-inventory-import = Inventory
register-inventory-file = CycloneDX file (JSON)
register-assets = Assets
register-no-asset = There is no asset.
register-add-asset = Add an asset
register-asset-server = Server
register-asset-endpoint = Endpoint
register-asset-network-device = Network device
register-address = Address
zones-seen = seen in events
register-two-zones = in two zones
register-two-zones-here = An asset stands in two zones: it joins networks that are to be apart, or somebody slipped.
register-resources = Internet resources
register-resources-about = domains, address ranges, certificates and official pages of agencies
register-no-resource = There is no Internet resource.
register-resource-all = All
register-resource-ending = Ending or over
register-resource-domain = Domain
register-resource-address-range = Address range
register-resource-certificate = Certificate
register-resource-page = Official page
register-resource-service = Service
register-value = Name or address
register-sites = Sites
register-site-about = Write a known code to change it. A site without a standard, or past its date, counts as not qualified.
register-no-site = There is no site yet.
register-standard = Standard met, certificate
register-servers = Servers
register-minutes = { $n ->
    [one] { $count } minute
   *[other] { $count } minutes
}
register-components = { $n ->
    [one] { $count } component
   *[other] { $count } components
}
register-assets-n = { $n ->
    [one] { $count } asset
   *[other] { $count } assets
}
register-two-zones-n = { $n ->
    [one] { $count } name or address in two zones
   *[other] { $count } names or addresses in two zones
}
register-servers-unknown = { $n ->
    [one] { $count } server stands nobody knows where: it counts as not qualified.
   *[other] { $count } servers stand nobody knows where: they count as not qualified.
}
register-to-list = To the list
register-list-agencies = Agencies
register-list-systems = Systems
register-list-assets = Assets
register-list-resources = Internet resources
register-looked-at = { $name }, looked at
register-nothing-kept = nothing is kept yet
register-rows = Rows
register-rows-new = New
register-rows-known = Known
register-rows-wrong = Cells to mend
register-left-out = Columns that are not read: { $columns }
register-cell = Cell
register-column = Column
register-column-name = Name in files
register-stands = Stands there
register-what-wrong = What is wrong
register-needed = Needed
register-value-word = Value
register-yes-needed = Yes
register-no-rows = The file has titles alone.
register-import-about = CSV (UTF-8) or XLSX, at most { $most } and { $rows } rows. Every cell is looked at first; nothing is kept before it is confirmed, then all or nothing. A known code is changed, columns that the file lacks stay.
register-choose-file = File
register-look = Look at it
register-columns = Columns and templates
register-mend = { $n ->
    [one] { $count } cell is to be mended. Mend the file and upload it again; nothing is kept.
   *[other] { $count } cells are to be mended. Mend the file and upload it again; nothing is kept.
}
register-keep-rows = { $n ->
    [one] Keep { $count } row
   *[other] Keep { $count } rows
}

done-agency-added = The agency is added.
done-system-added = The system is added.
done-host-added = The hosts are registered.
done-host-removed = The host is off the register.
done-agency-changed = The agency is changed.
done-agency-assigned = Who answers and whom to reach is written.
done-agency-confirmed = The agency's part of the register is confirmed.
done-system-changed = The system is changed.
done-system-confirmed = The system is confirmed.
done-system-needs = The dependencies are written.
done-provider-added = The provider is added.
done-provider-removed = The provider is taken off.
done-product-added = The product is added.
done-product-removed = The product is taken off.
done-inventory-added = The inventory is taken.
done-asset-added = The asset is written.
done-asset-removed = The asset is taken off.
done-resource-added = The resource is written.
done-resource-removed = The resource is taken off.
done-site-kept = The site is written.
done-list-imported = The rows of the file are kept.
register-equipment = Minimum equipment
register-equipment-lacking = { $n ->
    [one] { $count } row lacks something
   *[other] { $count } rows lack something
}
register-equipment-whole = Nothing is missing.
register-no-equipment = There is no list yet. Import the list of minimum equipment that the competent body issues from an XLSX or CSV file; none comes with the program.
register-required = Needed
register-owned = There, beside registered assets
register-has = There
register-gap = Missing
register-note = Basis, inventory number
register-remove = Remove
register-list-equipment = Minimum equipment

register-tab-papers = Papers
papers-title = Papers of systems
papers-to = To the system
papers-none = There is no paper.
papers-add = Add a paper
papers-no-needs = The system has not said what it needs; say so under
done-paper-added = The paper is added.
done-paper-removed = The paper is taken off.
register-certificates = Certificate log
register-certificates-for = find hosts that nobody registered below the domains of agencies
register-certificates-about = Every public certificate is in a certificate log. A name below a registered domain that is not in the register is an unregistered host. The centre asks nobody on the Internet: download the result and bring the file here.
register-certificates-forms = JSON of crt.sh, a JSON object a line (crt.sh or certstream), or CSV with a column of names (name_value, dns_names, domain…); at most { $most }.
register-certificates-names = Different names
register-certificates-registered = Registered
register-certificates-known = Known
register-certificates-outside = Outside of registered domains
register-certificates-found = Not registered
register-certificates-none = No host is new.
register-certificates-again = a newer certificate since the answer
register-certificates-keep = { $n ->
    [one] Record { $count } unregistered host
   *[other] Record { $count } unregistered hosts
}
register-certificates-wrong = { $n ->
    [one] { $count } place cannot be read and is left out; the rest counts.
   *[other] { $count } places cannot be read and are left out; the rest counts.
}
register-host = Host
register-host-origin = Origin
register-host-by-certificate = Certificate log
register-host-in-events = Logs of the system
register-host-settle = Answer
register-host-off = Switched off
register-host-not-ours = Not ours
register-host-note = How that is known
register-host-say = Record
register-hosts-unregistered = Unregistered hosts
register-hosts-unregistered-about = register them with the agency or a system, or answer here
register-hosts-none = No host is unregistered.
register-hosts-settled = { $n ->
    [one] { $count } settled host
   *[other] { $count } settled hosts
}
done-certificates-imported = The certificate log is recorded.
done-host-settled = The answer is recorded.

verified-title = Official addresses of the agencies
verified-short = Official addresses
verified-about = Official domains, pages and accounts that agencies registered. The list of { $day }.
verified-search = Agency or address
verified-find = Find
verified-none = There is no address yet.
verified-not-found = There is no such address in the list. What is not here is not confirmed to be an agency's.
verified-count = { $n ->
    [one] { $count } address
   *[other] { $count } addresses
}
verified-first = the first { $count } are shown; ask for more
verified-rely = The same with a digital signature, to be checked without a connection:
register-stage-choose = Choose the stage
register-stage-about = Choose «Operation» only for what really runs: from then on the gate asks about it, the index counts it in the points and the rank of the agency, and what is missing becomes a task.
register-officer-does = Officers of the agency that owns the system register this.
register-centre-does = Those of the centre who look after the register of the whole province register this.
register-site-below = Register the first one below.
papers-next = Open a system and its tab of papers to add one.
