from . import test_kuaidi100_account
from . import test_kuaidi100_connector
from . import test_kuaidi100_replay
from . import test_kuaidi100_traps
from . import test_tour_kuaidi100
