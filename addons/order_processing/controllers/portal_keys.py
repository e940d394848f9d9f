from odoo.http import request

from odoo.addons.sale_stock.controllers.portal import SaleStockPortal


class OrderKeys(SaleStockPortal):
    """What is no key opens nothing, and does so wherever it is tried.

    Odoo fails on a key of other than plain letters, and on a transfer whose order has no key yet; but only
    where there is a document, which would tell strangers which there are.
    """

    def _document_check_access(self, model_name, document_id, access_token=None):
        key = access_token if _is_key(access_token) else None
        return super()._document_check_access(model_name, document_id, key)

    def _stock_picking_check_access(self, picking_id, access_token=None):
        # sudo: only whether its order has a key
        picking = request.env["stock.picking"].sudo().browse(picking_id).exists()
        is_locked = bool(picking.sale_id.access_token)
        key = access_token if is_locked and _is_key(access_token) else None
        return super()._stock_picking_check_access(picking_id, key)


def _is_key(text):
    return isinstance(text, str) and text.isascii()
