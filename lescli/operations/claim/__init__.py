"""The claim of one service and month: previewed, warned about, submitted and shown."""
