"""The Dash application: its document, its shell, its pages, and the process that serves them."""
