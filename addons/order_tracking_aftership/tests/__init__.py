from . import test_aftership_connector
from . import test_aftership_told
from . import test_aftership_account
from . import test_aftership_push
