"""A cube's life in a network namespace of its own."""
