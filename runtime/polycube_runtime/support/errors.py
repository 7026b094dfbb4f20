"""Errors that a user can cause or must know about.

Each class has one HTTP ``status`` and one error ``tag`` (RFC 8040, section 7)::

    PolycubeError
    ├── InvalidValue            400  invalid-value
    │   └── UnknownElement      400  unknown-element
    ├── MissingElement          400  missing-element
    ├── MissingAttribute        400  missing-attribute
    ├── BadElement              400  bad-element
    ├── MalformedMessage        400  malformed-message
    ├── OperationFailed         400  operation-failed
    ├── AccessDenied            403  access-denied
    ├── NotFound                404  data-missing
    ├── OperationNotSupported   405  operation-not-supported
    ├── DataExists              409  data-exists
    ├── DataMissing             409  data-missing
    ├── PreconditionFailed      412  operation-failed
    ├── TooBig                  413  too-big
    ├── Misdirected             421  invalid-value
    ├── Unavailable             503  resource-denied
    └── Errors                  several of the above, answered with the status of the first

What is wrong inside the daemon is not drawn here: it is a bug, and answers 500.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class PolycubeError(Exception):
    """A refused request: what is wrong, and at which node.

    ``path`` names the node as in the URL (``/simplebridge/br1/fdb/aging-time``), or is empty.
    ``app_tag`` is the model's error-app-tag, or that of RFC 7950, section 15.
    """

    status: int = 500
    tag: str = "operation-failed"

    def __init__(self, message: str, path: str = "", app_tag: str = "") -> None:
        """Keep the parts; ``str()`` of the error is ``path: message``."""
        super().__init__(f"{path}: {message}" if path else message)
        self.message = message
        self.path = path
        self.app_tag = app_tag

    @property
    def parts(self) -> tuple[PolycubeError, ...]:
        """The single errors of which this one consists."""
        return (self,)


class InvalidValue(PolycubeError):
    """A value that the node's type or constraints do not accept."""

    status, tag = 400, "invalid-value"


class UnknownElement(InvalidValue):
    """A node that may not be there: not in the model, or under a ``when`` that does not hold."""

    status, tag = 400, "unknown-element"


class MissingElement(PolycubeError):
    """A mandatory node or a list key was left out."""

    status, tag = 400, "missing-element"


class MissingAttribute(PolycubeError):
    """A parameter of the request was left out."""

    status, tag = 400, "missing-attribute"


class BadElement(PolycubeError):
    """A node of the wrong shape: an object where a list belongs, and the like."""

    status, tag = 400, "bad-element"


class MalformedMessage(PolycubeError):
    """A body that is not JSON."""

    status, tag = 400, "malformed-message"


class OperationFailed(PolycubeError):
    """A valid request that could not be carried out."""

    status, tag = 400, "operation-failed"


class AccessDenied(PolycubeError):
    """A request that may not be made from where it comes."""

    status, tag = 403, "access-denied"


class NotFound(PolycubeError):
    """A path at which there is nothing."""

    status, tag = 404, "data-missing"


class OperationNotSupported(PolycubeError):
    """A verb that this node does not have."""

    status, tag = 405, "operation-not-supported"


class DataExists(PolycubeError):
    """An entry that exists cannot be created."""

    status, tag = 409, "data-exists"


class DataMissing(PolycubeError):
    """An entry that does not exist cannot be changed or deleted."""

    status, tag = 409, "data-missing"


class PreconditionFailed(PolycubeError):
    """What the request was made for (``If-Match``, ``If-None-Match``) is not what is there."""

    status, tag = 412, "operation-failed"


class TooBig(PolycubeError):
    """A body that is larger than any should be."""

    status, tag = 413, "too-big"


class Misdirected(PolycubeError):
    """A request for a host that is not this one (RFC 9110, section 15.5.20)."""

    status, tag = 421, "invalid-value"


class Unavailable(PolycubeError):
    """A resource that the machine cannot give: a capability, a kernel feature, memory."""

    status, tag = 503, "resource-denied"


class Errors(PolycubeError):
    """Everything that is wrong with one request; status and tag are those of the first error."""

    def __init__(self, errors: Iterable[PolycubeError]) -> None:
        """Flatten ``errors``, which must not be empty."""
        self.errors = tuple(part for error in errors for part in error.parts)
        super().__init__("\n".join(map(str, self.errors)))
        self.status, self.tag = self.errors[0].status, self.errors[0].tag

    @property
    def parts(self) -> tuple[PolycubeError, ...]:
        """The single errors, in the order in which they were found."""
        return self.errors


def raise_all(errors: Iterable[PolycubeError]) -> None:
    """Raise ``errors``: nothing if there is none, itself if it is one, else ``Errors``."""
    found = tuple(errors)
    if len(found) == 1:
        raise found[0]
    if found:
        raise Errors(found)
