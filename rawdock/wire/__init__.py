"""The wire as pure functions and decoders: bytes in, values out. No socket, no event loop, no clock."""
