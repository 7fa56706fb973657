admin-status = Health
admin-people = People
admin-tokens = API tokens
admin-keeping = Keeping and backups
admin-ready = Taking in events
admin-reload = Reload rules
admin-events = Events read
admin-since-start = since the start
admin-silent = Silent sources
admin-of-active = { $n ->
    [one] of { $count } active source
   *[other] of { $count } active sources
}
admin-rules = Rules in force
admin-hunts = { $n ->
    [one] { $count } open hunt
   *[other] { $count } open hunts
}
admin-free = Free disk
admin-short = too little: nothing is taken in
admin-enough = enough to go on
admin-refused = Refused senders
admin-refused-about = strange addresses, wrong or expired tokens
admin-none-refused = Nobody was refused.
admin-address = Address
admin-listener = Listener
admin-why = Why
admin-parts = Parts
admin-version = Version
admin-data = Data folder
admin-lake = Lake
admin-files = { $n ->
    [one] { $count } file
   *[other] { $count } files
}
admin-damaged = { $n ->
    [one] { $count } damaged file
   *[other] { $count } damaged files
}
admin-recent = Events not yet in files
admin-journal = Journal
admin-waiting = { $size } waiting
admin-unreadable = Unreadable
admin-busy = Times busy
admin-not-kept = Times not kept
admin-people-count = { $n ->
    [one] { $count } person
   *[other] { $count } people
}
admin-user = User name
admin-called = Name
admin-role = Role
admin-second = Second factor
admin-second-short = 2FA
admin-yes = Yes
admin-no = None
admin-disabled = Disabled
admin-disabled-at = Disabled at
admin-last-day = Last day
admin-last-day-note = When this day is over (UTC+7) nobody signs in by the account, and its sessions end.
admin-left = Left
admin-left-on = Left after { $day }
admin-leaves-on = Here until { $day } is over
admin-leaving = { $n ->
    [one] { $count } account ends soon
   *[other] { $count } accounts end soon
}
admin-invited = No password yet
admin-these = These agencies only
admin-invite = Invite somebody
admin-invite-it = Invite and get the link
admin-invitation = Invitation
admin-invitation-once = The link is shown only this once and opens until { $until }. Hand it to the right person privately.
admin-to-people = To the list
admin-access = Access
admin-password = Password
admin-locked = Locked until
admin-end-sessions = End all sessions
admin-enable = Enable
admin-disable = Disable
admin-invite-again = Invite again
admin-invite-again-about = For a forgotten password: a new link to set one.
admin-forget = Forget the second factors as well (lost phone or key)
admin-tokens-about = for other programs over the API; grant only what is needed
admin-no-token = There is no token.
admin-token-once = The token is shown only this once. Copy it now.
admin-allows = Allows
admin-until = Until
admin-made = Made
admin-revoked = revoked
admin-revoked-at = Revoked
admin-revoke = Revoke…
admin-revoke-about = Whatever uses this token is refused at once.
admin-revoke-it = Revoke
admin-token-add = Make a token
admin-token-it = Make and show it
admin-kept-for = { $n ->
    [one] events are kept { $count } day
   *[other] events are kept { $count } days
}
admin-holds = Legal holds
admin-holds-about = not deleted, whatever their age
admin-no-hold = Nothing is held.
admin-held = What is held
admin-lift = Lift
admin-lifted-at = Lifted
admin-placed = Placed
admin-place = Place a hold
admin-place-it = Place it
admin-expires = Expires (empty: never)
admin-retention = Retention
admin-usual = Usually
admin-retention-about = Change it in [keep] of the settings file, then restart.
admin-backup = Backups
admin-backup-about = Run on the machine of the centre, also while it runs. Keep backup.key elsewhere.
admin-backup-state = Every backup is an entry of the audit log; try restoring now and then.

done-rules-reloaded = The rules are loaded anew.
done-person-changed = The change is saved.
done-token-revoked = The token is revoked.
done-hold-added = The hold is placed.
done-hold-lifted = The hold is lifted.
