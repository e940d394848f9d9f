from odoo import api, models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _routing_check_route(self, message, message_dict, route, raise_exception=True):
        """Who only knows the number of a mail about somebody's case writes nothing into it: it is his own."""
        model, thread_id, *rest = route
        if model == "order.case" and thread_id:
            case = self.env[model].sudo().browse(thread_id)  # sudo: whose it is, for the gateway
            author = self.env["res.partner"].sudo().browse(message_dict.get("author_id")).exists()
            author = author or case._partner_find_from_emails_single(
                [message_dict["email_from"]], no_create=True
            )
            if case.exists() and not case._concerns(author):
                message_dict.pop("parent_id", None)
                route = (model, None, *rest)
        return super()._routing_check_route(message, message_dict, route, raise_exception)
