"""Making the claim of one service and month: preview, warnings, submission and tables."""
