"""placeholder until the real one lands."""
async def resource_help(*a, **k): return {}
def root_help(*a, **k): return {}
def daemon_help(*a, **k): return {}
