from collections import Counter, namedtuple

from odoo import models
from odoo.tools import SQL

from .stock_picking_dispatch import parcels_of

# So many cards of a lane come with the board, and so many of all; the others when somebody looks at them.
CARDS, ALL_CARDS, MORE = 40, 400, 80
Transfer = namedtuple("Transfer", "row status parcels")


class OrderDispatchDeparture(models.Model):
    """From the transfers of the board to its figures, lanes and cards."""

    _inherit = "order.dispatch.departure"

    def _board_lanes(self, rows):
        """Return ``{(kind, departure, batch): transfers}``, each with its status and parcels."""
        short = self._lacking(rows)
        packages = self._board_packages(ids) if (ids := [row.id for row in rows if row.in_packages]) else {}
        most = self.env["stock.picking"]._parcel_weight(self.env.company)
        lanes = {}
        for row in rows:
            key = ("wave", row.departure_id, row.batch_id) if row.kind == "wave" else (row.kind, 0, 0)
            parcels = parcels_of(packages.get(row.id), row.weight, most)
            lanes.setdefault(key, []).append(Transfer(row, _status(row, short), parcels))
        return lanes

    def _lacking(self, rows):
        """Return of which transfers goods are missing, here or in the transfer that comes before."""
        lacking = {row.id for row in rows if row.lacks}
        asked = [row.id for row in rows if row.waits and not row.lacks and row.state != "done"]
        if asked:
            short = self.env["stock.picking"]._is_short_sql("p")
            found = self.env.execute_query(
                SQL("SELECT id FROM stock_picking p WHERE id = ANY(%s) AND %s", asked, short)
            )
            lacking |= {id_ for (id_,) in found}
        return lacking

    @staticmethod
    def _board_sums(transfers):
        return {
            "counts": dict(Counter(transfer.status for transfer in transfers)),
            "total": len(transfers),
            "parcels": sum(transfer.parcels for transfer in transfers),
            "weight": sum(transfer.row.weight or 0.0 for transfer in transfers),
        }

    # ---------------------------------------------------------------- cards
    def _board_chosen(self, lanes, filters):
        """Return the lanes with those of their transfers that are looked for."""
        if not filters:
            return lanes
        return {key: [one for one in lane if _matches(one, filters)] for key, lane in lanes.items()}

    def _board_cards(self, lanes, limits, *, offset=0):
        """Return ``{kind, departure_id, batch_id, matching, cards}`` of each of the lanes.

        ``limits``: how many cards of a lane; of a lane that is not in it none, but how many there are.
        """
        pages = {key: lane[offset : offset + limits.get(key, 0)] for key, lane in lanes.items()}
        details = self._board_details([one.row.id for page in pages.values() for one in page])
        return [
            {
                "kind": key[0],
                "departure_id": key[1],
                "batch_id": key[2],
                "matching": len(lanes[key]),
                "cards": [_card(key, one) | details[one.row.id] for one in page],
            }
            for key, page in pages.items()
        ]

    def _board_first(self, board, lanes):
        """Return how many cards of which lanes come first: of what leaves next, and of the others later."""
        order = {departure["id"]: place for place, departure in enumerate(board["departures"])}
        rank = {(wave["departure_id"], wave["id"]): place for place, wave in enumerate(board["waves"])}
        first, cards = {}, 0
        for key in sorted(
            lanes, key=lambda key: (order.get(key[1], -1), key[0] == "held", rank.get(key[1:], 1_000), key)
        ):
            if cards >= ALL_CARDS:
                break
            first[key] = CARDS
            cards += min(len(lanes[key]), CARDS)
        return first


def _status(row, short):
    """The same as ``_dispatch_status_sql``, from figures that were read for all transfers at once."""
    if row.state == "done":
        return "done"
    if row.kind == "held":
        return "held"
    if row.late:
        return "late"
    if row.id in short:
        return "short"
    return "packed" if row.packed else "picked" if row.picked else "ready"


def _matches(transfer, filters):
    return (
        transfer.row.matches
        and (not filters.get("status") or transfer.status == filters["status"])
        and (not filters.get("urgent") or transfer.row.urgent)
    )


def _card(key, transfer):
    row = transfer.row
    return {
        "kind": key[0],
        "departure_id": key[1],
        "batch_id": key[2],
        "code": row.code,
        "leads": row.leads,
        "status": transfer.status,
        "urgent": row.urgent,
        "score": row.score or 0.0,
        "weight": row.weight or 0.0,
        "parcels": transfer.parcels,
    }
