"""Owning partitions: a process keeps some going, stands by for others, and says what it runs."""
