from odoo import api, fields, models
from odoo.tools import SQL

SEAL_BATCH = 1000
CHECK_BATCH = 5000


class OrderEventChain(models.Model):
    """The head of a company's chain of sealed events.

    Each sealed event carries a hash over the seal before it, its place and its content. The head
    (number of events and last hash) stands here, so that cutting off the end of the chain shows, too. One
    lock on this row makes sure that there is only ever one end to add to.
    """

    _name = "order.event.chain"
    _description = "Seal of the Timeline"
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    sealed_count = fields.Integer("Sealed events", readonly=True)
    head_hash = fields.Char(
        "Last seal", readonly=True, default="", help="Note it down elsewhere to prove the timeline."
    )
    checked_at = fields.Datetime("Last check", readonly=True)
    check_result = fields.Selection([("intact", "Intact"), ("broken", "Broken")], "Result", readonly=True)
    broken_event_id = fields.Integer("First broken event", readonly=True, aggregator=None)
    broken_reason = fields.Selection(
        [
            ("changed", "Its content is not what was sealed"),
            ("missing", "An event is missing before it"),
            ("seal", "Its seal does not follow from the one before"),
            ("cut", "The end of the chain is missing"),
            ("redaction", "It was redacted without a record of it"),
        ],
        readonly=True,
    )
    unsealed_count = fields.Integer("Not sealed yet", compute="_compute_unsealed_count")

    _company_uniq = models.Constraint("UNIQUE(company_id)", "There is one chain per company.")

    def _compute_unsealed_count(self):
        counts = dict(
            self.env["order.event"]._read_group(
                [("company_id", "in", self.company_id.ids), ("seal_position", "=", False)],
                ["company_id"],
                ["__count"],
            )
        )
        for chain in self:
            chain.unsealed_count = counts.get(chain.company_id, 0)

    # ---------------------------------------------------------------- sealing
    @api.model
    def _cron_seal(self):
        """Seal what is new, a batch at a time, each batch committed."""
        for company in self.env["res.company"].search([]):  # pylint: disable=no-search-all
            chain = self._for_company(company)
            while sealed := chain._seal_batch():
                # sudo-free: the scheduled action runs as the system user
                if not self.env["ir.cron"]._commit_progress(sealed):
                    return

    @api.model
    def _for_company(self, company):
        chain = self.search([("company_id", "=", company.id)])
        return chain or self.create({"company_id": company.id})

    def _seal_batch(self):
        """Seal the next events in id order. Return how many; 0 also when somebody else is sealing."""
        self.ensure_one()
        if not self.try_lock_for_update():
            return 0
        self.invalidate_recordset()
        Event = self.env["order.event"]
        Event.flush_model()
        rows = Event._rows_of(
            SQL(
                "company_id = %s AND seal_position IS NULL ORDER BY id LIMIT %s",
                self.company_id.id,
                SEAL_BATCH,
            )
        )
        if not rows:
            return 0
        position, previous, seals = self.sealed_count, self.head_hash or "", []
        for row in rows:
            position += 1
            content = Event._content_hash(row["id"], row)
            previous = Event._link_hash(previous, position, content)
            seals.append((row["id"], position, content, previous))
        self.env.execute_query(
            SQL(
                """UPDATE order_event e
                      SET seal_position = s.position, content_hash = s.content, seal_hash = s.seal
                   FROM unnest(%s::int[], %s::int[], %s::varchar[], %s::varchar[])
                     AS s(id, position, content, seal)
                   WHERE e.id = s.id RETURNING e.id""",
                *map(list, zip(*seals, strict=True)),
            )
        )
        Event.browse(row["id"] for row in rows).invalidate_recordset()
        self.write({"sealed_count": position, "head_hash": previous})
        return len(rows)

    # ---------------------------------------------------------------- checking
    def action_check(self):
        """Walk the whole chain and store what is found."""
        self.check_access("write")
        for chain in self:
            reason, event_id = chain._first_break() or (False, 0)
            chain.write(
                {
                    "checked_at": fields.Datetime.now(),
                    "check_result": "broken" if reason else "intact",
                    "broken_reason": reason,
                    "broken_event_id": event_id,
                }
            )

    def _first_break(self):
        """Return ``(reason, event id)`` of the first broken link, or None if the chain holds."""
        self.ensure_one()
        Event = self.env["order.event"]
        Event.flush_model()
        redactions = self._recorded_redactions()
        position, previous = 0, ""
        while rows := self._sealed_after(position):
            for row in rows:
                position += 1
                if reason := self._fault(row, position, previous, redactions):
                    return reason, row["id"]
                previous = row["seal_hash"]
        if position != self.sealed_count or previous != (self.head_hash or ""):
            return "cut", self._event_at(position)
        return None

    def _sealed_after(self, position):
        condition = SQL(
            "company_id = %s AND seal_position > %s ORDER BY seal_position LIMIT %s",
            self.company_id.id,
            position,
            CHECK_BATCH,
        )
        return self.env["order.event"]._rows_of(condition)

    def _fault(self, row, position, previous, redactions):
        """Return what is wrong with one sealed event, or None."""
        Event = self.env["order.event"]
        if row["seal_position"] != position:
            return "missing"
        if row["redacted"]:
            if row["id"] not in redactions:
                return "redaction"
        elif Event._content_hash(row["id"], row) != row["content_hash"]:
            return "changed"
        if Event._link_hash(previous, position, row["content_hash"]) != row["seal_hash"]:
            return "seal"
        return None

    def _recorded_redactions(self):
        events = self.env["order.event"].search_fetch(
            [("company_id", "=", self.company_id.id), ("kind", "=", "redacted")], ["data"]
        )
        return {event.data.get("event") for event in events if event.data}

    def _event_at(self, position):
        return (
            self.env["order.event"]
            .search([("company_id", "=", self.company_id.id), ("seal_position", "=", position)], limit=1)
            .id
        )
