from . import test_promise_end_to_end
from . import test_purchase_shortage
from . import test_purchase_promise
from . import test_purchase_access
