"""What pages ask of many beds at once: alarms, devices, the report of a shift."""
