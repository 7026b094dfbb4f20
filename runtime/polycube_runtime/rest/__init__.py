"""The REST interface: Polycube's dialect over HTTP.

- `app`: the application; daemon-level routes in `daemon`, each service's own as a sub-application
  built on first use
- `service`: what a service's routes do; `bodies`: requests and answers; `links`: the `_links` of
  objects
- `help`: the OPTIONS dialect behind the CLI's `?` and TAB
"""
