"""Helpers that tests of several folders share: waiting, pages of a browser, places, data sets."""
