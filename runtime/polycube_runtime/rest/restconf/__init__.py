"""RESTCONF (RFC 8040) and YANG Patch (RFC 8072) at `/restconf`, over the same trees of cubes.

Each service is a list of cubes: `/restconf/data/simplebridge:simplebridge=br1/fdb`. There is one
application for all of it, which finds its way by the data model; it is built when first asked for.

    mount       the route, and what is asked of it before it is built
    app         which resource and which method
    target      URLs and instance identifiers: the way through the model
    negotiation media types, query parameters
    view        `content`, `depth`, `fields`, `with-defaults`
    reading     GET
    bodies      request bodies: the instances in them
    writing     one edit of the datastore, in a transaction
    ordering    `insert` and `point`
    methods     POST, PUT, PATCH, DELETE
    yang_patch  several edits, all or none
    rpcs        operations and actions
    state       YANG library, capabilities, streams: the daemon's own read-only data
    modules     the YANG modules as text
    uniting     one text for what several services have a part of
    streams     notifications as server-sent events
    filtering   which of them a client wants: XPath (filterpaths, filternodes)
    conditions  entity tags and times
    refusals    errors
"""
