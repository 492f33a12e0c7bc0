"""Cross-examination of absent and fast beats."""
