import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.tracking_trouble import PROPOSALS, remains, troubles

_logger = logging.getLogger(__name__)

BATCH = 100
ACTIVITY = "order_processing.mail_activity_type_parcel_problem"
# Who has the activity is found in the warehouse, not in sales.
COMES_BACK = {"returning", "returned"}
QUIETLY = {"mail_create_nolog": True, "mail_create_nosubscribe": True, "tracking_disable": True}


class OrderShipmentParcel(models.Model):
    _inherit = "order.shipment.parcel"

    def _status_changed(self, changes):
        """What has changed may be a problem, or the end of one, and customers hear of it."""
        super()._status_changed(changes)
        # sudo: settings, orders and addresses, whoever has scanned it
        parcels = self.sudo().browse(change.parcel_id for change in changes)
        opened = self.env["order.shipment.problem"]._settle(parcels, news={c.parcel_id: c for c in changes})
        self.env["order.notification"]._due_for_parcels(changes, opened)


class OrderShipmentProblem(models.Model):
    """How problems open and close: at once when the status changes, and by time passing."""

    _inherit = "order.shipment.problem"

    # ---------------------------------------------------------------- the scheduled action
    @api.model
    def _cron_watch(self):
        """Look at the parcels of which time alone may have made a problem, in batches.

        Opening, telling and closing are one transaction: killed at any moment, what is committed is done, the
        rest is found again by the next run.
        """
        commit = self.env["ir.cron"]._commit_progress
        after = 0
        while ids := self._candidates(after, BATCH):
            after = ids[-1]
            self._try_to_look(ids)
            if not commit(len(ids), remaining=int(len(ids) == BATCH)):
                return
        commit(remaining=0)

    @api.model
    def _try_to_look(self, ids):
        """Look at these parcels; where it fails, close in on the one that does, and go on."""
        queue = [ids]
        while queue:
            part = queue.pop()
            try:
                # Who is being told of a scan has the parcel; he looks for problems himself.
                parcels = self.env["order.shipment.parcel"].browse(part).try_lock_for_update()
                opened = self._settle(parcels)
                self.env["order.notification"]._due_for_parcels((), opened)
                self.env.flush_all()
            except Exception:
                self.env.cr.rollback()
                if len(part) == 1:
                    _logger.exception("Parcel %s could not be looked at", part[0])
                else:
                    middle = len(part) // 2
                    queue += [part[:middle], part[middle:]]
                continue
            if queue:
                self.env["ir.cron"]._commit_progress(len(part))

    @api.model
    def _candidates(self, after, limit):
        """Return ids of parcels that somebody follows and of which there may be something new to say."""
        self.env.flush_all()
        now = fields.Datetime.now()
        query = SQL(
            """
            SELECT p.id FROM order_shipment_parcel p JOIN res_company c ON c.id = p.company_id
             WHERE p.id > %(after)s AND p.status NOT IN ('delivered', 'returned', 'cancelled')
               AND c.parcel_problems AND (p.provider_id IS NOT NULL OR p.event_count > 0)
               AND (EXISTS (SELECT FROM order_shipment_problem o
                             WHERE o.parcel_id = p.id AND o.state = 'open'
                               AND o.kind IN ('late', 'eta_late', 'silent', 'pickup_waits'))
                OR (c.problem_silent_days > 0
                    AND COALESCE(p.last_event_at, p.shipped_at)
                        < %(now)s - c.problem_silent_days * interval '1 day'
                    AND NOT EXISTS (SELECT FROM order_shipment_problem o
                                     WHERE o.parcel_id = p.id AND o.kind = 'silent'
                                       AND o.opened_at >= COALESCE(p.last_event_at, p.shipped_at)))
                OR (c.problem_pickup_days > 0 AND p.status = 'available_for_pickup'
                    AND p.status_since <= %(now)s - c.problem_pickup_days * interval '1 day'
                    AND NOT EXISTS (SELECT FROM order_shipment_problem o
                                     WHERE o.parcel_id = p.id AND o.kind = 'pickup_waits'
                                       AND o.opened_at >= p.status_since))
                OR EXISTS (SELECT FROM order_shipment_order_shipment_parcel_rel sp
                             JOIN order_shipment_sale_order_rel so
                               ON so.order_shipment_id = sp.order_shipment_id
                             JOIN sale_order s ON s.id = so.sale_order_id
                            WHERE sp.order_shipment_parcel_id = p.id
                              AND COALESCE(s.promise_date, s.commitment_date) < GREATEST(p.eta, %(now)s)
                              AND NOT EXISTS (SELECT FROM order_shipment_problem o
                                               WHERE o.parcel_id = p.id AND o.kind = 'late'
                                                 AND o.opened_at
                                                   >= COALESCE(s.promise_date, s.commitment_date))))
             ORDER BY p.id LIMIT %(limit)s""",
            after=after,
            now=now,
            limit=limit,
        )
        return [id_ for (id_,) in self.env.execute_query(query)]

    # ---------------------------------------------------------------- opening and closing
    @api.model
    def _settle(self, parcels, news=None):
        """Open and close what the engine says for these parcels; return what was opened.

        :param news: ``{parcel id: Change}`` where a change of status is the reason; of what is imported from
            long ago nothing opens
        """
        parcels = parcels.filtered(lambda parcel: parcel.company_id.parcel_problems)
        if not parcels:
            return self.browse()
        self = self.sudo().with_context(**QUIETLY)  # sudo: the system decides, nobody types it
        known = defaultdict(self.browse)
        for problem in self.search([("parcel_id", "in", parcels.ids)]):
            known[problem.parcel_id.id] |= problem
        now, gone, wanted = fields.Datetime.now(), self.browse(), []
        for parcel in parcels:
            facts = parcel._trouble_facts()
            found = troubles(facts, now, parcel._trouble_settings(), parcel._carrier_working_days())
            mine = known[parcel.id]
            gone |= mine.filtered(
                lambda one, facts=facts, found=found: one.state == "open"
                and not remains(one.kind, facts, found)
            )
            change = (news or {}).get(parcel.id)
            if (change and not change.is_news) or not parcel._is_watched():
                continue
            taken = {one.kind for one in mine - gone if one.state == "open"}
            seen = {(one.kind, one.episode) for one in mine}
            wanted += [
                (parcel, one.kind, one.episode, dict(one.figures))
                for one in found
                if one.kind not in taken and (one.kind, one.episode) not in seen
            ]
        gone._close_gone()
        return self._open_all(wanted)

    @api.model
    def _open(self, parcel, kind, figures, episode=""):
        """Open one problem by its name, unless it is open already."""
        same = parcel.sudo().problem_ids.filtered(  # sudo: whatever the reader may see
            lambda one: one.kind == kind and (one.state == "open" or one.episode == episode)
        )
        # sudo: the system opens it
        return same or self.sudo().with_context(**QUIETLY)._open_all([(parcel, kind, episode, figures)])

    @api.model
    def _open_all(self, wanted):
        vals_list = []
        for parcel, kind, episode, figures in wanted:
            orders = parcel._told_orders()
            order = orders.filtered(lambda one: one.state == "sale")[:1] or orders[:1]
            vals_list.append(
                {
                    "parcel_id": parcel.id,
                    "company_id": parcel.company_id.id,
                    "kind": kind,
                    "episode": episode,
                    "figures": figures,
                    "proposal": PROPOSALS[kind],
                    "order_id": order.id,
                    "partner_id": order.partner_id.id,
                    "responsible_id": self._who(parcel, kind, order).id,
                }
            )
        if not vals_list:
            return self.browse()
        opened = self.create(vals_list)
        opened._schedule()
        opened._log_on_orders("parcel_problem")
        return opened

    @api.model
    def _who(self, parcel, kind, order):
        """Return who looks after it: the warehouse of what comes back, else who has sold it."""
        company = parcel.company_id
        chain = [order.user_id, order.team_id.user_id, company.problem_user_id]
        if kind in COMES_BACK:
            chain.insert(0, company.problem_returns_user_id)
        return next((user for user in chain if user and user.active), self.env["res.users"])

    def _schedule(self):
        """Give each who looks after it an activity."""
        kind = self.env.ref(ACTIVITY, raise_if_not_found=False)
        todo = self.filtered("responsible_id") if kind else self.browse()
        model = self.env["ir.model"]._get_id(self._name)
        vals_list = []
        for problem in todo:
            user = problem.responsible_id
            reader = problem.with_context(lang=user.lang, tz=user.tz)
            vals_list.append(
                {
                    "activity_type_id": kind.id,
                    "res_model_id": model,
                    "res_id": problem.id,
                    "user_id": user.id,
                    "summary": reader.display_name,
                    "note": reader.proposal_reason,
                    "date_deadline": fields.Date.context_today(reader),
                    "automated": True,
                }
            )
        # It stands in their list; an e-mail for each parcel would be one too many.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    def _close_gone(self):
        """The parcel has moved on: nobody has to do anything any more."""
        if not self:
            return
        self._finish("gone")
        note = {problem.id: problem.env._("The parcel has moved on.") for problem in self}
        self._message_log_batch(bodies=note)
        self._log_on_orders("parcel_problem_gone")

    def _finish(self, state, **vals):
        """Close them, and the activities about them."""
        now = fields.Datetime.now()
        self.write({"state": state, "closed_at": now, **vals})
        kind = self.env.ref(ACTIVITY, raise_if_not_found=False)
        domain = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        domain += [("activity_type_id", "=", kind.id)] if kind else []
        # Done, not deleted: it counts as what was looked after. One by one it would be a message each.
        self.env["mail.activity"].search(domain).write({"active": False, "date_done": now.date()})

    # ---------------------------------------------------------------- the orders' timeline
    def _log_on_orders(self, kind, **figures):
        """Note it on every order whose goods are in the parcel."""
        told = {"late", "damaged", "lost", "returning", "returned", "exception"}
        for problem in self:
            parcel = problem.parcel_id
            self.env["order.event"]._log(
                parcel._told_orders(),
                kind,
                {"parcel": parcel.number, "problem": problem.kind, **figures},
                audience="customer" if problem.kind in told and kind == "parcel_problem" else "internal",
                document=problem,
            )
