# Generated from yang/ by polycube-gen; DO NOT EDIT.
"""Generated code of the services, one package each."""
