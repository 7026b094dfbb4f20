"""The daemon's own read-only data: the YANG library, what RESTCONF can do here, its streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.rest.restconf import modules
from polycube_runtime.rest.restconf.stateschema import TOPS
from polycube_runtime.rest.restconf.streams import moment
from polycube_runtime.rest.restconf.target import Ways, cubes_of

if TYPE_CHECKING:
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.rest.restconf.modules import Module
    from polycube_runtime.support.schema import Service

Object = dict[str, Any]

CAPABILITIES = (
    "urn:ietf:params:restconf:capability:defaults:1.0?basic-mode=report-all",
    "urn:ietf:params:restconf:capability:depth:1.0",
    "urn:ietf:params:restconf:capability:fields:1.0",
    "urn:ietf:params:restconf:capability:filter:1.0",
    "urn:ietf:params:restconf:capability:replay:1.0",
    "urn:ietf:params:restconf:capability:with-defaults:1.0",
    "urn:ietf:params:restconf:capability:yang-patch:1.0",
)
STREAMS = {
    "NETCONF": "Changes of the configuration (RFC 6470) and of the YANG library (RFC 8525)",
    "polycube": "As NETCONF; and states of cubes, ports and interfaces, and what services tell",
}


class State:
    """What the datastore is made of, as services come and go."""

    def __init__(self, polycube: Polycube, began: float) -> None:
        """Describe the services of `polycube`; `began` is when the logs of notifications begin."""
        self._polycube = polycube
        self._began = moment(began)
        self._base = ""
        self._services: tuple[Service, ...] = ()
        self._modules: list[Module] = []
        self._ways = Ways({}, TOPS)
        self._documents: Object = {}
        self._content_id = ""

    def _refresh(self) -> None:
        controls = [one for _, one in sorted(self._polycube.services.items())]
        services = tuple(one.SERVICE for one in controls)
        if self._modules and services == self._services:
            return
        lists = {service: cubes_of(service) for service in services}
        known = {id(node): service for service, node in lists.items()}
        self._ways = Ways(known, (*lists.values(), *TOPS))
        own = modules.merged(one for control in controls for one in modules.of_service(control))
        own.append(modules.of_daemon())
        self._modules = sorted([*modules.standard(own), *own])
        self._content_id = modules.content_id(self._modules)
        self._services = services
        self._base = ""

    @property
    def ways(self) -> Ways:
        """The data model, to find targets in."""
        self._refresh()
        return self._ways

    @property
    def modules(self) -> list[Module]:
        """All modules, by name."""
        self._refresh()
        return self._modules

    @property
    def content_id(self) -> str:
        """What is another one whenever the modules are (RFC 8525, section 3)."""
        self._refresh()
        return self._content_id

    def documents(self, base: str) -> Object:
        """Return the data, by the names of its top nodes; its URLs begin with `base`."""
        self._refresh()
        if base != self._base:
            self._base = base
            self._documents = {
                "yang-library": self._library(),
                "modules-state": self._modules_state(),
                "restconf-state": self._restconf_state(),
            }
        return self._documents

    def _url(self, one: Module) -> str:
        revision = f"@{one.revision}" if one.revision else ""
        return f"{self._base}/yang/{one.name}{revision}.yang"

    def _library(self) -> Object:
        known = self._modules
        implemented = [self._listed(one) for one in known if one.implemented]
        imported = [self._listed(one) for one in known if not one.implemented]
        sets = {"name": "all", "module": implemented, "import-only-module": imported}
        return {
            "module-set": [sets],
            "schema": [{"name": "all", "module-set": ["all"]}],
            "datastore": [{"name": "ietf-datastores:running", "schema": "all"}],
            "content-id": self._content_id,
        }

    def _listed(self, one: Module) -> Object:
        found: Object = {"name": one.name, "namespace": one.namespace}
        if one.revision or not one.implemented:  # there it is a key, of a module without one empty
            found["revision"] = one.revision
        if one.text:
            found["location"] = [self._url(one)]
        return found

    def _modules_state(self) -> Object:
        found = []
        for one in self._modules:
            item = {
                "name": one.name,
                "revision": one.revision,
                "namespace": one.namespace,
                "conformance-type": "implement" if one.implemented else "import",
            }
            found.append({**item, "schema": self._url(one)} if one.text else item)
        return {"module-set-id": self._content_id, "module": found}

    def _restconf_state(self) -> Object:
        streams = [
            {
                "name": name,
                "description": description,
                "replay-support": True,
                "replay-log-creation-time": self._began,
                "access": [{"encoding": "json", "location": f"{self._base}/streams/{name}"}],
            }
            for name, description in STREAMS.items()
        ]
        return {
            "capabilities": {"capability": list(CAPABILITIES)},
            "streams": {"stream": streams},
        }
