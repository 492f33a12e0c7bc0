"""Features of a beat for the beat classifier: compiled measures of shape, intervals and P wave."""
