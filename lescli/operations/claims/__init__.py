"""What was claimed: listed, balanced against payments, looked at again, reversed."""
