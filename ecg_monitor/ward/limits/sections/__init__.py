"""The sections of limits: one dataclass each, whose fields declare the limits."""
