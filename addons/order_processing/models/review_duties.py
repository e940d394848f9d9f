from functools import cached_property

from odoo import SUPERUSER_ID

from ..engine.reviewers import Candidates, present
from .order_review_stage import REVIEWER_GROUP


class ReviewDuties:
    """Who may decide on which of some orders: read once, in a few queries, for all of them.

    Nobody decides on an order they made (entered it, or it is theirs to sell), nor on one whose risk
    they raised. Mending an order is fine.
    """

    def __init__(self, orders):
        # sudo: who may decide follows from the settings, whoever submits
        self.orders = orders.sudo()
        self.env = self.orders.env

    # ---------------------------------------------------------------- read once
    @cached_property
    def role_holders(self):
        """``{user id: ids of their companies}`` of everybody who has the role."""
        users = self.env["res.users"].search(
            [("all_group_ids", "in", self.env.ref(REVIEWER_GROUP).ids), ("share", "=", False)]
        )
        return {user.id: frozenset(user.company_ids.ids) for user in users if user.id != SUPERUSER_ID}

    @cached_property
    def administrators(self):
        """Ids of those who have the role for setting things up: they get a review when nobody else may."""
        users = self.env["res.users"].browse(self.role_holders)
        return frozenset(user.id for user in users if user.has_group("base.group_system"))

    @cached_property
    def stand_ins(self):
        return self.env["order.review.absence"]._stand_ins()

    @cached_property
    def _named(self):
        return {}

    def named(self, stage):
        """Return the ids of the users the stage names, by themselves or by group."""
        if stage.id not in self._named:
            users = stage.user_ids
            if stage.group_ids:
                users |= users.search([("all_group_ids", "in", stage.group_ids.ids)])
            self._named[stage.id] = frozenset(users.ids)
        return self._named[stage.id]

    # ---------------------------------------------------------------- of one order
    def entitled(self, order, stage):
        """Return the ids of those who may decide at the stage, whoever made the order."""
        named = self.named(stage) | (self._leaders(order) if stage.is_for_manager else frozenset())
        is_open = stage._is_open_to_all()
        return frozenset(
            user_id
            for user_id, companies in self.role_holders.items()
            if order.company_id.id in companies and (is_open or user_id in named)
        )

    def _leaders(self, order):
        leaders = order.team_id.user_id or order.user_id.sale_team_id.user_id
        return frozenset(leaders.ids)

    def managers(self, order, stage):
        """Return whom the order goes to when nobody at the stage may decide, the nearest first."""
        chain = (
            *stage.escalation_user_id.ids,
            *self._leaders(order),
            *order.company_id.review_manager_id.ids,
        )
        known = (u for u in chain if order.company_id.id in self.role_holders.get(u, ()))
        return tuple(dict.fromkeys(known))

    @staticmethod
    def authors(order):
        """Return the ids of those who made the order or raised its risk; the system is nobody."""
        users = order.user_id | order.create_uid | order.review_raised_by_ids
        return frozenset(users.ids) - {SUPERUSER_ID}

    def candidates(self, order, step):
        """Return whom to ask for a decision on the order at this step."""
        entitled = self.entitled(order, step.stage_id)
        if not (self.named(step.stage_id) or step.stage_id.is_for_manager):
            entitled = entitled - self.administrators or entitled
        return Candidates(entitled, self.managers(order, step.stage_id), self._barred(order, step))

    def _barred(self, order, step):
        """Return the ids of those who must not decide, and of stand-ins who cannot."""
        stand_ins = {user_id for user_id in self.stand_ins.values() if user_id}
        cannot = {u for u in stand_ins if order.company_id.id not in self.role_holders.get(u, ())}
        return self.authors(order) | frozenset(step._approvers().ids) | cannot

    # ---------------------------------------------------------------- of one user
    def why_not(self, user_id, order, step):
        """Return the code why the user may not decide on the order at this step; empty when they may."""
        if order.company_id.id not in self.role_holders.get(user_id, ()):
            return "no_role"
        if user_id in (order.user_id | order.create_uid).ids:
            return "own"
        if user_id in order.review_raised_by_ids.ids:
            return "raised"
        if user_id in step._approvers().ids:
            return "approved_already"
        return "" if self._is_asked(user_id, order, step) else "other_stage"

    def _is_asked(self, user_id, order, step):
        entitled = self.entitled(order, step.stage_id)
        if user_id in entitled:
            return True
        if user_id == step.reviewer_id.id and (step.assign_code or "").startswith(("escalated", "manager")):
            return True
        # Whom the absent reviewers have named; and the manager when none of the stage may.
        candidates = self.candidates(order, step)
        if self.on_behalf_of(user_id, order, step):
            return True
        nobody_left = not any(
            present(one, self.stand_ins) not in (None, *candidates.barred)
            for one in candidates.pool - candidates.barred
        )
        return user_id in candidates.managers and (bool(step.escalated_at) or nobody_left)

    def on_behalf_of(self, user_id, order, step):
        """Return the id of the absent reviewer the user stands in for at this step, or None."""
        entitled = self.entitled(order, step.stage_id)
        if user_id in entitled:
            return None
        # Nobody names a judge of their own order.
        absent = (one for one in sorted(entitled - self.authors(order)) if one in self.stand_ins)
        return next((one for one in absent if present(one, self.stand_ins) == user_id), None)
