search-total = { $n ->
    [one] { $count } event
   *[other] { $count } events
}
search-live = Watch live
search-live-waiting = Waiting for new events…
search-live-over = The time to watch is over. Load the page again to go on.
search-live-missed = Came faster than they are shown, left out:
search-live-script = Watching live needs JavaScript. Without it, open Search and load the page again.
search-back = To Search
search-saved = Saved
search-none-saved = No search is saved yet.
search-delete = Delete “{ $name }”
search-save-name = Save this search as
search-share = Let people of the same scope see it
search-save = Save
search-query = Query
search-from = From
search-to = To
search-time = Time
search-columns = { $n ->
    [one] { $count } column
   *[other] { $count } columns
}
search-other-columns = Other fields, parted by commas
search-go = Search
search-span-15m = 15 minutes
search-span-1h = 1 hour
search-span-24h = 24 hours
search-span-7d = 7 days
search-span-30d = 30 days
search-span-all = Everything
search-bad-moment = “{ $text }” is not a time such as 2026-11-22T08:30
search-how = Example: host:mh-dc01 AND (event_code:4624 OR event_code:4625) -user:*$
search-help = How to write queries
search-damaged = A data file cannot be read; something may be missing here. Please tell the administrator.
search-gone = This event is not kept any more, or belongs to an agency outside your scope.
search-chart = Events over time
search-bar = { $when }: { $count } events
search-facets = Most frequent values
search-without-this = Without { $value }
search-others = other values
search-no-facets = Too many events to count values at once. Narrow the time.
search-events = Events
search-none = No event matches in this time.
search-not-asked = Correct the question above and search again.
search-wider = Search 30 days
search-caption = Events, newest first
search-when = When
search-shown = { $n ->
    [one] { $count } row on this page
   *[other] { $count } rows on this page
}
search-drawer = Details of the event
search-permalink = Link to this event
search-close = Close the details
search-value-menu = What to do with { $field }
search-only = Only this value
search-without = Without this value
search-everywhere = Search everywhere, 30 days
search-copy = Copy
search-copied = Copied
search-original = Original fields
search-more-fields = There are more fields; see the record.
search-record = Record as it came
search-cut = Only the beginning of { $size } is shown.
column-what = What happened
column-host = Host
column-user = User
column-src-ip = From address
column-src-port = From port
column-dst-ip = To address
column-dst-port = To port
column-process = Process
column-cmd-line = Command line
column-file = File
column-url = Web address
column-status = Result
column-event-code = Event code
column-log-name = Log name
column-agency = Agency
column-system = System
column-source = Source
column-format = Format
column-rules = Matching rules
column-origin = Sent from
column-message = Message
column-received = Received
column-class-uid = OCSF class

done-search-saved = The search is saved.
done-search-deleted = The saved search is deleted.
