"""polycubectl: the command line of Polycube, a thin REST client that knows no service by name.

One call is one request. It runs through these modules in this order:

- ``cli``         the process and its exit codes; ``console`` its streams; ``usage`` its help
- ``grammar``     argument words -> ``Invocation``
- ``config``      file and environment -> ``Settings``
- ``call``        an ordinary line, from words to text, through the next five
- ``stdin``       the body on standard input, if there is one; ``documents`` parses it, and files,
                  with ``yamltext`` when it is YAML
- ``request``     ``Invocation`` and body -> ``Request``; values typed by ``values``
- ``daemon``      ``Request`` -> ``Reply``; ``endpoint`` connects, ``wire`` speaks HTTP,
                  ``progress`` shows that it takes long
- ``model``       after a refusal: the types that the daemon's own help states
- ``render``      ``Reply`` -> text; ``describe`` for the help of ``?``, ``refusal`` for errors;
                  ``tables`` below both

Beside the ordinary line:

- ``deploy``      apply, diff and export of whole topologies; ``changes`` words what changed
- ``topology``    asks what there is, ``graph`` makes sense of it; ``tree`` and ``diagram`` draw it
- ``watch``       ``-watch`` and events, from the stream that ``events`` reads
- ``completion``  words for TAB, and the scripts in ``shell/`` that ask for them

The process must feel instant, also on TAB, so what an ordinary call imports is chosen by
measurement. Beside a bare interpreter's 14 ms of process time, ``json`` and ``socket`` cost 9 ms;
``typing`` would add 8, ``dataclasses`` and ``http.client`` 15 or more each. Hence plain classes
with ``__slots__``, and an HTTP exchange of our own: a whole call takes 34 ms. ``ssl``, ``yaml`` and
``importlib.metadata`` are imported by the calls that need them.
"""
