"""Check that a store is undamaged and consistent: the file, the ledger, the quarantine and the records."""
