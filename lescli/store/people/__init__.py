"""What files say of patients: registrations, deaths, what a newer file left out, and who is one person."""
