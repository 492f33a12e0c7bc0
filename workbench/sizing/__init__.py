"""How large an installation must be: what a bed costs, and when packets and devices arrive."""
