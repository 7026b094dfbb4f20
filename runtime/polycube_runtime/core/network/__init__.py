"""What is connected to what, and the slots and hooks that make it so."""
