"""What an answer says of parcels, by the paths that records name.

Whatever it looks like, nothing but ``ConnectorError`` leaves here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from ._generic_options import pairs_of
from ._moments import moment
from ._paths import first, nodes, text
from .base import ConnectorError, Item, Response, Result, Scan, Trouble

MOST_SCANS = 2_000
LONGEST_NAME = 200
# What a refusal with this status is, where its code says nothing better.
BY_STATUS = {401: "auth", 402: "quota", 403: "auth", 404: "not_found", 429: "rate"}
# These are of the parcel asked for; the others of the call or the account.
OF_THE_PARCEL = {
    Trouble.NOT_FOUND,
    Trouble.NEED_PHONE,
    Trouble.BAD_NUMBER,
    Trouble.ALREADY_REGISTERED,
    Trouble.NOT_REGISTERED,
}


def read_json(body: bytes | str) -> Any:
    """Return what a body says; whatever is no JSON raises ``ConnectorError``."""
    try:
        if isinstance(body, bytes) and body.startswith(b"\xef\xbb\xbf"):
            body = body.decode("utf-8-sig")
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ConnectorError(Trouble.MALFORMED, "json") from None


def plain(number: str) -> str:
    """Return a number as it is compared."""
    return "".join(filter(str.isalnum, number)).upper()


class Reader:
    """Reads answers and pushed messages.

    :param option: gives what the records say of an option, by its name
    """

    def __init__(self, option: Callable[[str], Any]):
        """Take the options."""
        self.option = option
        self.fine = {one.strip().lower() for one in str(option("fine")).split(",")}
        self.errors = pairs_of(str(option("errors")), "=")

    # ---------------------------------------------------------------- answers
    def answer(self, response: Response, items: Sequence[Item]) -> list[Result]:
        """Return what an answer says of the parcels asked for, and of any other it mentions."""
        data = self._whole(response)
        if refusal := self._refusal(data, response.status):
            return self._refused(items, *refusal)
        path = str(self.option("parcels_path"))
        results = self._parcels(data, path, items, not self.option("ask_news_only"))
        if not results and not _is_empty_list(data, path):
            # It looks otherwise than thought: nothing there is of any parcel.
            raise ConnectorError(Trouble.MALFORMED, "parcels")
        return [result for result in results if result.number]

    def refusal(self, response: Response) -> tuple[Trouble | None, str]:
        """Return why an answer says nothing of any parcel; (None, "") where it does."""
        return self._refusal(self._whole(response), response.status) or (None, "")

    def push(self, data: Any) -> list[Result]:
        """Return what a pushed message says; messages about nothing are fine."""
        if not isinstance(data, dict | list):
            raise ConnectorError(Trouble.MALFORMED, "json")
        if refusal := self._refusal(data, 200):
            raise ConnectorError(*refusal)
        path = str(self.option("push_parcels_path") or self.option("parcels_path"))
        results = self._parcels(data, path, (), bool(self.option("push_all")))
        told = [result for result in results if result.number]
        if results and not told:
            raise ConnectorError(Trouble.MALFORMED, "number")
        return told

    def subscription(self, response: Response, items: Sequence[Item]) -> list[Result]:
        """Return which parcels are announced: all of the call but those the answer names with an error."""
        said = []
        if response.body.strip() or response.status >= 300:
            data = self._whole(response)
            if refusal := self._refusal(data, response.status):
                return self._refused(items, *refusal)
            said = self._parcels(data, str(self.option("parcels_path")), items, True)
        known = {one.key if one.key is not None else plain(one.number): one for one in said}
        found = [(item, known.get(item.key) or known.get(plain(item.number))) for item in items]
        return [self._announced(item, one) for item, one in found]

    @staticmethod
    def _announced(item: Item, said: Result | None) -> Result:
        if said is None:
            return Result(item.number, item.key)
        return Result(
            item.number,
            item.key,
            external_ref=said.external_ref,
            trouble=said.trouble,
            message=said.message,
        )

    # ---------------------------------------------------------------- the whole of it
    @staticmethod
    def _whole(response: Response) -> Any:
        is_good = 200 <= response.status < 300
        try:
            data = read_json(response.body)
        except ConnectorError:
            if is_good:
                raise
            return None
        if is_good and not isinstance(data, dict | list):
            raise ConnectorError(Trouble.MALFORMED, "json")
        return data

    def _refusal(self, data: Any, status: int) -> tuple[Trouble, str] | None:
        """Return why nothing of it counts, by its code and its status."""
        trouble, message = self._trouble(data, "failure_path", "failure_text_path")
        if not 200 <= status < 300 and trouble in (None, Trouble.RETRY_LATER):
            usual = Trouble.BAD_REQUEST if status < 500 else Trouble.RETRY_LATER
            trouble = Trouble(BY_STATUS.get(status, usual.value))
            message = message or f"http_{status}"
        return (trouble, message) if trouble else None

    @staticmethod
    def _refused(items: Sequence[Item], trouble: Trouble, message: str) -> list[Result]:
        """Return what a refusal of the whole call is to the parcels: theirs only where it can be."""
        if trouble not in OF_THE_PARCEL:
            raise ConnectorError(trouble, message)
        if len(items) == 1:
            return [Result(items[0].number, items[0].key, trouble=trouble, message=message)]
        # It is the matter of one of them: which, is found by smaller calls.
        raise ConnectorError(Trouble.BAD_REQUEST, message)

    def _parcels(self, data: Any, path: str, items: Sequence[Item], is_full: bool) -> list[Result]:
        found = [node for node in nodes(data, path) if isinstance(node, dict)]
        results = [self._parcel(node, items, is_full) for node in found]
        if path := str(self.option("rejected_path")):
            found = [node for node in nodes(data, path) if isinstance(node, dict)]
            results += [self._rejected(node, items) for node in found]
        return results

    # ---------------------------------------------------------------- one parcel
    def _number(self, node: dict[str, Any], items: Sequence[Item]) -> tuple[str, int | None]:
        """Return the number of a parcel, and which was asked for where only one was."""
        number = self._name(node, "number_path")
        if len(items) != 1:
            return number, None
        if not number or plain(number) == plain(items[0].number):
            return items[0].number, items[0].key
        return number, None  # another's

    def _rejected(self, node: dict[str, Any], items: Sequence[Item]) -> Result:
        number, key = self._number(node, items)
        trouble, message = self._trouble(node, "error_path", "error_text_path")
        return Result(number, key, trouble=trouble or Trouble.RETRY_LATER, message=message)

    def _parcel(self, node: dict[str, Any], items: Sequence[Item], is_full: bool) -> Result:
        number, key = self._number(node, items)
        trouble, message = self._trouble(node, "error_path", "error_text_path")
        if trouble:
            return Result(number, key, trouble=trouble, message=message)
        return Result(
            number,
            key,
            carrier=self._name(node, "carrier_path"),
            scans=self._scans(node),
            code=self._name(node, "code_path"),
            code_at=self._moment(node, "code_at_path")[0],
            eta=self._moment(node, "eta_path")[0],
            external_ref=self._name(node, "ref_path"),
            is_full_history=is_full,
        )

    def _scans(self, node: dict[str, Any]) -> tuple[Scan, ...]:
        if not (path := str(self.option("scans_path"))):
            return ()
        found = [one for one in nodes(node, path)[:MOST_SCANS] if isinstance(one, dict)]
        scans = (self._scan(one) for one in found)
        return tuple(scan for scan in scans if scan.code or scan.text)

    def _scan(self, node: dict[str, Any]) -> Scan:
        at, assumed = self._moment(node, "scan_time_path")
        return Scan(
            at=at,
            code=self._name(node, "scan_code_path"),
            text=text(node, str(self.option("scan_text_path"))),
            place=self._name(node, "scan_place_path"),
            raw_time=self._name(node, "scan_time_path"),
            zone_assumed=assumed,
            event_id=self._name(node, "scan_id_path"),
        )

    def _name(self, node: Any, name: str) -> str:
        return text(node, str(self.option(name)))[:LONGEST_NAME]

    def _moment(self, node: Any, name: str) -> tuple[datetime | None, bool]:
        if not (written := self._name(node, name)):
            return None, False
        return moment(written, str(self.option("time_format")), str(self.option("time_zone")))

    # ---------------------------------------------------------------- trouble
    def _trouble(self, node: Any, code_name: str, text_name: str) -> tuple[Trouble | None, str]:
        """Return what an error means by the table; what nobody has listed may be over later."""
        code = self._name(node, code_name)
        if not code or (trouble := self._meaning(code)) is None:
            return None, ""
        words = (code, self._name(node, text_name))
        return trouble, ": ".join(filter(None, words))[:LONGEST_NAME]

    def _meaning(self, code: str) -> Trouble | None:
        if code.lower() in self.fine:
            return None
        known = dict(self.errors)
        starred = (name for name in known if "*" in name and _is_like(code, name))
        meant = known.get(code) or known.get(max(starred, key=len, default=""), "")
        try:
            return Trouble(meant)
        except ValueError:
            return Trouble.RETRY_LATER


def _is_like(code: str, pattern: str) -> bool:
    return fnmatchcase(code, pattern.replace("[", "[[]").replace("?", "[?]"))


def _is_empty_list(data: Any, path: str) -> bool:
    """Tell whether the list of parcels is there, and nothing in it."""
    for alternative in path.split("|"):
        before = alternative.partition("*")[0].strip().rstrip(".").removesuffix("[]")
        node = first(data, before) if before else data
        if isinstance(node, list):
            return True
    return False
