"""Whether the store is whole: the file, the ledger, the quarantine and the records."""
