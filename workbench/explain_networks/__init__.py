"""Shows what trained networks look at, and tests each way of showing it before it is believed."""
