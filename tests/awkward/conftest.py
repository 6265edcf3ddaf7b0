"""Put the table of designs beside this file within reach of the tests, which run over it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
