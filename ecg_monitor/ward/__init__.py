"""What is known of beds and people: alerts, patients, accounts, limits, trends, signal, system."""
