"""XPath 1.0 as YANG has it: parsed, then compiled against the schema to Python expressions."""
