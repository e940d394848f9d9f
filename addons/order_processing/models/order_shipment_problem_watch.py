import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.tracking_trouble import BY_STATUS, BY_SUBSTATUS, PROPOSALS, remains, troubles
from .order_shipment_ingest import NEWS_DAYS
from .order_shipment_problem_tell import ACTIVITY

_logger = logging.getLogger(__name__)

BATCH = 100
# What customers read in the timeline of their order, too.
IN_THEIR_TIMELINE = {"late", "damaged", "lost", "returning", "returned", "exception"}
# What follows from the status alone: of long ago it is no news to the clock either.
OF_STATUS = {*BY_STATUS.values(), *BY_SUBSTATUS}
# Where the next run goes on, when there was no time for all.
GO_ON = "order_processing.parcels_watched_up_to"
# Parcels that somebody follows and of which there may be something new to say. A day that was agreed ends
# first in the east: 14 hours before it ends here.
CANDIDATES = """
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
                WHERE sp.order_shipment_parcel_id = p.id AND s.state = 'sale'
                  AND COALESCE(s.promise_date, s.commitment_date) < GREATEST(p.eta, %(now)s)
                  AND NOT EXISTS (SELECT FROM order_shipment_problem o
                                   WHERE o.parcel_id = p.id AND o.kind = 'late'
                                     AND o.opened_at
                                       >= COALESCE(s.promise_date, s.commitment_date)))
    OR EXISTS (SELECT FROM order_shipment_problem agreed
                WHERE agreed.parcel_id = p.id
                  AND agreed.new_date < (GREATEST(p.eta, %(now)s) + interval '14 hours')::date
                  AND NOT EXISTS (SELECT FROM order_shipment_problem o
                                   WHERE o.parcel_id = p.id AND o.kind = 'late' AND o.id > agreed.id)))
 ORDER BY p.id LIMIT %(limit)s"""
QUIETLY = {"mail_create_nolog": True, "mail_create_nosubscribe": True, "tracking_disable": True}


class OrderShipmentParcel(models.Model):
    _inherit = "order.shipment.parcel"

    def _status_changed(self, changes):
        """What has changed may be a problem, or the end of one, and customers hear of it."""
        result = super()._status_changed(changes)
        # sudo: settings, orders and addresses, whoever has scanned it
        parcels = self.sudo().browse(change.parcel_id for change in changes)
        told = parcels._told_by_parcel()
        news = {change.parcel_id: change for change in changes}
        opened = self.env["order.shipment.problem"]._settle(parcels, told, news)
        self.env["order.notification"]._due_for_parcels(changes, opened, told)
        return result

    def _is_history(self, trouble):
        """Tell whether it follows from a status of long ago, which nobody was told of then."""
        since = fields.Datetime.now() - timedelta(days=NEWS_DAYS)
        return trouble.kind in OF_STATUS and bool(self.status_since) and self.status_since < since


class OrderShipmentProblem(models.Model):
    """How problems open and close: at once when the status changes, and by time passing."""

    _inherit = "order.shipment.problem"

    # ---------------------------------------------------------------- the scheduled action
    @api.model
    def _cron_watch(self):
        """Look at the parcels of which time alone may have made a problem, in batches; then tell staff
        of what has lasted long enough, and of the day.

        Where there is no time for all, the next run goes on: what stays open is looked at each time.
        Opening, telling and closing are one transaction: killed at any moment, what is committed is done, the
        rest is found again by the next run.
        """
        commit = self.env["ir.cron"]._commit_progress
        # sudo: the system notes where it stands
        settings = self.env["ir.config_parameter"].sudo()
        after = start = int(settings.get_param(GO_ON) or 0)
        while ids := self._candidates(after, BATCH):
            after = ids[-1]
            self._try_to_look(ids)
            if not commit(len(ids), remaining=1):
                settings.set_param(GO_ON, after)
                commit(remaining=1)
                return
        if start:
            settings.set_param(GO_ON, False)
        self._tell_of_lasting()
        self.env["order.shipment.problem.told"]._send_digests()
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
                told = parcels._told_by_parcel()
                opened = self._settle(parcels, told)
                self.env["order.notification"]._due_for_parcels((), opened, told)
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
        query = SQL(CANDIDATES, after=after, now=now, limit=limit)
        return [id_ for (id_,) in self.env.execute_query(query)]

    # ---------------------------------------------------------------- opening and closing
    @api.model
    def _settle(self, parcels, told=None, news=None):
        """Open and close what the engine says for these parcels; return what was opened.

        :param told: ``{parcel id: orders whose goods are in it}``, where it is known already
        :param news: ``{parcel id: Change}`` where a change of status is the reason; of what is imported from
            long ago nothing opens
        """
        if not (parcels := self._looked_at(parcels)):
            return self.browse()
        self = self.sudo().with_context(**QUIETLY)  # sudo: the system decides, nobody types it
        told = parcels._told_by_parcel() if told is None else told
        known = defaultdict(self.browse)
        for problem in self.search([("parcel_id", "in", parcels.ids)]):
            known[problem.parcel_id.id] |= problem
        days = parcels._carrier_working_days()
        gone, wanted = self.browse(), []
        for parcel in parcels:
            orders, mine = told[parcel.id], known[parcel.id]
            over, found = self._found(parcel, orders, mine, days[parcel.id])
            gone |= over
            change = (news or {}).get(parcel.id)
            # What comes in, or is of a cancelled order, is somebody else's to tell of.
            if (change and not change.is_news) or "sale" not in orders.mapped("state"):
                continue
            if not parcel.company_id.parcel_problems:
                continue
            found = [one for one in found if change or not parcel._is_history(one)]
            wanted += [(parcel, orders, one.kind, one.episode, dict(one.figures)) for one in found]
        gone._close_gone(told)
        return self._open_all(wanted)

    @api.model
    def _looked_at(self, parcels):
        """Return those of companies that look after parcels; of others what is open still may close."""
        off = parcels.filtered(lambda parcel: not parcel.company_id.parcel_problems)
        if not off:
            return parcels
        # sudo: whoever has scanned it
        still = self.sudo().search([("parcel_id", "in", off.ids), ("state", "=", "open")]).parcel_id
        return parcels.filtered(lambda parcel: parcel not in off or parcel.id in still._ids)

    @api.model
    def _found(self, parcel, orders, mine, days):
        """Return which of the parcel's problems are over, and the troubles that are new."""
        facts = parcel._trouble_facts(orders)
        found = troubles(facts, fields.Datetime.now(), parcel._trouble_settings(), days)
        open_ones = mine.filtered(lambda one: one.state == "open")
        over = open_ones.filtered(lambda one: not remains(one.kind, facts, found))
        taken = set((open_ones - over).mapped("kind"))
        (open_ones - over)._keep_figures(found)
        seen = {(one.kind, one.episode) for one in mine}
        new = [one for one in found if one.kind not in taken and (one.kind, one.episode) not in seen]
        return over, new

    def _keep_figures(self, found):
        """Days pass, and carriers expect it on another day: what people read is as it is now."""
        figures = {one.kind: dict(one.figures) for one in found}
        for problem in self:
            if (now := figures.get(problem.kind)) and now != problem.figures:
                problem.figures = now

    @api.model
    def _open(self, parcel, kind, figures, episode=""):
        """Open one problem by its name, unless it is open already."""
        parcel = parcel.sudo()  # sudo: whatever the reader may see
        same = parcel.problem_ids.filtered(
            lambda one: one.kind == kind and (one.state == "open" or one.episode == episode)
        )
        wanted = [(parcel, parcel._told_orders(), kind, episode, figures)]
        # sudo: the system opens it
        return same or self.sudo().with_context(**QUIETLY)._open_all(wanted)

    @api.model
    def _open_all(self, wanted):
        """Open ``[(parcel, its orders, kind, episode, figures)]`` and let staff know."""
        rules = self.env["order.notification.rule"]._active_ones() if wanted else ()
        vals_list, told = [], {}
        for parcel, orders, kind, episode, figures in wanted:
            order = orders.filtered(lambda one: one.state == "sale")[:1] or orders[:1]
            told[parcel.id] = orders
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
                    "responsible_id": rules._responsible(parcel.company_id, kind, order).id,
                }
            )
        if not vals_list:
            return self.browse()
        opened = self.create(vals_list)
        opened._tell_staff([(problem, rule) for problem in opened for rule in rules._at_once(problem)])
        opened._log_on_orders("parcel_problem", told)
        return opened

    def _close_gone(self, told):
        """The parcel has moved on: nobody has to do anything any more."""
        if not self:
            return
        self._finish("gone")
        note = {problem.id: problem.env._("The parcel has moved on.") for problem in self}
        self._message_log_batch(bodies=note)
        self._log_on_orders("parcel_problem_gone", told)

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
    def _log_on_orders(self, kind, told=None, **figures):
        """Note it on every order whose goods are in the parcel.

        :param told: ``{parcel id: orders}``, where they are known already
        """
        told = self.parcel_id._told_by_parcel() if told is None else told
        for problem in self:
            parcel = problem.parcel_id
            is_theirs = (
                kind == "parcel_new_date" or kind == "parcel_problem" and (problem.kind in IN_THEIR_TIMELINE)
            )
            self.env["order.event"]._log(
                told[parcel.id],
                kind,
                {"parcel": parcel.number, "problem": problem.kind, **figures},
                audience="customer" if is_theirs else "internal",
                document=problem,
            )
