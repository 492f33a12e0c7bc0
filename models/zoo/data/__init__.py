"""Examples that networks are trained and scored on, built from recordings and files of the field."""
