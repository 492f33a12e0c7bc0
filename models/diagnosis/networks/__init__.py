"""Definitions of the networks, with torch; what runs live is their exported ONNX files."""
