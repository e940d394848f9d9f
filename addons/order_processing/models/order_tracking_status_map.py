import re
from fnmatch import fnmatchcase

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from .order_shipment import STATUSES

# Each account of these is with another carrier, and what a code means there says nothing of the others.
OWN_CODES = {"generic"}
# A code that is a word and no abbreviation: however it is written, it means the same.
_WORDS = re.compile(r"[a-z]+(?:_[a-z]+)*(?<=\w{4})")


class OrderTrackingStatusMap(models.Model):
    """What a provider's code means. Seeded with what is known; people add what they meet."""

    _name = "order.tracking.status.map"
    _description = "Meaning of a Carrier's Code"
    _order = "kind, code"
    _rec_name = "code"

    kind = fields.Selection(
        selection=lambda self: self.env["order.tracking.provider"]
        ._fields["kind"]
        ._description_selection(self.env),
        string="Kind of provider",
        required=True,
    )
    provider_id = fields.Many2one(
        "order.tracking.provider", ondelete="cascade", help="Empty: for all accounts of the kind."
    )
    code = fields.Char(required=True, help="As the provider writes it; * stands for anything, as in 10*.")
    status = fields.Selection(STATUSES, help="Empty: nobody has decided yet; parcels keep their status.")
    substatus = fields.Char("Reason")
    seen_count = fields.Integer("Times seen", readonly=True, default=0)
    seen_at = fields.Datetime("Seen last", readonly=True)
    example = fields.Char(readonly=True, help="What the carrier wrote with it.")

    _once = models.UniqueIndex("(kind, COALESCE(provider_id, 0), code)")

    # ---------------------------------------------------------------- what a code means
    @api.model
    def _meanings(self, provider):
        """Return ``lookup(code)``: (status, substatus), or None for a code nobody has decided on.

        A code as written comes before one with a star, the account's own before those of its kind, and of
        several with a star the longest. Words come last: "In Transit" is what ``in_transit`` is.
        """
        exact, starred, words = self._known_codes(provider.kind, provider.id)
        found = {}

        def lookup(code):
            if code in exact:
                return exact[code]
            if code not in found:
                # Brackets and question marks in a code are just that: only the star stands for anything.
                by_star = next((means for pattern, means in starred if _is_like(code, pattern)), None)
                found[code] = by_star or words.get(_letters(code))
            return found[code]

        return lookup

    @api.model
    @ormcache("kind", "provider_id")
    def _known_codes(self, kind, provider_id):
        # sudo: what codes mean is no secret of the account
        rows = self.sudo().search_fetch(
            [("kind", "=", kind), ("provider_id", "in", (False, provider_id)), ("status", "!=", False)],
            ["code", "status", "substatus", "provider_id"],
        )
        rows = rows.sorted(lambda row: (not row.provider_id, -len(row.code), row.code))
        exact, starred, words = {}, [], {}
        for row in rows:
            means = (row.status, row.substatus or "")
            if _WORDS.fullmatch(row.code):
                words.setdefault(_letters(row.code), means)
            if "*" in row.code:
                starred.append((row.code, means))
            else:
                exact.setdefault(row.code, means)
        return exact, starred, words

    @api.model
    def _count_unknown(self, provider, seen):
        """Count codes nobody has mapped. ``seen``: {code: (times, example)}; one statement for all."""
        if not seen:
            return
        now = fields.Datetime.now()
        account = provider.id if provider.kind in OWN_CODES else None
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, %s, %s, %s, %s)",
                provider.kind,
                account,
                code,
                times,
                example,
                now,
                now,
                now,
            )
            for code, (times, example) in sorted(seen.items())
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO order_tracking_status_map AS known
                       (kind, provider_id, code, seen_count, example, seen_at, create_date, write_date)
                   VALUES %s
                   ON CONFLICT (kind, COALESCE(provider_id, 0), code) DO UPDATE
                      SET seen_count = COALESCE(known.seen_count, 0) + EXCLUDED.seen_count,
                          seen_at = EXCLUDED.seen_at, example = EXCLUDED.example""",
                rows,
            )
        )
        self.invalidate_model(["seen_count", "seen_at", "example"], flush=False)

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()


def _is_like(code, pattern):
    """Tell whether a code fits a pattern in which only the star has a meaning."""
    return fnmatchcase(code, pattern.replace("[", "[[]").replace("?", "[?]"))


def _letters(code):
    return "".join(filter(str.isalnum, code)).lower()
