from odoo import api, fields, models
from odoo.fields import Domain

from ..engine.drift import Figures, cause_of, kinds_of, state_of
from .order_reservation_drift import CURRENT
from .order_reservation_drift_sql import KEY, drifting, of_company

ACTIVITY = "order_processing.mail_activity_type_reservation_drift"
PAGE = "order_processing.order_reservation_drift_action"
SHOWN = ("on_hand", "reserved", "by_lines", "by_hand", "records")


class OrderReservationDrift(models.Model):
    """How what does not add up is found, kept and told."""

    _inherit = "order.reservation.drift"

    @api.model
    def _cron_check(self):
        """Check one company after the other, each committed; the one not checked for longest comes first."""
        cron = self.env["ir.cron"]
        oldest_first = "reservation_checked_at NULLS FIRST, id"
        companies = self.env["res.company"].search([], order=oldest_first)  # pylint: disable=no-search-all
        for done, company in enumerate(companies, 1):
            self._check(company)
            if not cron._commit_progress(1, remaining=len(companies) - done):
                return

    def action_check(self):
        """Check now, whatever is selected."""
        self._check_may_repair()
        for company in self.env.companies:
            self.sudo()._check(company)  # sudo: nobody writes drifts but the check
        current = self.search_count([("state", "=", "open")])
        message = self.env._("%s to repair.", current) if current else self.env._("Everything adds up.")
        # The browser keeps an action with what it says where there is nothing: that is to be read afresh.
        page = self.env["ir.actions.act_window"]._for_xml_id(PAGE)
        return self._told(message, "warning" if current else "success", {**page, "target": "main"})

    def _told(self, message, kind, page=None):
        """Return the action that says something and shows the page afresh, or another one."""
        reload = page or {"type": "ir.actions.client", "tag": "soft_reload"}
        params = {"type": kind, "message": message, "next": reload}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    # ---------------------------------------------------------------- finding
    @api.model
    def _check(self, company):
        """Compare stock and reservations of the company; keep what does not add up. Return what is new.

        The same number of queries, however much there is. Where somebody else is checking, nothing is done.
        """
        if not company.try_lock_for_update(allow_referencing=True):
            return self.browse()
        self = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True)
        found = self._found(company)
        known = {drift._entry(): drift for drift in self.search(self._current_domain(company))}
        new = self.create([vals for entry, vals in found.items() if entry not in known])
        for entry, drift in known.items():
            drift._see_again(found.get(entry))
        company._note_reservations_checked()
        # Records beside each other come and go where many people work at once: listed, and nobody is called.
        told = new.filtered(lambda drift: drift.state == "open" and drift.kind != "duplicate")
        self._follow_up(company, told)
        return new

    def _found(self, company):
        """Return ``{(kind, place): values}`` of what does not add up now."""
        self.env.flush_all()
        locations = of_company(company.id, company == self._of_shared_locations())
        query = drifting(locations, self._digits())
        found = {}
        for row in self.env.execute_query(query):
            key, figures = row[: len(KEY)], Figures(*row[len(KEY) :])
            place = tuple(value or 0 for value in key)
            for kind in kinds_of(figures):
                found[kind, *place] = self._vals_of(kind, key, figures)
        self._add_companies(found)
        return found

    def _vals_of(self, kind, key, figures):
        cause, facts = cause_of(kind, figures)
        return {
            "kind": kind,
            **dict(zip(KEY, key, strict=True)),
            **self._shown(figures),
            "state": state_of(kind, figures),
            "cause": cause,
            "facts": facts,
        }

    def _add_companies(self, found):
        locations = self.env["stock.location"].browse({vals["location_id"] for vals in found.values()})
        company_of = {location.id: location.company_id.id for location in locations}
        for vals in found.values():
            vals["company_id"] = company_of[vals["location_id"]]

    @staticmethod
    def _shown(figures):
        return {name: getattr(figures, name) for name in SHOWN}

    @api.model
    def _digits(self):
        return self.env["decimal.precision"].precision_get("Product Unit")

    @api.model
    def _of_shared_locations(self):
        """Return the company with which the locations of no company are checked: the oldest one."""
        return self.env["res.company"].search([], order="id", limit=1)

    @api.model
    def _current_domain(self, company):
        companies = [company.id, False] if company == self._of_shared_locations() else [company.id]
        return Domain("company_id", "in", companies) & Domain("state", "in", CURRENT)

    def _entry(self):
        return (self.kind, *self._place())

    def _see_again(self, vals):
        """Known already: take over what has changed; what is not found any more went away by itself."""
        if not vals:
            self.state = "gone"
            return
        if vals["cause"] == "unknown":  # what it came from was seen before; traces fade
            vals = {name: value for name, value in vals.items() if name not in ("cause", "facts")}
        changed = {name: value for name, value in vals.items() if self._plain(name) != value}
        self.write({**changed, "seen_at": fields.Datetime.now()})

    def _plain(self, name):
        value = self[name]
        return value.id if self._fields[name].relational else value

    # ---------------------------------------------------------------- telling
    def _follow_up(self, company, new=()):
        """Keep one activity for whoever watches over the reservations, as long as there is something open.

        It comes when something new is found, however much; it moves on when what it hangs on is settled.
        """
        settled = Domain("company_id", "in", [company.id, False])
        kind = self.env.ref(ACTIVITY)
        carriers = self.search(settled & Domain("activity_ids.activity_type_id", "=", kind.id))
        activity = carriers.activity_ids.filtered(lambda one: one.activity_type_id == kind)[:1]
        is_open = Domain("state", "=", "open") & Domain("kind", "!=", "duplicate")
        left = self.search(self._current_domain(company) & is_open, order="id")
        if not left:
            activity.unlink()
        elif activity:
            activity.write(left._activity_vals(activity, company.reservation_watch_user_id))
        elif new and company.reservation_watch_user_id:
            vals = left._activity_vals(activity, company.reservation_watch_user_id)
            new[0].activity_schedule(ACTIVITY, user_id=company.reservation_watch_user_id.id, **vals)

    def _activity_vals(self, activity, user):
        """Return what the activity says of these drifts, and where it hangs."""
        lang = self.with_context(lang=user.lang).env
        vals = {"summary": lang._("Reservations that do not add up: %s", len(self))}
        if activity and activity.res_id not in self.ids:
            vals["res_id"] = self[0].id
        return vals
