from odoo import models
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

EFFECTS = {
    "ship_now": (
        _lt("What is there is sent now. There is nothing more for you to do."),
        _lt("What is still missing follows in another parcel as soon as it is there."),
    ),
    "wait_all": (_lt("Nothing is sent before everything is there. Then it comes together."),),
    "cancel_missing": (_lt("These goods are taken off your order. The rest stays as it is."),),
    "cancel": (
        _lt("Everything that has not been sent is cancelled. This cannot be undone."),
        _lt("What has been sent already stays sold."),
    ),
}


class SaleOrder(models.Model):
    """What a choice will do, in words, before it is made."""

    _inherit = "sale.order"

    def _choice_effects(self, option):
        """Return sentences for the customer; the caller may read everything (sudo)."""
        code = option["code"]
        if code == "substitute":
            return [self._swap_words(one) for one in option["lines"]]
        sentences = [str(self.env._(text)) for text in EFFECTS[code]]
        if code == "cancel" and self.fulfilment == "none":
            sentences = sentences[:1]
        if code == "wait_all" and (day := self._day_words(self.promise_date)):
            sentences.append(self.env._("We expect it to be with you on %s.", day))
        return sentences + [self._line_words(one) for one in option["lines"]]

    def _line_words(self, one):
        product = self.env["product.product"].browse(one["product"])
        return f"{self._quantity_words(one, product)} {self._product_words(product)}"

    def _swap_words(self, one):
        products = self.env["product.product"]
        ordered, instead = products.browse(one["product"]), products.browse(one["substitute"])
        return self.env._(
            "%(quantity)s %(instead)s at %(price)s each, instead of %(ordered)s.",
            quantity=self._quantity_words(one, instead),
            instead=self._product_words(instead),
            price=formatLang(self.env, one["price"], currency_obj=self.currency_id),
            ordered=self._product_words(ordered),
        )

    def _quantity_words(self, one, product):
        digits = 0 if float(one["quantity"]).is_integer() else 2
        return f"{formatLang(self.env, one['quantity'], digits=digits)} ×"

    def _product_words(self, product):
        return product.with_context(display_default_code=False).display_name
