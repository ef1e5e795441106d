"""Checks a package: its files, the signature that binds them to the disclosure record, and at BLS the record itself."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from disclosure.core.package import signature as package_signature
from disclosure.services import record_check
from requests_app.models import Package
from requests_app.services.event_log import anchors


class Command(BaseCommand):
    """``verify_disclosure_record WR-2026-000123 [--package N]`` at BLS; ``verify_disclosure_record PACKAGE.zip``
    anywhere."""

    help = "Checks a kept package with its disclosure record, or a package file alone; exit status 1 where it fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The request's number or a file, the version, and the public keys."""
        parser.add_argument("what", metavar="NUMBER|FILE", help="a request's number, or a package as it was received")
        parser.add_argument("--package", type=int, metavar="N", help="the version; else the newest")
        parser.add_argument(
            "--key", type=Path, metavar="FILE", help="public keys of the workers; else ANCHOR_PUBLIC_KEY_FILE"
        )

    def handle(self, *_args: object, what: str, package: int | None, key: Path | None, **_options: object) -> None:
        """Says that all holds, or names each thing that does not."""
        file = key or settings.ANCHOR_PUBLIC_KEY_FILE
        if file is None or not file.is_file():
            raise CommandError("There are no public keys: give --key or ANCHOR_PUBLIC_KEY_FILE.")
        try:
            keys = anchors.public_keys(file.read_bytes())
            found = (
                package_signature.problems(Path(what).read_bytes(), keys)
                if Path(what).is_file()
                else record_check.check(_package(what, package), keys)
            )
        except (ValueError, ImproperlyConfigured) as wrong:
            raise CommandError(str(wrong)) from None
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("The files are as they were signed, and were signed under this disclosure record.")


def _package(number: str, version: int | None) -> Package:
    found = Package.objects.filter(request__number=number, workbench__isnull=False).select_related(
        "request", "file__request", "workbench__request"
    )
    row = (found.filter(version=version) if version else found).order_by("version").last()
    if row is None:
        raise CommandError(f"{number} has no aggregated package{f' {version}' if version else ''}.")
    return row
