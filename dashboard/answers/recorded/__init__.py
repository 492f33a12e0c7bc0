"""What the review page asks of the recordings of a bed, and what reviewers say of them."""
