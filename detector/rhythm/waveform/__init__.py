"""What a second of signal shows without its beats: fibrillation, noise, flutter, standstill."""
