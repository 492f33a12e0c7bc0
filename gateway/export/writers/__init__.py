"""One module a format: ``write`` makes files of an excerpt, and knows nothing of its source."""
