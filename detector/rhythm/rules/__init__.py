"""Alarm rules: each looks at beats or measurements and says which condition holds."""
