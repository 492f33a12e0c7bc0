"""Public challenges answered with what the product says anyway, beside what winners reached."""
