"""What processes need to deal with servers: pauses between tries, pages of streams, Lua."""
