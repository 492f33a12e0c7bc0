"""What every part shares: types, wire format, key names, settings, errors, the store, the clock."""
