from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..connectors.base import Trouble
from ..engine.tracking_pace import LONGEST_WAIT, circuit, cooldown, next_day

ACTIVITY = "order_processing.mail_activity_type_tracking_account"
# An answer a second need not be noted a second.
NOTED_EVERY = timedelta(minutes=5)
MOST_TOLD = 5
# These are of the account as a whole, not of the parcel it was asked for.
OF_THE_ACCOUNT = {Trouble.AUTH, Trouble.QUOTA, Trouble.RATE}
NOBODY_HOME = {Trouble.RETRY_LATER, Trouble.MALFORMED}
STOPPED = ("auth", "quota")
# What decides whether the account works: when it is set anew, it is tried anew.
TRIED_ANEW = {"base_url", "kind", "options", "per_day", "active"}


class OrderTrackingProvider(models.Model):
    """Whether the account works, and until when it is left alone."""

    _inherit = "order.tracking.provider"

    def write(self, vals):
        result = super().write(vals)
        if TRIED_ANEW & vals.keys():
            self._try_anew()
        return result

    def _try_anew(self):
        """Somebody has mended the account (or a secret of it): it is tried at once."""
        stopped = self.filtered(lambda one: one.health in (*STOPPED, "down"))
        # sudo: health follows from what is set, whoever may set it
        stopped.sudo().write({"health": "new", "cooldown_until": False, "failures_in_a_row": 0})

    def _is_waiting(self, now):
        return bool(self.cooldown_until and self.cooldown_until > now)

    def _note_ok(self):
        """It has answered: whatever was wrong is over."""
        now = fields.Datetime.now()
        query = SQL(
            """SELECT health, failures_in_a_row, cooldown_until, last_ok_at
                 FROM order_tracking_provider WHERE id = %s""",
            self.id,
        )
        ((health, failures, cooldown_until, last_ok_at),) = self.env.execute_query(query)
        was_well = health == "ok" and not failures and not cooldown_until
        if was_well and last_ok_at and now - last_ok_at < NOTED_EVERY:
            return
        vals = {"last_ok_at": now}
        if not was_well:
            vals |= {"health": "ok", "failures_in_a_row": 0, "cooldown_until": False, "last_error": False}
            if self.activity_ids:
                self.activity_unlink([ACTIVITY])
        self.write(vals)

    def _note_failed(self, error):
        """It has not answered as it should; leave it alone for as long as that asks for.

        What is wrong with one call or one parcel says nothing of the account.
        """
        trouble, now = error.trouble, fields.Datetime.now()
        if trouble not in OF_THE_ACCOUNT | NOBODY_HOME:
            return
        failures = (self.failures_in_a_row or 0) + 1
        vals = {"failures_in_a_row": failures, "last_error": _said(error)}
        if trouble == Trouble.AUTH:
            # Tried once a day: some refuse everybody while they repair their own servers. At once when
            # somebody enters its keys anew, changes where it is, or tests the connection.
            vals |= {"health": "auth", "cooldown_until": now + LONGEST_WAIT}
        elif trouble == Trouble.QUOTA:
            wait = error.retry_after
            vals |= {"health": "quota", "cooldown_until": now + wait if wait else next_day(now)}
        elif trouble == Trouble.RATE or error.retry_after:
            vals |= {"health": "slow", "cooldown_until": now + cooldown(failures, error.retry_after)}
        elif wait := circuit(failures):
            vals |= {"health": "down", "cooldown_until": now + wait}
        before = self.health
        self.write(vals)
        if self.health in STOPPED and self.health != before:
            self._tell_it_stopped()

    def _tell_it_stopped(self):
        """Let somebody look after the account: once, until it works again."""
        summaries = {
            "auth": self.env._("The tracking account is refused"),
            "quota": self.env._("The tracking account is used up"),
        }
        note = self.env._(
            "No parcel is asked for there until it works. What it said: %s", self.last_error or ""
        )
        self.activity_unlink([ACTIVITY])
        self._let_see_to_it(summaries[self.health], note)

    def _tell_it_takes_no_more(self):
        """Let somebody know that new parcels cannot be announced there, though it still answers: once."""
        if self.activity_search([ACTIVITY]):
            return
        note = self.env._(
            "New parcels cannot be announced: the calls or credits of the contract are used up. Parcels that"
            " were announced before are still asked for; the others are tried again by themselves."
        )
        self._let_see_to_it(self.env._("The tracking account is used up"), note)

    def _let_see_to_it(self, summary, note):
        """Give whoever is responsible for the account something to do, else the administrators."""
        for user in self.responsible_id or self._administrators():
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                ACTIVITY, summary=summary, note=note, user_id=user.id
            )

    def _administrators(self):
        users = self.env.ref("base.group_system").all_user_ids.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )
        return users.sorted("id")[:MOST_TOLD]


def _said(error):
    return f"{error.trouble.value}: {error.message}"[:300] if error.message else error.trouble.value
