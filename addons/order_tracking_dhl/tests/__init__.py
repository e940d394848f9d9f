from . import test_dhl_connector
from . import test_dhl_account
