"""Tests of pages in Chromium: a package, so that fixtures last as long as they do."""
