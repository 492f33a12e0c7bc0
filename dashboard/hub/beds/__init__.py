"""The beds: what is known of each, and what comes for those that nobody watches."""
