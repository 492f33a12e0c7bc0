"""Dash pages and the websocket hub."""
