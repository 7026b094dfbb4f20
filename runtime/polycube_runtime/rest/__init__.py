"""The REST interface: Polycube's dialect over HTTP, and what it never had.

- `app`: the application; each service's routes as a sub-application built on first use
- `daemon`, `services`, `cubes`, `wires`, `metrics`: the daemon's own routes; `operations` and
  `schemas`: what its OpenAPI document says of them; `docs`: pages in the browser
- `service`: what a service's routes do; `bodies`: requests and answers; `links`: the `_links` of
  objects; `datamodel`: a model as JSON
- `changes`: conditions (ETag, If-Match) and dry runs of writes; `events`: the live stream
- `hosts`: who may ask
- `help`, `completion`, `offers`: the OPTIONS dialect behind the CLI's `?` and TAB
"""
