"""Documents on A4, drawn from plain data: what stands on them comes in as texts, in the reader's language.

Knows nothing of the database, of sessions or of requests. `sheet` is 申报评审简表, `posting` 公示名单; their data
classes say what goes where. Dates come written out ("2026年11月20日", Babel's format "long").
"""
