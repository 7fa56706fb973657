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
register-stage-planned = Planned
register-stage-trial = On trial
register-stage-operating = Operating
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

done-agency-added = The agency is added.
done-system-added = The system is added.
done-host-added = The hosts are registered.
done-host-removed = The host is off the register.
