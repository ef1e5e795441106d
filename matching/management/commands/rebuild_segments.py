"""Makes the files that the match reads anew from the database."""

from typing import Any

from django.core.management.base import BaseCommand

from matching.segments.rebuild import rebuild


class Command(BaseCommand):
    """``rebuild_segments``: every segment of every load and of the person vault."""

    help = "Makes all match segments anew from PostgreSQL, in one transaction; the same data gives the same bytes."

    def handle(self, *_args: Any, **_options: Any) -> None:
        changed = rebuild(self.stdout.write)
        self.stdout.write("Done; every file is what it was." if not changed else f"Done; new: {', '.join(changed)}")
