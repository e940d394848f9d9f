from odoo import api, fields, models

from .order_case import TODO


class OrderCase(models.Model):
    """How cases open, one or a hundred at once: number, who has them and until when, who is told."""

    _inherit = "order.case"

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._check_order_readable()
        # sudo: number, owner and deadlines follow from the rules, whoever opens the case
        cases.sudo()._open()
        return cases

    def _open(self):
        """Do what follows from the rules: each thing once for all of the cases."""
        self._number()
        rules = self.env["order.case.rule"]._by_case(self)
        for (rule, _company), cases in self.grouped(lambda case: (rules[case], case.company_id)).items():
            cases.write(cases._deadlines(rule))
        free = self.filtered(lambda case: not case.user_id)
        for owner, cases in free.grouped(lambda case: rules[case]._owner(case)).items():
            cases.write({"user_id": owner.id})
        self._follow()
        self._remind_of_new()
        # Of a parcel or a low rating the customer has written nothing: he hears when something is done.
        for case in self:
            case._tell_order("case_opened", "customer" if case._is_from_customer() else "internal")
        for case in self.filtered(lambda one: one._is_from_customer()):
            case._send_template("mail_template_case_opened")

    def _is_from_customer(self):
        return self.source != "parcel" and not self.follow_up_of_id

    def _number(self):
        for case in self:
            case.name = self.env["ir.sequence"].next_by_code("order.case") or "/"

    def _follow(self):
        """The customer hears what is written to him; as a batch has many customers, all together."""
        subtypes = self.env["mail.message.subtype"].default_subtypes(self._name)[2]
        self.env["mail.followers"].create(
            [
                {
                    "res_model": self._name,
                    "res_id": case.id,
                    "partner_id": case.partner_id.id,
                    "subtype_ids": [fields.Command.set(subtypes.ids)],
                }
                for case in self
                if case.partner_id and case.partner_id not in case.message_partner_ids
            ]
        )

    # ---------------------------------------------------------------- who has to do something
    def _remind_of_new(self):
        """Whoever has a case has an activity; of parcels he has heard already, so no mail for each."""
        words = {
            case: case.with_context(lang=case.user_id.lang).env._("New case: %s", case.subject)
            for case in self
        }
        of_parcels = self.filtered(lambda case: case.source == "parcel")
        of_parcels.with_context(mail_activity_quick_update=True)._remind_each(words)
        (self - of_parcels)._remind_each(words)

    def _remind_each(self, words):
        """Give each owner an activity with ``{case: words}``."""
        kind = self.env.ref(TODO, raise_if_not_found=False)
        model = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].create(
            [
                {
                    "activity_type_id": kind.id,
                    "res_model_id": model,
                    "res_id": case.id,
                    "user_id": case.user_id.id,
                    "summary": words[case],
                    "date_deadline": case._due_day(),
                    "automated": True,
                }
                for case in self
                if kind and case.user_id
            ]
        )

    def _remind(self, user, words):
        self.activity_schedule(TODO, date_deadline=self._due_day(), summary=words, user_id=user.id)

    def _due_day(self):
        return fields.Date.to_date(self.deadline) or fields.Date.context_today(self)
