"""The model zoo: every network by name, what it sees and says, and how it is trained and scored."""
