"""From packets to events: the path that live monitoring and offline analysis share."""
