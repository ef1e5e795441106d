"""Writes docs/generated from the code; with --check, says which pages are not fresh."""

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
        folder = settings.BASE_DIR / "docs" / "generated"
        if not check:
            for name in reference.write_pages(folder):
                self.stdout.write(f"docs/generated/{name}")
        elif stale := reference.stale_pages(folder):
            raise CommandError(f"Not fresh: {', '.join(stale)}. Run ./run manage generate_docs.")
