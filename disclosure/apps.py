"""The app of disclosure protection."""

from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    """What may leave: registers its part of a request's life with the hooks."""

    name = "disclosure"

    def ready(self) -> None:
        from disclosure import catalogue, page_section, parameters  # noqa: F401
        from disclosure.services import analyses, designs, ledger, outputs, tables  # noqa: F401
