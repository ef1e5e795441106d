"""Pages of lists that may be very long: nobody waits while the database counts what nobody reads to the end."""

from functools import cached_property
from typing import Any

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db.models import QuerySet

COUNTED = 1000
FARTHEST_PAGE = 1_000_000


class LongPage(Page):
    """One page; that another follows is known from the row after it, not from a count."""

    def __init__(self, rows: list[Any], number: int, paginator: "LongPaginator", *, is_followed: bool) -> None:
        super().__init__(rows, number, paginator)
        self.is_followed = is_followed

    def has_next(self) -> bool:
        """A row follows."""
        return self.is_followed

    def next_page_number(self) -> int:
        """The number after this one, whether it was counted or not."""
        if not self.is_followed:
            raise EmptyPage("This is the last page.")
        return self.number + 1


class LongPaginator(Paginator):
    """Counts the first thousand rows; `is_longer` says that there are more, and their pages can be read too."""

    @cached_property
    def _found(self) -> int:
        return int(self.object_list.order_by().values("pk")[: COUNTED + 1].count())

    @property
    def count(self) -> int:  # type: ignore[override]
        """The rows, as far as they are counted."""
        return min(self._found, COUNTED)

    @property
    def is_longer(self) -> bool:
        """There are more than `count`."""
        return self._found > COUNTED

    def validate_number(self, number: int | float | str) -> int:
        """A page that is counted, or may stand beyond those."""
        try:
            return super().validate_number(number)
        except EmptyPage:
            if self.is_longer and self.num_pages < int(number) <= FARTHEST_PAGE:
                return int(number)
            raise

    def page(self, number: int | float | str) -> LongPage:
        """The page of this number; `EmptyPage` where no row stands. A list of one page needs no counting."""
        number = 1 if str(number) == "1" else self.validate_number(number)
        start = (number - 1) * self.per_page
        rows = list(self._rows(start, start + self.per_page + 1))
        if not rows and number > 1:
            raise EmptyPage("No row stands here.")
        if number == 1 and len(rows) <= self.per_page:
            self._found = len(rows)
        return LongPage(rows[: self.per_page], number, self, is_followed=len(rows) > self.per_page)

    def _rows(self, start: int, stop: int) -> QuerySet[Any]:
        """The rows from `start` to before `stop`; far from the beginning their keys are sorted, not the rows whole."""
        if start < COUNTED:
            return self.object_list[start:stop]
        keys = self.object_list.values_list("pk", flat=True)[start:stop]
        return self.object_list.filter(pk__in=list(keys))

    def get_page(self, number: int | float | str | None) -> LongPage:
        """The page of this number, the first for what is no number, the last counted one for what is too far."""
        try:
            return self.page(number or 1)
        except PageNotAnInteger:
            return self.page(1)
        except EmptyPage:
            return self.page(self.num_pages)
