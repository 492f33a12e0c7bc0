"""The rows of the registry: what is known of each network, without the network itself."""
