"""``python -m memprof COMMAND ...`` is ``memprof COMMAND ...``."""

import sys

from memprof._command import main

sys.exit(main())
