"""Write and read claims, reversals, withdrawals and payments, linked in a chain of hashes."""
