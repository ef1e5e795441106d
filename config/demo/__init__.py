"""The demonstration: a synthetic world, and one request of each kind played through the real services and workers."""
