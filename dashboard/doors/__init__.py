"""Who comes in: sign-in, sessions, and the people who have accounts."""
