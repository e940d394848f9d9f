from datetime import datetime, timedelta

from freezegun import freeze_time

from .common_reservation import ReservationCase

MONDAY = datetime(2027, 1, 11, 9)


class PriorityCase(ReservationCase):
    """Lamps & Mugs plans its dispatch; it is Monday, the eleventh of January 2027, nine o'clock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(MONDAY)
        cls.frozen = clock.start()
        cls.addClassCleanup(clock.stop)
        cls.company.dispatch_mode = "plan"
        cls.gold, cls.bronze = cls.env["customer.tier"].create(
            [{"name": "Gold", "points": 100, "sequence": 1}, {"name": "Bronze", "points": 20, "sequence": 3}]
        )

    def setUp(self):
        super().setUp()
        self.frozen.move_to(MONDAY)

    @classmethod
    def sold(cls, *lines, days=5, **vals):
        """Return a confirmed order, as it stands after the transaction, promised in so many days."""
        promised = cls.frozen() + timedelta(days=days) if days is not None else False
        order = cls.order(*lines or [(cls.lantern, 2)], commitment_date=promised, **vals).sudo()
        cls.commit()
        return order

    @classmethod
    def commit(cls):
        """Do what is done at the end of a transaction."""
        cls.env.flush_all()
        cls.env.cr.precommit.run()

    @classmethod
    def tick(cls, **span):
        """Let time pass, and the clock look."""
        cls.frozen.tick(timedelta(**span))
        cls.run_clock()

    @classmethod
    def run_clock(cls):
        cls.commit()
        with cls.without_commits():
            cls.env["sale.order"]._cron_reprioritise()

    @staticmethod
    def points(order, name):
        """Return what a part gives to the order's priority."""
        return order.priority_figures["parts"][name][0]
