"""`python -m polycube_runtime` is polycubed."""

import sys

from polycube_runtime.daemon import main

sys.exit(main())
