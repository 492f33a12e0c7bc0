"""Paper, screens and pictures to draw on to scale, in millimetres: PDF, SVG and PNG."""
