quarantine-about = records that could not be read, kept as they came
quarantine-all-sources = All sources
quarantine-none = Nothing is held: whatever was sent could be read.
quarantine-problem = Why it cannot be read
quarantine-choose = Choose record { $id }
quarantine-again = Read again
quarantine-record = Record { $id }
quarantine-to-list = To the quarantine
quarantine-position = Position (bytes)
quarantine-size = Size
quarantine-cut = only the beginning is shown
quarantine-advice = Most often the formats of the source are set wrong. Correct them on the page of the source, then press “Read again”.
quarantine-text = As text
quarantine-hex = As bytes

done-quarantine-again = They are being read again.
done-quarantine-partly = Some were not read again: they were before, or the centre is busy.
done-quarantine-none-chosen = No record was chosen.
