"""``python -m polycube_client``, the same as ``polycubectl``."""

import sys

from polycube_client.cli import main

sys.exit(main())
