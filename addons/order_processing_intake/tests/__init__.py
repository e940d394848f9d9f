from . import test_quick_engine
from . import test_quick_order
from . import test_quick_place
from . import test_quick_portal
from . import test_quick_attack
from . import test_quick_access
from . import test_quick_cost
from . import test_tour_quick_order
