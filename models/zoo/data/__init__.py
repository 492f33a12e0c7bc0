"""Examples to train and score networks on, built from recordings and files of the field."""
