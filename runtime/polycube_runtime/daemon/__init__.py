"""polycubed: the daemon.

- `start`: start and end
- `settings`, `values`, `sources`, `configfile`: what it is told, by file, environment, flags
- `instance`, `background`, `notify`: one daemon of a name; forking; systemd
- `logs`: log lines and their file
- `machine`: privileges and folders
- `listen`, `tls`, `server`: sockets, certificates, uvicorn
- `lifecycle`: what it has in the kernel
- `errors`: why it does not start
"""

from polycube_runtime.daemon.sources import options
from polycube_runtime.daemon.start import main
from polycube_runtime.daemon.values import LEVELS

__all__ = ["LEVELS", "main", "options"]
