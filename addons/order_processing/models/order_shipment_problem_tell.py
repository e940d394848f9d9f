import logging
from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine.quiet_hours import clock, next_at, zone_of
from .sale_order_rules import RETRIED

_logger = logging.getLogger(__name__)

ACTIVITY = "order_processing.mail_activity_type_parcel_problem"
MAIL_QUEUE = "mail.ir_cron_mail_scheduler_action"
BATCH = 100


class OrderShipmentProblemTold(models.Model):
    """Whom of us a problem was told by which rule: once. What waits for the mail of the day has no time."""

    _name = "order.shipment.problem.told"
    _description = "Problem Told to Staff"
    _rec_name = "problem_id"

    problem_id = fields.Many2one("order.shipment.problem", required=True, readonly=True, ondelete="cascade")
    rule_id = fields.Many2one(
        "order.notification.rule", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    told_at = fields.Datetime(readonly=True)

    _once = models.UniqueIndex("(problem_id, rule_id)")
    _waiting = models.Index("(user_id, id) WHERE told_at IS NULL")

    # ---------------------------------------------------------------- the mail of the day
    @api.model
    def _send_digests(self):
        """Send each person what waits for his mail of the day; each one is a transaction of its own."""
        commit = self.env["ir.cron"]._commit_progress
        commit()
        waiting = self.sudo().search([("told_at", "=", False)], order="user_id, id")  # sudo: the system tells
        for user, lines in waiting.grouped("user_id").items():
            for company, theirs in lines.grouped(lambda line: line.problem_id.company_id).items():
                try:
                    theirs._send_digest(user, company)
                    self.env.flush_all()
                except Exception:
                    self.env.cr.rollback()
                    _logger.exception("The problems of the day could not be sent to %s", user.login)
                    continue
                if not commit(1):
                    return

    def _send_digest(self, user, company):
        now = fields.Datetime.now()
        hour, zone = clock(company.messages_digest_hour), zone_of(user.tz, company.partner_id.tz)
        if next_at(min(self.mapped("create_date")), hour, zone) > now:
            return
        lines = self.try_lock_for_update().filtered(lambda line: not line.told_at)
        # What is over by now, nobody needs to hear of.
        current = lines.problem_id.filtered(lambda problem: problem.state == "open")
        if current and user.active:
            current._mail_to(user)
        lines.write({"told_at": now})


class OrderShipmentProblem(models.Model):
    """Telling those of us who should know."""

    _inherit = "order.shipment.problem"

    told_ids = fields.One2many(
        "order.shipment.problem.told", "problem_id", readonly=True, groups="base.group_system"
    )

    @api.model
    def _tell_of_lasting(self):
        """Apply the rules that wait until a problem has been open for days."""
        commit = self.env["ir.cron"]._commit_progress
        for rule in self.env["order.notification.rule"]._active_ones().filtered("after_days"):
            since = fields.Datetime.now() - timedelta(days=rule.after_days)
            domain = Domain(
                [("state", "=", "open"), ("kind", "=", rule.kind), ("opened_at", "<=", since)]
            ) & Domain("company_id.parcel_problems", "=", True)
            domain &= Domain("told_ids", "not any", [("rule_id", "=", rule.id)])
            if rule.company_id:
                domain &= Domain("company_id", "=", rule.company_id.id)
            after = 0
            # sudo: the system tells
            while found := self.sudo().search(domain & Domain("id", ">", after), order="id", limit=BATCH):
                after = found[-1].id
                locked = found.try_lock_for_update()
                locked._tell_staff([(problem, rule) for problem in locked])
                if not commit(len(found)):
                    return

    @api.model
    def _tell_staff(self, pairs):
        """Tell ``[(problem, rule)]``; who hears of one by several rules the same way hears once.

        A rule that waits for days is applied by itself: what another of the same day has told is noted.
        """
        now, vals_list, ways, seen = fields.Datetime.now(), [], defaultdict(list), set()
        before = self._told_lasting(pairs)
        for problem, rule in pairs:
            user = rule._person(problem.company_id, problem.order_id)
            if not user or (key := (problem.id, user.id, rule.way)) in seen:
                continue
            seen.add(key)
            is_known = (*key, rule.after_days) in before
            if not is_known:
                ways[rule.way].append((problem, user))
            told_at = False if rule.way == "digest" and not is_known else now
            vals_list.append(
                {"problem_id": problem.id, "rule_id": rule.id, "user_id": user.id, "told_at": told_at}
            )
        self.env["order.shipment.problem.told"].create(vals_list)
        self._schedule(ways["activity"])
        for way, name in (("note", "_note_to"), ("mail", "_mail_to")):
            for problem, user in ways[way]:
                problem._try_to_tell(name, user)

    @api.model
    def _told_lasting(self, pairs):
        """Return ``{(problem id, user id, way, days)}`` of what was told by rules that wait for days."""
        ids = {problem.id for problem, rule in pairs if rule.after_days}
        # sudo: the system tells
        told = self.env["order.shipment.problem.told"].sudo().search([("problem_id", "in", list(ids))])
        return {(one.problem_id.id, one.user_id.id, one.rule_id.way, one.rule_id.after_days) for one in told}

    def _try_to_tell(self, name, user):
        """A mail that cannot be made does not stop what the carrier has said."""
        try:
            with self.env.cr.savepoint():
                getattr(self, name)(user)
        except RETRIED:
            raise
        except Exception:  # noqa: BLE001  whatever it is, the problem itself stands
            _logger.warning("%s could not be told of problem %s", user.login, self.id, exc_info=True)

    # ---------------------------------------------------------------- the ways
    def _schedule(self, pairs):
        """Give each of ``[(problem, user)]`` an activity."""
        kind = self.env.ref(ACTIVITY, raise_if_not_found=False)
        model = self.env["ir.model"]._get_id(self._name)
        vals_list = []
        for problem, user in pairs if kind else ():
            reader = problem.with_context(lang=user.lang, tz=user.tz)
            vals_list.append(
                {
                    "activity_type_id": kind.id,
                    "res_model_id": model,
                    "res_id": problem.id,
                    "user_id": user.id,
                    "summary": reader.display_name,
                    "note": Markup("<p>%s</p>") % (reader.proposal_reason or ""),
                    "date_deadline": fields.Date.context_today(reader),
                    "automated": True,
                }
            )
        # It stands in their list; an e-mail for each parcel would be one too many.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    def _note_to(self, user):
        reader = self.with_context(lang=user.lang, tz=user.tz)
        reader.message_notify(
            partner_ids=user.partner_id.ids,
            subject=reader.display_name,
            body=Markup("<p>%s</p>") % (reader.proposal_reason or reader.display_name),
            email_layout_xmlid="mail.mail_notification_light",
            force_send=False,
        )

    def _mail_to(self, user):
        """Write one e-mail about these problems, whatever the person has chosen for notes."""
        readers = self.with_context(lang=user.lang, tz=user.tz)
        items = Markup().join(
            Markup('<li><a href="%s">%s</a><br/>%s</li>')
            % (problem._address(), problem.display_name, problem.proposal_reason or "")
            for problem in readers
        )
        company = self.company_id[:1]
        subject = (
            readers.display_name if len(self) == 1 else readers.env._("%s problems with parcels", len(self))
        )
        # sudo: mails are written by the system
        self.env["mail.mail"].sudo().create(
            {
                "subject": subject,
                "body_html": Markup("<ul>%s</ul>") % items,
                "email_from": company.email_formatted or self.env.user.email_formatted,
                "author_id": company.partner_id.id,
                "recipient_ids": [fields.Command.link(user.partner_id.id)],
                "auto_delete": True,
            }
        )
        if queue := self.env.ref(MAIL_QUEUE, raise_if_not_found=False):
            queue._trigger()

    def _address(self):
        return f"{self.get_base_url()}/mail/view?model={self._name}&res_id={self.id}"
