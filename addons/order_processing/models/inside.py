"""Marks in the context that nobody can send.

Odoo hands some things through its own methods by the context only, and a client may send any context it
likes. What decides about stock is therefore one of these objects: a client can only send plain values.
"""


class Mark:
    def __init__(self, meaning):
        self.meaning = meaning

    def __repr__(self):
        return f"<{self.meaning}>"


# Under "allocation_decided": who gets it is settled, Odoo reserves for the winners.
DECIDED = Mark("decided")
# Under "explicit_reservation": a person asks for the goods, in turn or (having the right) before all others.
ASKED = Mark("asked")
JUMPING = Mark("out of turn")
# Under "for_allocation": the domain of Odoo's scheduler as it is without us.
ALLOCATOR = Mark("for the allocator")
# Under "promised_date": the delivery date is written by us, not by a person.
PROMISING = Mark("promised")
# Under "customer_choice": the order is being changed as we have offered it to the customer.
CHOSEN = Mark("chosen by the customer")
# Under "chosen_source": the system writes from which warehouse a line comes, not a person.
SOURCED = Mark("warehouse chosen")
# Under "reservation_ledger": goods set aside pass from one move to another, on the shelf nothing changes.
PASSING_ON = Mark("passing on")
# Under "counting": the packer's count is being written, not a quantity typed by hand.
COUNTING = Mark("counting")
# Under "dispatch_planning": the plan, or what a person decided through it, puts transfers into waves.
PLANNING = Mark("planning")
# Under "route_changing": a route and its slots are being written, its departures follow when all is said.
CHANGING = Mark("changing")
# Under "batch_detaching": Odoo takes transfers out of their batch by itself, no person decides about them.
DETACHING = Mark("detaching")


class Release(float):
    """Under "releasing_reservation": how much is being given back."""


class Ledger:
    """Under "reservation_ledger": what lines that are being written reserve, to be booked in one go."""

    def __init__(self):
        self.noted = {}

    def note(self, product, location, quantity, lot, package, owner):
        key = tuple(record.id if record else False for record in (product, location, lot, package, owner))
        self.noted[key] = self.noted.get(key, 0.0) + quantity


class Swap:
    """Under "swapped_holds": the holds whose goods go to the moves that are being made for their lines."""

    def __init__(self, hold_ids):
        self.hold_ids = tuple(hold_ids)
