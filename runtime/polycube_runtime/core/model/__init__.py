"""The data model of a cube: read, compare, apply; and the maps that hold it."""
