"""The one trainer of the zoo. Nothing here runs live."""
