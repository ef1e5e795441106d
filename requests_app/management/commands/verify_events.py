"""Verifies the hash chain of the event log; run it daily, and after every restore."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from requests_app.services import event_chain


class Command(BaseCommand):
    """./run manage verify_events"""

    help = "Walks the event log's hash chain and names the first broken link. Exit status 1 where one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Output for people, or for an anchor kept outside."""
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *_args: object, json: bool, **_options: object) -> None:
        """Says how many events hold and the head; where a link is broken, which and how."""
        report = event_chain.verify()
        if json:
            self.stdout.write(report.as_json())
        elif report.first_break is None:
            self.stdout.write(f"{report.count:,} events, the chain holds. Head: {report.head}")
        else:
            broken = report.first_break
            self.stdout.write(f"{report.count:,} events hold, up to the hash {report.head}.")
            self.stdout.write(f"Event {broken.seq} is the first that does not ({broken.fault}): {broken.fault.words}.")
        if not report.holds:
            raise SystemExit(1)
