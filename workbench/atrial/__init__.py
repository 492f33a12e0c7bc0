"""How soon atrial fibrillation is told, how soon its end, and how much of it is false."""
