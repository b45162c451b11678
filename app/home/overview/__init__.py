"""辖区总览: what waits in a jurisdiction, how its backlog went, and how its units stand.

The ledger is the log of all changes, and append-only. A chore folds it into few numbers up to a watermark (folding.py);
what came after it is read with the page and booked by the same function (booking.py), so that every number is that of
the moment, and no page reads all submissions or the whole ledger.
"""
