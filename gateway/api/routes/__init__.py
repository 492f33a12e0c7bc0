"""What the API answers: one module for each thing that is asked for."""
