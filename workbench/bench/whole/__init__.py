"""Measures the whole system from outside: what is lost, how late it is, and what it costs."""
