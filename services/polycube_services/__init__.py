"""The hand-written half of each service: data plane in C, control plane in Python."""
