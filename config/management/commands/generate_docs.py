"""Writes docs/generated and docs/api from the code; with --check, says which pages are not fresh."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import reference


class Command(BaseCommand):
    """./run manage generate_docs [--check]"""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Check instead of writing."""
        parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 where a page is stale")

    def handle(self, *_args: object, check: bool, **_options: object) -> None:
        """Names every page that was, or would be, changed."""
        stale = []
        for name, pages in reference.FOLDERS.items():
            folder = settings.BASE_DIR / "docs" / name
            changed = reference.stale_pages(folder, pages) if check else reference.write_pages(folder, pages)
            stale += [f"docs/{name}/{page}" for page in changed]
        if not check:
            self.stdout.write("\n".join(stale))
        elif stale:
            raise CommandError(f"Not fresh: {', '.join(stale)}. Run ./run manage generate_docs.")
