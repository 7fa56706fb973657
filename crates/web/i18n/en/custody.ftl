custody-title = Handover of cryptographic devices
custody-n = { $n ->
    [one] { $count } device
   *[other] { $count } devices
}
custody-no-keys = serial numbers, posts and days only; never a key or a PIN
custody-none = There is no device yet. Register one, or import a list from a file.
custody-add = Register a device
custody-lost-n = { $n ->
    [one] { $count } device is lost and not revoked.
   *[other] { $count } devices are lost and not revoked.
}
custody-serial = Serial number
custody-state = State
custody-state-all = All
custody-state-ending = Ending or over
custody-state-lost = Lost
custody-state-handed-over = Handed over
custody-state-in-store = In store
custody-state-revoked = Revoked
custody-since = Since
custody-post = Held by the post
custody-post-about = To which post (never somebody's name)
custody-until = Certificate until
custody-came = Came into store on
custody-product = Cryptographic product
custody-revocation = Number of the revocation
custody-log = Log of handovers
custody-log-about = it only grows: nothing is changed or removed
custody-day = Day
custody-step = Step
custody-detail = To, number, until
custody-who = Written by
custody-written = Written at
custody-move-register = Into store
custody-move-hand-over = Handed over
custody-move-return = Returned
custody-move-renew = Renewed
custody-move-lose = Lost
custody-move-revoke = Revoked
custody-do-hand-over = Hand over
custody-do-return = Take back
custody-do-renew = Renew the certificate
custody-do-lose = Report lost
custody-do-revoke = Record the revocation
custody-lose-about = What is lost is revoked, even if it is found again: the agency has a task at once, done when the revocation is recorded.
custody-task-open = The task to revoke it is open, due { $due }.
custody-task-done = The task to revoke it (due { $due }) was done on { $done }.
custody-task-record = See the ledger

register-list-custody = Cryptographic devices

done-device-added = The device is registered.
done-device-handed-over = The handover is written down.
done-device-returned = The device is back in store.
done-device-renewed = The renewal is written down.
done-device-lost = The loss is reported. The task to revoke it begins.
done-device-revoked = The revocation is written down.
