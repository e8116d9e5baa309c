"""What files state about patients: registrations and deaths, facts that newer files leave out, and merged numbers."""
