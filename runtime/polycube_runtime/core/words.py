"""The words of the REST interface and the command line, which would hide cubes of these names."""

ROOT = (
    "connect",
    "disconnect",
    "attach",
    "detach",
    "services",
    "cubes",
    "topology",
    "netdevs",
)
"""What a command line can begin with, beside services and cubes."""
WORDS = (*ROOT, "reload", "version", "metrics", "events")
"""What is directly below /polycube/v1."""
COMMANDS = ("add", "set", "show", "del", "apply", "diff", "export", "completion")
"""The command line's own."""
RESERVED = frozenset((*WORDS, *COMMANDS))
"""All of them."""
