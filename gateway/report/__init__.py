"""The report of a recording: figures, charts and strips to scale, as a PDF in three languages."""
