"""Claims, reversals and payments: written once, chained, read again."""
