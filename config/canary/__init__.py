"""The search for canary SSNs: proof that no SSN is at rest in the clear anywhere (security.md, "Proof").

`search(canaries, sinks)` looks for every form of every canary in the database by SQL, the server's own files with the
write-ahead log, every file below the data folders with archives unpacked, Redis, and whatever is handed over in memory.
"""

from config.canary.needles import Canary
from config.canary.search import Extent, Hit, Survey, search, survey
from config.canary.sinks import Sinks

__all__ = ["Canary", "Extent", "Hit", "Sinks", "Survey", "search", "survey"]
