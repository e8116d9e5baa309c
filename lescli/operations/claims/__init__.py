"""Following up claims: listing them, balancing them against payments, checking their support, taking them back."""
