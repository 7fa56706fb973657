tasks-title = Tasks
tasks-n = { $n ->
    [one] { $count } task is open
   *[other] { $count } tasks are open
}
tasks-late-n = { $n ->
    [one] { $count } is late
   *[other] { $count } are late
}
tasks-none = There is none. The centre gives tasks itself: for systems in use without leave, assets in two networks, domains that run out…
tasks-what = What to do
tasks-subject = Task
tasks-due = Due
tasks-done = Done on
tasks-state = State
tasks-state-open = Open
tasks-state-late = Late
tasks-state-done = Done
tasks-state-dropped = Fell away
tasks-state-all = All
tasks-declared = said by the agency
tasks-of-gate = Bring system { $name } to where the gate allows it, or stop it
tasks-of-gate-review = Review the broken glass of { $name }
tasks-of-zones = Take { $name } out of one of two networks
tasks-of-custody = Revoke the lost device { $name }
tasks-of-host = Register or explain host { $name } from the certificate logs
tasks-of-ends = Renew or replace { $name }
tasks-of-support = Secure support for budget line { $name }
