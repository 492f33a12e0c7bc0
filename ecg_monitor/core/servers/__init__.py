"""Several Redis servers as one: which holds what, and a client that asks the right one."""
