from . import test_kuaidi100_account, test_kuaidi100_connector, test_kuaidi100_push, test_kuaidi100_replay
