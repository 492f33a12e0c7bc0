"""What the beat classifier sees of a beat: compiled measures of shape, intervals and P wave."""
