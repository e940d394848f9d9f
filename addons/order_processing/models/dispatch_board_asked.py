from datetime import MAXYEAR, MINYEAR

from odoo import api, fields, models

KINDS = ("wave", "none", "held")


class OrderDispatchDeparture(models.Model):
    """What a client asks the board for: taken as it is meant, and what means nothing is left out."""

    _inherit = "order.dispatch.departure"

    @api.model
    def _asked_day(self, day):
        try:
            day = fields.Date.to_date(day) if isinstance(day, str) else None
        except ValueError:
            return None
        # At either end there is no day before or after.
        return day if day and MINYEAR < day.year < MAXYEAR else None

    @api.model
    def _asked_filters(self, filters):
        """Return the filters that choose anything."""
        if not isinstance(filters, dict):
            return {}
        text = filters.get("text")
        asked = {
            "text": text.replace("\x00", "").strip()[:200] if isinstance(text, str) else "",
            "status": status if isinstance(status := filters.get("status"), str) else "",
            "urgent": bool(filters.get("urgent")),
            "carrier_id": _as_id(filters.get("carrier_id")),
        }
        return {name: value for name, value in asked.items() if value}

    @api.model
    def _asked_lane(self, lane):
        """Return the key of a lane: its kind, departure and batch."""
        lane = lane if isinstance(lane, dict) else {}
        kind = lane.get("kind")
        if kind not in KINDS:
            kind = "wave"
        return kind, _as_id(lane.get("departure_id")), _as_id(lane.get("batch_id"))


def _as_id(value):
    """Return a number the database has ids of; 0 for anything else."""
    try:
        number = int(value or 0)
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if 0 < number < 2**31 else 0
