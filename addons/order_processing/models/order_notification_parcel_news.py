from odoo import SUPERUSER_ID, fields, models
from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

from ..engine.scan_text import masked

_lt = LazyTranslate(__name__)

# What has happened, what happens next, and what the customer can do: by the kind of the message, or of the
# problem. One of the last two may be missing.
WORDS = {
    "out_for_delivery": (
        _lt("The courier has it, and it should be with you today."),
        _lt("If nobody is at home, the carrier tries again or leaves it where you can collect it."),
        _lt("You need not do anything."),
    ),
    "available_for_pickup": (
        _lt("It is ready to be collected."),
        _lt("If nobody collects it, the carrier sends it back to us after some days."),
        _lt("Please collect it soon, and take something with you that shows who you are."),
    ),
    "attempt_failed": (
        _lt("The carrier has tried to deliver it, and could not."),
        _lt("As a rule the carrier tries again on the next working day, or leaves it for you to collect."),
        _lt("If another day or another place suits you better, tell the carrier, or answer this message."),
    ),
    "delivered": (
        _lt("It was delivered."),
        None,
        _lt("If it is not with you, look with your neighbours first, then answer this message."),
    ),
    "late": (
        _lt("It is later than we promised, and we are sorry."),
        _lt("We ask the carrier where it is and write to you when we know more."),
        _lt("You need not do anything. If you cannot wait, answer this message."),
    ),
    "eta_late": (
        _lt("The carrier expects it on %(eta)s, later than we promised. We are sorry."),
        _lt("It is on its way, and we keep an eye on it."),
        _lt("You need not do anything. If you cannot wait, answer this message."),
    ),
    "pickup_waits": (
        _lt("It has been waiting for you for %(days)s days."),
        _lt("Soon the carrier sends it back to us."),
        _lt("Please collect it. If you cannot, answer this message."),
    ),
    "damaged": (
        _lt("The carrier reports damage. We are sorry."),
        _lt("We send it again or refund it, and get in touch with you."),
        _lt("If it comes to you all the same, take pictures of it before you open it."),
    ),
    "lost": (
        _lt("The carrier cannot find it. We are sorry."),
        _lt("We send it again or refund it, and get in touch with you."),
        _lt("If you would rather have one of the two, answer this message."),
    ),
    "returning": (
        _lt("It could not be delivered and is on its way back to us. %(substatus)s"),
        _lt("When it is here, we send it again or refund it, and get in touch with you."),
        _lt("If something is wrong with the address, please answer this message."),
    ),
    "returned": (
        _lt("It has come back to us. %(substatus)s"),
        _lt("We send it again or refund it, and get in touch with you."),
        _lt("Tell us which you would rather have: answer this message."),
    ),
    "exception": (
        _lt("The carrier reports a problem on the way. %(substatus)s"),
        _lt("We are seeing to it with the carrier."),
        _lt("You need not do anything."),
    ),
    "parcel_new_date": (
        _lt("As agreed, it comes on %(agreed)s."),
        None,
        _lt("If that day does not suit you any more, answer this message."),
    ),
}


class OrderShipmentParcel(models.Model):
    """What customers read of a parcel: of their own goods, without names and phones of couriers."""

    _inherit = "order.shipment.parcel"

    def _parcel_news(self):
        """Return what the customer it is told to reads, words in the language of the environment.

        ``{number, orders, order, customer, happened, next, can, place, scan, url, text}``
        """
        self.ensure_one()
        parcel = self.with_user(SUPERUSER_ID)
        orders = parcel._told_orders()
        told = self.env.context.get("told_customer", orders[:1].partner_id.id)
        orders = orders.filtered(lambda order: order.partner_id.id == told)
        problem = self.env["order.shipment.problem"].sudo()  # sudo: what is written to the customer
        problem = problem.browse(self.env.context.get("told_problem") or ())
        happened, then, can = self._news_words(problem)
        scan = parcel._own_scans(parcel.event_ids).sorted(
            lambda one: (one.event_time or fields.Datetime.now(), one.id)
        )[-1:]
        names = ", ".join(orders.mapped("name"))
        url = orders and orders[0].get_base_url() + orders[0].get_portal_url() or ""
        return {
            "number": parcel.number,
            "orders": names,
            "order": orders[:1],
            "customer": orders[:1].partner_id.name or "",
            "happened": happened,
            "next": then,
            "can": can,
            "place": masked(scan.place, parcel.number),
            "scan": masked(scan.text, parcel.number),
            "url": url,
            "text": self._news_text(names, happened, scan, url),
        }

    def _news_text(self, orders, happened, scan, url):
        """Return it as an SMS says it: with the place and the code where it is to be collected."""
        words = [happened]
        if self.status == "available_for_pickup":
            words += [masked(scan.place, self.number), masked(scan.text, self.number)]
        text = self.env._(
            "Parcel %(number)s of %(orders)s: %(words)s",
            number=self.number,
            orders=orders,
            words=" ".join(filter(None, words)),
        )
        return f"{text} {url}".strip()

    def _news_words(self, problem):
        kind = self.env.context.get("told_kind") or self.status
        code = problem.kind if problem and kind == "parcel_problem" else kind
        figures = problem._news_figures() if problem else {}
        words = WORDS.get(code, WORDS["exception"])
        return [self._in_words(one, figures) for one in words]

    def _in_words(self, sentence, figures):
        if not sentence:
            return ""
        template = str(self.env._(sentence))
        return (template % {"eta": "", "days": "", "substatus": "", "agreed": "", **figures}).strip()


class OrderShipmentProblem(models.Model):
    _inherit = "order.shipment.problem"

    def _news_figures(self):
        """Return the figures for sentences to customers, days as they are written."""
        figures = dict(self.figures or {})
        if moment := fields.Datetime.to_datetime(figures.get("eta") or False):
            zone = self.order_id._parcel_zone() if self.order_id else "UTC"
            moment = fields.Datetime.context_timestamp(self.with_context(tz=zone), moment)
            figures["eta"] = format_date(self.env, moment.date())
        figures["substatus"] = self._substatus_words()
        figures["agreed"] = format_date(self.env, self.new_date) if self.new_date else ""
        return figures
